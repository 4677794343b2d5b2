"""Runs one of the servers that a test run shares, and ends it when the run ends, however it ends.

`python -m tests.keeper NAME FOLDER`; the answer, a port or why there is none, is a file in the folder.
"""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.ceph import Ceph
from tests.servers import Postgres, Redis, ServerFailedError, ServerMissingError

_POLL_S: Final = 0.2
_KINDS: Final[dict[str, Callable[[], Postgres | Redis | Ceph]]] = {
    "postgres": lambda: Postgres(durable=False),
    "redis": Redis,
    "ceph": Ceph,
}


def keep(name: str, folder: Path) -> None:
    """Run a shared server until the run that owns the folder is over or this process is asked to end."""
    owner = int((folder / "owner").read_text())
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pid_file = folder / f"{name}.keeper"
    pid_file.write_text(str(os.getpid()))
    try:
        with _KINDS[name]() as server:
            _answer(folder, name, {"port": server.port})
            while not asked and _alive(owner) and folder.exists():
                time.sleep(_POLL_S)
    except ServerMissingError as error:
        _answer(folder, name, {"missing": str(error)})
    except ServerFailedError as error:
        _answer(folder, name, {"failed": str(error)})
    finally:
        pid_file.unlink(missing_ok=True)
        if not _alive(owner):
            shutil.rmtree(folder, ignore_errors=True)


def _answer(folder: Path, name: str, content: dict[str, object]) -> None:
    unfinished = folder / f"{name}.unfinished"
    unfinished.write_text(json.dumps(content))
    unfinished.rename(folder / f"{name}.answer")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
