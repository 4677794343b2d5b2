"""The page on which a user changes the password, sees which apps and browsers act for them, and may leave."""

from typing import Literal

from rookery.api.addresses import SETTINGS_PATH
from rookery.api.errors import status_of
from rookery.api.pages.visits import Answer, Form, Page, Redirect, Visit
from rookery.domain.archives import ExportKind
from rookery.domain.ids import AppId
from rookery.domain.preferences import ReadingPreferences
from rookery.errors import Invalid, RookeryError, TooMany
from rookery.usecases import archives, authorizations, deletion, preferences, sign_in, two_factor


class PasswordForm(Form, frozen=True, kw_only=True):
    """The old password and the new one."""

    current_password: str = ""
    new_password: str = ""


class ReadingForm(Form, frozen=True, kw_only=True):
    """How the user likes to read."""

    media: Literal["default", "show_all", "hide_all"] = "default"
    spoilers: bool = False
    autoplay: bool = False


class DeletionForm(Form, frozen=True, kw_only=True):
    """The password, to be sure."""

    password: str = ""


class RevocationForm(Form, frozen=True, kw_only=True):
    """The app that may no longer act for the user."""

    app_id: int = 0


class SessionForm(Form, frozen=True, kw_only=True):
    """The browser that is to be signed out."""

    session: str = ""


_SIGN_IN_FIRST = Redirect(f"/auth/sign_in?next={SETTINGS_PATH}")


async def settings_page(visit: Visit) -> Answer:
    """Show the settings."""
    return await _page(visit)


async def password_submitted(visit: Visit, form: PasswordForm) -> Answer:
    """Change the password; other browsers are signed out."""
    if visit.user is None:
        return _SIGN_IN_FIRST
    try:
        await sign_in.change_password(
            visit.services,
            visit.user.id,
            current=form.current_password,
            wanted=form.new_password,
            session=visit.session,
        )
    except (Invalid, TooMany) as error:
        return await _page(visit, problem=("password", error))
    return await _page(visit, note="Your password is changed, and other browsers are signed out.")


async def reading_submitted(visit: Visit, form: ReadingForm) -> Answer:
    """Keep how the user likes to read."""
    if visit.user is None:
        return _SIGN_IN_FIRST
    chosen = ReadingPreferences(form.media, form.spoilers, form.autoplay)
    await preferences.set_preferences(visit.services, visit.user.id, chosen)
    return await _page(visit, note="Apps that ask for it are told how you like to read.")


async def revocation_submitted(visit: Visit, form: RevocationForm) -> Answer:
    """End what an app was allowed."""
    if visit.user is None:
        return _SIGN_IN_FIRST
    await authorizations.revoke_app(visit.services, visit.user.id, AppId(form.app_id))
    return Redirect(SETTINGS_PATH)


async def session_end_submitted(visit: Visit, form: SessionForm) -> Answer:
    """Sign another browser out."""
    if visit.user is None:
        return _SIGN_IN_FIRST
    await sign_in.end_session(visit.services, visit.user.id, form.session)
    return Redirect(SETTINGS_PATH)


async def deletion_submitted(visit: Visit, form: DeletionForm) -> Answer:
    """Delete the account for good."""
    if visit.user is None:
        return _SIGN_IN_FIRST
    try:
        await sign_in.require_password(visit.services, visit.user.id, form.password)
        await deletion.delete_user(visit.services, visit.user.id)
    except (Invalid, TooMany) as error:
        return await _page(visit, problem=("deletion", error))
    visit.user, visit.session = None, ""
    return Page(
        "message.html",
        {"title": "Good-bye", "text": "Your account is deleted, and everything in it is being removed."},
        cookies=(visit.session_cookie(""),),
    )


async def _page(visit: Visit, *, problem: tuple[str, RookeryError] | None = None, note: str = "") -> Answer:
    if visit.user is None:
        return _SIGN_IN_FIRST
    archive = await archives.get_archive(visit.services, visit.user.id)
    problems = {problem[0]: problem[1].message} if problem is not None else {}
    return Page(
        "settings.html",
        {
            "apps": await authorizations.authorized_apps(visit.services, visit.user.id),
            "sessions": await sign_in.open_sessions(visit.services, visit.user.id, session=visit.session),
            "protection": await two_factor.protection(visit.services, visit.user.id),
            "email": await sign_in.email_of(visit.services, visit.user.id),
            "reading": await preferences.get_preferences(visit.services, visit.user.id),
            "exports": [kind.value for kind in ExportKind],
            "archive": archive,
            "may_ask": archive is None or archive.may_ask_anew(visit.services.now_ms()),
            "limits": visit.services.limits,
            "problems": problems,
            "note": note,
        },
        status=status_of(problem[1]) if problem is not None else 200,
    )
