"""Translations: https://docs.joinmastodon.org/methods/statuses/#translate. Nothing is translated."""

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.statuses import Translation
from rookery.api.routes.statuses import StatusId
from rookery.domain.ids import TweetId
from rookery.errors import NotFound
from rookery.usecases import tweets


class Translate(StatusId, frozen=True, kw_only=True):
    """Which status, and into which language."""

    lang: str | None = None


@endpoint("POST", "/api/v1/statuses/{id}/translate", scope="read:statuses")
async def create(call: Call, wanted: Translate) -> Json[Translation]:
    """Answer that there is no translation, as Mastodon does where no service for it is set up."""
    await tweets.get_tweet(call.services, call.viewer, TweetId(wanted.id))
    raise NotFound
