"""Who may see what: every case of the rules, decided without a database."""

import itertools

import pytest

from rookery.domain.ids import TweetId, UserId
from rookery.domain.tweets import Mention, Tweet, TweetCounts, Visibility
from rookery.domain.users import User, UserCounts, UserState, UserView
from rookery.domain.visibility import FOLLOWED, Standing, TweetView, is_own_thread, is_quiet, may_see, on_home

ADA, BOB, CY = UserId(1), UserId(2), UserId(3)
OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)


def user(user_id: UserId, *, state: UserState = UserState.ACTIVE) -> UserView:
    return UserView(
        User(
            id=user_id,
            username=f"user{user_id}",
            display_name="",
            bio="",
            fields=(),
            locked=False,
            bot=False,
            discoverable=True,
            indexable=True,
            hides_follows=False,
            default_visibility=Visibility.PUBLIC,
            default_sensitive=False,
            default_language=None,
            state=state,
            role="user",
            created_ms=0,
            changed_ms=0,
        ),
        UserCounts(),
    )


def view(
    author_id: UserId = BOB,
    *,
    visibility: Visibility = Visibility.PUBLIC,
    mentions: tuple[UserId, ...] = (),
    reply_to: UserId | None = None,
    retweet_of: TweetView | None = None,
    state: UserState = UserState.ACTIVE,
    tweet_id: int = 10,
    language: str | None = None,
) -> TweetView:
    tweet = Tweet(
        id=TweetId(tweet_id),
        author_id=author_id,
        text="Hello",
        language=language,
        visibility=visibility,
        reply_to_id=None if reply_to is None else TweetId(5),
        reply_to_author_id=reply_to,
        thread_id=TweetId(5),
        retweet_of_id=None if retweet_of is None else retweet_of.tweet.id,
        mentions=tuple(Mention(mentioned, f"user{mentioned}") for mentioned in mentions),
        created_ms=0,
    )
    return TweetView(tweet, TweetCounts(), user(author_id, state=state), retweet_of=retweet_of)


@pytest.mark.parametrize("viewer", [None, ADA])
@pytest.mark.parametrize("visibility", OPEN)
def test_everybody_may_see_what_is_open(visibility: Visibility, viewer: UserId | None):
    assert may_see(view(visibility=visibility), viewer, {})


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
def test_strangers_may_not_see_what_is_private(visibility: Visibility):
    assert not may_see(view(visibility=visibility), ADA, {})
    assert not may_see(view(visibility=visibility), None, {})


def test_followers_may_see_what_is_for_followers_but_not_what_is_direct():
    assert may_see(view(visibility=Visibility.FOLLOWERS), ADA, {BOB: FOLLOWED})
    assert not may_see(view(visibility=Visibility.DIRECT), ADA, {BOB: FOLLOWED})


@pytest.mark.parametrize("visibility", Visibility)
def test_the_mentioned_may_see(visibility: Visibility):
    assert may_see(view(visibility=visibility, mentions=(ADA,)), ADA, {})


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("state", UserState)
def test_the_author_may_see(visibility: Visibility, state: UserState):
    assert may_see(view(ADA, visibility=visibility, state=state), ADA, {})


@pytest.mark.parametrize("visibility", Visibility)
def test_the_blocked_may_not_see_anything(visibility: Visibility):
    standings = {BOB: Standing(blocked_by=True, follows=True)}
    assert not may_see(view(visibility=visibility, mentions=(ADA,)), ADA, standings)


@pytest.mark.parametrize("state", [state for state in UserState if state is not UserState.ACTIVE])
def test_nobody_sees_the_tweets_of_the_inactive(state: UserState):
    assert not may_see(view(state=state), ADA, {})
    assert not on_home(view(state=state), ADA, {BOB: FOLLOWED})


def test_a_retweet_is_seen_by_those_who_may_see_what_it_points_at():
    hidden = view(CY, visibility=Visibility.FOLLOWERS, tweet_id=9)
    assert not may_see(view(retweet_of=hidden), ADA, {BOB: FOLLOWED})
    assert may_see(view(retweet_of=hidden), ADA, {BOB: FOLLOWED, CY: FOLLOWED})
    assert not may_see(view(retweet_of=view(CY, tweet_id=9)), ADA, {CY: Standing(blocked_by=True)})


@pytest.mark.parametrize("standing", [Standing(blocks=True), Standing(mutes=True)])
def test_a_timeline_is_quiet_about_the_blocked_and_muted(standing: Standing):
    assert not is_quiet(view(), ADA, {BOB: standing})
    assert not is_quiet(view(CY, retweet_of=view(BOB, tweet_id=9)), ADA, {BOB: standing})
    assert is_quiet(view(CY), ADA, {BOB: standing})
    assert is_quiet(view(ADA), ADA, {BOB: standing})


def test_home_shows_the_followed_and_oneself():
    assert on_home(view(), ADA, {BOB: FOLLOWED})
    assert on_home(view(ADA), ADA, {})
    assert not on_home(view(), ADA, {})


def test_home_shows_what_the_followed_write_for_followers():
    assert on_home(view(visibility=Visibility.FOLLOWERS), ADA, {BOB: FOLLOWED})


def test_home_hides_what_the_followed_write_directly_to_others():
    assert not on_home(view(visibility=Visibility.DIRECT, mentions=(CY,)), ADA, {BOB: FOLLOWED})
    assert on_home(view(visibility=Visibility.DIRECT, mentions=(ADA,)), ADA, {BOB: FOLLOWED})


def test_home_shows_answers_only_to_people_one_follows():
    assert not on_home(view(reply_to=CY), ADA, {BOB: FOLLOWED})
    assert on_home(view(reply_to=CY), ADA, {BOB: FOLLOWED, CY: FOLLOWED})
    assert on_home(view(reply_to=BOB), ADA, {BOB: FOLLOWED}), "a thread of one's own"
    assert on_home(view(reply_to=ADA), ADA, {BOB: FOLLOWED}), "an answer to the reader"
    assert not on_home(view(reply_to=CY), ADA, {BOB: FOLLOWED, CY: Standing(follows=True, mutes=True)})


def test_home_hides_retweets_where_they_are_turned_off():
    retweet = view(retweet_of=view(CY, tweet_id=9))
    assert on_home(retweet, ADA, {BOB: FOLLOWED})
    assert not on_home(retweet, ADA, {BOB: Standing(follows=True, shows_retweets=False)})
    assert on_home(view(), ADA, {BOB: Standing(follows=True, shows_retweets=False)})


def test_home_shows_the_followed_only_in_the_languages_they_are_followed_for():
    standings = {BOB: Standing(follows=True, languages=("de", "tr"))}
    assert on_home(view(language="tr"), ADA, standings)
    assert not on_home(view(language="en"), ADA, standings)
    assert on_home(view(language=None), ADA, standings), "nobody knows its language"
    assert on_home(view(ADA, language="en"), ADA, standings)
    for language, shown in (("de", True), ("en", False), (None, True)):
        retweet = view(language="en", retweet_of=view(CY, tweet_id=9, language=language))
        assert on_home(retweet, ADA, standings) == shown, "a retweet has its original's language"


def test_the_short_cut_of_home_decides_as_the_long_way_does():
    """An equal standing that is not the shared `FOLLOWED` takes the long way."""
    for visibility, state, reply_to in itertools.product(Visibility, UserState, (None, BOB, CY, ADA)):
        shown = view(visibility=visibility, state=state, reply_to=reply_to)
        assert on_home(shown, ADA, {BOB: FOLLOWED}) == on_home(shown, ADA, {BOB: Standing(follows=True)})


def test_a_thread_is_ones_own_when_it_answers_nobody_else():
    assert is_own_thread(view())
    assert is_own_thread(view(reply_to=BOB))
    assert not is_own_thread(view(reply_to=CY))
