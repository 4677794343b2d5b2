"""The `ObjectStore` port over a directory or an S3-compatible service, both by obstore.

Settings name a store by URL: `file:///PATH` (one more slash for an absolute path) or
`s3://[KEY:SECRET@]BUCKET[/PREFIX][?endpoint=URL&region=NAME]`; without a key the usual AWS environment counts.
"""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from rookery.domain.measurements import Kind, Measurement
from rookery.errors import Misconfigured, NotFound, Unavailable
from rookery.ports import ObjectInfo, ObjectStore

if TYPE_CHECKING:
    from collections.abc import Generator

CHUNK_BYTES: Final = 262_144
"""What a reader is handed at a time."""
PART_BYTES: Final = 5 * 1024 * 1024
"""What is sent at a time of an object that is larger: the least that S3 takes."""
PARTS_AT_ONCE: Final = 2
RETRIES_MAX: Final = 3
RETRY_FOR_S: Final = 10
TIMEOUT_S: Final = 30
"""How long nothing may happen on a connection to a service."""
REQUEST_S: Final = 12 * 3_600
"""How long one request may take in all: whoever fetches a long video slowly is not cut off."""
REMOVED_AT_ONCE: Final = 1_000
"""Objects that one request removes from a service: the most that S3 takes."""
_PARAMETERS: Final = frozenset(("endpoint", "region"))

_log = structlog.get_logger(__name__)


def open_store(url: str, *, setting: str = "media_url") -> ObjectStore:
    """Return the store that a URL names. Raises Misconfigured with a sentence that names the setting."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = parts.path.removeprefix("/") if not parts.path.startswith("//") else parts.path[1:]
        if not path or parts.netloc:
            raise Misconfigured(f"{setting} names no directory: write file:///PATH")
        return _directory(Path(unquote(path)))
    if parts.scheme == "s3":
        return _bucket(url, setting)
    raise Misconfigured(f"{setting} begins with {parts.scheme}://, and only file:/// and s3:// are known")


def _directory(path: Path) -> "ObstoreObjects":
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"the directory {path} cannot be used for media: {error}") from None

    def make() -> Any:
        from obstore.store import LocalStore  # noqa: PLC0415  heavy, and needed by the first file only

        return LocalStore(prefix=path.absolute())

    return ObstoreObjects(make, signs=False)


def _bucket(url: str, setting: str) -> "ObstoreObjects":
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    if unknown := sorted(query.keys() - _PARAMETERS):
        raise Misconfigured(
            f"{setting} has the unknown parameter {unknown[0]}: endpoint and region are known"
        )
    if not parts.hostname:
        raise Misconfigured(f"{setting} names no bucket: write s3://BUCKET")
    config: dict[str, Any] = {"region": query.get("region", ["us-east-1"])[0]}
    if endpoint := query.get("endpoint", [""])[0]:
        config |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    if parts.username:
        config |= {
            "access_key_id": unquote(parts.username),
            "secret_access_key": unquote(parts.password or ""),
        }

    def make() -> Any:
        from obstore.store import S3Store  # noqa: PLC0415  as above

        return S3Store(
            parts.hostname,
            prefix=parts.path.strip("/") or None,
            config=config,  # pyright: ignore[reportArgumentType]
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "read_timeout": timedelta(seconds=TIMEOUT_S),
                "timeout": timedelta(seconds=REQUEST_S),
            },
            retry_config={"max_retries": RETRIES_MAX, "retry_timeout": timedelta(seconds=RETRY_FOR_S)},
        )

    return ObstoreObjects(make, signs=True)


class ObstoreObjects:
    """Files by key in one of obstore's stores."""

    def __init__(self, make: Callable[[], Any], *, signs: bool) -> None:
        """Take what makes the store, and whether it makes addresses that clients may fetch from, and keeps content types."""
        self._make = make
        self._made: Any = None
        self._signs = signs
        self._counts: Counter[str] = Counter()

    @property
    def _store(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made

    async def put(
        self, key: str, content: Path | bytes | AsyncIterator[bytes], /, *, content_type: str
    ) -> int:
        """Keep content under a key, replacing what is there; return its bytes. Raises Unavailable."""
        import obstore  # noqa: PLC0415  as above

        attributes: Any = {"Content-Type": content_type} if self._signs else None
        with self._telling("written"):
            await obstore.put_async(
                self._store,
                key,
                content,
                attributes=attributes,
                chunk_size=PART_BYTES if self._signs else CHUNK_BYTES,
                max_concurrency=PARTS_AT_ONCE,
                use_multipart=None if isinstance(content, bytes | Path) else True,
            )
            return int((await obstore.head_async(self._store, key))["size"])

    async def head(self, key: str, /) -> ObjectInfo | None:
        """Return what lies under a key, or None. Raises Unavailable."""
        import obstore  # noqa: PLC0415  as above

        with self._telling("looked at"):
            try:
                return _info(await obstore.head_async(self._store, key))
            except FileNotFoundError:
                return None

    async def read(self, key: str, /, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """Yield the bytes from `start` to before `end`. Raises NotFound, Unavailable."""
        import obstore  # noqa: PLC0415  as above

        if end is not None and end <= start:
            return
        wanted: Any = (start, end) if end is not None else {"offset": start}
        options: Any = {"range": wanted} if start or end is not None else None
        with self._telling("read"):
            try:
                found = await obstore.get_async(self._store, key, options=options)
            except FileNotFoundError:
                raise NotFound from None
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    async def delete(self, keys: Sequence[str], /) -> None:
        """Remove what lies under these keys; what is absent is no error. Raises Unavailable."""
        import obstore  # noqa: PLC0415  as above

        # A service takes many at once and does not mind what is absent; a directory minds, and is as quick one by one.
        at_once = REMOVED_AT_ONCE if self._signs else 1
        for start in range(0, len(keys), at_once):
            with self._telling("removed"), suppress(FileNotFoundError):
                await obstore.delete_async(self._store, list(keys[start : start + at_once]))

    async def list(self, *, prefix: str = "") -> AsyncGenerator[ObjectInfo]:
        """Yield every object whose key begins with these folders. Raises Unavailable."""
        import obstore  # noqa: PLC0415  as above

        with self._telling("listed"):
            batches: Any = obstore.list(self._store, prefix or None)  # pyright: ignore[reportUnknownMemberType]
            async for batch in batches:
                for found in batch:
                    yield _info(found)

    async def link(self, key: str, /, *, lasts_s: int) -> str | None:
        """Return an address from which clients may fetch the object themselves, or None where there is none."""
        import obstore  # noqa: PLC0415  as above

        if not self._signs:
            return None
        with self._telling("linked to"):
            return await obstore.sign_async(self._store, "GET", key, timedelta(seconds=lasts_s))

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return [
            Measurement(
                "rookery_objects_done",
                "Files of media written, read, looked at, listed, linked to or removed.",
                Kind.COUNTER,
                lambda: self._counts["done"],
            ),
            Measurement(
                "rookery_objects_failed",
                "Uses of the media store that failed.",
                Kind.COUNTER,
                lambda: self._counts["failed"],
            ),
        ]

    @contextmanager
    def _telling(self, done: str) -> "Generator[None]":
        """Count what is done; turn what the store does not manage into Unavailable, with a line for the operator."""
        from obstore.exceptions import BaseError  # noqa: PLC0415  as above

        try:
            yield
        except (BaseError, OSError, TimeoutError) as error:
            self._counts["failed"] += 1
            reason = str(error).partition("\n")[0]
            _log.warning("the media store fails", to_be=done, error=reason)
            raise Unavailable("photos and videos are out of reach at the moment") from error
        self._counts["done"] += 1


def _info(found: Any) -> ObjectInfo:
    return ObjectInfo(found["path"], int(found["size"]), int(found["last_modified"].timestamp() * 1000))
