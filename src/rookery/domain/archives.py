"""What a user takes along: lists as other services read them, and an archive of everything."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from rookery.domain.media import FileRole
from rookery.domain.tweets import Tweet
from rookery.domain.users import Person, User

KEPT_MS: Final = 7 * 86_400_000
"""How long an archive can be fetched; then it is removed."""
ASKED_EVERY_MS: Final = 86_400_000
"""How long one waits before asking for another."""
MEDIA_BYTES_MAX: Final = 2 * 1024**3
"""Files of media in an archive; those that do not fit are named in it, the newest first to be left out."""


class ExportKind(StrEnum):
    """A list that can be taken along, named as its file is."""

    FOLLOWS = "follows"
    BLOCKS = "blocks"
    MUTES = "mutes"
    LISTS = "lists"
    BOOKMARKS = "bookmarks"


class ArchiveState(StrEnum):
    """How far an archive is."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive that somebody has asked for."""

    object_key: str
    state: ArchiveState
    asked_ms: int
    ready_ms: int | None
    size_bytes: int

    def may_ask_anew(self, now_ms: int) -> bool:
        """Tell whether another may be made in the place of this one."""
        if self.state is ArchiveState.MAKING:
            return False
        return self.state is ArchiveState.FAILED or now_ms >= self.asked_ms + ASKED_EVERY_MS

    @property
    def ends_ms(self) -> int | None:
        """When it is removed."""
        return self.ready_ms + KEPT_MS if self.ready_ms is not None else None


README: Final = """\
This is everything of @{username} on {title} ({base_url}), as of {day}.

profile.json    the profile, with what only you and the administrator know
tweets.jsonl    what you have posted, the oldest first: one JSON object on each line, times in UTC
favorites.csv   addresses of what you have marked as favorite
*.csv           whom you follow, block and mute, your lists, your bookmarks; other services can read them
media/          photos, videos and recordings, under the names that tweets.jsonl gives
"""
LEFT_OUT: Final = "\nFiles that did not fit any more; fetch them from the addresses below {base_url}:\n"


def moment(time_ms: int) -> str:
    """Return a time as ISO 8601."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds")


def file_name(key: str) -> str:
    """Return what a file of the media store is called in an archive."""
    return f"media/{key.rpartition('/')[2]}"


def profile_told(user: User, person: Person | None) -> dict[str, Any]:
    """Return a profile for an archive."""
    return {
        "username": user.username,
        "display_name": user.display_name,
        "bio": user.bio,
        "fields": [{"name": field.name, "value": field.value} for field in user.fields],
        "created": moment(user.created_ms),
        "locked": user.locked,
        "bot": user.bot,
        "discoverable": user.discoverable,
        "indexable": user.indexable,
        "avatar": file_name(user.avatar) if user.avatar else None,
        "header": file_name(user.header) if user.header else None,
        "email": person.email if person is not None else "",
        "date_of_birth": person.born_on if person is not None else "",
    }


def tweet_told(tweet: Tweet, address: str) -> dict[str, Any]:
    """Return a tweet for an archive."""
    place, poll = tweet.place, tweet.poll
    return {
        "id": str(tweet.id),
        "url": address,
        "created": moment(tweet.created_ms),
        "text": tweet.text,
        "spoiler": tweet.spoiler,
        "visibility": tweet.visibility.name.lower(),
        "sensitive": tweet.sensitive,
        "language": tweet.language,
        "reply_to": str(tweet.reply_to_id) if tweet.reply_to_id is not None else None,
        "retweet_of": str(tweet.retweet_of_id) if tweet.retweet_of_id is not None else None,
        "quotes": str(tweet.quote.quoted_id) if tweet.quote is not None and tweet.quote.quoted_id else None,
        "mentions": [mention.username for mention in tweet.mentions],
        "place": msgspec.to_builtins(place) if place is not None else None,
        "poll": list(poll.options) if poll is not None else None,
        "media": [
            {"file": file_name(file.key), "description": one.description}
            for one in tweet.media
            if (file := one.file(FileRole.FULL)) is not None
        ],
    }
