"""What is known of links: fetched once for each, and seldom anew."""

from rookery.domain.previews import Preview
from rookery.ports import Read, Write
from rookery.sql import sql

_CLAIM = sql("""
    INSERT INTO link_previews (link_id, fetched_ms, title, description, author_name, author_url, provider_name,
        language)
    VALUES (:link_id, :now_ms, '', '', '', '', '', '')
    ON CONFLICT (link_id) DO UPDATE SET fetched_ms = excluded.fetched_ms
    WHERE link_previews.fetched_ms < :old_ms
""")


async def claim(tx: Write, link_id: int, *, now_ms: int, old_ms: int) -> bool:
    """Tell whether a link is to be fetched now: nobody has done so, or not since then; it counts as done from now on."""
    return bool(await tx.run(_CLAIM, link_id=link_id, now_ms=now_ms, old_ms=old_ms))


_KEEP = sql("""
    UPDATE link_previews SET title = :title, description = :description, author_name = :author_name,
        author_url = :author_url, provider_name = :provider_name, language = :language
    WHERE link_id = :link_id
""")
_REVISE = sql("""
    UPDATE tweets SET revision = revision + 1 WHERE id IN (
        SELECT tweet_id FROM tweet_links WHERE link_id = :link_id ORDER BY tweet_id DESC LIMIT :limit)
""")
REVISED_MAX = 1_000
"""Tweets, the newest first, whose kept copies are given up when a preview comes; older ones are read anew in time."""


async def keep(tx: Write, link_id: int, preview: Preview) -> bool:
    """Keep what was found and move the revisions of the tweets that show it; False when the link is gone."""
    changed = await tx.run(
        _KEEP,
        link_id=link_id,
        title=preview.title,
        description=preview.description,
        author_name=preview.author_name,
        author_url=preview.author_url,
        provider_name=preview.provider_name,
        language=preview.language,
    )
    await tx.run(_REVISE, link_id=link_id, limit=REVISED_MAX)
    return bool(changed)


_OF_LINKS = sql("""
    SELECT link_id, title, description, author_name, author_url, provider_name, language FROM link_previews
    WHERE link_id = ANY(:link_ids) AND title <> ''
""")


async def of_links(tx: Read, link_ids: list[int]) -> dict[int, Preview]:
    """Return what is known of links."""
    return {
        row[0]: Preview(
            title=row[1],
            description=row[2],
            author_name=row[3],
            author_url=row[4],
            provider_name=row[5],
            language=row[6],
        )
        for row in await tx.all(_OF_LINKS, link_ids=link_ids)
    }
