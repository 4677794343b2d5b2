"""What the operator has written about the instance."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from rookery.domain.instance_texts import TERMS_MAX, TEXT_CHARS_MAX, InstanceText, TextKind
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import instance_texts


class Terms(NamedTuple):
    """A version of the terms."""

    written: InstanceText
    effective: bool
    """Whether they hold by now."""
    succeeded_by: str | None
    """The day from which the next version holds, if there is one."""


async def get_text(services: Services, kind: TextKind) -> InstanceText | None:
    """Return the text about the instance or about personal data, or None when nobody wrote one."""
    async with services.db.read() as tx:
        found = await instance_texts.list_newest(tx, kind, limit=1)
    return found[0] if found else None


async def get_terms(services: Services, effective_on: str | None = None) -> Terms:
    """Return the terms from that day on; without a day those that hold, or else those that will. Raises NotFound."""
    versions = await list_terms(services)
    if effective_on is not None:
        chosen = [each for each in versions if each.written.effective_on == effective_on]
    else:
        chosen = [each for each in versions if each.effective][:1] or versions[-1:]
    if not chosen:
        raise NotFound
    return chosen[0]


async def list_terms(services: Services) -> list[Terms]:
    """Return every version of the terms, the latest first."""
    today = _today(services)
    async with services.db.read() as tx:
        found = await instance_texts.list_newest(tx, TextKind.TERMS, limit=TERMS_MAX)
    successors = [None, *[each.effective_on for each in found]]
    return [
        Terms(each, each.effective_on <= today, successor)
        for each, successor in zip(found, successors, strict=False)
    ]


async def write_text(
    services: Services, kind: TextKind, text: str, *, effective_on: str = ""
) -> InstanceText:
    """Keep a text; of terms there is one for each day from which it holds, today if none is said. Raises Invalid."""
    text = text.strip()
    if not text:
        raise Invalid("there is nothing in the text", field="text")
    if len(text) > TEXT_CHARS_MAX:
        raise Invalid(f"a text may have {TEXT_CHARS_MAX} characters", field="text")
    if effective_on and kind is not TextKind.TERMS:
        raise Invalid("only terms have a day from which they hold", field="from")
    if kind is TextKind.TERMS:
        effective_on = _day(effective_on) if effective_on else _today(services)
    written = InstanceText(text, effective_on, services.now_ms())

    async def work(tx: Write) -> None:
        await instance_texts.put(tx, kind, written)
        if len(await instance_texts.list_newest(tx, kind, limit=TERMS_MAX + 1)) > TERMS_MAX:
            raise Invalid(f"there can be {TERMS_MAX} versions of the terms: remove old ones first")

    await services.db.write(work)
    return written


async def remove_text(services: Services, kind: TextKind, *, effective_on: str = "") -> None:
    """Remove a text. Raises NotFound when there is none, of terms none from that day on."""

    async def work(tx: Write) -> None:
        if not await instance_texts.delete(tx, kind, effective_on):
            raise NotFound(f"there is no such text: {kind} {effective_on}".rstrip())

    await services.db.write(work)


def _today(services: Services) -> str:
    return datetime.fromtimestamp(services.now_ms() / 1000, UTC).date().isoformat()


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise Invalid(f"{written!r} is not a day as in 2026-12-31", field="from") from None
