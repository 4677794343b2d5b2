"""Following, and how the viewer stands to others: https://docs.joinmastodon.org/methods/accounts/#follow."""

import msgspec

from rookery.api.accounts import AccountId, relationship
from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.relationships import FamiliarFollowers, Relationship
from rookery.api.routes.accounts import AccountIds
from rookery.domain.ids import UserId
from rookery.domain.languages import LANGUAGES_MAX
from rookery.usecases import follows


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to follow, and what that shows; what is left out stays as it is."""

    id: UserId
    reblogs: bool | None = None
    notify: bool | None = None
    languages: list[str] | None = None


class WithSuspended(AccountIds, frozen=True, kw_only=True):
    """Which accounts are asked about; there are no suspended ones to add."""

    with_suspended: bool = False


@endpoint("POST", "/api/v1/accounts/{id}/follow", scope="write:follows")
async def follow(call: Call, asked: Follow) -> Json[Relationship]:
    """Follow an account, or ask a locked one."""
    languages = asked.languages[: LANGUAGES_MAX + 1] if asked.languages is not None else None
    relation = await follows.follow(
        call.services,
        call.viewer,
        asked.id,
        shows_retweets=asked.reblogs,
        notifies=asked.notify,
        languages=languages,
    )
    return Json.of(relationship(asked.id, relation))


@endpoint("POST", "/api/v1/accounts/{id}/unfollow", scope="write:follows")
async def unfollow(call: Call, asked: AccountId) -> Json[Relationship]:
    """Stop following an account, or take the request back."""
    return Json.of(relationship(asked.id, await follows.unfollow(call.services, call.viewer, asked.id)))


@endpoint("POST", "/api/v1/accounts/{id}/remove_from_followers", scope="write:follows")
async def remove_from_followers(call: Call, asked: AccountId) -> Json[Relationship]:
    """Let an account follow the viewer no longer."""
    relation = await follows.remove_follower(call.services, call.viewer, asked.id)
    return Json.of(relationship(asked.id, relation))


@endpoint("GET", "/api/v1/accounts/relationships", scope="read:follows")
async def relationships(call: Call, asked: WithSuspended) -> Json[list[Relationship]]:
    """Return how the viewer stands to accounts, in the order asked."""
    found = await follows.list_relations(call.services, call.viewer, asked.id)
    return Json.of([relationship(user_id, relation) for user_id, relation in found])


@endpoint("GET", "/api/v1/accounts/familiar_followers", scope="read:follows")
async def familiar_followers(call: Call, asked: AccountIds) -> Json[list[FamiliarFollowers]]:
    """Return, for each account, some of its followers whom the viewer follows."""
    found = await follows.list_familiar_followers(call.services, call.viewer, asked.id)
    return Json.of(
        [
            FamiliarFollowers(str(user_id), [call.present.account_entity(view) for view in views])
            for user_id, views in found
        ]
    )
