"""Photos: upright, in sRGB, without what their cameras wrote into them, in two sizes."""

import io
import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from PIL import (
    AvifImagePlugin,
    ExifTags,
    Image,
    ImageCms,
    ImageOps,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from rookery.domain.media import Converted, ConvertedFile, FileRole, MediaKind, MediaLimits, MediaPurpose
from rookery.engines.media.shortages import is_shortage
from rookery.errors import Invalid

FULL_PIXELS: Final = 8_294_400
"""Width times height of the larger size: 3840 x 2160."""
SMALL_PIXELS: Final = 230_400
"""640 x 360."""
POSTER_PIXELS: Final = 921_600
"""1280 x 720."""
LOSSLESS_PIXELS: Final = 2_073_600
"""Up to this size drawings and screenshots are kept exactly."""
PROFILE_SIZES: Final = {MediaPurpose.AVATAR: (400, 400), MediaPurpose.HEADER: (1500, 500)}
QUALITY: Final = 82
BLURHASH_PIXELS: Final = 1_024
_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP")
_LOADED: Final = (AvifImagePlugin, WebPImagePlugin)
"""Formats that the library would look for among all that it knows, by loading each."""
_EXACT_FORMATS: Final = frozenset(("PNG", "GIF", "BMP"))
_library: Any = ImageCms
_SRGB: Any = _library.createProfile("sRGB")

# Sizes are checked by us, before anything is unpacked, with a sentence of our own.
Image.MAX_IMAGE_PIXELS = None


@contextmanager
def opened(source: Path, limits: MediaLimits) -> Generator[Image.Image]:
    """Open a picture. Raises Invalid with a sentence when it is none, or too large."""
    try:
        with Image.open(source, formats=_FORMATS) as image:
            width, height = image.size
            if width * height > limits.image_pixels_max:
                most = limits.image_pixels_max // 1_000_000
                raise Invalid(f"The picture has {width} x {height} pixels: {most} million are the most")
            yield image
    except UnidentifiedImageError:
        raise Invalid("The file is no picture that can be read here") from None
    except _DAMAGE as error:
        if is_shortage(error):
            raise
        raise Invalid(f"The picture is damaged: {_reason(error)}") from None


_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    struct.error,
)
"""What the library raises when a file is not what it says."""


def _reason(error: Exception) -> str:
    # Only these are meant for whoever has sent the file; the others speak of the library's own affairs.
    text = (
        str(error).partition("\n")[0].strip() if isinstance(error, OSError | SyntaxError | ValueError) else ""
    )
    return text if text and len(text) < 120 else "it cannot be read to its end"


def is_moving(image: Image.Image) -> bool:
    """Tell whether a picture has more than one frame."""
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def convert(source: Path, into: Path, *, purpose: MediaPurpose, limits: MediaLimits) -> Converted:
    """Write a photo's sizes. Raises Invalid with a sentence."""
    with opened(source, limits) as image:
        exact = image.format in _EXACT_FORMATS
        image.draft("RGB", fitting(image.size, FULL_PIXELS))
        image.load()
        plain = in_srgb(_upright(image))
    if purpose in PROFILE_SIZES:
        cut = ImageOps.fit(plain, _no_larger(plain.size, PROFILE_SIZES[purpose]), Image.Resampling.LANCZOS)
        full = _write(cut, into / "full.webp", FileRole.FULL, lossless=False)
        return Converted(kind=MediaKind.IMAGE, files=(full,), blurhash=blurhash_of(cut))
    if purpose is MediaPurpose.THUMBNAIL:
        return Converted(
            kind=MediaKind.IMAGE,
            files=(poster(plain, into),),
            blurhash=blurhash_of(within(plain, BLURHASH_PIXELS)),
        )
    if purpose is MediaPurpose.CARD:
        card = within(plain, SMALL_PIXELS)
        full = _write(card, into / "full.webp", FileRole.FULL, lossless=False)
        return Converted(kind=MediaKind.IMAGE, files=(full,), blurhash=blurhash_of(card))
    shown = within(plain, FULL_PIXELS)
    lossless = exact and shown.width * shown.height <= LOSSLESS_PIXELS
    full = _write(shown, into / "full.webp", FileRole.FULL, lossless=lossless)
    small = poster(shown, into, pixels=SMALL_PIXELS)
    return Converted(kind=MediaKind.IMAGE, files=(full, small), blurhash=blurhash_of(shown))


def _no_larger(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int]:
    """Return the wanted shape, at the size wanted or at the largest that needs no blowing up."""
    scale = min(1.0, size[0] / wanted[0], size[1] / wanted[1])
    return max(1, round(wanted[0] * scale)), max(1, round(wanted[1] * scale))


def in_srgb(image: Any) -> Image.Image:
    """Return the picture in 8 bits of sRGB, with its transparency if it has any."""
    profile = image.info.get("icc_profile")
    if image.mode in {"I;16", "I;16L", "I;16B", "I"}:
        image = image.convert("I").point(_from_16_bits).convert("L")
        # Which of 65,536 greys is clear cannot be said of 256.
        image.info.pop("transparency", None)
    elif image.mode == "F":
        image = image.convert("L")
    elif image.mode in {"P", "PA", "LA", "La", "RGBa"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    if "transparency" in image.info and image.mode != "RGBA":
        image = image.convert("RGBA")
    if profile:
        image = _by_profile(image, profile)
    if image.mode not in {"RGB", "RGBA"}:
        image = image.convert("RGB")
    return image


def _upright(image: Any) -> Image.Image:
    """Return the picture as its camera says it was held; what cannot be read of that is left aside."""
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except _DAMAGE:
        turn = None
    return image if turn is None else image.transpose(turn)


_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the orientation in its EXIF."""


def _from_16_bits(value: Any) -> Any:
    return value / 257


def _by_profile(image: Any, profile: bytes) -> Image.Image:
    """Follow the colour profile of a picture; one that cannot be followed is left aside, as browsers do."""
    wanted: Any = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        own: Any = _library.ImageCmsProfile(io.BytesIO(profile))
        found: Any = _library.profileToProfile(image, own, _SRGB, outputMode=wanted)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return found if found is not None else image


def fitting(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """Return the size scaled down so that it has no more than so many pixels."""
    width, height = size
    scale = min(1.0, (pixels / max(1, width * height)) ** 0.5)
    return max(1, int(width * scale)), max(1, int(height * scale))


def within(image: Any, pixels: int) -> Image.Image:
    """Return the picture with no more than so many pixels."""
    size = fitting(image.size, pixels)
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def poster(image: Image.Image, into: Path, *, pixels: int = POSTER_PIXELS) -> ConvertedFile:
    """Write the smaller size of a picture."""
    return _write(within(image, pixels), into / "small.webp", FileRole.SMALL, lossless=False)


def _write(image: Any, path: Path, role: FileRole, *, lossless: bool) -> ConvertedFile:
    # WebP is at most 16,383 pixels wide or high.
    longest = max(image.size)
    if longest > WEBP_SIDE_MAX:
        scale = WEBP_SIDE_MAX / longest
        image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    image.info = {}
    image.save(path, "WEBP", quality=QUALITY, lossless=lossless, method=2 if lossless else 4, exact=False)
    return ConvertedFile(
        role=role,
        path=str(path),
        content_type="image/webp",
        extension="webp",
        width=image.width,
        height=image.height,
    )


WEBP_SIDE_MAX: Final = 16_383


def blurhash_of(image: Image.Image) -> str:
    """Return a few colours that stand for a picture while it loads (https://blurha.sh)."""
    import blurhash as _blurhash  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]  only a picture needs it

    library: Any = _blurhash

    tiny = within(image, BLURHASH_PIXELS).convert("RGB")
    return library.encode(tiny, x_components=4, y_components=3)
