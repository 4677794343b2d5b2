"""Languages, named by their codes: `en`, `pt-BR`."""

import re
from collections.abc import Sequence
from typing import Final

from rookery.errors import Invalid

CODE_CHARS_MAX: Final = 20
LANGUAGES_MAX: Final = 50
"""Languages that a follow may be narrowed to."""
_CODE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def language(written: str | None) -> str | None:
    """Return the code as it is kept (`pt_BR` is `pt-BR`), None for an empty one; raises Invalid when it is none."""
    if not written:
        return None
    if len(written) > CODE_CHARS_MAX or not _CODE.fullmatch(written):
        raise Invalid(
            f"Language must be a code of ISO 639 such as en, not {written[:CODE_CHARS_MAX]}", field="language"
        )
    return written.replace("_", "-")


def languages(written: Sequence[str]) -> tuple[str, ...]:
    """Return the codes, each once; raises Invalid when one is none or there are too many."""
    codes = tuple(dict.fromkeys(code for each in written if (code := language(each)) is not None))
    if len(codes) > LANGUAGES_MAX:
        raise Invalid(f"There are too many languages (maximum is {LANGUAGES_MAX})", field="languages")
    return codes
