"""Secret keys as an operator meets them: made by themselves, missing, and exchanged while the service runs."""

import stat
from pathlib import Path

import pytest

from tests.e2e.test_command_line import refusal, run
from tests.processes import Process

PASSWORD = "correct horse battery\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folder, in which keys for PostgreSQL are made."""
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def key_file(database_url: str, home: Path) -> Path:
    if database_url.startswith("sqlite"):
        return Path(database_url.removeprefix("sqlite:///")).with_suffix(".keys")
    return home / ".local" / "state" / "rookery" / "secret.keys"


def create(folder: Path, name: str, **settings: str) -> str:
    """Make a user; return what was said besides."""
    done = run(
        folder,
        *("user", "create", name, "--email", f"{name}@example.org", "--password-stdin"),
        text=PASSWORD,
        **settings,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def addresses(folder: Path, **settings: str) -> list[str]:
    done = run(folder, "user", "list", **settings)
    assert done.returncode == 0, done.stderr
    return [line.split("\t")[1] for line in done.stdout.splitlines()]


def test_the_first_start_makes_a_key_that_every_later_one_finds(
    database_url: str, tmp_path: Path, home: Path
):
    said = create(tmp_path, "ada", database_url=database_url)
    file = key_file(database_url, home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    if database_url.startswith("sqlite"):
        assert said == ""
    else:
        assert str(file) in said
        assert "keep a copy" in said
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert addresses(elsewhere, database_url=database_url) == ["ada@example.org"]
    file.rename(tmp_path / "lost")
    lost = run(tmp_path, "user", "list", database_url=database_url)
    assert f"there is no file {file}" in refusal(lost)
    assert not file.exists()


def test_keys_are_exchanged_by_the_three_steps_of_the_help(database_url: str, tmp_path: Path):
    old, new = (run(tmp_path, "keys", "new").stdout.strip() for _ in range(2))
    create(tmp_path, "ada", database_url=database_url, secret_keys=old)
    both = {"database_url": database_url, "secret_keys": f"{new},{old}"}
    with Process(tmp_path, database_url=database_url, secret_keys=old):
        too_soon = run(tmp_path, "keys", "rotate", **both)
        assert "start every process again" in refusal(too_soon)
    with Process(tmp_path, **both):
        status = run(tmp_path, "keys", "status", **both).stdout.splitlines()
        assert [line.split("\t")[1:] for line in status] == [["1"], ["0", "encrypts"]]
        done = run(tmp_path, "keys", "rotate", **both)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.startswith("1 row was encrypted anew")
    wrong = run(tmp_path, "user", "list", database_url=database_url, secret_keys=old)
    assert "secret_keys does not hold it" in refusal(wrong)
    assert addresses(tmp_path, database_url=database_url, secret_keys=new) == ["ada@example.org"]
    reset = run(tmp_path, "user", "reset-two-factor", "ada", database_url=database_url, secret_keys=new)
    assert reset.stdout == "ada signs in with the password alone now.\n"
