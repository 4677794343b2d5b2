"""Mastodon.py, unmodified: polls, quotes, direct conversations, announcements, rules and the instance's texts."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from tests.e2e.test_mastodon_py import create_user, sign_in_by_token
from tests.processes import ROOKERY, Process, environment


def command(folder: Path, database_url: str, *arguments: str) -> str:
    """Run a command as the operator does and return what it prints."""
    done = subprocess.run(
        [ROOKERY, *arguments],
        cwd=folder,
        env=environment(database_url=database_url),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_polls_conversations_and_announcements_from_an_app(tmp_path: Path, database_url: str):
    for name in ("ada", "bob"):
        create_user(tmp_path, database_url, name)
    command(tmp_path, database_url, "rule", "add", "Be kind", "--hint", "To everybody")
    (tmp_path / "terms.txt").write_text("# Terms\n\nNone to speak of.", encoding="utf-8")
    command(tmp_path, database_url, "text", "set", "terms", str(tmp_path / "terms.txt"))
    command(tmp_path, database_url, "announcement", "add", "Rooks are back, says @ada")
    with Process(tmp_path, database_url=database_url, rate_limits="off") as server:
        ada, bob = [sign_in_by_token(server, tmp_path, database_url, name) for name in ("ada", "bob")]
        check_polls(ada, bob)
        check_quotes(ada, bob)
        check_conversations(ada, bob)
        check_announcements(ada)
        check_instance(ada)


def counts(poll: Any) -> list[int]:
    return [option.votes_count for option in poll.options]


def check_polls(ada: Mastodon, bob: Mastodon) -> None:
    asked = ada.status_post("Which?", poll=ada.make_poll(["rook", "crow", "jay"], 3600, multiple=True))
    assert (asked.poll.multiple, asked.poll.expired, counts(asked.poll)) == (True, False, [0, 0, 0])
    voted = bob.poll_vote(asked.poll, [0, 2])
    assert (voted.voted, voted.own_votes, voted.votes_count, voted.voters_count) == (True, [0, 2], 2, 1)
    assert counts(ada.poll(asked.poll)) == [1, 0, 1]
    assert bob.status(asked).poll.own_votes == [0, 2]
    for voter in (ada, bob):
        with pytest.raises(MastodonAPIError):
            voter.poll_vote(asked.poll, 1)
    again = ada.status_update(asked, "Which?", poll=ada.make_poll(["rook", "crow"], 3600))
    assert counts(again.poll) == [0, 0]
    assert bob.poll_vote(asked.poll, 1).own_votes == [1]


def check_quotes(ada: Mastodon, bob: Mastodon) -> None:
    status = ada.status_post("Rooks remember faces", quote_approval_policy="public")
    made = bob.status_post("So they do", quoted_status_id=status)
    assert (made.quote.state, made.quote.quoted_status.id) == ("accepted", status.id)
    assert ada.status(status).quotes_count == 1
    assert "quote" in {notification.type for notification in ada.notifications()}
    ada.status_update(status, "Rooks remember faces for years")
    closed = ada.status_post("Not this one", quote_approval_policy="nobody")
    assert bob.status(closed).quote_approval.current_user == "denied"
    with pytest.raises(MastodonNotFoundError):
        bob.status_post("But", quoted_status_id=closed)
    ada.status_delete(status)
    assert bob.status(made).quote.state == "deleted"


def check_conversations(ada: Mastodon, bob: Mastodon) -> None:
    first = ada.status_post("@bob hello", visibility="direct")
    [one] = bob.conversations()
    assert (one.unread, one.last_status.id, [each.acct for each in one.accounts]) == (True, first.id, ["ada"])
    assert bob.conversations_read(one).unread is False
    answer = bob.status_reply(first, "hi")
    [mine] = ada.conversations()
    assert (mine.unread, mine.last_status.id) == (True, answer.id)
    bob.status_delete(answer)
    assert ada.conversations()[0].last_status.id == first.id


def check_announcements(ada: Mastodon) -> None:
    [told] = ada.announcements()
    assert (told.read, [mention.acct for mention in told.mentions]) == (False, ["ada"])
    ada.announcement_reaction_create(told, "🎉")
    [reaction] = ada.announcements()[0].reactions
    assert (reaction.name, reaction.count, reaction.me) == ("🎉", 1, True)
    ada.announcement_reaction_delete(told, "🎉")
    ada.announcement_dismiss(told)
    assert ada.announcements() == []


def check_instance(ada: Mastodon) -> None:
    assert [rule.text for rule in ada.instance_rules()] == ["Be kind"]
    assert [rule.hint for rule in ada.instance().rules] == ["To everybody"]
    assert "None to speak of." in ada.instance_terms_of_service().content
    assert ada.instance_extended_description().content is not None
    assert ada.preferences().reading_expand_media == "default"
    assert ada.instance_peers() == ada.instance_domain_blocks() == []
    with pytest.raises(MastodonNotFoundError):
        ada.poll(1)
