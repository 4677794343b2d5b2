"""Pages on which one signs up and confirms an e-mail address."""

from typing import Any, Final

import msgspec

from rookery.api.pages import signing_in
from rookery.api.pages.signing_in import own_path
from rookery.api.pages.visits import Answer, Form, Page, Redirect, Visit
from rookery.domain.instance import Registrations
from rookery.domain.users import User, UserState
from rookery.errors import Forbidden, InvalidFields, NotFound
from rookery.usecases import email_changes, instance_texts, rules, sign_in, sign_up

_NOTES: Final = {
    UserState.UNCONFIRMED: (
        "Almost there",
        "Your e-mail address has to be confirmed: open the link that you get from the administrator of this instance.",
    ),
    UserState.PENDING: (
        "Almost there",
        "An administrator looks at every new account here. You can sign in as soon as yours is let in.",
    ),
    UserState.ACTIVE: ("Welcome", "Your e-mail address is confirmed. You can sign in now."),
}


class SignUpPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes after signing up."""

    next: str = ""


class SignUpForm(Form, frozen=True, kw_only=True):
    """What somebody says of themselves to sign up."""

    username: str = ""
    email: str = ""
    password: str = ""
    date_of_birth: str = ""
    reason: str = ""
    next: str = ""


class ConfirmationPage(msgspec.Struct, frozen=True, kw_only=True):
    """The code of a confirmation link."""

    token: str = ""


async def sign_up_page(visit: Visit, params: SignUpPage) -> Answer:
    """Show the form."""
    if visit.user is not None:
        return Redirect(own_path(params.next))
    return await _form(visit, SignUpForm(next=params.next))


async def sign_up_submitted(visit: Visit, form: SignUpForm) -> Answer:
    """Enter the new user and go on as far as the instance's rules allow, or show the form with what is wrong."""
    try:
        user = await sign_up.sign_up(
            visit.services,
            username=form.username.strip().removeprefix("@"),
            email=form.email,
            password=form.password,
            born_on=form.date_of_birth,
            reason=form.reason,
        )
    except InvalidFields as error:
        problems: dict[str, str] = {}
        for field, _, sentence in error.problems:
            problems.setdefault(field, sentence)
        return await _form(visit, form, problems, status=422)
    except Forbidden:
        return await _form(visit, form, status=403)
    if user.state is not UserState.ACTIVE:
        return _note(visit, user)
    entered = await sign_in.sign_in(
        visit.services, login=user.username, password=form.password, visitor=visit.visitor
    )
    return await signing_in.went_in(visit, entered, wanted=form.next)


async def confirmation_page(visit: Visit, params: ConfirmationPage) -> Answer:
    """Take the link as proof of the e-mail address."""
    try:
        user = await sign_up.confirm_email(visit.services, params.token)
    except NotFound:
        return Page(
            "message.html",
            {
                "title": "This link does not work",
                "text": "It is unknown or too old. Ask the administrator for a new one.",
            },
            status=404,
        )
    return _note(visit, user)


async def email_page(visit: Visit, params: ConfirmationPage) -> Answer:
    """Take the link as proof of the address that is to replace the one before."""
    try:
        await email_changes.confirm_change(visit.services, params.token)
    except NotFound:
        text = "It is unknown, used, or too old. Ask for another in the settings."
        return Page("message.html", {"title": "This link does not work", "text": text}, status=404)
    except InvalidFields:
        text = "Somebody else has taken that address meanwhile."
        return Page("message.html", {"title": "That did not work", "text": text}, status=422)
    text = "From now on letters come to this address, and it signs you in."
    return Page("message.html", {"title": "Your address is changed", "text": text})


def _note(visit: Visit, user: User) -> Page:
    title, sentence = _NOTES.get(user.state, ("This account is closed", "It cannot be confirmed."))
    if user.state is UserState.UNCONFIRMED and visit.services.mailer.is_on:
        sentence = "Open the link in the letter that is on its way to you, to confirm your e-mail address."
    return Page("message.html", {"title": title, "text": sentence})


async def _form(
    visit: Visit, form: SignUpForm, problems: dict[str, str] | None = None, *, status: int = 200
) -> Page:
    instance = visit.services.instance
    path = own_path(form.next)
    shown: dict[str, Any] = {
        "form": form,
        "next": "" if path == "/" else path,
        "problems": problems or {},
        "limits": visit.services.limits,
        "closed": instance.registrations is Registrations.CLOSED,
        "needs_approval": instance.registrations is Registrations.APPROVAL,
        "rules": await rules.list_rules(visit.services),
        "has_terms": bool(await instance_texts.list_terms(visit.services)),
    }
    return Page("sign_up.html", shown, status=status)
