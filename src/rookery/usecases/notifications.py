"""What concerns the viewer: one by one or in groups, as far as they may see it, and whose they keep back."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rookery import notices, tasks
from rookery.domain.ids import ID_MAX, TweetId, UserId, time_ms_of
from rookery.domain.live import NotificationsMerged
from rookery.domain.notifications import (
    GROUPED_KINDS,
    GroupView,
    Notification,
    NotificationKind,
    NotificationView,
    Policy,
    RequestView,
)
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.domain.tweets import Visibility
from rookery.domain.users import UserView
from rookery.errors import NotFound
from rookery.notices import Subjects
from rookery.notifying import notify
from rookery.ports import Read, Row, Write
from rookery.services import Services
from rookery.storage import follows, markers, notification_requests, notifications
from rookery.storage import tasks as task_records
from rookery.storage import tweets as tweet_records

BELLS_SLICE: Final = 500
"""Followers whom one task tells of a tweet."""
CLEAR_SLICE: Final = 1_000
RELEASE_SLICE: Final = 200
REFILLS_MAX: Final = 4
"""How often a page that the rules made short is filled up; each time twice as many are looked at."""
CANDIDATES_MAX: Final = 320
PENDING_MAX: Final = 10_000
"""Up to how many strangers are counted."""


class NotificationChoice(NamedTuple):
    """Which notifications are wanted."""

    kinds: tuple[NotificationKind, ...] = tuple(NotificationKind)
    from_id: UserId | None = None
    with_filtered: bool = False


ALL: Final = NotificationChoice()


async def page_notifications(
    services: Services, viewer_id: UserId, choice: NotificationChoice, page: PageRequest
) -> Page[NotificationView]:
    """Return a page of the viewer's notifications, newest first."""
    kept: list[NotificationView] = []
    rest, more = page, True
    edge: int | None = None
    async with services.db.read() as tx:
        for _ in range(REFILLS_MAX):
            rows = await notifications.page(
                tx,
                viewer_id,
                rest,
                kinds=choice.kinds,
                from_id=choice.from_id,
                filtered=None if choice.with_filtered else False,
            )
            views = await notices.views(services, tx, viewer_id, rows)
            kept = [*views, *kept] if page.oldest else [*kept, *views]
            more = len(rows) >= rest.limit
            if not more or len(kept) >= page.limit:
                edge = None
                break
            # Should this have been the last try, the next page goes on from there.
            edge = rows[0].id if page.oldest else rows[-1].id
            rest = _rest(page, edge, min(rest.limit * 2, CANDIDATES_MAX))
    kept = kept[-page.limit :] if page.oldest else kept[: page.limit]
    newest = kept[0].notification.id if kept else None
    oldest = kept[-1].notification.id if kept and (more or page.oldest or len(kept) >= page.limit) else None
    if edge is not None:
        newest, oldest = (edge, oldest) if page.oldest else (newest, edge)
    return Page(kept, newest_id=newest, oldest_id=oldest)


async def get_notification(services: Services, viewer_id: UserId, notification_id: int) -> NotificationView:
    """Return one of the viewer's notifications, or raise NotFound."""
    async with services.db.read() as tx:
        one = await notifications.get(tx, notification_id)
        if one is None or one.user_id != viewer_id:
            raise NotFound
        views = await notices.views(services, tx, viewer_id, [one])
    if not views:
        raise NotFound
    return views[0]


async def page_groups(
    services: Services,
    viewer_id: UserId,
    choice: NotificationChoice,
    page: PageRequest,
    *,
    grouped: frozenset[NotificationKind] = GROUPED_KINDS,
) -> Page[GroupView]:
    """Return a page of the viewer's notifications in groups, the group with the latest first.

    Of kinds that are not `grouped` each is a group of its own. What a page takes to read does not depend on how
    large its groups are: a group's row says how many it has and who the latest were.
    """
    grouped = grouped & GROUPED_KINDS
    kept: list[tuple[int, GroupView]] = []
    rest, more = page, True
    edge: int | None = None
    async with services.db.read() as tx:
        for _ in range(REFILLS_MAX):
            entries = await _entries(services, tx, viewer_id, choice, rest, grouped=grouped)
            shown = [(newest_id, view) for newest_id, view in entries if view is not None]
            kept = [*shown, *kept] if page.oldest else [*kept, *shown]
            more = len(entries) >= rest.limit
            if not more or len(kept) >= page.limit:
                edge = None
                break
            edge = entries[0][0] if page.oldest else entries[-1][0]
            rest = _rest(page, edge, min(rest.limit * 2, CANDIDATES_MAX))
    kept = kept[-page.limit :] if page.oldest else kept[: page.limit]
    newest = kept[0][0] if kept else None
    oldest = kept[-1][0] if kept and (more or page.oldest or len(kept) >= page.limit) else None
    if edge is not None:
        newest, oldest = (edge, oldest) if page.oldest else (newest, edge)
    return Page([view for _, view in kept], newest_id=newest, oldest_id=oldest)


def _rest(page: PageRequest, edge: int, limit: int) -> PageRequest:
    """Return what is left of a page behind an edge."""
    if page.oldest:
        return PageRequest(page.before, edge, limit, oldest=True)
    return PageRequest(edge, page.after, limit)


async def _entries(
    services: Services,
    tx: Read,
    viewer_id: UserId,
    choice: NotificationChoice,
    page: PageRequest,
    *,
    grouped: frozenset[NotificationKind],
) -> list[tuple[int, GroupView | None]]:
    """Return a page's groups, each by its newest id; None for what the viewer is not shown."""
    rows = await notifications.groups_page(
        tx,
        viewer_id,
        page,
        kinds=[kind for kind in choice.kinds if kind in grouped],
        from_id=choice.from_id,
    )
    single = await notifications.page(
        tx,
        viewer_id,
        page,
        kinds=[kind for kind in choice.kinds if kind not in grouped],
        from_id=choice.from_id,
        filtered=None if choice.with_filtered else False,
    )
    told = await notices.load(
        services,
        tx,
        viewer_id,
        user_ids=[
            *[one.from_id for one in single],
            *[user_id for row in rows for user_id in notifications.latest_users(row[5])],
        ],
        tweet_ids=[*[row[3] for row in rows], *[one.tweet_id for one in single]],
    )
    entries: list[tuple[int, GroupView | None]] = [(row[0], _group(row, told, viewer_id)) for row in rows]
    entries += [(one.id, _group_of_one(one, told)) for one in single]
    entries.sort(key=lambda entry: entry[0], reverse=True)
    return entries[-page.limit :] if page.oldest else entries[: page.limit]


def _group(row: Row, told: Subjects, viewer_id: UserId) -> GroupView | None:
    newest_id, key, kind, tweet_id, members, latest = row
    named = notifications.latest_users(latest)
    senders = [view for user_id in named if (view := told.sender(user_id, viewer_id)) is not None]
    if not senders or (tweet_id is not None and tweet_id not in told.tweets):
        return None
    return GroupView(
        key=key,
        kind=NotificationKind(kind),
        count=members - (len(named) - len(senders)),
        newest_id=newest_id,
        oldest_id=newest_id,
        newest_ms=time_ms_of(newest_id),
        senders=senders,
        tweet=told.tweets.get(tweet_id) if tweet_id is not None else None,
    )


def _group_of_one(one: Notification, told: Subjects) -> GroupView | None:
    view = told.view(one)
    if view is None:
        return None
    return GroupView(
        key=f"ungrouped-{one.id}",
        kind=one.kind,
        count=1,
        newest_id=one.id,
        oldest_id=one.id,
        newest_ms=one.created_ms,
        senders=[view.sender],
        tweet=view.tweet,
        report_id=one.report_id,
    )


async def get_group(services: Services, viewer_id: UserId, key: str) -> GroupView:
    """Return one of the viewer's groups, or raise NotFound."""
    single = _single_id(key)
    if single is not None:
        view = await get_notification(services, viewer_id, single)
        told = Subjects({view.sender.user.id: view.sender}, {}, {})
        if view.tweet is not None:
            told.tweets[view.tweet.tweet.id] = view.tweet
        group = _group_of_one(view.notification, told)
    else:
        async with services.db.read() as tx:
            row = await notifications.group(tx, viewer_id, key)
            if row is None:
                raise NotFound
            told = await notices.load(
                services,
                tx,
                viewer_id,
                user_ids=notifications.latest_users(row[5]),
                tweet_ids=[row[3]],
            )
        group = _group(row, told, viewer_id)
    if group is None:
        raise NotFound
    return group


async def page_group_senders(
    services: Services, viewer_id: UserId, key: str, page: PageRequest
) -> Page[UserView]:
    """Return a page of those whose doings a group tells of, the latest first."""
    single = _single_id(key)
    if single is not None:
        return Page([(await get_notification(services, viewer_id, single)).sender])
    async with services.db.read() as tx:
        rows = await notifications.members_page(tx, viewer_id, key, page)
        told = await notices.load(services, tx, viewer_id, user_ids=[row[1] for row in rows], tweet_ids=())
    senders = [view for row in rows if (view := told.sender(row[1], viewer_id)) is not None]
    return paged(page, senders, [row[0] for row in rows])


def _single_id(key: str) -> int | None:
    kind, _, number = key.partition("-")
    if kind != "ungrouped" or not (number.isascii() and number.isdigit()):
        return None
    return min(int(number[:20]), ID_MAX)


async def dismiss(services: Services, viewer_id: UserId, notification_id: int) -> None:
    """Remove one of the viewer's notifications; raise NotFound when there is no such one."""

    async def work(tx: Write) -> None:
        if not await notifications.delete(tx, viewer_id, [notification_id]):
            raise NotFound

    await services.db.write(work)


async def dismiss_all(services: Services, viewer_id: UserId, notification_ids: Sequence[int]) -> None:
    """Remove those of the notifications that are the viewer's."""

    async def work(tx: Write) -> None:
        await notifications.delete(tx, viewer_id, notification_ids)

    await services.db.write(work)


async def dismiss_group(services: Services, viewer_id: UserId, key: str) -> None:
    """Remove a group with all its notifications; of one that is gone nothing remains to be done."""
    single = _single_id(key)

    async def work(tx: Write) -> None:
        if single is not None:
            await notifications.delete(tx, viewer_id, [single])
        else:
            await notifications.delete_group(tx, viewer_id, key)

    await services.db.write(work)


async def clear(services: Services, viewer_id: UserId) -> None:
    """Remove all of the viewer's notifications so far; what one transaction cannot, tasks do."""
    await clear_notifications(services, tasks.ClearNotifications(viewer_id, services.new_id()))


async def clear_notifications(services: Services, task: tasks.ClearNotifications) -> None:
    """Remove a slice and queue the rest."""

    async def work(tx: Write) -> None:
        user_id = UserId(task.user_id)
        if await notifications.clear_slice(tx, user_id, up_to=task.up_to, limit=CLEAR_SLICE) >= CLEAR_SLICE:
            await task_records.enqueue(services, tx, task)

    await services.db.write(work)


async def count_unread(
    services: Services, viewer_id: UserId, choice: NotificationChoice, *, limit: int
) -> int:
    """Count what lies behind the viewer's marker, up to a limit."""
    async with services.db.read() as tx:
        after = await _read_until(tx, viewer_id)
        return await notifications.unread(
            tx, viewer_id, after=after, kinds=choice.kinds, from_id=choice.from_id, limit=limit
        )


async def count_unread_groups(
    services: Services,
    viewer_id: UserId,
    choice: NotificationChoice,
    *,
    grouped: frozenset[NotificationKind] = GROUPED_KINDS,
    limit: int,
) -> int:
    """Count the groups with something behind the viewer's marker, up to a limit."""
    async with services.db.read() as tx:
        after = await _read_until(tx, viewer_id)
    page = PageRequest(after=after, limit=limit)
    return len((await page_groups(services, viewer_id, choice, page, grouped=grouped)).items)


async def _read_until(tx: Read, viewer_id: UserId) -> int:
    rows = await markers.list_by_user(tx, viewer_id, ["notifications"])
    return rows[0][1] if rows else 0


async def get_policy(services: Services, viewer_id: UserId) -> tuple[Policy, int, int]:
    """Return the viewer's policy, how many strangers wait, and with how many notifications."""
    async with services.db.read() as tx:
        policy = await notification_requests.policy(tx, viewer_id)
        return (policy, *await notification_requests.pending(tx, viewer_id, limit=PENDING_MAX))


async def change_policy(services: Services, viewer_id: UserId, policy: Policy) -> None:
    """Keep the viewer's policy."""
    await services.db.write(lambda tx: notification_requests.set_policy(tx, viewer_id, policy))


async def page_requests(services: Services, viewer_id: UserId, page: PageRequest) -> Page[RequestView]:
    """Return a page of the strangers whose notifications are kept back."""
    async with services.db.read() as tx:
        rows = await notification_requests.page(tx, viewer_id, page)
        return paged(page, await _requests(services, tx, viewer_id, rows), [row[0] for row in rows])


async def get_request(services: Services, viewer_id: UserId, request_id: int) -> RequestView:
    """Return one of the viewer's requests, or raise NotFound."""
    async with services.db.read() as tx:
        rows = await notification_requests.get(tx, viewer_id, [request_id])
        views = await _requests(services, tx, viewer_id, rows)
    if not views:
        raise NotFound
    return views[0]


async def _requests(
    services: Services, tx: Read, viewer_id: UserId, rows: Sequence[Row]
) -> list[RequestView]:
    told = await notices.load(
        services, tx, viewer_id, user_ids=[row[1] for row in rows], tweet_ids=[row[3] for row in rows]
    )
    return [
        RequestView(
            id=row[0],
            sender=sender,
            count=row[2],
            created_ms=row[4],
            updated_ms=row[5],
            last_tweet=told.tweets.get(row[3]) if row[3] is not None else None,
        )
        for row in rows
        if (sender := told.sender(row[1], viewer_id)) is not None
    ]


async def accept_requests(services: Services, viewer_id: UserId, request_ids: Sequence[int]) -> None:
    """Let these strangers in: what was kept back joins the list. Raises NotFound when none of them waits."""

    async def work(tx: Write) -> None:
        rows = await notification_requests.get(tx, viewer_id, request_ids)
        if not rows:
            raise NotFound
        for row in rows:
            await notification_requests.let_in(tx, viewer_id, row[1])
            while released := await notifications.release(tx, viewer_id, row[1], limit=RELEASE_SLICE):
                for one in released:
                    if one.kind in GROUPED_KINDS:
                        await notifications.join_group(tx, one)
        await notification_requests.delete(tx, viewer_id, [row[1] for row in rows])
        await services.live.announce(tx, NotificationsMerged(viewer_id))

    await services.db.write(work)


async def dismiss_requests(services: Services, viewer_id: UserId, request_ids: Sequence[int]) -> None:
    """Put these strangers' notifications away: they stay kept back. Raises NotFound when none of them waits."""

    async def work(tx: Write) -> None:
        rows = await notification_requests.get(tx, viewer_id, request_ids)
        if not rows:
            raise NotFound
        await notification_requests.delete(tx, viewer_id, [row[1] for row in rows])

    await services.db.write(work)


async def ring_bells(services: Services, task: tasks.RingBells) -> None:
    """Tell a slice of those whose bell is on for the author, and queue the rest."""

    async def work(tx: Write) -> None:
        tweet = await tweet_records.get(tx, TweetId(task.tweet_id))
        if tweet is None or tweet.visibility is Visibility.DIRECT:
            return
        author_id = UserId(task.author_id)
        rows = await follows.bells_slice(tx, author_id, after=task.after_follow, limit=BELLS_SLICE)
        mentioned = {mention.user_id for mention in tweet.mentions}
        receivers = [row[1] for row in rows if row[1] not in mentioned]
        await notify(services, tx, NotificationKind.TWEET, recipients=receivers, by=author_id, tweet=tweet)
        if len(rows) >= BELLS_SLICE:
            rest = tasks.RingBells(task.tweet_id, task.author_id, rows[-1][0])
            await task_records.enqueue(services, tx, rest)

    await services.db.write(work)
