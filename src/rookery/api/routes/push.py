"""Web Push: https://docs.joinmastodon.org/methods/push/."""

from typing import Final

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.push import WebPushSubscription
from rookery.api.presenting import KIND_BY_TYPE, NOTIFICATION_TYPES
from rookery.domain.ids import TokenId
from rookery.domain.notifications import NotificationKind
from rookery.domain.push import PushSenders, Subscription
from rookery.errors import Forbidden, Invalid
from rookery.usecases import push

_POLICIES: Final = {
    "all": PushSenders.ALL,
    "followed": PushSenders.FOLLOWED,
    "follower": PushSenders.FOLLOWERS,
    "none": PushSenders.NOBODY,
}
_POLICY_WORDS: Final = {senders: word for word, senders in _POLICIES.items()}


class SubscriptionKeys(msgspec.Struct, frozen=True, kw_only=True):
    """A client's keys, base64url."""

    p256dh: str
    auth: str


class NewSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where an app is reached."""

    endpoint: str
    keys: SubscriptionKeys
    standard: bool = False


class SubscriptionData(msgspec.Struct, frozen=True, kw_only=True):
    """What an app wants to hear of, and whose doings."""

    alerts: dict[str, bool | str | None] | None = None
    policy: str | None = None


class Subscribe(msgspec.Struct, frozen=True, kw_only=True):
    """Where an app is reached, and what it wants to hear of."""

    subscription: NewSubscription
    data: SubscriptionData = SubscriptionData()
    policy: str | None = None


class ChangeSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """What an app wants to hear of from now on."""

    data: SubscriptionData = SubscriptionData()
    policy: str | None = None


def _kinds(data: SubscriptionData) -> frozenset[NotificationKind] | None:
    if data.alerts is None:
        return None
    wanted = {word for word, flag in data.alerts.items() if flag in {True, "true", "1", "on"}}
    return frozenset(KIND_BY_TYPE[word] for word in wanted if word in KIND_BY_TYPE)


def _senders(data: SubscriptionData, policy: str | None) -> PushSenders | None:
    word = data.policy or policy
    if not word:
        return None
    if word not in _POLICIES:
        raise Invalid("policy is one of " + ", ".join(_POLICIES), field="data[policy]")
    return _POLICIES[word]


def _token(call: Call) -> TokenId:
    if call.credentials is None:
        raise Forbidden
    return call.credentials.token_id


def _entity(call: Call, one: Subscription) -> WebPushSubscription:
    return WebPushSubscription(
        id=str(one.id),
        endpoint=one.endpoint,
        standard=one.standard,
        alerts={word: kind in one.kinds for kind, word in NOTIFICATION_TYPES.items()},
        policy=_POLICY_WORDS[one.senders],
        server_key=call.services.push.public_key,
    )


@endpoint("POST", "/api/v1/push/subscription", scope="push")
async def create(call: Call, wanted: Subscribe) -> Json[WebPushSubscription]:
    """Let the token's app be told by push, in the place of what it had asked for before."""
    one = await push.subscribe(
        call.services,
        call.viewer,
        _token(call),
        endpoint=wanted.subscription.endpoint,
        client_key=wanted.subscription.keys.p256dh,
        client_secret=wanted.subscription.keys.auth,
        kinds=_kinds(wanted.data) or frozenset(),
        senders=_senders(wanted.data, wanted.policy) or PushSenders.ALL,
        standard=wanted.subscription.standard,
    )
    return Json.of(_entity(call, one))


@endpoint("GET", "/api/v1/push/subscription", scope="push")
async def show(call: Call) -> Json[WebPushSubscription]:
    """Return what the token's app has subscribed to."""
    return Json.of(_entity(call, await push.get_subscription(call.services, _token(call))))


@endpoint("PUT", "/api/v1/push/subscription", scope="push")
async def update(call: Call, wanted: ChangeSubscription) -> Json[WebPushSubscription]:
    """Change what the token's app is told."""
    one = await push.change_subscription(
        call.services,
        _token(call),
        kinds=_kinds(wanted.data),
        senders=_senders(wanted.data, wanted.policy),
    )
    return Json.of(_entity(call, one))


@endpoint("DELETE", "/api/v1/push/subscription", scope="push")
async def destroy(call: Call) -> Json[Nothing]:
    """Let the token's app be told no more."""
    await push.unsubscribe(call.services, _token(call))
    return Json(b"{}")
