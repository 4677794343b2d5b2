"""Media: https://docs.joinmastodon.org/entities/MediaAttachment/."""

import msgspec


class Focus(msgspec.Struct, frozen=True):
    """Where to look: -1 to 1, from left to right and from bottom to top."""

    x: float
    y: float


class MediaSize(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one of a medium's files is like."""

    width: int | None = None
    height: int | None = None
    size: str | None = None
    """`640x360`."""
    aspect: float | None = None
    frame_rate: str | None = None
    duration: float | None = None
    """Seconds."""
    bitrate: int | None = None


class MediaMeta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sizes of a medium's files."""

    original: MediaSize | None = None
    small: MediaSize | None = None
    focus: Focus | None = None


class MediaAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """A photo, a GIF, a video or a piece of audio; without an address while it is being converted."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: str | None = None
    preview_remote_url: str | None = None
    text_url: str | None = None
    meta: MediaMeta
    description: str | None
    blurhash: str | None
    progress: int | None = None
    """Percent of the conversion that are done while it goes on: an extension of Rookery's."""
