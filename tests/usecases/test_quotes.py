"""Quotes: who may quote what, and who is shown what was quoted."""

import asyncio

import pytest

from rookery.domain.filters import FilterAction, FilterContext
from rookery.domain.notifications import NotificationKind
from rookery.domain.quotes import QuotePolicy, QuoteStanding
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.usecases import blocks, deletion, filters, mutes, notifications, tweets
from rookery.usecases.edits import edit_tweet
from rookery.usecases.filters import FilterChange, KeywordChange
from rookery.usecases.quotes import change_quote_policy, revoke_quote
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import generate_timeline, public_timeline, quotes_timeline
from tests.world import World


async def quote(world: World, by: User, of: TweetView, text: str = "Look", **more: object) -> TweetView:
    return await world.tweet(by, text, quoted_id=of.tweet.id, **more)


async def seen(world: World, viewer: User | None, view: TweetView) -> TweetView:
    return await tweets.get_tweet(world.services, viewer.id if viewer else None, view.tweet.id)


async def standing(world: World, viewer: User | None, view: TweetView) -> QuoteStanding:
    """How what the tweet quotes stands to a viewer, who is shown it only when it is accepted."""
    found = (await seen(world, viewer, view)).quoted
    assert found is not None
    assert (found.view is not None) is (found.standing is QuoteStanding.ACCEPTED)
    return found.standing


async def quotes_of(world: World, viewer: User | None, view: TweetView) -> list[str]:
    page = await quotes_timeline(
        world.services, viewer.id if viewer else None, view.tweet.id, PageRequest(limit=20)
    )
    return [item.tweet.text for item in page.items]


async def told(world: World, user: User) -> list[NotificationKind]:
    await world.settle()
    choice = notifications.NotificationChoice()
    page = await notifications.page_notifications(world.services, user.id, choice, PageRequest())
    return [view.notification.kind for view in page.items]


async def test_a_quote_shows_the_tweet_is_counted_and_told(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(ada, "Rooks are clever")
    made = await quote(world, bob, tweet)
    for view in (made, await seen(world, None, made), await seen(world, ada, made)):
        assert view.quoted is not None
        assert view.quoted.view is not None
        assert view.quoted.view.tweet.text == "Rooks are clever"
    assert (await seen(world, bob, tweet)).counts.quotes == 1
    assert await told(world, ada) == [NotificationKind.QUOTE]
    assert await quotes_of(world, None, tweet) == ["Look"]
    page = await public_timeline(world.services, None, PageRequest())
    assert [item.quoted is not None for item in page.items] == [True, False]


async def test_a_quote_needs_no_words_of_its_own(world: World):
    ada = await world.user("ada")
    tweet = await world.tweet(ada, "Words")
    made = await quote(world, ada, tweet, "")
    assert (await seen(world, None, made)).tweet.text == ""
    with pytest.raises(Invalid, match="blank"):
        await world.tweet(ada, "")


async def test_quoting_a_retweet_quotes_the_tweet(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(ada)
    made = await quote(world, bob, await retweet(world.services, bob.id, tweet.tweet.id))
    assert made.tweet.quote is not None
    assert made.tweet.quote.quoted_id == tweet.tweet.id
    again = await retweet(world.services, ada.id, made.tweet.id)
    assert again.retweet_of is not None
    assert again.retweet_of.quoted is not None
    assert again.retweet_of.quoted.standing is QuoteStanding.ACCEPTED


@pytest.mark.parametrize(
    ("policy", "visibility", "by"),
    [
        (QuotePolicy.PUBLIC, Visibility.UNLISTED, {"author", "follower", "stranger"}),
        (QuotePolicy.FOLLOWERS, Visibility.PUBLIC, {"author", "follower"}),
        (QuotePolicy.NOBODY, Visibility.PUBLIC, {"author"}),
        (QuotePolicy.PUBLIC, Visibility.FOLLOWERS, {"author"}),
        (QuotePolicy.PUBLIC, Visibility.DIRECT, set()),
    ],
)
async def test_the_author_says_who_may_quote(
    world: World, policy: QuotePolicy, visibility: Visibility, by: set[str]
):
    people = {name: await world.user(name) for name in ("author", "follower", "stranger", "blocked")}
    await world.follow(people["follower"], people["author"])
    await blocks.block(world.services, people["author"].id, people["blocked"].id)
    tweet = await world.tweet(
        people["author"], "@follower @stranger", quote_policy=policy, visibility=visibility
    )
    quoted_by: set[str] = set()
    for name, person in people.items():
        try:
            assert (await seen(world, person, tweet)).may_quote is (
                name in by and not (policy is QuotePolicy.PUBLIC and visibility is Visibility.UNLISTED)
            )
            await quote(world, person, tweet, f"by {name}")
        except NotFound:
            continue
        quoted_by.add(name)
    assert quoted_by == by


async def test_a_private_tweet_is_quoted_in_private_only(world: World):
    ada = await world.user("ada")
    tweet = await world.tweet(ada, "Among us", visibility=Visibility.FOLLOWERS)
    assert tweet.tweet.quote_policy is QuotePolicy.NOBODY
    assert (await quote(world, ada, tweet)).tweet.visibility is Visibility.FOLLOWERS
    assert (
        await quote(world, ada, tweet, visibility=Visibility.DIRECT)
    ).tweet.visibility is Visibility.DIRECT


async def test_a_direct_tweet_quotes_only_those_it_addresses(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(ada)
    with pytest.raises(Invalid, match="non-mentioned"):
        await quote(world, bob, tweet, visibility=Visibility.DIRECT)
    await quote(world, bob, tweet, "@ada look", visibility=Visibility.DIRECT)
    assert await quotes_of(world, ada, tweet) == ["@ada look"]
    assert await quotes_of(world, None, tweet) == []


async def test_what_a_viewer_may_not_or_will_not_see_is_not_shown_by_a_quote(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    blocked, blocker, muter = [await world.user(name) for name in ("blocked", "blocker", "muter")]
    made = await quote(world, bob, await world.tweet(ada, "Words"))
    private = await quote(
        world,
        ada,
        await world.tweet(ada, "Among us", visibility=Visibility.FOLLOWERS),
        "@blocker",
        visibility=Visibility.DIRECT,
    )
    await blocks.block(world.services, ada.id, blocked.id)
    assert await standing(world, blocker, private) is QuoteStanding.UNAUTHORIZED
    await blocks.block(world.services, blocker.id, ada.id)
    await mutes.mute(world.services, muter.id, ada.id)
    assert await standing(world, blocked, made) is QuoteStanding.UNAUTHORIZED
    assert await standing(world, blocker, made) is QuoteStanding.BLOCKED
    assert await standing(world, muter, made) is QuoteStanding.MUTED
    assert await standing(world, None, made) is QuoteStanding.ACCEPTED


async def test_a_muted_author_can_be_quoted_and_is_not_shown_for_it(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await mutes.mute(world.services, bob.id, ada.id)
    made = await quote(world, bob, await world.tweet(ada))
    assert made.quoted is not None
    assert (made.quoted.standing, made.quoted.view) == (QuoteStanding.MUTED, None)


async def test_a_deleted_tweet_leaves_its_quotes_and_a_deleted_quote_is_not_counted(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    tweet = await world.tweet(ada)
    by_bob, by_cy = await quote(world, bob, tweet), await quote(world, cy, tweet)
    await tweets.delete_tweet(world.services, bob.id, by_bob.tweet.id)
    assert (await seen(world, None, tweet)).counts.quotes == 1
    await tweets.delete_tweet(world.services, ada.id, tweet.tweet.id)
    assert await standing(world, None, by_cy) is QuoteStanding.DELETED
    await world.settle()
    assert await standing(world, None, by_cy) is QuoteStanding.DELETED
    assert [tuple(row) for row in await world.rows("SELECT quoted_id FROM quotes")] == [(None,)]


async def test_whoever_leaves_is_quoted_no_more_and_takes_their_quotes_along(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet, other = await world.tweet(ada), await world.tweet(bob)
    made = await quote(world, bob, tweet)
    await quote(world, ada, other)
    await deletion.delete_user(world.services, ada.id)
    assert await standing(world, bob, made) in {QuoteStanding.DELETED, QuoteStanding.UNAUTHORIZED}
    await world.settle()
    assert await standing(world, bob, made) is QuoteStanding.DELETED
    assert (await seen(world, bob, other)).counts.quotes == 0


async def test_an_author_takes_their_tweet_out_of_a_quote_for_good(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    tweet = await world.tweet(ada)
    made = await quote(world, bob, tweet)
    with pytest.raises(NotFound):
        await revoke_quote(world.services, cy.id, tweet.tweet.id, made.tweet.id)
    with pytest.raises(NotFound):
        await revoke_quote(world.services, ada.id, tweet.tweet.id, tweet.tweet.id)
    for _ in range(2):
        revoked = await revoke_quote(world.services, ada.id, tweet.tweet.id, made.tweet.id)
        assert revoked.quoted is not None
        assert revoked.quoted.standing is QuoteStanding.REVOKED
    assert await standing(world, bob, made) is QuoteStanding.REVOKED
    assert (await seen(world, bob, tweet)).counts.quotes == 0
    assert await quotes_of(world, ada, tweet) == []
    await tweets.delete_tweet(world.services, bob.id, made.tweet.id)
    assert (await seen(world, bob, tweet)).counts.quotes == 0


async def test_who_may_quote_is_changed_later_and_moves_no_version(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(ada)
    closed = await change_quote_policy(world.services, ada.id, tweet.tweet.id, QuotePolicy.NOBODY)
    assert (closed.tweet.quote_policy, closed.tweet.edited_ms) == (QuotePolicy.NOBODY, None)
    with pytest.raises(NotFound):
        await quote(world, bob, tweet)
    opened = await edit_tweet(
        world.services, ada.id, tweet.tweet.id, text="Hello", quote_policy=QuotePolicy.PUBLIC
    )
    assert opened.tweet.edited_ms is None
    await quote(world, bob, tweet)
    with pytest.raises(NotFound):
        await change_quote_policy(world.services, bob.id, tweet.tweet.id, QuotePolicy.NOBODY)


async def test_the_preference_says_who_may_quote(world: World):
    ada = await world.user("ada", default_quote_policy=QuotePolicy.FOLLOWERS)
    assert (await world.tweet(ada)).tweet.quote_policy is QuotePolicy.FOLLOWERS
    own = await world.tweet(ada, quote_policy=QuotePolicy.PUBLIC)
    assert own.tweet.quote_policy is QuotePolicy.PUBLIC


async def test_quoters_are_told_of_an_edit_by_their_own_tweet(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    tweet = await world.tweet(ada)
    made = await quote(world, bob, tweet)
    revoked = await quote(world, cy, tweet)
    await revoke_quote(world.services, ada.id, tweet.tweet.id, revoked.tweet.id)
    edited = await edit_tweet(world.services, ada.id, tweet.tweet.id, text="Said better")
    await world.settle()
    page = await notifications.page_notifications(
        world.services, bob.id, notifications.NotificationChoice(), PageRequest()
    )
    view = page.items[0]
    assert view.notification.kind is NotificationKind.QUOTE_EDIT
    assert view.sender.user.id == ada.id
    assert view.tweet is not None
    assert view.tweet.tweet.id == made.tweet.id
    assert view.tweet.quoted is not None
    assert view.tweet.quoted.view is not None
    assert view.tweet.quoted.view.tweet.text == edited.tweet.text
    assert await told(world, cy) == []


async def test_editing_a_quote_keeps_what_it_quotes(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    made = await quote(world, bob, await world.tweet(ada))
    edited = await edit_tweet(world.services, bob.id, made.tweet.id, text="")
    assert edited.quoted is not None
    assert edited.quoted.standing is QuoteStanding.ACCEPTED


async def test_filters_look_into_what_is_quoted(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(cy, bob)
    await quote(world, bob, await world.tweet(ada, "a secret"))
    await world.tweet(bob, "nothing")
    await filters.make_filter(
        world.services,
        cy.id,
        FilterChange(
            title="secrets",
            contexts=(FilterContext.HOME,),
            action=FilterAction.HIDE,
            keywords=(KeywordChange(text="secret", whole_word=True),),
        ),
    )
    page = await generate_timeline(world.services, cy.id, PageRequest())
    assert [view.tweet.text for view in page.items] == ["nothing"]


async def test_a_page_of_quotes_takes_a_fixed_number_of_queries(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await world.tweet(ada)
    await quote(world, bob, first)
    await public_timeline(world.services, ada.id, PageRequest())
    with world.counted() as few:
        await public_timeline(world.services, ada.id, PageRequest())
    for number in range(8):
        await quote(world, bob, await world.tweet(ada, f"Words {number}"))
    await public_timeline(world.services, ada.id, PageRequest())
    with world.counted() as many:
        await public_timeline(world.services, ada.id, PageRequest())
    assert many.reads == few.reads


async def test_nobody_is_told_of_a_quote_that_they_may_not_see(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(ada)
    await quote(world, bob, tweet, visibility=Visibility.FOLLOWERS)
    assert await told(world, ada) == []
    assert await notifications.count_unread(world.services, ada.id, notifications.ALL, limit=9) == 0
    await world.follow(ada, bob)
    await quote(world, bob, tweet, "Among us", visibility=Visibility.FOLLOWERS)
    assert (await told(world, ada))[0] is NotificationKind.QUOTE


async def test_a_direct_quote_is_not_edited_away_from_whom_it_quotes(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    made = await quote(world, bob, await world.tweet(ada), "@ada look", visibility=Visibility.DIRECT)
    with pytest.raises(Invalid, match="non-mentioned"):
        await edit_tweet(world.services, bob.id, made.tweet.id, text="@cy look")
    await edit_tweet(world.services, bob.id, made.tweet.id, text="@ada @cy look")
    assert await standing(world, cy, made) is QuoteStanding.ACCEPTED


async def test_crossing_quotes_and_replies_all_come_through(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    one, other = await world.tweet(ada), await world.tweet(ada)

    async def answer(by: User, to: TweetView, quoted: TweetView) -> None:
        for _ in range(5):
            await quote(world, by, quoted, reply_to_id=to.tweet.id)

    await asyncio.gather(answer(bob, one, other), answer(cy, other, one))
    for tweet in (one, other):
        counts = (await seen(world, ada, tweet)).counts
        assert (counts.replies, counts.quotes) == (5, 5)
