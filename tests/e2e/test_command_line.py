"""The command line as a person types it: real processes, what they print, and how they end."""

import gzip
import io
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import httpx
import pytest

from rookery import cli, tasks
from rookery.workers.loop import STOP_S
from tests import processes
from tests.processes import ROOKERY, Process, environment
from tests.servers import free_port, wait_until

PATIENCE_S = 60.0
IDLE_MEMORY_MB_MAX = 120
START_S_MAX = 2.0


def run(folder: Path, *arguments: str, text: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command with something on its input."""
    return subprocess.run(
        [ROOKERY, *arguments],
        cwd=folder,
        env=environment(**settings),
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence with which a command refused."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert re.fullmatch(r"rookery: .+[.!?]", lines[0])
    return lines[0]


class Here:
    """Commands run within this process, for the many that end before they begin."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, output: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._output = output
        patch.chdir(folder)
        patch.setattr("sys.stdin", io.StringIO())

    def refusal(self, *arguments: str, **settings: str) -> str:
        """Run a command that is to refuse; return its one sentence."""
        with self._patch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"ROOKERY_{name.upper()}", value)
            code = cli.run(arguments)
        said = self._output.readouterr()
        return refusal(subprocess.CompletedProcess(arguments, code, said.out, said.err))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(tmp_path, monkeypatch, capsys)


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1000


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Serving:
    """`rookery serve` with what it says, and the process itself."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.port = free_port()
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [ROOKERY, "serve", "--port", str(self.port), *arguments],
            cwd=folder,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S)

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.said += iter(self.process.stderr.readline, "")

    def wait(self) -> float:
        """Wait until it answers; return how long that took, in seconds."""
        assert wait_until(self._answers, timeout_s=PATIENCE_S), self.said
        return time.monotonic() - self.begun

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.said
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        self._reading.join(PATIENCE_S)


def test_a_first_evening_with_rookery(tmp_path: Path):
    assert (
        "ada can sign in now"
        in run(
            tmp_path,
            "user",
            "create",
            "ada",
            "--email",
            "ada@example.org",
            "--password-stdin",
            text="secret wing\n",
        ).stdout
    )
    token = run(tmp_path, "token", "create", "ada")
    assert re.fullmatch(r"\S{40,}\n", token.stdout)
    assert token.stderr == ""
    with Serving(tmp_path) as server:
        server.client.headers["Authorization"] = f"Bearer {token.stdout.strip()}"
        posted = server.client.post("/api/v1/statuses", data={"status": "Hello"}).json()
        assert posted["url"].startswith(f"http://127.0.0.1:{server.port}/")
        home = server.client.get("/api/v1/timelines/home").json()
        assert [status["id"] for status in home] == [posted["id"]]
    assert server.process.returncode == 0
    said = "".join(server.said)
    assert f"http://127.0.0.1:{server.port}/auth/sign_up" in said
    assert "rookery user create" in said
    assert (tmp_path / "data" / "rookery.db").exists()


def test_the_start_is_quick_and_the_idle_process_small(tmp_path: Path):
    run(tmp_path, "migrate")
    with Serving(tmp_path) as server:
        assert resident_mb(server.process.pid) < IDLE_MEMORY_MB_MAX
        # Processor time, for the tests that run beside this one take their share of the clock's.
        assert processor_s(server.process.pid) < START_S_MAX


def test_requests_in_flight_are_answered_before_the_end(tmp_path: Path):
    headers = {"Authorization": f"Bearer {_token(tmp_path)}"}
    acknowledged: list[str] = []
    with Serving(tmp_path, rate_limits="off") as server, ThreadPoolExecutor(8) as threads:

        def post(number: int) -> None:
            with httpx.Client(base_url=server.client.base_url, headers=headers, timeout=PATIENCE_S) as client:
                try:
                    while True:
                        answer = client.post(
                            "/api/v1/statuses", data={"status": f"{number}: {len(acknowledged)}"}
                        )
                        acknowledged.append(answer.json()["id"])
                except httpx.TransportError:
                    return

        posting = [threads.submit(post, number) for number in range(8)]
        assert wait_until(lambda: len(acknowledged) > 50, timeout_s=PATIENCE_S)
        server.process.terminate()
        assert server.process.wait(PATIENCE_S) == 0
        for thread in posting:
            thread.result(PATIENCE_S)
    with Serving(tmp_path) as server:
        me = server.client.get("/api/v1/accounts/verify_credentials", headers=headers).json()
        assert me["statuses_count"] == len(acknowledged), "what was posted was also answered"


def _token(folder: Path) -> str:
    run(
        folder,
        "user",
        "create",
        "ada",
        "--email",
        "ada@example.org",
        "--password-stdin",
        text="secret wing\n",
    )
    return run(folder, "token", "create", "ada").stdout.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_end_an_idle_server_at_once(tmp_path: Path, number: signal.Signals):
    with Serving(tmp_path) as server:
        server.client.get("/")
        begun = time.monotonic()
        server.process.send_signal(number)
        assert server.process.wait(PATIENCE_S) == 0
        assert time.monotonic() - begun < STOP_S, "nothing was waited for"
    assert "Traceback" not in "".join(server.said)


def test_tasks_may_be_left_to_a_worker_of_its_own(tmp_path: Path):
    periodic = sum(policy.every_s is not None for policy in tasks.POLICIES.values())
    with Serving(tmp_path, "--no-worker") as server:
        worker = subprocess.Popen(
            [ROOKERY, "work"], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
        )
        try:
            token = _token(tmp_path)
            server.client.headers["Authorization"] = f"Bearer {token}"
            server.client.post("/api/v1/statuses", data={"status": "Hello"}).raise_for_status()
            assert wait_until(
                lambda: f"rookery_tasks_waiting {periodic}.0" in server.client.get("/metrics").text,
                timeout_s=PATIENCE_S,
            ), "only the periodic tasks stay"
        finally:
            worker.terminate()
            assert worker.wait(PATIENCE_S) == 0
    assert worker.stderr is not None
    assert worker.stderr.read() == "Rookery runs tasks. Stop with Ctrl-C.\n"


def test_a_port_that_is_taken_is_refused_with_a_sentence(tmp_path: Path):
    with Serving(tmp_path) as server:
        sentence = refusal(run(tmp_path, "serve", "--port", str(server.port)))
        assert str(server.port) in sentence
        assert "--port" in sentence
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert "taken" in refusal(run(tmp_path, "serve", "--port", str(other.getsockname()[1])))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("serve", "--port", "99999"), "65535"),
        (("serve", "--port", "web"), "web"),
        (("serve", "--host", "203.0.113.7", "--port", "0"), "203.0.113.7"),
        (("fly",), "fly"),
        (("serve", "--colour", "red"), "--colour"),
        (("user", "create"), "NAME"),
        (("user", "create", "ada", "--email", "ada@example.org"), "--password-stdin"),
        (("user", "passwd", "nobody", "--password-stdin"), "password"),
        (("user", "delete", "nobody", "--yes"), "nobody"),
        (("user", "delete", "nobody"), "--yes"),
        (("user", "approve", "nobody"), "nobody"),
        (("token", "create", "nobody"), "nobody"),
        (("token", "create", "nobody", "--scopes", "fly"), "fly"),
        (("import", "follows", "missing.tsv"), "missing.tsv"),
        (("import", "tweets", "."), "directory"),
        (("bench", "nothing"), "nothing"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(
    here: Here, arguments: tuple[str, ...], sentence: str
):
    assert sentence in here.refusal(*arguments)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"registrations": "sometimes"}, "registrations"),
        ({"database_url": "mysql://localhost/x"}, "mysql"),
        ({"database_url": "postgresql://127.0.0.1:1/x"}, "ROOKERY_DATABASE_URL"),
        ({"database_url": "sqlite:////proc/rookery.db"}, "/proc/rookery.db"),
        ({"config": "missing.toml"}, "missing.toml"),
    ],
)
def test_wrong_settings_are_refused_in_one_sentence(here: Here, settings: dict[str, str], sentence: str):
    assert sentence in here.refusal("user", "list", **settings)
    assert sentence in here.refusal("serve", "--port", "0", **settings)


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rookery.db").write_bytes(b"These are my memoirs. " * 500)
    assert "rookery.db" in refusal(run(tmp_path, "migrate"))


def test_users_are_made_listed_given_passwords_and_deleted(tmp_path: Path):
    made = run(
        tmp_path,
        "user",
        "create",
        "ada",
        "--email",
        "ada@example.org",
        "--admin",
        "--password-stdin",
        text="secret wing\n",
    )
    assert made.returncode == 0
    again = run(
        tmp_path,
        "user",
        "create",
        "Ada",
        "--email",
        "other@example.org",
        "--password-stdin",
        text="secret wing\n",
    )
    assert "taken" in refusal(again)
    short = run(
        tmp_path, "user", "create", "bob", "--email", "bob@example.org", "--password-stdin", text="x\n"
    )
    assert "short" in refusal(short)
    listed = run(tmp_path, "user", "list").stdout.splitlines()
    assert [line.split("\t")[:4] for line in listed] == [["ada", "ada@example.org", "admin", "active"]]
    assert run(tmp_path, "user", "passwd", "ada", "--password-stdin", text="another wing\n").returncode == 0
    assert run(tmp_path, "user", "delete", "ada", "--yes").returncode == 0
    assert "there is no user" in refusal(run(tmp_path, "token", "create", "ada"))


def test_the_waiting_are_listed_let_in_and_turned_away(tmp_path: Path):
    with Serving(tmp_path, registrations="approval") as server:
        app = server.client.post(
            "/api/v1/apps",
            data={
                "client_name": "Tests",
                "redirect_uris": "urn:ietf:wg:oauth:2.0:oob",
                "scopes": "read write",
            },
        ).json()
        granted = server.client.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": app["client_id"],
                "client_secret": app["client_secret"],
                "scope": "read write",
            },
        ).json()
        for name in ("bob", "cy"):
            server.client.post(
                "/api/v1/accounts",
                headers={"Authorization": f"Bearer {granted['access_token']}"},
                data={
                    "username": name,
                    "email": f"{name}@example.org",
                    "password": "secret wing",
                    "agreement": "true",
                    "locale": "en",
                    "reason": "I like\nbirds",
                    "date_of_birth": "1990-01-01",
                },
            ).raise_for_status()
        waiting = run(tmp_path, "user", "list", "--pending").stdout.splitlines()
        assert [line.split("\t")[0] for line in waiting] == ["bob", "cy"]
        assert "I like birds" in waiting[0]
        assert run(tmp_path, "user", "approve", "bob").returncode == 0
        assert run(tmp_path, "user", "reject", "cy").returncode == 0
        assert run(tmp_path, "user", "list", "--pending").stdout == ""
        assert [line.split("\t")[0] for line in run(tmp_path, "user", "list").stdout.splitlines()] == ["bob"]
        assert "does not wait" in refusal(run(tmp_path, "user", "approve", "bob"))


async def test_files_are_imported_and_bad_lines_reported(database_url: str, tmp_path: Path):
    follows = tmp_path / "follows.tsv.gz"
    with gzip.open(follows, "wb") as file:
        file.write(b"1 2\n1\t3\n\nbird 4\n2 3 4\n3 3\n2 1\n" + b"9" * 2_000 + b" 1\n3 1\n")
    first = processes.run(tmp_path, "import", "follows", str(follows), database_url=database_url)
    assert first.returncode == 0, first.stderr
    *refused, last = first.stderr.splitlines()
    assert [line.split(":")[0] for line in refused] == ["line 4", "line 5", "line 6", "line 8"]
    assert last == "4 follows and 3 users are new, 0 follows were there, 4 lines were refused."
    second = processes.run(tmp_path, "import", "follows", str(follows), database_url=database_url)
    assert "0 follows and 0 users are new, 4 follows were there" in second.stderr

    tweets = tmp_path / "tweets.jsonl"
    records = [
        {"author": "u1", "text": "First", "time": "2026-03-01T06:12:00Z", "id": "a"},
        {"author": "u2", "text": "Second @u1 #morning", "time": "2026-03-01T06:13:00Z", "reply": "a"},
        {"author": "u99", "text": "Nobody", "time": "2026-03-01T06:13:00Z"},
    ]
    tweets.write_text("\n".join(map(json.dumps, records)) + "\nnot JSON\n", encoding="utf-8")
    for expected in ("2 tweets are new, 0 were there", "0 tweets are new, 2 were there"):
        done = processes.run(tmp_path, "import", "tweets", str(tweets), database_url=database_url)
        assert done.returncode == 0, done.stderr
        *refused, last = done.stderr.splitlines()
        assert sorted(line.split(":")[0] for line in refused) == ["line 3", "line 4"]
        assert last == f"{expected}, 2 lines were refused."


def test_a_damaged_archive_is_refused_with_a_sentence(tmp_path: Path):
    whole = gzip.compress(b"".join(b"%d %d\n" % (number, number + 1) for number in range(24_000)))
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    done = run(tmp_path, "import", "follows", "cut.gz")
    assert done.returncode == 1
    assert "cut.gz is damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_is_there_for_every_command(tmp_path: Path):
    for words in ((), ("serve",), ("user",), ("user", "create"), ("import", "tweets"), ("token", "create")):
        done = run(tmp_path, *words, "--help")
        assert done.returncode == 0
        assert "Usage: rookery" in done.stdout
        assert done.stderr == ""
    assert run(tmp_path, "--version").stdout.startswith("Rookery ")


def test_watchers_are_answered(tmp_path: Path):
    with Serving(tmp_path) as server:
        server.client.get("/api/v1/timelines/public")
        server.client.get("/api/v1/nowhere")
        server.client.request("BREW", "/api/v1/timelines/public")
        health = server.client.get("/health")
        assert (health.status_code, health.text) == (200, "OK")
        text = server.client.get("/metrics").text
        assert (
            'rookery_requests_total{method="GET",route="/api/v1/timelines/public",status="200"} 1.0' in text
        )
        assert "BREW" not in text
        for name in (
            "tasks_waiting",
            "database_writes_total",
            "timelines_kept",
            "memory_bytes",
            "requests_in_flight",
        ):
            assert f"\nrookery_{name} " in text
        assert server.client.get("/metrics", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 404
        assert server.client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 200


def test_metrics_may_be_for_nobody(tmp_path: Path):
    with Serving(tmp_path, metrics="nobody") as server:
        assert server.client.get("/metrics").status_code == 404


def test_log_lines_may_be_json(tmp_path: Path):
    with Serving(tmp_path, log_format="json") as server:
        pass
    line = next(text for text in server.said if text.startswith("{"))
    assert json.loads(line)["event"] == "the database was migrated"


def test_two_processes_serve_one_database(tmp_path: Path):
    token = _token(tmp_path)
    headers = {"Authorization": f"Bearer {token}"}
    with Process(tmp_path) as one, Process(tmp_path) as two:
        posted = httpx.post(f"{one.url}/api/v1/statuses", headers=headers, data={"status": "Hello"}).json()
        assert wait_until(
            lambda: (
                [s["id"] for s in httpx.get(f"{two.url}/api/v1/timelines/home", headers=headers).json()]
                == [posted["id"]]
            ),
            timeout_s=PATIENCE_S,
        )
