"""Wrapping streams anew as they are encoded, without what else their file says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import av as _av

from rookery.domain.media import MediaLimits
from rookery.engines.media.shortages import is_shortage
from rookery.errors import Invalid

av: Any = _av
MP4_OPTIONS: Final = {"movflags": "+faststart"}


def check_duration(duration_ms: int, limits: MediaLimits) -> None:
    """Raise Invalid for what plays too long."""
    if duration_ms > limits.video_duration_ms_max:
        raise Invalid(f"The file is longer than {limits.video_duration_ms_max // 60_000} minutes")


def check_time(seconds: Any, limits: MediaLimits) -> None:
    """Raise Invalid for what comes too late in a file."""
    check_duration(int(seconds * 1_000), limits)


def remux(container: Any, streams: list[Any], path: Path, *, limits: MediaLimits, form: str = "mp4") -> bool:
    """Wrap the streams anew, without what else was in the file; False when that cannot be done."""
    try:
        with av.open(str(path), "w", format=form, options=_WRITE_OPTIONS[form]) as output:
            made = {stream.index: output.add_stream_from_template(stream) for stream in streams}
            for stream in made.values():
                stream.metadata.clear()
            written = False
            for packet in _timed(container.demux(streams)):
                check_time(packet.dts * packet.time_base, limits)
                packet.stream = made[packet.stream.index]
                output.mux(packet)
                written = True
    except av.FFmpegError as error:
        if is_shortage(error):
            raise
        return False
    return written


def _timed(packets: Iterator[Any]) -> Iterator[Any]:
    """Go through packets that know when they are to be decoded.

    Some wrappings say when pictures are shown alone; then the first few do not know it, for they lean on later ones.
    """
    waiting: dict[int, list[Any]] = {}
    for packet in packets:
        if not packet.size:
            continue
        before = waiting.setdefault(packet.stream.index, [])
        if packet.dts is None:
            before.append(packet)
            if len(before) > REORDERED_MAX:
                break
            continue
        for number, early in enumerate(before):
            early.dts = packet.dts - (len(before) - number) * max(1, packet.duration or 1)
            yield early
        before.clear()
        yield packet
    if any(waiting.values()):
        raise av.InvalidDataError(0, "a stream does not say when it is to be decoded")


REORDERED_MAX: Final = 32
"""Pictures that may lean on one that comes later."""


_WRITE_OPTIONS: Final = {"mp4": MP4_OPTIONS, "mp3": {"id3v2_version": "0", "write_id3v1": "0"}}
