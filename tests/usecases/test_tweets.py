"""Posting, reading and deleting tweets."""

from tests.world import World


async def test_a_posted_tweet_is_there_for_everybody(world: World):
    from rookery.usecases.tweets import get_tweet

    ada = await world.user("ada")
    posted = await world.tweet(ada, "Hello @ada #birds http://example.org/")
    seen = await get_tweet(world.services, None, posted.tweet.id)
    assert seen.tweet == posted.tweet
    assert seen.author.counts.tweets == 1
