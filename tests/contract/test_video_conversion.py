"""Videos, moving pictures and audio as children convert them: what plays everywhere, and says nothing of its maker."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from rookery.domain.media import FileRole, MediaKind, MediaLimits
from tests import samples
from tests.conversions import Made, Workbench, near

SECRET = "Nobody's-Garden-52N13E"
X264 = {"preset": "ultrafast"}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def boxes(mp4: bytes) -> list[bytes]:
    """The outermost parts of an MP4 in their order."""
    found: list[bytes] = []
    at = 0
    while at + 8 <= len(mp4):
        size = int.from_bytes(mp4[at : at + 4], "big")
        found.append(mp4[at + 4 : at + 8])
        at += max(8, size)
    return found


def check_playable(made: Made, size: tuple[int, int]) -> None:
    """Hold a video against what every browser plays while it loads."""
    parts = boxes(made.full)
    assert parts.index(b"moov") < parts.index(b"mdat")
    with av.open(io.BytesIO(made.full)) as container:
        [video] = container.streams.video
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height) == size == (made.told().width, made.told().height)
        for audio in container.streams.audio:
            assert (audio.codec_context.name, audio.layout.nb_channels) == ("aac", 2)
    assert made.told().content_type == "video/mp4"
    assert made.converted.blurhash
    assert made.poster.format == "WEBP"


def packets(content: bytes) -> dict[str, list[bytes]]:
    """What is encoded in a file, by the kind of stream."""
    with av.open(io.BytesIO(content)) as container:
        found: dict[str, list[bytes]] = {stream.type: [] for stream in container.streams}
        for packet in container.demux():
            if packet.size:
                found[packet.stream.type].append(bytes(packet))
    return found


@pytest.mark.parametrize("form", ["GIF", "WEBP", "AVIF", "PNG"])
async def test_moving_pictures_keep_their_time(bench: Workbench, form: str):
    stand_ms = [40, 200, 90, 1_500, 300]
    options: dict[str, Any] = {"save_all": True, "loop": 0, "duration": stand_ms}
    pictures = samples.changes(5, (61, 45))
    source = samples.saved(pictures[0], form, append_images=pictures[1:], **options)
    made = await bench.convert(source)
    assert made.converted.kind is MediaKind.GIFV
    check_playable(made, (60, 44))
    begins = [sum(stand_ms[:place]) for place in range(5)]
    assert len(made.times_ms()) == 5
    assert all(abs(found - wanted) <= 10 for found, wanted in zip(made.times_ms(), begins, strict=True))
    assert abs(made.duration_ms() - sum(stand_ms)) <= 40
    assert abs((made.told().duration_ms or 0) - sum(stand_ms)) <= 40
    for frame, picture in zip(made.frames(), pictures, strict=True):
        wanted: Any = picture.getpixel((5, 5))
        assert near(frame.to_image().getpixel((30, 20)), wanted, off=14)


async def test_what_a_frame_leaves_of_those_before_is_seen(bench: Workbench):
    ground = Image.new("RGBA", (40, 40), (200, 30, 30, 255))
    spot = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    spot.paste((30, 30, 200, 255), (0, 0, 20, 40))
    options: dict[str, Any] = {"save_all": True, "duration": 100, "loop": 0}
    kept = samples.saved(ground, "PNG", append_images=[spot], disposal=0, blend=1, **options)
    cleared = samples.saved(ground, "PNG", append_images=[spot], disposal=1, blend=0, **options)
    gif = samples.saved(spot, "GIF", append_images=[Image.new("RGBA", (40, 40), (9, 9, 9, 0)), ground],
                        disposal=2, **options)  # fmt: skip
    for source, second in ((kept, (200, 30, 30)), (cleared, (255, 255, 255))):
        last = (await bench.convert(source)).frames()[-1].to_image()
        assert near(last.getpixel((6, 20)), (30, 30, 200), off=16)
        assert near(last.getpixel((34, 20)), second, off=16)
    first = (await bench.convert(gif)).frames()[0].to_image()
    assert near(first.getpixel((34, 20)), (255, 255, 255), off=16)


async def test_moving_pictures_of_any_shape_and_with_a_still_for_others(bench: Workbench):
    thin, dot = bench.convert_all([samples.moving(size=(1, 5_000)), samples.moving(size=(1, 1))])
    check_playable(dot, (2, 2))
    assert max(thin.frames()[0].width, thin.frames()[0].height) <= 4_096
    pictures = samples.changes(4)
    still = samples.saved(pictures[0], "PNG", save_all=True, default_image=True, append_images=pictures[1:],
                          duration=100)  # fmt: skip
    assert len((await bench.convert(still)).frames()) == 3


@pytest.mark.parametrize(
    ("codec", "form", "pixels"),
    [
        ("libx264", "mp4", "yuv444p"),
        ("libx264", "matroska", "yuv420p10le"),
        ("libx265", "mp4", "yuv420p"),
        ("libvpx-vp9", "webm", "yuv420p"),
        ("libsvtav1", "mp4", "yuv420p"),
        ("mpeg4", "avi", "yuv420p"),
        ("mjpeg", "mov", "yuvj420p"),
        ("prores_ks", "mov", "yuv422p10le"),
    ],
)
async def test_videos_of_many_codecs_are_encoded_anew(
    bench: Workbench, tmp_path: Path, codec: str, form: str, pixels: str
):
    pictures = [samples.corners((98, 66))] * 12
    made = await bench.convert(samples.film(tmp_path / "in", pictures, codec=codec, form=form, pixels=pixels))
    check_playable(made, (98, 66))
    assert len(made.frames()) == 12
    assert abs(made.duration_ms() - 480) <= 41
    shown = made.frames()[6].to_image()
    assert near(shown.getpixel((20, 15)), (220, 20, 20), off=40)
    assert near(shown.getpixel((80, 50)), (230, 230, 20), off=40)
    assert near(made.poster.convert("RGB").getpixel((20, 15)), (220, 20, 20), off=40)


@pytest.mark.parametrize("turned", [90, 180, 270])
async def test_videos_are_turned_as_they_were_held(bench: Workbench, tmp_path: Path, turned: int):
    corners = samples.corners((96, 64))
    made = await bench.convert(samples.film(tmp_path / "in", [corners] * 5, turned=turned, options=X264))
    # Degrees against the clock, as Pillow turns.
    wanted = corners.rotate(turned, expand=True)
    check_playable(made, wanted.size)
    assert [round(frame.rotation) for frame in made.frames()] == [0] * 5
    for at in ((10, 10), (wanted.width - 10, 10), (10, wanted.height - 10)):
        colour: Any = wanted.getpixel(at)
        assert near(made.frames()[2].to_image().getpixel(at), colour, off=30)
        assert near(made.poster.convert("RGB").getpixel(at), colour, off=30)


async def test_oblong_pixels_become_square_and_odd_sides_even(bench: Workbench, tmp_path: Path):
    pictures = [samples.corners((72, 64))] * 3
    wide, mad, odd = bench.convert_all(
        [
            samples.film(tmp_path / "a", pictures, stretch=Fraction(16, 9), options=X264),
            samples.film(tmp_path / "b", pictures, stretch=Fraction(5_000, 1), options=X264),
            samples.film(tmp_path / "c", [samples.corners((61, 45))] * 3, codec="mpeg4", form="avi"),
        ]
    )
    check_playable(wide, (128, 64))
    check_playable(mad, (72, 64))
    check_playable(odd, (60, 44))


async def test_the_times_of_frames_are_kept(bench: Workbench, tmp_path: Path):
    times_ms = [0, 40, 50, 400, 410, 1_000, 1_700]
    pictures = samples.changes(7, (64, 48))
    for pixels in ("yuv420p", "yuv444p"):
        source = samples.film(tmp_path / pixels, pictures, pixels=pixels, times_ms=times_ms, options=X264)
        found = (await bench.convert(source)).times_ms()
        assert len(found) == len(times_ms)
        assert all(abs(a - b) <= 2 for a, b in zip(found, times_ms, strict=True)), found


async def test_sound_is_mixed_to_stereo_and_may_be_missing(bench: Workbench, tmp_path: Path):
    pictures = samples.changes(10, (64, 48))
    around, none, opus = bench.convert_all(
        [
            samples.film(tmp_path / "a", pictures, sound=("aac", "5.1"), options=X264),
            samples.film(tmp_path / "b", pictures, pixels="yuv444p", options=X264),
            samples.film(tmp_path / "c", pictures, codec="libvpx", form="webm", sound=("libopus", "mono")),
        ]
    )
    for made in (around, opus):
        check_playable(made, (64, 48))
        assert set(packets(made.full)) == {"video", "audio"}
    check_playable(none, (64, 48))
    assert set(packets(none.full)) == {"video"}


async def test_what_plays_everywhere_is_only_wrapped_anew_without_its_notes(bench: Workbench, tmp_path: Path):
    said = {
        "title": SECRET,
        "comment": SECRET,
        "location": "+52.5200+013.4050/",
        "com.apple.quicktime.location.ISO6709": "+52.5200+013.4050/",
    }
    pictures = samples.changes(12, (64, 48))
    for form in ("mov", "mp4", "matroska"):
        source = samples.film(tmp_path / form, pictures, form=form, sound=("aac", "stereo"), metadata=said)
        assert SECRET.encode() in source
        made = await bench.convert(source)
        check_playable(made, (64, 48))
        assert packets(made.full) == packets(source)
        assert SECRET.encode() not in made.full
        assert b"+52.5200" not in made.full
    anew = await bench.convert(
        samples.film(tmp_path / "x", pictures, pixels="yuv444p", form="mov", metadata=said)
    )
    assert SECRET.encode() not in anew.full
    assert b"+52.5200" not in anew.full


async def test_too_long_too_large_and_too_quick_videos_are_told_so(tmp_path: Path):
    limits = MediaLimits(video_duration_ms_max=60_000, video_pixels_max=6_000, video_frames_per_second_max=24)
    bench = Workbench(tmp_path, limits)
    pictures = samples.changes(3, (64, 48))
    large = samples.film(tmp_path / "a", samples.changes(3, (98, 66)), options=X264)
    quick = samples.film(tmp_path / "b", pictures, options=X264)
    long = samples.film(tmp_path / "c", pictures, times_ms=[0, 1_000, 90_000], options=X264)
    lying = bytearray(long)
    for name in (b"mvhd", b"mdhd", b"tkhd", b"elst"):
        place = lying.find(name)
        # They all say the duration within these bytes: now none says one.
        lying[place + 16 : place + 28] = lying[place + 16 : place + 20] + bytes(8)
    song = samples.audio(tmp_path / "d", codec="flac", form="flac", seconds=70)
    sentences = [str(told) for told in await bench.attempt_all([large, quick, long, song])]
    assert sentences[0] == "The video has 98 x 66 pixels: 6,000 in all are the most"
    assert sentences[1] == "The video has 25 frames in a second: 24 are the most"
    assert sentences[2:] == ["The file is longer than 1 minutes"] * 2
    assert isinstance(await bench.attempt(bytes(lying)), str)
    gif = samples.moving(frames=3, duration_ms=50_000)
    assert await bench.attempt(gif) == "The file is longer than 1 minutes"


async def test_audio_becomes_what_every_browser_plays(bench: Workbench, tmp_path: Path):
    kinds = [("libopus", "ogg"), ("flac", "ogg"), ("flac", "flac"), ("pcm_s16le", "wav"), ("aac", "ipod"),
             ("aac", "adts")]  # fmt: skip
    sources = [samples.audio(tmp_path / f"{codec}-{form}", codec=codec, form=form) for codec, form in kinds]
    for (codec, form), made in zip(kinds, bench.convert_all(sources), strict=True):
        assert made.converted.kind is MediaKind.AUDIO
        assert (made.told().content_type, made.told().extension) == ("audio/mp4", "m4a")
        with av.open(io.BytesIO(made.full)) as container:
            [audio] = container.streams
            assert isinstance(audio, av.AudioStream)
            assert audio.codec_context.name == "aac"
            sound = sum(frame.samples for frame in container.decode(audio)) / 48_000
            assert abs(sound - 1) < 0.1, (codec, form)
        assert FileRole.SMALL not in made.contents


async def test_mp3_is_kept_without_its_tags_and_a_cover_is_shown(bench: Workbench, tmp_path: Path):
    cover = samples.corners((80, 60))
    source = samples.tagged_audio(
        tmp_path / "a.mp3", cover=cover, title=SECRET, comment=SECRET, artist=SECRET
    )
    tail = b"TAG" + SECRET.encode().ljust(125, b"\0")
    ape = b"APETAGEX" + (2_000).to_bytes(4, "little") + (60).to_bytes(4, "little") + (1).to_bytes(4, "little")
    ape += bytes(12) + (20).to_bytes(4, "little") + bytes(4) + b"Comment\0" + SECRET.encode()
    assert SECRET.encode() in source
    for content in (source, source + tail, source + ape + tail):
        made = await bench.convert(content)
        assert (made.told().content_type, made.told().extension) == ("audio/mpeg", "mp3")
        assert SECRET.encode() not in made.full
        assert not made.full.startswith(b"ID3")
        assert packets(source)["audio"] == packets(made.full)["audio"]
        assert near(made.poster.convert("RGB").getpixel((15, 15)), (220, 20, 20), off=30)
        assert made.converted.blurhash
