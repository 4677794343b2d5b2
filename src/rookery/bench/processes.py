"""Server processes under measurement: started, asked for their CPU time and memory, ended by their own number."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from rookery.errors import Unavailable

READY_WITHIN_S: Final = 120.0
STOP_WITHIN_S: Final = 10.0
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Measured:
    """A running process with everything it started."""

    def __init__(self, pid: int, port: int, start_s: float) -> None:
        """Take its number, its port and the seconds until it answered."""
        self.pid = pid
        self.port = port
        self.start_s = start_s

    def cpu_s(self) -> float:
        """Return the CPU seconds that the process and its children have used."""
        ticks = 0
        for pid in self._tree():
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS_PER_S

    def memory_mb(self) -> float:
        """Return the proportional set size in MB (10^6 bytes); what several share is counted once."""
        kib = 0
        for pid in self._tree():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
                if line.startswith("Pss:"):
                    kib += int(line.split()[1])
        return kib * 1024 / 1e6

    def _tree(self) -> list[int]:
        tree = [self.pid]
        for pid in tree:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                tree += [int(child) for child in (thread / "children").read_text(encoding="ascii").split()]
        return tree


@asynccontextmanager
async def started(
    command: Sequence[str], *, port: int, environment: Mapping[str, str] | None = None, log: Path
) -> AsyncGenerator[Measured]:
    """Run a server until the block ends. Raises Unavailable with the end of its log when it does not answer."""
    began = time.perf_counter()
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
        )
    try:
        while not await _answers(port):
            if process.returncode is not None or time.perf_counter() - began > READY_WITHIN_S:
                raise Unavailable(f"{' '.join(command)} did not start; its output is in {log}")
            await asyncio.sleep(0.01)
        yield Measured(process.pid, port, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    try:
        return bool(await asyncio.wait_for(reader.read(12), 5))
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
