"""Photos, GIFs, videos and audio: what a tweet carries and what its files are."""

import math
import re
from enum import StrEnum
from typing import Final, NewType

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.errors import Invalid

MediaId = NewType("MediaId", int)

CONTENT_TYPES: Final = {
    "webp": "image/webp",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
}
"""What files are by their extension, which only a conversion gives."""
UPLOAD_CONTENT_TYPE: Final = "application/octet-stream"
OBJECT_KEY: Final = re.compile(
    r"[0-9a-f]{2}/(?P<digest>[0-9a-f]{48}|[0-9a-f]{64})\.(?P<extension>[a-z0-9]{2,5})"
)
UPLOAD_KEY: Final = re.compile(r"uploads/(?P<media_id>[0-9]{1,19})")
ALT_CHARS_MAX: Final = 1_500
"""Characters of a description."""


def content_type_of(key: str) -> str | None:
    """Return what lies under a key of the media store, or None when that is no key of a file."""
    if (found := OBJECT_KEY.fullmatch(key)) is not None:
        return CONTENT_TYPES.get(found["extension"])
    return UPLOAD_CONTENT_TYPE if UPLOAD_KEY.fullmatch(key) else None


def digest_in(key: str) -> str | None:
    """Return the digest that a file must have which lies under this key, or None when it may have any."""
    found = OBJECT_KEY.fullmatch(key)
    return found["digest"] if found is not None else None


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


class MediaPurpose(StrEnum):
    """Where it is shown."""

    TWEET = "tweet"
    AVATAR = "avatar"
    HEADER = "header"
    THUMBNAIL = "thumbnail"
    """In the place of another medium."""
    CARD = "card"
    """Beside a link, as the page behind it wants it; the medium has the link's id, and nobody owns it."""


class FileRole(StrEnum):
    """What a file of a medium is for."""

    FULL = "full"
    SMALL = "small"
    """A photo's smaller size, a video's poster."""


class MediaFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the object store, addressed by its content."""

    role: FileRole
    key: str
    """`ab/` and a digest of the content (`MediaNames`), of which `ab` is the beginning, and an extension."""
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
    purpose: MediaPurpose = MediaPurpose.TWEET
    tweet_id: TweetId | None = None
    """The tweet it was attached to; that may have let go of it since."""
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


class MediaVersion(msgspec.Struct, frozen=True, array_like=True):
    """What a tweet showed before an edit."""

    media_id: MediaId
    description: str


class MediaChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a medium from now on; what is None stays."""

    media_id: MediaId
    description: str | None = None
    focus: tuple[float, float] | None = None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that has come in, and what was said of it."""

    path: str
    size_bytes: int
    description: str = ""
    focus_x: float = 0.0
    focus_y: float = 0.0


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


HEAD_BYTES: Final = 64
"""How much of a file's beginning tells what it is."""
_IMAGES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM")
_IMAGE_BRANDS: Final = frozenset((b"avif", b"avis"))
_UNSUPPORTED_BRANDS: Final = frozenset((b"heic", b"heix", b"hevc", b"mif1", b"msf1"))
_AUDIO_BRANDS: Final = frozenset((b"M4A ", b"M4B ", b"M4P "))
_UNREADABLE: Final = "The file is no photo, video or audio that can be read here"


def kind_of(head: bytes) -> MediaKind:
    """Return what a file is by its beginning, whatever its name says. Raises Invalid when it is nothing of the kind."""
    if head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return MediaKind.IMAGE
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _IMAGE_BRANDS:
            return MediaKind.IMAGE
        if brand in _UNSUPPORTED_BRANDS:
            raise Invalid("Validation failed: HEIC pictures cannot be read here: send JPEG", field="file")
        return MediaKind.AUDIO if brand in _AUDIO_BRANDS else MediaKind.VIDEO
    if head[4:8] in {b"moov", b"mdat", b"wide", b"free"} or head.startswith(b"\x1aE\xdf\xa3"):
        return MediaKind.VIDEO
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return MediaKind.VIDEO
    if (
        head.startswith((b"ID3", b"fLaC", b"OggS"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WAVE")
        or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)
    ):
        return MediaKind.AUDIO
    raise Invalid(
        f"Validation failed: {_UNREADABLE}" if head else "Validation failed: File is empty", field="file"
    )


def check_size(kind: MediaKind, size_bytes: int, limits: MediaLimits) -> None:
    """Raise Invalid for a file that is too large."""
    most = limits.image_bytes_max if kind is MediaKind.IMAGE else limits.video_bytes_max
    if size_bytes > most:
        raise Invalid(f"Validation failed: File size must be less than {most // 1_048_576} MB", field="file")


def check_description(description: str, limits: MediaLimits) -> str:
    """Return the description as it is kept. Raises Invalid when it is too long."""
    description = description.strip()
    if len(description) > limits.description_chars_max:
        raise Invalid(
            f"Validation failed: Description is too long (maximum is {limits.description_chars_max} characters)",
            field="description",
        )
    return description


def changed(one: Media, change: MediaChange, limits: MediaLimits) -> Media:
    """Return the medium with what is said of it now. Raises Invalid."""
    x, y = (one.focus_x, one.focus_y) if change.focus is None else change.focus
    description = one.description
    if change.description is not None:
        description = check_description(change.description, limits)
    return msgspec.structs.replace(one, description=description, focus_x=x, focus_y=y)


def focus_of(text: str) -> tuple[float, float]:
    """Return the focus that `x,y` says, drawn into the picture. Raises Invalid when it says none."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid("Validation failed: Focus must be two numbers, as in 0.5,-0.5", field="focus") from None
    if math.isnan(x) or math.isnan(y):
        raise Invalid("Validation failed: Focus must be two numbers, as in 0.5,-0.5", field="focus")
    return max(-1.0, min(1.0, x)), max(-1.0, min(1.0, y))
