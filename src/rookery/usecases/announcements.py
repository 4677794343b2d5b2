"""Telling everybody something, and how people react."""

from collections.abc import Sequence
from typing import Final

import msgspec

from rookery import tasks
from rookery.domain import announcements as rules
from rookery.domain import text as text_rules
from rookery.domain.announcements import Announcement, AnnouncementView, Reaction
from rookery.domain.ids import UserId
from rookery.domain.live import AnnouncementDeleted, AnnouncementPublished, AnnouncementReacted
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import announcements, mentions
from rookery.storage import tasks as task_records

SLICE_ROWS: Final = 2_000
"""Rows of each kind that one transaction removes at the most."""
_NOBODY: Final = UserId(0)


async def list_shown(
    services: Services, viewer_id: UserId, *, with_dismissed: bool = False
) -> list[AnnouncementView]:
    """Return what people are told now, the latest first, without what the viewer has dismissed or with it."""
    async with services.db.read() as tx:
        shown = await announcements.shown(tx, viewer_id, now_ms=services.now_ms(), limit=rules.SHOWN_MAX)
        wanted = [pair for pair in shown if with_dismissed or not pair[1]]
        return await _views(services, tx, viewer_id, wanted)


async def get_shown(services: Services, viewer_id: UserId | None, announcement_id: int) -> AnnouncementView:
    """Return an announcement that is shown now, or raise NotFound."""
    viewer = viewer_id or _NOBODY
    async with services.db.read() as tx:
        announcement = await _shown(services, tx, announcement_id)
        read = await announcements.dismissed(tx, viewer, announcement_id)
        return (await _views(services, tx, viewer, [(announcement, read)]))[0]


async def dismiss_announcement(services: Services, viewer_id: UserId, announcement_id: int) -> None:
    """Note that the viewer has read an announcement. Twice is once. Raises NotFound."""

    async def work(tx: Write) -> None:
        await _shown(services, tx, announcement_id)
        await announcements.dismiss(tx, viewer_id, announcement_id)

    await services.db.write(work)


async def react(services: Services, viewer_id: UserId, announcement_id: int, name: str) -> None:
    """React to an announcement with an emoji. Twice is once. Raises NotFound and Invalid."""
    rules.check_reaction(name)

    async def work(tx: Write) -> None:
        await _shown(services, tx, announcement_id)
        if not await announcements.has_room(tx, announcement_id, name, kinds_max=rules.REACTION_KINDS_MAX):
            raise Invalid("Limit of different reactions reached", field="name")
        if await announcements.react(tx, announcement_id, viewer_id, name, now_ms=services.now_ms()):
            await services.live.announce(tx, AnnouncementReacted(announcement_id, name))

    await services.db.write(work)


async def take_reaction_back(services: Services, viewer_id: UserId, announcement_id: int, name: str) -> None:
    """Take a reaction back. Twice is once. Raises NotFound when there is no such announcement."""

    async def work(tx: Write) -> None:
        await _shown(services, tx, announcement_id)
        if await announcements.unreact(tx, announcement_id, viewer_id, name):
            await services.live.announce(tx, AnnouncementReacted(announcement_id, name))

    await services.db.write(work)


async def get_reaction(services: Services, announcement_id: int, name: str) -> Reaction:
    """Return how many have reacted to an announcement with an emoji."""
    async with services.db.read() as tx:
        return Reaction(name, await announcements.count(tx, announcement_id, name), mine=False)


async def _shown(services: Services, tx: Read, announcement_id: int) -> Announcement:
    announcement = await announcements.get(tx, announcement_id)
    if announcement is None or not announcement.is_shown(now_ms=services.now_ms()):
        raise NotFound
    return announcement


async def _views(
    services: Services, tx: Read, viewer_id: UserId, wanted: Sequence[tuple[Announcement, bool]]
) -> list[AnnouncementView]:
    if not wanted:
        return []
    reactions = await announcements.reactions(tx, viewer_id, [each.id for each, _ in wanted])
    views: list[AnnouncementView] = []
    for announcement, read in wanted:
        names = text_rules.mentioned(announcement.text, services.instance.domain)
        addressed = await mentions.mentionable(tx, _NOBODY, names) if names else ()
        views.append(AnnouncementView(announcement, read, reactions.get(announcement.id, []), addressed))
    return views


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator wants to tell; in a change of what is there, None leaves a part as it is."""

    text: str | None = None
    starts_ms: int | None = None
    ends_ms: int | None = None
    all_day: bool | None = None
    publish_ms: int | None = None


async def publish(services: Services, asked: Change) -> Announcement:
    """Tell everybody something, now or at `publish_ms`. Raises Invalid naming the field."""
    now_ms = services.now_ms()
    announcement = Announcement(
        id=services.new_id(),
        text=(asked.text or "").strip(),
        starts_ms=asked.starts_ms,
        ends_ms=asked.ends_ms,
        all_day=bool(asked.all_day),
        publish_ms=asked.publish_ms if asked.publish_ms is not None else now_ms,
        changed_ms=now_ms,
    )
    rules.check(announcement)

    async def work(tx: Write) -> None:
        kept = await announcements.newest(tx, limit=rules.KEPT_MAX)
        if len(kept) >= rules.KEPT_MAX:
            raise Invalid(f"there are {rules.KEPT_MAX} announcements: remove old ones first")
        await _put(services, tx, announcement)

    await services.db.write(work)
    return announcement


async def change_announcement(services: Services, announcement_id: int, asked: Change) -> Announcement:
    """Let an announcement say something else. Raises NotFound, and Invalid naming the field."""

    async def work(tx: Write) -> Announcement:
        before = await announcements.get(tx, announcement_id)
        if before is None:
            raise NotFound(f"there is no announcement {announcement_id}")
        wanted = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in msgspec.structs.asdict(asked).items()
            if value is not None
        }
        after = msgspec.structs.replace(
            before, **wanted, changed_ms=max(before.changed_ms + 1, services.now_ms())
        )
        rules.check(after)
        await _put(services, tx, after)
        return after

    return await services.db.write(work)


async def _put(services: Services, tx: Write, announcement: Announcement) -> None:
    """Keep an announcement, tell of it at once when it is shown, and see to it that its times are kept."""
    now_ms = services.now_ms()
    await announcements.put(tx, announcement)
    if announcement.is_shown(now_ms=now_ms):
        await services.live.announce(tx, AnnouncementPublished(announcement.id))
    else:
        await services.live.announce(tx, AnnouncementDeleted(announcement.id))
    task = tasks.TellOfAnnouncement(announcement.id, announcement.changed_ms)
    for time_ms in (announcement.publish_ms, announcement.ends_ms):
        if time_ms is not None and time_ms > now_ms:
            await task_records.insert(tx, task, new_id=services.new_id(), run_at_ms=time_ms)


async def tell_of_announcement(services: Services, task: tasks.TellOfAnnouncement) -> None:
    """Tell live readers that an announcement's time has come, or is over."""

    async def work(tx: Write) -> None:
        announcement = await announcements.get(tx, task.announcement_id)
        if announcement is None or announcement.changed_ms != task.changed_ms:
            return  # it is gone, or says something else: then another task is there
        if announcement.is_shown(now_ms=services.now_ms()):
            await services.live.announce(tx, AnnouncementPublished(announcement.id))
        else:
            await services.live.announce(tx, AnnouncementDeleted(announcement.id))

    await services.db.write(work)


async def list_kept(services: Services) -> list[Announcement]:
    """Return every announcement, the latest first."""
    async with services.db.read() as tx:
        return await announcements.newest(tx, limit=rules.KEPT_MAX)


async def remove_announcement(services: Services, announcement_id: int) -> None:
    """Remove an announcement; what people did with it goes by a task. Raises NotFound."""

    async def work(tx: Write) -> None:
        if not await announcements.delete(tx, announcement_id):
            raise NotFound(f"there is no announcement {announcement_id}")
        await services.live.announce(tx, AnnouncementDeleted(announcement_id))
        await task_records.enqueue(services, tx, tasks.ClearAnnouncement(announcement_id))

    await services.db.write(work)


async def clear_announcement(services: Services, task: tasks.ClearAnnouncement) -> None:
    """Remove a slice of what people did with a removed announcement, and queue the rest."""

    async def work(tx: Write) -> None:
        if await announcements.delete_slice(tx, task.announcement_id, limit=SLICE_ROWS) >= SLICE_ROWS:
            await task_records.enqueue(services, tx, task)

    await services.db.write(work)
