"""Web Push subscriptions: https://docs.joinmastodon.org/entities/WebPushSubscription/."""

import msgspec


class WebPushSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """What an app is told by push."""

    id: str
    endpoint: str
    standard: bool
    alerts: dict[str, bool]
    policy: str
    server_key: str
