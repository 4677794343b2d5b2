"""The rules that people agree to."""

from collections.abc import Callable

import msgspec

from rookery.domain import rules as domain
from rookery.domain.rules import RULES_MAX, Rule
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import rules


async def list_rules(services: Services) -> list[Rule]:
    """Return every rule in its order."""
    async with services.db.read() as tx:
        return await rules.list_all(tx)


async def add_rule(services: Services, *, text: str, hint: str = "") -> Rule:
    """Add a rule behind the others. Raises Invalid naming the field."""
    rule = Rule(services.new_id(), text.strip(), hint.strip())
    domain.check(rule)

    def add(kept: list[Rule]) -> list[Rule]:
        if len(kept) >= RULES_MAX:
            raise Invalid(f"there can be {RULES_MAX} rules")
        return [*kept, rule]

    await _change(services, add)
    return rule


async def edit_rule(
    services: Services, place: int, *, text: str | None = None, hint: str | None = None
) -> None:
    """Let the rule at a place (from 1) say something else; None leaves a part as it is."""

    def edit(kept: list[Rule]) -> list[Rule]:
        rule = kept[_index(kept, place)]
        changed = msgspec.structs.replace(
            rule,
            text=rule.text if text is None else text.strip(),
            hint=rule.hint if hint is None else hint.strip(),
        )
        domain.check(changed)
        return [changed if each is rule else each for each in kept]

    await _change(services, edit)


async def remove_rule(services: Services, place: int) -> None:
    """Remove the rule at a place (from 1)."""

    def remove(kept: list[Rule]) -> list[Rule]:
        removed = kept[_index(kept, place)]
        return [each for each in kept if each is not removed]

    await _change(services, remove)


async def move_rule(services: Services, place: int, *, to: int) -> None:
    """Move the rule at a place (from 1) to another place."""

    def move(kept: list[Rule]) -> list[Rule]:
        moved = kept[_index(kept, place)]
        rest = [each for each in kept if each is not moved]
        rest.insert(_index(kept, to), moved)
        return rest

    await _change(services, move)


def _index(kept: list[Rule], place: int) -> int:
    if not 1 <= place <= len(kept):
        raise NotFound(f"there is no rule {place}; `rookery rule list` shows the numbers")
    return place - 1


async def _change(services: Services, change: Callable[[list[Rule]], list[Rule]]) -> None:
    async def work(tx: Write) -> None:
        await rules.replace_all(tx, change(await rules.list_all(tx)))

    await services.db.write(work)
