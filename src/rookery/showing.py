"""One tweet, as each of those sees it whom it may concern: decided for hundreds of viewers with a few queries."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from rookery import filtering, hydration
from rookery.audience import Viewer
from rookery.domain import visibility
from rookery.domain.filters import FilterContext
from rookery.domain.ids import UserId
from rookery.domain.lists import on_list
from rookery.domain.quotes import QuoteStanding
from rookery.domain.streams import Stream, StreamKind
from rookery.domain.tweets import NO_MARKS, OwnMarks, Tweet
from rookery.domain.visibility import FOLLOWED, STRANGER, QuotedView, Standing, Standings, TweetView
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import audiences, polls


class _Doings(NamedTuple):
    """What viewers have done, by their ids."""

    marks: Mapping[UserId, OwnMarks]
    quoted_marks: Mapping[UserId, OwnMarks]
    votes: Mapping[UserId, tuple[int, ...]]


_NOTHING_DONE: Final = _Doings({}, {}, {})


def _looks_alike(quoted: QuotedView | None) -> bool:
    """Tell whether what is quoted, as strangers see it, tells all that is needed to show it to anybody."""
    if quoted is None or quoted.standing in {QuoteStanding.REVOKED, QuoteStanding.DELETED}:
        return True
    if quoted.view is None:
        return False
    tweet = quoted.view.tweet
    return tweet.poll is None and tweet.quote is None and not visibility.has_own_quote_policy(tweet)


class Showing:
    """One tweet, as those see it whom it may concern."""

    def __init__(self, services: Services, view: TweetView, concerned: dict[UserId, list[Stream]]) -> None:
        """Take the tweet as strangers see it, and who may want it on which streams."""
        self._services = services
        self._view = view
        self._concerned = concerned
        tweet, shown = view.tweet, (view.retweet_of or view).tweet
        self._shown = shown
        quoted = (view.retweet_of or view).quoted
        self._quoted = quoted.view if quoted is not None else None
        self._batched = _looks_alike(quoted)
        """Whether one look at the records serves many viewers; else each has their own."""
        people = (
            tweet.author_id,
            shown.author_id,
            tweet.reply_to_author_id,
            shown.reply_to_author_id,
            self._quoted.tweet.author_id if self._quoted is not None else None,
        )
        self._people = list(dict.fromkeys(user_id for user_id in people if user_id is not None))

    async def to(self, tx: Read, viewers: Sequence[Viewer]) -> list[tuple[Viewer, Stream, TweetView]]:
        """Return which of these viewers are shown the tweet on which streams, each as they see it."""
        standings = await self._standings(tx, [viewer.user_id for viewer in viewers])
        seeing = [
            (viewer, where)
            for viewer in viewers
            if (where := self._where(viewer, standings.get(viewer.user_id, _NO_STANDINGS)))
        ]
        done = _NOTHING_DONE
        if self._batched:
            done = await self._doings(tx, [viewer.user_id for viewer, _ in seeing])
        shown: list[tuple[Viewer, Stream, TweetView]] = []
        for viewer, where in seeing:
            if self._batched:
                view = self._seen_by(viewer.user_id, standings.get(viewer.user_id, _NO_STANDINGS), done)
            else:
                hydrated = await hydration.tweets(self._services, tx, viewer.user_id, [self._view.tweet.id])
                if not hydrated.views:
                    continue
                view = hydrated.views[0]
            for stream in where:
                filtered = await self._filtered(tx, viewer, stream, view)
                if filtered is not None:
                    shown.append((viewer, stream, filtered))
        return shown

    async def _doings(self, tx: Read, viewer_ids: Sequence[UserId]) -> "_Doings":
        """Return what viewers have done with the tweet and what belongs to it."""
        quoted_marks: dict[UserId, OwnMarks] = {}
        votes: dict[UserId, tuple[int, ...]] = {}
        if viewer_ids and self._quoted is not None:
            quoted_marks = await self._marks(tx, viewer_ids, self._quoted.tweet)
        if viewer_ids and self._shown.poll is not None:
            votes = await polls.choices(tx, self._shown.id, viewer_ids)
        return _Doings(await self._marks(tx, viewer_ids, self._shown), quoted_marks, votes)

    def _seen_by(self, viewer_id: UserId, standings: Standings, done: "_Doings") -> TweetView:
        """Return the tweet as a viewer sees it: the very same view for all to whom it looks alike."""
        base = self._view.retweet_of or self._view
        changes: dict[str, Any] = {}
        if (marks := done.marks.get(viewer_id)) is not None:
            changes["marks"] = marks
        votes, asked = done.votes.get(viewer_id, ()), base.tweet.author_id == viewer_id
        if base.poll is not None and (votes or asked):
            changes["poll"] = msgspec.structs.replace(base.poll, own=votes, asked=asked)
        if self._quoted is not None:
            own = done.quoted_marks.get(viewer_id)
            inner = self._quoted if own is None else msgspec.structs.replace(self._quoted, marks=own)
            seen = visibility.quoted(inner, viewer_id, standings)
            if seen != base.quoted:
                changes["quoted"] = seen
        standing = standings.get(base.tweet.author_id, STRANGER)
        if visibility.has_own_quote_policy(base.tweet) and visibility.may_quote(
            base.tweet, viewer_id, standing
        ):
            changes["may_quote"] = True
        if not changes:
            return self._view
        changed = msgspec.structs.replace(base, **changes)
        return (
            changed
            if self._view.retweet_of is None
            else msgspec.structs.replace(self._view, retweet_of=changed)
        )

    def _where(self, viewer: Viewer, standings: Standings) -> list[Stream]:
        view, viewer_id = self._view, viewer.user_id
        where: list[Stream] = []
        for stream in self._concerned.get(viewer_id, ()):
            if stream not in viewer.streams:
                continue
            if stream.kind is StreamKind.HOME:
                fits = _on_home(view, viewer, standings)
            elif stream.kind is StreamKind.LIST:
                listed = viewer.lists.get(stream.list_id)
                fits = listed is not None and on_list(listed.of, view, standings, listed.members)
            else:
                fits = visibility.may_see(view, viewer_id, standings) and visibility.is_quiet(
                    view, viewer_id, standings
                )
            if fits:
                where.append(stream)
        return where

    async def _standings(
        self, tx: Read, viewer_ids: Sequence[UserId]
    ) -> dict[UserId, dict[UserId, Standing]]:
        found: dict[UserId, dict[UserId, Standing]] = {}
        rows = await audiences.standings(tx, viewer_ids, self._people)
        for kind, viewer_id, user_id, flag, until_ms, languages in rows:
            of_viewer = found.setdefault(viewer_id, {})
            standing = of_viewer.get(user_id)
            if kind == audiences.FOLLOW and standing is None and flag and not languages:
                of_viewer[user_id] = FOLLOWED
                continue
            standing = standing or Standing()
            if kind == audiences.FOLLOW:
                standing = standing._replace(
                    follows=True, shows_retweets=bool(flag), languages=tuple(languages.split())
                )
            elif kind == audiences.BLOCK:
                standing = standing._replace(blocks=True)
            elif kind == audiences.BLOCKED_BY:
                standing = standing._replace(blocked_by=True)
            elif until_ms is None or until_ms > self._services.now_ms():
                standing = standing._replace(mutes=True, mutes_notifications=bool(flag))
            of_viewer[user_id] = standing
        return found

    async def _marks(self, tx: Read, viewer_ids: Sequence[UserId], tweet: Tweet) -> dict[UserId, OwnMarks]:
        """Return what viewers have done with a tweet."""
        if not viewer_ids:
            return {}
        done: dict[UserId, list[bool]] = {}
        for place, viewer_id in await audiences.marks(tx, viewer_ids, tweet.id, thread_id=tweet.thread_id):
            done.setdefault(viewer_id, [False] * len(NO_MARKS.__struct_fields__))[place - 1] = True
        return {viewer_id: OwnMarks(*flags) for viewer_id, flags in done.items()}

    async def _filtered(self, tx: Read, viewer: Viewer, stream: Stream, view: TweetView) -> TweetView | None:
        """Return the tweet with what matched it, or None when a filter hides it."""
        if not viewer.filters_version:
            return view
        of_home = stream.kind in {StreamKind.HOME, StreamKind.LIST}
        context = FilterContext.HOME if of_home else FilterContext.PUBLIC
        sift = await filtering.sieve(
            self._services, tx, viewer.user_id, context, version=viewer.filters_version
        )
        kept = sift([view])
        return kept[0] if kept else None


_NO_STANDINGS: Final[dict[UserId, Standing]] = {}


def _on_home(view: TweetView, viewer: Viewer, standings: Standings) -> bool:
    author_id, viewer_id = view.tweet.author_id, viewer.user_id
    if author_id in viewer.elsewhere and author_id != viewer_id:
        return False
    return visibility.on_home(view, viewer_id, standings) or (
        bool(viewer.hashtags) and visibility.on_home_by_hashtag(view, viewer_id, standings, viewer.hashtags)
    )
