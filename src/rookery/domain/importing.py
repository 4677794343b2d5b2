"""Lines of files to import: what they say, or a sentence about what is wrong with them."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from rookery.domain.ids import EPOCH_MS, TweetId, id_at
from rookery.domain.tweets import Place
from rookery.errors import Invalid

FOLLOW_LINE_BYTES_MAX: Final = 1_000
TWEET_LINE_BYTES_MAX: Final = 1_000_000
ID_DIGITS_MAX: Final = 20
SOURCE_ID_CHARS_MAX: Final = 200
_HASH_BITS: Final = 22
"""The bits of a Snowflake below its milliseconds."""


class FollowLine(NamedTuple):
    """Somebody follows somebody, by user names."""

    number: int
    follower: str
    followee: str


class TweetLine(msgspec.Struct, frozen=True):
    """A tweet as its line tells it."""

    number: int
    author: str
    text: str
    time_ms: int
    source_id: str | None
    """The id that later lines answer to."""
    reply: str | None
    """The `source_id` of the earlier line that this one answers."""
    place: Place | None


class _Record(msgspec.Struct):
    author: str
    text: str
    time: str | int
    id: str | int | None = None
    reply: str | int | None = None
    place: Place | None = None


_RECORD: Final = msgspec.json.Decoder(_Record)


def is_empty(line: bytes) -> bool:
    """Tell whether a line says nothing: blank, or a comment."""
    return not line.strip() or line.lstrip().startswith(b"#")


def parse_follow(number: int, line: bytes) -> FollowLine:
    """Read `FOLLOWER FOLLOWEE`, two ids of digits. Raises Invalid."""
    columns = line.split()
    if len(columns) != 2:
        raise Invalid(f"two columns are wanted, follower and followee, and there are {len(columns)}")
    follower, followee = (_name(column) for column in columns)
    if follower == followee:
        raise Invalid(f"{follower} cannot follow themselves")
    return FollowLine(number, follower, followee)


def _name(column: bytes) -> str:
    if not column.isdigit() or len(column) > ID_DIGITS_MAX:
        shown = column[:40].decode("utf-8", "backslashreplace")
        raise Invalid(f"an id is a whole number of at most {ID_DIGITS_MAX} digits, not {shown!r}")
    return f"u{column.decode('ascii')}"


def parse_tweet(number: int, line: bytes, *, now_ms: int) -> TweetLine:
    """Read one JSON object. Raises Invalid naming the field."""
    try:
        record = _RECORD.decode(line)
    except msgspec.ValidationError as error:
        raise Invalid(
            str(error).replace("`", "").replace(" - at $.", " in ").replace("Object", "it")
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"it is no JSON object: {error}") from error
    if "\0" in record.text or "\0" in record.author or (record.place and "\0" in (record.place.name or "")):
        raise Invalid("text cannot hold the character NUL")
    return TweetLine(
        number=number,
        author=record.author,
        text=record.text,
        time_ms=_time_ms(record.time, now_ms=now_ms),
        source_id=_source_id("id", record.id),
        reply=_source_id("reply", record.reply),
        place=record.place,
    )


def _time_ms(time: str | int, *, now_ms: int) -> int:
    if isinstance(time, str):
        try:
            moment = datetime.fromisoformat(time)
        except ValueError as error:
            raise Invalid(f"time must be ISO 8601 or milliseconds since 1970, not {time[:40]!r}") from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        time = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    if time <= EPOCH_MS:
        raise Invalid("time lies before 4 November 2010, where ids begin")
    if time > now_ms:
        raise Invalid("time lies in the future")
    return time


def _source_id(name: str, value: str | int | None) -> str | None:
    if value is None or value == "":
        return None
    if len(text := str(value)) > SOURCE_ID_CHARS_MAX:
        raise Invalid(f"{name} may have {SOURCE_ID_CHARS_MAX} characters")
    return text


def tweet_id(line: TweetLine) -> TweetId:
    """Return the id that a line's tweet always gets: its time, then a hash of what tells it from others of that time.

    So a second import finds what the first one brought.
    """
    told = line.source_id if line.source_id is not None else line.text
    digest = hashlib.blake2b(f"{line.author.casefold()}\0{told}".encode(), digest_size=8).digest()
    return TweetId(id_at(line.time_ms) | (int.from_bytes(digest) & ((1 << _HASH_BITS) - 1)))
