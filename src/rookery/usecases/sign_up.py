"""Signing up: a new user's name, address, password and age are checked and entered."""

from rookery.domain import passwords
from rookery.domain import sign_up as rules
from rookery.domain.ids import UserId
from rookery.domain.tweets import Visibility
from rookery.domain.users import User, UserState
from rookery.errors import Conflict, InvalidFields
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import users


async def create_user(
    services: Services,
    *,
    username: str,
    email: str,
    password: str | None,
    born_on: str = "",
    reason: str = "",
    role: str = "user",
    state: UserState = UserState.ACTIVE,
) -> User:
    """Enter a user, whoever asks. An empty e-mail address and no password are fine: then nobody can sign in.

    Raises Invalid or Conflict naming the field.
    """
    email = email.strip()
    problems = rules.username_problems(username, services.limits)
    problems += rules.email_problems(email) if email else []
    if password is not None:
        problems += passwords.password_problems(
            password, username=username, email=email, limits=services.limits
        )
    if problems:
        raise InvalidFields(problems)
    password_hash = await services.passwords.hash(password) if password is not None else None
    now_ms = services.now_ms()
    user = User(
        id=UserId(services.new_id()),
        username=username,
        display_name="",
        bio="",
        fields=(),
        locked=False,
        bot=False,
        discoverable=True,
        indexable=True,
        hides_follows=False,
        default_visibility=Visibility.PUBLIC,
        default_sensitive=False,
        default_language=None,
        state=state,
        role=role,
        created_ms=now_ms,
        changed_ms=now_ms,
    )

    async def work(tx: Write) -> User:
        if not await users.insert(tx, user):
            raise Conflict("Username has already been taken", field="username")
        if not await users.insert_person(
            tx,
            user.id,
            email=email,
            email_key=rules.email_key(email),
            password_hash=password_hash,
            born_on=born_on,
            sign_up_reason=reason,
            confirmed_ms=None if state is UserState.UNCONFIRMED else now_ms,
        ):
            raise Conflict("E-mail has already been taken", field="email")
        return user

    return await services.db.write(work)
