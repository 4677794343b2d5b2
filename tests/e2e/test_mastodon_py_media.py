"""Mastodon.py, unmodified: photos, GIFs, videos and audio to a directory and to a real S3-compatible service and back."""

import io
import socket
from functools import partial
from pathlib import Path
from typing import Any, Final

import av
import httpx
from mastodon import Mastodon
from PIL import Image

from tests import samples
from tests.e2e.test_mastodon_py import create_user, sign_in_by_token
from tests.processes import Process
from tests.servers import wait_until

DONE_S: Final = 60.0
UPLOADS: Final = {
    "image": ("image/png", "a photo.png"),
    "gifv": ("image/gif", "moving.gif"),
    "video": ("video/mp4", "clip.mp4"),
    "audio": ("audio/mpeg", "sound.mp3"),
}


def test_media_from_an_app_and_back_by_a_directory(tmp_path: Path, database_url: str):
    check_media(tmp_path, database_url, media_url=f"file:///{tmp_path / 'media'}")
    assert files_in(tmp_path / "media") == []


def test_media_from_an_app_and_back_by_s3(tmp_path: Path, database_url: str, s3_url: str):
    check_media(tmp_path, database_url, media_url=s3_url)
    assert files_in(tmp_path / "data" / "media") == []


def files_in(folder: Path) -> list[Path]:
    """Return the files below a folder, if it is one."""
    return [path for path in folder.rglob("*") if path.is_file()]


def check_media(folder: Path, database_url: str, *, media_url: str) -> None:
    """Upload, post, read back, decode, show as avatar, and delete."""
    create_user(folder, database_url, "ada")
    with Process(folder, database_url=database_url, media_url=media_url, rate_limits="off") as server:
        ada = sign_in_by_token(server, folder, database_url, "ada")
        anybody = Mastodon(api_base_url=server.url, ratelimit_method="throw", version_check_mode="none")
        sources = {
            "image": photo(),
            "gifv": samples.moving(frames=7),
            "video": samples.video(folder / "clip.mp4", size=(128, 96)),
            "audio": samples.audio(folder / "sound.mp3"),
        }
        uploaded = {
            kind: ada.media_post(sources[kind], mime, f"A {kind}", (0.5, -0.25), name)
            for kind, (mime, name) in UPLOADS.items()
        }
        done = {kind: finished(ada, one) for kind, one in uploaded.items()}
        posted = {
            kind: ada.status_post(f"See this {kind}", media_ids=[one], sensitive=True)
            for kind, one in done.items()
        }
        addresses: list[str] = []
        for kind, status in posted.items():
            [shown] = anybody.status(status).media_attachments
            assert (shown.type, shown.description, shown.id) == (kind, f"A {kind}", uploaded[kind].id)
            CHECKS[kind](shown, read(shown.url))
            addresses += [shown.url, *([shown.preview_url] if shown.preview_url else [])]
        addresses.append(check_avatar(ada, anybody))
        check_early_answer(server, ada.access_token)
        for status in posted.values():
            ada.status_delete(status, delete_media=True)
        ada.account_delete_avatar()
        assert wait_until(lambda: all(map(is_gone, addresses)), timeout_s=DONE_S)


def photo() -> bytes:
    """A photo as a phone held sideways takes it, with a place in it: to be shown with red above blue."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 58.0, 0.0)})
    file = io.BytesIO()
    samples.halves((120, 80)).save(file, "PNG", exif=exif)
    return file.getvalue()


def finished(ada: Mastodon, one: Any) -> Any:
    """Wait as apps do until an upload can be shown."""
    assert one.url is None
    assert wait_until(lambda: ada.media(one).url is not None, timeout_s=DONE_S)
    return ada.media(one)


def read(address: str) -> bytes:
    """Read a file as a browser does: the beginning first, then the rest, which together are the whole."""
    with httpx.Client(timeout=DONE_S) as browser:
        first = browser.get(address, headers={"Range": "bytes=0-9"})
        rest = browser.get(address, headers={"Range": "bytes=10-", "If-Range": first.headers["etag"]})
        whole = browser.get(address)
    assert (first.status_code, rest.status_code, whole.status_code) == (206, 206, 200)
    assert first.content + rest.content == whole.content
    return whole.content


def check_photo(shown: Any, content: bytes) -> None:
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size, len(image.getexif())) == ("WEBP", (80, 120), 0)
    assert (shown.meta.original.width, shown.meta.original.height) == (80, 120)
    assert (shown.meta.focus.x, shown.meta.focus.y) == (0.5, -0.25)
    top, bottom = [image.convert("RGB").getpixel((40, y)) for y in (10, 110)]
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 150 > top[2], bottom[0] < 100 < bottom[2]) == (True, True)


def check_film(shown: Any, content: bytes, *, frames: int, size: tuple[int, int], sound: bool) -> None:
    with av.open(io.BytesIO(content)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, bool(container.streams.audio)) == ("h264", sound)
        pictures = [frame.to_image() for frame in container.decode(video=0)]
    assert abs(len(pictures) - frames) <= 1
    assert pictures[0].size == size
    assert shown.meta.original.duration > 0
    assert Image.open(io.BytesIO(read(shown.preview_url))).format == "WEBP"


def check_audio(shown: Any, content: bytes) -> None:
    with av.open(io.BytesIO(content)) as container:
        heard = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert 0.9 < heard < 1.2
    assert 0.9 < shown.meta.original.duration < 1.2


CHECKS: Final[dict[str, Any]] = {
    "image": check_photo,
    "gifv": partial(check_film, frames=7, size=(60, 44), sound=False),
    "video": partial(check_film, frames=20, size=(128, 96), sound=True),
    "audio": check_audio,
}


def check_early_answer(server: Process, token: str) -> None:
    """Begin to send what is no photo, of which the most never comes."""
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + bytes(1_000)
    head = (
        "POST /api/v2/media HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: 100000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=DONE_S) as connection:
        connection.sendall(head.encode() + part)
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 422"), answer


def check_avatar(ada: Mastodon, anybody: Mastodon) -> str:
    """Let a profile show a picture; return its address."""
    changed = ada.account_update_credentials(
        avatar=samples.photo((300, 200), form="PNG"), avatar_mime_type="image/png"
    )
    shown = anybody.account(changed)
    assert shown.avatar == changed.avatar
    assert Image.open(io.BytesIO(read(shown.avatar))).size == (200, 200)
    return shown.avatar


def is_gone(address: str) -> bool:
    """Tell whether a file is no longer served."""
    return httpx.get(address, timeout=DONE_S).status_code == 404
