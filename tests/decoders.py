"""Many files through the program that converts them, each in a fork of one process that has loaded all it needs.

What a start of the interpreter costs is most of what a small file's conversion costs, and tests try hundreds.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from rookery.domain.media import Converted, MediaLimits, MediaPurpose
from rookery.engines.media.orders import Order, Report

BROKE_DOWN: Final = "It broke down"
"""What a child is told to have done that ends without a word; its converter has a sentence for that."""


def decode_all(folder: Path, contents: Sequence[bytes]) -> list[Converted | str]:
    """Return what each file became, or the sentence that says why it became nothing."""
    folders: list[Path] = []
    for number, content in enumerate(contents):
        into = folder / f"decoded-{number}"
        into.mkdir()
        (into / "upload").write_bytes(content)
        folders.append(into)
    orders = [Order(str(into / "upload"), str(into), MediaPurpose.TWEET, MediaLimits()) for into in folders]
    lines = b"".join(msgspec.json.encode(order) + b"\n" for order in orders)
    subprocess.run([sys.executable, "-m", "tests.decoders"], input=lines, check=True, capture_output=True)
    return [_result((into / "told").read_bytes()) for into in folders]


def _result(told: bytes) -> Converted | str:
    for line in told.splitlines():
        report = msgspec.json.decode(line, type=Report)
        if (result := report.converted or report.failure) is not None:
            return result
    return BROKE_DOWN


def main() -> None:
    """Carry out the orders on standard input, one after the other."""
    import blurhash  # noqa: F401  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]

    from rookery.engines.media import animations, child, pictures, videos  # noqa: F401  # pyright: ignore[reportUnusedImport]

    for line in sys.stdin.buffer.read().splitlines():
        order = msgspec.json.decode(line, type=Order)
        into, out_of = os.pipe()
        os.write(out_of, line + b"\n")
        if (pid := os.fork()) == 0:
            os.dup2(into, 0)
            told = os.open(Path(order.into) / "told", os.O_CREAT | os.O_WRONLY)
            os.dup2(told, 1)
            try:
                child.main()
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        os.close(into)
        os.close(out_of)


if __name__ == "__main__":
    main()
