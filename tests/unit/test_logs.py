"""Log lines of a command."""

import io

import pytest
import structlog

from rookery.cli import logs


def test_a_logger_writes_to_what_the_error_output_is_now(monkeypatch: pytest.MonkeyPatch):
    log = structlog.get_logger("older than both streams")
    with monkeypatch.context() as patch, io.StringIO() as first:
        patch.setattr("sys.stderr", first)
        logs.configure("text", verbose=False)
        log.warning("before")
        assert "before" in first.getvalue()
    second = io.StringIO()
    monkeypatch.setattr("sys.stderr", second)
    log.warning("after")
    assert "after" in second.getvalue()
