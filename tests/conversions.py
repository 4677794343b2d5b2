"""Conversions under test: what went in, what came out, and what is left of it."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import av
from PIL import Image

from rookery.domain.media import Converted, ConvertedFile, FileRole, MediaLimits, MediaPurpose
from rookery.engines.media.converting import ChildConverter
from rookery.errors import Invalid
from tests.decoders import decode_all

AT_ONCE: Final = 2


@dataclass(slots=True)
class Made:
    """What a file became."""

    converted: Converted
    contents: dict[FileRole, bytes]
    percents: list[int] = field(default_factory=list[int])

    @property
    def full(self) -> bytes:
        return self.contents[FileRole.FULL]

    @property
    def picture(self) -> Image.Image:
        """The photo, or what stands for a video."""
        image = Image.open(io.BytesIO(self.contents.get(FileRole.FULL, b"")))
        image.load()
        return image

    @property
    def poster(self) -> Image.Image:
        image = Image.open(io.BytesIO(self.contents[FileRole.SMALL]))
        image.load()
        return image

    def told(self, role: FileRole = FileRole.FULL) -> ConvertedFile:
        """What the conversion says of a file."""
        return next(file for file in self.converted.files if file.role is role)

    def frames(self) -> list[Any]:
        """The pictures of the video."""
        with av.open(io.BytesIO(self.full)) as container:
            return list(container.decode(video=0))

    def times_ms(self) -> list[int]:
        """When each picture of the video begins."""
        return [round(float(frame.time) * 1_000) for frame in self.frames()]

    def duration_ms(self) -> int:
        """How long the wrapping says that it is."""
        with av.open(io.BytesIO(self.full)) as container:
            return round((container.duration or 0) / 1_000)


class Workbench:
    """A converter with a folder for each conversion."""

    def __init__(self, folder: Path, limits: MediaLimits | None = None) -> None:
        self.converter = ChildConverter(limits or MediaLimits())
        self.folder = folder
        self._count = 0

    def place(self, content: bytes) -> tuple[Path, Path]:
        """Write an upload; return its path and the folder of its conversion."""
        self._count += 1
        into = self.folder / f"conversion-{self._count}"
        into.mkdir()
        source = into / "upload"
        source.write_bytes(content)
        return source, into

    async def convert(self, content: bytes, purpose: MediaPurpose = MediaPurpose.TWEET) -> Made:
        source, into = self.place(content)
        percents: list[int] = []
        converted = await self.converter.convert(source, into=into, purpose=purpose, progress=percents.append)
        return Made(converted, _contents(converted), percents)

    def convert_all(self, contents: Sequence[bytes]) -> list[Made]:
        """Convert several, in forks of one process."""
        self._count += 1
        folder = self.folder / f"conversions-{self._count}"
        folder.mkdir()
        results = decode_all(folder, contents)
        return [Made(each, _contents(each)) for each in results if isinstance(each, Converted)]

    async def attempt(self, content: bytes) -> Made | str:
        """Return what a file became, or the sentence that says why it became nothing."""
        try:
            return await self.convert(content)
        except Invalid as error:
            return error.message

    async def attempt_all(self, contents: Sequence[bytes]) -> list[Made | str]:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(content: bytes) -> Made | str:
            async with room:
                return await self.attempt(content)

        return list(await asyncio.gather(*map(one, contents)))


def _contents(converted: Converted) -> dict[FileRole, bytes]:
    return {file.role: Path(file.path).read_bytes() for file in converted.files}


def near(found: Any, wanted: tuple[int, ...], *, off: int = 3) -> bool:
    """Tell whether a pixel has about that colour."""
    return all(abs(a - b) <= off for a, b in zip(found[: len(wanted)], wanted, strict=True))
