"""Whatever happens, nobody is shown what they must not see: thousands of random actions beside a small model."""

import pytest

from tests.push_service import PushService
from tests.simulation.ears import Ears
from tests.simulation.town import Town
from tests.world import World

ACTIONS = 340
LOOK_EVERY = 8


@pytest.mark.parametrize("seed", range(3))
async def test_nobody_is_ever_shown_what_they_must_not_see(
    pushing: World, push_service: PushService, seed: int
):
    ears = Ears(pushing, push_service)
    town = Town(pushing, ears, seed)
    await town.open()
    past: list[str] = []
    for number in range(ACTIONS):
        past.append(await town.act())
        leaks = await town.overhear()
        assert not leaks, f"{leaks[0]}; before: {past[-8:]}"
        if number % LOOK_EVERY == 0:
            for viewer in (None, *town.random.sample(sorted(town.model.people), k=2)):
                leaks = await town.look(viewer)
                assert not leaks, f"{leaks[0]}; before: {past[-8:]}"
                missing = await town.missing(viewer)
                assert not missing, f"{viewer} does not get {missing[0]}; before: {past[-8:]}"
    assert town.done > ACTIONS / 2
    assert town.shown > ACTIONS * 10
    assert town.overheard > ACTIONS
    await ears.close()
