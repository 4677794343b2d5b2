"""Real servers for the tests: PostgreSQL and Redis from Debian's packages, in temporary folders, on loopback.

Tests that break a server start one of their own (`Postgres`, `Redis`). All others share one of each, and one object
store (`tests/ceph.py`), by `Shared`: the first worker that needs one starts its keeper (`tests/keeper.py`).
"""

import contextlib
import ctypes
import fcntl
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final, Self

START_S: Final = 120.0
STOP_S: Final = 10.0
_POLL_S: Final = 0.01
_PORT_TRIES: Final = 5
_KEEPER_S: Final = 240.0
_IN_MEMORY: Final = Path("/dev/shm")
_IN_MEMORY_FREE_MIN: Final = 2 << 30
_ROOT: Final = Path(__file__).parent.parent

MISSING: Final = "{program} is missing: install Debian's package {package} (`apt-get install {package}`)"


class ServerMissingError(Exception):
    """A server that the tests need is not installed."""


class ServerFailedError(Exception):
    """A server did not start."""


_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG: Final = 1


def end_with_parent() -> None:
    """Called in a new process before its program begins: it ends when the tests do, even if they are killed."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def program(name: str, *, package: str, folders: str = "") -> str:
    """Return where a program lies; raises ServerMissingError naming the package that brings it."""
    places = sorted(Path("/").glob(folders.lstrip("/")), reverse=True) if folders else []
    found = next((str(place / name) for place in places if (place / name).exists()), shutil.which(name))
    if found is None:
        raise ServerMissingError(MISSING.format(program=name, package=package))
    return found


def free_port() -> int:
    """Return a port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true: Callable[[], bool], *, timeout_s: float) -> bool:
    """Wait until something is so; False when it is not so in time."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_S)
    return True


def quick_place() -> Path | None:
    """Return where files cost no disk, if there is room.

    To copy and remove a database of 300 files takes a disk up to thirty times as long. What a killed server acknowledged
    is kept there too: only a machine that goes down takes it along.
    """
    if not os.access(_IN_MEMORY, os.W_OK) or shutil.disk_usage(_IN_MEMORY).free < _IN_MEMORY_FREE_MIN:
        return None
    return _IN_MEMORY


class _Server:
    """A server process in a folder of its own."""

    name = "server"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"rookery-{self.name}-", dir=quick_place()))
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server and wait until it answers; after `kill` it comes back on the same port."""
        tries = 1 if self.port else _PORT_TRIES
        for _ in range(tries):
            port = self.port or free_port()
            with (self.folder / "log").open("ab") as log:
                self._process = self._spawn(port, log)
            answers = functools.partial(self._answers, port)
            if wait_until(answers, timeout_s=START_S) and not self._ended():
                self.port = port
                return
            self.stop()
        log_text = (self.folder / "log").read_text(errors="replace")
        raise ServerFailedError(f"{self.name} did not start:\n{log_text[-2000:]}")

    def stop(self) -> None:
        """Ask the server to end, then make it."""
        process = self._process
        if process is None:
            return
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_S)
        self._process = None

    def kill(self) -> None:
        """End the server as a crash does (SIGKILL), and wait until nothing of it is left."""
        process = self._process
        if process is None:
            return
        children = _children(process.pid)
        process.kill()
        process.wait()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), timeout_s=STOP_S)
        self._process = None

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self, port: int) -> bool:
        return self._ended() or self._ready(port)

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _spawn(self, port: int, log: object) -> "subprocess.Popen[bytes]":
        raise NotImplementedError

    def _ready(self, port: int) -> bool:
        raise NotImplementedError


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class Postgres(_Server):
    """A PostgreSQL server; `durable` keeps what makes it survive a crash, which costs time."""

    name = "postgres"

    def __init__(self, *, durable: bool = True, template: Path | None = None) -> None:
        super().__init__()
        self._durable = durable
        self._template = template
        """Data of a stopped server to begin with (see `make_postgres_data`)."""
        self._data = self.folder / "data"
        self._user = _postgres_user()
        if self._user:
            shutil.chown(self.folder, "postgres", "postgres")

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database on this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        if not self._data.exists():
            if self._template is None:
                make_postgres_data(self._data)
            else:
                subprocess.run(["cp", "-a", str(self._template), str(self._data)], check=True)
        super().start()

    def _spawn(self, port: int, log: object) -> "subprocess.Popen[bytes]":
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "log_min_messages": "fatal",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [_postgres_program("postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            preexec_fn=end_with_parent,  # noqa: PLW1509  only a system call
            **self._user,
        )

    def _ready(self, port: int) -> bool:
        del port
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        process = self._process
        return (
            process is not None
            and lines[:1] == [str(process.pid)]
            and len(lines) > 7
            and lines[7].strip() == "ready"
        )


def make_postgres_data(folder: Path) -> None:
    """Make the data of a new PostgreSQL server; the folder above must be open to the user who runs it."""
    command = [_postgres_program("initdb"), "-D", str(folder), "-U", "postgres", "-A", "trust"]
    command += ["--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder.parent, **_postgres_user()
    )
    if made.returncode:
        raise ServerFailedError(f"initdb failed:\n{made.stderr}")


def _postgres_user() -> dict[str, Any]:
    # PostgreSQL refuses to run as root: then it runs as the user that Debian's package has made.
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def _postgres_program(name: str) -> str:
    return program(name, package="postgresql-15", folders="/usr/lib/postgresql/*/bin")


class Redis(_Server):
    """A Redis server that writes to its disk only when it is told to; `tls` makes it speak nothing else."""

    name = "redis"

    def __init__(self, *, tls: bool = False) -> None:
        super().__init__()
        self._tls = tls

    def url(self, database: int = 0) -> str:
        """Return the URL of one of its databases (numbers below `REDIS_DATABASES`)."""
        if self._tls:
            return f"rediss://127.0.0.1:{self.port}/{database}?ssl_ca_certs={self.folder}/certificate.pem"
        return f"redis://127.0.0.1:{self.port}/{database}"

    def command(self, text: str) -> str:
        """Send one command and return the first line of its answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=STOP_S) as connection:
            connection.sendall(text.encode() + b"\r\n")
            return connection.recv(1000).split(b"\r\n")[0].decode()

    def start(self) -> None:
        if self._tls and not (self.folder / "key.pem").exists():
            command = [
                program("openssl", package="openssl"),
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
            ]
            command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
            command += ["-keyout", "key.pem", "-out", "certificate.pem"]
            subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        super().start()

    def _spawn(self, port: int, log: object) -> "subprocess.Popen[bytes]":
        command = [program("redis-server", package="redis-server"), "--bind", "127.0.0.1"]
        command += [
            "--save",
            "",
            "--appendonly",
            "no",
            "--databases",
            str(REDIS_DATABASES),
            "--dir",
            str(self.folder),
        ]
        if self._tls:
            command += ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
            command += ["--tls-cert-file", "certificate.pem", "--tls-key-file", "key.pem"]
            command += ["--tls-ca-cert-file", "certificate.pem"]
        else:
            command += ["--port", str(port)]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            preexec_fn=end_with_parent,  # noqa: PLW1509  only a system call
        )

    def _ready(self, port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if self._tls:
                    return True
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


REDIS_DATABASES: Final = 64


class Shared:
    """The servers of one test run, found through a folder whose name every worker process inherits."""

    _variable: Final = "ROOKERY_TESTS_SERVERS"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def begin(cls) -> "Shared":
        """Called once by the process that runs the tests or hands them to workers; starts nothing yet."""
        folder = Path(tempfile.mkdtemp(prefix="rookery-tests-"))
        (folder / "owner").write_text(str(os.getpid()))
        os.environ[cls._variable] = str(folder)
        return cls(folder)

    @classmethod
    def join(cls) -> "Shared":
        """Called by everybody else."""
        return cls(Path(os.environ[cls._variable]))

    def end(self) -> None:
        """Stop what was started and leave nothing behind."""
        for pid_file in self.folder.glob("*.keeper"):
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(pid_file.read_text()), signal.SIGTERM)
        wait_until(lambda: not any(self.folder.glob("*.keeper")), timeout_s=3 * STOP_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def locked(self, name: str) -> Generator[None]:
        """Hold the lock of that name, which all workers share."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def once(self, name: str, make: Callable[[], str]) -> str:
        """Return what `make` returned when the first worker called it; the others wait for that."""
        with self.locked(name):
            file = self.folder / f"{name}.made"
            if not file.exists():
                file.write_text(make())
            return file.read_text()

    def port(self, name: str) -> int:
        """Return the port of the shared server of that name, starting it when nobody has."""
        return int(self.once(name, lambda: str(self._start(name))))

    def postgres_data(self) -> Path:
        """Return the data of a PostgreSQL server that was never started, to copy: ten times as quick as a new one."""

        def make() -> str:
            folder = self.folder / "postgres"
            folder.mkdir()
            self.folder.chmod(0o755)
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres", "postgres")
            make_postgres_data(folder / "data")
            return str(folder / "data")

        return Path(self.once("postgres-data", make))

    def _start(self, name: str) -> int:
        answer = self.folder / f"{name}.answer"
        command = [sys.executable, "-m", "tests.keeper", name, str(self.folder)]
        subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, cwd=_ROOT)
        if not wait_until(answer.exists, timeout_s=_KEEPER_S):
            raise ServerFailedError(f"{name} did not start")
        found = json.loads(answer.read_text())
        if "missing" in found:
            answer.unlink()
            raise ServerMissingError(found["missing"])
        if "failed" in found:
            answer.unlink()
            raise ServerFailedError(found["failed"])
        return found["port"]
