"""`rookery text …`: what the operator has to say about the instance at length."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from rookery.cli.sessions import with_services
from rookery.domain.instance_texts import InstanceText, TextKind
from rookery.errors import Invalid
from rookery.services import Services
from rookery.usecases import instance_texts
from rookery.usecases.instance_texts import Terms

app = App(
    name="text", help="Write what the instance is, how it treats personal data, on which terms it is used."
)

Kind = Annotated[TextKind, Parameter(help="about, privacy or terms.")]
From = Annotated[
    str,
    Parameter(
        name="--from",
        help="The day from which terms hold, as 2026-12-31; today, if left out.",
        show_default=False,
    ),
]


@app.command(name="set")
def set_text(
    kind: Kind,
    file: Annotated[str, Parameter(help="The file with the text; - reads the input.")],
    /,
    *,
    effective_on: From = "",
) -> None:
    """Put a text in place of the one there was.

    Blank lines part paragraphs, lines that begin with # are headings, addresses
    become links. Terms that hold from another day stand beside the present ones.
    """
    text = _read(file)

    async def work(services: Services) -> InstanceText:
        return await instance_texts.write_text(services, kind, text, effective_on=effective_on)

    written = with_services(work)
    print(f"The text is kept{f' and holds from {written.effective_on}' if written.effective_on else ''}.")


@app.command
def show(kind: Kind, /) -> None:
    """Print a text; of terms those that hold now."""

    async def work(services: Services) -> InstanceText | None:
        if kind is TextKind.TERMS:
            return (await instance_texts.get_terms(services)).written
        return await instance_texts.get_text(services, kind)

    written = with_services(work)
    if written is not None:
        print(written.text)


@app.command(name="list")
def list_texts() -> None:
    """List which texts there are: a line each with the kind and, of terms, the day from which they hold."""

    async def work(services: Services) -> tuple[list[TextKind], list[Terms]]:
        kinds = [
            kind
            for kind in (TextKind.ABOUT, TextKind.PRIVACY)
            if await instance_texts.get_text(services, kind) is not None
        ]
        return kinds, await instance_texts.list_terms(services)

    kinds, versions = with_services(work)
    for kind in kinds:
        print(kind.value)
    for version in versions:
        print(f"{TextKind.TERMS.value}\t{version.written.effective_on}")


@app.command
def remove(kind: Kind, /, *, effective_on: From = "") -> None:
    """Remove a text; of terms those that hold from a day."""

    async def work(services: Services) -> None:
        await instance_texts.remove_text(services, kind, effective_on=effective_on)

    with_services(work)
    print("The text is removed.")


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not UTF-8 text") from None
