"""The child process: reads one order, converts, tells, ends. Nothing it does outlives it but the files it wrote."""

import os
import resource
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from rookery.domain.media import Converted, MediaKind, MediaPurpose, kind_of
from rookery.engines.media.orders import Order, Report
from rookery.engines.media.shortages import is_shortage
from rookery.errors import Invalid

MEMORY_BYTES_MAX: Final = 3 * 1024**3
"""Address space: a picture of the largest size and the encoders' threads fit in, a bomb does not."""
CPU_S_MAX: Final = 2 * 3_600
PICTURE_CPU_S_MAX: Final = 120
PROFILE_CPU_S_MAX: Final = 20
"""For what somebody's request waits."""
FILE_BYTES_MAX: Final = 1024**3
NICENESS: Final = 10
"""Whoever waits for a page goes before."""


def main() -> None:
    """Carry out the order on standard input."""
    order = msgspec.json.decode(_ordered(), type=Order)
    threading.Thread(target=_end_with_service, daemon=True).start()
    _bound(resource.RLIMIT_AS, MEMORY_BYTES_MAX)
    _bound(resource.RLIMIT_FSIZE, FILE_BYTES_MAX)
    _bound(resource.RLIMIT_CORE, 0)
    with suppress(OSError):
        os.nice(NICENESS)
    try:
        _tell(Report(converted=_converted(order)))
    except Invalid as error:
        _tell(Report(failure=error.message))
    except MemoryError:
        _tell(Report(failure="The file is too much to handle: it takes too much memory"))
    except OSError as error:
        if not is_shortage(error):
            raise
        _tell(Report(shortage=f"{type(error).__name__}: {os.strerror(error.errno or 0)}"))


def _ordered() -> bytes:
    """Read the line that says what to do; what follows it on the pipe is its end alone."""
    line = b""
    while not line.endswith(b"\n") and (more := os.read(_STDIN, 65_536)):
        line += more
    return line


_STDIN: Final = 0


def _end_with_service() -> None:
    """End when the service does, however it ends: the pipe from it is closed then."""
    while os.read(_STDIN, 1):
        pass
    os._exit(1)


def _bound_processor(seconds: int) -> None:
    """End with a signal of its own when that much of the processor has been used."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = seconds if hard == resource.RLIM_INFINITY else min(seconds, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _bound(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, hard))


def _tell(report: Report) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def _converted(order: Order) -> Converted:
    source, into = Path(order.source), Path(order.into)
    with source.open("rb") as file:
        kind = kind_of(file.read(64))
    # Each half is heavy, and none needs both: a moving picture alone does.
    if kind is not MediaKind.IMAGE:
        from rookery.engines.media import videos  # noqa: PLC0415

        _bound_processor(CPU_S_MAX)
        return videos.convert(source, into, limits=order.limits, progress=_told)
    from rookery.engines.media import pictures  # noqa: PLC0415

    _bound_processor(PICTURE_CPU_S_MAX if order.purpose is MediaPurpose.TWEET else PROFILE_CPU_S_MAX)
    with pictures.opened(source, order.limits) as image:
        moving = pictures.is_moving(image)
    if moving and order.purpose is MediaPurpose.TWEET:
        from rookery.engines.media import animations  # noqa: PLC0415

        return animations.convert(source, into, limits=order.limits, progress=_told)
    return pictures.convert(source, into, purpose=order.purpose, limits=order.limits)


def _told(percent: int) -> None:
    _tell(Report(percent=min(99, percent)))


if __name__ == "__main__":
    main()
