"""From views to Mastodon's JSON.

What is the same for every viewer is encoded once and kept as bytes for as long as the tweet, its counts and its author
stay the same; a page is these pieces joined with the viewer's own marks.
"""

from collections.abc import Sequence
from itertools import product
from typing import Final

import msgspec

from rookery.api.cards import card_entity
from rookery.api.entities import announcements
from rookery.api.entities.accounts import Account, CredentialAccount, Field, Role, Source
from rookery.api.entities.media import Focus, MediaAttachment, MediaMeta, MediaSize
from rookery.api.entities.notifications import PartialAccount
from rookery.api.entities.statuses import (
    Application,
    Location,
    Poll,
    PollOption,
    QuoteApproval,
    StatusCore,
    StatusMention,
    StatusTag,
)
from rookery.api.filtering import filter_result
from rookery.api.timestamps import timestamp
from rookery.domain import text
from rookery.domain.announcements import AnnouncementView
from rookery.domain.caches import BoundedCache
from rookery.domain.conversations import ConversationView
from rookery.domain.ids import TweetId, UserId
from rookery.domain.instance import Instance
from rookery.domain.media import FileRole, Media, MediaFile, MediaState
from rookery.domain.notifications import NotificationKind, NotificationView
from rookery.domain.quotes import QuotePolicy, QuoteStanding
from rookery.domain.tweets import NO_MARKS, Mention, OwnMarks, Tweet, TweetCounts, Visibility
from rookery.domain.users import User, UserCounts, UserView
from rookery.domain.visibility import QuotedView, TweetView, has_own_quote_policy
from rookery.errors import NotFound

STATUSES_CACHED_MAX: Final = 20_000
ACCOUNTS_CACHED_MAX: Final = 10_000

VISIBILITIES: Final = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.DIRECT: "direct",
}
NOTIFICATION_TYPES: Final = {
    NotificationKind.MENTION: "mention",
    NotificationKind.TWEET: "status",
    NotificationKind.RETWEET: "reblog",
    NotificationKind.FOLLOW: "follow",
    NotificationKind.FOLLOW_REQUEST: "follow_request",
    NotificationKind.FAVORITE: "favourite",
    NotificationKind.POLL: "poll",
    NotificationKind.EDIT: "update",
    NotificationKind.QUOTE: "quote",
    NotificationKind.QUOTE_EDIT: "quoted_update",
    NotificationKind.SIGN_UP: "admin.sign_up",
    NotificationKind.REPORT: "admin.report",
}
KIND_BY_TYPE: Final = {word: kind for kind, word in NOTIFICATION_TYPES.items()}
QUOTE_POLICIES: Final = {
    QuotePolicy.PUBLIC: "public",
    QuotePolicy.FOLLOWERS: "followers",
    QuotePolicy.NOBODY: "nobody",
}
QUOTE_POLICY_BY_WORD: Final = {word: policy for policy, word in QUOTE_POLICIES.items()}
QUOTE_STATES: Final = {
    QuoteStanding.ACCEPTED: "accepted",
    QuoteStanding.REVOKED: "revoked",
    QuoteStanding.DELETED: "deleted",
    QuoteStanding.UNAUTHORIZED: "unauthorized",
    QuoteStanding.BLOCKED: "blocked_account",
    QuoteStanding.MUTED: "muted_account",
}
VISIBILITY_BY_WORD: Final = {word: visibility for visibility, word in VISIBILITIES.items()}


def _tails() -> dict[OwnMarks, bytes]:
    words = {True: b"true", False: b"false"}
    tails: dict[OwnMarks, bytes] = {}
    for favorited, retweeted, bookmarked, muted, pinned in product((False, True), repeat=5):
        marks = OwnMarks(favorited, retweeted, bookmarked, muted, pinned)
        tails[marks] = (
            b',"favourited":%b,"reblogged":%b,"bookmarked":%b,"muted":%b,"pinned":%b,"filtered":[]},'
            % tuple(words[mark] for mark in (favorited, retweeted, bookmarked, muted, pinned))
        )
    return tails


_TAILS: Final = _tails()
_UNMARKED: Final = _TAILS[NO_MARKS]


def _marks(view: TweetView, *, signed_in: bool) -> bytes:
    if not signed_in:
        return b"},"
    # The marks are the original's: nobody favorites a retweet.
    marks = (view.retweet_of or view).marks
    tail = _UNMARKED if marks is NO_MARKS else _TAILS[marks]
    if view.filtered:
        results = msgspec.json.encode([filter_result(match) for match in view.filtered])
        return tail.removesuffix(b"[]},") + results + b"},"
    return tail


class Presenter:
    """Encodes statuses and accounts for one instance."""

    def __init__(self, instance: Instance) -> None:
        """Take the instance, whose URL links begin with."""
        self._instance = instance
        self._base_url = instance.base_url
        self._views: BoundedCache[TweetId, tuple[TweetView, bytes]] = BoundedCache(STATUSES_CACHED_MAX)
        self._cores: BoundedCache[TweetId, tuple[Tweet, TweetCounts, bytes]] = BoundedCache(
            STATUSES_CACHED_MAX
        )
        self._accounts: BoundedCache[UserId, tuple[User, UserCounts, bytes]] = BoundedCache(
            ACCOUNTS_CACHED_MAX
        )

    def statuses(self, views: Sequence[TweetView], *, signed_in: bool) -> bytes:
        """Return a JSON array of statuses."""
        cached = self._views.get
        parts: list[bytes] = []
        for view in views:
            kept = cached(view.tweet.id)
            body = kept[1] if kept is not None and kept[0] is view else self._body(view, signed_in=signed_in)
            parts.append(body)
            parts.append(self._tail(view, signed_in=signed_in))
        if parts:
            parts[-1] = parts[-1].removesuffix(b",")
        return b"".join([b"[", *parts, b"]"])

    def status(self, view: TweetView, *, signed_in: bool) -> bytes:
        """Return one status as a JSON object."""
        return self._whole(view, signed_in=signed_in, innermost=False)

    def _whole(self, view: TweetView, *, signed_in: bool, innermost: bool) -> bytes:
        tail = self._tail(view, signed_in=signed_in, innermost=innermost)
        return self._body(view, signed_in=signed_in) + tail.removesuffix(b",")

    def _tail(self, view: TweetView, *, signed_in: bool, innermost: bool = False) -> bytes:
        """Return what depends on the viewer and the end of the object, with a comma behind it."""
        tail = _marks(view, signed_in=signed_in)
        if view.retweet_of is not None:
            return tail
        if view.poll is not None:
            tail = b',"poll":' + msgspec.json.encode(poll_entity(view, signed_in=signed_in)) + tail
        if view.tweet.quote is not None:
            tail = b',"quote":' + self._quote(view.quoted, signed_in=signed_in, innermost=innermost) + tail
        if has_own_quote_policy(view.tweet):
            tail = b',"quote_approval":' + _approval(view) + tail
        return tail

    def _quote(self, quoted: QuotedView | None, *, signed_in: bool, innermost: bool) -> bytes:
        """Return what a status quotes; `innermost`: within a quoted status, by its id alone."""
        if quoted is None:
            return b"null"
        state = msgspec.json.encode(QUOTE_STATES[quoted.standing])
        if innermost:
            shown = b'"%d"' % quoted.view.tweet.id if quoted.view is not None else b"null"
            return b'{"state":%b,"quoted_status_id":%b}' % (state, shown)
        shown = b"null"
        if quoted.view is not None:
            shown = self._whole(quoted.view, signed_in=signed_in, innermost=True)
        return b'{"state":%b,"quoted_status":%b}' % (state, shown)

    def _body(self, view: TweetView, *, signed_in: bool) -> bytes:
        """Return a status up to the viewer's own marks."""
        kept = self._views.get(view.tweet.id)
        if kept is not None and kept[0] is view:
            return kept[1]
        original = view.retweet_of
        reblog = self.status(original, signed_in=signed_in) if original is not None else b"null"
        body = b"".join((self._core(view), b',"account":', self.account(view.author), b',"reblog":', reblog))
        if original is None:
            # A retweet's body holds the viewer's marks of the original, so it is made anew each time.
            self._views.put(view.tweet.id, (view, body))
        return body

    def account(self, view: UserView) -> bytes:
        """Return an account as a JSON object."""
        kept = self._accounts.get(view.user.id)
        if kept is not None and kept[0] is view.user and kept[1] == view.counts:
            return kept[2]
        encoded = msgspec.json.encode(self.account_entity(view))
        self._accounts.put(view.user.id, (view.user, view.counts, encoded))
        return encoded

    def accounts(self, views: Sequence[UserView]) -> bytes:
        """Return a JSON array of accounts."""
        return b"[" + b",".join([self.account(view) for view in views]) + b"]"

    def partial_account(self, view: UserView) -> PartialAccount:
        """Return as much of an account as its picture needs."""
        whole = self.account_entity(view)
        return PartialAccount(
            id=whole.id,
            acct=whole.acct,
            url=whole.url,
            avatar=whole.avatar,
            avatar_static=whole.avatar_static,
            avatar_description="",
            locked=whole.locked,
            bot=whole.bot,
        )

    def notification(self, view: NotificationView) -> bytes:
        """Return a notification as a JSON object, for the user it is for."""
        one = view.notification
        head = msgspec.json.encode(
            {
                "id": str(one.id),
                "type": NOTIFICATION_TYPES[one.kind],
                "group_key": one.group_key,
                "created_at": timestamp(one.created_ms),
            }
        )
        status = self.status(view.tweet, signed_in=True) if view.tweet is not None else b"null"
        return b"".join((head[:-1], b',"account":', self.account(view.sender), b',"status":', status, b"}"))

    def announcement(self, view: AnnouncementView) -> announcements.Announcement:
        """Return an announcement as its viewer sees it."""
        one = view.announcement
        return announcements.Announcement(
            id=str(one.id),
            content=text.to_html(one.text, view.mentions, self._base_url),
            starts_at=timestamp(one.starts_ms) if one.starts_ms is not None else None,
            ends_at=timestamp(one.ends_ms) if one.ends_ms is not None else None,
            all_day=one.all_day,
            published_at=timestamp(one.publish_ms),
            updated_at=timestamp(one.changed_ms),
            read=view.read,
            mentions=self._mentions(view.mentions),
            statuses=[],
            tags=self._tags(one.text),
            emojis=[],
            reactions=[
                announcements.Reaction(name=each.name, count=each.count, me=each.mine)
                for each in view.reactions
            ],
        )

    def conversation(self, view: ConversationView) -> bytes:
        """Return a conversation as a JSON object, for the user whose it is."""
        one = view.conversation
        return b'{"id":"%d","unread":%b,"accounts":%b,"last_status":%b}' % (
            one.id,
            b"true" if one.unread else b"false",
            self.accounts(view.users),
            self.status(view.last_tweet, signed_in=True),
        )

    def account_entity(self, view: UserView) -> Account:
        """Return an account as a struct."""
        user, counts = view.user, view.counts
        url = self.account_url(user.username)
        avatar, header = self._instance.avatar_url(user), self._instance.header_url(user)
        return Account(
            id=str(user.id),
            username=user.username,
            acct=user.username,
            display_name=user.display_name,
            locked=user.locked,
            bot=user.bot,
            discoverable=user.discoverable,
            indexable=user.indexable,
            group=False,
            created_at=timestamp(user.created_ms - user.created_ms % 86_400_000),
            note=text.bio_to_html(user.bio, self._base_url),
            url=url,
            uri=url,
            avatar=avatar,
            avatar_static=avatar,
            header=header,
            header_static=header,
            followers_count=0 if user.hides_follows else counts.followers,
            following_count=0 if user.hides_follows else counts.following,
            statuses_count=counts.tweets,
            last_status_at=timestamp(counts.last_tweet_ms)[:10] if counts.last_tweet_ms is not None else None,
            hide_collections=user.hides_follows,
            noindex=not user.indexable,
            emojis=[],
            roles=[role_of(user)] if user.role != "user" else [],
            fields=[
                Field(
                    field.name,
                    text.bio_to_html(field.value, self._base_url).removeprefix("<p>").removesuffix("</p>"),
                    timestamp(field.verified_ms) if field.verified_ms is not None else None,
                )
                for field in user.fields
            ],
        )

    def own_account(self, view: UserView, *, follow_requests: int) -> CredentialAccount:
        """Return the viewer's own account, with what only they may see."""
        user = view.user
        shown = msgspec.structs.asdict(self.account_entity(view))
        shown |= {"followers_count": view.counts.followers, "following_count": view.counts.following}
        return CredentialAccount(
            **shown,
            role=role_of(user),
            source=Source(
                privacy=VISIBILITIES[user.default_visibility],
                sensitive=user.default_sensitive,
                language=user.default_language,
                note=user.bio,
                fields=[Field(field.name, field.value) for field in user.fields],
                follow_requests_count=follow_requests,
                hide_collections=user.hides_follows,
                discoverable=user.discoverable,
                indexable=user.indexable,
                quote_policy=QUOTE_POLICIES[user.default_quote_policy],
            ),
        )

    def _mentions(self, mentions: Sequence[Mention]) -> list[StatusMention]:
        return [
            StatusMention(
                str(mention.user_id), mention.username, self.account_url(mention.username), mention.username
            )
            for mention in mentions
        ]

    def _tags(self, written: str) -> list[StatusTag]:
        return [
            StatusTag(text.hashtag_key(name), text.hashtag_url(name, self._base_url))
            for name in text.hashtags(written)
        ]

    def media_entity(self, one: Media) -> MediaAttachment:
        """Return a photo, video or piece of audio."""
        full, small = one.file(FileRole.FULL), one.file(FileRole.SMALL)
        ready = one.state is MediaState.READY
        preview = small or (full if full is not None and full.content_type.startswith("image/") else None)
        return MediaAttachment(
            id=str(one.id),
            type=one.kind.value,
            url=self._instance.file_url(full.key) if full is not None and ready else None,
            preview_url=self._instance.file_url(preview.key) if preview is not None and ready else None,
            meta=MediaMeta(
                original=_media_size(full) if full is not None else None,
                small=_media_size(small) if small is not None else None,
                focus=Focus(one.focus_x, one.focus_y) if one.focus_x or one.focus_y else None,
            ),
            description=one.description or None,
            blurhash=one.blurhash,
            progress=one.progress_percent if one.state is MediaState.PROCESSING else None,
        )

    def account_url(self, username: str) -> str:
        """Return the address of a profile's page."""
        return f"{self._base_url}/@{username}"

    def _core(self, view: TweetView) -> bytes:
        """Return the status's own fields, without the closing brace; a retweet shows the original's."""
        tweet = view.tweet
        shown = view.retweet_of or view
        kept = self._cores.get(tweet.id)
        if kept is not None and kept[0] is shown.tweet and kept[1] == shown.counts:
            return kept[2]
        core = self._encode(tweet, shown.tweet, shown.counts, view.author.user.username)
        self._cores.put(tweet.id, (shown.tweet, shown.counts, core))
        return core

    def _encode(self, tweet: Tweet, shown: Tweet, counts: TweetCounts, author: str) -> bytes:
        url = f"{self.account_url(author)}/{tweet.id}"
        place = shown.place
        core = StatusCore(
            id=str(tweet.id),
            created_at=timestamp(tweet.created_ms),
            in_reply_to_id=str(shown.reply_to_id) if shown.reply_to_id is not None else None,
            in_reply_to_account_id=str(shown.reply_to_author_id)
            if shown.reply_to_author_id is not None
            else None,
            sensitive=shown.sensitive,
            spoiler_text=shown.spoiler,
            visibility=VISIBILITIES[shown.visibility],
            language=shown.language,
            uri=url,
            url=url,
            replies_count=counts.replies,
            reblogs_count=counts.retweets,
            favourites_count=counts.favorites,
            quotes_count=counts.quotes,
            edited_at=timestamp(shown.edited_ms) if shown.edited_ms is not None else None,
            content=text.to_html(shown.text, shown.mentions, self._base_url),
            application=Application(shown.app.name, shown.app.website) if shown.app is not None else None,
            location=Location(place.latitude, place.longitude, place.name) if place is not None else None,
            media_attachments=[self.media_entity(one) for one in shown.media],
            mentions=self._mentions(shown.mentions),
            tags=self._tags(shown.text),
            emojis=[],
            card=card_entity(shown.card, self._instance) if shown.card is not None else None,
            poll=msgspec.UNSET if tweet.poll is not None else None,
            quote=msgspec.UNSET if tweet.quote is not None else None,
            quote_approval=_quote_approval(tweet),
        )
        return msgspec.json.encode(core)[:-1]


def _media_size(file: MediaFile) -> MediaSize:
    sides = file.width is not None and file.height is not None
    return MediaSize(
        width=file.width,
        height=file.height,
        size=f"{file.width}x{file.height}" if sides else None,
        aspect=file.width / file.height if file.width and file.height else None,
        frame_rate=file.frame_rate,
        duration=file.duration_ms / 1000 if file.duration_ms is not None else None,
        bitrate=file.bitrate_bps,
    )


_BY_EVERYBODY: Final = QuoteApproval(automatic=["public"], current_user="automatic")
_BY_NOBODY: Final = QuoteApproval(automatic=[], current_user="denied")


def _quote_approval(tweet: Tweet) -> QuoteApproval | msgspec.UnsetType:
    """Return who may quote a status where that is the same for all viewers; a reblog is not quoted, but its original."""
    if tweet.retweet_of_id is not None:
        return _BY_NOBODY
    return msgspec.UNSET if has_own_quote_policy(tweet) else _BY_EVERYBODY


def _approval(view: TweetView) -> bytes:
    """Return who may quote a status, where that is not everybody."""
    tweet = view.tweet
    by_followers = tweet.quote_policy is QuotePolicy.FOLLOWERS and tweet.visibility < Visibility.FOLLOWERS
    return msgspec.json.encode(
        QuoteApproval(
            automatic=["followers"] if by_followers else [],
            current_user="automatic" if view.may_quote else "denied",
        )
    )


def poll_entity(view: TweetView, *, signed_in: bool) -> Poll:
    """Return a status's poll as it stands for the viewer."""
    poll, standing = view.tweet.poll, view.poll
    if poll is None or standing is None:
        raise NotFound
    hidden = poll.hides_totals and not standing.ended
    votes = (None,) * len(poll.options) if hidden else standing.votes
    voted = (standing.asked or bool(standing.own)) if signed_in else None
    return Poll(
        id=str(view.tweet.id),
        expires_at=timestamp(poll.ends_ms),
        expired=standing.ended,
        multiple=poll.multiple,
        votes_count=sum(standing.votes),
        voters_count=standing.voters,
        options=[PollOption(title, count) for title, count in zip(poll.options, votes, strict=True)],
        emojis=[],
        voted=voted,
        own_votes=list(standing.own) if signed_in else None,
    )


def role_of(user: User) -> Role:
    """Return what the user may do on this instance."""
    if user.role == "admin":
        return Role(id="1", name="Admin", permissions="1", highlighted=True)
    return Role(id="-99", name="", permissions="65536")
