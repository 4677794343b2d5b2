"""The streams by Mastodon's names, with what they ask for: https://docs.joinmastodon.org/methods/streaming/."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from rookery.api import scopes
from rookery.domain import streams, text
from rookery.domain.for_you import LIST_ID as FOR_YOU_LIST_ID
from rookery.domain.limits import HASHTAG_CHARS_MAX
from rookery.domain.streams import Stream, StreamKind
from rookery.errors import BadRequest, RookeryError, Unauthorized

PATH: Final = "/api/v1/streaming"
_PLAIN: Final[Mapping[str, tuple[Stream, str | None]]] = {
    "user": (streams.HOME, "read:statuses"),
    "user:notification": (streams.NOTIFICATIONS, "read:notifications"),
    "direct": (streams.DIRECT, "read:statuses"),
    "public": (streams.PUBLIC, None),
    "public:local": (streams.PUBLIC, None),
    "public:remote": (streams.ABSENT, None),
    "public:media": (streams.PUBLIC_MEDIA, None),
    "public:local:media": (streams.PUBLIC_MEDIA, None),
    "public:remote:media": (streams.ABSENT, None),
}
"""The streams that need no more than their name, and the scope each asks for."""
_HASHTAG: Final = frozenset(("hashtag", "hashtag:local"))
_LIST_SCOPE: Final = "read:lists"
_MAY_BE_MEDIA_ONLY: Final = frozenset(("public", "public:local", "public:remote"))
NOTIFICATIONS_SCOPE: Final = "read:notifications"


class Operation(NamedTuple):
    """A stream of server-sent events as the contract describes it."""

    path: str
    summary: str
    scope: str | None = None
    parameters: Mapping[str, bool] = {}
    """Names in the query, and whether they are needed."""


_MEDIA: Final = {"only_media": False}
OPERATIONS: Final = (
    Operation(f"{PATH}/user", "Tell of the viewer's home and notifications.", "read:statuses"),
    Operation(f"{PATH}/user/notification", "Tell of the viewer's notifications.", "read:notifications"),
    Operation(f"{PATH}/public", "Tell of everybody's public statuses.", None, _MEDIA),
    Operation(f"{PATH}/public/local", "Tell of this instance's public statuses.", None, _MEDIA),
    Operation(
        f"{PATH}/public/remote", "Tell of other instances' public statuses: there are none.", None, _MEDIA
    ),
    Operation(f"{PATH}/hashtag", "Tell of public statuses with a hashtag.", None, {"tag": True}),
    Operation(
        f"{PATH}/hashtag/local", "Tell of this instance's statuses with a hashtag.", None, {"tag": True}
    ),
    Operation(f"{PATH}/list", "Tell of statuses on one of the viewer's lists.", "read:lists", {"list": True}),
    Operation(f"{PATH}/direct", "Tell of the viewer's direct conversations.", "read:statuses"),
)
HEALTH: Final = f"{PATH}/health"
"""Answered with OK to everybody."""


class Channel(NamedTuple):
    """A stream that somebody has asked for."""

    wire: tuple[str, ...]
    """As its messages name it: `("user",)`, `("hashtag", "birds")`, `("list", "12")`."""
    stream: Stream


def by_path(path: str) -> str | None:
    """Return the name of the stream under a path such as `/api/v1/streaming/public/local`, or None."""
    name = path.removeprefix(f"{PATH}/").replace("/", ":")
    return name if name in _PLAIN or name in _HASHTAG or name == "list" else None


def channel_of(name: str, wanted: Mapping[str, str], held: tuple[str, ...]) -> Channel:
    """Return the stream of that name; `wanted` holds `tag`, `list` and `only_media`, `held` the token's scopes.

    Raises BadRequest when something is missing, Unauthorized when the token does not reach so far.
    """
    if not name:
        raise BadRequest("Missing stream name parameter")
    if name in _MAY_BE_MEDIA_ONLY and wanted.get("only_media", "").lower() in {"1", "true"}:
        name = f"{name}:media"
    if name in _PLAIN:
        stream, scope = _PLAIN[name]
        _require(scope, held)
        return Channel((name,), stream)
    if name in _HASHTAG:
        tag = wanted.get("tag", "").removeprefix("#")
        if not tag or len(tag) > HASHTAG_CHARS_MAX:
            raise BadRequest("Missing tag name parameter")
        return Channel((name, tag.lower()), Stream(StreamKind.HASHTAG, hashtag=text.hashtag_key(tag)))
    if name == "list":
        _require(_LIST_SCOPE, held)
        list_id = wanted.get("list", "")
        if not list_id.isascii() or not list_id.isdecimal() or len(list_id) > _ID_DIGITS_MAX:
            raise BadRequest("Missing list name parameter")
        if int(list_id) == FOR_YOU_LIST_ID:
            # What is ranked does not move while it is read: there is nothing to tell.
            return Channel((name, list_id), streams.ABSENT)
        return Channel((name, list_id), Stream(StreamKind.LIST, list_id=int(list_id)))
    raise BadRequest("Unknown stream type")


_ID_DIGITS_MAX: Final = 18


def _require(scope: str | None, held: tuple[str, ...]) -> None:
    if scope is not None and not scopes.grant(held, scope):
        raise Unauthorized("Access token does not have the required scopes")


def status_of(error: RookeryError, otherwise: int) -> int:
    """Return the status with which Mastodon's streaming server answers an error."""
    return 401 if isinstance(error, Unauthorized) else otherwise
