"""The instance's rules, its longer texts, and how people like to read."""

import pytest

from rookery.domain.instance_texts import TextKind, to_html
from rookery.domain.preferences import ReadingPreferences
from rookery.errors import Invalid, NotFound
from rookery.usecases.deletion import delete_user
from rookery.usecases.instance_texts import get_terms, get_text, list_terms, remove_text, write_text
from rookery.usecases.preferences import get_preferences, set_preferences
from rookery.usecases.reports import report_user
from rookery.usecases.rules import add_rule, edit_rule, list_rules, move_rule, remove_rule
from tests.world import World


async def texts(world: World) -> list[str]:
    return [rule.text for rule in await list_rules(world.services)]


async def test_rules_are_added_moved_changed_and_removed(world: World):
    for name in ("one", "two", "three"):
        await add_rule(world.services, text=name)
    await move_rule(world.services, 3, to=1)
    assert await texts(world) == ["three", "one", "two"]
    before = await list_rules(world.services)
    await edit_rule(world.services, 2, text="One", hint="Really")
    await edit_rule(world.services, 2, hint="")
    await remove_rule(world.services, 3)
    after = await list_rules(world.services)
    assert [(rule.id, rule.text, rule.hint) for rule in after] == [
        (before[0].id, "three", ""),
        (before[1].id, "One", ""),
    ]
    for place in (0, 3):
        with pytest.raises(NotFound):
            await remove_rule(world.services, place)
    for text in ("", " ", "x" * 301):
        with pytest.raises(Invalid):
            await add_rule(world.services, text=text)


async def test_there_are_only_so_many_rules(world: World):
    for number in range(50):
        await add_rule(world.services, text=f"Rule {number}")
    with pytest.raises(Invalid):
        await add_rule(world.services, text="One more")


async def test_a_report_names_rules_that_there_are(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    rule = await add_rule(world.services, text="Be kind")
    report, _ = await report_user(
        world.services, ada.id, bob.id, category="violation", rule_ids=[rule.id, 7, rule.id]
    )
    assert report.rule_ids == (rule.id,)


async def test_the_latest_text_about_something_counts(world: World):
    assert await get_text(world.services, TextKind.PRIVACY) is None
    for text in ("First", "Second"):
        await write_text(world.services, TextKind.PRIVACY, text)
    written = await get_text(world.services, TextKind.PRIVACY)
    assert written is not None
    assert written.text == "Second"
    await remove_text(world.services, TextKind.PRIVACY)
    with pytest.raises(NotFound):
        await remove_text(world.services, TextKind.PRIVACY)
    for kind, text, day in (
        (TextKind.ABOUT, " ", ""),
        (TextKind.ABOUT, "x", "2030-01-01"),
        (TextKind.TERMS, "x", "soon"),
    ):
        with pytest.raises(Invalid):
            await write_text(world.services, kind, text, effective_on=day)


async def test_terms_hold_from_their_day_until_the_next_ones_do(world: World):
    with pytest.raises(NotFound):
        await get_terms(world.services)
    await write_text(world.services, TextKind.TERMS, "Later", effective_on="2026-09-30")
    assert (await get_terms(world.services)).effective is False
    await write_text(world.services, TextKind.TERMS, "Now")
    terms = await get_terms(world.services)
    assert (terms.written.text, terms.effective, terms.succeeded_by) == ("Now", True, "2026-09-30")
    assert (await get_terms(world.services, "2026-09-30")).written.text == "Later"
    with pytest.raises(NotFound):
        await get_terms(world.services, "2026-09-29")
    world.advance(days=30)
    terms = await get_terms(world.services)
    assert (terms.written.text, terms.effective, terms.succeeded_by) == ("Later", True, None)
    assert [each.written.text for each in await list_terms(world.services)] == ["Later", "Now"]


async def test_how_one_likes_to_read_is_kept_and_goes_with_its_user(world: World):
    ada = await world.user("ada")
    assert await get_preferences(world.services, ada.id) == ReadingPreferences()
    for chosen in (ReadingPreferences("hide_all", True, True), ReadingPreferences("show_all")):
        await set_preferences(world.services, ada.id, chosen)
        assert await get_preferences(world.services, ada.id) == chosen
    await delete_user(world.services, ada.id)
    await world.settle()
    assert not await world.rows("SELECT * FROM reading_preferences")


def test_a_text_becomes_safe_html():
    html = to_html(
        "# A <b>title\n\nSee https://rookery.example/x\nand <script>\n\n\n## More", "https://birds.example"
    )
    assert html.startswith("<h2>A &lt;b&gt;title</h2><p>")
    assert "<script>" not in html
    assert 'href="https://rookery.example/x"' in html
    assert html.endswith("<h3>More</h3>")
