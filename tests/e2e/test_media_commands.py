"""`rookery media` as an operator types it, beside a service that goes on taking in photos."""

import re
import threading
from pathlib import Path

import httpx

from tests import samples
from tests.e2e.test_command_line import refusal, run
from tests.processes import Process
from tests.servers import wait_until

PATIENCE_S = 60.0


def upload(url: str, token: str, color: tuple[int, int, int]) -> str:
    """Upload a photo and wait until it can be shown; return its path."""
    headers = {"Authorization": f"Bearer {token}"}
    content = samples.photo((64, 48), color=color, form="PNG")
    with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as client:
        answer = client.post("/api/v2/media", files={"file": ("x.png", content)})
        assert answer.status_code in {200, 202}, answer.text
        path = f"/api/v1/media/{answer.json()['id']}"
        assert wait_until(lambda: client.get(path).status_code == 200, timeout_s=PATIENCE_S)
        return httpx.URL(client.get(path).json()["url"]).path


def test_photos_are_counted_checked_and_moved_while_the_service_goes_on(sqlite_url: str, tmp_path: Path):
    stores = {name: f"file:///{tmp_path / name}" for name in ("old", "new")}
    before = {"database_url": sqlite_url, "media_url": stores["old"], "media_other_url": stores["new"]}
    after = {"database_url": sqlite_url, "media_url": stores["new"], "media_other_url": stores["old"]}
    made = run(
        tmp_path,
        *("user", "create", "ada", "--email", "ada@example.org", "--password-stdin"),
        text="correct horse battery\n",
        **before,
    )
    assert made.returncode == 0, made.stderr
    token = run(tmp_path, "token", "create", "ada", **before).stdout.strip()
    shown: list[str] = []

    def move(service: Process, number: int, **settings: str) -> str:
        """Move while photos come in; return what was said."""
        done = threading.Event()

        def take_in() -> None:
            for shade in range(1, 250):
                shown.append(upload(service.url, token, (number, shade, 0)))
                if done.is_set():
                    return

        uploading = threading.Thread(target=take_in)
        uploading.start()
        try:
            moved = run(tmp_path, "media", "move", stores["new"], **settings)
        finally:
            done.set()
            uploading.join()
        assert (moved.returncode, moved.stdout) == (0, ""), moved.stderr
        return moved.stderr

    with Process(tmp_path, **before) as service:
        shown.append(upload(service.url, token, (0, 0, 0)))
        counted = run(tmp_path, "media", "usage", **before)
        assert re.fullmatch(r"image/webp\tfirst\t[0-9]+\t[0-9]+\n", counted.stdout)
        assert re.fullmatch(r"[0-9]+ files?, [0-9.]+ MB\.\n", counted.stderr)
        largest = run(tmp_path, "media", "usage", "--users", "3", **before)
        assert re.fullmatch(r"ada\t1\t[0-9]+\n", largest.stdout)
        assert "change places" in move(service, 1, **before)
    with Process(tmp_path, **after) as service:
        assert "take media_other_url out" in move(service, 2, **after)
        assert list((tmp_path / "old").rglob("*.webp")) == []
        for path in shown:
            assert httpx.get(f"{service.url}{path}", timeout=PATIENCE_S).status_code == 200, path
    alone = {"database_url": sqlite_url, "media_url": stores["new"]}
    fine = run(tmp_path, "media", "verify", **alone)
    assert (fine.returncode, fine.stdout) == (0, ""), fine.stderr
    assert "0 missing, 0 damaged; 0 orphaned" in fine.stderr
    assert re.search(r"^verify: ([0-9]+) of \1$", fine.stderr, re.MULTILINE)
    [lost] = [file for file in (tmp_path / "new").rglob("*.webp") if file.stem in shown[0]]
    lost.unlink()
    found = run(tmp_path, "media", "verify", "--repair", **alone)
    assert found.returncode == 1
    assert found.stdout == f"missing\t{lost.parent.name}/{lost.name}\n"
    assert "1 missing" in found.stderr


def test_a_move_that_cannot_be_is_refused(sqlite_url: str, tmp_path: Path):
    here, there = f"file:///{tmp_path / 'here'}", f"file:///{tmp_path / 'there'}"
    settings = {"database_url": sqlite_url, "media_url": here}
    assert "no store to move from" in refusal(run(tmp_path, "media", "move", here, **settings))
    assert "set media_other_url" in refusal(run(tmp_path, "media", "move", there, **settings))
    cold = run(tmp_path, "media", "move", there, "--cold", media_other_url=there, **settings)
    assert "no cold store" in refusal(cold)
