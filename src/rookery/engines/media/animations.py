"""GIFs and other moving pictures to silent videos that loop."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av as _av
from PIL import Image, ImageSequence

from rookery.domain.media import Converted, MediaKind, MediaLimits
from rookery.engines.media import pictures, videos
from rookery.errors import Invalid

av: Any = _av
FRAME_MS: Final = 100
"""How long a picture stands that does not say, or says less than 20 ms: as browsers do."""
FRAME_MS_MIN: Final = 20
PIXELS_MAX: Final = 921_600
"""Width times height: 1280 x 720."""
TIME_BASE: Final = Fraction(1, 1_000)


def convert(source: Path, into: Path, *, limits: MediaLimits, progress: Callable[[int], None]) -> Converted:
    """Write a moving picture as a video. Raises Invalid with a sentence."""
    path = into / "full.mp4"
    with pictures.opened(source, limits) as image:
        count = int(getattr(image, "n_frames", 1))
        if count > limits.animation_frames_max:
            raise Invalid(f"The picture moves {count} times: {limits.animation_frames_max} are the most")
        if count * image.width * image.height > limits.image_pixels_max * FRAMES_OF_LARGEST:
            raise Invalid("The moving picture is too large for its length")
        size = videos.even(pictures.fitting(image.size, PIXELS_MAX))
        with av.open(str(path), "w", format="mp4", options=videos.MP4_OPTIONS) as output:
            stream: Any = output.add_stream("libx264", rate=Fraction(1_000, FRAME_MS))
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = TIME_BASE
            stream.options = {"crf": videos.QUALITY_CRF, "preset": videos.PRESET}
            at_ms, last, last_ms = 0, Image.new("RGB", size), 0
            for number, frame in enumerate(ImageSequence.Iterator(image)):
                frame.load()
                stands_ms = frame.info.get("duration", 0)
                last, last_ms = _flat(frame, size), at_ms
                _encode(output, stream, last, at_ms)
                at_ms += int(stands_ms) if stands_ms and stands_ms >= FRAME_MS_MIN else FRAME_MS
                progress(number * 100 // count)
            # The last picture in a video stands for one turn of the clock: one that stands longer is said twice.
            if at_ms - FRAME_MS > last_ms:
                _encode(output, stream, last, at_ms - FRAME_MS)
            output.mux(stream.encode(None))
    return videos.described(path, into, MediaKind.GIFV)


FRAMES_OF_LARGEST: Final = 40
"""How many pictures of the largest size count as too many."""


def _encode(output: Any, stream: Any, picture: Image.Image, at_ms: int) -> None:
    frame: Any = av.VideoFrame.from_image(picture)
    frame.pts, frame.time_base = at_ms, TIME_BASE
    output.mux(stream.encode(frame))


def _flat(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture without transparency, on white, at the size of the video."""
    plain: Any = pictures.in_srgb(frame.copy())
    if plain.mode == "RGBA":
        ground = Image.new("RGB", plain.size, "white")
        ground.paste(plain, mask=plain.getchannel("A"))
        plain = ground
    return plain if plain.size == size else plain.resize(size, Image.Resampling.LANCZOS)
