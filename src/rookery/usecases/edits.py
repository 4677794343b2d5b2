"""Editing tweets: what they say changes, what they said before stays to be read."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from rookery import access, hydration, notifying, posting, tasks, trending
from rookery.domain import composing
from rookery.domain import media as media_rules
from rookery.domain import polls as poll_rules
from rookery.domain import text as text_rules
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import TweetEdited
from rookery.domain.media import Media, MediaChange, MediaId, MediaLimits
from rookery.domain.notifications import NotificationKind
from rookery.domain.polls import Poll, PollDraft
from rookery.domain.quotes import QuotePolicy
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Tweet, TweetVersion, Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import (
    conversations,
    hashtags,
    links,
    media,
    mentions,
    polls,
    quotes,
    search,
    tweet_versions,
    tweets,
    users,
)
from rookery.storage import tasks as task_records

EDITS_MAX: Final = 100
"""How often a tweet can be edited."""
TOLD_SLICE: Final = 500
"""Retweeters whom one task tells of an edit."""
QUOTERS_SLICE: Final = 100
"""Quoters whom one task tells of an edit, each in a step of its own."""


async def edit_tweet(
    services: Services,
    viewer_id: UserId,
    tweet_id: TweetId,
    *,
    text: str,
    spoiler: str = "",
    sensitive: bool | None = None,
    language: str | None = None,
    poll: PollDraft | None = None,
    media_ids: Sequence[MediaId] = (),
    media_changes: Sequence[MediaChange] = (),
    quote_policy: QuotePolicy | None = None,
) -> TweetView:
    """Change what an own tweet says; who may see it stays as it is, except that it is for whom it mentions now.

    From now on it shows the media named and no others, and asks what `poll` says, or nothing; who has voted may vote
    anew when other things can be chosen, and a poll that has ended stays ended when the same can.
    Saying the same again changes nothing. Those who are mentioned newly are told, and those who have retweeted it.
    Raises NotFound, and Invalid naming the field.
    """

    async def work(tx: Write) -> TweetView:
        await tweets.lock(tx, [tweet_id])
        view = await access.own_tweet(services, tx, viewer_id, tweet_id)
        before = view.tweet
        if before.retweet_of_id is not None:
            raise NotFound
        draft = composing.compose(
            view.author.user,
            text=text,
            spoiler=spoiler,
            visibility=before.visibility,
            sensitive=sensitive,
            language=language or before.language,
            place=before.place,
            limits=services.limits,
            domain=services.instance.domain,
            shows_more=before.quote is not None or bool(media_ids),
        )
        if poll is not None and media_ids:
            raise Invalid("Files cannot be attached to a post with a poll", field="media_ids")
        shown = await posting.attachable(services, tx, viewer_id, media_ids, tweet_id=tweet_id)
        shown = _described(shown, media_changes, services.limits.media)
        wanted_policy = before.quote_policy if quote_policy is None else quote_policy
        after = msgspec.structs.replace(
            before,
            poll=_poll(poll, before.poll, now_ms=services.now_ms()),
            text=draft.text,
            media=tuple(msgspec.structs.replace(one, tweet_id=tweet_id) for one in shown),
            spoiler=draft.spoiler,
            sensitive=draft.sensitive,
            language=draft.language,
            mentions=await mentions.mentionable(tx, viewer_id, draft.mentioned),
            quote_policy=composing.quote_policy(
                view.author.user, wanted_policy, visibility=before.visibility
            ),
        )
        _require_addressed(view, after)
        if after == before:
            return view
        if msgspec.structs.replace(after, quote_policy=before.quote_policy) == before:
            # Who may quote it is nothing that it says.
            await tweets.update_quote_policy(tx, tweet_id, after.quote_policy)
            await services.live.announce(tx, TweetEdited(tweet_id, viewer_id))
            return await access.visible_view(services, tx, viewer_id, tweet_id)
        await _keep(services, tx, view, after, draft.hashtags)
        return await access.visible_view(services, tx, viewer_id, tweet_id)

    return await services.db.write(work)


async def _keep(services: Services, tx: Write, view: TweetView, after: Tweet, tags: tuple[str, ...]) -> None:
    """Write a new version with all that hangs on it, and let those know whom it concerns."""
    before, tweet_id = view.tweet, after.id
    if await tweet_versions.count(tx, tweet_id) >= EDITS_MAX:
        raise Invalid(f"A post can be edited {EDITS_MAX} times", field="text")
    await tweet_versions.insert(tx, before)
    await tweets.update(tx, after, now_ms=services.now_ms())
    await search.replace(tx, [after])
    await _replace_links(services, tx, before, after, tags)
    await _change_poll(services, tx, before, after)
    await _change_media(tx, before, after)
    await services.live.announce(tx, TweetEdited(tweet_id, after.author_id))
    await task_records.enqueue(services, tx, tasks.TellOfEdit(tweet_id))
    if view.counts.quotes:
        await task_records.enqueue(services, tx, tasks.TellQuotersOfEdit(tweet_id))


def _require_addressed(view: TweetView, after: Tweet) -> None:
    """Raise Invalid when a direct tweet would quote somebody whom it does not address (any more)."""
    quoted = view.quoted.view if view.quoted is not None else None
    if quoted is not None:
        posting.check_addressed(after, quoted.tweet)


def _described(
    shown: Sequence[Media], changes: Sequence[MediaChange], limits: MediaLimits
) -> tuple[Media, ...]:
    by_id = {change.media_id: change for change in changes}
    return tuple(media_rules.changed(one, by_id[one.id], limits) if one.id in by_id else one for one in shown)


async def _change_media(tx: Write, before: Tweet, after: Tweet) -> None:
    if before.media == after.media:
        return
    if not await media.attach(tx, after.id, [one.id for one in after.media]):
        raise Invalid("A file has been attached to another post meanwhile", field="media_ids")
    for one in after.media:
        await media.describe(tx, one)


def _poll(draft: PollDraft | None, before: Poll | None, *, now_ms: int) -> Poll | None:
    """Return what the tweet asks from now on, if anything. Raises Invalid naming the field."""
    if draft is None:
        return None
    poll_rules.check(draft)
    if before is None:
        return poll_rules.begin(draft, now_ms=now_ms)
    return poll_rules.go_on(before, draft, now_ms=now_ms)


async def _change_poll(services: Services, tx: Write, before: Tweet, after: Tweet) -> None:
    """Keep what the poll asks now, and see to it that its end and its old votes are dealt with."""
    if before.poll == after.poll:
        return
    if after.poll is None:
        await polls.delete(tx, [after.id])
        await task_records.enqueue(services, tx, tasks.ClearVotes(after.id))
        return
    if before.poll is None:
        # Votes in an earlier poll of this tweet may still be about: a round never exceeds the tweet's revision.
        await polls.insert(tx, after.id, after.poll, round_number=before.revision + 1)
    elif await polls.change(tx, after.id, before.poll, after.poll):
        await task_records.enqueue(services, tx, tasks.ClearVotes(after.id))
    if before.poll is None or before.poll.ends_ms != after.poll.ends_ms:
        end = tasks.EndPoll(after.id, after.poll.ends_ms)
        await task_records.insert(tx, end, new_id=services.new_id(), run_at_ms=after.poll.ends_ms)
        tx.after_commit(services.desk.wake)


async def _replace_links(
    services: Services, tx: Write, before: Tweet, after: Tweet, tags: tuple[str, ...]
) -> None:
    """Let mentions and hashtags follow the text, and tell those who are mentioned newly."""
    earlier = {mention.user_id for mention in before.mentions}
    now = {mention.user_id for mention in after.mentions}
    await mentions.delete(tx, [(user_id, after.id) for user_id in sorted(earlier - now)])
    added = tuple(mention for mention in after.mentions if mention.user_id not in earlier)
    await mentions.insert(tx, after.id, added)
    await conversations.replace(services, tx, before, after)
    await hashtags.delete(
        tx, [(after.id, text_rules.hashtag_key(name)) for name in text_rules.hashtags(before.text)]
    )
    await hashtags.insert(services, tx, after.id, after.author_id, tags)
    if trending.first_link(before.text) != trending.first_link(after.text):
        await links.delete(services, tx, [after.id])
        await trending.keep_link(services, tx, after)
    if added:
        await notifying.notify(
            services,
            tx,
            NotificationKind.MENTION,
            recipients=[mention.user_id for mention in added],
            by=after.author_id,
            tweet=after,
        )
        if after.visibility is Visibility.DIRECT:
            await task_records.enqueue(services, tx, tasks.FanOutTweet(after.id, after.author_id))


async def tell_of_edit(services: Services, task: tasks.TellOfEdit) -> None:
    """Tell a slice of those who have retweeted the tweet, and queue the rest."""

    async def work(tx: Write) -> None:
        tweet = await tweets.get(tx, TweetId(task.tweet_id))
        if tweet is None:
            return
        page = PageRequest(after=task.after_retweet, limit=TOLD_SLICE, oldest=True)
        rows = await tweets.retweets_page(tx, tweet.id, page)
        await notifying.notify(
            services,
            tx,
            NotificationKind.EDIT,
            recipients=[row[1] for row in rows],
            by=tweet.author_id,
            tweet=tweet,
        )
        if len(rows) >= TOLD_SLICE:
            rest = tasks.TellOfEdit(task.tweet_id, after_retweet=rows[0][0])
            await task_records.enqueue(services, tx, rest)

    await services.db.write(work)


async def tell_quoters_of_edit(services: Services, task: tasks.TellQuotersOfEdit) -> None:
    """Tell a slice of those who have quoted the tweet, each by their own tweet, and queue the rest."""

    async def work(tx: Write) -> None:
        edited = await tweets.get(tx, TweetId(task.tweet_id))
        if edited is None:
            return
        rows = await quotes.authors_slice(tx, edited.id, after=task.after_quote, limit=QUOTERS_SLICE)
        for tweet in await tweets.load(tx, [row[0] for row in rows]):
            await notifying.notify(
                services,
                tx,
                NotificationKind.QUOTE_EDIT,
                recipients=[tweet.author_id],
                by=edited.author_id,
                tweet=tweet,
            )
        if len(rows) >= QUOTERS_SLICE:
            rest = tasks.TellQuotersOfEdit(task.tweet_id, after_quote=rows[-1][0])
            await task_records.enqueue(services, tx, rest)

    await services.db.write(work)


async def list_versions(
    services: Services, viewer_id: UserId | None, tweet_id: TweetId
) -> tuple[TweetView, list["ShownVersion"]]:
    """Return a tweet that the viewer may see and its versions, the first one first, the present one last.

    Whoever sees a private tweet only because it mentions them sees the versions that do.
    """
    async with services.db.read() as tx:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        shown = view.retweet_of or view
        versions = await tweet_versions.list_by_tweet(tx, shown.tweet.id)
        tweet = shown.tweet
        if not await _sees_every_version(services, tx, viewer_id, tweet):
            # They are in by being mentioned, perhaps later than the beginning.
            name = await _name_key(tx, viewer_id)
            domain = services.instance.domain
            versions = [
                version
                for version in versions
                if name in {users.username_key(each) for each in text_rules.mentioned(version.text, domain)}
            ]
        known = {one.id: one for one in tweet.media}
        known |= await media.load(
            tx, {each.media_id for version in versions for each in version.media} - set(known)
        )
    present = ShownVersion(
        tweet.text, tweet.spoiler, tweet.sensitive, tweet.edited_ms or tweet.created_ms, tweet.media
    )
    return shown, [*[_shown_version(version, known) for version in versions], present]


class ShownVersion(NamedTuple):
    """What a tweet said at some time, with what it showed."""

    text: str
    spoiler: str
    sensitive: bool
    written_ms: int
    media: tuple[Media, ...]


def _shown_version(version: TweetVersion, known: Mapping[MediaId, Media]) -> ShownVersion:
    shown = [
        msgspec.structs.replace(known[each.media_id], description=each.description)
        for each in version.media
        if each.media_id in known
    ]
    return ShownVersion(version.text, version.spoiler, version.sensitive, version.written_ms, tuple(shown))


async def _sees_every_version(services: Services, tx: Read, viewer_id: UserId | None, tweet: Tweet) -> bool:
    if tweet.visibility <= Visibility.UNLISTED or tweet.author_id == viewer_id:
        return True
    _, standings = await hydration.users(services, tx, viewer_id, [tweet.author_id])
    return tweet.visibility is Visibility.FOLLOWERS and standings[tweet.author_id].follows


async def _name_key(tx: Read, viewer_id: UserId | None) -> str | None:
    viewer = await users.get(tx, viewer_id) if viewer_id is not None else None
    return users.username_key(viewer.username) if viewer is not None else None
