"""Mastodon.py, unmodified, against a real server: signing in, and homes on a piece of a real follow graph."""

import asyncio
import gzip
import html
import json
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError

from rookery.settings import Settings
from rookery.usecases.users import find_user
from tests.processes import ROOKERY, Process, environment, run
from tests.servers import wait_until
from tests.world import BEGINNING_MS, RealClock, open_world

GRAPH: Final = Path(__file__).parent.parent / "data" / "higgs-slice.tsv.gz"
READER: Final = 1458
"""Who follows all the others of the slice."""
SCOPES: Final = ["read", "write", "follow", "push"]
OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
PASSWORD: Final = "correct horse battery"
POSTERS: Final = 100
"""Users who post through the API, besides what was imported for everybody."""
PAGE: Final = 40
SETTLED_S: Final = 15.0


@dataclass(frozen=True)
class Written:
    """A tweet as the test remembers it."""

    text: str
    author: int
    reply_to_author: int | None


Graph = dict[int, set[int]]


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Process:
    """A server whose pages come from everywhere: hot users have few followers, and kept homes are short."""
    return Process(
        tmp_path,
        database_url=database_url,
        rate_limits="off",
        hot_user_followers="25",
        timeline_entries_max="120",
    )


def test_homes_of_a_real_follow_graph_are_exact_in_both_directions(
    server: Process, database_url: str, tmp_path: Path
):
    follows = read_graph()
    history = invent_history(follows, random.Random(7))
    import_all(tmp_path, history, database_url=database_url)
    with server:
        readers = {name: sign_in_by_token(server, tmp_path, database_url, name) for name in (READER, 297, 39)}
        for reader in readers.values():
            reader.timeline_home()
        posted = post_by_api(server, database_url, follows)
        everything = [*history, *posted]
        for name, reader in readers.items():
            expected = home_of(name, follows, everything)
            assert len(expected) > (250 if name == READER else 50)
            wait_until(partial(home_begins_with, reader, expected[:PAGE]), timeout_s=SETTLED_S)
            down = list(downwards(reader, reader.timeline_home(limit=PAGE)))
            assert [text for page in down for text in texts(page)] == expected
            up = [*upwards(reader, down[-1])]
            assert [text for page in (*reversed(up), down[-1]) for text in texts(page)] == expected
        check_own_lists(readers[READER], follows, everything)


def home_begins_with(reader: Mastodon, newest: list[str]) -> bool:
    """Tell whether everything that was posted last has been delivered."""
    return texts(reader.timeline_home(limit=PAGE)) == newest


def check_own_lists(reader: Mastodon, follows: Graph, everything: Sequence[Written]) -> None:
    """Page through the public timeline, a user's tweets and whom the reader follows."""
    public = [text for page in downwards(reader, reader.timeline_public(limit=PAGE)) for text in texts(page)]
    assert public == [
        each.text for each in reversed(everything) if each.reply_to_author in {None, each.author}
    ]
    author = reader.account_lookup("u297")
    own = [
        text for page in downwards(reader, reader.account_statuses(author, limit=5)) for text in texts(page)
    ]
    assert own == [each.text for each in reversed(everything) if each.author == 297]
    me = reader.me()
    followed = [
        user.username for page in downwards(reader, reader.account_following(me, limit=80)) for user in page
    ]
    assert len(followed) == len(set(followed))
    assert set(followed) == {f"u{number}" for number in follows[READER]}
    assert me.following_count == len(follows[READER])


def test_a_person_signs_in_by_code_and_does_what_people_do(
    server: Process, database_url: str, tmp_path: Path
):
    for name in ("ada", "bob"):
        create_user(tmp_path, database_url, name)
    with server:
        ada = sign_in_by_code(server, "ada")
        bob = sign_in_by_token(server, tmp_path, database_url, "bob")
        check_start_up(ada)
        check_posting_and_threads(ada, bob)
        check_marks(ada, bob)
        check_relations(ada, bob)
        check_favorites_page_both_ways(ada, bob)
        check_revoked(ada)


def check_start_up(client: Mastodon) -> None:
    """Make the calls that apps make when they start."""
    assert client.verify_minimum_version("4.3.0")
    assert client.instance_v1().configuration.statuses.max_characters == 500
    assert client.instance_v2().domain.startswith("127.0.0.1:")
    assert client.instance_nodeinfo().software.name == "rookery"
    assert client.app_verify_credentials().name == "Birdwatcher"
    me = client.account_verify_credentials()
    assert (me.username, me.source.privacy, me.role.name) == ("ada", "public", "")
    assert client.preferences()["posting:default:visibility"] == "public"
    assert client.notifications() == client.filters_v2() == client.announcements() == []
    assert client.custom_emojis() == client.trending_tags() == client.conversations() == []
    assert client.grouped_notifications().notification_groups == []
    assert client.notifications_policy().for_not_following == "accept"
    assert client.markers_get(["home", "notifications"]) == {}
    assert client.instance_health()
    with pytest.raises(MastodonNotFoundError):
        client.push_subscription()


def check_posting_and_threads(ada: Mastodon, bob: Mastodon) -> None:
    first = ada.status_post(
        "Hello @bob, look: #Birds https://example.org/", spoiler_text="Birds", language="en"
    )
    assert (first.visibility, first.sensitive, first.language) == ("public", True, "en")
    assert [mention.acct for mention in first.mentions] == ["bob"]
    assert [tag.name for tag in first.tags] == ["birds"]

    answer = bob.status_reply(first, "I see them")
    again = ada.status_reply(answer, "Good", visibility="unlisted")
    context = bob.status_context(answer)
    assert [status.id for status in context.ancestors] == [first.id]
    assert [status.id for status in context.descendants] == [again.id]
    assert ada.status(first).replies_count == 1
    assert [status.id for status in bob.timeline_hashtag("birds")] == [first.id]

    once = ada.status_post("Only once", idempotency_key="one")
    assert ada.status_post("Only once", idempotency_key="one").id == once.id
    secret = ada.status_post("Not for everybody", visibility="private")
    with pytest.raises(MastodonNotFoundError):
        bob.status(secret)
    assert ada.status_delete(secret).text == "Not for everybody"
    with pytest.raises(MastodonNotFoundError):
        ada.status(secret)
    with pytest.raises(MastodonAPIError, match="500"):
        ada.status_post("x" * 501)


def check_marks(ada: Mastodon, bob: Mastodon) -> None:
    status = ada.status_post("Do something with me")
    assert bob.status_favourite(status).favourites_count == 1
    assert bob.status_favourite(status).favourites_count == 1
    assert bob.status_reblog(status).reblog.id == status.id
    assert bob.status_bookmark(status).bookmarked
    assert ada.status_pin(status).pinned
    seen = ada.status(status)
    assert (seen.favourites_count, seen.reblogs_count, seen.favourited) == (1, 1, False)
    assert [user.acct for user in ada.status_favourited_by(status)] == ["bob"]
    assert [user.acct for user in ada.status_reblogged_by(status)] == ["bob"]
    assert [each.id for each in bob.bookmarks()] == [status.id]
    assert [each.id for each in bob.account_statuses(ada.me(), pinned=True)] == [status.id]
    assert not bob.status_unfavourite(status).favourited
    assert not bob.status_unreblog(status).reblogged
    assert not bob.status_unbookmark(status).bookmarked
    assert bob.status(status).favourites_count == 0


def check_relations(ada: Mastodon, bob: Mastodon) -> None:
    ada_id, bob_id = ada.me().id, bob.me().id
    assert bob.account_follow(ada_id).following
    seen = ada.status_post("For followers", visibility="private")
    assert bob.timeline_home(limit=1)[0].id == seen.id
    assert [user.id for user in ada.account_followers(ada_id)] == [bob_id]
    assert not bob.account_unfollow(ada_id).following
    assert [status.account.id for status in bob.timeline_home() if status.account.id == ada_id] == []

    ada.account_update_credentials(locked=True)
    assert bob.account_follow(ada_id).requested
    assert [user.id for user in ada.follow_requests()] == [bob_id]
    ada.follow_request_authorize(bob_id)
    assert bob.account_relationships(ada_id)[0].following

    assert ada.account_mute(bob_id).muting
    assert not ada.account_unmute(bob_id).muting
    assert ada.account_block(bob_id).blocking
    assert bob.account_relationships(ada_id)[0].blocked_by
    with pytest.raises(MastodonNotFoundError):
        bob.status(seen)
    assert not ada.account_unblock(bob_id).blocking
    assert [user.acct for user in bob.account_search("ad")] == ["ada"]
    assert [user.acct for user in bob.search("ada").accounts] == ["ada"]


def check_favorites_page_both_ways(ada: Mastodon, bob: Mastodon) -> None:
    posted = [ada.status_post(f"Number {number}") for number in range(7)]
    for status in posted:
        bob.status_favourite(status)
    expected = [status.id for status in reversed(posted)]
    down = list(downwards(bob, bob.favourites(limit=3)))
    assert [status.id for page in down for status in page] == expected
    up = [*upwards(bob, down[-1])]
    assert [status.id for page in (*reversed(up), down[-1]) for status in page] == expected


def check_revoked(client: Mastodon) -> None:
    """Sign out: the token is worth nothing any more."""
    token = client.access_token
    client.revoke_access_token(allow_http=True)
    with pytest.raises(MastodonUnauthorizedError):
        Mastodon(access_token=token, api_base_url=client.api_base_url).account_verify_credentials()


def read_graph() -> Graph:
    """Return whom each user of the slice follows."""
    follows: Graph = {}
    with gzip.open(GRAPH, "rt") as file:
        for line in file:
            follower, followee = map(int, line.split())
            follows.setdefault(follower, set()).add(followee)
            follows.setdefault(followee, set())
    return follows


def invent_history(follows: Graph, chance: random.Random) -> list[Written]:
    """Let everybody write a tweet and some a second, answers to earlier ones among them, in the order of time."""
    authors = sorted(follows) + [297] * 6 + chance.sample(sorted(follows), 60)
    chance.shuffle(authors)
    history: list[Written] = []
    for number, author in enumerate(authors):
        answered = chance.choice(history) if history and chance.random() < 0.3 else None
        history.append(Written(f"old {number} by u{author}", author, answered.author if answered else None))
    return history


def import_all(folder: Path, history: Sequence[Written], *, database_url: str) -> None:
    """Bring in the graph and the history by the command line."""
    lines: list[str] = []
    latest: dict[int, int] = {}
    for number, each in enumerate(history):
        # An answer goes to the latest earlier tweet of whom it answers.
        entry: dict[str, Any] = {
            "id": number,
            "author": f"u{each.author}",
            "text": each.text,
            "time": BEGINNING_MS - (len(history) - number) * 3_600_000,
        }
        if each.reply_to_author is not None:
            entry["reply"] = latest[each.reply_to_author]
        latest[each.author] = number
        lines.append(json.dumps(entry))
    file = folder / "tweets.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    for command in (("import", "follows", str(GRAPH)), ("import", "tweets", str(file))):
        done = run(folder, *command, database_url=database_url)
        assert done.returncode == 0, done.stderr


def post_by_api(server: Process, database_url: str, follows: Graph) -> list[Written]:
    """Let some users post through the API, hot ones and others, some answering the one before."""
    chance = random.Random(11)
    hot = sorted(follows, key=lambda user: -sum(user in others for others in follows.values()))[:10]
    authors = [*hot, *chance.sample(sorted(set(follows) - set(hot) - {READER}), POSTERS - 11), READER]
    tokens = asyncio.run(make_tokens(database_url, authors))
    posted: list[Written] = []
    before: Any = None
    for number, (author, token) in enumerate(zip(authors, tokens, strict=True)):
        client = client_with(token, server)
        answered = posted[-1].author if number % 4 == 3 else None
        each = Written(f"new {number} by u{author}", author, answered)
        before = client.status_post(each.text, in_reply_to_id=before if answered is not None else None)
        posted.append(each)
    return posted


def home_of(reader: int, follows: Graph, everything: Sequence[Written]) -> list[str]:
    """Return what belongs on the reader's home, newest first, by nothing but dictionaries."""
    circle = follows[reader] | {reader}
    return [
        each.text
        for each in reversed(everything)
        if each.author in circle
        and (
            each.reply_to_author in {None, each.author}
            or each.reply_to_author in circle
            or each.author == reader
        )
    ]


def texts(page: Sequence[Any]) -> list[str]:
    """Return the texts of statuses without their HTML."""
    return [html.unescape(re.sub("<[^>]+>", "", status.content)) for status in page]


def downwards(client: Mastodon, page: Any) -> Iterator[Any]:
    """Yield the page and the older ones, until there is nothing."""
    while page:
        yield page
        page = client.fetch_next(page)


def upwards(client: Mastodon, page: Any) -> Iterator[Any]:
    """Yield the newer pages, until there is nothing."""
    while page := client.fetch_previous(page):
        yield page


def create_user(folder: Path, database_url: str, name: str) -> None:
    """Create a user by the command line."""
    subprocess.run(
        [ROOKERY, "user", "create", name, "--email", f"{name}@example.org", "--password-stdin"],
        cwd=folder,
        env=environment(database_url=database_url),
        input=f"{PASSWORD}\n",
        text=True,
        capture_output=True,
        check=True,
        timeout=60,
    )


def sign_in_by_token(server: Process, folder: Path, database_url: str, name: int | str) -> Mastodon:
    """Sign in with a token that the command line has made."""
    username = f"u{name}" if isinstance(name, int) else name
    made = run(folder, "token", "create", username, "--scopes", " ".join(SCOPES), database_url=database_url)
    assert made.returncode == 0, made.stderr
    return client_with(made.stdout.strip(), server)


def client_with(token: str, server: Process) -> Mastodon:
    """Return a client that says nothing unasked and waits for nothing."""
    return Mastodon(
        access_token=token, api_base_url=server.url, ratelimit_method="throw", version_check_mode="none"
    )


async def make_tokens(database_url: str, names: Sequence[int]) -> list[str]:
    """Make many tokens at once; the command line starts a process for each."""
    async with open_world(Settings(database_url=database_url), RealClock()) as world:
        users = [await find_user(world.services, None, f"u{name}") for name in names]
        return [await world.token(view.user) for view in users]


def sign_in_by_code(server: Process, name: str) -> Mastodon:
    """Sign in as an app does: register it, let the person allow it in a browser, take the code."""
    client_id, client_secret = Mastodon.create_app(
        "Birdwatcher", scopes=SCOPES, redirect_uris=OUT_OF_BAND, api_base_url=server.url
    )
    client = Mastodon(client_id, client_secret, api_base_url=server.url, ratelimit_method="throw")
    address = client.auth_request_url(scopes=SCOPES, redirect_uris=OUT_OF_BAND, allow_http=True)
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        page = browser.get(address)
        page = submit(browser, page, "/auth/sign_in", login=name, password=PASSWORD)
        page = submit(browser, page, "/oauth/authorize", decision="allow")
    found = re.search(r'<code id="code">([^<]+)</code>', page.text)
    assert found is not None, page.text
    client.log_in(code=found[1], scopes=SCOPES, allow_http=True)
    return client


def submit(browser: httpx.Client, page: httpx.Response, action: str, **filled: str) -> httpx.Response:
    """Fill in the form of a page that leads there and send it."""
    form = re.search(rf'<form method="post" action="{action}">(.*?)</form>', page.text, re.DOTALL)
    assert form is not None, page.text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[1]))
    answer = browser.post(
        action, data={name: html.unescape(value) for name, value in hidden.items()} | filled
    )
    assert answer.status_code == 200, answer.text
    return answer
