"""Processes that last until they are told to end: the server, and the worker on its own."""

import asyncio
import errno
import gc
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec
import structlog

from rookery.app import Running, running
from rookery.domain.measurements import Kind, Measurement
from rookery.errors import Misconfigured, RookeryError
from rookery.services import Services
from rookery.settings import BASE_URL, Settings, networks_in

if TYPE_CHECKING:
    from rookery.api.front import Front
    from rookery.api.overload import LoopDelay

PORT_MAX: Final = 65_535
CONNECTIONS_MAX: Final = 16_384
"""Connections one process holds open at a time."""
OPEN_FILES: Final = CONNECTIONS_MAX + 2_048
"""Open files that a server asks the system for: its connections, and what is left for everything else."""
BACKLOG: Final = 1_024
"""Connections that may wait to be accepted."""
GC_THRESHOLDS: Final = (10_000, 20, 50)
"""New objects until a collection of the youngest, of those that lived through 20 such, and through 50 of these."""
WEB_CLIENT: Final = Path(__file__).with_name("web")
"""Where the built web client lies, if it was built."""
_ANY_KEY: Final = "a-file"
FINISH_S: Final = 10.0
"""How long requests in flight may take when the process is to stop."""

_log = structlog.get_logger(__name__)


async def work(settings: Settings, *, begun: Callable[[], None]) -> None:
    """Run tasks until SIGTERM or SIGINT; those that run then are finished."""
    async with running(settings) as parts:
        _on_end_signals(parts.worker.stop)
        _settle_memory()
        begun()
        await parts.worker.run()


async def serve(
    settings: Settings, *, host: str, port: int, works: bool, begun: Callable[[Settings, str], None]
) -> None:
    """Answer HTTP requests (and, if it `works`, run tasks) until SIGTERM or SIGINT, then finish what was begun.

    `begun` is told the settings in force and where the process listens. Raises Misconfigured when it cannot listen.
    """
    # NOTE: these are heavy, and no other command needs them.
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server.embed import Server  # noqa: PLC0415

    _raise_open_files_limit()
    port = _free_port(host, port)
    settings = _with_base_url(settings, host, port)
    async with running(settings) as parts:
        front, delay = _front(settings, parts, await _signed_origins(settings, parts.services))
        server = Server(
            front,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            backlog=BACKLOG,
            backpressure=CONNECTIONS_MAX,
            log_enabled=False,
        )
        asked_to_end = asyncio.Event()
        _on_end_signals(asked_to_end.set)

        async def end() -> None:
            await asked_to_end.wait()
            await front.streaming.close()
            server.stop()

        ending = asyncio.create_task(end())
        measuring = asyncio.create_task(delay.measure())
        working = asyncio.create_task(parts.worker.run()) if works else None
        _settle_memory()
        asyncio.get_running_loop().call_soon(begun, settings, f"http://{_reachable(host)}:{port}")
        await server.serve()
        await front.finished(FINISH_S)
        ending.cancel()
        measuring.cancel()
        if working is not None:
            parts.worker.stop()
            await working


def _front(
    settings: Settings, parts: Running, signed_origins: tuple[str, ...]
) -> tuple["Front", "LoopDelay"]:
    from rookery.api import pages  # noqa: PLC0415  heavy, and only servers need them
    from rookery.api.front import Front  # noqa: PLC0415
    from rookery.api.metrics import Metrics, RequestCounts  # noqa: PLC0415
    from rookery.api.overload import Admission, LoopDelay  # noqa: PLC0415
    from rookery.api.pages.client import PAGE  # noqa: PLC0415
    from rookery.api.presenting import Presenter  # noqa: PLC0415
    from rookery.api.server import ApiOptions, build  # noqa: PLC0415
    from rookery.api.streaming.server import Streaming  # noqa: PLC0415

    options = ApiOptions(
        rate_limits=settings.rate_limits == "on",
        rate_limit_factor=settings.rate_limit_factor,
        trusted_proxies=networks_in(settings.trusted_proxies),
        signs_media=settings.media_links == "signed",
        signed_origins=signed_origins,
    )
    delay, counts = LoopDelay(), RequestCounts()
    loop_delay = Measurement(
        "rookery_loop_delay_seconds",
        "How long work waits for its turn on the event loop, as long as it goes on waiting.",
        Kind.GAUGE,
        lambda: delay.standing_ms / 1000,
    )
    present = Presenter(parts.services.instance)
    streaming = Streaming(parts.services, options, present)
    client_folder = WEB_CLIENT if (WEB_CLIENT / PAGE).is_file() else None
    if client_folder is None:
        _log.warning("the web client is not built: pages are shown without it", folder=str(WEB_CLIENT))
    shown = pages.Pages(parts.services, options, client_folder=client_folder)
    front = Front(
        build(parts.services, options, pages=shown, present=present),
        Admission(parts.services.limits, delay),
        counts,
        Metrics(parts.services, counts, [*parts.measurements, *streaming.measurements(), loop_delay]),
        metrics_for=settings.metrics,
        trusted_proxies=options.trusted_proxies,
        streaming=streaming,
    )
    return front, delay


async def _signed_origins(settings: Settings, services: Services) -> tuple[str, ...]:
    """Return scheme and host of the stores to which clients are sent for files: pages must allow these."""
    if settings.media_links != "signed":
        return ()
    stores = services.media_stores
    origins: list[str] = []
    for store in (stores.first, stores.cold, stores.other):
        try:
            link = await store.link(_ANY_KEY, lasts_s=1) if store is not None else None
        except RookeryError as error:
            _log.warning("pages may not show files of a store that signs no addresses", error=str(error))
            continue
        if link:
            parts = urlsplit(link)
            origins.append(f"{parts.scheme}://{parts.netloc}")
    return tuple(dict.fromkeys(origins))


def _free_port(host: str, port: int) -> int:
    """Return the port, or for 0 a free one. Raises Misconfigured when nobody can listen there."""
    if not 0 <= port <= PORT_MAX:
        raise Misconfigured(f"a port lies between 0 and {PORT_MAX}, not {port}")
    # The HTTP server shares ports between processes: only a socket that does not share tells that one is taken.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return probe.getsockname()[1]
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(
                f"port {port} of {host} is taken: another process listens there; choose another by --port"
            ) from error
        raise Misconfigured(f"cannot listen on port {port} of {host}: {error.strerror}") from error


def _with_base_url(settings: Settings, host: str, port: int) -> Settings:
    """Let links lead to where the process listens, unless the operator has said where people reach it."""
    if settings.base_url != BASE_URL:
        return settings
    return msgspec.structs.replace(settings, base_url=f"http://{_reachable(host)}:{port}")


def _reachable(host: str) -> str:
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  named, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _on_end_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _raise_open_files_limit() -> None:
    """Allow this process as many open files as its connections take, where the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < OPEN_FILES:
        _log.warning(
            "the system allows fewer open files than this process may need: fewer connections fit",
            allowed=allowed,
            wanted=OPEN_FILES,
        )


def _settle_memory() -> None:
    """Keep what the start has made out of the garbage collector's sight, and let it look at the rest rarely.

    A request leaves hardly any cycles, but a full collection walks every cached tweet: 0.2 s for 240,000 objects, in
    which nobody is answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
