"""Rules of the instance, which people agree to when they sign up."""

from typing import Final

import msgspec

from rookery.errors import Invalid

RULES_MAX: Final = 50
RULE_CHARS_MAX: Final = 300
HINT_CHARS_MAX: Final = 2_000


class Rule(msgspec.Struct, frozen=True):
    """A rule, and a longer explanation of it, which may be empty."""

    id: int
    text: str
    hint: str = ""


def check(rule: Rule) -> None:
    """Raise Invalid, naming the field, when this cannot be a rule."""
    if not rule.text:
        raise Invalid("a rule needs a text", field="text")
    if len(rule.text) > RULE_CHARS_MAX:
        raise Invalid(
            f"a rule may have {RULE_CHARS_MAX} characters: the rest belongs into its hint", field="text"
        )
    if len(rule.hint) > HINT_CHARS_MAX:
        raise Invalid(f"a hint may have {HINT_CHARS_MAX} characters", field="hint")
