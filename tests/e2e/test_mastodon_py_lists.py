"""Mastodon.py, unmodified: lists, and hashtags that people follow or feature."""

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


def names(accounts: Any) -> list[str]:
    return [account.username for account in accounts]


def ids(page: Any) -> list[str]:
    return [str(status.id) for status in page]


def test_lists_and_hashtags_from_an_app(town: list[Mastodon]):
    ada, bob, cyd = town
    check_lists(ada, bob, cyd)
    check_followed_hashtags(ada, cyd)
    check_featured_hashtags(ada, bob)
    check_for_you(ada, bob, cyd)


def check_lists(ada: Mastodon, bob: Mastodon, cyd: Mastodon) -> None:
    other, stranger = bob.me(), cyd.me()
    ada.account_follow(other)
    of = ada.list_create("Birds", replies_policy="followed")
    assert (of.title, of.replies_policy, of.exclusive) == ("Birds", "followed", False)
    ada.list_accounts_add(of, [other])
    with pytest.raises(MastodonNotFoundError):
        ada.list_accounts_add(of, [stranger])
    assert names(ada.list_accounts(of)) == names(ada.list_accounts(of, limit=0)) == ["bob"]
    assert [one.id for one in ada.account_lists(other)] == [of.id]
    first, second = bob.status_post("One"), bob.status_post("Two")
    assert ids(ada.timeline_list(of)) == ids(ada.timeline_home()) == ids([second, first])
    assert ids(ada.timeline_list(of, min_id=first.id)) == ids([second])
    assert ids(ada.timeline_list(of, max_id=second.id)) == ids([first])
    changed = ada.list_update(of, "Rooks", replies_policy="none", exclusive=True)
    assert (changed.title, changed.replies_policy, changed.exclusive) == ("Rooks", "none", True)
    assert ada.timeline_home() == []
    ada.list_accounts_delete(of, [other])
    assert ada.list_accounts(of) == []
    assert ids(ada.timeline_home()) == ids([second, first])
    ada.list_delete(of)
    assert [of.title for of in ada.lists()] == ["For you"]
    ada.account_unfollow(other)


def check_followed_hashtags(ada: Mastodon, cyd: Mastodon) -> None:
    status = cyd.status_post("Look, #rooks")
    assert ada.timeline_home() == []
    assert ada.tag_follow("rooks").following
    assert [tag.name for tag in ada.followed_tags()] == ["rooks"]
    assert ids(ada.timeline_home()) == ids([status])
    tag = ada.tag("rooks")
    assert tag.following
    assert (len(tag.history), int(tag.history[0].uses)) == (7, 1)
    assert not ada.tag_unfollow("rooks").following
    assert ada.timeline_home() == []


def check_featured_hashtags(ada: Mastodon, bob: Mastodon) -> None:
    ada.status_post("#jays and #crows")
    assert {tag.name for tag in ada.featured_tag_suggestions()} == {"jays", "crows"}
    entry = ada.featured_tag_create("jays")
    assert (entry.name, int(entry.statuses_count)) == ("jays", 1)
    assert ada.tag_feature("crows").featuring
    assert [tag.name for tag in bob.account_featured_tags(ada.me())] == ["jays", "crows"]
    assert not ada.tag_unfeature("crows").featuring
    ada.featured_tag_delete(entry)
    assert ada.featured_tags() == []


def check_for_you(ada: Mastodon, bob: Mastodon, cyd: Mastodon) -> None:
    ada.account_follow(bob.me())
    for number in range(5):
        bob.status_post(f"Number {number}")
    strangers = cyd.status_post("Look")
    bob.status_favourite(strangers)
    (for_you,) = ada.lists()
    assert for_you.title == "For you"
    expected = {*ids(status for status in ada.timeline_home() if status.account.username == "bob")}
    first = ada.timeline_list(for_you, limit=3)
    by_link = ada.fetch_next(first)
    assert ids(by_link) == ids(ada.timeline_list(for_you, limit=3, max_id=first[-1].id))
    assert ids(ada.timeline_list(for_you, limit=3, min_id=by_link[0].id)) == ids(first)
    whole = ids(ada.fetch_remaining(first))
    assert len(whole) == len(set(whole))
    assert set(whole) - {*ids(ada.account_statuses(ada.me()))} == expected | {str(strangers.id)}
