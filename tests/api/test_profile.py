"""The own account: what its owner sees and changes."""

import pytest

from rookery.domain.users import UserState
from tests.world import World


async def test_verify_credentials_shows_what_only_the_owner_sees(api: World):
    ada = await api.user("ada", bio="About *me*", default_language="de")
    me = (await (await api.client(ada)).get("/api/v1/accounts/verify_credentials")).json()
    assert me["username"] == "ada"
    assert me["source"] == {
        "privacy": "public",
        "sensitive": False,
        "language": "de",
        "note": "About *me*",
        "fields": [],
        "follow_requests_count": 0,
        "hide_collections": False,
        "discoverable": True,
        "indexable": True,
        "attribution_domains": [],
        "quote_policy": "public",
    }
    assert me["role"]["id"] == "-99"


@pytest.mark.parametrize(
    ("scopes", "status"),
    [("profile", 200), ("read", 200), ("read:accounts", 200), ("read:statuses", 403), ("write", 403)],
)
async def test_verify_credentials_needs_a_reading_scope(api: World, scopes: str, status: int):
    client = await api.client(await api.user("ada"), scopes=scopes)
    assert (await client.get("/api/v1/accounts/verify_credentials")).status_code == status


async def test_the_scope_profile_opens_nothing_else(api: World):
    client = await api.client(await api.user("ada"), scopes="profile")
    assert (await client.get("/api/v1/accounts/search", params={"q": "a"})).status_code == 403
    assert (await client.get("/api/v1/preferences")).status_code == 403


async def test_the_unfinished_may_not_even_look_at_themselves(api: World):
    ada = await api.user("ada", state=UserState.PENDING)
    client = await api.client(ada)
    refused = await client.get("/api/v1/accounts/verify_credentials")
    assert (refused.status_code, refused.json()["error"]) == (403, "Your login is currently pending approval")
    assert (await client.get("/api/v1/preferences")).status_code == 403
    assert (await client.patch("/api/v1/accounts/update_credentials", data={"note": "x"})).status_code == 403


async def test_a_form_changes_the_profile(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    answer = await client.patch(
        "/api/v1/accounts/update_credentials",
        data={
            "display_name": "  Ada   L. ",
            "note": "Line one\r\nLine two",
            "locked": "true",
            "bot": "1",
            "discoverable": "false",
            "hide_collections": "true",
            "indexable": "false",
            "fields_attributes[0][name]": "Site",
            "fields_attributes[0][value]": "https://ada.example",
            "fields_attributes[1][name]": "",
            "fields_attributes[1][value]": "",
            "source[privacy]": "private",
            "source[sensitive]": "true",
            "source[language]": "de",
        },
    )
    me = answer.json()
    assert answer.status_code == 200
    assert (me["display_name"], me["locked"], me["bot"], me["discoverable"]) == ("Ada L.", True, True, False)
    assert (me["hide_collections"], me["indexable"], me["noindex"]) == (True, False, True)
    assert [(field["name"], field["value"]) for field in me["source"]["fields"]] == [
        ("Site", "https://ada.example")
    ]
    assert 'href="https://ada.example"' in me["fields"][0]["value"]
    source = me["source"]
    assert (source["privacy"], source["sensitive"], source["language"]) == ("private", True, "de")
    assert source["note"] == "Line one\nLine two"
    seen = (await api.anonymous().get(f"/api/v1/accounts/{ada.id}")).json()
    assert seen["display_name"] == "Ada L."
    untouched = await client.patch("/api/v1/accounts/update_credentials", json={"bot": False})
    assert (untouched.json()["display_name"], untouched.json()["bot"]) == ("Ada L.", False)


async def test_json_and_multipart_change_the_profile_too(api: World):
    client = await api.client(await api.user("ada"))
    by_json = await client.patch(
        "/api/v1/accounts/update_credentials",
        json={"fields_attributes": {"0": {"name": "a", "value": "b"}}, "source": {"language": ""}},
    )
    assert [field["name"] for field in by_json.json()["fields"]] == ["a"]
    assert by_json.json()["source"]["language"] is None
    as_list = await client.patch(
        "/api/v1/accounts/update_credentials", json={"fields_attributes": [{"name": "c", "value": "d"}]}
    )
    assert [field["name"] for field in as_list.json()["fields"]] == ["c"]
    by_parts = await client.patch(
        "/api/v1/accounts/update_credentials",
        files={"display_name": (None, "Ada"), "avatar": ("", b"", "application/octet-stream")},
    )
    assert by_parts.status_code == 200, by_parts.text
    assert by_parts.json()["display_name"] == "Ada"


async def test_what_is_no_picture_is_refused_with_a_sentence(api: World):
    client = await api.client(await api.user("ada"))
    for path in ("/api/v1/accounts/update_credentials", "/api/v1/profile"):
        for name in ("avatar", "header"):
            answer = await client.patch(path, files={name: ("me.png", b"\x89PNG", "image/png")})
            assert answer.status_code == 422
            assert "no photo" in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"display_name": "x" * 31}, "Display name is too long"),
        ({"note": "x" * 501}, "too long"),
        (
            {"fields_attributes": [{"name": str(number), "value": "x"} for number in range(5)]},
            "too many fields",
        ),
        ({"fields_attributes": [{"name": "a", "value": "x" * 256}]}, "A field is too long"),
        ({"fields_attributes": [{"name": "", "value": "x"}]}, "needs a name"),
        ({"source": {"privacy": "direct"}}, "privacy"),
        ({"source": {"language": "no language"}}, "must be a code of ISO 639"),
        ({"display_name": "a\x00b"}, "NUL"),
        ({"locked": "perhaps"}, "locked must be true or false"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    api: World, body: dict[str, object], sentence: str
):
    client = await api.client(await api.user("ada"))
    before = (await client.get("/api/v1/accounts/verify_credentials")).json()
    answer = await client.patch("/api/v1/accounts/update_credentials", json={"bot": True} | body)
    assert answer.status_code == 422, answer.text
    assert sentence in answer.json()["error"]
    assert (await client.get("/api/v1/accounts/verify_credentials")).json() == before


async def test_the_profile_is_shown_raw_and_formatted(api: World):
    client = await api.client(await api.user("ada"))
    changed = await client.patch(
        "/api/v1/profile", data={"note": "See https://ada.example", "fields_attributes[0][name]": "A"}
    )
    profile = changed.json()
    assert profile == (await client.get("/api/v1/profile")).json()
    assert profile["note"] == "See https://ada.example"
    assert "<a href=" in profile["formatted_note"]
    assert profile["fields"] == [{"name": "A", "value": ""}]
    assert profile["avatar"] is None
    for picture in ("avatar", "header"):
        assert (await client.delete(f"/api/v1/profile/{picture}")).json()["username"] == "ada"


async def test_preferences_follow_the_profile(api: World):
    client = await api.client(await api.user("ada"))
    await client.patch(
        "/api/v1/accounts/update_credentials", json={"source": {"privacy": "unlisted", "language": "fr"}}
    )
    assert (await client.get("/api/v1/preferences")).json() == {
        "posting:default:visibility": "unlisted",
        "posting:default:sensitive": False,
        "posting:default:language": "fr",
        "posting:default:quote_policy": "public",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


async def test_markers_remember_how_far_was_read(api: World):
    client = await api.client(await api.user("ada"))
    assert (
        await client.get("/api/v1/markers", params={"timeline[]": ["home", "notifications"]})
    ).json() == {}
    first = await client.post("/api/v1/markers", data={"home[last_read_id]": "103"})
    assert (first.json()["home"]["last_read_id"], first.json()["home"]["version"]) == ("103", 0)
    second = await client.post(
        "/api/v1/markers",
        json={"home": {"last_read_id": "107"}, "notifications": {"last_read_id": 5}, "other": {}},
    )
    assert (second.json()["home"]["last_read_id"], second.json()["home"]["version"]) == ("107", 1)
    kept = await client.get("/api/v1/markers", params={"timeline[]": ["notifications", "nonsense"]})
    assert list(kept.json()) == ["notifications"]
    assert kept.json()["notifications"]["last_read_id"] == "5"
    other = await api.client(await api.user("bob"))
    assert (await other.get("/api/v1/markers", params={"timeline[]": "home"})).json() == {}
