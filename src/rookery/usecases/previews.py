"""Previews of links: fetched by tasks, once for each link."""

from rookery import tasks
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import links, previews


async def fetch_preview(services: Services, task: tasks.FetchPreview) -> None:
    """Fetch what the page behind a link says about itself, and let the tweets show it."""
    async with services.db.read() as tx:
        url = (await links.urls(tx, [task.link_id])).get(task.link_id)
    if url is None:
        return
    found = await services.previews.fetch(url)
    if found is None:
        return

    async def work(tx: Write) -> None:
        await previews.keep(tx, task.link_id, found)

    await services.db.write(work)
