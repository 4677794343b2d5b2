"""Mastodon.py, unmodified: filters, and whom people recommend and refuse."""

from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon, MastodonNotFoundError

from tests.e2e.test_mastodon_py import create_user, sign_in_by_token
from tests.processes import Process


@pytest.fixture
def town(database_url: str, tmp_path: Path):
    """Three people at a server."""
    for name in ("ada", "bob", "cyd"):
        create_user(tmp_path, database_url, name)
    with Process(tmp_path, database_url=database_url, rate_limits="off") as server:
        yield [sign_in_by_token(server, tmp_path, database_url, name) for name in ("ada", "bob", "cyd")]


def texts(page: Any) -> list[str]:
    return [status.content.removeprefix("<p>").removesuffix("</p>") for status in page]


def test_filters_and_recommendations_from_an_app(town: list[Mastodon]):
    ada, bob, cyd = town
    check_filters(ada, bob)
    check_older_filters(ada)
    check_notes_and_endorsements(ada, bob)
    check_suggestions(ada, bob, cyd)
    check_collections(ada, bob)
    check_refusals_and_years(ada)


def check_filters(ada: Mastodon, bob: Mastodon) -> None:
    rainy = bob.status_post("Rain again")
    sunny = bob.status_post("Sun at last")
    made = ada.create_filter_v2(
        "Weather", ["public", "thread"], "warn", keywords_attributes=[{"keyword": "rain", "whole_word": True}]
    )
    assert [one.title for one in ada.filters_v2()] == ["Weather"]
    shown = {status.id: status for status in ada.timeline_public()}
    [result] = shown[rainy.id].filtered
    assert (result.filter.id, result.keyword_matches) == (made.id, ["Rain"])
    assert shown[sunny.id].filtered == []
    ada.update_filter_v2(made.id, filter_action="hide")
    assert texts(ada.timeline_public()) == ["Sun at last"]
    keyword = ada.add_filter_keyword_v2(made.id, "sun")
    assert texts(ada.timeline_public()) == []
    assert len(ada.filter_keywords_v2(made.id)) == 2
    ada.delete_filter_keyword_v2(keyword.id)
    entry = ada.add_filter_status_v2(made.id, sunny.id)
    assert ada.filter_status_v2(entry.id).status_id == sunny.id
    assert [one.id for one in ada.filter_statuses_v2(made.id)] == [entry.id]
    assert texts(ada.timeline_public()) == []
    assert texts(bob.timeline_public()) == ["Sun at last", "Rain again"]
    ada.delete_filter_status_v2(entry.id)
    ada.delete_filter_v2(made.id)
    assert texts(ada.timeline_public()) == ["Sun at last", "Rain again"]


def check_older_filters(ada: Mastodon) -> None:
    made = ada.filter_create("rain", ["home", "public"], irreversible=True, whole_word=False, expires_in=3600)
    assert made.irreversible
    assert made.expires_at is not None
    assert texts(ada.timeline_public()) == ["Sun at last"]
    changed = ada.filter_update(made.id, phrase="sun", context=["public"], irreversible=True)
    assert (changed.phrase, changed.context) == ("sun", ["public"])
    assert [one.id for one in ada.filters()] == [ada.filter(made.id).id]
    assert texts(ada.timeline_public()) == ["Rain again"]
    ada.filter_delete(made.id)
    assert ada.filters() == []


def check_notes_and_endorsements(ada: Mastodon, bob: Mastodon) -> None:
    other = bob.me()
    assert ada.account_note_set(other, "From the park").note == "From the park"
    assert ada.account_relationships(other)[0].note == "From the park"
    ada.account_follow(other)
    assert ada.account_endorse(other).endorsed
    assert [one.id for one in ada.endorsements()] == [other.id]
    assert not ada.account_unendorse(other).endorsed
    assert ada.account_pin(other).endorsed
    assert not ada.account_unpin(other).endorsed
    assert ada.endorsements() == []


def check_suggestions(ada: Mastodon, bob: Mastodon, cyd: Mastodon) -> None:
    bob.account_follow(cyd.me())
    [one] = ada.suggestions_v2()
    assert (one.account.username, one.sources) == ("cyd", ["friends_of_friends"])
    assert [account.username for account in ada.suggestions_v1()] == ["cyd"]
    ada.suggestion_delete(one.account)
    assert ada.suggestions() == []


def check_collections(ada: Mastodon, bob: Mastodon) -> None:
    me, other = ada.me(), bob.me()
    made = ada.collection_create("Birds", tag_name="birds", discoverable=True).collection
    item = ada.collection_item_add(made, other).collection_item
    shown = bob.collection(made)
    assert [account.id for account in shown.accounts] == [me.id, other.id]
    assert [one.id for one in shown.collection.collection_items] == [item.id]
    assert [one.name for one in bob.account_collections(me).collections] == ["Birds"]
    assert [one.id for one in bob.account_in_collections(None).collections] == [made.id]
    assert ada.collection_update(made, name="Rooks").collection.name == "Rooks"
    bob.collection_item_revoke(made, item)
    assert bob.account_in_collections(other).collections == []
    mine = ada.collection_item_add(made, me).collection_item
    ada.collection_item_delete(made, mine)
    ada.collection_delete(made)
    with pytest.raises(MastodonNotFoundError):
        ada.collection(made)


def check_refusals_and_years(ada: Mastodon) -> None:
    ada.domain_block("spam.example")
    assert ada.domain_blocks() == ["spam.example"]
    ada.domain_unblock("spam.example")
    assert ada.domain_blocks() == []
    assert ada.annual_report_state(2020).state == "ineligible"
    ada.annual_report_generate(2020)
    assert ada.annual_reports().annual_reports == []
    with pytest.raises(MastodonNotFoundError):
        ada.annual_report(2020)
    with pytest.raises(MastodonNotFoundError):
        ada.get_async_refresh_status("any")
