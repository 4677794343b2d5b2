"""Behind proxies: limits count the caller's own address, whatever the caller claims about itself."""

from tests.world import World


def forwarded(*lines: str) -> list[tuple[str, str]]:
    return [("X-Forwarded-For", line) for line in lines]


async def test_a_line_that_the_caller_has_written_is_no_way_around_a_limit(world: World):
    client = world.anonymous()
    for number in range(60):
        headers = forwarded(f"192.0.2.{number}", "9.9.9.9:1234")
        assert (await client.post("/api/v1/apps", headers=headers)).status_code == 422
    for headers in (
        forwarded("192.0.2.99", "9.9.9.9"),
        forwarded("192.0.2.98, 9.9.9.9:77"),
        forwarded("nonsense", "9.9.9.9", "127.0.0.1"),
    ):
        assert (await client.post("/api/v1/apps", headers=headers)).status_code == 429
    assert (await client.post("/api/v1/apps", headers=forwarded("9.9.9.9", "192.0.2.1"))).status_code == 422
