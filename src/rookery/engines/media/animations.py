"""GIFs and other moving pictures to silent videos that loop."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av as _av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image, ImageSequence

from rookery.domain.media import Converted, MediaKind, MediaLimits
from rookery.engines.media import pictures, videos
from rookery.engines.media.wrapping import MP4_OPTIONS, check_duration
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
            raise Invalid(
                f"The moving picture has {count} frames: {limits.animation_frames_max} are the most"
            )
        if count * image.width * image.height > limits.image_pixels_max * FRAMES_OF_LARGEST:
            raise Invalid("The moving picture is too large for its length")
        with av.open(str(path), "w", format="mp4", options=MP4_OPTIONS) as output:
            film = _Film(output, videos.fitted(image.size, PIXELS_MAX))
            # The first frame of such a PNG is for those who show no moving ones.
            skipped = 1 if image.info.get("default_image") else 0
            for number, frame in enumerate(ImageSequence.Iterator(image)):
                if number < skipped:
                    continue
                frame.load()
                film.show(frame, frame.info.get("duration", 0))
                check_duration(film.at_ms, limits)
                progress(number * 100 // count)
            film.finish()
    return videos.described(path, into, MediaKind.GIFV)


FRAMES_OF_LARGEST: Final = 40
"""How many pictures of the largest size count as too many."""


class _Film:
    """A video of pictures that stand for as long as each says."""

    def __init__(self, output: Any, size: tuple[int, int]) -> None:
        self._output = output
        self._size = size
        self._stream: Any = output.add_stream("libx264", rate=Fraction(1_000, FRAME_MS))
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        # Without pictures that lean on later ones the times in the file are just those of the pictures.
        self._stream.options = {"crf": videos.QUALITY_CRF, "preset": videos.PRESET, "bf": "0"}
        context = self._stream.codec_context
        context.time_base = TIME_BASE
        context.thread_count = videos.threads()
        context.colorspace, context.color_primaries = Colorspace.ITU601, ColorPrimaries.BT709
        context.color_trc, context.color_range = ColorTrc.IEC61966_2_1, ColorRange.MPEG
        self._stands_ms: dict[int, int] = {}
        self.at_ms = 0
        """How long it is so far."""

    def show(self, picture: Image.Image, stands_ms: float) -> None:
        """Add a picture."""
        frame: Any = av.VideoFrame.from_image(_flat(picture, self._size))
        frame.pts, frame.time_base = self.at_ms, TIME_BASE
        lasts_ms = int(stands_ms) if stands_ms and stands_ms >= FRAME_MS_MIN else FRAME_MS
        self._stands_ms[self.at_ms] = lasts_ms
        self.at_ms += lasts_ms
        self._write(frame)

    def finish(self) -> None:
        """Write what is still being held back."""
        self._write(None)

    def _write(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = self._stands_ms.pop(packet.pts)
            self._output.mux(packet)


def _flat(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture without transparency, on white, at the size of the video."""
    plain: Any = pictures.in_srgb(frame.copy())
    if plain.mode == "RGBA":
        ground = Image.new("RGB", plain.size, "white")
        ground.paste(plain, mask=plain.getchannel("A"))
        plain = ground
    return plain if plain.size == size else plain.resize(size, Image.Resampling.LANCZOS)
