"""Several stores as one: written to the first, looked for in all of them, removed from all of them."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path

from rookery.domain.measurements import Measurement
from rookery.engines.objects import open_store
from rookery.errors import Misconfigured, NotFound
from rookery.ports import ObjectInfo, ObjectStore
from rookery.services import MediaStores


def open_stores(url: str, *, cold_url: str = "", other_url: str = "") -> MediaStores:
    """Return the stores that the settings name. Raises Misconfigured when one is named twice, or wrongly."""
    urls = [each for each in (url, cold_url, other_url) if each]
    if len(set(urls)) < len(urls):
        raise Misconfigured("media_url, media_cold_url and media_other_url must name different stores")
    return MediaStores(
        open_store(url),
        cold=open_store(cold_url, setting="media_cold_url") if cold_url else None,
        other=open_store(other_url, setting="media_other_url") if other_url else None,
    )


def joined(stores: MediaStores) -> ObjectStore:
    """Return one store in which everything is found."""
    others = [store for store in (stores.cold, stores.other) if store is not None]
    return TieredObjects(stores.first, *others) if others else stores.first


class TieredObjects:
    """Files by key, wherever they lie. They may move from one store to another meanwhile: copied, then removed."""

    def __init__(self, first: ObjectStore, *others: ObjectStore) -> None:
        """Take the store that new files go to, and the others in the order in which they are looked into."""
        self._first = first
        self._all = (first, *others)
        # A file that has just come back to the first store was not there yet when that was asked, and is gone from
        # the other by the time that one is.
        self._looked_into = (*self._all, first)

    async def put(
        self, key: str, content: Path | bytes | AsyncIterator[bytes], /, *, content_type: str
    ) -> int:
        """Keep content in the first store, replacing what is there; return its bytes. Raises Unavailable."""
        return await self._first.put(key, content, content_type=content_type)

    async def head(self, key: str, /) -> ObjectInfo | None:
        """Return what lies under a key, or None. Raises Unavailable."""
        for store in self._looked_into:
            if (info := await store.head(key)) is not None:
                return info
        return None

    async def read(self, key: str, /, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """Yield the bytes from `start` to before `end`. Raises NotFound, Unavailable."""
        for store in self._looked_into:
            try:
                async for chunk in store.read(key, start=start, end=end):
                    yield chunk
            except NotFound:
                continue
            return
        raise NotFound

    async def delete(self, keys: Sequence[str], /) -> None:
        """Remove what lies under these keys anywhere. Raises Unavailable."""
        for store in self._all:
            await store.delete(keys)

    async def list(self, *, prefix: str = "") -> AsyncGenerator[ObjectInfo]:
        """Yield every object whose key begins with these folders, once for each store that has it. Raises Unavailable."""
        for store in self._all:
            async for info in store.list(prefix=prefix):
                yield info

    async def link(self, key: str, /, *, lasts_s: int) -> str | None:
        """Return an address at the store that has the object, or None where there is none."""
        for store in self._looked_into:
            if await store.head(key) is not None:
                return await store.link(key, lasts_s=lasts_s)
        return None

    def measurements(self) -> Sequence[Measurement]:
        """Return what the stores count about themselves, added up."""
        found: dict[str, list[Measurement]] = {}
        for store in self._all:
            for one in store.measurements():
                found.setdefault(one.name, []).append(one)
        return [
            Measurement(
                ones[0].name,
                ones[0].sentence,
                ones[0].kind,
                lambda ones=ones: sum(one.read() for one in ones),
            )
            for ones in found.values()
        ]
