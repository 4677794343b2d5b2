"""Photos, GIFs, videos and audio: what a tweet carries and what its files are."""

from enum import StrEnum
from typing import Final, NewType

import msgspec

from rookery.domain.ids import UserId

MediaId = NewType("MediaId", int)

ALT_CHARS_MAX: Final = 1_500
"""Characters of a description."""


class MediaKind(StrEnum):
    """What a file is shown as."""

    IMAGE = "image"
    GIFV = "gifv"
    """A silent, looping video."""
    VIDEO = "video"
    AUDIO = "audio"


class MediaState(StrEnum):
    """How far an upload is."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class FileRole(StrEnum):
    """What a file of a medium is for."""

    FULL = "full"
    SMALL = "small"
    """A photo's smaller size, a video's poster."""


class MediaFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the object store, addressed by its content."""

    role: FileRole
    key: str
    """`ab/` and the SHA-256 of the content in hexadecimal, of which `ab` is the beginning, and an extension."""
    content_type: str
    size_bytes: int
    width: int | None = None
    """Pixels, as shown."""
    height: int | None = None
    duration_ms: int | None = None
    frame_rate: str | None = None
    """Frames in a second, as a fraction: `30/1`."""
    bitrate_bps: int | None = None


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """One photo, GIF, video or piece of audio."""

    id: MediaId
    owner_id: UserId
    kind: MediaKind
    state: MediaState
    files: tuple[MediaFile, ...] = ()
    description: str = ""
    focus_x: float = 0.0
    """-1 (left) to 1 (right): what a cropped preview should show."""
    focus_y: float = 0.0
    """-1 (bottom) to 1 (top)."""
    blurhash: str | None = None
    progress_percent: int = 0
    failure: str = ""
    """A sentence for the uploader."""

    def file(self, role: FileRole) -> MediaFile | None:
        """Return the file for that, if there is one."""
        return next((file for file in self.files if file.role is role), None)


class ConvertedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a conversion wrote."""

    role: FileRole
    path: str
    content_type: str
    extension: str
    """Without the dot."""
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    frame_rate: str | None = None
    bitrate_bps: int | None = None


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """What a file became."""

    kind: MediaKind
    files: tuple[ConvertedFile, ...]
    blurhash: str | None = None


class MediaLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken in."""

    image_bytes_max: int = 16 * 1024 * 1024
    image_pixels_max: int = 33_177_600
    """Width times height: 7680 x 4320."""
    animation_frames_max: int = 2_000
    video_bytes_max: int = 200 * 1024 * 1024
    """Of audio too."""
    video_pixels_max: int = 8_294_400
    """Width times height of a frame: 3840 x 2160."""
    video_frames_per_second_max: int = 120
    video_duration_ms_max: int = 30 * 60 * 1_000
    """Of audio too."""
    tweet_media_max: int = 4
    description_chars_max: int = ALT_CHARS_MAX
