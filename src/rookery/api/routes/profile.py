"""The own account: https://docs.joinmastodon.org/methods/accounts/#verify_credentials and methods/profile/."""

from typing import Literal

import msgspec

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.accounts import CredentialAccount, Profile, RawField
from rookery.api.entities.preferences import Preferences
from rookery.api.presenting import QUOTE_POLICIES, QUOTE_POLICY_BY_WORD, VISIBILITIES, VISIBILITY_BY_WORD
from rookery.api.uploads import UploadedFile
from rookery.domain.media import MediaLimits, MediaPurpose, Upload
from rookery.domain.profiles import ProfileChanges
from rookery.domain.users import UserView
from rookery.usecases import preferences as reading_preferences
from rookery.usecases import profile_pictures, profiles


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
    avatar: UploadedFile | None = None
    header: UploadedFile | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    hide_collections: bool | None = None
    indexable: bool | None = None
    fields_attributes: list[FieldRow] | None = None
    source: SourceChanges | None = None


def _bytes_of_pictures(limits: MediaLimits) -> int:
    return 2 * limits.image_bytes_max


async def _set_pictures(call: Call, changes: AccountChanges) -> None:
    for purpose, file in ((MediaPurpose.AVATAR, changes.avatar), (MediaPurpose.HEADER, changes.header)):
        if file is not None:
            upload = Upload(path=file.path, size_bytes=file.size_bytes)
            await profile_pictures.set_picture(call.services, call.viewer, purpose, upload)


@endpoint("GET", "/api/v1/accounts/verify_credentials", scope="profile")
async def verify_credentials(call: Call) -> Json[CredentialAccount]:
    """Return the own account, with what only its owner may see."""
    return await _own(call)


@endpoint("PATCH", "/api/v1/accounts/update_credentials", scope="write:accounts", uploads=_bytes_of_pictures)
async def update_credentials(call: Call, changes: AccountChanges) -> Json[CredentialAccount]:
    """Change the own profile."""
    await profiles.change_profile(call.services, call.viewer, _changes(changes))
    await _set_pictures(call, changes)
    return await _own(call)


@endpoint("GET", "/api/v1/profile", scope="profile")
async def show(call: Call) -> Json[Profile]:
    """Return the own profile as it is edited."""
    view, _ = await profiles.get_own_profile(call.services, call.viewer)
    return Json.of(_profile(call, view))


@endpoint("PATCH", "/api/v1/profile", scope="write:accounts", uploads=_bytes_of_pictures)
async def update(call: Call, changes: AccountChanges) -> Json[Profile]:
    """Change the own profile."""
    await profiles.change_profile(call.services, call.viewer, _changes(changes))
    await _set_pictures(call, changes)
    view, _ = await profiles.get_own_profile(call.services, call.viewer)
    return Json.of(_profile(call, view))


@endpoint("DELETE", "/api/v1/profile/avatar", scope="write:accounts")
async def delete_avatar(call: Call) -> Json[CredentialAccount]:
    """Remove the own avatar."""
    await profile_pictures.remove_picture(call.services, call.viewer, MediaPurpose.AVATAR)
    return await _own(call)


@endpoint("DELETE", "/api/v1/profile/header", scope="write:accounts")
async def delete_header(call: Call) -> Json[CredentialAccount]:
    """Remove the own header."""
    await profile_pictures.remove_picture(call.services, call.viewer, MediaPurpose.HEADER)
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
        avatar=account.avatar if view.user.avatar else None,
        avatar_static=account.avatar_static if view.user.avatar else None,
        avatar_description="",
        header=account.header if view.user.header else None,
        header_static=account.header_static if view.user.header else None,
        header_description="",
        locked=account.locked,
        bot=account.bot,
        hide_collections=account.hide_collections,
        discoverable=account.discoverable,
        indexable=account.indexable,
        show_media=True,
        show_media_replies=True,
        show_featured=False,
        attribution_domains=[],
        featured_tags=[],
        formatted_note=account.note,
        formatted_fields=account.fields,
    )
