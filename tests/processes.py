"""`rookery serve` and its like as processes of their own: started on a free port, killed, started again."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final, Self

from tests.servers import STOP_S, end_with_parent, free_port, wait_until

ROOKERY: Final = str(Path(sys.executable).parent / "rookery")
START_S: Final = 120.0


class DidNotStart(Exception):  # noqa: N818  reads best where it is raised
    """The process ended, or did not answer in time; carries what it wrote."""


class Process:
    """`rookery serve` in a folder, with settings from the environment; in these `{port}` stands for its port."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / f"serve-{self.port}.log"
        self._command = [ROOKERY, "serve", "--port", str(self.port), *arguments]
        self._folder = folder
        given = {name: value.replace("{port}", str(self.port)) for name, value in settings.items()}
        self._environment = environment(**{"base_url": self.url, **given})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
                preexec_fn=end_with_parent,  # noqa: PLW1509  only a system call
            )
        if not wait_until(lambda: self._answers() or self._ended(), timeout_s=START_S) or self._ended():
            self.stop()
            raise DidNotStart(self.log.read_text(errors="replace"))

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int | None:
        """End it politely; return its exit code."""
        process = self._process
        if process is None:
            return None
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_S)
        return process.returncode

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/instance", timeout=2) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def environment(**settings: str) -> dict[str, str]:
    """Return an environment in which only these settings are set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")}
    settings = {"link_previews": "off"} | settings
    return kept | {f"ROOKERY_{name.upper()}": value for name, value in settings.items()}


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `rookery` to its end."""
    return subprocess.run(
        [ROOKERY, *arguments],
        cwd=folder,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
