"""Sample files of every kind, made by Pillow and PyAV."""

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image


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


def _sound(output: Any, stream: Any, samples: int) -> None:
    size = stream.codec_context.frame_size or 1_024
    form = stream.codec_context.format.name
    for start in range(0, samples, size):
        frame: Any = av.AudioFrame(format=form, layout="stereo", samples=size)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
