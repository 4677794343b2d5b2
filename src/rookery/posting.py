"""Posting: from what somebody wrote to a tweet and all that hangs on it, within one transaction."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from rookery import access, hydration, tasks, trending
from rookery.domain import composing
from rookery.domain import polls as poll_rules
from rookery.domain.composing import Draft, Manuscript
from rookery.domain.ids import TweetId, UserId
from rookery.domain.limits import IDEMPOTENCY_KEY_CHARS_MAX
from rookery.domain.live import TweetPosted
from rookery.domain.media import Media, MediaId, MediaPurpose, MediaState
from rookery.domain.notifications import NotificationKind
from rookery.domain.polls import PollStanding
from rookery.domain.quotes import Quote
from rookery.domain.timelines import is_delivered
from rookery.domain.tweets import Mention, OwnMarks, PostedWith, Tweet, TweetCounts, Visibility
from rookery.domain.users import UserView
from rookery.domain.visibility import (
    STRANGER,
    QuotedView,
    TweetView,
    has_own_quote_policy,
    may_quote,
    may_see,
    quoted,
)
from rookery.errors import Forbidden, Invalid, NotFound, Unavailable
from rookery.notifying import notify
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import (
    apps,
    audiences,
    conversations,
    follows,
    hashtags,
    hot_users,
    idempotency,
    mentions,
    polls,
    quotes,
    search,
)
from rookery.storage import media as media_records
from rookery.storage import tasks as task_records
from rookery.storage import tweets as tweet_records
from rookery.storage import users as user_records


def check(manuscript: Manuscript, idempotency_key: str | None = None) -> None:
    """Raise Invalid, naming the field, for what can be told before anything is read."""
    if manuscript.poll is not None:
        poll_rules.check(manuscript.poll)
        if manuscript.media_ids:
            raise Invalid("Files cannot be attached to a post with a poll", field="media_ids")
    key = idempotency_key
    if key is not None and len(key) > IDEMPOTENCY_KEY_CHARS_MAX:
        raise Invalid(
            f"The idempotency key may have {IDEMPOTENCY_KEY_CHARS_MAX} characters", field="idempotency_key"
        )


async def post(
    services: Services,
    tx: Write,
    author_id: UserId,
    manuscript: Manuscript,
    *,
    idempotency_key: str | None = None,
) -> TweetView:
    """Write a tweet with all that hangs on it; the same key again writes nothing more.

    Raises Invalid naming the field, NotFound when the tweet to answer is not there for the author.
    """
    author = await _author(services, tx, author_id)
    draft = composing.compose(
        author.user,
        text=manuscript.text,
        spoiler=manuscript.spoiler,
        visibility=manuscript.visibility,
        sensitive=manuscript.sensitive,
        language=manuscript.language,
        place=manuscript.place,
        limits=services.limits,
        domain=services.instance.domain,
        shows_more=manuscript.quoted_id is not None or bool(manuscript.media_ids),
    )
    tweet_id = TweetId(services.new_id())
    now_ms = services.now_ms()
    if idempotency_key:
        first = await idempotency.claim(tx, author_id, idempotency_key, tweet_id, now_ms=now_ms)
        if first != tweet_id:
            return await access.visible_view(services, tx, author_id, first)
    parent = await _parent(services, tx, author_id, manuscript.reply_to_id)
    quoting = await quotable(services, tx, author_id, manuscript.quoted_id)
    app = await apps.posted_with(tx, manuscript.app_id) if manuscript.app_id is not None else None
    addressed = await mentions.mentionable(tx, author_id, draft.mentioned)
    tweet = _tweet(draft, tweet_id, author_id, parent=parent, mentions=addressed, app=app, now_ms=now_ms)
    tweet = msgspec.structs.replace(
        tweet, media=await attachable(services, tx, author_id, manuscript.media_ids)
    )
    if manuscript.poll is not None:
        tweet = msgspec.structs.replace(tweet, poll=poll_rules.begin(manuscript.poll, now_ms=now_ms))
    if quoting is not None:
        tweet = _quoting(tweet, quoting.tweet)
    policy = composing.quote_policy(author.user, manuscript.quote_policy, visibility=tweet.visibility)
    tweet = msgspec.structs.replace(tweet, quote_policy=policy)
    original = quoting.tweet if quoting is not None else None
    await _record(services, tx, tweet, author, tags=draft.hashtags, original=original)
    view = _fresh_view(tweet, author, parent)
    if quoting is None:
        return view
    return msgspec.structs.replace(view, quoted=quoting.shown)


async def attachable(
    services: Services,
    tx: Read,
    author_id: UserId,
    media_ids: Sequence[MediaId],
    *,
    tweet_id: TweetId | None = None,
) -> tuple[Media, ...]:
    """Return the author's uploads that may be shown by a new tweet (or by this one, which may show them already).

    Raises Invalid when one is missing, shown elsewhere or unfinished, or when there are too many.
    """
    if not media_ids:
        return ()
    wanted = list(dict.fromkeys(media_ids))
    most = services.limits.media.tweet_media_max
    if len(wanted) > most:
        raise Invalid(f"Cannot attach more than {most} files", field="media_ids")
    found = await media_records.load(tx, wanted)
    shown: list[Media] = []
    for media_id in wanted:
        one = found.get(media_id)
        if (
            one is None
            or one.owner_id != author_id
            or one.purpose is not MediaPurpose.TWEET
            or one.tweet_id not in {None, tweet_id}
        ):
            raise Invalid(f"Media not found: {media_id}", field="media_ids")
        if one.state is MediaState.FAILED:
            raise Invalid(one.failure, field="media_ids")
        if one.state is not MediaState.READY:
            raise Invalid(
                "Cannot attach files that have not finished processing. Try again in a moment!",
                field="media_ids",
            )
        shown.append(one)
    return tuple(shown)


class Quotable(NamedTuple):
    """A tweet that may be quoted, and how it will show to whoever quotes it."""

    tweet: Tweet
    shown: QuotedView


async def quotable(
    services: Services, tx: Read, author_id: UserId, quoted_id: TweetId | None
) -> Quotable | None:
    """Return the tweet to quote, or None for none. Raises NotFound when the author may not see or not quote it."""
    if quoted_id is None:
        return None
    hydrated = await hydration.tweets(services, tx, author_id, [quoted_id])
    for view in hydrated.views:
        original = view.retweet_of or view
        standing = hydrated.standings.get(original.tweet.author_id, STRANGER)
        if may_see(view, author_id, hydrated.standings) and may_quote(original.tweet, author_id, standing):
            return Quotable(original.tweet, quoted(original, author_id, hydrated.standings))
    raise NotFound("The post you are trying to quote does not appear to exist.", field="quoted_id")


def _quoting(tweet: Tweet, original: Tweet) -> Tweet:
    """Let a tweet quote another: it is not seen by more people than that, and in private only with its author."""
    narrowed = original.visibility is Visibility.FOLLOWERS
    visibility = max(tweet.visibility, Visibility.FOLLOWERS) if narrowed else tweet.visibility
    tweet = msgspec.structs.replace(tweet, visibility=visibility, quote=Quote(original.id))
    check_addressed(tweet, original)
    return tweet


def check_addressed(tweet: Tweet, original: Tweet) -> None:
    """Raise Invalid when a direct tweet quotes somebody whom it does not address."""
    addressed = {tweet.author_id, *[mention.user_id for mention in tweet.mentions]}
    if tweet.visibility is Visibility.DIRECT and original.author_id not in addressed:
        raise Invalid("Cannot quote a non-mentioned user in a private mention", field="quoted_id")


async def _record_quote(services: Services, tx: Write, tweet: Tweet, original: Tweet) -> None:
    """Write that a tweet quotes another, and tell whom it quotes, if they may see it."""
    await quotes.insert(tx, tweet.id, original.id)
    if await _reaches(tx, tweet, original.author_id):
        await notify(
            services,
            tx,
            NotificationKind.QUOTE,
            recipients=[original.author_id],
            by=tweet.author_id,
            tweet=tweet,
        )


async def _reaches(tx: Read, tweet: Tweet, user_id: UserId) -> bool:
    """Tell whether somebody else is among those for whom a tweet is."""
    if tweet.visibility <= Visibility.UNLISTED or any(each.user_id == user_id for each in tweet.mentions):
        return True
    if tweet.visibility is Visibility.DIRECT:
        return False
    return bool(await audiences.followers(tx, [user_id], tweet.author_id))


async def _record(
    services: Services,
    tx: Write,
    tweet: Tweet,
    author: UserView,
    *,
    tags: Sequence[str],
    original: Tweet | None,
) -> None:
    """Write the tweet and all that hangs on it, and queue its deliveries."""
    if not await tweet_records.insert(tx, tweet):
        raise Unavailable("the tweet's id was taken meanwhile; try again")
    if tweet.poll is not None:
        await polls.insert(tx, tweet.id, tweet.poll)
        await task_records.insert(
            tx,
            tasks.EndPoll(tweet.id, tweet.poll.ends_ms),
            new_id=services.new_id(),
            run_at_ms=tweet.poll.ends_ms,
        )
    if tweet.media and not await media_records.attach(tx, tweet.id, [one.id for one in tweet.media]):
        raise Invalid("A file has been attached to another post meanwhile", field="media_ids")
    await search.insert(tx, tweet)
    await mentions.insert(tx, tweet.id, tweet.mentions)
    await conversations.add(services, tx, tweet)
    await hashtags.insert(services, tx, tweet.id, tweet.author_id, tags)
    await trending.keep_link(services, tx, tweet)
    await trending.note(services, tx, tweet, tweet.author_id)
    followers_max = services.limits.hot_user_followers
    if is_delivered(
        tweet.visibility,
        strategy=services.instance.timeline_strategy,
        followers=author.counts.followers,
        followers_max=followers_max,
    ):
        await task_records.enqueue(services, tx, tasks.FanOutTweet(tweet.id, tweet.author_id))
    else:
        # The limit may have been lowered since the last follow: whose tweets are not delivered must be merged.
        await hot_users.insert_if_hot(
            tx, tweet.author_id, followers_max=followers_max, now_ms=tweet.created_ms
        )
    await services.live.announce(tx, TweetPosted(tweet.id, tweet.author_id))
    await notify(
        services,
        tx,
        NotificationKind.MENTION,
        recipients=[mention.user_id for mention in tweet.mentions],
        by=tweet.author_id,
        tweet=tweet,
    )
    if _rings(tweet) and await follows.has_bells(tx, tweet.author_id):
        await task_records.enqueue(services, tx, tasks.RingBells(tweet.id, tweet.author_id))
    if original is not None:
        await _record_quote(services, tx, tweet, original)
    await _count(tx, tweet, original)


async def _count(tx: Write, tweet: Tweet, original: Tweet | None) -> None:
    """Count the tweet where it belongs.

    These rows many write to: they come last, so that they are locked for a moment only, and in the order of their ids.
    """
    replies: Counter[TweetId] = Counter()
    quotations: Counter[TweetId] = Counter()
    if tweet.reply_to_id is not None and tweet.visibility <= Visibility.UNLISTED:
        replies[tweet.reply_to_id] = 1
    if original is not None:
        quotations[original.id] = 1
    for tweet_id in sorted({*replies, *quotations}):
        await tweet_records.add_counts(tx, tweet_id, replies=replies[tweet_id], quotes=quotations[tweet_id])
    if tweet.visibility is not Visibility.DIRECT:
        await user_records.note_tweet(tx, tweet.author_id, now_ms=tweet.created_ms)


def _rings(tweet: Tweet) -> bool:
    """Tell whether a new tweet rings its author's followers' bells: not what is said to somebody else."""
    return tweet.visibility <= Visibility.FOLLOWERS and tweet.reply_to_author_id in {None, tweet.author_id}


async def _author(services: Services, tx: Read, author_id: UserId) -> UserView:
    views, _ = await hydration.users(services, tx, None, [author_id])
    if not views:
        raise NotFound
    if not views[0].user.active:
        raise Forbidden("Your login is currently disabled")
    return views[0]


async def _parent(
    services: Services, tx: Read, author_id: UserId, reply_to_id: TweetId | None
) -> TweetView | None:
    if reply_to_id is None:
        return None
    try:
        view = await access.visible_view(services, tx, author_id, reply_to_id)
    except NotFound:
        raise NotFound(
            "The post you are trying to reply to does not appear to exist.", field="reply_to_id"
        ) from None
    return view.retweet_of or view


def _tweet(
    draft: Draft,
    tweet_id: TweetId,
    author_id: UserId,
    *,
    parent: TweetView | None,
    mentions: tuple[Mention, ...],
    app: PostedWith | None,
    now_ms: int,
) -> Tweet:
    return Tweet(
        id=tweet_id,
        author_id=author_id,
        text=draft.text,
        spoiler=draft.spoiler,
        language=draft.language,
        visibility=draft.visibility,
        sensitive=draft.sensitive,
        reply_to_id=parent.tweet.id if parent else None,
        reply_to_author_id=parent.tweet.author_id if parent else None,
        thread_id=parent.tweet.thread_id if parent else tweet_id,
        mentions=mentions,
        place=draft.place,
        app=app,
        created_ms=now_ms,
    )


def _fresh_view(tweet: Tweet, author: UserView, parent: TweetView | None) -> TweetView:
    """Return the new tweet as its author sees it, without asking the records again."""
    counts = author.counts
    if tweet.visibility is not Visibility.DIRECT:
        counts = msgspec.structs.replace(counts, tweets=counts.tweets + 1, last_tweet_ms=tweet.created_ms)
    muted = parent is not None and parent.marks.thread_muted
    marks = OwnMarks(thread_muted=muted)
    standing = None
    if tweet.poll is not None:
        standing = PollStanding(
            votes=(0,) * len(tweet.poll.options), voters=0, own=(), ended=False, asked=True
        )
    return TweetView(
        tweet,
        TweetCounts(),
        UserView(author.user, counts),
        marks,
        poll=standing,
        may_quote=has_own_quote_policy(tweet) and may_quote(tweet, tweet.author_id, STRANGER),
    )
