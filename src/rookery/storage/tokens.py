"""Access tokens, stored only as SHA-256 hashes: they carry 256 random bits, so a fast hash is enough."""

from collections.abc import Sequence

from rookery.domain.ids import AppId, TokenId, UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import push_subscriptions

_INSERT = sql("""
    INSERT INTO tokens (id, token_hash, app_id, user_id, scopes, code_hash, session_hash, created_ms)
    VALUES (:id, :token_hash, :app_id, :user_id, :scopes, :code_hash, :session_hash, :created_ms)
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
    session_hash: bytes | None = None,
) -> None:
    """Enter a token; `code_hash` names the authorization code it was exchanged for, `session_hash` with what it ends."""
    await tx.run(
        _INSERT,
        id=token_id,
        token_hash=token_hash,
        app_id=app_id,
        user_id=user_id,
        scopes=scopes,
        code_hash=code_hash,
        session_hash=session_hash,
        created_ms=now_ms,
    )


_FIND = sql("""
    SELECT t.id, t.app_id, t.user_id, t.scopes, u.state FROM tokens t
    LEFT JOIN users u ON u.id = t.user_id
    WHERE t.token_hash = :token_hash
""")


async def find(tx: Read, token_hash: bytes) -> Row | None:
    """Return (id, app id, user id, scopes, the user's state) or None."""
    return await tx.one(_FIND, token_hash=token_hash)


_NOTE_USE = sql("UPDATE tokens SET last_used_ms = :now_ms WHERE id = :token_id")


async def note_use(tx: Write, token_id: TokenId, *, now_ms: int) -> None:
    """Remember when a token was last used."""
    await tx.run(_NOTE_USE, token_id=token_id, now_ms=now_ms)


_DELETE = sql("""
    DELETE FROM tokens WHERE token_hash = :token_hash AND app_id = :app_id RETURNING user_id, id
""")


async def delete(tx: Write, token_hash: bytes, *, app_id: AppId) -> Sequence[Row]:
    """Remove an app's token and return (user id or None, token id), if there is one."""
    return await _with_subscriptions(tx, await tx.all(_DELETE, token_hash=token_hash, app_id=app_id))


async def _with_subscriptions(tx: Write, ended: Sequence[Row]) -> Sequence[Row]:
    """Let what was subscribed to with the tokens end too."""
    await push_subscriptions.delete_of_tokens(tx, [row[1] for row in ended])
    return ended


_OWNER = sql("SELECT app_id FROM tokens WHERE token_hash = :token_hash")


async def app_of(tx: Read, token_hash: bytes) -> AppId | None:
    """Return the app that holds the token, or None."""
    row = await tx.one(_OWNER, token_hash=token_hash)
    return AppId(row[0]) if row else None


_DELETE_OF_CODE = sql("DELETE FROM tokens WHERE code_hash = :code_hash RETURNING user_id, id")


async def delete_of_code(tx: Write, code_hash: bytes) -> Sequence[Row]:
    """Remove the tokens that the code was exchanged for; return (user id or None, token id) of each."""
    return await _with_subscriptions(tx, await tx.all(_DELETE_OF_CODE, code_hash=code_hash))


_DELETE_OF_SESSION = sql("DELETE FROM tokens WHERE session_hash = :session_hash RETURNING user_id, id")


async def delete_of_session(tx: Write, session_hash: bytes) -> Sequence[Row]:
    """Remove the tokens that were got in this session; return (user id, token id) of each."""
    return await _with_subscriptions(tx, await tx.all(_DELETE_OF_SESSION, session_hash=session_hash))


_DELETE_OF_OTHER_SESSIONS = sql("""
    DELETE FROM tokens WHERE user_id = :user_id AND session_hash <> :session_hash RETURNING user_id, id
""")


async def delete_of_other_sessions(tx: Write, user_id: UserId, *, kept: bytes) -> Sequence[Row]:
    """Remove a user's tokens of sessions but the one whose hash is `kept`; return (user id, token id) of each.

    Tokens of apps, which belong to no session, stay.
    """
    rows = await tx.all(_DELETE_OF_OTHER_SESSIONS, user_id=user_id, session_hash=kept)
    return await _with_subscriptions(tx, rows)


_DELETE_OF_APP = sql("DELETE FROM tokens WHERE user_id = :user_id AND app_id = :app_id RETURNING user_id, id")


async def delete_of_app(tx: Write, user_id: UserId, app_id: AppId) -> Sequence[Row]:
    """Remove a user's tokens for an app; return (user id, token id) of each."""
    return await _with_subscriptions(tx, await tx.all(_DELETE_OF_APP, user_id=user_id, app_id=app_id))


_DELETE_OF_USER = sql("DELETE FROM tokens WHERE user_id = :user_id")


async def delete_of_user(tx: Write, user_id: UserId) -> int:
    """Remove all of a user's tokens, with what was subscribed to by them; return how many."""
    await push_subscriptions.delete_of_user(tx, user_id)
    return await tx.run(_DELETE_OF_USER, user_id=user_id)


_APPS_OF_USER = sql("""
    SELECT a.id, a.name, a.website, MIN(t.created_ms), MAX(t.last_used_ms) FROM tokens t
    JOIN apps a ON a.id = t.app_id
    WHERE t.user_id = :user_id
    GROUP BY a.id, a.name, a.website ORDER BY MAX(t.created_ms) DESC, a.id DESC LIMIT :limit
""")


async def apps_of_user(tx: Read, user_id: UserId, *, limit: int) -> Sequence[Row]:
    """Return the apps that hold tokens of a user, the newest first.

    Columns: id, name, website, since (ms), last use (ms or None).
    """
    return await tx.all(_APPS_OF_USER, user_id=user_id, limit=limit)


_SCOPES_OF_USER = sql("SELECT DISTINCT app_id, scopes FROM tokens WHERE user_id = :user_id")


async def scopes_of_user(tx: Read, user_id: UserId) -> Sequence[Row]:
    """Return (app id, scopes) of a user's tokens."""
    return await tx.all(_SCOPES_OF_USER, user_id=user_id)
