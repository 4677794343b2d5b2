"""A real S3-compatible service for the tests: Ceph from Debian's packages, as small as it gets, on loopback.

One monitor, one storage daemon that keeps everything in memory and one gateway, in a temporary folder. They are ended
as a crash ends things, because nothing in them is worth writing down.
"""

import asyncio
import base64
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from tests.servers import (
    START_S,
    ServerFailedError,
    end_with_parent,
    free_port,
    program,
    quick_place,
    wait_until,
)

ACCESS_KEY: Final = "testaccess"
SECRET_KEY: Final = "test/secret+key"
"""With characters that addresses have to escape."""

_TRIES: Final = 3
_PACKAGES: Final = {
    "monmaptool": "ceph-common",
    "ceph": "ceph-common",
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    "radosgw": "radosgw",
    "radosgw-admin": "radosgw",
}
_CAPABILITIES: Final = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
}
_SETTINGS: Final = """[global]
fsid = {cluster}
mon host = [v2:127.0.0.1:{port}]
public network = 127.0.0.0/8
ms bind ipv6 = false
keyring = {folder}/keyring
run dir = {folder}
crash dir = {folder}
admin socket =
pid file =
log file =
log to stderr = true
debug rgw = 0
mon data = {folder}/mon
mon cluster log file =
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 2
mon data avail crit = 1
paxos propose interval = 0.05
paxos min wait = 0.02
auth allow insecure global id reclaim = false
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd pool default size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd op num shards = 2
osd op num threads per shard = 1
rgw thread pool size = 32
"""
# NOTE: without tcp_nodelay every answer takes 40 ms longer.
_FRONTEND: Final = "--rgw-frontends=beast endpoint=127.0.0.1:{port} tcp_nodelay=1"


class Ceph:
    """The service; `port` is its gateway's once it is started."""

    def __init__(self) -> None:
        self.port = 0
        self.folder = Path()
        self._daemons: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        for left in reversed(range(_TRIES)):
            try:
                self._start()
            except ServerFailedError:
                # Somebody may have taken a port between the look and the use.
                self.close()
                if not left:
                    raise
            except BaseException:
                self.close()
                raise
            else:
                break
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it and remove its folder."""
        for daemon in reversed(self._daemons):
            daemon.kill()
        for daemon in self._daemons:
            daemon.wait()
        self._daemons.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rookery-ceph-", dir=quick_place()))
        cluster, disk, port = str(uuid.uuid4()), str(uuid.uuid4()), free_port()
        (self.folder / "ceph.conf").write_text(
            _SETTINGS.format(cluster=cluster, port=port, folder=self.folder)
        )
        (self.folder / "keyring").write_text(_keyring())
        for name in ("mon", "osd"):
            (self.folder / name).mkdir()
        monitor = f"[v2:127.0.0.1:{port}]"
        self._run("monmaptool", "--create", "--fsid", cluster, "--addv", "a", monitor, "monmap")
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", "monmap", "--keyring", "keyring")
        self._begin("ceph-mon", "-i", "a", "-f")
        # This waits for the monitor, and making the user below for the storage.
        self._run("ceph", "osd", "new", disk, "0")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk, "--no-mon-config")
        self._begin("ceph-osd", "-i", "0", "-f")
        keys = (f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}")
        self._run("radosgw-admin", "user", "create", "--uid=tests", "--display-name=tests", *keys)
        port = free_port()
        gateway = self._begin("radosgw", "-n", "client.admin", "-f", _FRONTEND.format(port=port))
        self._wait(lambda: gateway.poll() is not None or _answers(port), "radosgw")
        self.port = port

    def _run(self, name: str, *arguments: str) -> None:
        """Run a program to its end."""
        process = self._spawn(name, *arguments)
        try:
            self._wait(lambda: process.poll() is not None, name)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            raise ServerFailedError(f"{name} failed:\n{self._log()}")

    def _begin(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a daemon."""
        daemon = self._spawn(name, *arguments)
        self._daemons.append(daemon)
        return daemon

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        settings = () if name == "monmaptool" else ("-c", "ceph.conf")
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [program(name, package=_PACKAGES[name]), *settings, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=end_with_parent,  # noqa: PLW1509  only a system call
            )

    def _wait(self, done: Callable[[], bool], name: str) -> None:
        def broken() -> bool:
            return any(daemon.poll() is not None for daemon in self._daemons)

        if not wait_until(lambda: done() or broken(), timeout_s=START_S) or broken():
            raise ServerFailedError(f"{name} did not do its part:\n{self._log()}")

    def _log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]


def _keyring() -> str:
    lines: list[str] = []
    for name, capabilities in _CAPABILITIES.items():
        # A key of Ceph's kind 1: when it was made, its length, its bytes.
        key = struct.pack("<hiih", 1, int(time.time()), 0, 16) + secrets.token_bytes(16)
        lines += [f"[{name}]", f"key = {base64.b64encode(key).decode()}"]
        lines += [f'caps {what} = "{allowed}"' for what, allowed in capabilities.items()]
    return "\n".join([*lines, ""])


def _answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return answer.status == 200
    return False


def bucket_url(
    port: int, bucket: str, *, folder: str = "", access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY
) -> str:
    """Return what the setting `media_url` says for a bucket of the service."""
    keys = f"{quote(access_key, safe='')}:{quote(secret_key, safe='')}"
    return f"s3://{keys}@{bucket}{folder and '/'}{folder}?endpoint=http://127.0.0.1:{port}"


def make_bucket(port: int, bucket: str) -> None:
    """Make a bucket, by a signed request."""
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        config={
            "endpoint": f"http://127.0.0.1:{port}",
            "region": "us-east-1",
            "access_key_id": ACCESS_KEY,
            "secret_access_key": SECRET_KEY,
            "virtual_hosted_style_request": False,
        },
        client_options={"allow_http": True},
    )
    address = obstore.sign(store, "PUT", "", timedelta(minutes=5))
    with urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=START_S):
        pass


class Gate:
    """A port that leads to the service only while it is open: for tests of a service that is down for a while."""

    def __init__(self, to: int) -> None:
        # Bound but not listening: connections are refused, and nobody else gets the port.
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port = int(self._place.getsockname()[1])
        self._to = to
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._place.close()

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Let everybody through; afterwards nobody, and what is under way ends."""
        server = await asyncio.start_server(self._lead, "127.0.0.1", self.port, reuse_port=True)
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            await asyncio.gather(_pour(reader, there_writer), _pour(there_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in (writer, there_writer):
                each.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65_536):
        writer.write(chunk)
        await writer.drain()
    writer.close()
