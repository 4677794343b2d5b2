"""Videos to H.264 and AAC in an MP4 that plays while it loads; audio to what every browser plays."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av as _av
from av.audio.resampler import AudioResampler as _Resampler

from rookery.domain.media import Converted, ConvertedFile, FileRole, MediaKind, MediaLimits
from rookery.engines.media import pictures
from rookery.engines.media.shortages import is_shortage
from rookery.engines.media.wrapping import MP4_OPTIONS, check_duration, check_time, remux
from rookery.errors import Invalid

av: Any = _av
"""The library tells its types only in part."""
AudioResampler: Any = _Resampler
PIXELS_MAX: Final = 2_073_600
"""Width times height of a converted video: 1920 x 1080. Larger ones are scaled down."""
QUALITY_CRF: Final = "23"
PRESET: Final = "veryfast"
BITRATE_BPS_MAX: Final = 8_000_000
"""Videos above this are encoded anew."""
VIDEO_TIME_BASE: Final = Fraction(1, 90_000)
AUDIO_BPS: Final = 128_000
MUSIC_BPS: Final = 192_000
AUDIO_RATE_HZ: Final = 48_000
ROUNDED_SAMPLES_MAX: Final = 1_920
"""A gap in the sound that is smaller is none: 40 ms."""
PROFILES: Final = frozenset(("Constrained Baseline", "Baseline", "Main", "High"))
READ_OPTIONS: Final = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mp3,aac,flac,ogg,wav",
    "protocol_whitelist": "file",
}
"""Nothing that names other files or addresses to be read: no playlists, whatever a tag before them claims to be."""
THREADS_MAX: Final = 4
SIDE_MAX: Final = 4_096
"""Pixels: what decoders in hardware can do."""
STRETCH_MAX: Final = 4
"""How many times as wide as high a pixel may be, or the reverse; a file that says more is not believed."""
MEMBERS_MAX: Final = 16
"""Streams of one file that are looked at."""
DAMAGE_MAX: Final = 50
"""Pieces that cannot be decoded until the whole counts as damaged."""
_TURNS: Final = {90: ("cclock",), 180: ("cclock", "cclock"), 270: ("clock",)}
Progress = Callable[[int], None]


@contextmanager
def _reading(source: Path) -> Generator[Any]:
    try:
        with av.open(str(source), metadata_errors="ignore", container_options=READ_OPTIONS) as container:
            yield container
    except (av.FFmpegError, OSError, ValueError, ArithmeticError, LookupError, StopIteration) as error:
        if is_shortage(error):
            raise
        raise Invalid("The file is damaged or of a kind that cannot be played here") from None


def convert(source: Path, into: Path, *, limits: MediaLimits, progress: Progress) -> Converted:
    """Write what clients play. Raises Invalid with a sentence."""
    with _reading(source) as container:
        video, audio, cover = _streams(container)
        if video is None and audio is None:
            raise Invalid("The file holds neither pictures nor sound")
        duration_ms = _duration_ms(container, video or audio)
        _check(video, duration_ms, limits)
        if video is None:
            return _audio(
                container, audio, cover, into, duration_ms=duration_ms, limits=limits, progress=progress
            )
        path = into / "full.mp4"
        streams = [stream for stream in (video, audio) if stream is not None]
        if not _is_suitable(container, video, audio) or not remux(container, streams, path, limits=limits):
            container.seek(0)
            _transcode(
                container, video, audio, path, duration_ms=duration_ms, limits=limits, progress=progress
            )
    return described(path, into, MediaKind.VIDEO)


def _streams(container: Any) -> tuple[Any, Any, Any]:
    """Return the first video, the first audio and the cover of a file."""
    video = audio = cover = None
    for stream in list(container.streams)[:MEMBERS_MAX]:
        if stream.type == "video":
            if stream.disposition & av.stream.Disposition.attached_pic:
                cover = cover or stream
            else:
                video = video or stream
        elif stream.type == "audio":
            audio = audio or stream
    for stream in (video, audio):
        # What no decoder here reads has no context, or one without a name.
        if stream is not None and stream.codec_context is None:
            raise Invalid("The file is of a kind that cannot be played here")
    if video is not None:
        video.thread_type = "AUTO"
        video.codec_context.thread_count = threads()
    return video, audio, cover


def threads() -> int:
    """Return how many threads one encoder or decoder gets: each takes memory, of which a child has only so much."""
    return min(THREADS_MAX, os.cpu_count() or 1)


def _duration_ms(container: Any, stream: Any) -> int:
    if container.duration is not None:
        return int(container.duration * 1000 // av.time_base)
    if stream.duration is not None and stream.time_base is not None:
        return int(stream.duration * stream.time_base * 1000)
    return 0


def _check(video: Any, duration_ms: int, limits: MediaLimits) -> None:
    check_duration(duration_ms, limits)
    if video is None:
        return
    width, height = video.codec_context.width, video.codec_context.height
    if width < 1 or height < 1:
        raise Invalid("The video shows nothing")
    if width * height > limits.video_pixels_max:
        raise Invalid(
            f"The video has {width} x {height} pixels: {limits.video_pixels_max:,} in all are the most"
        )
    rate = video.average_rate
    if rate and rate > limits.video_frames_per_second_max:
        raise Invalid(
            f"The video has {float(rate):.0f} frames in a second: {limits.video_frames_per_second_max} are the most"
        )


def _is_suitable(container: Any, video: Any, audio: Any) -> bool:
    """Tell whether a video plays everywhere as it is: then only its wrapping is made anew."""
    context = video.codec_context
    ratio = video.sample_aspect_ratio
    plain = ratio is None or ratio in {0, 1}
    if context.name != "h264" or context.pix_fmt != "yuv420p" or video.profile not in PROFILES or not plain:
        return False
    if context.width * context.height > PIXELS_MAX or (container.bit_rate or 0) > BITRATE_BPS_MAX:
        return False
    if "mp4" not in container.format.name and "matroska" not in container.format.name:
        return False
    if audio is not None and (audio.codec_context.name != "aac" or audio.codec_context.channels > 2):
        return False
    return round(_first_picture(container, video).rotation) % 360 == 0


def _first_picture(container: Any, video: Any) -> Any:
    """Return the first picture of a video; the container is at its beginning after."""
    try:
        return next(container.decode(video))
    except (StopIteration, av.FFmpegError):
        raise Invalid("The video shows nothing") from None
    finally:
        container.seek(0)


def _decoded(container: Any, streams: list[Any], limits: MediaLimits) -> Iterator[Any]:
    """Go through the pictures and sounds of a file; a few pieces that cannot be decoded are left out."""
    damage = pictures_seen = 0
    pictures_max = limits.video_duration_ms_max // 1_000 * limits.video_frames_per_second_max
    for packet in container.demux(streams):
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            damage += 1
            if damage > DAMAGE_MAX or is_shortage(error):
                raise Invalid("The file is damaged") from None
            continue
        for frame in frames:
            if frame.time is not None:
                check_time(frame.time, limits)
            pictures_seen += isinstance(frame, av.VideoFrame)
            if pictures_seen > pictures_max:
                raise Invalid(f"The video has more than {pictures_max} frames")
            yield frame


def _transcode(
    container: Any,
    video: Any,
    audio: Any,
    path: Path,
    *,
    duration_ms: int,
    limits: MediaLimits,
    progress: Progress,
) -> None:
    first = _first_picture(container, video)
    streams = [stream for stream in (video, audio) if stream is not None]
    with av.open(str(path), "w", format="mp4", options=MP4_OPTIONS) as output:
        writer = _Writer(output, video, audio, first)
        told = 0
        for frame in _decoded(container, streams, limits):
            writer.take(frame)
            percent = _percent(frame, duration_ms)
            if percent > told:
                told = percent
                progress(told)
        writer.finish()


def _percent(frame: Any, duration_ms: int) -> int:
    if frame.time is None or not duration_ms:
        return 0
    return max(0, min(99, int(frame.time * 1_000) * 100 // duration_ms))


class _Sound:
    """Encodes sound as AAC in stereo, whatever it comes as."""

    def __init__(self, output: Any, *, bits_per_second: int) -> None:
        self._output = output
        self._stream = output.add_stream("aac", rate=AUDIO_RATE_HZ, layout="stereo")
        self._stream.bit_rate = bits_per_second
        self._shape: tuple[Any, ...] = ()
        self._resampler: Any = None
        self._next = 0
        """Where the next piece begins if it follows the last one, in samples."""
        self.heard = False

    def take(self, frame: Any) -> None:
        """Encode a piece; a stream may change its kind of sound in the middle."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            self._flush()
            self._shape = shape
            self._resampler = AudioResampler(format="fltp", layout="stereo", rate=AUDIO_RATE_HZ)
        self._write(self._resampler.resample(frame))

    def _write(self, pieces: Any) -> None:
        for piece in pieces:
            self.heard = True
            # Wrappings round the times of their pieces, some to a whole piece, and an encoder wants them to the sample.
            at = self._next if piece.time is None else round(piece.time * AUDIO_RATE_HZ)
            if at < self._next + ROUNDED_SAMPLES_MAX:
                at = self._next
            piece.pts, piece.time_base = at, Fraction(1, AUDIO_RATE_HZ)
            self._next = at + piece.samples
            self._output.mux(self._stream.encode(piece))

    def _flush(self) -> None:
        if self._resampler is not None:
            self._write(self._resampler.resample(None))

    def finish(self) -> None:
        """Write what is still being held back."""
        self._flush()
        if self.heard:
            self._output.mux(self._stream.encode(None))


class _Writer:
    """Encodes frames: pictures through a filter that turns and scales them, sound through one that mixes it down."""

    def __init__(self, output: Any, video: Any, audio: Any, first: Any) -> None:
        """Take what to write to, what to read from, and the first picture, by which the others are turned."""
        self._output = output
        self._source = video
        self._turned = round(first.rotation) % 360
        self._size = _shown_size(first, video.sample_aspect_ratio, self._turned)
        self._shape: tuple[Any, ...] = ()
        self._graph: Any = None
        self._video = _h264(output, self._size, video.average_rate or video.guessed_rate or Fraction(30))
        self._last = -1
        self._sound = _Sound(output, bits_per_second=AUDIO_BPS) if audio is not None else None

    def take(self, frame: Any) -> None:
        """Encode a frame of either kind."""
        if not isinstance(frame, av.VideoFrame):
            if self._sound is not None:
                self._sound.take(frame)
            return
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            # A stream may change its size in the middle: what is shown keeps that of its beginning.
            self._flush()
            self._shape = shape
            self._graph = _graph(frame, self._source.time_base, self._turned, self._size)
        self._graph.vpush(frame)
        self._drain()

    def _flush(self) -> None:
        if self._graph is not None:
            self._graph.vpush(None)
            self._drain()

    def _drain(self) -> None:
        while True:
            try:
                frame = self._graph.vpull()
            except (av.BlockingIOError, av.EOFError):
                return
            if self._last < 0:
                _tell_colors(self._video.codec_context, frame)
            # Times may stand still or run back in what phones write; an encoder wants them to grow.
            at = round(frame.time / VIDEO_TIME_BASE) if frame.time is not None else self._last + 1
            self._last = frame.pts = max(at, self._last + 1)
            frame.time_base = VIDEO_TIME_BASE
            frame.pict_type = 0
            self._output.mux(self._video.encode(frame))

    def finish(self) -> None:
        """Write what is still being held back."""
        self._flush()
        if self._last < 0:
            raise Invalid("The video shows nothing")
        self._output.mux(self._video.encode(None))
        if self._sound is not None:
            self._sound.finish()


def _shown_size(first: Any, stretch: Fraction | None, turned: int) -> tuple[int, int]:
    """Return how large a video is shown, pixels being square and its sides even."""
    ratio = stretch or Fraction(1)
    if not Fraction(1, STRETCH_MAX) <= ratio <= STRETCH_MAX:
        ratio = Fraction(1)
    width, height = round(first.width * ratio), first.height
    return fitted((height, width) if turned in {90, 270} else (width, height), PIXELS_MAX)


def _tell_colors(context: Any, frame: Any) -> None:
    """Say of the video what its frames say of their colours, which no player has to guess then."""
    context.colorspace = frame.colorspace
    context.color_range = frame.color_range
    context.color_primaries = frame.color_primaries
    context.color_trc = frame.color_trc


def _graph(frame: Any, time_base: Fraction, turned: int, size: tuple[int, int]) -> Any:
    """Return the filter that turns pictures like this one upright and scales them."""
    graph: Any = av.filter.Graph()
    steps = [
        graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base or time_base,
        )
    ]
    steps += [graph.add("transpose", turn) for turn in _TURNS.get(turned, ())]
    steps.append(graph.add("scale", f"{size[0]}:{size[1]}:flags=bicubic:out_range=tv"))
    steps.append(graph.add("setsar", "1"))
    steps.append(graph.add("format", "yuv420p"))
    steps.append(graph.add("buffersink"))
    graph.link_nodes(*steps).configure()
    return graph


def _h264(output: Any, size: tuple[int, int], rate: Fraction) -> Any:
    stream = output.add_stream("libx264", rate=rate)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = VIDEO_TIME_BASE
    stream.options = {"crf": QUALITY_CRF, "preset": PRESET, "profile": "high"}
    stream.codec_context.thread_count = threads()
    return stream


def even(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size with even sides, which yuv420p asks for."""
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)


def fitted(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """Return the size that a picture of that size is shown at in a video: no larger, not too long, even."""
    width, height = pictures.fitting(size, pixels)
    scale = min(1.0, SIDE_MAX / max(width, height))
    return even((int(width * scale), int(height * scale)))


def _audio(
    container: Any,
    audio: Any,
    cover: Any,
    into: Path,
    *,
    duration_ms: int,
    limits: MediaLimits,
    progress: Progress,
) -> Converted:
    """Write audio as every browser plays it, and its cover if it carries one."""
    picture = _cover(container, cover)
    container.seek(0)
    name = audio.codec_context.name
    if name in {"mp3", "mp3float"} and container.format.name == "mp3":
        path, kind = into / "full.mp3", "audio/mpeg"
        if not remux(container, [audio], path, limits=limits, form="mp3"):
            raise Invalid("The file holds no sound")
    else:
        path, kind = into / "full.m4a", "audio/mp4"
        _encode_audio(container, audio, path, duration_ms=duration_ms, limits=limits, progress=progress)
    full = _file(path, kind)
    if picture is None:
        return Converted(kind=MediaKind.AUDIO, files=(full,))
    small = pictures.poster(picture, into)
    return Converted(kind=MediaKind.AUDIO, files=(full, small), blurhash=pictures.blurhash_of(picture))


def _cover(container: Any, cover: Any) -> Any:
    """Return the picture that a piece of audio carries, if it can be read."""
    if cover is None:
        return None
    try:
        return next(container.decode(cover)).to_image()
    except (StopIteration, av.FFmpegError, ValueError):
        return None


def _encode_audio(
    container: Any,
    audio: Any,
    path: Path,
    *,
    duration_ms: int,
    limits: MediaLimits,
    progress: Progress,
) -> None:
    with av.open(str(path), "w", format="mp4", options=MP4_OPTIONS) as output:
        sound, told = _Sound(output, bits_per_second=MUSIC_BPS), 0
        for frame in _decoded(container, [audio], limits):
            sound.take(frame)
            percent = _percent(frame, duration_ms)
            if percent > told:
                told = percent
                progress(told)
        sound.finish()
        if not sound.heard:
            raise Invalid("The file holds no sound")


def described(path: Path, into: Path, kind: MediaKind) -> Converted:
    """Return a finished video with a poster of its first picture."""
    with _reading(path) as container:
        first = next(container.decode(container.streams.video[0])).to_image()
    small = pictures.poster(first, into)
    return Converted(kind=kind, files=(_file(path, "video/mp4"), small), blurhash=pictures.blurhash_of(first))


def _file(path: Path, content_type: str) -> ConvertedFile:
    """Return what a finished file says of itself."""
    with _reading(path) as container:
        video, audio, _ = _streams(container)
        rate = video.average_rate if video is not None else None
        return ConvertedFile(
            role=FileRole.FULL,
            path=str(path),
            content_type=content_type,
            extension=path.suffix.removeprefix("."),
            width=video.codec_context.width if video is not None else None,
            height=video.codec_context.height if video is not None else None,
            duration_ms=_duration_ms(container, video or audio),
            frame_rate=f"{rate.numerator}/{rate.denominator}" if rate else None,
            bitrate_bps=container.bit_rate or None,
        )
