"""Multipart forms, read as they come: files go to temporary files, never whole into memory."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import IO, Any, Final, TypeVar

import multipart as _multipart  # pyright: ignore[reportMissingTypeStubs]
import structlog

from rookery.domain.media import HEAD_BYTES, MediaKind, MediaLimits, check_size, kind_of
from rookery.errors import BadRequest, Invalid, TooLarge, Unavailable

_library: Any = _multipart
_log = structlog.get_logger(__name__)
CheckedT = TypeVar("CheckedT")
FIELDS_MAX: Final = 1_000
FIELDS_BYTES_MAX: Final = 1_048_576
"""All that is no file."""


class UploadedFile:
    """A file that a client has sent; it is gone when the request has been answered."""

    def __init__(self, file: IO[bytes], *, field: str, limits: MediaLimits) -> None:
        """Take the temporary file, the name of its field, and how large a photo, video or piece of audio may be."""
        self._file = file
        self._field = field
        self._limits = limits
        self._head = b""
        self._kind: MediaKind | None = None
        self.size_bytes = 0

    @property
    def path(self) -> str:
        """Where it lies."""
        return self._file.name

    def add(self, piece: bytes) -> None:
        """Write what comes next. Raises Invalid as soon as it is known to be nothing that is taken in."""
        self._file.write(piece)
        self.size_bytes += len(piece)
        if self._kind is None:
            self._head += piece[:HEAD_BYTES]
            if len(self._head) >= HEAD_BYTES:
                self._kind = self._checked(lambda: kind_of(self._head[:HEAD_BYTES]))
        if (kind := self._kind) is not None:
            self._checked(lambda: check_size(kind, self.size_bytes, self._limits))

    def _checked(self, check: Callable[[], CheckedT]) -> CheckedT:
        try:
            return check()
        except Invalid as error:
            raise Invalid(error.message, field=self._field) from None

    def finish(self) -> None:
        """Make all of it readable by its path."""
        self._file.flush()


async def read_form(
    chunks: AsyncIterator[bytes],
    content_type: str,
    *,
    wanted: frozenset[str],
    limits: MediaLimits,
    kept: ExitStack,
) -> list[tuple[str, Any]]:
    """Return a form's fields: text, or files where the name is wanted as a file; of others nothing is kept.

    Files live as long as `kept`. Raises BadRequest when it is no form, TooLarge when its fields are too much, and
    Invalid when a file is of no kind that is taken in: then the rest of it is not waited for.
    """
    _, options = _library.parse_options_header(content_type)
    reader = _Reader(wanted, limits, kept)
    try:
        parser = _library.PushMultipartParser(options.get("boundary", ""), max_segment_count=FIELDS_MAX)
        with parser:
            async for chunk in chunks:
                if chunk and not parser.closed:
                    for event in parser.parse(chunk):
                        reader.take(event)
    except _library.MultipartError:
        raise BadRequest("The body cannot be read as the form that it says it is") from None
    except OSError as error:
        _log.warning("an upload cannot be written to the temporary folder", error=str(error))
        raise Unavailable("uploads cannot be taken in at the moment") from None
    return reader.fields


class _NoText:
    """Stands for a file where none belongs, so that the field can be named."""


_NO_TEXT: Final = _NoText()


class _Reader:
    """Puts the pieces of a form together."""

    def __init__(self, wanted: frozenset[str], limits: MediaLimits, kept: ExitStack) -> None:
        self.fields: list[tuple[str, Any]] = []
        self._wanted = wanted
        self._limits = limits
        self._kept = kept
        self._name = ""
        self._file: UploadedFile | None = None
        self._unwanted = False
        self._text: bytearray | None = None
        self._read = 0
        self._taken: set[str] = set()

    def take(self, event: Any) -> None:
        if event is None:
            self._end()
        elif isinstance(event, bytes | bytearray):
            self._add(bytes(event))
        else:
            self._begin(event)

    def _begin(self, segment: Any) -> None:
        self._name = segment.name or ""
        self._file = self._text = None
        self._unwanted = False
        if segment.filename is None:
            self._text = bytearray()
        elif not segment.filename:
            return  # a form in which no file was chosen
        elif self._name in self._wanted:
            if self._name in self._taken:
                raise BadRequest(f"{self._name} is there twice")
            self._taken.add(self._name)
            opened: Any = tempfile.NamedTemporaryFile(prefix="rookery-upload-")  # noqa: SIM115  kept by the caller
            file = self._kept.enter_context(opened)
            self._file = UploadedFile(file, field=self._name, limits=self._limits)
        else:
            self._unwanted = True

    def _add(self, piece: bytes) -> None:
        if self._file is not None:
            self._file.add(piece)
        elif self._text is not None:
            self._read += len(piece)
            if self._read > FIELDS_BYTES_MAX:
                raise TooLarge
            self._text += piece

    def _end(self) -> None:
        if self._file is not None:
            self._file.finish()
            self.fields.append((self._name, self._file))
        elif self._unwanted:
            self.fields.append((self._name, _NO_TEXT))
        elif self._text is not None:
            try:
                self.fields.append((self._name, self._text.decode()))
            except UnicodeDecodeError:
                raise BadRequest("A field of the form is not valid UTF-8") from None
