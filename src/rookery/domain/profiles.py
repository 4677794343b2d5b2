"""What a profile may say: lengths, the table of fields, and how changes are made to one."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from rookery.domain import text
from rookery.domain.languages import language
from rookery.domain.limits import Limits
from rookery.domain.quotes import QuotePolicy
from rookery.domain.tweets import Visibility
from rookery.domain.users import ProfileField, User
from rookery.errors import Invalid


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


class ProfileChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What its owner wants changed in a profile, as written; None leaves it as it is."""

    display_name: str | None = None
    bio: str | None = None
    fields: Sequence[tuple[str, str]] | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hides_follows: bool | None = None
    default_visibility: Visibility | None = None
    default_sensitive: bool | None = None
    default_language: str | None = None
    """An empty text means no language."""
    default_quote_policy: QuotePolicy | None = None


def changed(user: User, changes: ProfileChanges, limits: Limits) -> User:
    """Return the user with the changes made; raises Invalid naming the field when one cannot be."""
    checked: dict[str, Any] = {}
    if changes.display_name is not None:
        checked["display_name"] = display_name(changes.display_name, limits)
    if changes.bio is not None:
        checked["bio"] = bio(changes.bio, limits)
    if changes.fields is not None:
        checked["fields"] = fields(changes.fields, limits)
    if changes.default_visibility is not None:
        if changes.default_visibility is Visibility.DIRECT:
            raise Invalid("New posts cannot be direct by default", field="default_visibility")
        checked["default_visibility"] = changes.default_visibility
    if changes.default_language is not None:
        checked["default_language"] = language(changes.default_language)
    for name in (
        "locked",
        "bot",
        "discoverable",
        "indexable",
        "hides_follows",
        "default_sensitive",
        "default_quote_policy",
    ):
        flag = getattr(changes, name)
        if flag is not None:
            checked[name] = flag
    return msgspec.structs.replace(user, **checked)
