"""Pages for those who have forgotten their password."""

import msgspec

from rookery.api.errors import status_of
from rookery.api.pages.visits import Answer, Form, Page, Visit
from rookery.errors import InvalidFields, NotFound, TooMany
from rookery.usecases import sign_in


class ForgottenForm(Form, frozen=True, kw_only=True):
    """Whose password it is."""

    email: str = ""


class ResetPage(msgspec.Struct, frozen=True, kw_only=True):
    """The code of a link that lets its holder choose a password."""

    token: str = ""


class ResetForm(Form, frozen=True, kw_only=True):
    """A new password, and the code that allows it."""

    token: str = ""
    password: str = ""


async def forgotten_page(visit: Visit) -> Answer:
    """Ask for the address to write to, or say who helps where no e-mail is sent."""
    return Page("forgotten.html", {"mails": visit.services.mailer.is_on, "problem": ""})


async def forgotten_submitted(visit: Visit, form: ForgottenForm) -> Answer:
    """Write to the address if it is somebody's, and say the same in any case."""
    try:
        await sign_in.ask_for_reset(visit.services, email=form.email, visitor=visit.visitor)
    except TooMany as error:
        shown = {"mails": visit.services.mailer.is_on, "problem": error.message}
        return Page("forgotten.html", shown, status=status_of(error))
    sentence = "If an account here has that address, a letter with a link is on its way. It works once, within an hour."
    return Page("message.html", {"title": "Look into your mail", "text": sentence})


async def reset_page(visit: Visit, params: ResetPage) -> Answer:  # noqa: ARG001  every page is called alike
    """Ask for the new password."""
    return Page("reset.html", {"token": params.token, "problem": ""})


async def reset_submitted(visit: Visit, form: ResetForm) -> Answer:
    """Take the new password, or say what is wrong with it."""
    try:
        await sign_in.reset_password(visit.services, code=form.token, password=form.password)
    except InvalidFields as error:
        shown = {"token": form.token, "problem": "The password " + error.problems[0][2]}
        return Page("reset.html", shown, status=status_of(error))
    except NotFound as error:
        title = "This link does not work"
        return Page("message.html", {"title": title, "text": error.message}, status=404)
    sentence = "Every browser and app was signed out. You can sign in with the new password now."
    return Page("message.html", {"title": "Your password is changed", "text": sentence})
