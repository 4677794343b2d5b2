"""What is known of links: fetched once for each, and seldom anew."""

from typing import Final

from rookery.domain.ids import UserId
from rookery.domain.media import Media, MediaFile, MediaId, MediaKind, MediaPurpose, MediaState
from rookery.domain.previews import Card, CardPicture, Preview
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import media

NOBODY: Final = UserId(0)
"""Who owns the pictures of links."""

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


async def keep(tx: Write, link_id: int, preview: Preview) -> bool:
    """Keep what was found and have the tweets that show it read anew; False when the link is gone."""
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


_LOCK = sql("UPDATE link_previews SET title = title WHERE link_id = :link_id")
_REVISE = sql("""
    UPDATE tweets SET revision = revision + 1 WHERE id IN (
        SELECT tweet_id FROM tweet_links WHERE link_id = :link_id ORDER BY tweet_id DESC LIMIT :limit)
""")
REVISED_MAX: Final = 1_000
"""Tweets, the newest first, whose kept copies are given up when a preview comes; older ones are read anew in time."""


async def keep_picture(
    tx: Write, link_id: int, file: MediaFile | None, *, description: str, blurhash: str | None, now_ms: int
) -> list[str] | None:
    """Let a link's card show this picture, or none, and no other; return the keys of earlier ones.

    None when the link is gone: then nothing shows the picture.
    """
    if not await tx.run(_LOCK, link_id=link_id):
        return None
    before = await media.delete(tx, [MediaId(link_id)])
    if file is not None:
        shown = Media(
            id=MediaId(link_id),
            owner_id=NOBODY,
            kind=MediaKind.IMAGE,
            state=MediaState.PROCESSING,
            purpose=MediaPurpose.CARD,
            description=description,
        )
        await media.insert(tx, shown, size_bytes=file.size_bytes, now_ms=now_ms)
        await media.finish(tx, shown.id, kind=shown.kind, blurhash=blurhash, files=[file])
    await tx.run(_REVISE, link_id=link_id, limit=REVISED_MAX)
    return before


_OF_LINKS = sql("""
    SELECT l.id, l.url, w.title, w.description, w.author_name, w.author_url, w.provider_name, w.language,
        f.key, f.width, f.height, m.description, m.blurhash
    FROM links l JOIN link_previews w ON w.link_id = l.id
    LEFT JOIN media m ON m.id = l.id LEFT JOIN media_files f ON f.media_id = m.id
    WHERE l.id = ANY(:link_ids) AND w.title <> ''
""")


async def of_links(tx: Read, link_ids: list[int]) -> dict[int, Card]:
    """Return what is known of links."""
    return {row[0]: card(row[1:]) for row in await tx.all(_OF_LINKS, link_ids=link_ids)}


def card(columns: Row) -> Card:
    """Return a card of (url, title, description, author's name and url, provider, language) and its picture.

    That is (key, width, height, description, blurhash), or as many None.
    """
    url, title, description, author_name, author_url, provider_name, language, *picture = columns
    return Card(
        url=url,
        preview=Preview(
            title=title,
            description=description,
            author_name=author_name,
            author_url=author_url,
            provider_name=provider_name,
            language=language,
        ),
        picture=_picture(*picture) if picture[0] is not None else None,
    )


def _picture(key: str, width: int, height: int, description: str, blurhash: str | None) -> CardPicture:
    return CardPicture(key=key, width=width, height=height, description=description, blurhash=blurhash)
