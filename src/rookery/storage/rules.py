"""Rules of the instance."""

from collections.abc import Sequence

from rookery.domain.rules import Rule
from rookery.ports import Read, Write
from rookery.sql import sql

_LIST = sql("SELECT id, text, hint FROM rules ORDER BY position, id")


async def list_all(tx: Read) -> list[Rule]:
    """Return every rule in its order."""
    return [Rule(*row) for row in await tx.all(_LIST)]


_PUT = sql("""
    INSERT INTO rules (id, position, text, hint) VALUES (:id, :position, :text, :hint)
    ON CONFLICT (id) DO UPDATE SET position = excluded.position, text = excluded.text, hint = excluded.hint
""")
_DELETE = sql("DELETE FROM rules")


async def replace_all(tx: Write, rules: Sequence[Rule]) -> None:
    """Let these be the rules, in this order."""
    await tx.run(_DELETE)
    await tx.many(_PUT, [(rule.id, position, rule.text, rule.hint) for position, rule in enumerate(rules)])
