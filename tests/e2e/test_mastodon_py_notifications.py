"""Mastodon.py, unmodified: notifications, edits, statuses for later, and subscribing to pushes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from tests.e2e.test_mastodon_py import create_user, sign_in_by_token
from tests.processes import Process, wait_until

PATIENCE_S = 60.0


def test_notifications_edits_and_pushes_from_an_app(tmp_path: Path, database_url: str):
    for name in ("ada", "bob", "cleo"):
        create_user(tmp_path, database_url, name)
    with Process(tmp_path, database_url=database_url, rate_limits="off") as server:
        ada, bob, cleo = [
            sign_in_by_token(server, tmp_path, database_url, name) for name in ("ada", "bob", "cleo")
        ]
        check_notifications(ada, bob, cleo)
        check_policy(ada, cleo)
        check_edits(ada, bob)
        check_schedule(ada)
        check_push(ada)


def kinds(client: Mastodon, **wanted: Any) -> list[str]:
    return [one.type for one in client.notifications(**wanted)]


def check_notifications(ada: Mastodon, bob: Mastodon, cleo: Mastodon) -> None:
    ada.account_follow(bob.me(), notify=True)
    bob.account_follow(ada.me())
    status = ada.status_post("Hello")
    for fan in (bob, cleo):
        fan.status_favourite(status)
    bob.status_reblog(status)
    bob.status_post("@ada good morning")
    assert kinds(ada) == ["mention", "reblog", "favourite", "favourite", "follow"]
    assert kinds(ada, types=["mention"]) == ["mention"]
    assert kinds(ada, exclude_types=["favourite", "follow"]) == ["mention", "reblog"]
    bob.status_post("To everybody")
    assert wait_until(lambda: "status" in kinds(ada), timeout_s=PATIENCE_S)
    grouped = ada.grouped_notifications()
    [group] = [one for one in grouped.notification_groups if one.type == "favourite"]
    assert (group.notifications_count, group.status_id) == (2, status.id)
    assert {account.acct for account in grouped.accounts} == {"bob", "cleo"}
    assert ada.notifications_unread_count().count == 6
    newest = ada.notifications()[0]
    ada.markers_set("notifications", newest)
    assert ada.notifications_unread_count().count == 0
    ada.notifications_dismiss(newest)
    with pytest.raises(MastodonNotFoundError):
        ada.notifications(id=newest)
    cleo.status_unfavourite(status)
    assert kinds(ada).count("favourite") == 1
    ada.notifications_clear()
    assert kinds(ada) == []


def check_policy(ada: Mastodon, cleo: Mastodon) -> None:
    ada.update_notifications_policy(for_not_following="filter")
    cleo.status_post("@ada do you know me?")
    assert kinds(ada) == []
    assert ada.notifications_policy().summary.pending_requests_count == 1
    [request] = ada.notification_requests()
    assert request.account.acct == "cleo"
    ada.accept_notification_request(request)
    assert kinds(ada) == ["mention"]


def check_edits(ada: Mastodon, bob: Mastodon) -> None:
    status = ada.status_post("Helo")
    bob.status_reblog(status)
    bob.notifications_clear()
    edited = ada.status_update(status, "Hello #birds")
    assert edited.edited_at is not None
    assert [version.content for version in bob.status_history(status)] == ["<p>Helo</p>", edited.content]
    assert ada.status_source(status).text == "Hello #birds"
    assert [one.id for one in bob.timeline_hashtag("birds")] == [status.id]
    assert wait_until(lambda: kinds(bob) == ["update"], timeout_s=PATIENCE_S)
    with pytest.raises(MastodonNotFoundError):
        bob.status_update(status, "Mine now")


def check_schedule(ada: Mastodon) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    waiting = ada.status_post("Later", scheduled_at=later)
    assert [one.id for one in ada.scheduled_statuses()] == [waiting.id]
    moved = ada.scheduled_status_update(waiting, later + timedelta(hours=1))
    assert moved.scheduled_at > waiting.scheduled_at
    ada.scheduled_status_delete(waiting)
    assert ada.scheduled_statuses() == []
    with pytest.raises(MastodonAPIError):
        ada.status_post("Too soon", scheduled_at=datetime.now(UTC) + timedelta(seconds=5))


def check_push(ada: Mastodon) -> None:
    _, public = ada.push_subscription_generate_keys()
    made = ada.push_subscription_set(
        "https://push.example.org/ada", public, follow_events=True, mention_events=True
    )
    assert (made.alerts.follow, made.alerts.mention, made.alerts.poll) == (True, True, False)
    assert made.server_key == ada.instance().configuration.vapid.public_key
    assert ada.push_subscription().endpoint == "https://push.example.org/ada"
    changed = ada.push_subscription_update(mention_events=False)
    assert not changed.alerts.mention
    ada.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        ada.push_subscription()
