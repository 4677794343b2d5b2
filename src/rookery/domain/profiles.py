"""What a profile may say: lengths, the table of fields, languages."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rookery.domain import text
from rookery.domain.limits import Limits
from rookery.domain.users import ProfileField
from rookery.errors import Invalid

LANGUAGES_MAX: Final = 50
"""Languages that a follow may be narrowed to."""
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


def display_name(written: str, limits: Limits) -> str:
    """Return the display name as it is kept; raises Invalid when it is too long."""
    name = " ".join(written.split())
    if len(name) > limits.display_name_chars_max:
        raise Invalid(
            f"Display name is too long (maximum is {limits.display_name_chars_max} characters)",
            field="display_name",
        )
    return name


def bio(written: str, limits: Limits) -> str:
    """Return the text about oneself as it is kept; raises Invalid when it is too long."""
    kept = written.strip().replace("\r\n", "\n").replace("\r", "\n")
    if text.length(kept) > limits.bio_chars_max:
        raise Invalid(f"Bio is too long (maximum is {limits.bio_chars_max} characters)", field="bio")
    return kept


def fields(written: Iterable[tuple[str, str]], limits: Limits) -> tuple[ProfileField, ...]:
    """Return the profile's table without its empty rows; raises Invalid when it is too long or a name is missing."""
    kept: list[ProfileField] = []
    for raw_name, raw_value in written:
        name, value = " ".join(raw_name.split()), " ".join(raw_value.split())
        if not name and not value:
            continue
        if not name:
            raise Invalid("A field with a value needs a name", field="fields")
        if max(len(name), len(value)) > limits.profile_field_chars_max:
            raise Invalid(
                f"A field is too long (maximum is {limits.profile_field_chars_max} characters)",
                field="fields",
            )
        kept.append(ProfileField(name, value))
    if len(kept) > limits.profile_fields_max:
        raise Invalid(f"There are too many fields (maximum is {limits.profile_fields_max})", field="fields")
    return tuple(kept)


def language(written: str) -> str | None:
    """Return the language code, None for an empty one; raises Invalid when it is none."""
    if not written:
        return None
    if not _LANGUAGE.fullmatch(written):
        raise Invalid(f"{written[:20]} is not a language code of ISO 639", field="language")
    return written


def languages(written: Sequence[str]) -> tuple[str, ...]:
    """Return the language codes, each once; raises Invalid when one is none or there are too many."""
    codes = tuple(dict.fromkeys(code for each in written if (code := language(each)) is not None))
    if len(codes) > LANGUAGES_MAX:
        raise Invalid(f"There are too many languages (maximum is {LANGUAGES_MAX})", field="languages")
    return codes
