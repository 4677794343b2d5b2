"""Conversions that come to nothing: tried again while that may help, told to the uploader when it does not."""

import tempfile
from pathlib import Path

import pytest
from PIL import Image

from rookery import tasks
from rookery.domain.ids import UserId
from rookery.domain.media import Media, MediaId, MediaState, Upload
from rookery.usecases import conversions
from rookery.usecases.uploads import get_media, take_in
from tests import samples
from tests.world import World

ATTEMPTS = tasks.POLICIES[tasks.ConvertPhoto].attempts_max
LONGEST_PAUSE_S = 7_200


async def sent(world: World, owner_id: UserId, folder: Path, content: bytes) -> MediaId:
    """Take in a file."""
    path = folder / "sent"
    path.write_bytes(content)
    upload = Upload(path=str(path), size_bytes=len(content))
    return (await take_in(world.services, owner_id, upload)).id


async def tried(world: World, owner_id: UserId, media_id: MediaId) -> Media:
    """Let the next attempt come, and return what became of it."""
    world.advance(seconds=LONGEST_PAUSE_S)
    await world.settle(failing=True)
    return await get_media(world.services, owner_id, media_id)


async def test_what_the_machine_lacks_is_tried_again_and_given_up_in_the_end(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ada = await world.user("ada")
    media_id = await sent(world, ada.id, tmp_path, samples.photo())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there is no such place"))
    await world.settle(failing=True)
    for _ in range(ATTEMPTS - 1):
        one = await get_media(world.services, ada.id, media_id)
        assert one.state is MediaState.PROCESSING
        one = await tried(world, ada.id, media_id)
    assert (one.state, one.failure) == (
        MediaState.FAILED,
        "The file could not be converted now: send it again later",
    )
    [given_up] = await world.rows("SELECT attempts, failed_ms FROM tasks")
    assert given_up[0] == ATTEMPTS
    assert given_up[1] is not None
    assert [info async for info in world.services.objects.list()] == []


async def test_what_the_machine_lacked_for_a_while_is_converted_in_the_end(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ada = await world.user("ada")
    media_id = await sent(world, ada.id, tmp_path, samples.photo())
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(tempfile, "tempdir", str(tmp_path / "there is no such place"))
        await world.settle(failing=True)
    one = await tried(world, ada.id, media_id)
    assert (one.state, len(one.files)) == (MediaState.READY, 2)


async def test_an_upload_that_got_lost_says_so(world: World, tmp_path: Path):
    ada = await world.user("ada")
    media_id = await sent(world, ada.id, tmp_path, samples.photo())
    (tmp_path / "media" / "uploads" / str(media_id)).unlink()
    await world.settle()
    one = await get_media(world.services, ada.id, media_id)
    assert (one.state, one.failure) == (MediaState.FAILED, "The upload got lost: send it again")


async def test_what_takes_too_long_is_not_tried_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ada = await world.user("ada")
    noise = [Image.effect_noise((640, 480), 90).convert("RGB") for _ in range(4)]
    video = samples.film(tmp_path / "slow", noise * 30, codec="mpeg4", form="avi")
    media_id = await sent(world, ada.id, tmp_path, video)
    deadline_s = tasks.POLICIES[tasks.ConvertVideo].deadline_s
    monkeypatch.setattr(conversions, "SPARE_S", deadline_s - 0.2)
    await world.settle()
    one = await get_media(world.services, ada.id, media_id)
    assert (one.state, one.failure) == (
        MediaState.FAILED,
        "The file takes too long to convert: try a smaller one",
    )
    assert await world.rows("SELECT id FROM tasks") == []
    assert [info async for info in world.services.objects.list()] == []
