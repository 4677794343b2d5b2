"""What every way of signing in shares: attempts that are counted, who is let in, and the session that begins."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rookery import tasks
from rookery.domain.addresses import network_of
from rookery.domain.browsers import browser_name
from rookery.domain.letters import LetterKind
from rookery.domain.live import AccessEnded
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.users import User, UserState
from rookery.errors import Forbidden, TooMany
from rookery.ports import Row, Write
from rookery.services import Services
from rookery.storage import people, sessions, sign_in_failures, sign_in_places
from rookery.storage import tasks as task_records

SESSION_LIFE_MS: Final = 30 * 86_400_000
FAILURES_PER_USER_MAX: Final = 10
FAILURES_PER_ADDRESS_MAX: Final = 30
FAILURE_WINDOW_MS: Final = 900_000


class Visitor(NamedTuple):
    """Where somebody signs in from."""

    address: str
    agent: str = ""
    """What the browser says it is."""

    @property
    def failures_key(self) -> str:
        """The key under which failures from there are counted."""
        return f"address:{network_of(self.address)}"


class SignedIn(NamedTuple):
    """Who has signed in, and what the browser's cookie carries."""

    user: User
    session: str


async def begin_session(services: Services, tx: Write, user: User, visitor: Visitor) -> SignedIn:
    """Begin a session of a user who has proved everything that is asked for."""
    if (refused := refusal(user)) is not None:
        raise refused
    session, now_ms = new_secret(), services.now_ms()
    await sessions.insert(
        tx,
        hash_of(session),
        user.id,
        browser=browser_name(visitor.agent),
        now_ms=now_ms,
        expires_ms=now_ms + SESSION_LIFE_MS,
    )
    await people.note_login(tx, user.id, now_ms=now_ms)
    await _note_place(services, tx, user, visitor)
    return SignedIn(user, session)


async def end_access(services: Services, tx: Write, ended: Sequence[Row]) -> None:
    """Let the connections of tokens that were removed be closed: rows of user id (or None) and token id."""
    for user_id, token_id in ended:
        if user_id is not None:
            await services.live.announce(tx, AccessEnded(user_id, token_id))


async def _note_place(services: Services, tx: Write, user: User, visitor: Visitor) -> None:
    """Remember from where somebody signs in, and write to them when they have not signed in from there before."""
    browser, network = browser_name(visitor.agent), network_of(visitor.address)
    place = services.vault.lookups(f"{user.id} {network} {browser}", context="sign_in_places.place")
    known = await sign_in_places.known(tx, user.id)
    await sign_in_places.note(tx, user.id, place[services.vault.key_id], now_ms=services.now_ms())
    if services.mailer.is_on and known and known.isdisjoint(place.values()):
        detail = f"{browser}, from {network}"
        await task_records.enqueue(services, tx, tasks.SendEmail(LetterKind.NEW_SIGN_IN, user.id, detail))


def refusal(user: User) -> Forbidden | None:
    """Return why a user may not sign in (yet), or None."""
    if user.state is UserState.UNCONFIRMED:
        return Forbidden("Your e-mail address waits for its confirmation")
    if user.state is UserState.PENDING:
        return Forbidden("An administrator has to let you in first")
    return None if user.active else Forbidden("An administrator has shut you out")


async def count_attempt(services: Services, allowed: Mapping[str, int]) -> None:
    """Count a failure, by keys with how many of each are allowed, before what was given is looked at.

    So many guesses at once are no way around the limit; whoever is right takes the failure back. Raises TooMany.
    """
    now_ms = services.now_ms()
    end_ms = now_ms + FAILURE_WINDOW_MS

    async def work(tx: Write) -> int | None:
        blocked_until_ms: list[int] = []
        for key, failures_max in allowed.items():
            failures, window_end_ms = await sign_in_failures.count(
                tx, key, now_ms=now_ms, window_end_ms=end_ms
            )
            if failures > failures_max:
                blocked_until_ms.append(window_end_ms)
        return max(blocked_until_ms, default=None)

    until_ms = await services.db.write(work)
    if until_ms is not None:
        minutes = -(-(until_ms - now_ms) // 60_000)
        raise TooMany(f"Too many failed attempts; try again in {minutes} minutes", retry_at_ms=until_ms)
