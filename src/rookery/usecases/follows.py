"""Following and unfollowing, and who follows whom."""

from collections.abc import Sequence
from typing import Final

from rookery import access, hydration
from rookery.domain.ids import UserId
from rookery.domain.languages import languages as language_codes
from rookery.domain.notifications import NotificationKind
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.domain.users import STRANGERS, Relation, UserView
from rookery.errors import Forbidden, Invalid, NotFound
from rookery.notifying import notify, withdraw
from rookery.ports import Read, Row, Write
from rookery.services import Services
from rookery.storage import follow_requests, follows, relations, users

RELATIONS_MAX: Final = 200
"""Users whose relation to the viewer is told at a time."""
FAMILIAR_USERS_MAX: Final = 40
"""Users about whom one may ask at a time who familiar follows them."""
FAMILIAR_FOLLOWERS_MAX: Final = 40
"""Followers shown as familiar, for each user asked about."""


async def follow(
    services: Services,
    viewer_id: UserId,
    target_id: UserId,
    *,
    shows_retweets: bool | None = None,
    notifies: bool | None = None,
    languages: Sequence[str] | None = None,
) -> Relation:
    """Follow somebody, or ask to when they are locked. Doing it again only changes the options that are given.

    Raises NotFound for oneself and for users who are not active, Forbidden where either blocks the other, and Invalid
    when the viewer follows as many as one may.
    """
    chosen = None if languages is None else language_codes(languages)

    async def work(tx: Write) -> Relation:
        if target_id == viewer_id:
            raise NotFound
        await users.lock_counts(tx, [viewer_id, target_id])
        target = await access.visible_user(tx, target_id)
        relation = await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())
        if relation.blocking or relation.blocked_by:
            raise Forbidden
        wanted_retweets = relation.shows_retweets if shows_retweets is None else shows_retweets
        wanted_notices = relation.notifies if notifies is None else notifies
        wanted_languages = relation.languages if chosen is None else chosen
        if relation.following or relation.requested:
            update = follows.update if relation.following else follow_requests.update
            await update(
                tx,
                viewer_id,
                target_id,
                shows_retweets=wanted_retweets,
                notifies=wanted_notices,
                languages=wanted_languages,
            )
        else:
            await _refuse_above_limit(services, tx, viewer_id)
            if target.locked:
                await follow_requests.insert(
                    tx,
                    viewer_id,
                    target_id,
                    new_id=services.new_id(),
                    shows_retweets=wanted_retweets,
                    notifies=wanted_notices,
                    languages=wanted_languages,
                )
                await notify(
                    services, tx, NotificationKind.FOLLOW_REQUEST, recipients=[target_id], by=viewer_id
                )
            else:
                await relations.begin_follow(
                    services,
                    tx,
                    viewer_id,
                    target_id,
                    shows_retweets=wanted_retweets,
                    notifies=wanted_notices,
                    languages=wanted_languages,
                )
                await notify(services, tx, NotificationKind.FOLLOW, recipients=[target_id], by=viewer_id)
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def unfollow(services: Services, viewer_id: UserId, target_id: UserId) -> Relation:
    """Stop following, or take the request back. Who was not followed stays so."""

    async def work(tx: Write) -> Relation:
        if await relations.end_follow(services, tx, viewer_id, target_id):
            await withdraw(
                tx,
                NotificationKind.FOLLOW,
                NotificationKind.FOLLOW_REQUEST,
                by=viewer_id,
                recipient=target_id,
            )
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def remove_follower(services: Services, viewer_id: UserId, follower_id: UserId) -> Relation:
    """Let somebody follow the viewer no longer. Who did not stays so."""

    async def work(tx: Write) -> Relation:
        if await follows.exists(tx, follower_id, viewer_id):
            await relations.end_follow(services, tx, follower_id, viewer_id)
            await withdraw(tx, NotificationKind.FOLLOW, by=follower_id, recipient=viewer_id)
        return await relations.require(tx, viewer_id, follower_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def list_relations(
    services: Services, viewer_id: UserId, target_ids: Sequence[UserId]
) -> list[tuple[UserId, Relation]]:
    """Return how the viewer stands to each of these users, in the order asked; unknown ones are left out."""
    wanted = list(dict.fromkeys(target_ids))[:RELATIONS_MAX]
    async with services.db.read() as tx:
        found = await relations.relations(tx, viewer_id, wanted, now_ms=services.now_ms())
    return [(target_id, found[target_id]) for target_id in wanted if target_id in found]


async def page_followers(
    services: Services, viewer_id: UserId | None, user_id: UserId, page: PageRequest
) -> Page[UserView]:
    """Return those who follow a user, newest first; nobody where the user keeps that to themselves."""
    async with services.db.read() as tx:
        if await _hidden(services, tx, viewer_id, user_id):
            return Page([])
        rows = await follows.followers_page(
            tx, user_id, page, viewer_id=_filtering(viewer_id, user_id), now_ms=services.now_ms()
        )
        return await _page(services, tx, viewer_id, page, rows)


async def page_following(
    services: Services, viewer_id: UserId | None, user_id: UserId, page: PageRequest
) -> Page[UserView]:
    """Return those whom a user follows, newest first; nobody where the user keeps that to themselves."""
    async with services.db.read() as tx:
        if await _hidden(services, tx, viewer_id, user_id):
            return Page([])
        rows = await follows.following_page(
            tx, user_id, page, viewer_id=_filtering(viewer_id, user_id), now_ms=services.now_ms()
        )
        return await _page(services, tx, viewer_id, page, rows)


async def list_familiar_followers(
    services: Services, viewer_id: UserId, user_ids: Sequence[UserId]
) -> list[tuple[UserId, list[UserView]]]:
    """Return, for each of these users, some of their followers whom the viewer follows; absent users are left out.

    Nobody is named for users who keep their follows to themselves or block the viewer.
    """
    wanted = list(dict.fromkeys(user_ids))[:FAMILIAR_USERS_MAX]
    async with services.db.read() as tx:
        asked_about, standings = await hydration.users(services, tx, viewer_id, wanted)
        shown = [view.user for view in asked_about if view.user.active]
        open_ids = [
            user.id
            for user in shown
            if user.id == viewer_id or not (user.hides_follows or standings[user.id].blocked_by)
        ]
        followers = await follows.familiar_followers(tx, viewer_id, open_ids, limit=FAMILIAR_FOLLOWERS_MAX)
        follower_ids = dict.fromkeys(follower_id for found in followers.values() for follower_id in found)
        views, _ = await hydration.users(services, tx, viewer_id, list(follower_ids))
    by_id = {view.user.id: view for view in views}
    return [
        (user.id, [by_id[follower_id] for follower_id in followers.get(user.id, ()) if follower_id in by_id])
        for user in shown
    ]


async def _refuse_above_limit(services: Services, tx: Read, viewer_id: UserId) -> None:
    counts = await users.counts(tx, viewer_id)
    most = max(services.limits.follows_max, counts.followers * 11 // 10)
    if counts.following >= most:
        raise Invalid(f"You cannot follow more than {most} people")


async def _hidden(services: Services, tx: Read, viewer_id: UserId | None, user_id: UserId) -> bool:
    user = await access.visible_user(tx, user_id)
    if viewer_id is None:
        return user.hides_follows
    if viewer_id == user_id:
        return False
    found = await relations.relations(tx, viewer_id, [user_id], now_ms=services.now_ms())
    return user.hides_follows or found.get(user_id, STRANGERS).blocked_by


def _filtering(viewer_id: UserId | None, user_id: UserId) -> UserId:
    """Return whose blocks and mutes thin out a list of follows: nobody's on the own one."""
    return UserId(0) if viewer_id is None or viewer_id == user_id else viewer_id


async def _page(
    services: Services, tx: Read, viewer_id: UserId | None, page: PageRequest, rows: Sequence[Row]
) -> Page[UserView]:
    views, _ = await hydration.users(services, tx, viewer_id, [row[1] for row in rows])
    return paged(page, views, [row[0] for row in rows])
