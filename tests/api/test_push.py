"""Web Push end to end: an app subscribes, and a real HTTPS push service receives what only the app can read."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from rookery.usecases.blocks import block
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.workers import loop
from tests.push_service import Browser, PushService
from tests.world import World

OpenWorld = Callable[..., Awaitable[World]]
ALERTS = {"mention": True, "status": True, "favourite": True}


async def subscribe(client: httpx.AsyncClient, service: PushService, browser: Browser) -> dict[str, Any]:
    wanted = {
        "subscription": {"endpoint": f"{service.origin}/ada", "keys": browser.keys, "standard": True},
        "data": {"alerts": ALERTS, "policy": "all"},
    }
    answer = await client.post("/api/v1/push/subscription", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_mention_and_a_bell_reach_the_app_and_nobody_else_can_read_them(
    pushing: World, push_service: PushService
):
    ada, bob = await pushing.user("ada"), await pushing.user("bob", display_name="Bob")
    client, browser = await pushing.client(ada), Browser()
    subscription = await subscribe(client, push_service, browser)
    await client.post(f"/api/v1/accounts/{bob.id}/follow", json={"notify": True})
    await pushing.tweet(bob, "@ada the secret is out")
    await pushing.tweet(bob, "To everybody")
    await pushing.settle()
    assert len(push_service.received) == 2
    messages = [browser.read(body) for _, _, body in push_service.received]
    assert sorted(message["notification_type"] for message in messages) == ["mention", "status"]
    mention = next(message for message in messages if message["notification_type"] == "mention")
    assert (mention["title"], mention["body"]) == ("Bob mentioned you", "@ada the secret is out")
    assert (mention["sender_name"], mention["path"].rpartition("/")[0]) == ("Bob", "/@bob")
    shown = await client.get(f"/api/v1/notifications/{mention['notification_id']}")
    assert shown.json()["type"] == "mention"
    assert shown.json()["group_key"] == mention["group_key"]
    for path, headers, body in push_service.received:
        assert path == "/ada"
        assert push_service.signed_by(headers) == subscription["server_key"]
        assert headers["content-encoding"] == "aes128gcm"
        assert int(headers["ttl"]) > 0
        assert headers["urgency"] in {"high", "normal"}
        assert b"secret" not in body


async def test_many_favorites_are_one_push(pushing: World, push_service: PushService):
    ada = await pushing.user("ada")
    await subscribe(await pushing.client(ada), push_service, Browser())
    tweet = await pushing.tweet(ada, "Popular")
    for number in range(30):
        fan = await pushing.user(f"fan{number}")
        await mark_tweet_favorite(pushing.services, fan.id, tweet.tweet.id)
    await pushing.settle()
    assert len(push_service.received) == 1


async def test_what_may_not_be_seen_any_more_is_not_sent(pushing: World, push_service: PushService):
    ada, bob = await pushing.user("ada"), await pushing.user("bob")
    await subscribe(await pushing.client(ada), push_service, Browser())
    await pushing.tweet(bob, "@ada hello")
    await block(pushing.services, ada.id, bob.id)
    await pushing.tweet(bob, "@ada hello again")
    await pushing.settle()
    assert push_service.received == []


async def test_a_busy_push_service_is_tried_again_and_a_gone_subscription_forgotten(
    pushing: World, push_service: PushService
):
    ada, bob = await pushing.user("ada"), await pushing.user("bob")
    client = await pushing.client(ada)
    await subscribe(client, push_service, Browser())
    push_service.answers = [503, 201]
    await pushing.tweet(bob, "@ada hello")
    await pushing.settle(failing=True)
    assert len(push_service.received) == 1
    pushing.advance(seconds=loop.RETRY_FIRST_S)
    await pushing.settle()
    assert len(push_service.received) == 2
    push_service.answers = [410]
    await pushing.tweet(bob, "@ada are you there?")
    await pushing.settle()
    assert (await client.get("/api/v1/push/subscription")).status_code == 404
    await pushing.tweet(bob, "@ada still?")
    await pushing.settle()
    assert len(push_service.received) == 3


async def test_private_networks_are_out_of_reach_unless_allowed(api: World, push_service: PushService):
    ada, bob = await api.user("ada"), await api.user("bob")
    await subscribe(await api.client(ada), push_service, Browser())
    await api.tweet(bob, "@ada hello")
    await api.settle(failing=True)
    assert push_service.received == []


async def test_a_subscription_is_changed_and_ended(api: World, push_service: PushService):
    client = await api.client(await api.user("ada"))
    assert (await client.get("/api/v1/push/subscription")).status_code == 404
    made = await subscribe(client, push_service, Browser())
    assert made["alerts"]["mention"]
    assert not made["alerts"]["follow"]
    changed = await client.put(
        "/api/v1/push/subscription",
        data={"data[alerts][follow]": "true", "data[alerts][mention]": "false", "data[policy]": "followed"},
    )
    assert changed.json()["alerts"]["follow"]
    assert not changed.json()["alerts"]["mention"]
    assert changed.json()["policy"] == "followed"
    assert (await client.delete("/api/v1/push/subscription")).json() == {}
    assert (await client.get("/api/v1/push/subscription")).status_code == 404


async def test_a_subscription_ends_with_its_token(pushing: World, push_service: PushService):
    ada, bob = await pushing.user("ada"), await pushing.user("bob")
    client = await pushing.client(ada)
    await subscribe(client, push_service, Browser())
    await pushing.services.db.write(lambda tx: _end_tokens(tx, ada.id))
    await pushing.tweet(bob, "@ada hello")
    await pushing.settle()
    assert push_service.received == []


async def _end_tokens(tx: Any, user_id: Any) -> None:
    from rookery.storage import tokens

    await tokens.delete_of_user(tx, user_id)
