"""The main journeys of photos and videos once more, on a real S3-compatible service."""

import io
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from rookery.engines import objects
from rookery.engines.objects import open_store
from rookery.ports import ObjectStore
from rookery.tasks import MoveMedia
from rookery.usecases.media_stores import move_media
from tests import samples
from tests.api.test_media import (  # noqa: F401  tests among these run here as well: with the `api` below
    finished,
    path_of,
    test_a_photo_is_taken_in_shown_and_attached,
    test_files_are_served_whole_in_ranges_and_never_as_something_else,
    test_the_same_file_is_kept_once_and_goes_with_its_last_use,
    upload,
)
from tests.ceph import Gate, bucket_url
from tests.conftest import OpenWorld
from tests.world import World

PATIENCE_S = 30


@pytest.fixture
async def api(open_worlds: OpenWorld, s3_url: str) -> World:
    """A world whose media lie in a bucket."""
    return await open_worlds(media_url=s3_url)


async def test_signed_links_lead_clients_to_the_service(open_worlds: OpenWorld, s3_url: str):
    api = await open_worlds(media_url=s3_url, media_links="signed")
    client = await api.client(await api.user("ada"))
    shown = await finished(api, client, samples.photo((300, 200)))
    path = path_of(api, shown["url"])
    sent_on = await api.anonymous().get(path)
    assert (sent_on.status_code, sent_on.content) == (302, b"")
    assert "immutable" not in sent_on.headers["cache-control"]
    link = sent_on.headers["location"]
    assert link.startswith(s3_url.partition("endpoint=")[2])
    async with httpx.AsyncClient(timeout=PATIENCE_S) as browser:
        whole = await browser.get(link)
        assert (whole.status_code, whole.headers["content-type"]) == (200, "image/webp")
        assert Image.open(io.BytesIO(whole.content)).size == (300, 200)
        part = await browser.get(link, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")
    # The link is good for fetching only, so what a file is like is told here.
    assert (await api.anonymous().head(path)).headers["content-length"] == str(len(whole.content))


async def test_while_the_service_is_down_uploads_and_files_are_refused_for_a_while(
    open_worlds: OpenWorld, s3_url: str, shared_s3: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(objects, "RETRIES_MAX", 1)
    with Gate(shared_s3) as gate:
        api = await open_worlds(media_url=bucket_url(gate.port, str(urlsplit(s3_url).hostname)))
        client = await api.client(await api.user("ada"))
        refused = await upload(client, samples.photo())
        assert (refused.status_code, "out of reach" in refused.json()["error"]) == (503, True)
        assert await api.rows("SELECT id FROM media") == []
        async with gate.opened():
            shown = await finished(api, client, samples.photo())
            waiting = await upload(client, samples.photo(color=(1, 2, 3)))
            path = path_of(api, shown["url"])
            assert (await api.anonymous().get(path)).status_code == 200
        gone = await api.anonymous().get(path)
        assert (gone.status_code, "retry-after" in gone.headers) == (503, True)
        # A conversion that cannot be done now is done later.
        await api.settle(failing=True)
        address = f"/api/v1/media/{waiting.json()['id']}"
        assert (await client.get(address)).status_code == 206
        async with gate.opened():
            api.advance(seconds=3_600)
            await api.settle()
            assert (await client.get(address)).json()["url"] is not None
            assert (await api.anonymous().get(path)).status_code == 200


async def test_old_photos_move_to_the_service_and_come_back_when_they_are_read(
    open_worlds: OpenWorld, s3_url: str
):
    api = await open_worlds(media_cold_url=s3_url, media_links="signed")
    ada = await api.user("ada")
    client = await api.client(ada)
    shown = await finished(api, client, samples.photo((800, 600)))
    body = {"status": "a photo", "media_ids": [shown["id"]]}
    posted = (await client.post("/api/v1/statuses", json=body)).json()["id"]
    path, anybody = path_of(api, shown["url"]), api.anonymous()
    content = (await anybody.get(path)).content
    files = await listed(open_store(api.settings.media_url))
    assert len(files) == 2

    api.advance(days=100)
    await move_media(api.services, MoveMedia())
    assert (await listed(open_store(api.settings.media_url)), await listed(open_store(s3_url))) == ([], files)
    sent_on = await anybody.get(path)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as browser:
        old = await browser.get(sent_on.headers["location"])
        assert (old.headers["content-type"], old.content) == ("image/webp", content)

    for _ in range(8):
        await anybody.get(path)
        api.advance(seconds=61)
        await api.settle()
    await move_media(api.services, MoveMedia())
    assert await listed(open_store(s3_url)) == [file for file in files if not path.endswith(file)]
    assert (await anybody.get(path)).content == content

    again = await api.client(ada)
    assert (await again.delete(f"/api/v1/statuses/{posted}?delete_media=true")).status_code == 200
    await api.settle()
    assert (await listed(open_store(api.settings.media_url)), await listed(open_store(s3_url))) == ([], [])


async def listed(store: ObjectStore) -> list[str]:
    """Return the keys of a store."""
    return sorted([one.key async for one in store.list()])
