"""Pages on which one signs in and out."""

import re
from typing import Final

import msgspec

from rookery.api.errors import status_of
from rookery.api.pages.visits import Answer, Form, Page, Redirect, Visit
from rookery.errors import Forbidden, Invalid, TooMany
from rookery.usecases import sign_in

NEXT_CHARS_MAX: Final = 8_000
_OWN_PATH: Final = re.compile(r"/(?:settings|oauth/authorize\?[!-\[\]-~]*)")


class SignInPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes after signing in."""

    next: str = ""


class SignInForm(Form, frozen=True, kw_only=True):
    """Who one says one is."""

    login: str = ""
    password: str = ""
    next: str = ""


def own_path(wanted: str) -> str:
    """Return a place of ours to go on to: the one wanted, if it is one that signing in is asked for, else the start."""
    return wanted if len(wanted) <= NEXT_CHARS_MAX and _OWN_PATH.fullmatch(wanted) else "/"


async def sign_in_page(visit: Visit, params: SignInPage) -> Answer:
    """Show the form, also to somebody signed in who wants to be somebody else."""
    if visit.user is not None and not params.next:
        return Redirect("/")
    return _form(login="", wanted=params.next)


async def sign_in_submitted(visit: Visit, form: SignInForm) -> Answer:
    """Begin a session, or show the form with what is wrong."""
    try:
        signed_in = await sign_in.sign_in(
            visit.services, login=form.login, password=form.password, address=visit.network
        )
    except (Invalid, Forbidden, TooMany) as error:
        return _form(login=form.login, wanted=form.next, problem=error.message, status=status_of(error))
    if visit.session:
        await sign_in.sign_out(visit.services, visit.session)
    return Redirect(own_path(form.next), cookies=(visit.session_cookie(signed_in.session),))


async def sign_out_submitted(visit: Visit, form: Form) -> Answer:  # noqa: ARG001  every page is called alike
    """End the session."""
    if visit.session:
        await sign_in.sign_out(visit.services, visit.session)
    return Redirect("/", cookies=(visit.session_cookie(""),))


def _form(*, login: str, wanted: str, problem: str = "", status: int = 200) -> Page:
    path = own_path(wanted)
    return Page(
        "sign_in.html",
        {"login": login, "next": "" if path == "/" else path, "problem": problem},
        status=status,
    )
