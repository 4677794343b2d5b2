"""What the instance tells about itself, and what apps ask when they start."""

import pytest

from rookery import tasks
from rookery.domain.push import CLIENT_KEY_BYTES, decoded
from rookery.domain.users import UserState
from rookery.usecases.instance import count_instance
from tests.conftest import OpenWorld
from tests.world import World


async def test_the_instance_names_itself_its_limits_and_who_is_there(api: World):
    ada = await api.user("ada", role="admin")
    await api.user("bob")
    await api.tweet(ada, "One")

    answer = (await api.anonymous().get("/api/v2/instance")).json()

    assert answer["domain"] == "127.0.0.1:8000"
    assert answer["version"].startswith("4.5.0 (compatible; Rookery ")
    assert answer["configuration"]["statuses"] == {
        "max_characters": 500,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 23,
    }
    assert answer["registrations"] == {
        "enabled": True,
        "approval_required": False,
        "reason_required": False,
        "message": None,
        "min_age": 16,
        "url": None,
    }
    assert answer["contact"]["account"]["username"] == "ada"
    assert answer["languages"] == ["en"]


async def test_a_client_learns_that_it_speaks_to_the_first_user(api: World):
    client = api.anonymous()
    assert (await client.get("/api/v2/instance")).json()["has_users"] is False
    await api.user("ada")
    assert (await client.get("/api/v2/instance")).json()["has_users"] is True


async def test_the_key_for_pushes_is_told_and_stays_the_same(api: World):
    keys = {
        (await api.anonymous().get("/api/v2/instance")).json()["configuration"]["vapid"]["public_key"]
        for _ in range(2)
    }
    [key] = keys
    assert len(decoded(key)) == CLIENT_KEY_BYTES


@pytest.mark.parametrize(
    ("base_url", "streaming"),
    [("http://127.0.0.1:8000", "ws://127.0.0.1:8000"), ("https://birds.example", "wss://birds.example")],
)
async def test_both_versions_say_where_live_updates_are(
    open_worlds: OpenWorld, base_url: str, streaming: str
):
    world = await open_worlds(base_url=base_url)
    newer = (await world.anonymous().get("/api/v2/instance")).json()
    older = (await world.anonymous().get("/api/v1/instance")).json()

    assert newer["configuration"]["urls"]["streaming"] == streaming
    assert older["urls"] == {"streaming_api": streaming}


async def test_the_first_version_has_the_configuration_that_older_apps_insist_on(api: World):
    answer = (await api.anonymous().get("/api/v1/instance")).json()

    assert answer["uri"] == "127.0.0.1:8000"
    assert set(answer["configuration"]) == {"accounts", "statuses", "media_attachments", "polls"}
    assert answer["contact_account"] is None


async def count(world: World) -> None:
    """Count users and tweets as the periodic task does."""
    await count_instance(world.services, tasks.CountInstance())


async def test_counts_are_those_of_the_records_when_they_were_counted_last(api: World):
    client = api.anonymous()
    uncounted = (await client.get("/api/v1/instance")).json()["stats"]
    ada = await api.user("ada")
    await count(api)
    first = (await client.get("/api/v1/instance")).json()["stats"]
    await api.tweet(ada, "Two")
    await api.user("bob")
    unchanged = (await client.get("/api/v1/instance")).json()["stats"]
    await count(api)
    later = (await client.get("/api/v1/instance")).json()["stats"]

    assert uncounted == {"user_count": 0, "status_count": 0, "domain_count": 0}
    assert first == unchanged == {"user_count": 1, "status_count": 0, "domain_count": 0}
    assert later == {"user_count": 2, "status_count": 1, "domain_count": 0}


async def test_counting_takes_as_many_slices_as_it_needs(api: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rookery.usecases.instance.SLICE_USERS", 2)
    for number in range(5):
        await api.tweet(await api.user(f"user{number}"))
    await api.user("gone", state=UserState.DISABLED)
    await count(api)
    stats = (await api.anonymous().get("/api/v1/instance")).json()["stats"]
    assert stats == {"user_count": 5, "status_count": 5, "domain_count": 0}


async def test_only_users_who_were_here_within_a_month_count_as_active(api: World):
    ada, _ = await api.user("ada"), await api.user("bob")
    await (await api.client(ada)).get("/api/v1/accounts/verify_credentials")
    await api.settle()
    anonymous = api.anonymous()

    await count(api)
    now = (await anonymous.get("/api/v2/instance")).json()["usage"]
    api.advance(days=31)
    await count(api)
    later = (await anonymous.get("/api/v2/instance")).json()["usage"]

    assert now == {"users": {"active_month": 1}}
    assert later == {"users": {"active_month": 0}}


@pytest.mark.parametrize(
    ("registrations", "told"),
    [("open", (True, False)), ("approval", (True, True)), ("closed", (False, False))],
)
async def test_who_may_sign_up_is_told_in_both_versions(
    open_worlds: OpenWorld, registrations: str, told: tuple[bool, bool]
):
    client = (await open_worlds(registrations=registrations)).anonymous()

    new = (await client.get("/api/v2/instance")).json()["registrations"]
    old = (await client.get("/api/v1/instance")).json()

    assert (new["enabled"], new["approval_required"]) == told
    assert (old["registrations"], old["approval_required"]) == told


async def test_nodeinfo_is_found_and_names_the_program(api: World):
    client = api.anonymous()
    links = (await client.get("/.well-known/nodeinfo")).json()["links"]

    answer = (await client.get(links[0]["href"])).json()

    assert answer["software"]["name"] == "rookery"
    assert answer["openRegistrations"] is True
    assert answer["usage"]["users"] == {"total": 0, "activeMonth": 0, "activeHalfyear": 0}


async def test_host_meta_leads_to_webfinger(api: World):
    response = await api.anonymous().get("/.well-known/host-meta")

    assert response.headers["content-type"] == "application/xrd+xml; charset=utf-8"
    assert "http://127.0.0.1:8000/.well-known/webfinger?resource={uri}" in response.text


async def test_webfinger_finds_users_of_this_instance_only(api: World):
    await api.user("Ada")
    client = api.anonymous()

    async def status(resource: str) -> int:
        return (await client.get("/.well-known/webfinger", params={"resource": resource})).status_code

    found = (
        await client.get("/.well-known/webfinger", params={"resource": "acct:ada@127.0.0.1:8000"})
    ).json()
    assert found["subject"] == "acct:Ada@127.0.0.1:8000"
    assert found["aliases"] == ["http://127.0.0.1:8000/@Ada"]
    assert await status("http://127.0.0.1:8000/@Ada") == 200
    assert await status("acct:ada@elsewhere.example") == 404
    assert await status("acct:nobody@127.0.0.1:8000") == 404
    assert await status("ada") == 404


EMPTY_FOR_EVERYBODY: list[tuple[str, object]] = [
    ("/api/v1/instance/rules", []),
    ("/api/v1/instance/peers", []),
    ("/api/v1/instance/domain_blocks", []),
    ("/api/v1/instance/translation_languages", {}),
    ("/api/v1/peers/search?q=birds", []),
    ("/api/v1/custom_emojis", []),
    ("/api/v1/trends/tags", []),
    ("/api/v1/trends/statuses", []),
    ("/api/v1/trends/links", []),
]


async def test_what_is_not_there_yet_is_empty_for_everybody(api: World):
    client = api.anonymous()
    for path, answer in EMPTY_FOR_EVERYBODY:
        response = await client.get(path)
        assert (response.status_code, response.json()) == (200, answer), path


EMPTY_FOR_THE_SIGNED_IN: list[tuple[str, object]] = [
    ("/api/v1/notifications", []),
    ("/api/v1/notifications?limit=30&exclude_types[]=follow&types[]=mention", []),
    ("/api/v1/notifications/unread_count", {"count": 0}),
    ("/api/v1/notifications/requests", []),
    ("/api/v1/notifications/requests/merged", {"merged": True}),
    ("/api/v2/notifications", {"accounts": [], "statuses": [], "notification_groups": []}),
    ("/api/v2/notifications/unread_count", {"count": 0}),
    ("/api/v1/filters", []),
    ("/api/v2/filters", []),
    ("/api/v1/announcements?with_dismissed=true", []),
    ("/api/v1/conversations", []),
    ("/api/v1/scheduled_statuses", []),
    ("/api/v1/followed_tags", []),
    ("/api/v1/featured_tags", []),
    ("/api/v1/domain_blocks", []),
    ("/api/v1/endorsements", []),
]


async def test_what_is_not_there_yet_is_empty_for_the_signed_in(api: World):
    client, anonymous = await api.client(await api.user("ada")), api.anonymous()
    for path, answer in EMPTY_FOR_THE_SIGNED_IN:
        response = await client.get(path)
        assert (response.status_code, response.json()) == (200, answer), path
        assert (await anonymous.get(path)).status_code == 401, path


async def test_the_notification_policy_keeps_strangers_direct_mentions_back(api: World):
    policy = (await (await api.client(await api.user("ada"))).get("/api/v2/notifications/policy")).json()

    kept_back = {name for name, value in policy.items() if name.startswith("for_") and value != "accept"}
    assert kept_back == {"for_private_mentions", "for_limited_accounts"}
    assert policy["summary"] == {"pending_requests_count": 0, "pending_notifications_count": 0}


async def test_what_has_no_empty_form_is_not_found_with_a_sentence(api: World):
    client = await api.client(await api.user("ada"))
    for path in (
        "/api/v1/push/subscription",
        "/api/v1/instance/terms_of_service",
        "/api/v1/instance/activity",
        "/api/v1/notifications/1",
        "/api/v1/lists/2",
        "/api/v1/polls/1",
    ):
        response = await client.get(path)
        assert (response.status_code, response.json()) == (404, {"error": "Record not found"}), path


async def test_languages_are_listed_by_code_and_name(world: World):
    listed = (await world.anonymous().get("/api/v1/instance/languages")).json()
    assert {"code": "en", "name": "English"} in listed
    assert [entry["code"] for entry in listed] == sorted({entry["code"] for entry in listed})
    assert all(entry["name"] for entry in listed)
