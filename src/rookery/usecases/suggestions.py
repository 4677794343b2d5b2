"""Suggesting whom to follow: whom friends follow, then who is followed most; bounded whatever the numbers."""

from enum import StrEnum
from typing import Final, NamedTuple

from rookery import hydration
from rookery.domain.ids import UserId
from rookery.domain.users import UserView
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import suggestions

FRIENDS_ASKED: Final = 100
"""Those whom the viewer followed last, who are asked whom they follow."""
FOLLOWS_OF_FRIEND: Final = 100
"""Latest follows of each of them that are looked at."""
ACTIVE_TWEETS: Final = 2_000
"""The latest public tweets whose authors are suggested for their followers."""
SUGGESTIONS_MAX: Final = 80
DISMISSED_MAX: Final = 2_000
"""How many dismissals are remembered, the latest ones."""


class Why(StrEnum):
    """Why somebody is suggested."""

    FRIENDS_OF_FRIENDS = "friends_of_friends"
    MOST_FOLLOWED = "most_followed"


class Suggestion(NamedTuple):
    """Somebody whom the viewer may want to follow."""

    view: UserView
    reasons: tuple[Why, ...]


async def list_suggestions(
    services: Services, viewer_id: UserId, *, limit: int, skip: int = 0
) -> list[Suggestion]:
    """Return whom the viewer may want to follow: people who want to be found, and none they have dismissed."""
    if skip >= SUGGESTIONS_MAX:
        return []
    async with services.db.read() as tx:
        near = await suggestions.friends_of_friends(
            tx,
            viewer_id,
            friends=FRIENDS_ASKED,
            follows_of_friend=FOLLOWS_OF_FRIEND,
            limit=SUGGESTIONS_MAX,
        )
        popular = await suggestions.most_followed(tx, viewer_id, tweets=ACTIVE_TWEETS, limit=SUGGESTIONS_MAX)
        reasons: dict[UserId, tuple[Why, ...]] = dict.fromkeys(near, (Why.FRIENDS_OF_FRIENDS,))
        for user_id in popular:
            reasons[user_id] = (*reasons.get(user_id, ()), Why.MOST_FOLLOWED)
        wanted = list(reasons)[:SUGGESTIONS_MAX][skip : skip + limit]
        views, _ = await hydration.users(services, tx, viewer_id, wanted)
    return [Suggestion(view, reasons[view.user.id]) for view in views]


async def dismiss_suggestion(services: Services, viewer_id: UserId, target_id: UserId) -> None:
    """Suggest somebody to the viewer no more. Doing it twice is doing it once; who is not there needs no dismissal."""

    async def work(tx: Write) -> None:
        views, _ = await hydration.users(services, tx, viewer_id, [target_id])
        if views:
            await suggestions.dismiss(tx, viewer_id, target_id, new_id=services.new_id(), kept=DISMISSED_MAX)

    await services.db.write(work)
