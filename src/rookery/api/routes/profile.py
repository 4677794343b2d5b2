"""The own account: https://docs.joinmastodon.org/methods/accounts/#verify_credentials and methods/profile/."""

from typing import Any, Literal

import msgspec

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.accounts import CredentialAccount, Profile, RawField
from rookery.api.entities.preferences import Preferences
from rookery.api.presenting import QUOTE_POLICIES, QUOTE_POLICY_BY_WORD, VISIBILITIES, VISIBILITY_BY_WORD
from rookery.domain.profiles import ProfileChanges
from rookery.domain.users import UserView
from rookery.errors import Invalid
from rookery.usecases import preferences as reading_preferences
from rookery.usecases import profiles


class FieldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a profile's table."""

    name: str = ""
    value: str = ""


class SourceChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Defaults for posting; what is left out stays as it is."""

    privacy: Literal["public", "unlisted", "private"] | None = None
    sensitive: bool | None = None
    language: str | None = None
    quote_policy: Literal["public", "followers", "nobody"] | None = None


class AccountChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change in the own profile; what is left out stays as it is."""

    display_name: str | None = None
    note: str | None = None
    avatar: Any = None
    header: Any = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    hide_collections: bool | None = None
    indexable: bool | None = None
    fields_attributes: list[FieldRow] | None = None
    source: SourceChanges | None = None


@endpoint("GET", "/api/v1/accounts/verify_credentials", scope="profile")
async def verify_credentials(call: Call) -> Json[CredentialAccount]:
    """Return the own account, with what only its owner may see."""
    return await _own(call)


@endpoint("PATCH", "/api/v1/accounts/update_credentials", scope="write:accounts")
async def update_credentials(call: Call, changes: AccountChanges) -> Json[CredentialAccount]:
    """Change the own profile."""
    view, requests = await profiles.change_profile(call.services, call.viewer, _changes(changes))
    return Json.of(call.present.own_account(view, follow_requests=requests))


@endpoint("GET", "/api/v1/profile", scope="profile")
async def show(call: Call) -> Json[Profile]:
    """Return the own profile as it is edited."""
    view, _ = await profiles.get_own_profile(call.services, call.viewer)
    return Json.of(_profile(call, view))


@endpoint("PATCH", "/api/v1/profile", scope="write:accounts")
async def update(call: Call, changes: AccountChanges) -> Json[Profile]:
    """Change the own profile."""
    view, _ = await profiles.change_profile(call.services, call.viewer, _changes(changes))
    return Json.of(_profile(call, view))


@endpoint("DELETE", "/api/v1/profile/avatar", scope="write:accounts")
async def delete_avatar(call: Call) -> Json[CredentialAccount]:
    """Remove the own avatar; nobody can have one yet."""
    return await _own(call)


@endpoint("DELETE", "/api/v1/profile/header", scope="write:accounts")
async def delete_header(call: Call) -> Json[CredentialAccount]:
    """Remove the own header; nobody can have one yet."""
    return await _own(call)


@endpoint("GET", "/api/v1/preferences", scope="read:accounts")
async def preferences(call: Call) -> Json[Preferences]:
    """Return the own defaults for posting and reading."""
    view, _ = await profiles.get_own_profile(call.services, call.viewer)
    user = view.user
    reading = await reading_preferences.get_preferences(call.services, call.viewer)
    return Json.of(
        Preferences(
            visibility=VISIBILITIES[user.default_visibility],
            sensitive=user.default_sensitive,
            language=user.default_language,
            quote_policy=QUOTE_POLICIES[user.default_quote_policy],
            media=reading.media,
            spoilers=reading.spoilers,
            gifs=reading.autoplay,
        )
    )


async def _own(call: Call) -> Json[CredentialAccount]:
    view, requests = await profiles.get_own_profile(call.services, call.viewer)
    return Json.of(call.present.own_account(view, follow_requests=requests))


def _changes(asked: AccountChanges) -> ProfileChanges:
    for name, file in (("avatar", asked.avatar), ("header", asked.header)):
        if file is not None and file != "" and getattr(file, "filename", name) != "":
            raise Invalid(f"The {name} cannot be changed yet: this server keeps no pictures", field=name)
    source = asked.source or SourceChanges()
    rows = asked.fields_attributes
    return ProfileChanges(
        display_name=asked.display_name,
        bio=asked.note,
        fields=[(row.name, row.value) for row in rows] if rows is not None else None,
        locked=asked.locked,
        bot=asked.bot,
        discoverable=asked.discoverable,
        indexable=asked.indexable,
        hides_follows=asked.hide_collections,
        default_visibility=VISIBILITY_BY_WORD[source.privacy] if source.privacy is not None else None,
        default_sensitive=source.sensitive,
        default_language=source.language,
        default_quote_policy=QUOTE_POLICY_BY_WORD[source.quote_policy] if source.quote_policy else None,
    )


def _profile(call: Call, view: UserView) -> Profile:
    account = call.present.account_entity(view)
    return Profile(
        id=account.id,
        display_name=account.display_name,
        note=view.user.bio,
        fields=[RawField(field.name, field.value) for field in view.user.fields],
        avatar=None,
        avatar_static=None,
        avatar_description="",
        header=None,
        header_static=None,
        header_description="",
        locked=account.locked,
        bot=account.bot,
        hide_collections=account.hide_collections,
        discoverable=account.discoverable,
        indexable=account.indexable,
        show_media=False,
        show_media_replies=False,
        show_featured=False,
        attribution_domains=[],
        featured_tags=[],
        formatted_note=account.note,
        formatted_fields=account.fields,
    )
