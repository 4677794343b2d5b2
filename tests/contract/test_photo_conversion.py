"""Photos as children convert them: upright, in sRGB, with their transparency, and with nothing written into them."""

import io
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageOps, PngImagePlugin

from rookery.domain.media import FileRole, MediaKind, MediaPurpose
from tests import samples
from tests.conversions import Workbench, near

SECRET = "Nobody's-Garden-52N13E"


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def chunks(webp: bytes) -> set[bytes]:
    """The kinds of parts of a WebP file."""
    found, at = set[bytes](), 12
    while at + 8 <= len(webp):
        name, size = struct.unpack_from("<4sI", webp, at)
        found.add(name)
        at += 8 + size + size % 2
    return found


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera writes, with a place in it."""
    said = Image.Exif()
    said[ExifTags.Base.Orientation] = orientation
    said[ExifTags.Base.ImageDescription] = SECRET
    said.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 31.0, 12.0), 29: SECRET})
    return said


async def test_pictures_are_turned_as_they_were_held(bench: Workbench):
    corners = samples.corners()
    sources = [samples.saved(corners, "PNG", exif=exif(turn).tobytes()) for turn in range(1, 9)]
    for source, made in zip(sources, bench.convert_all(sources), strict=True):
        wanted: Any = ImageOps.exif_transpose(Image.open(io.BytesIO(source)))
        assert made.picture.size == wanted.size == (made.told().width, made.told().height)
        assert made.picture.convert("RGB").tobytes() == wanted.convert("RGB").tobytes()
    photo = await bench.convert(samples.saved(corners, "JPEG", quality=95, exif=exif(6).tobytes()))
    assert photo.picture.size == (32, 48)
    assert near(photo.picture.getpixel((4, 4)), (20, 20, 220), off=12)
    assert near(photo.picture.getpixel((28, 4)), (220, 20, 20), off=12)


async def test_nothing_that_a_camera_or_program_wrote_is_left(bench: Workbench):
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SECRET)
    words.add_text("Author", SECRET, zip=True)
    words.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET}</x:xmpmeta>")
    profile = samples.color_profile(samples.DISPLAY_P3)
    xmp, corners = f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode(), samples.corners()
    said: dict[str, Any] = {"exif": exif().tobytes(), "icc_profile": profile, "xmp": xmp}
    sources = [
        samples.saved(corners, "JPEG", comment=SECRET.encode(), **said),
        samples.saved(corners, "PNG", pnginfo=words, exif=said["exif"], icc_profile=profile),
        samples.saved(corners, "WEBP", **said),
        samples.saved(corners, "AVIF", **said),
        samples.saved(corners.convert("P"), "GIF", comment=SECRET.encode()),
    ]
    for source in sources[:1] + sources[2:]:
        assert SECRET.encode() in source
    for made in bench.convert_all(sources):
        assert set(made.contents) == {FileRole.FULL, FileRole.SMALL}
        for content in made.contents.values():
            assert SECRET.encode() not in content
            assert chunks(content) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}


async def test_colours_come_out_as_their_profile_means_them(bench: Workbench):
    red, blue = samples.DISPLAY_P3[b"rXYZ"], samples.DISPLAY_P3[b"bXYZ"]
    crossed = samples.color_profile({b"rXYZ": blue, b"bXYZ": red})
    wide = samples.color_profile(samples.DISPLAY_P3)
    pure = Image.new("RGB", (20, 20), (234, 51, 35))
    clear = Image.new("RGBA", (20, 20), (234, 51, 35, 120))
    wide_red, crossed_red, with_alpha, nonsense, as_jpeg = bench.convert_all(
        [
            samples.saved(pure, icc_profile=wide),
            samples.saved(Image.new("RGB", (20, 20), (250, 10, 10)), icc_profile=crossed),
            samples.saved(clear, icc_profile=wide),
            samples.saved(pure, icc_profile=b"no profile at all" * 20),
            samples.saved(pure, "JPEG", icc_profile=wide, quality=95),
        ]
    )
    assert near(wide_red.picture.getpixel((9, 9)), (255, 0, 0), off=8)
    assert near(as_jpeg.picture.getpixel((9, 9)), (255, 0, 0), off=16)
    found: Any = crossed_red.picture.getpixel((9, 9))
    assert found[0] < 60
    assert found[2] > 200
    assert near(with_alpha.picture.getpixel((9, 9)), (255, 0, 0, 120), off=8)
    assert near(nonsense.picture.getpixel((9, 9)), (234, 51, 35))


async def test_every_kind_of_pixel_becomes_what_it_shows(bench: Workbench):
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, 200, 100, 50])
    deep = Image.new("I;16", (20, 20), 40_000)
    grey_clear = Image.new("LA", (20, 20), (90, 60))
    cases: list[tuple[bytes, tuple[int, ...], int]] = [
        (samples.saved(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG", quality=95), (254, 0, 0), 12),
        (samples.saved(deep), (156, 156, 156), 1),
        (samples.saved(Image.new("L", (20, 20), 77)), (77, 77, 77), 1),
        (samples.saved(Image.new("1", (20, 20), 1)), (255, 255, 255), 0),
        (samples.saved(palette), (200, 100, 50), 0),
        (samples.saved(palette, transparency=1), (0, 0, 0, 0), 255),
        (samples.saved(palette, transparency=0), (200, 100, 50), 0),
        (samples.saved(palette, transparency=bytes([255, 128])), (200, 100, 50, 128), 1),
        (samples.saved(grey_clear), (90, 90, 90, 60), 1),
        (samples.saved(Image.new("RGBA", (20, 20), (10, 200, 30, 90))), (10, 200, 30, 90), 1),
        (samples.saved(Image.new("RGB", (20, 20), (10, 200, 30)), transparency=(1, 2, 3)), (10, 200, 30), 0),
        (samples.saved(Image.new("RGB", (20, 20), (10, 200, 30)), "BMP"), (10, 200, 30), 0),
        (samples.saved(Image.new("1", (20, 20), 0), "BMP"), (0, 0, 0), 0),
        (samples.saved(Image.new("RGBA", (20, 20), (10, 200, 30, 90)), "WEBP", lossless=True), (10, 200, 30, 90), 12),
        (samples.saved(Image.new("RGBA", (20, 20), (10, 200, 30, 90)), "AVIF", quality=95), (10, 200, 30, 90), 12),
        (samples.saved(palette, "GIF"), (200, 100, 50), 0),
        (samples.saved(Image.new("L", (20, 20), 77), "JPEG", quality=95), (77, 77, 77), 3),
    ]  # fmt: skip
    made = bench.convert_all([content for content, _, _ in cases])
    for number, ((_, wanted, off), one) in enumerate(zip(cases, made, strict=True)):
        mode = "RGBA" if len(wanted) == 4 else "RGB"
        assert one.converted.kind is MediaKind.IMAGE
        assert one.told().content_type == "image/webp"
        found = one.picture.convert(mode).getpixel((9, 9))
        assert near(found, wanted, off=off), (number, found, wanted)
    clear: Any = made[5].picture.convert("RGBA").getpixel((9, 9))
    assert clear[3] == 0
    assert made[5].poster.mode == "RGBA"


async def test_odd_and_large_sizes_are_kept_or_scaled_down_in_proportion(bench: Workbench):
    sizes = [(1, 1), (1, 5_000), (5_000, 1), (3, 17_000), (3_000, 2_800), (641, 361)]
    sources = [samples.photo(size, form="PNG") for size in sizes]
    made = bench.convert_all(sources)
    shown = [one.picture.size for one in made]
    assert shown[:3] == sizes[:3]
    assert shown[3][1] <= 16_383
    width, height = shown[4]
    assert width * height <= 3_840 * 2_160
    assert abs(width / height - 3_000 / 2_800) < 0.01
    assert shown[5] == (641, 361)
    for one in made:
        assert max(one.poster.size) <= 16_383
        assert one.poster.width * one.poster.height <= max(640 * 360, *one.poster.size)
        assert one.converted.blurhash
    wide, thin = [await bench.convert(sources[place], MediaPurpose.AVATAR) for place in (4, 1)]
    assert wide.picture.size == (400, 400)
    assert thin.picture.size == (1, 1)
    header = await bench.convert(sources[4], MediaPurpose.HEADER)
    assert header.picture.size == (1_500, 500)


async def test_a_broken_note_of_the_camera_spoils_no_photo(bench: Workbench):
    whole = samples.saved(samples.corners(), "JPEG", quality=95, exif=exif(6).tobytes())
    place = whole.index(b"Exif\0\0") + 6
    for broken in (b"II*\0\xff\xff\xff\xff", b"XX\0\0\0\0\0\0", b"MM\0*\0\0\0\x08"):
        made = await bench.convert(whole[:place] + broken + whole[place + len(broken) :])
        assert sorted(made.picture.size) == [32, 48]
