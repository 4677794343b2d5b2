"""Whatever is sent, the answer is Mastodon's error with a sentence that names the field, and nothing changes."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from rookery.domain.tweets import Visibility
from tests.world import World

POST = "/api/v1/statuses"
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


@pytest.fixture
async def client(api: World) -> httpx.AsyncClient:
    return await api.client(await api.user("ada"))


async def refused(
    api: World, response: httpx.Response, status: int, *words: str, changes_nothing: bool = True
) -> None:
    """Assert that the request was refused with this status and a sentence with these words, and nothing was posted."""
    sentence = response.json().get("error", "")
    request = response.request
    assert response.status_code == status, f"{request.method} {request.url}: {response.text}"
    for word in words:
        assert word in sentence, f"{request.method} {request.url}: {response.text}"
    if changes_nothing:
        assert not await api.rows("SELECT id FROM tweets")


async def test_a_body_that_is_not_json_is_a_bad_request(api: World, client: httpx.AsyncClient):
    for body in (
        b"{",
        b"[1",
        b"nothing",
        b'{"status": "x"} more',
        b'{"status": "\xff"}',
        b'{"status":"\\ud800"}',
    ):
        await refused(api, await client.post(POST, content=body, headers=JSON), 400, "The body is not valid")


async def test_a_body_that_is_json_but_no_object_is_a_bad_request(api: World, client: httpx.AsyncClient):
    for body in (b"[]", b'"status"', b"1", b"null"):
        await refused(api, await client.post(POST, content=body, headers=JSON), 400, "must be a JSON object")


async def test_deep_json_is_a_bad_request(api: World, client: httpx.AsyncClient):
    for depth in (20, 900, 100_000):
        body = b'{"status": "x", "poll": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
        await refused(api, await client.post(POST, content=body, headers=JSON), 400, "nested")
        lists = b'{"status": "x", "media_ids": ' + b"[" * depth + b"]" * depth + b"}"
        await refused(api, await client.post(POST, content=lists, headers=JSON), 400, "nested")


async def test_deep_names_in_forms_are_a_bad_request(api: World, client: httpx.AsyncClient):
    body = {"status": "x", "poll" + "[a]" * 400: "1"}
    await refused(api, await client.post(POST, data=body), 400, "poll is nested")


async def test_a_content_type_that_nobody_speaks_is_a_bad_request(api: World, client: httpx.AsyncClient):
    response = await client.post(POST, content=b"<status/>", headers={"content-type": "application/xml"})
    await refused(api, response, 400, "application/xml", "form or JSON")


async def test_forms_that_are_not_utf8_are_refused_by_the_field(api: World, client: httpx.AsyncClient):
    for field, body in (
        ("status", b"status=%ff%fe"),
        ("status", b"status=\xff"),
        ("status", b"status=%ed%a0%80"),
        ("spoiler_text", b"status=ok&spoiler_text=%c3"),
    ):
        response = await client.post(POST, content=body, headers=FORM)
        await refused(api, response, 400, f"{field} is not valid UTF-8")


async def test_a_query_that_is_not_utf8_is_refused_by_the_field(api: World, client: httpx.AsyncClient):
    await refused(api, await client.get("/api/v2/search?q=%ff"), 400, "q is not valid UTF-8")


async def test_multipart_that_is_not_utf8_is_a_bad_request(api: World, client: httpx.AsyncClient):
    await refused(api, await _multipart(client, b"\xff\xfe"), 400, "UTF-8")


async def test_multipart_with_a_broken_frame_is_a_bad_request(api: World, client: httpx.AsyncClient):
    body = b'--edge\r\nContent-Disposition: form-data; name="status"\r\n\r\nx'
    for boundary in (
        b"",
        b"; boundary=",
        b"; boundary=other",
        b"; boundary=" + b"b" * 1000,
        b"; boundary=\xc3\xa4",
    ):
        headers = [(b"content-type", b"multipart/form-data" + boundary)]
        await refused(api, await client.post(POST, content=body, headers=headers), 400, "body cannot be read")


async def test_a_file_where_text_belongs_is_refused_by_the_field(api: World, client: httpx.AsyncClient):
    response = await client.post(POST, files={"status": ("x.txt", b"hello")})
    await refused(api, response, 422, "status must be text")


async def test_text_with_a_nul_is_refused_by_the_field_in_every_form(api: World, client: httpx.AsyncClient):
    for response in (
        await client.post(POST, data={"status": "a\0b"}),
        await client.post(POST, json={"status": "a\0b"}),
        await _multipart(client, b"a\0b"),
    ):
        await refused(api, response, 422, "status", "NUL")
    response = await client.post(POST, json={"status": "x", "location": {"name": "\0"}})
    await refused(api, response, 422, "location", "NUL")
    await refused(api, await client.get("/api/v2/search?q=a%00"), 422, "q", "NUL")


async def test_more_bytes_than_allowed_are_too_large_in_every_form(api: World, client: httpx.AsyncClient):
    much = "x" * (api.services.limits.request_body_bytes_max + 1)

    async def endless() -> AsyncGenerator[bytes]:
        yield b"status="
        for _ in range(1 + len(much) // 65_536):
            yield b"x" * 65_536

    for response in (
        await client.post(POST, data={"status": much}),
        await client.post(POST, json={"status": much}),
        await client.post(POST, files={"file": ("x", much.encode())}),
        await client.post(POST, content=endless(), headers=FORM),
    ):
        await refused(api, response, 413, "too large")


async def test_more_parameters_than_allowed_are_a_bad_request(api: World, client: httpx.AsyncClient):
    pairs = "&".join(f"media_ids[]={number}" for number in range(1001))
    for response in (
        await client.post(POST, content="status=x&" + pairs, headers=FORM),
        await client.get(f"{POST}?{pairs}"),
    ):
        await refused(api, response, 400, "more than 1000 parameters")


WRONG_VALUES: list[tuple[dict[str, Any], str]] = [
    ({"status": 5}, "status must be text"),
    ({"status": ["x"]}, "status must be text"),
    ({"status": {"a": "b"}}, "status must be text"),
    ({"status": "x", "sensitive": "maybe"}, "sensitive must be true or false"),
    ({"status": "x", "in_reply_to_id": "first"}, "in_reply_to_id must be a whole number"),
    ({"status": "x", "in_reply_to_id": 1.5}, "in_reply_to_id must be a whole number"),
    ({"status": "x", "in_reply_to_id": 10**30}, "in_reply_to_id"),
    ({"status": "x", "visibility": "everybody"}, "visibility"),
    ({"status": "x", "location": "here"}, "location must be an object"),
    ({"status": "x", "location": {"latitude": "north"}}, "location.latitude must be a number"),
    ({"status": "x", "location": {"latitude": 91, "longitude": 0}}, "latitude"),
    ({"status": "x", "language": "x" * 1000}, "anguage"),
    ({"status": "x" * 501}, "500"),
    ({"status": ""}, "blank"),
    ({"status": " \n "}, "blank"),
    ({}, "blank"),
]


async def test_wrong_values_are_refused_by_the_field(api: World, client: httpx.AsyncClient):
    for body, sentence in WRONG_VALUES:
        await refused(api, await client.post(POST, json=body), 422, "Validation failed: ", sentence)


async def test_numbers_that_are_none_are_refused_by_the_field(api: World, client: httpx.AsyncClient):
    for number in ("nan", "inf", "-inf", "1e999"):
        form = {"status": "x", "location[latitude]": number, "location[longitude]": "1"}
        await refused(api, await client.post(POST, data=form), 422, "location.latitude")


async def test_a_value_and_a_list_of_one_name_are_refused_by_the_field(api: World, client: httpx.AsyncClient):
    response = await client.post(POST, content="status=x&location=1&location[name]=y", headers=FORM)
    await refused(api, response, 422, "location is given both")


async def test_of_two_values_of_one_name_the_last_counts(client: httpx.AsyncClient):
    response = await client.post(POST, content="status=first&status=second", headers=FORM)
    assert response.json()["content"] == "<p>second</p>"


async def test_empty_text_for_numbers_and_flags_means_left_out(client: httpx.AsyncClient):
    form = {
        "status": "x",
        "in_reply_to_id": "",
        "sensitive": "",
        "media_ids[]": "",
        "language": "",
        "visibility": "",
    }
    response = await client.post(POST, data=form)

    assert response.status_code == 200
    assert (await client.get("/api/v1/timelines/home?max_id=&min_id=&since_id=&limit=")).status_code == 200


async def test_flags_are_understood_in_rails_words(client: httpx.AsyncClient):
    for word, meaning in {
        "on": True,
        "1": True,
        "true": True,
        "off": False,
        "0": False,
        "False": False,
    }.items():
        response = await client.post(POST, data={"status": word, "sensitive": word})
        assert response.json()["sensitive"] is meaning, word


async def test_ids_that_nothing_has_are_not_found(api: World, client: httpx.AsyncClient):
    odd = ("0", "1", "-1", "abc", "1.5", "9" * 19, "9" * 30, "9" * 5000, "%00", "%ff", "1%20", "\u0663")
    for path in (POST, "/api/v1/accounts"):
        for id_ in odd:
            await refused(api, await client.get(f"{path}/{id_}"), 404, "Record not found")
        await refused(api, await api.anonymous().get(f"{path}/1"), 404, "Record not found")


ODD_PAGING = [
    ("limit=0", "limit"),
    ("limit=-5", "limit"),
    ("limit=many", "limit must be a whole number"),
    ("limit=" + "9" * 30, "limit"),
    ("max_id=abc", "max_id must be a whole number"),
    ("max_id=-1", "max_id must not be negative"),
    ("since_id=-1", "since_id must not be negative"),
    ("min_id=1.5", "min_id must be a whole number"),
    ("max_id=" + "9" * 30, "max_id"),
    ("max_id[]=1", "max_id must be a whole number"),
    ("max_id[a]=1", "max_id must be a whole number"),
    ("min_id[" + "9" * 5000 + "]=1", "min_id must be a whole number"),
]


async def test_odd_paging_is_refused_by_the_field(api: World, client: httpx.AsyncClient):
    for path in ("/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/notifications"):
        for query, sentence in ODD_PAGING:
            await refused(api, await client.get(f"{path}?{query}"), 422, sentence)


async def test_a_larger_page_than_allowed_is_the_largest(api: World, client: httpx.AsyncClient):
    await api.tweets(await api.user("bob"), 45)

    assert len((await client.get("/api/v1/timelines/public?limit=1000")).json()) == 40


async def test_places_that_contradict_each_other_give_an_empty_page(api: World, client: httpx.AsyncClient):
    tweet = await api.tweet(await api.user("bob"))
    for query in (
        f"max_id={tweet.tweet.id}&since_id={tweet.tweet.id}",
        "max_id=0",
        "max_id=1&min_id=9",
        f"min_id={2**63 - 1}",
    ):
        response = await client.get(f"/api/v1/timelines/public?{query}")
        assert (response.status_code, response.json()) == (200, []), query


async def test_missing_parameters_are_named(api: World, client: httpx.AsyncClient):
    await refused(api, await client.get("/api/v2/search"), 422, "q is missing")


async def test_foreign_tokens_are_unauthorized(api: World):
    client = api.anonymous()
    for word in (
        b"Bearer",
        b"Bearer ",
        b"Bearer nothing",
        b"Basic YTpi",
        b"Bearer " + b"x" * 5000,
        b"Bearer \xff",
        b"x",
    ):
        for path in ("/api/v1/timelines/home", "/api/v1/timelines/public"):
            response = await client.get(path, headers=[(b"authorization", word)])
            await refused(api, response, 401, "access token is invalid")


async def test_missing_tokens_are_unauthorized(api: World):
    await refused(api, await api.anonymous().post(POST, data={"status": "x"}), 401, "access token is invalid")


async def test_missing_scopes_are_forbidden(api: World):
    reader = await api.client(await api.user("reader"), scopes="read")
    response = await reader.post(POST, data={"status": "x"})
    await refused(api, response, 403, "outside the authorized scopes")


async def test_what_the_viewer_may_not_see_is_not_found_for_every_verb(api: World, client: httpx.AsyncClient):
    hidden = await api.tweet(await api.user("bob"), "Secret", visibility=Visibility.DIRECT)
    path = f"{POST}/{hidden.tweet.id}"
    before = await api.rows("SELECT * FROM tweet_counts")

    verbs = (
        "favourite",
        "unfavourite",
        "reblog",
        "unreblog",
        "bookmark",
        "unbookmark",
        "pin",
        "unpin",
        "mute",
    )
    responses = [
        await client.get(path),
        await client.get(f"{path}/context"),
        await client.delete(path),
        *[await client.post(f"{path}/{verb}") for verb in verbs],
    ]
    for response in responses:
        await refused(api, response, 404, "Record not found", changes_nothing=False)
    assert await api.rows("SELECT * FROM tweet_counts") == before
    assert len(await api.rows("SELECT id FROM tweets")) == 1


async def test_an_unknown_path_is_not_found_and_a_wrong_method_not_allowed(
    api: World, client: httpx.AsyncClient
):
    await refused(api, await client.get("/api/v1/nothing"), 404, "Record not found")
    await refused(api, await client.post("/api/v1/timelines/home"), 405, "not allowed")


async def _multipart(client: httpx.AsyncClient, text: bytes) -> httpx.Response:
    body = b'--edge\r\nContent-Disposition: form-data; name="status"\r\n\r\n' + text + b"\r\n--edge--\r\n"
    return await client.post(
        POST, content=body, headers={"content-type": "multipart/form-data; boundary=edge"}
    )


async def test_names_that_are_not_utf8_are_a_bad_request(api: World, client: httpx.AsyncClient):
    for response in (
        await client.get("/api/v2/search?q=x&%ff=1"),
        await client.get("/api/v1/timelines/public?%ff[]=1"),
        await client.post(POST, content=b"status=x&\xff=x", headers=FORM),
        await client.post(POST, content='{"status": "x"}'.encode("utf-16"), headers=JSON),
    ):
        await refused(api, response, 400, "valid")
    response = await client.post(POST, content="status=x".encode("utf-16"), headers=FORM)
    await refused(api, response, 422, "A parameter's name contains the character NUL")


async def test_names_that_are_not_utf8_are_refused_by_pages_too(api: World):
    client = api.anonymous()
    for response in (
        await client.get("/auth/sign_in?%ff=1"),
        await client.get("/auth/sign_in?next=%ff"),
        await client.post("/auth/sign_in", content=b"\xff=x", headers=FORM),
        await client.post("/auth/sign_in", content=b"login=\xff", headers=FORM),
    ):
        assert response.status_code == 400
        assert "not valid UTF-8" in response.text


async def test_half_of_a_surrogate_pair_is_named(api: World, client: httpx.AsyncClient):
    for body in (b'{"status":"\\ud800"}', b'{"status":"\\ud800 and more"}', b'{"status":"\\udc00"}'):
        response = await client.post(POST, content=body, headers=JSON)
        await refused(api, response, 400, "surrogate pair")


async def test_who_chooses_no_visibility_that_there_is_is_told_them(api: World, client: httpx.AsyncClient):
    response = await client.post(POST, data={"status": "x", "visibility": "xx"})
    await refused(api, response, 422, "visibility must be one of ", "unlisted")


async def test_head_is_answered_like_get_without_a_body(api: World, client: httpx.AsyncClient):
    view = await api.tweet(await api.user("bob"))
    for path, status in (
        ("/api/v1/timelines/home", 200),
        (f"{POST}/{view.tweet.id}", 200),
        ("/api/v2/instance", 200),
        (f"{POST}/7", 404),
        ("/api/v1/timelines/home?limit=many", 422),
    ):
        got, headed = await client.get(path), await client.head(path)
        assert (got.status_code, headed.status_code) == (status, status), path
        assert headed.content == b""
        assert headed.headers["content-type"] == got.headers["content-type"]
        assert headed.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/api/v1/apps")).status_code == 405
