"""Leaving: what is out of sight at once, and what is gone in the end."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pyotp
import pytest

from rookery import tasks
from rookery.domain.annual_reports import AnnualReport, Figures
from rookery.domain.composing import Manuscript
from rookery.domain.filters import FilterContext
from rookery.domain.ids import AppId, UserId
from rookery.domain.lists import Replies
from rookery.domain.notifications import Policy, Treatment
from rookery.domain.oauth import Authorization
from rookery.domain.polls import DURATION_S_MIN, PollDraft
from rookery.domain.preferences import ReadingPreferences
from rookery.domain.push import Subscription
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.entrance import SignedIn, Visitor
from rookery.errors import Conflict, Invalid, NotFound
from rookery.ports import Write
from rookery.storage import (
    annual_reports,
    authorization_codes,
    confirmations,
    deletion,
    email_changes,
    follow_requests,
    follows,
    hot_users,
    passkeys,
    push_subscriptions,
    tweets,
    users,
)
from rookery.storage.passkeys import Passkey
from rookery.usecases import two_factor
from rookery.usecases.announcements import Change, dismiss_announcement, publish, react
from rookery.usecases.archives import ask_for_archive
from rookery.usecases.blocks import block
from rookery.usecases.bookmarks import bookmark_tweet
from rookery.usecases.collections import CollectionChange, make_collection
from rookery.usecases.deletion import delete_user
from rookery.usecases.domain_blocks import block_domain
from rookery.usecases.drafts import keep_draft
from rookery.usecases.endorsements import endorse
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.usecases.filters import FilterChange, KeywordChange, make_filter, name_tweet
from rookery.usecases.followed_hashtags import feature_hashtag, follow_hashtag
from rookery.usecases.follows import follow, list_relations
from rookery.usecases.for_you import ranked_timeline
from rookery.usecases.lists import add_members, make_list
from rookery.usecases.markers import move_markers
from rookery.usecases.mutes import mute
from rookery.usecases.notes import note_user
from rookery.usecases.notifications import accept_requests, change_policy, page_requests
from rookery.usecases.pins import pin_tweet
from rookery.usecases.polls import vote
from rookery.usecases.preferences import set_preferences
from rookery.usecases.reports import report_user
from rookery.usecases.retweets import retweet
from rookery.usecases.scheduled_tweets import schedule_tweet
from rookery.usecases.sign_in import SecondStep, sign_in
from rookery.usecases.suggestions import dismiss_suggestion
from rookery.usecases.thread_mutes import mute_thread
from rookery.usecases.timelines import generate_timeline, public_timeline
from rookery.usecases.trends import refresh_trends
from rookery.usecases.tweets import get_tweet
from rookery.usecases.upkeep import trim_deliveries
from rookery.usecases.users import find_user, get_user
from tests.world import World, ids

OpenWorld = Callable[..., Awaitable[World]]
PASSWORD = "correct horse battery"
USER_COLUMNS = {"user_id", "author_id", "follower_id", "followee_id", "target_id", "reporter_id"}


async def finish(world: World) -> None:
    """Let everything that belongs to a deletion happen."""
    await world.settle()
    world.advance(seconds=60)
    await world.settle()


async def every_row(world: World) -> list[tuple[str, list[Any]]]:
    """Return every row of every table, with the table's name."""
    if world.settings.database_url.startswith("sqlite"):
        names = await world.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
    else:
        names = await world.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    # Live events name users for a minute, whatever becomes of these.
    lasting = [name for (name, *_) in names if name != "live_events"]
    return [(name, list(row)) for name in lasting for row in await world.rows(f"SELECT * FROM {name}")]


async def tables_about_users(world: World) -> set[str]:
    """Return the tables with a column that names a user: a new one has to be entangled and cleared too."""
    if world.settings.database_url.startswith("sqlite"):
        columns = await world.rows(
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        )
    else:
        columns = await world.rows(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
    return {table for table, column in columns if column in USER_COLUMNS}


def mentions_user(row: list[Any], user: User) -> bool:
    packed = user.id.to_bytes(8, "little")
    for value in row:
        if value in (user.id, user.username):
            return True
        if isinstance(value, str) and (str(user.id) in value or f"{user.username}@" in value):
            return True
        if isinstance(value, bytes) and packed in value:
            return True
    return False


async def protect(world: World, leaver: User) -> None:
    """Give a user two factors, a passkey, and what is kept between the steps of signing in."""
    services = world.services
    entered = await sign_in(services, login="leaver", password=PASSWORD, visitor=Visitor("127.0.0.1"))
    assert isinstance(entered, SignedIn)
    secret = (await two_factor.begin(services, leaver)).secret
    code = pyotp.TOTP(secret).at(world.now_ms // 1000)
    await two_factor.turn_on(services, leaver.id, code=code, session=entered.session)
    ticket = await sign_in(services, login="leaver", password=PASSWORD, visitor=Visitor("127.0.0.1"))
    assert isinstance(ticket, SecondStep)
    with pytest.raises(Invalid):
        await two_factor.finish_sign_in(
            services, ticket=ticket.ticket, code="wrong", visitor=Visitor("127.0.0.1")
        )
    passkey = Passkey(services.new_id(), leaver.id, b"id", b"key", b"handle", 0, "", "Phone", 0, None)

    async def add_passkey(tx: Write) -> None:
        await passkeys.insert(tx, passkey)
        await passkeys.insert_challenge(
            tx, b"hash", purpose="register", user_id=leaver.id, user_handle=None, expires_ms=world.now_ms
        )

    await services.db.write(add_passkey)


async def entangle_notifications(world: World, leaver: User, friend: User) -> None:
    """Let two users keep each other's notifications back, let each other in, and filter what they say."""
    services = world.services
    for one, other, hello in ((leaver, friend, "hello"), (friend, leaver, "hey")):
        stranger = await world.user(f"stranger{other.username}")
        await change_policy(services, one.id, Policy(not_following=Treatment.FILTER))
        await world.tweet(stranger, f"@{one.username} {hello}")
        await world.tweet(one, f"@{stranger.username} {hello}", visibility=Visibility.DIRECT)
        waiting = await page_requests(services, one.id, PageRequest())
        await accept_requests(services, one.id, [waiting.items[0].id])
        late = await world.user(f"late{other.username}")
        await world.tweet(late, f"@{one.username} {hello}")
        await world.tweet(one, f"@{late.username} {hello}", visibility=Visibility.DIRECT)
        change = FilterChange("Words", (FilterContext.HOME,), keywords=(KeywordChange(text="word"),))
        made = await make_filter(services, one.id, change)
        seen = await world.tweet(other, "Named")
        await name_tweet(services, one.id, made.id, seen.tweet.id)


async def entangle_lists(world: World, leaver: User, friend: User) -> None:
    """Let two users have each other on lists, and follow and feature hashtags."""
    for one, other in ((leaver, friend), (friend, leaver)):
        made = await make_list(world.services, one.id, title="All", replies=Replies.LIST, exclusive=True)
        await add_members(world.services, one.id, made.id, [other.id])
        await follow_hashtag(world.services, one.id, "rooks")
        await feature_hashtag(world.services, one.id, "rooks")


async def entangle_recommending(world: World, leaver: User, friend: User) -> None:
    """Let two users, who follow each other, note, recommend and refuse each other."""
    services = world.services
    for one, other in ((leaver, friend), (friend, leaver)):
        await note_user(services, one.id, other.id, "Knows everything")
        await endorse(services, one.id, other.id)
        await dismiss_suggestion(services, one.id, other.id)
        change = CollectionChange(name="People")
        made = await make_collection(services, one.id, change, user_ids=[one.id, other.id])
        assert len(made.items) == 2
        await block_domain(services, one.id, "elsewhere.example")
        report = AnnualReport(user_id=one.id, year=2025, figures=Figures(), counted_from=0, finished=True)
        await services.db.write(partial(annual_reports.put, report=report))


async def entangle_gatherings(world: World, leaver: User, friend: User) -> None:
    """Let two users vote in each other's polls, react to an announcement and say how they like to read."""
    services = world.services
    told = await publish(services, Change(text="News"))
    for one, other in ((leaver, friend), (friend, leaver)):
        asked = await world.tweet(one, "Which?", poll=PollDraft(("rook", "crow"), DURATION_S_MIN))
        await vote(services, other.id, asked.tweet.id, [0])
        await react(services, one.id, told.id, "\N{CROWN}")
        await dismiss_announcement(services, one.id, told.id)
        await set_preferences(services, one.id, ReadingPreferences("hide_all"))
        await ask_for_archive(services, one.id)
        shared = await world.tweet(one, "#rooks at https://example.org/rooks")
        await mark_tweet_favorite(services, other.id, shared.tweet.id)
    await refresh_trends(services, tasks.RefreshTrends())
    for one, other in ((leaver, friend), (friend, leaver)):
        late = await world.tweet(one, "#rooks again")
        await mark_tweet_favorite(services, other.id, late.tweet.id)


async def subscribe_and_schedule(world: World, leaver: User) -> None:
    """Let a user be told by push, and have a tweet that waits."""
    await world.token(leaver)
    [(token_id, *_)] = await world.rows(f"SELECT MAX(id) FROM tokens WHERE user_id = {leaver.id}")
    subscription = Subscription(
        token_id=token_id,
        user_id=leaver.id,
        id=world.services.new_id(),
        endpoint="https://push.example.org/",
        client_key="",
        client_secret="",
        kinds=frozenset(),
    )
    await world.services.db.write(lambda tx: push_subscriptions.put(tx, subscription, now_ms=world.now_ms))
    await schedule_tweet(
        world.services, leaver.id, Manuscript(text="Later"), post_at_ms=world.now_ms + 86_400_000
    )
    await keep_draft(world.services, leaver.id, Manuscript(text="Some day"))


async def entangle(world: World, leaver: User, friend: User) -> None:
    """Let two users do everything with each other that leaves a row."""
    services = world.services
    others = [await world.user(f"other{number}") for number in range(4)]
    await world.follow(leaver, friend, *others)
    await world.follow(friend, leaver)
    for other in others:
        await world.follow(other, leaver)
    locked = await world.user("locked", locked=True)
    await follow(services, leaver.id, locked.id)
    async with services.db.read() as tx:
        assert await follow_requests.count(tx, locked.id) == 1

    async def ask(tx: Write) -> None:
        await follow_requests.insert(
            tx,
            locked.id,
            leaver.id,
            new_id=services.new_id(),
            shows_retweets=True,
            notifies=False,
            languages=(),
        )

    await services.db.write(ask)
    await block(services, leaver.id, (await world.user("blocked")).id)
    await block(services, (await world.user("blocker")).id, leaver.id)
    await mute(services, leaver.id, others[0].id)
    await mute(services, others[1].id, leaver.id)
    own = [
        await world.tweet(leaver, f"Number {number} #Rooks @friend", idempotency_key=f"key{number}")
        for number in range(3)
    ]
    await world.tweet(leaver, "for few", visibility=Visibility.FOLLOWERS)
    await world.tweet(leaver, "@friend psst", visibility=Visibility.DIRECT)
    theirs = await world.tweet(friend, "I know @leaver well, and @other0")
    await world.tweet(leaver, "Do you?", reply_to_id=theirs.tweet.id)
    answer = await world.tweet(friend, "Yes", reply_to_id=own[0].tweet.id)
    await world.tweet(leaver, "No", reply_to_id=answer.tweet.id)
    for tweet in own:
        await mark_tweet_favorite(services, friend.id, tweet.tweet.id)
        await bookmark_tweet(services, friend.id, tweet.tweet.id)
        await retweet(services, friend.id, tweet.tweet.id)
    await mark_tweet_favorite(services, leaver.id, theirs.tweet.id)
    await bookmark_tweet(services, leaver.id, theirs.tweet.id)
    await retweet(services, leaver.id, theirs.tweet.id)
    await mute_thread(services, leaver.id, theirs.tweet.id)
    await pin_tweet(services, leaver.id, own[0].tweet.id)
    await move_markers(services, leaver.id, {"home": own[0].tweet.id})
    await report_user(services, leaver.id, friend.id, tweet_ids=[theirs.tweet.id])
    await report_user(services, friend.id, leaver.id, tweet_ids=[own[0].tweet.id])
    await entangle_notifications(world, leaver, friend)
    await entangle_recommending(world, leaver, friend)
    for reader in (leaver, friend):
        await ranked_timeline(services, reader.id, PageRequest())
    await entangle_lists(world, leaver, friend)
    await subscribe_and_schedule(world, leaver)
    await entangle_gatherings(world, leaver, friend)
    await world.token(leaver)
    with pytest.raises(Invalid):
        await sign_in(services, login="leaver", password="wrong", visitor=Visitor("127.0.0.1"))
    await protect(world, leaver)
    allowed = Authorization(
        app_id=AppId(1),
        user_id=leaver.id,
        redirect_uri="",
        scopes=(),
        challenge=None,
        expires_ms=world.now_ms,
    )

    async def add_codes(tx: Write) -> None:
        await authorization_codes.insert(tx, b"code", allowed)
        await confirmations.insert(tx, b"code", leaver.id, purpose="email", expires_ms=world.now_ms)
        await email_changes.put(tx, leaver.id, wish="", sent_ms=world.now_ms, expires_ms=world.now_ms)

    await services.db.write(add_codes)
    await generate_timeline(services, leaver.id, PageRequest())


async def test_a_deleted_user_is_out_of_sight_at_once(api: World):
    ada, bob = await api.user("ada", display_name="Ada"), await api.user("bob")
    await api.follow(bob, ada)
    tweet = await api.tweet(ada)
    await api.settle()
    await generate_timeline(api.services, bob.id, PageRequest())
    await api.settle()
    client = await api.client(ada)
    await delete_user(api.services, ada.id)
    assert (await client.get("/api/v1/accounts/verify_credentials")).status_code == 401
    services = api.services
    for lookup in (
        get_user(services, bob.id, ada.id),
        find_user(services, bob.id, "ada"),
        get_tweet(services, bob.id, tweet.tweet.id),
        follow(services, bob.id, ada.id),
        delete_user(services, ada.id),
    ):
        with pytest.raises(NotFound):
            await lookup
    assert (await generate_timeline(services, bob.id, PageRequest())).items == []
    assert (await public_timeline(services, None, PageRequest())).items == []
    assert await list_relations(services, bob.id, [ada.id]) == []
    assert await api.rows(f"SELECT * FROM people WHERE user_id = {ada.id}") == []
    assert await api.rows(f"SELECT * FROM tokens WHERE user_id = {ada.id}") == []
    [row] = await api.rows(f"SELECT display_name, state FROM users WHERE id = {ada.id}")
    assert tuple(row) == ("", "deleted")


async def test_in_the_end_no_row_anywhere_names_the_user(open_worlds: OpenWorld):
    world = await open_worlds(hot_user_followers=4)
    leaver, friend = await world.user("leaver", password=PASSWORD), await world.user("friend")
    await entangle(world, leaver, friend)
    await world.settle()
    tables = {name for name, row in await every_row(world) if mentions_user(row, leaver)}
    assert await tables_about_users(world) <= tables
    await delete_user(world.services, leaver.id)
    await finish(world)
    world.advance(seconds=700)
    await trim_deliveries(world.services, tasks.TrimDeliveries())
    left = [(name, row) for name, row in await every_row(world) if mentions_user(row, leaver)]
    assert left == []


async def test_others_counts_are_as_if_the_user_had_never_been(world: World):
    leaver, friend = await world.user("leaver", password=PASSWORD), await world.user("friend")
    await entangle(world, leaver, friend)
    await world.settle()
    await delete_user(world.services, leaver.id)
    await finish(world)
    async with world.services.db.read() as tx:
        counts = await users.counts(tx, friend.id)
        assert (counts.followers, counts.following, counts.tweets) == (0, 0, 6)
        for (user_id,) in await world.rows("SELECT id FROM users"):
            other = await users.counts(tx, user_id)
            assert (other.followers, other.following) == (0, 0)
        [(tweet_id,)] = await world.rows("SELECT id FROM tweets WHERE text LIKE 'I know%'")
        [(_, _, replies, retweets, favorites, *_)] = await tweets.stamps(tx, [tweet_id], viewer_id=UserId(0))
        assert (replies, retweets, favorites) == (0, 0, 0)
        tweet = await tweets.get(tx, tweet_id)
    assert tweet is not None
    assert tweet.text == "I know @leaver well, and @other0"
    assert [mention.username for mention in tweet.mentions] == ["other0"]


async def test_an_answer_to_somebody_who_left_stays_off_the_homes_of_strangers(world: World):
    leaver, friend, reader = [await world.user(name) for name in ("leaver", "friend", "reader")]
    await world.follow(reader, friend)
    question = await world.tweet(leaver, "Well?")
    answer = await world.tweet(friend, "Well!", reply_to_id=question.tweet.id)
    await delete_user(world.services, leaver.id)
    await finish(world)
    assert (await generate_timeline(world.services, reader.id, PageRequest())).items == []
    assert (await public_timeline(world.services, None, PageRequest())).items == []
    kept = await get_tweet(world.services, reader.id, answer.tweet.id)
    assert kept.tweet.text == "Well!"
    assert ids((await generate_timeline(world.services, friend.id, PageRequest())).items) == [answer.tweet.id]


async def test_the_followers_homes_are_made_anew(world: World):
    leaver, reader = await world.user("leaver"), await world.user("reader")
    await world.follow(reader, leaver)
    async with world.services.db.read() as tx:
        before = (await hot_users.home_stamp(tx, reader.id)).version
    await delete_user(world.services, leaver.id)
    await finish(world)
    async with world.services.db.read() as tx:
        assert (await hot_users.home_stamp(tx, reader.id)).version > before


async def test_a_deletion_goes_on_slice_by_slice(world: World):
    leaver = await world.user("leaver")
    fans = [await world.user(f"fan{number}") for number in range(7)]
    for fan in fans:
        await world.follow(fan, leaver)
        await world.follow(leaver, fan)
    await world.tweets(leaver, 5)
    await world.settle()

    async def one_slice(tx: Write) -> bool:
        return await deletion.remove_slice(world.services, tx, leaver.id, limit=3)

    slices = 1
    while await world.services.db.write(one_slice):
        slices += 1
    rows = (
        14 + 5 + 14 + 1
    )  # follows, tweets, what followers and followed were told, and the group of the followers
    assert slices == rows // 3 + 1
    assert await world.rows("SELECT * FROM follows") == []
    assert await world.rows("SELECT * FROM tweets") == []


async def test_what_slipped_in_while_the_deletion_began_goes_at_the_last_look(world: World):
    leaver, friend = await world.user("leaver"), await world.user("friend")
    await delete_user(world.services, leaver.id)
    await world.settle()

    async def slip_in(tx: Write) -> None:
        await follows.insert(tx, friend.id, leaver.id, new_id=world.services.new_id())

    await world.services.db.write(slip_in)
    world.advance(seconds=60)
    await world.settle()
    assert [(name, row) for name, row in await every_row(world) if mentions_user(row, leaver)] == []


async def test_the_name_of_somebody_who_left_stays_taken(world: World):
    ada = await world.user("Ada")
    await delete_user(world.services, ada.id)
    with pytest.raises(Conflict, match="taken"):
        await world.user("ada")
    await finish(world)
    with pytest.raises(Conflict, match="taken"):
        await world.user("ada")
    await world.user("adam")


async def test_the_e_mail_address_is_free_again(world: World):
    ada = await world.user("ada", email="ada@example.org")
    await delete_user(world.services, ada.id)
    again = await world.user("ada2", email="ada@example.org")
    assert again.active


async def test_a_mention_that_was_shown_before_is_a_link_no_longer(world: World):
    leaver, friend = await world.user("leaver"), await world.user("friend")
    tweet = await world.tweet(friend, "Ask @leaver")
    before = await get_tweet(world.services, friend.id, tweet.tweet.id)
    await delete_user(world.services, leaver.id)
    await finish(world)
    after = await get_tweet(world.services, friend.id, tweet.tweet.id)
    assert [mention.username for mention in before.tweet.mentions] == ["leaver"]
    assert after.tweet.mentions == ()


async def test_only_tweets_with_which_others_did_something_need_a_task(world: World):
    leaver, friend = await world.user("leaver"), await world.user("friend")
    _, favorited, kept, retweeted, _ = [view.tweet.id for view in await world.tweets(leaver, 5)]
    await mark_tweet_favorite(world.services, friend.id, favorited)
    await bookmark_tweet(world.services, friend.id, kept)
    await retweet(world.services, friend.id, retweeted)
    await world.settle()

    async def one_slice(tx: Write) -> bool:
        return await deletion.remove_slice(world.services, tx, leaver.id)

    await world.services.db.write(one_slice)
    queued = await world.rows("SELECT payload FROM tasks WHERE kind = 'ClearDeletedTweet' ORDER BY id")
    assert [tasks.decode("ClearDeletedTweet", row[0]) for row in queued] == [
        tasks.ClearDeletedTweet(tweet_id) for tweet_id in (favorited, kept, retweeted)
    ]
    await world.settle()
    for table in ("tweets", "tweet_counts", "favorites", "bookmarks"):
        assert await world.rows(f"SELECT * FROM {table}") == [], table


async def test_the_statements_of_a_slice_do_not_grow_with_its_tweets(world: World):
    async def statements(name: str, tweets_written: int) -> int:
        leaver = await world.user(name)
        for number in range(tweets_written):
            await world.tweet(leaver, f"@{name} #Birds number {number}")
        await world.settle()

        async def one_slice(tx: Write) -> bool:
            return await deletion.remove_slice(world.services, tx, leaver.id)

        with world.counted() as count:
            assert not await world.services.db.write(one_slice)
        return len(count.texts)

    assert await statements("few", 2) == await statements("many", 12)
