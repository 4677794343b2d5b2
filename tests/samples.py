"""Sample files of every kind, made by Pillow and PyAV."""

import io
import os
import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from PIL import Image, ImageCms


def photo(
    size: tuple[int, int] = (64, 48), color: Any = (200, 40, 40), form: str = "JPEG", **options: Any
) -> bytes:
    """A picture of one colour."""
    mode = options.pop("mode", "RGB")
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, form, **options)
    return file.getvalue()


def halves(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, (220, 20, 20))
    image.paste((20, 20, 220), (size[0] // 2, 0, *size))
    return image


def moving(
    form: str = "GIF", *, frames: int = 5, duration_ms: int = 80, size: tuple[int, int] = (61, 45)
) -> bytes:
    """A picture that changes its colour."""
    pictures = [Image.new("RGB", size, (40 * number % 256, 90, 30)) for number in range(frames)]
    file = io.BytesIO()
    pictures[0].save(file, form, save_all=True, append_images=pictures[1:], duration=duration_ms, loop=0)
    return file.getvalue()


def video(
    path: Path,
    *,
    size: tuple[int, int] = (96, 64),
    frames: int = 20,
    codec: str = "libx264",
    form: str = "mp4",
    sound: str | None = "aac",
    pixels: str = "yuv420p",
    times: Sequence[int] | None = None,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """A short video; `times` are those of its frames in 30ths of a second."""
    with av.open(str(path), "w", format=form) as output:
        output.metadata.update(metadata or {})
        stream: Any = output.add_stream(codec, rate=30)
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        heard: Any = output.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        for number in range(frames):
            frame: Any = av.VideoFrame.from_image(Image.new("RGB", size, (10 * number % 256, 120, 60)))
            frame.pts, frame.time_base = (times[number] if times else number), Fraction(1, 30)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if heard is not None:
            _sound(output, heard, frames * 1_600)
    return path.read_bytes()


def audio(path: Path, *, codec: str = "libmp3lame", form: str = "mp3", seconds: float = 1.0) -> bytes:
    """A second of silence."""
    with av.open(str(path), "w", format=form) as output:
        stream: Any = output.add_stream(codec, rate=48_000, layout="stereo")
        _sound(output, stream, int(seconds * 48_000))
    return path.read_bytes()


def _sound(output: Any, stream: Any, samples: int, *, layout: str = "stereo") -> None:
    size = stream.codec_context.frame_size or 1_024
    form = stream.codec_context.format.name
    for start in range(0, samples, size):
        frame: Any = av.AudioFrame(format=form, layout=layout, samples=size)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """A picture as a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def corners(size: tuple[int, int] = (48, 32)) -> Image.Image:
    """A picture with another colour in each quarter, so that every turn of it can be told."""
    image = Image.new("RGB", size, (220, 20, 20))
    half = (size[0] // 2, size[1] // 2)
    image.paste((20, 200, 20), (half[0], 0, size[0], half[1]))
    image.paste((20, 20, 220), (0, half[1], half[0], size[1]))
    image.paste((230, 230, 20), (half[0], half[1], *size))
    return image


DISPLAY_P3: Final = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
"""The colours of the wide screens of phones, as colour profiles write them."""


def color_profile(primaries: dict[bytes, tuple[float, float, float]]) -> bytes:
    """The profile of sRGB with other primaries."""
    library: Any = ImageCms
    profile = bytearray(library.ImageCmsProfile(library.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    for number in range(count):
        name, start, _ = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        if name in primaries:
            values = [round(value * 65_536) for value in primaries[name]]
            struct.pack_into(">3i", profile, start + 8, *values)
    return bytes(profile)


def changes(frames: int, size: tuple[int, int] = (40, 30)) -> list[Image.Image]:
    """Pictures that differ, so that no writer puts two of them together."""
    return [Image.new("RGB", size, (40 * number % 256, 90, 30 + number % 200)) for number in range(frames)]


def film(
    path: Path,
    pictures: Sequence[Image.Image],
    *,
    codec: str = "libx264",
    form: str = "mp4",
    pixels: str = "yuv420p",
    turned: int = 0,
    stretch: Fraction | None = None,
    sound: tuple[str, str] | None = None,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    times_ms: Sequence[int] = (),
) -> bytes:
    """A video of these pictures, 25 in a second if nothing else is said; `sound` is a codec and a layout."""
    with av.open(str(path), "w", format=form, options={"movflags": "use_metadata_tags"}) as output:
        output.metadata.update(metadata or {})
        stream: Any = output.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt = pixels
        if times_ms:
            stream.codec_context.time_base = Fraction(1, 1_000)
        if stretch is not None:
            stream.codec_context.sample_aspect_ratio = stretch
        if turned:
            stream.set_display_rotation(turned)
        heard: Any = output.add_stream(sound[0], rate=48_000, layout=sound[1]) if sound else None
        for number, picture in enumerate(pictures):
            frame: Any = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            if times_ms:
                frame.pts, frame.time_base = times_ms[number], Fraction(1, 1_000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if heard is not None:
            _sound(output, heard, len(pictures) * 1_920, layout=sound[1] if sound else "stereo")
    if codec == "libsvtav1":
        # For root this encoder makes the thread that asked it a real-time one, and all that it starts later.
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return path.read_bytes()


def tagged_audio(path: Path, *, cover: Image.Image | None = None, **metadata: str) -> bytes:
    """An MP3 with tags and perhaps a cover."""
    with av.open(str(path), "w", format="mp3") as output:
        output.metadata.update(metadata)
        stream: Any = output.add_stream("libmp3lame", rate=48_000, layout="stereo")
        if cover is not None:
            shown: Any = output.add_stream("mjpeg", rate=1)
            shown.width, shown.height = cover.size
            shown.pix_fmt = "yuvj420p"
            shown.disposition = av.stream.Disposition.attached_pic
            frame: Any = av.VideoFrame.from_image(cover)
            packets = [*shown.encode(frame), *shown.encode(None)]
            for packet in packets:
                packet.pts = packet.dts = 0
                output.mux(packet)
        _sound(output, stream, 48_000)
    return path.read_bytes()
