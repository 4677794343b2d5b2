"""Apps introduce themselves."""

from typing import Any

import httpx

from tests.world import World

REGISTRATION = {
    "client_name": "Birdwatch",
    "redirect_uris": "https://app.example/callback",
    "scopes": "read write follow push",
    "website": "https://app.example",
}


async def register(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    response = await client.post("/api/v1/apps", data={**REGISTRATION, **more})
    assert response.status_code == 200, response.text
    return response.json()


async def test_an_app_registers_by_form_or_json(world: World):
    client = world.anonymous()
    for response in (
        await client.post("/api/v1/apps", data=REGISTRATION),
        await client.post("/api/v1/apps", json=REGISTRATION),
        await client.post(
            "/api/v1/apps/", files={name: (None, value) for name, value in REGISTRATION.items()}
        ),
    ):
        assert response.status_code == 200
        app = response.json()
        assert app["name"] == "Birdwatch"
        assert app["website"] == "https://app.example"
        assert app["scopes"] == ["read", "write", "follow", "push"]
        assert app["redirect_uri"] == "https://app.example/callback"
        assert app["redirect_uris"] == ["https://app.example/callback"]
        assert app["client_secret_expires_at"] == 0
        assert len(app["client_secret"]) >= 43
        assert response.headers["cache-control"] == "no-store"


async def test_addresses_come_as_lines_or_as_a_list(world: World):
    client = world.anonymous()
    uris = ["com.tapbots.Ivory.10217:/request_token", "urn:ietf:wg:oauth:2.0:oob"]
    for response in (
        await client.post("/api/v1/apps", data={**REGISTRATION, "redirect_uris": "\n".join(uris)}),
        await client.post("/api/v1/apps", data={**REGISTRATION, "redirect_uris": "\r\n".join(uris)}),
        await client.post("/api/v1/apps", json={**REGISTRATION, "redirect_uris": uris}),
        await client.post(
            "/api/v1/apps", data={"client_name": "Birdwatch", "redirect_uris[]": uris, "scopes": "read"}
        ),
    ):
        assert response.status_code == 200, response.text
        assert response.json()["redirect_uris"] == uris
        assert response.json()["redirect_uri"] == "\n".join(uris)


async def test_an_app_that_names_no_scopes_may_read(world: World):
    app = (
        await world.anonymous().post("/api/v1/apps", data={"client_name": "A", "redirect_uris": "app://back"})
    ).json()
    assert app["scopes"] == ["read"]
    assert app["website"] is None


async def test_what_cannot_be_registered_is_refused_with_a_sentence(world: World):
    for wrong in (
        {"client_name": ""},
        {"client_name": "x" * 1000},
        {"redirect_uris": ""},
        {"redirect_uris": "javascript:alert(1)"},
        {"redirect_uris": "not an address"},
        {"redirect_uris": "\n".join(f"https://app.example/{number}" for number in range(21))},
        {"scopes": "read everything"},
        {"scopes": "read " * 1000},
        {"website": "javascript:alert(1)"},
    ):
        response = await world.anonymous().post("/api/v1/apps", data={**REGISTRATION, **wrong})
        assert response.status_code == 422
        assert response.json()["error"].startswith("Validation failed: ")
    assert await world.rows("SELECT * FROM apps") == []


async def test_an_old_token_does_not_keep_an_app_from_registering(world: World):
    client = world.anonymous()
    client.headers["Authorization"] = "Bearer long gone"
    await register(client)


async def test_a_token_tells_its_app(world: World):
    client = world.anonymous()
    app = await register(client)
    token = (
        await client.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": app["client_id"],
                "client_secret": app["client_secret"],
            },
        )
    ).json()
    response = await client.get(
        "/api/v1/apps/verify_credentials", headers={"Authorization": f"Bearer {token['access_token']}"}
    )
    assert response.status_code == 200
    assert response.json() == {name: app[name] for name in response.json()}
    assert "client_secret" not in response.json()


async def test_a_users_token_tells_its_app_too(world: World):
    ada = await world.user("ada")
    response = await (await world.client(ada, scopes="push")).get("/api/v1/apps/verify_credentials")
    assert response.json()["name"] == "Tests"


async def test_nobody_learns_of_an_app_without_a_token(world: World):
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}):
        response = await world.anonymous().get("/api/v1/apps/verify_credentials", headers=headers)
        assert response.status_code == 401
        assert response.json() == {"error": "The access token is invalid"}
