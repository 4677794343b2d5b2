"""Web Push subscriptions: where a phone or browser is reached, and what it wants to hear of."""

import base64
import binascii
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import msgspec

from rookery.domain.ids import TokenId, UserId
from rookery.domain.notifications import NotificationKind
from rookery.errors import Invalid

CLIENT_KEY_BYTES: Final = 65
"""An uncompressed point on P-256 (RFC 8291, 3.1)."""
CLIENT_SECRET_BYTES: Final = 16
"""RFC 8291, 3.2."""
ENDPOINT_CHARS_MAX: Final = 2_048


class PushSenders(StrEnum):
    """Whose doings a subscription wants to hear of."""

    ALL = "all"
    FOLLOWED = "followed"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where one app of a user is reached; it ends with the app's token."""

    token_id: TokenId
    user_id: UserId
    id: int
    endpoint: str
    client_key: str
    """The client's public key, base64url."""
    client_secret: str
    """The client's authentication secret, base64url."""
    kinds: frozenset[NotificationKind]
    senders: PushSenders = PushSenders.ALL
    standard: bool = False


class Urgency(StrEnum):
    """How soon a phone should be woken (RFC 8030, 5.3)."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


URGENCIES: Final = {
    NotificationKind.MENTION: Urgency.HIGH,
    NotificationKind.FOLLOW_REQUEST: Urgency.HIGH,
    NotificationKind.FAVORITE: Urgency.LOW,
    NotificationKind.RETWEET: Urgency.LOW,
}
"""Those that are not named here are normal."""


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A message for one subscription."""

    subscription: Subscription
    payload: bytes
    urgency: Urgency
    topic: str
    """A newer message of the same topic takes the place of one that is not delivered yet (RFC 8030, 5.4)."""


class PushResult(msgspec.Struct, frozen=True):
    """What a push service answered."""

    code: int
    """The HTTP status."""
    retry_after_s: int | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the subscription is no more."""
        return self.code in {404, 410}

    @property
    def is_accepted(self) -> bool:
        """Whether the message will be delivered."""
        return 200 <= self.code < 300

    @property
    def may_succeed_later(self) -> bool:
        """Whether it should be tried again."""
        return self.code == 429 or self.code >= 500


def decoded(text: str) -> bytes:
    """Return what base64, of either alphabet and with or without padding, stands for."""
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))


def check_endpoint(endpoint: str) -> None:
    """Raise Invalid unless this is where something can be pushed to."""
    try:
        parts = urlsplit(endpoint)
        fine = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 443) > 0
    except ValueError:
        fine = False
    if not fine or len(endpoint) > ENDPOINT_CHARS_MAX or not endpoint.isascii() or " " in endpoint:
        raise Invalid("The endpoint must be an https address", field="subscription[endpoint]")


def check_keys(client_key: str, client_secret: str) -> None:
    """Raise Invalid unless these are a client's keys."""
    for name, text, length in (
        ("p256dh", client_key, CLIENT_KEY_BYTES),
        ("auth", client_secret, CLIENT_SECRET_BYTES),
    ):
        try:
            fine = len(decoded(text)) == length
        except (ValueError, binascii.Error):
            fine = False
        if not fine:
            raise Invalid(f"The key {name} is wrong", field=f"subscription[keys][{name}]")
