"""What the instance says of itself over HTTP: rules, texts, and how a user likes to read."""

import pytest

from rookery.domain.instance_texts import TextKind
from rookery.domain.preferences import ReadingPreferences
from rookery.usecases.instance_texts import write_text
from rookery.usecases.preferences import set_preferences
from rookery.usecases.rules import add_rule
from tests.world import World


async def test_rules_are_shown_wherever_the_instance_is_and_named_in_reports(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    client = await world.client(ada)
    rule = await add_rule(world.services, text="Be kind", hint="To everybody")
    shown = [{"id": str(rule.id), "text": "Be kind", "hint": "To everybody", "translations": {}}]
    assert (await client.get("/api/v1/instance/rules")).json() == shown
    for version in ("v1", "v2"):
        assert (await client.get(f"/api/{version}/instance")).json()["rules"] == shown
    report = await client.post(
        "/api/v1/reports",
        data={"account_id": str(bob.id), "category": "violation", "rule_ids[]": [str(rule.id), "1"]},
    )
    assert report.json()["rule_ids"] == [str(rule.id)]


async def test_texts_say_honestly_that_there_are_none_and_then_what_was_written(world: World):
    client = world.anonymous()
    policy = (await client.get("/api/v1/instance/privacy_policy")).json()
    assert (policy["updated_at"], "has not written" in policy["content"]) == (None, True)
    assert (await client.get("/api/v1/instance/terms_of_service")).status_code == 404
    assert "terms_of_service" not in (await client.get("/api/v2/instance")).json()["configuration"]["urls"]
    for kind in TextKind:
        await write_text(world.services, kind, f"# On {kind}\n\nAll of it.")
    for name in ("privacy_policy", "extended_description", "terms_of_service"):
        answer = (await client.get(f"/api/v1/instance/{name}")).json()
        assert "All of it." in answer["content"]
    terms = (await client.get("/api/v1/instance/terms_of_service")).json()
    again = await client.get(f"/api/v1/instance/terms_of_service/{terms['effective_date']}")
    assert (again.json(), terms["effective"], terms["succeeded_by"]) == (terms, True, None)
    assert (await client.get("/api/v1/instance/terms_of_service/2001-01-01")).status_code == 404
    assert (await client.get("/api/v2/instance")).json()["configuration"]["urls"]["terms_of_service"]


@pytest.mark.parametrize(
    ("path", "kind"), [("/about", "about"), ("/privacy", "privacy"), ("/terms", "terms")]
)
async def test_the_texts_are_pages_linked_from_every_page(world: World, path: str, kind: str):
    client = world.anonymous()
    assert f'href="{path}"' in (await client.get("/")).text
    assert "Whoever runs this instance has not" in (await client.get(path)).text
    await write_text(world.services, TextKind(kind), "Here it is: <b>")
    page = (await client.get(path)).text
    assert "Here it is: &lt;b&gt;" in page
    assert "Whoever runs" not in page


async def test_the_sign_up_page_tells_what_one_agrees_to(world: World):
    client = world.anonymous()
    assert "The rules here" not in (await client.get("/auth/sign_up")).text
    await add_rule(world.services, text="Be kind")
    await write_text(world.services, TextKind.TERMS, "Terms")
    page = (await client.get("/auth/sign_up")).text
    assert "Be kind" in page
    assert 'you agree to the rules above and the <a href="/terms">terms</a>' in page
    assert "Be kind" in (await client.get("/about")).text


async def test_apps_are_told_how_one_likes_to_read(world: World):
    ada = await world.user("ada")
    client = await world.client(ada)
    before = (await client.get("/api/v1/preferences")).json()
    assert before["reading:expand:media"] == "default"
    await set_preferences(world.services, ada.id, ReadingPreferences("hide_all", True, True))
    after = (await client.get("/api/v1/preferences")).json()
    assert (after["reading:expand:media"], after["reading:expand:spoilers"]) == ("hide_all", True)
    assert after["reading:autoplay:gifs"] is True
