"""Web Push: notifications reach phones and browsers, as far as their user may see them when they are sent."""

from collections.abc import Mapping
from typing import Final

import msgspec

from rookery import notices, tasks
from rookery.domain import push as rules
from rookery.domain.ids import TokenId, UserId
from rookery.domain.notifications import NotificationKind, NotificationView
from rookery.domain.push import URGENCIES, Push, PushSenders, Subscription, Urgency
from rookery.errors import NotFound, Unavailable
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import push_subscriptions, relations
from rookery.storage import tasks as task_records

SUBSCRIPTIONS_MAX: Final = 20
"""Apps of one user that a notification is sent to."""
TOPIC_CHARS: Final = 32
"""What RFC 8030 allows."""
BODY_CHARS_MAX: Final = 140
"""Push services take 4,096 bytes, encrypted; as JSON a character takes at most six, so the longest message has half."""

_TYPES: Final[Mapping[NotificationKind, tuple[str, str]]] = {
    NotificationKind.MENTION: ("mention", "{} mentioned you"),
    NotificationKind.TWEET: ("status", "{} just posted"),
    NotificationKind.RETWEET: ("reblog", "{} retweeted your post"),
    NotificationKind.FOLLOW: ("follow", "{} is now following you"),
    NotificationKind.FOLLOW_REQUEST: ("follow_request", "{} has requested to follow you"),
    NotificationKind.FAVORITE: ("favourite", "{} favorited your post"),
    NotificationKind.POLL: ("poll", "A poll by {} has ended"),
    NotificationKind.EDIT: ("update", "{} edited a post"),
    NotificationKind.QUOTE: ("quote", "{} quoted your post"),
    NotificationKind.QUOTE_EDIT: ("quoted_update", "{} edited a post you have quoted"),
    NotificationKind.SIGN_UP: ("admin.sign_up", "{} signed up"),
    NotificationKind.REPORT: ("admin.report", "{} submitted a report"),
}
"""What clients call each kind, and its title."""


async def subscribe(
    services: Services,
    user_id: UserId,
    token_id: TokenId,
    *,
    endpoint: str,
    client_key: str,
    client_secret: str,
    kinds: frozenset[NotificationKind],
    senders: PushSenders,
    standard: bool,
) -> Subscription:
    """Let an app be told by push, in the place of what it had asked for before. Raises Invalid naming the field."""
    rules.check_endpoint(endpoint)
    rules.check_keys(client_key, client_secret)
    one = Subscription(
        token_id=token_id,
        user_id=user_id,
        id=services.new_id(),
        endpoint=endpoint,
        client_key=client_key,
        client_secret=client_secret,
        kinds=kinds,
        senders=senders,
        standard=standard,
    )
    await services.db.write(lambda tx: push_subscriptions.put(tx, one, now_ms=services.now_ms()))
    return one


async def get_subscription(services: Services, token_id: TokenId) -> Subscription:
    """Return what an app has subscribed to, or raise NotFound."""
    async with services.db.read() as tx:
        return await _of(tx, token_id)


async def change_subscription(
    services: Services,
    token_id: TokenId,
    *,
    kinds: frozenset[NotificationKind] | None,
    senders: PushSenders | None,
) -> Subscription:
    """Change what an app is told; what is None stays. Raises NotFound."""

    async def work(tx: Write) -> Subscription:
        before = await _of(tx, token_id)
        await push_subscriptions.update(
            tx,
            token_id,
            kinds=before.kinds if kinds is None else kinds,
            senders=before.senders if senders is None else senders,
        )
        return await _of(tx, token_id)

    return await services.db.write(work)


async def unsubscribe(services: Services, token_id: TokenId) -> None:
    """Let an app be told no more."""
    await services.db.write(lambda tx: push_subscriptions.delete(tx, token_id))


async def _of(tx: Read, token_id: TokenId) -> Subscription:
    one = await push_subscriptions.get(tx, token_id)
    if one is None:
        raise NotFound
    return one


async def push_notification(services: Services, task: tasks.PushNotification) -> None:
    """Queue a message for every subscription that asks for this kind by such a sender.

    Each is a task of its own, so that a push service that is down holds up nobody else.
    """
    async with services.db.read() as tx:
        view = await notices.find(services, tx, task.notification_id)
        if view is None:
            return
        one = view.notification
        found = await push_subscriptions.of_user(tx, one.user_id, limit=SUBSCRIPTIONS_MAX)
        wanting = [each for each in found if one.kind in each.kinds]
        if wanting:
            relation = await relations.relations(tx, one.user_id, [one.from_id], now_ms=services.now_ms())
            standing = relation.get(one.from_id)
            follows = standing is not None and standing.following
            followed = standing is not None and standing.followed_by
            welcome = {
                PushSenders.ALL: True,
                PushSenders.FOLLOWED: follows,
                PushSenders.FOLLOWERS: followed,
                PushSenders.NOBODY: False,
            }
            wanting = [each for each in wanting if welcome[each.senders] or one.from_id == one.user_id]
    if wanting:
        messages = [tasks.SendPush(one.id, each.token_id, each.id) for each in wanting]
        await services.db.write(lambda tx: task_records.enqueue_all(services, tx, messages))


async def send_push(services: Services, task: tasks.SendPush) -> None:
    """Send one message. Raises Unavailable when it should be tried again; a subscription that is gone is removed."""
    async with services.db.read() as tx:
        view = await notices.find(services, tx, task.notification_id)
        subscription = await push_subscriptions.get(tx, TokenId(task.token_id))
    if view is None or subscription is None or subscription.id != task.subscription_id:
        return
    kind = view.notification.kind
    push = Push(
        subscription=subscription,
        payload=_payload(services, view),
        urgency=URGENCIES.get(kind, Urgency.NORMAL),
        topic=view.notification.group_key.replace("_", "-")[-TOPIC_CHARS:],
    )
    result = await services.push.send(push)
    if result.is_gone:
        await services.db.write(lambda tx: push_subscriptions.delete(tx, subscription.token_id))
    elif result.may_succeed_later:
        raise Unavailable(f"the push service answered {result.code}")


def _payload(services: Services, view: NotificationView) -> bytes:
    """Return what a client's service worker reads: the fields are Mastodon's, and three of ours.

    Mastodon sends the access token along; here only its hash is kept, so the field is empty. Ours let a client say it
    in its reader's language (`sender_name`), put what is told as one in one place (`group_key`), and lead there (`path`).
    """
    word, title = _TYPES[view.notification.kind]
    sender = view.sender.user
    said = ""
    if view.tweet is not None:
        shown = (view.tweet.retweet_of or view.tweet).tweet
        said = (shown.spoiler or shown.text)[:BODY_CHARS_MAX]
    return msgspec.json.encode(
        {
            "access_token": "",
            "preferred_locale": "en",
            "notification_id": str(view.notification.id),
            "notification_type": word,
            "icon": services.instance.avatar_url(sender),
            "title": title.format(sender.display_name or sender.username),
            "body": said or sender.bio[:BODY_CHARS_MAX],
            "sender_name": sender.display_name or sender.username,
            "group_key": view.notification.group_key,
            "path": _path(view),
        }
    )


def _path(view: NotificationView) -> str:
    """Return where the web client shows what a notification speaks of."""
    if view.tweet is not None:
        shown = view.tweet.retweet_of or view.tweet
        return f"/@{shown.author.user.username}/{shown.tweet.id}"
    match view.notification.kind:
        case NotificationKind.FOLLOW:
            return f"/@{view.sender.user.username}"
        case NotificationKind.FOLLOW_REQUEST:
            return "/settings/people/requests"
        case _:
            return "/notifications"
