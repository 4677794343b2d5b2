"""Follow requests as a list that waits."""

from rookery.domain.profiles import ProfileChanges
from rookery.domain.timelines import PageRequest
from rookery.usecases.follow_requests import page_follow_requests
from rookery.usecases.follows import follow
from rookery.usecases.profiles import change_profile, get_own_profile
from tests.world import World


async def test_requests_are_counted_for_their_owner_and_listed_latest_first(world: World):
    ada = await world.user("ada", locked=True)
    for name in ("bob", "cy", "dee"):
        asker = await world.user(name)
        await follow(world.services, asker.id, ada.id)
    _, requests = await get_own_profile(world.services, ada.id)
    assert requests == 3
    page = await page_follow_requests(world.services, ada.id, PageRequest(limit=2))
    assert [view.user.username for view in page.items] == ["dee", "cy"]
    assert page.oldest_id is not None
    rest = await page_follow_requests(world.services, ada.id, PageRequest(before=page.oldest_id))
    assert [view.user.username for view in rest.items] == ["bob"]


async def test_requests_wait_on_when_the_profile_is_unlocked(world: World):
    ada, bob, cy = await world.user("ada", locked=True), await world.user("bob"), await world.user("cy")
    await follow(world.services, bob.id, ada.id)
    await change_profile(world.services, ada.id, ProfileChanges(locked=False))
    assert (await follow(world.services, cy.id, ada.id)).following
    assert (await follow(world.services, bob.id, ada.id)).requested
