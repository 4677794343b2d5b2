"""The keys with which personal data is encrypted: whether they fit the database, and one after the other."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from rookery.errors import Conflict, Misconfigured
from rookery.ports import Database, Read, Vault, Write
from rookery.services import Services
from rookery.storage import nodes, people, two_factor, vault_keys

BATCH_ROWS: Final = 100
"""Rows that one transaction encrypts anew."""
COUNTED_AT_ONCE: Final = 10_000


class SealedTable(NamedTuple):
    """A table with encrypted columns: rows kept with a key, one row kept with the first key, and how many there are."""

    name: str
    sealed_with: Callable[..., Awaitable[Sequence[Any]]]
    reseal: Callable[[Vault, Write, Any], Awaitable[bool]]
    count_sealed: Callable[..., Awaitable[tuple[int, int]]]


_PEOPLE: Final = SealedTable("people", people.sealed_with, people.reseal, people.count_sealed)
SEALED_TABLES: Final = (
    _PEOPLE,
    SealedTable("two_factor", two_factor.sealed_with, two_factor.reseal, two_factor.count_sealed),
)
"""Whatever is encrypted stands here, or an exchange of keys would lose it."""


async def are_in_use(db: Database) -> bool:
    """Tell whether anything in the database may be encrypted."""
    async with db.read() as tx:
        return bool(await vault_keys.in_use(tx))


async def accept(db: Database, vault: Vault, *, source: str, now_ms: int) -> None:
    """Make sure that what is encrypted can be read, and note the key that encrypts from now on.

    Raises Misconfigured when a key is missing; `source` says where they are from.
    """
    async with db.read() as tx:
        known = await vault_keys.in_use(tx)
    _require_keys(vault, known.items(), source)
    if vault.key_id in known:
        return

    async def work(tx: Write) -> None:
        await vault_keys.lock(tx)
        _require_keys(vault, (await vault_keys.in_use(tx)).items(), source)
        await vault_keys.insert(tx, vault.key_id, check_value=vault.check_value(vault.key_id), now_ms=now_ms)

    await db.write(work)


def _require_keys(vault: Vault, known: Any, source: str) -> None:
    for key_id, check_value in known:
        if key_id not in vault.key_ids or vault.check_value(key_id) != check_value:
            raise Misconfigured(
                f"personal data in the database is encrypted with the secret key {key_id}, and {source} does not hold "
                f"it (it holds {', '.join(vault.key_ids)}): bring that key back; a new one goes in front of it"
            )


async def seal_plain(db: Database, vault: Vault) -> int:
    """Encrypt what an earlier version has kept plain; return how many people's.

    Batch by batch: whoever is interrupted, or works beside another process, goes on with what is left.
    """
    return await _reseal(db, vault, _PEOPLE, people.UNSEALED)


async def _reseal(db: Database, vault: Vault, table: SealedTable, key_id: str) -> int:
    resealed = 0

    while True:
        async with db.read() as tx:
            batch = await table.sealed_with(tx, key_id, limit=BATCH_ROWS)
        if not batch:
            return resealed

        async def work(tx: Write, batch: Sequence[Any] = batch) -> int:
            return sum([await table.reseal(vault, tx, row) for row in batch])

        resealed += await db.write(work)


class KeyUse(NamedTuple):
    """A key and how many rows are encrypted with it."""

    key_id: str
    encrypts: bool
    """Whether it is this process's first, with which everything is encrypted from now on."""
    rows: int


async def key_uses(services: Services) -> list[KeyUse]:
    """Return the keys in use, the oldest first, and how many rows each one has."""
    async with services.db.read() as tx:
        known = list(await vault_keys.in_use(tx))
    return [
        KeyUse(
            key_id,
            key_id == services.vault.key_id,
            sum([await _count(services, table, key_id) for table in SEALED_TABLES]),
        )
        for key_id in known
    ]


async def _count(services: Services, table: SealedTable, key_id: str) -> int:
    counted, after_id = 0, -1
    while True:
        async with services.db.read() as tx:
            rows, after_id = await table.count_sealed(tx, key_id, after_id=after_id, limit=COUNTED_AT_ONCE)
        counted += rows
        if rows < COUNTED_AT_ONCE:
            return counted


async def rotate(services: Services) -> int:
    """Encrypt with the first key whatever is encrypted with another, while the service runs; return how many rows.

    Afterwards the other keys are not needed any more. Raises Conflict while a running process encrypts with another
    key: it has to be started again with the new one in front.
    """
    vault = services.vault
    async with services.db.read() as tx:
        old = [key_id for key_id in await vault_keys.in_use(tx) if key_id != vault.key_id]
        await _require_one_key(services, tx)
    rotated = 0
    for key_id in (people.UNSEALED, *old):
        for table in SEALED_TABLES:
            rotated += await _reseal(services.db, vault, table, key_id)
        await _delete_hashes(services, key_id)
    for key_id in old:
        await services.db.write(lambda tx, key_id=key_id: _retire(services, tx, key_id))
    return rotated


async def _require_one_key(services: Services, tx: Read) -> None:
    others = await nodes.keys(tx, now_ms=services.now_ms()) - {services.vault.key_id}
    if others:
        raise Conflict(
            f"a process that runs encrypts with another key than {services.vault.key_id}: put the new key in front "
            "everywhere and start every process again; one that crashed is forgotten after five minutes"
        )


async def _delete_hashes(services: Services, key_id: str) -> None:
    async def work(tx: Write) -> int:
        return await people.delete_hashes_of_key(tx, key_id, limit=BATCH_ROWS)

    while await services.db.write(work) >= BATCH_ROWS:
        pass


async def _retire(services: Services, tx: Write, key_id: str) -> None:
    """Forget a key, unless somebody has used it since."""
    await vault_keys.lock(tx)
    await _require_one_key(services, tx)
    if not any([await table.sealed_with(tx, key_id, limit=1) for table in SEALED_TABLES]):
        await vault_keys.delete(tx, key_id)
