"""Apps as they see themselves: https://docs.joinmastodon.org/entities/Application/."""

import msgspec


class VerifiedApplication(msgspec.Struct, frozen=True, kw_only=True):
    """An app whose token is valid."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uri: str
    """All addresses in one text, a line each (deprecated)."""
    redirect_uris: list[str]
    vapid_key: str
    """What Web Push subscriptions are made with."""


class CredentialApplication(VerifiedApplication, frozen=True, kw_only=True):
    """An app that has just been registered, with what it proves itself by."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int = 0
    """Seconds since 1970; 0 means never."""
