"""Passkeys: for which address of an instance they work, what devices are asked, and what their answers prove.

Web Authentication (https://www.w3.org/TR/webauthn-3/); what is checked is checked by the library `webauthn`, which takes
a fifth of a second to load and is loaded when it is needed.
"""

# pyright: reportUnknownMemberType=false
import base64
import ipaddress
from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from rookery.errors import Invalid

CHALLENGE_BYTES: Final = 32
USER_HANDLE_BYTES: Final = 32
ANSWER_CHARS_MAX: Final = 100_000
CREDENTIAL_ID_BYTES_MAX: Final = 1_023
"""The standard's own limit."""
NAME_CHARS_MAX: Final = 50
PASSKEYS_MAX: Final = 20
"""Passkeys of one user."""
ASKED_MS: Final = 300_000
"""How long a device may take to answer."""

_UNPROVEN: Final = "This passkey could not be checked; try again"


class RelyingParty(NamedTuple):
    """The instance as devices know it."""

    id: str
    origin: str
    title: str


class _Response(msgspec.Struct, frozen=True):
    client_data: str = msgspec.field(name="clientDataJSON")
    user_handle: str | None = msgspec.field(name="userHandle", default=None)
    transports: list[str] = msgspec.field(default_factory=list[str])


class _Answer(msgspec.Struct, frozen=True):
    raw_id: str = msgspec.field(name="rawId")
    response: _Response


class _ClientData(msgspec.Struct, frozen=True):
    challenge: str


class Answer(NamedTuple):
    """What a device has answered, unchecked."""

    text: str
    challenge: bytes
    credential_id: bytes
    user_handle: bytes
    transports: tuple[str, ...]


class NewKey(NamedTuple):
    """A key that a device has made for this instance."""

    public_key: bytes
    sign_count: int


def obstacle(base_url: str) -> str:
    """Return why passkeys cannot work under this address, empty when they do."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if _is_ip(host):
        return (
            f"Passkeys need a domain, and this instance is reached at the address {host}. The administrator can set "
            "base_url to one, such as https://birds.example, or http://localhost with its port to try things out."
        )
    if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
        return "Passkeys need an encrypted connection, and this instance is reached without one (http)."
    return ""


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def relying_party(base_url: str, title: str) -> RelyingParty:
    """Return the instance as devices know it; raises Invalid where passkeys cannot work."""
    if problem := obstacle(base_url):
        raise Invalid(problem)
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in {None, usual} else ""
    return RelyingParty(id=host, origin=f"{parts.scheme}://{host}{port}", title=title)


def registration_options(
    party: RelyingParty,
    *,
    challenge: bytes,
    user_handle: bytes,
    username: str,
    display_name: str,
    known: Iterable[bytes],
) -> str:
    """Return what a device is asked to make a key, as JSON: one that is found without a name, behind PIN or finger."""
    import webauthn  # noqa: PLC0415  heavy
    from webauthn.helpers import structs  # noqa: PLC0415

    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=party.title,
            user_id=user_handle,
            user_name=username,
            user_display_name=display_name or username,
            challenge=challenge,
            timeout=ASKED_MS,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=key) for key in known],
        )
    )


def authentication_options(
    party: RelyingParty, *, challenge: bytes, allowed: Iterable[tuple[bytes, Iterable[str]]], verified: bool
) -> str:
    """Return what a device is asked to prove a key, as JSON; `verified` asks for PIN or finger.

    `allowed` names keys with the ways to reach their devices; without any, a device offers those it has.
    """
    import webauthn  # noqa: PLC0415  heavy
    from webauthn.helpers import structs  # noqa: PLC0415

    wanted = structs.UserVerificationRequirement
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=challenge,
            timeout=ASKED_MS,
            allow_credentials=[
                structs.PublicKeyCredentialDescriptor(
                    id=key, transports=[structs.AuthenticatorTransport(way) for way in ways] or None
                )
                for key, ways in allowed
            ],
            user_verification=wanted.REQUIRED if verified else wanted.PREFERRED,
        )
    )


def read_answer(text: str) -> Answer:
    """Return what a device has answered; raises Invalid for what is no answer."""
    if len(text) > ANSWER_CHARS_MAX:
        raise Invalid(_UNPROVEN)
    try:
        answer = msgspec.json.decode(text, type=_Answer)
        client_data = msgspec.json.decode(_bytes(answer.response.client_data), type=_ClientData)
        credential_id = _bytes(answer.raw_id)
        challenge = _bytes(client_data.challenge)
        user_handle = _bytes(answer.response.user_handle or "")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Invalid(_UNPROVEN) from None
    if not credential_id or len(credential_id) > CREDENTIAL_ID_BYTES_MAX:
        raise Invalid(_UNPROVEN)
    return Answer(text, challenge, credential_id, user_handle, _known_ways(answer.response.transports))


def _known_ways(transports: Iterable[str]) -> tuple[str, ...]:
    known = ("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb")
    return tuple(way for way in known if way in set(transports))


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def check_registration(party: RelyingParty, answer: Answer) -> NewKey:
    """Return the key that a device has made, once everything about it is right; raises Invalid."""
    import webauthn  # noqa: PLC0415  heavy

    try:
        made = webauthn.verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001  parsers of what anybody may send fail in many ways
        raise _unproven(error) from None
    if made.credential_id != answer.credential_id:
        raise Invalid(_UNPROVEN)
    return NewKey(made.credential_public_key, made.sign_count)


def check_authentication(
    party: RelyingParty, answer: Answer, *, public_key: bytes, sign_count: int, verified: bool
) -> int:
    """Return how often the device says the key was used, once the answer is proved to be its own; raises Invalid."""
    import webauthn  # noqa: PLC0415  heavy

    try:
        proved = webauthn.verify_authentication_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=verified,
        )
    except Exception as error:  # noqa: BLE001  parsers of what anybody may send fail in many ways
        raise _unproven(error) from None
    return proved.new_sign_count


def _unproven(error: Exception) -> Invalid:
    refused: Any = Invalid(_UNPROVEN)
    refused.add_note(f"{type(error).__name__}: {error}")
    return refused
