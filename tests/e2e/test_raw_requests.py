"""What no library would send: bytes on the wire that are hardly HTTP. The server refuses them and goes on."""

import socket
from pathlib import Path
from typing import Final

import pytest

from tests.processes import Process

TIMEOUT_S: Final = 3.0
FORM: Final = b"Content-Type: application/x-www-form-urlencoded\r\n"
LARGE: Final = 2 * 1_048_576

REFUSED: Final = {
    "a path that is not UTF-8": b"GET /api/v1/statuses/%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "raw bytes in a path": b"GET /api/v1/statuses/\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a NUL in a path": b"GET /api/v1/accounts/lookup%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a path that climbs": b"GET /static/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "an encoded path that climbs": b"GET /static/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "raw bytes in a query": b"GET /api/v2/search?q=\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a path without end": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a header without end": b"GET /api/v1/instance HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: "
    + b"a" * 2_000_000
    + b"\r\n\r\n",
    "headers without end": b"GET /api/v1/instance HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    + b"X: y\r\n" * 10_000
    + b"\r\n",
    "a token that is no text": b"GET /api/v1/timelines/home HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \xff\r\n\r\n",
    "a negative length": b"POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: -1\r\n\r\n",
    "a length that is no number": b"POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: many\r\n\r\n",
    "a length that is too large": b"POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    + FORM
    + b"Content-Length: 99999999999\r\n\r\n",
    "chunks beyond the limit": (
        b"POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + FORM
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n" % LARGE
        + b"a" * LARGE
        + b"\r\n0\r\n\r\n"
    ),
    "a chunk that is none": b"POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    + FORM
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "a method that nobody knows": b"BREW /api/v1/instance HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Process:
    return Process(tmp_path, database_url=database_url)


def test_what_is_hardly_http_is_refused_and_harms_nobody(server: Process):
    with server:
        for what, request in REFUSED.items():
            answer = send(server.port, request)
            status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None
            assert status is None or 400 <= status < 500, f"{what}: {answer[:300]!r}"
            healthy = send(server.port, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert healthy.startswith(b"HTTP/1.1 200"), f"after {what}: {healthy[:300]!r}"
        log = server.log.read_text(errors="replace")
        assert "Traceback" not in log
        assert "panicked" not in log


def test_a_body_that_never_comes_does_not_keep_the_others_waiting(server: Process):
    with server:
        slow = [socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S) for _ in range(50)]
        for connection in slow:
            connection.sendall(
                b"POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + FORM
                + b"Content-Length: 100\r\n\r\na"
            )
        answer = send(server.port, b"GET /api/v1/instance HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        for connection in slow:
            connection.close()


def send(port: int, request: bytes) -> bytes:
    """Send bytes and return what comes back: nothing when the server hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        try:
            connection.sendall(request)
            while piece := connection.recv(65_536):
                answer += piece
        except (ConnectionError, TimeoutError):
            return answer
    return answer
