"""Access tokens, stored only as SHA-256 hashes: they carry 256 random bits, so a fast hash is enough."""

from rookery.domain.ids import AppId, TokenId, UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO tokens (id, token_hash, app_id, user_id, scopes, code_hash, created_ms)
    VALUES (:id, :token_hash, :app_id, :user_id, :scopes, :code_hash, :created_ms)
""")


async def insert(
    tx: Write,
    *,
    token_id: TokenId,
    token_hash: bytes,
    app_id: AppId,
    user_id: UserId | None,
    scopes: str,
    code_hash: bytes | None,
    now_ms: int,
) -> None:
    """Enter a token; `code_hash` names the authorization code it was exchanged for."""
    await tx.run(
        _INSERT,
        id=token_id,
        token_hash=token_hash,
        app_id=app_id,
        user_id=user_id,
        scopes=scopes,
        code_hash=code_hash,
        created_ms=now_ms,
    )


_FIND = sql("""
    SELECT t.id, t.app_id, t.user_id, t.scopes, u.state, t.last_used_ms FROM tokens t
    LEFT JOIN users u ON u.id = t.user_id
    WHERE t.token_hash = :token_hash
""")


async def find(tx: Read, token_hash: bytes) -> Row | None:
    """Return (id, app id, user id, scopes, the user's state, last use in ms) or None."""
    return await tx.one(_FIND, token_hash=token_hash)
