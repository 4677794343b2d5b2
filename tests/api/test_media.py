"""Photos, videos and audio as clients upload and show them."""

import asyncio
import io
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import httpx
import msgspec
import pytest
from PIL import Image

from rookery.errors import Unavailable
from rookery.storage import media_objects
from rookery.usecases.deletion import delete_user
from rookery.usecases.media_removals import sweep_media
from tests import samples
from tests.world import World

OpenWorld = Callable[..., Awaitable[World]]


async def upload(
    client: httpx.AsyncClient, content: bytes, name: str = "x.jpg", **said: str
) -> httpx.Response:
    return await client.post("/api/v2/media", files={"file": (name, content)}, data=said)


async def finished(api: World, client: httpx.AsyncClient, content: bytes, **said: str) -> dict[str, Any]:
    """Upload a file and wait until it can be shown."""
    answer = await upload(client, content, **said)
    assert answer.status_code == 202, answer.text
    assert answer.json()["url"] is None
    await api.settle()
    shown = await client.get(f"/api/v1/media/{answer.json()['id']}")
    assert shown.status_code == 200, shown.text
    return shown.json()


def path_of(api: World, url: str) -> str:
    assert url.startswith(api.settings.base_url)
    return url.removeprefix(api.settings.base_url)


async def test_a_photo_is_taken_in_shown_and_attached(api: World):
    client = await api.client(await api.user("ada"))
    shown = await finished(
        api, client, samples.photo((1_600, 1_200)), description="A rook", focus="0.5,-0.25"
    )
    assert (shown["type"], shown["description"]) == ("image", "A rook")
    assert shown["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert shown["meta"]["original"]["size"] == "1600x1200"
    assert shown["meta"]["small"]["width"] < 640
    assert len(shown["blurhash"]) > 10
    posted = await client.post("/api/v1/statuses", json={"status": "", "media_ids": [shown["id"]]})
    assert posted.status_code == 200, posted.text
    assert posted.json()["media_attachments"] == [shown]
    seen = (await api.anonymous().get(f"/api/v1/statuses/{posted.json()['id']}")).json()
    assert seen["media_attachments"] == [shown]
    again = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": [shown["id"]]})
    assert again.status_code == 422


async def test_files_are_served_whole_in_ranges_and_never_as_something_else(api: World):
    client = await api.client(await api.user("ada"))
    shown = await finished(api, client, samples.photo((300, 200)))
    anybody, path = api.anonymous(), path_of(api, shown["url"])
    whole = await anybody.get(path)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(whole.content)).size == (300, 200)
    assert "immutable" in whole.headers["cache-control"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    size = len(whole.content)
    for asked, wanted in (
        ("bytes=0-9", whole.content[:10]),
        ("bytes=10-", whole.content[10:]),
        ("bytes=-7", whole.content[-7:]),
        (f"bytes={size - 1}-{size + 50}", whole.content[-1:]),
    ):
        part = await anybody.get(path, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, wanted), asked
    beyond = await anybody.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    kept = await anybody.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")
    other = await anybody.get(path, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (other.status_code, len(other.content)) == (200, size)
    assert (await anybody.get(path, headers={"Range": "Bytes=0-3"})).status_code == 206
    head = await anybody.head(path, headers={"Range": "bytes=0-3"})
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")
    for wrong in (
        "/media/../rookery.db",
        "/media/ab/x.html",
        path.replace("webp", "html"),
        "/media/uploads/1",
    ):
        assert (await anybody.get(wrong)).status_code == 404


async def test_gifs_videos_and_audio_become_what_browsers_play(api: World, tmp_path: Path):
    client = await api.client(await api.user("ada"))
    for content, kind in (
        (samples.moving(), "gifv"),
        (samples.video(tmp_path / "a.mp4"), "video"),
        (samples.video(tmp_path / "a.webm", codec="libvpx-vp9", form="webm", sound="libopus"), "video"),
        (samples.audio(tmp_path / "a.mp3"), "audio"),
        (samples.audio(tmp_path / "a.ogg", codec="libopus", form="ogg"), "audio"),
    ):
        shown = await finished(api, client, content)
        assert shown["type"] == kind
        assert (shown["preview_url"] is None) is (kind == "audio")
        assert shown["meta"]["original"]["duration"] > 0
        body = (await api.anonymous().get(path_of(api, shown["url"]))).content
        with av.open(io.BytesIO(body)) as container:
            frames = sum(1 for _ in container.decode(video=0)) if kind != "audio" else 1
            assert frames > 0


async def test_the_older_call_waits_for_the_end(api: World):
    client = await api.client(await api.user("ada"))
    working = asyncio.create_task(api.running.worker.run())
    answer = await client.post("/api/v1/media", files={"file": ("x.png", samples.photo(form="PNG"))})
    assert (answer.status_code, answer.json()["type"]) == (200, "image")
    assert answer.json()["url"] is not None
    api.running.worker.stop()
    await working


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "no photo"),
        (b"<html><script>alert(1)</script></html>", "no photo"),
        (b"PK\x03\x04" + bytes(100), "no photo"),
        (b"just words", "no photo"),
    ],
)
async def test_what_is_no_media_is_refused_at_once(api: World, content: bytes, sentence: str):
    client = await api.client(await api.user("ada"))
    answer = await upload(client, content, name="../../etc/passwd.jpg")
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]
    assert await api.rows("SELECT id FROM media") == []


async def test_what_cannot_be_read_to_its_end_says_so_and_leaves_nothing(api: World, tmp_path: Path):
    client = await api.client(await api.user("ada"))
    noise = Image.effect_noise((400, 300), 90)
    file = io.BytesIO()
    noise.save(file, "JPEG")
    for broken in (
        file.getvalue()[:900],
        samples.photo(form="PNG")[:40],
        samples.video(tmp_path / "a.mp4")[:2_000],
        b"\xff\xd8\xff" + os.urandom(200),
        b"\x00\x00\x00\x18ftypisom" + os.urandom(500),
    ):
        answer = await upload(client, broken)
        assert answer.status_code == 202
        await api.settle()
        told = await client.get(f"/api/v1/media/{answer.json()['id']}")
        assert told.status_code == 422
        assert len(told.json()["error"]) > 20
        refused = await client.post(
            "/api/v1/statuses", json={"status": "x", "media_ids": [answer.json()["id"]]}
        )
        assert refused.status_code == 422
    assert await api.rows("SELECT key FROM media_objects") == []
    assert [info async for info in api.services.objects.list()] == []


async def test_unfinished_files_and_those_of_others_are_not_attached(api: World):
    client, other = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    waiting = (await upload(client, samples.photo())).json()["id"]
    refused = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": [waiting]})
    assert (refused.status_code, "processing" in refused.json()["error"]) == (422, True)
    unfinished = await client.get(f"/api/v1/media/{waiting}")
    assert (unfinished.status_code, unfinished.json()["progress"]) == (206, 0)
    await api.settle()
    assert (await other.get(f"/api/v1/media/{waiting}")).status_code == 404
    stolen = await other.post("/api/v1/statuses", json={"status": "x", "media_ids": [waiting]})
    assert stolen.status_code == 422
    assert (await other.delete(f"/api/v1/media/{waiting}")).status_code == 404


async def test_descriptions_change_before_and_after_posting(api: World):
    client = await api.client(await api.user("ada"))
    first = await finished(api, client, samples.photo())
    second = await finished(api, client, samples.photo(color=(1, 2, 3)))
    path = f"/api/v1/media/{first['id']}"
    assert (await client.put(path, json={"description": "One", "focus": "0.1,0.2"})).json()[
        "description"
    ] == "One"
    posted = (await client.post("/api/v1/statuses", json={"status": "x", "media_ids": [first["id"]]})).json()
    await client.put(path, json={"description": "One, later"})
    status = f"/api/v1/statuses/{posted['id']}"
    assert (await client.get(status)).json()["media_attachments"][0]["description"] == "One, later"
    edited = await client.put(
        status,
        json={
            "status": "y",
            "media_ids": [second["id"], first["id"]],
            "media_attributes": [{"id": second["id"], "description": "Two"}],
        },
    )
    assert [each["description"] for each in edited.json()["media_attachments"]] == ["Two", "One, later"]
    history = (await client.get(f"{status}/history")).json()
    assert [len(version["media_attachments"]) for version in history] == [1, 2]
    gone = await client.put(status, json={"status": "y"})
    assert gone.json()["media_attachments"] == []
    assert (await client.put(path, json={"description": "x" * 1_501})).status_code == 422
    assert (await client.delete(path)).status_code == 422


async def test_too_many_files_and_files_with_a_poll_are_refused(api: World):
    client = await api.client(await api.user("ada"))
    ids = [(await finished(api, client, samples.photo(color=(n, n, n))))["id"] for n in range(5)]
    too_many = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": ids})
    assert (too_many.status_code, "4" in too_many.json()["error"]) == (422, True)
    poll = {"options": ["a", "b"], "expires_in": 600}
    both = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": ids[:1], "poll": poll})
    assert both.status_code == 422
    four = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": ids[:4]})
    assert [each["id"] for each in four.json()["media_attachments"]] == ids[:4]


async def test_the_same_file_is_kept_once_and_goes_with_its_last_use(api: World):
    client = await api.client(await api.user("ada"))
    statuses = []
    for _ in range(2):
        shown = await finished(api, client, samples.photo())
        posted = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": [shown["id"]]})
        statuses.append(posted.json()["id"])
    path = path_of(api, shown["url"])
    objects = len(await api.rows("SELECT key FROM media_objects"))
    assert len([info async for info in api.services.objects.list()]) == objects
    await client.delete(f"/api/v1/statuses/{statuses[0]}?delete_media=true")
    await api.settle()
    assert (await api.anonymous().get(path)).status_code == 200
    await client.delete(f"/api/v1/statuses/{statuses[1]}?delete_media=true")
    await api.settle()
    assert (await api.anonymous().get(path)).status_code == 404
    assert await api.rows("SELECT key FROM media_objects") == []


async def test_uploads_that_nobody_attaches_go_after_a_day_unless_something_waits_for_them(api: World):
    client = await api.client(await api.user("ada"))
    loose, drafted, scheduled = [
        (await finished(api, client, samples.photo(color=(n, 9, 9))))["id"] for n in range(3)
    ]
    await client.post("/api/v1/drafts", json={"status": "x", "media_ids": [drafted]})
    later = {"status": "x", "media_ids": [scheduled], "scheduled_at": "2026-10-20T12:00:00Z"}
    waiting = await client.post("/api/v1/statuses", json=later)
    assert waiting.json()["params"]["media_ids"] == [scheduled]
    for answer in (waiting, await client.get(f"/api/v1/scheduled_statuses/{waiting.json()['id']}")):
        [attached] = answer.json()["media_attachments"]
        assert (attached["id"], attached["url"] is not None) == (scheduled, True)
    [listed] = (await client.get("/api/v1/drafts")).json()
    assert [each["id"] for each in listed["media_attachments"]] == [drafted]
    for held in (drafted, scheduled):
        assert (await client.delete(f"/api/v1/media/{held}")).status_code == 422
    api.advance(days=2)
    await sweep_media(api.services, None)
    assert [
        (await client.get(f"/api/v1/media/{each}")).status_code for each in (loose, drafted, scheduled)
    ] == [
        404,
        200,
        200,
    ]
    api.advance(days=60)
    await api.settle()
    await api.settle()
    [status] = (await client.get("/api/v1/timelines/home")).json()
    assert [each["id"] for each in status["media_attachments"]] == [scheduled]


async def test_what_a_deleted_status_showed_can_be_attached_anew_for_a_day(api: World):
    client = await api.client(await api.user("ada"))
    photos = [await finished(api, client, samples.photo(color=(n, 7, 7))) for n in range(2)]
    ids = [photo["id"] for photo in photos]
    posted = (await client.post("/api/v1/statuses", json={"status": "A rok", "media_ids": ids})).json()["id"]
    deleted = (await client.delete(f"/api/v1/statuses/{posted}")).json()
    assert (deleted["text"], deleted["media_attachments"]) == ("A rok", photos)
    api.advance(seconds=77_760)
    await sweep_media(api.services, None)
    again = await client.post("/api/v1/statuses", json={"status": "A rook", "media_ids": ids[:1]})
    assert again.json()["media_attachments"] == photos[:1]
    api.advance(seconds=17_280)
    await sweep_media(api.services, None)
    await api.settle()
    shown = [(await api.anonymous().get(path_of(api, photo["url"]))).status_code for photo in photos]
    assert shown == [200, 404]
    assert len(await api.rows("SELECT id FROM media")) == 1


async def test_what_a_draft_or_a_deleted_tweet_kept_stays_for_another_day(api: World):
    client = await api.client(await api.user("ada"))
    media_id = (await finished(api, client, samples.photo()))["id"]
    draft, other = [
        (await client.post("/api/v1/drafts", json={"status": "x", "media_ids": [media_id]})).json()["id"]
        for _ in range(2)
    ]
    for gone, left in ((draft, 1), (other, 1)):
        api.advance(days=2)
        await sweep_media(api.services, None)
        await client.delete(f"/api/v1/drafts/{gone}")
        await sweep_media(api.services, None)
        assert len(await api.rows("SELECT id FROM media")) == left
    api.advance(days=2)
    await sweep_media(api.services, None)
    assert await api.rows("SELECT id FROM media") == []


async def test_originals_that_wait_for_no_conversion_are_swept_away(api: World, tmp_path: Path):
    client = await api.client(await api.user("ada"))
    waiting = (await upload(client, samples.photo())).json()["id"]
    objects = api.services.objects
    for name in ("1", "2", "not-ours"):
        await objects.put(f"uploads/{name}", b"left over", content_type="application/octet-stream")
    now_s = api.now_ms / 1_000
    for name, age_s in (("1", 3_700), ("2", 3_500), ("not-ours", 3_700), (waiting, 3_700)):
        os.utime(tmp_path / "media" / "uploads" / name, (now_s - age_s, now_s - age_s))
    await sweep_media(api.services, None)
    left = {info.key async for info in objects.list()}
    assert left == {"uploads/2", "uploads/not-ours", f"uploads/{waiting}"}


async def test_a_file_that_was_written_and_never_shown_is_swept_away(api: World):
    services = api.services
    name = "ab/" + "ab" * 32 + ".webp"
    await services.objects.put(name, b"x", content_type="image/webp")
    await services.db.write(
        lambda tx: media_objects.claim(
            tx, name, content_type="image/webp", size_bytes=1, claim_id=services.new_id(), now_ms=api.now_ms
        )
    )
    for hours, left in ((1, 1), (1, 1), (2, 0)):
        api.advance(seconds=hours * 3_600)
        await sweep_media(services, None)
        assert len(await api.rows("SELECT key FROM media_objects")) == left
        assert len([info async for info in services.objects.list()]) == left


async def test_only_media_shows_what_carries_some(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    await client.post("/api/v1/statuses", json={"status": "words #birds"})
    shown = await finished(api, client, samples.photo())
    body = {"status": "a photo #birds", "media_ids": [shown["id"]]}
    posted = (await client.post("/api/v1/statuses", json=body)).json()["id"]
    for path in (
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/birds",
        f"/api/v1/accounts/{ada.id}/statuses",
    ):
        assert len((await client.get(path)).json()) == 2
        assert [each["id"] for each in (await client.get(f"{path}?only_media=true")).json()] == [posted]


async def test_avatar_and_header_are_set_shown_and_removed(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    files = {
        "avatar": ("a.png", samples.photo((900, 600), form="PNG")),
        "header": ("h.jpg", samples.photo((3_000, 900))),
    }
    answer = await client.patch("/api/v1/accounts/update_credentials", files=files)
    assert answer.status_code == 200, answer.text
    account = (await api.anonymous().get(f"/api/v1/accounts/{ada.id}")).json()
    for name, size in (("avatar", (400, 400)), ("header", (1_500, 500))):
        assert account[name] == answer.json()[name]
        picture = (await api.anonymous().get(path_of(api, account[name]))).content
        assert Image.open(io.BytesIO(picture)).size == size
    old = path_of(api, account["avatar"])
    await client.patch(
        "/api/v1/accounts/update_credentials",
        files={"avatar": ("b.png", samples.photo((50, 80), form="PNG"))},
    )
    await api.settle()
    assert (await api.anonymous().get(old)).status_code == 404
    for name in ("avatar", "header"):
        gone = (await client.delete(f"/api/v1/profile/{name}")).json()
        assert "/static/" in gone[name]
    await api.settle()
    assert await api.rows("SELECT key FROM media_objects") == []
    refused = await client.patch(
        "/api/v1/accounts/update_credentials", files={"avatar": ("a.mp3", b"ID3" + bytes(50))}
    )
    assert refused.status_code == 422


async def test_what_is_too_large_is_refused(api: World):
    client = await api.client(await api.user("ada"))
    limits = api.services.limits.media
    answer = await upload(client, b"\xff\xd8\xff" + bytes(limits.image_bytes_max))
    assert (answer.status_code, "16 MB" in answer.json()["error"]) == (422, True)
    bomb = samples.photo((10_000, 10_000), color=0, mode="L", form="PNG")
    waiting = await upload(client, bomb)
    await api.settle()
    told = await client.get(f"/api/v1/media/{waiting.json()['id']}")
    assert (told.status_code, "10000 x 10000" in told.json()["error"]) == (422, True)


async def test_the_instance_tells_what_may_be_attached(api: World):
    for path in ("/api/v1/instance", "/api/v2/instance"):
        told = (await api.anonymous().get(path)).json()["configuration"]
        assert told["statuses"]["max_media_attachments"] == 4
        assert "image/webp" in told["media_attachments"]["supported_mime_types"]
        assert told["media_attachments"]["video_size_limit"] == 200 * 1_048_576


async def test_limits_that_the_operator_sets_hold_and_are_told(open_worlds: OpenWorld, tmp_path: Path):
    api = await open_worlds(
        image_pixels_max=1_000_000,
        animation_frames_max=3,
        video_pixels_max=100_000,
        video_frames_per_second_max=20,
        video_minutes_max=1,
    )
    client = await api.client(await api.user("ada"))
    for path in ("/api/v1/instance", "/api/v2/instance"):
        told = (await api.anonymous().get(path)).json()["configuration"]["media_attachments"]
        assert (told["image_matrix_limit"], told["video_matrix_limit"]) == (1_000_000, 100_000)
        assert (told["video_frame_rate_limit"], told["video_duration_limit"]) == (20, 60)
        assert told["animation_frame_limit"] == 3
    for content, words in (
        (samples.photo((1_001, 1_000)), "1001 x 1000 pixels"),
        (samples.moving(frames=4), "4 frames: 3 are the most"),
        (samples.video(tmp_path / "a.mp4", size=(400, 300), frames=3), "400 x 300 pixels"),
        (samples.video(tmp_path / "b.mp4", frames=4), "30 frames in a second: 20 are the most"),
    ):
        sent = await upload(client, content)
        await api.settle()
        answer = await client.get(f"/api/v1/media/{sent.json()['id']}")
        assert (answer.status_code, words in answer.json()["error"]) == (422, True), answer.text


async def test_one_user_has_only_so_many_files_in_processing(open_worlds: OpenWorld):
    api = await open_worlds(media_user_processing_max=2)
    client, other = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    answers = await asyncio.gather(*(upload(client, samples.photo(color=(n, 1, 1))) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 202, 422, 422]
    [sentence, _] = [answer.json()["error"] for answer in answers if answer.status_code == 422]
    assert "You have 2 files that are still being processed" in sentence
    assert len([info async for info in api.services.objects.list()]) == 2
    assert (await upload(other, samples.photo())).status_code == 202
    await api.settle()
    assert (await upload(client, samples.photo())).status_code == 202


async def test_one_users_files_may_take_only_so_much(open_worlds: OpenWorld):
    api = await open_worlds(media_user_megabytes_max=1)
    client, other = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    noise = samples.saved(Image.frombytes("RGB", (520, 400), random.Random(1).randbytes(520 * 400 * 3)))
    first = await finished(api, client, noise)
    refused = await upload(client, noise)
    assert refused.status_code == 422
    assert "Your photos and videos may take 1 MB, and take " in refused.json()["error"]
    assert (await upload(other, noise)).status_code == 202
    assert (await client.delete(f"/api/v1/media/{first['id']}")).status_code == 200
    assert (await upload(client, noise)).status_code == 202


async def test_whoever_sends_many_videos_lets_others_go_first(api: World, tmp_path: Path):
    ada, bob = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    video = samples.video(tmp_path / "a.mp4", frames=3)
    sent = [await upload(client, video) for client in (ada, ada, ada, bob, bob)]
    names = {answer.json()["id"]: f"{number}" for number, answer in enumerate(sent)}
    rows = await api.rows("SELECT payload FROM tasks WHERE queue = 'videos' ORDER BY run_at_ms, id")
    order = [names[str(msgspec.json.decode(row[0])["media_id"])] for row in rows]
    assert "".join(order) == "03142"


async def test_a_thumbnail_of_ones_own_stands_for_a_video(api: World, tmp_path: Path):
    client = await api.client(await api.user("ada"))
    answer = await client.post(
        "/api/v2/media",
        files={
            "file": ("a.mp3", samples.audio(tmp_path / "a.mp3")),
            "thumbnail": ("t.png", samples.photo((200, 200), form="PNG")),
        },
    )
    await api.settle()
    shown = (await client.get(f"/api/v1/media/{answer.json()['id']}")).json()
    first = (await api.anonymous().get(path_of(api, shown["preview_url"]))).content
    assert Image.open(io.BytesIO(first)).size == (200, 200)
    changed = await client.put(
        f"/api/v1/media/{shown['id']}", files={"thumbnail": ("t.png", samples.photo((90, 50), form="PNG"))}
    )
    await api.settle()
    assert (await api.anonymous().get(path_of(api, shown["preview_url"]))).status_code == 404
    second = (await api.anonymous().get(path_of(api, changed.json()["preview_url"]))).content
    assert Image.open(io.BytesIO(second)).size == (90, 50)


async def test_a_photo_shows_on_the_pages_for_people(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    await client.patch(
        "/api/v1/accounts/update_credentials",
        files={"avatar": ("a.png", samples.photo((50, 80), form="PNG"))},
    )
    shown = await finished(api, client, samples.photo(), description="A <rook>")
    posted = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": [shown["id"]]})
    for path in ("/@ada", f"/@ada/{posted.json()['id']}"):
        page = (await api.anonymous().get(path)).text
        assert shown["url"] in page
        assert 'alt="A &lt;rook&gt;"' in page
        assert "/static/avatar.png" not in page


async def test_media_of_whoever_leaves_are_gone(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    await client.patch(
        "/api/v1/accounts/update_credentials",
        files={"avatar": ("a.png", samples.photo((50, 80), form="PNG"))},
    )
    shown = await finished(api, client, samples.photo())
    await client.post("/api/v1/statuses", json={"status": "x", "media_ids": [shown["id"]]})
    await finished(api, client, samples.photo(color=(1, 1, 1)))
    await delete_user(api.services, ada.id)
    await api.settle()
    for table in ("media", "media_files", "media_objects"):
        assert await api.rows(f"SELECT * FROM {table}") == []
    assert [info async for info in api.services.objects.list()] == []


async def test_a_form_names_a_file_once_and_may_leave_it_out(api: World):
    client = await api.client(await api.user("ada"))
    twice = await client.post(
        "/api/v2/media", files=[("file", ("a.jpg", samples.photo())), ("file", ("b.jpg", samples.photo()))]
    )
    assert twice.status_code == 400
    boundary = "----x"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="avatar"; filename=""\r\n\r\n\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nHello\r\n--{boundary}--\r\n'
    )
    answer = await client.patch(
        "/api/v1/accounts/update_credentials",
        content=body.encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    assert (answer.status_code, answer.json()["source"]["note"]) == (200, "Hello")


async def test_a_profile_that_is_refused_keeps_its_picture(api: World):
    client = await api.client(await api.user("ada"))
    answer = await client.patch(
        "/api/v1/accounts/update_credentials",
        files={"avatar": ("a.png", samples.photo((50, 80), form="PNG"))},
        data={"display_name": "x" * 40},
    )
    assert answer.status_code == 422
    account = (await client.get("/api/v1/accounts/verify_credentials")).json()
    assert "/static/avatar.png" in account["avatar"]


async def test_a_file_that_was_removed_between_two_claims_is_made_again(api: World):
    """Two uploads of the same photo at once, of which the first to be shown is deleted before the other is."""
    services = api.services
    name = "ab/" + "ab" * 32 + ".webp"

    async def write(work: Any) -> Any:
        return await services.db.write(work)

    for claim_id in (11, 12):
        await write(
            lambda tx, claim_id=claim_id: media_objects.claim(
                tx, name, content_type="image/webp", size_bytes=1, claim_id=claim_id, now_ms=api.now_ms
            )
        )
    await write(lambda tx: media_objects.give_back(tx, [name], claim_id=12))
    removing = await write(lambda tx: media_objects.begin_removal(tx, [name], now_ms=api.now_ms))
    assert [row[0] for row in removing] == [name]
    assert await write(lambda tx: media_objects.begin_removal(tx, [name], now_ms=api.now_ms)) == []
    with pytest.raises(Unavailable):
        await write(lambda tx: media_objects.give_back(tx, [name], claim_id=11))
    with pytest.raises(Unavailable):
        await write(
            lambda tx: media_objects.claim(
                tx, name, content_type="image/webp", size_bytes=1, claim_id=13, now_ms=api.now_ms
            )
        )
    await write(lambda tx: media_objects.delete(tx, [name], begun_ms=api.now_ms))
    assert await api.rows("SELECT key FROM media_objects") == []


async def test_a_file_is_thrown_away_or_posted_and_never_both(api: World):
    client = await api.client(await api.user("ada"))
    for number in range(4):
        media_id = (await finished(api, client, samples.photo(color=(number, 5, 5))))["id"]
        thrown, posted = await asyncio.gather(
            client.delete(f"/api/v1/media/{media_id}"),
            client.post("/api/v1/statuses", json={"status": "x", "media_ids": [media_id]}),
        )
        assert sorted((thrown.status_code, posted.status_code)) in ([200, 404], [200, 422])
        if posted.status_code == 200:
            status = (await client.get(f"/api/v1/statuses/{posted.json()['id']}")).json()
            assert [each["id"] for each in status["media_attachments"]] == [media_id]
            assert thrown.status_code == 422
