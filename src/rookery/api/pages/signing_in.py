"""Pages on which one signs in, by password, second factor or passkey, and out."""

import re
from typing import Final
from urllib.parse import urlencode

import msgspec

from rookery.api.addresses import EXPORT_PATH, SETTINGS_PATH
from rookery.api.errors import status_of
from rookery.api.pages.visits import Answer, Form, Page, Redirect, Visit, asked
from rookery.entrance import SignedIn
from rookery.errors import Forbidden, Invalid, NotFound, RookeryError, TooMany
from rookery.usecases import passkeys, sign_in, two_factor
from rookery.usecases.sign_in import SecondStep

NEXT_CHARS_MAX: Final = 8_000
SECOND_STEP: Final = "/auth/second_step"
_OWN_PATH: Final = re.compile(
    rf"{SETTINGS_PATH}|{EXPORT_PATH}/[a-z]+\.(?:csv|zip)|/(?:welcome|settings/two_factor|settings/passkeys|oauth/authorize\?[!-\[\]-~]*)"
)
_REFUSALS: Final = (Invalid, Forbidden, TooMany)


class SignInPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes after signing in."""

    next: str = ""


class SignInForm(Form, frozen=True, kw_only=True):
    """Who one says one is."""

    login: str = ""
    password: str = ""
    next: str = ""


class PasskeyForm(Form, frozen=True, kw_only=True):
    """What a device has answered."""

    answer: str = ""
    next: str = ""


class CodeForm(Form, frozen=True, kw_only=True):
    """A code of the second factor."""

    code: str = ""
    next: str = ""


def own_path(wanted: str) -> str:
    """Return a place of ours to go on to: the one wanted, if it is one that signing in is asked for, else the start."""
    return wanted if len(wanted) <= NEXT_CHARS_MAX and _OWN_PATH.fullmatch(wanted) else "/"


async def sign_in_page(visit: Visit, params: SignInPage) -> Answer:
    """Show the form, also to somebody signed in who wants to be somebody else."""
    if visit.user is not None and not params.next:
        return Redirect("/")
    return _form(visit, login="", wanted=params.next)


async def sign_in_submitted(visit: Visit, form: SignInForm) -> Answer:
    """Begin a session, ask for the second factor, or show the form with what is wrong."""
    try:
        entered = await sign_in.sign_in(
            visit.services, login=form.login, password=form.password, visitor=visit.visitor
        )
    except _REFUSALS as error:
        return _form(visit, login=form.login, wanted=form.next, problem=error)
    return await went_in(visit, entered, wanted=form.next)


async def went_in(visit: Visit, entered: SignedIn | SecondStep, *, wanted: str) -> Answer:
    """Go on to where the browser wanted to, or to the second factor."""
    path = own_path(wanted)
    if isinstance(entered, SecondStep):
        query = f"?{urlencode({'next': path})}" if path != "/" else ""
        return Redirect(SECOND_STEP + query, cookies=(visit.ticket_cookie(entered.ticket),))
    if visit.session:
        await sign_in.sign_out(visit.services, visit.session)
    return Redirect(path, cookies=(visit.session_cookie(entered.session), *visit.spent_ticket()))


async def passkey_asked(visit: Visit, form: Form) -> Answer:  # noqa: ARG001  every page is called alike
    """Tell the browser what to ask a device that signs in by itself."""
    return await asked(passkeys.ask_for_sign_in(visit.services))


async def passkey_submitted(visit: Visit, form: PasskeyForm) -> Answer:
    """Begin a session by a passkey alone, or show the form with what is wrong."""
    try:
        entered = await passkeys.sign_in(visit.services, answer=form.answer, visitor=visit.visitor)
    except _REFUSALS as error:
        return _form(visit, login="", wanted=form.next, problem=error)
    return await went_in(visit, entered, wanted=form.next)


async def second_step_page(visit: Visit, params: SignInPage) -> Answer:
    """Ask for a code, or a passkey."""
    return await _second_step(visit, wanted=params.next)


async def second_step_submitted(visit: Visit, form: CodeForm) -> Answer:
    """Begin a session when the code is right, or ask again."""
    try:
        entered = await two_factor.finish_sign_in(
            visit.services, ticket=visit.ticket, code=form.code, visitor=visit.visitor
        )
    except NotFound as error:
        return _form(visit, login="", wanted=form.next, problem=error)
    except _REFUSALS as error:
        return await _second_step(visit, wanted=form.next, problem=error)
    return await went_in(visit, entered, wanted=form.next)


async def second_passkey_asked(visit: Visit, form: Form) -> Answer:  # noqa: ARG001  every page is called alike
    """Tell the browser what to ask the user's devices after the right password."""
    return await asked(passkeys.ask_for_second_step(visit.services, visit.ticket))


async def second_passkey_submitted(visit: Visit, form: PasskeyForm) -> Answer:
    """Begin a session when a passkey follows the right password, or ask again."""
    try:
        entered = await passkeys.finish_sign_in(
            visit.services, ticket=visit.ticket, answer=form.answer, visitor=visit.visitor
        )
    except NotFound as error:
        return _form(visit, login="", wanted=form.next, problem=error)
    except _REFUSALS as error:
        return await _second_step(visit, wanted=form.next, problem=error)
    return await went_in(visit, entered, wanted=form.next)


async def sign_out_submitted(visit: Visit, form: Form) -> Answer:  # noqa: ARG001  every page is called alike
    """End the session."""
    if visit.session:
        await sign_in.sign_out(visit.services, visit.session)
    return Redirect("/", cookies=(visit.session_cookie(""),))


async def _second_step(visit: Visit, *, wanted: str, problem: RookeryError | None = None) -> Answer:
    owed = await two_factor.owed(visit.services, visit.ticket)
    path = own_path(wanted)
    if owed is None:
        query = f"?{urlencode({'next': path})}" if path != "/" else ""
        return Redirect(f"/auth/sign_in{query}")
    return Page(
        "second_step.html",
        {
            "next": "" if path == "/" else path,
            "problem": problem.message if problem is not None else "",
            "has_passkeys": owed.has_passkeys and not passkeys.obstacle(visit.services),
        },
        status=status_of(problem) if problem is not None else 200,
        runs_passkeys=True,
    )


def _form(visit: Visit, *, login: str, wanted: str, problem: RookeryError | None = None) -> Page:
    path = own_path(wanted)
    return Page(
        "sign_in.html",
        {
            "login": login,
            "next": "" if path == "/" else path,
            "problem": problem.message if problem is not None else "",
            "passkeys_work": not passkeys.obstacle(visit.services),
        },
        status=status_of(problem) if problem is not None else 200,
        runs_passkeys=True,
    )
