"""What the authorization server answers: https://docs.joinmastodon.org/methods/oauth/."""

import msgspec


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A new access token. It does not expire; it can be revoked."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the name of a kind, no secret
    scope: str
    created_at: int
    """Seconds since 1970."""


class AuthorizationServer(msgspec.Struct, frozen=True, kw_only=True):
    """What this authorization server can do (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    userinfo_endpoint: str
    app_registration_endpoint: str
    service_documentation: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]


class UserInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who has signed in, in the words of OpenID Connect."""

    iss: str
    sub: str
    name: str
    preferred_username: str
    profile: str
    picture: str
