"""Pages on which a user protects the account by more than a password: two-factor sign-in and passkeys."""

from markupsafe import Markup

from rookery.api.errors import status_of
from rookery.api.pages.visits import Answer, Form, Page, Redirect, Visit, asked
from rookery.domain.users import User
from rookery.errors import Conflict, Invalid, NotFound, RookeryError, TooMany
from rookery.usecases import passkeys, sign_in, two_factor
from rookery.usecases.two_factor import Enrollment

_TWO_FACTOR = "/settings/two_factor"
_PASSKEYS = "/settings/passkeys"
_REFUSALS = (Invalid, TooMany, Conflict)


class PasswordForm(Form, frozen=True, kw_only=True):
    """The password, to be sure."""

    password: str = ""


class CodeForm(Form, frozen=True, kw_only=True):
    """A code that the device shows."""

    code: str = ""


class TurnOffForm(Form, frozen=True, kw_only=True):
    """The password and a code, to be sure."""

    password: str = ""
    code: str = ""


class NewPasskeyForm(Form, frozen=True, kw_only=True):
    """What the device has made, and what the user calls it."""

    answer: str = ""
    name: str = ""


class RemovalForm(Form, frozen=True, kw_only=True):
    """The passkey that is to go."""

    passkey_id: int = 0


async def two_factor_page(visit: Visit) -> Answer:
    """Show how sign-in is protected."""
    return await _two_factor(visit)


async def begin_submitted(visit: Visit, form: PasswordForm) -> Answer:
    """Show a new secret to take over, once the password is right."""
    if visit.user is None:
        return _sign_in_first(_TWO_FACTOR)
    try:
        await sign_in.require_password(visit.services, visit.user.id, form.password)
        begun = await two_factor.begin(visit.services, visit.user)
    except _REFUSALS as error:
        return await _two_factor(visit, problem=("begin", error))
    return _enrollment(begun)


async def turn_on_submitted(visit: Visit, form: CodeForm) -> Answer:
    """Turn two-factor sign-in on, or show the secret again when the code was wrong."""
    if visit.user is None:
        return _sign_in_first(_TWO_FACTOR)
    try:
        codes = await two_factor.turn_on(visit.services, visit.user.id, code=form.code, session=visit.session)
    except NotFound:
        return Redirect(_TWO_FACTOR)
    except _REFUSALS as error:
        return await _enrollment_again(visit, visit.user, error)
    return Page("recovery_codes.html", {"codes": codes, "is_new": True})


async def recovery_submitted(visit: Visit, form: PasswordForm) -> Answer:
    """Show new recovery codes in place of the former."""
    if visit.user is None:
        return _sign_in_first(_TWO_FACTOR)
    try:
        await sign_in.require_password(visit.services, visit.user.id, form.password)
        codes = await two_factor.renew_recovery_codes(visit.services, visit.user.id)
    except NotFound:
        return Redirect(_TWO_FACTOR)
    except _REFUSALS as error:
        return await _two_factor(visit, problem=("recovery_codes", error))
    return Page("recovery_codes.html", {"codes": codes, "is_new": False})


async def turn_off_submitted(visit: Visit, form: TurnOffForm) -> Answer:
    """Turn two-factor sign-in off."""
    if visit.user is None:
        return _sign_in_first(_TWO_FACTOR)
    try:
        await sign_in.require_password(visit.services, visit.user.id, form.password)
        await two_factor.turn_off(visit.services, visit.user.id, code=form.code)
    except NotFound:
        return Redirect(_TWO_FACTOR)
    except _REFUSALS as error:
        return await _two_factor(visit, problem=("turn_off", error))
    return await _two_factor(visit, note="Two-factor sign-in is off: your password alone signs you in.")


async def passkeys_page(visit: Visit) -> Answer:
    """Show the user's passkeys."""
    return await _passkeys(visit)


async def passkey_asked(visit: Visit, form: PasswordForm) -> Answer:
    """Tell the browser what to ask a device for a new passkey, once the password is right."""
    if visit.user is None:
        return _sign_in_first(_PASSKEYS)
    return await asked(_asked_after_password(visit, visit.user, form.password))


async def _asked_after_password(visit: Visit, user: User, password: str) -> str:
    await sign_in.require_password(visit.services, user.id, password)
    return await passkeys.ask_for_registration(visit.services, user)


async def passkey_submitted(visit: Visit, form: NewPasskeyForm) -> Answer:
    """Enter the passkey that a device has made. What it was asked tells that the password was right."""
    if visit.user is None:
        return _sign_in_first(_PASSKEYS)
    try:
        await passkeys.register(visit.services, visit.user.id, answer=form.answer, name=form.name)
    except _REFUSALS as error:
        return await _passkeys(visit, problem=error)
    return await _passkeys(visit, note="Your new passkey is ready: from now on it signs you in.")


async def removal_submitted(visit: Visit, form: RemovalForm) -> Answer:
    """Remove a passkey."""
    if visit.user is None:
        return _sign_in_first(_PASSKEYS)
    await passkeys.remove(visit.services, visit.user.id, form.passkey_id)
    return await _passkeys(visit, note="The passkey is removed here; remove it on its device as well.")


def _sign_in_first(path: str) -> Redirect:
    return Redirect(f"/auth/sign_in?next={path}")


async def _two_factor(
    visit: Visit, *, problem: tuple[str, RookeryError] | None = None, note: str = ""
) -> Answer:
    if visit.user is None:
        return _sign_in_first(_TWO_FACTOR)
    return Page(
        "two_factor.html",
        {
            "protection": await two_factor.protection(visit.services, visit.user.id),
            "problems": {problem[0]: problem[1].message} if problem is not None else {},
            "note": note,
        },
        status=status_of(problem[1]) if problem is not None else 200,
    )


async def _enrollment_again(visit: Visit, user: User, error: RookeryError) -> Answer:
    try:
        return _enrollment(await two_factor.enrollment(visit.services, user), error)
    except NotFound:
        return Redirect(_TWO_FACTOR)


def _enrollment(begun: Enrollment, problem: RookeryError | None = None) -> Page:
    import segno  # noqa: PLC0415  few need it, and it takes 50 ms to load

    drawn = segno.make(begun.uri, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff")
    secret = begun.secret
    return Page(
        "enrollment.html",
        {
            # The library draws nothing but squares.
            "square": Markup(drawn),  # noqa: S704
            "uri": begun.uri,
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "problem": problem.message if problem is not None else "",
        },
        status=status_of(problem) if problem is not None else 200,
    )


async def _passkeys(visit: Visit, *, problem: RookeryError | None = None, note: str = "") -> Answer:
    if visit.user is None:
        return _sign_in_first(_PASSKEYS)
    return Page(
        "passkeys.html",
        {
            "passkeys": await passkeys.list_passkeys(visit.services, visit.user.id),
            "obstacle": passkeys.obstacle(visit.services),
            "problem": problem.message if problem is not None else "",
            "note": note,
        },
        status=status_of(problem) if problem is not None else 200,
        runs_passkeys=True,
    )
