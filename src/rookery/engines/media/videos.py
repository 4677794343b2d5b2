"""Videos to H.264 and AAC in an MP4 that plays while it loads; audio to what every browser plays."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av as _av
from av.audio.resampler import AudioResampler as _Resampler

from rookery.domain.media import Converted, ConvertedFile, FileRole, MediaKind, MediaLimits
from rookery.engines.media import pictures
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
PROFILES: Final = frozenset(("Constrained Baseline", "Baseline", "Main", "High"))
MP4_OPTIONS: Final = {"movflags": "+faststart"}
MEMBERS_MAX: Final = 16
"""Streams of one file that are looked at."""
DAMAGE_MAX: Final = 50
"""Pieces that cannot be decoded until the whole counts as damaged."""
_TURNS: Final = {90: ("cclock",), 180: ("cclock", "cclock"), 270: ("clock",)}
Progress = Callable[[int], None]


@contextmanager
def _reading(source: Path) -> Generator[Any]:
    try:
        with av.open(str(source), metadata_errors="ignore") as container:
            yield container
    except (av.FFmpegError, OSError, ValueError, OverflowError, EOFError) as error:
        if isinstance(error, Invalid):
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
            return _audio(container, audio, cover, into, duration_ms=duration_ms, progress=progress)
        path = into / "full.mp4"
        if _is_suitable(container, video, audio):
            _remux(container, [stream for stream in (video, audio) if stream is not None], path, "mp4")
        else:
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
    return video, audio, cover


def _duration_ms(container: Any, stream: Any) -> int:
    if container.duration is not None:
        return int(container.duration * 1000 // av.time_base)
    if stream.duration is not None and stream.time_base is not None:
        return int(stream.duration * stream.time_base * 1000)
    return 0


def _check(video: Any, duration_ms: int, limits: MediaLimits) -> None:
    _check_duration(duration_ms, limits)
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


def _check_duration(duration_ms: int, limits: MediaLimits) -> None:
    if duration_ms > limits.video_duration_ms_max:
        raise Invalid(f"The file is longer than {limits.video_duration_ms_max // 60_000} minutes")


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


def _remux(container: Any, streams: list[Any], path: Path, form: str) -> None:
    """Wrap the streams anew, without what else was in the file."""
    with av.open(str(path), "w", format=form, options=MP4_OPTIONS if form == "mp4" else {}) as output:
        made = {stream.index: output.add_stream_from_template(stream) for stream in streams}
        for stream in made.values():
            stream.metadata.clear()
        for packet in container.demux(streams):
            if packet.dts is None:
                continue
            packet.stream = made[packet.stream.index]
            output.mux(packet)


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
    with av.open(str(path), "w", format="mp4", options=MP4_OPTIONS) as output:
        writer = _Writer(output, video, audio, first)
        damage = 0
        for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                damage += 1
                if damage > DAMAGE_MAX:
                    raise Invalid("The video is damaged") from None
                continue
            for frame in frames:
                writer.take(frame)
            if frames and frames[-1].time is not None:
                at_ms = int(frames[-1].time * 1000)
                _check_duration(at_ms, limits)
                if duration_ms:
                    progress(min(99, at_ms * 100 // duration_ms))
        writer.finish()


class _Writer:
    """Encodes frames: pictures through a filter that turns and scales them, sound through one that mixes it down."""

    def __init__(self, output: Any, video: Any, audio: Any, first: Any) -> None:
        """Take what to write to, what to read from, and the first picture, by which the others are turned."""
        self._output = output
        self._shape = (first.width, first.height, first.format.name)
        ratio = video.sample_aspect_ratio or Fraction(1)
        turned = round(first.rotation) % 360
        width, height = round(first.width * ratio.numerator / ratio.denominator), first.height
        size = (height, width) if turned in {90, 270} else (width, height)
        size = even(pictures.fitting(size, PIXELS_MAX))
        self._graph = _graph(video, turned, size)
        self._video = _h264(output, size, video.average_rate or video.guessed_rate or Fraction(30))
        self._last = -1
        self._audio: Any = None
        if audio is not None:
            self._audio = output.add_stream("aac", rate=AUDIO_RATE_HZ, layout="stereo")
            self._audio.bit_rate = AUDIO_BPS
            self._resampler = AudioResampler(format="fltp", layout="stereo", rate=AUDIO_RATE_HZ)

    def take(self, frame: Any) -> None:
        """Encode a frame of either kind."""
        if isinstance(frame, av.VideoFrame):
            # A stream that changes its size in the middle goes on in the first one.
            if (frame.width, frame.height, frame.format.name) == self._shape:
                self._graph.vpush(frame)
                self._drain()
        elif self._audio is not None:
            for piece in self._resampler.resample(frame):
                self._output.mux(self._audio.encode(piece))

    def _drain(self) -> None:
        while True:
            try:
                frame = self._graph.vpull()
            except (av.BlockingIOError, av.EOFError):
                return
            # Times may stand still or run back in what phones write; an encoder wants them to grow.
            at = round(frame.time / VIDEO_TIME_BASE) if frame.time is not None else self._last + 1
            self._last = frame.pts = max(at, self._last + 1)
            frame.time_base = VIDEO_TIME_BASE
            frame.pict_type = 0
            self._output.mux(self._video.encode(frame))

    def finish(self) -> None:
        """Write what is still being held back."""
        if self._last < 0:
            raise Invalid("The video shows nothing")
        self._graph.vpush(None)
        self._drain()
        self._output.mux(self._video.encode(None))
        if self._audio is not None:
            for piece in self._resampler.resample(None):
                self._output.mux(self._audio.encode(piece))
            self._output.mux(self._audio.encode(None))


def _graph(video: Any, turned: int, size: tuple[int, int]) -> Any:
    """Return the filter that turns pictures upright and scales them."""
    graph: Any = av.filter.Graph()
    steps = [graph.add_buffer(template=video)]
    steps += [graph.add("transpose", turn) for turn in _TURNS.get(turned, ())]
    steps.append(graph.add("scale", f"{size[0]}:{size[1]}:flags=bicubic"))
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
    return stream


def even(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size with even sides, which yuv420p asks for."""
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)


def _audio(
    container: Any, audio: Any, cover: Any, into: Path, *, duration_ms: int, progress: Progress
) -> Converted:
    """Write audio as every browser plays it, and its cover if it carries one."""
    picture = _cover(container, cover)
    container.seek(0)
    name = audio.codec_context.name
    if name in {"mp3", "mp3float"} and container.format.name == "mp3":
        path, kind = into / "full.mp3", "audio/mpeg"
        _remux(container, [audio], path, "mp3")
    else:
        path, kind = into / "full.m4a", "audio/mp4"
        _encode_audio(container, audio, path, duration_ms=duration_ms, progress=progress)
    full = _file(path, kind)
    if picture is None:
        return Converted(kind=MediaKind.AUDIO, files=(full,))
    small = pictures.poster(picture, into)
    return Converted(kind=MediaKind.AUDIO, files=(full, small), blurhash=pictures.blurhash_of(picture))


def _cover(container: Any, cover: Any) -> Any:
    if cover is None:
        return None
    try:
        frame = next(container.decode(cover))
    except (StopIteration, av.FFmpegError):
        return None
    return frame.to_image()


def _encode_audio(container: Any, audio: Any, path: Path, *, duration_ms: int, progress: Progress) -> None:
    resampler = AudioResampler(format="fltp", layout="stereo", rate=AUDIO_RATE_HZ)
    with av.open(str(path), "w", format="mp4", options=MP4_OPTIONS) as output:
        stream = output.add_stream("aac", rate=AUDIO_RATE_HZ, layout="stereo")
        stream.bit_rate = MUSIC_BPS
        sounds = False
        for frame in container.decode(audio):
            sounds = True
            for piece in resampler.resample(frame):
                output.mux(stream.encode(piece))
            if duration_ms and frame.time is not None:
                progress(min(99, int(frame.time * 1000) * 100 // duration_ms))
        if not sounds:
            raise Invalid("The file holds no sound")
        for piece in resampler.resample(None):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))


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
