"""Pages on what the instance is, how it treats personal data and on which terms it is used."""

from markupsafe import Markup

from rookery.api.pages.visits import Answer, Page, Visit
from rookery.domain.instance_texts import NO_PRIVACY_POLICY, NO_TERMS, InstanceText, TextKind, to_html
from rookery.errors import NotFound
from rookery.usecases import instance_texts, rules


async def about_page(visit: Visit) -> Answer:
    """Show what the instance is, and its rules."""
    written = await instance_texts.get_text(visit.services, TextKind.ABOUT)
    nothing = visit.services.instance.description or "Whoever runs this instance has not described it."
    return _page(visit, "About", written, nothing, rules=await rules.list_rules(visit.services))


async def privacy_page(visit: Visit) -> Answer:
    """Show how the operator treats personal data."""
    written = await instance_texts.get_text(visit.services, TextKind.PRIVACY)
    return _page(visit, "Privacy", written, NO_PRIVACY_POLICY)


async def terms_page(visit: Visit) -> Answer:
    """Show on which terms the instance is used, and which will hold."""
    versions = await instance_texts.list_terms(visit.services)
    try:
        terms = (await instance_texts.get_terms(visit.services)).written
    except NotFound:
        terms = None
    coming = [each.written for each in reversed(versions) if not each.effective and each.written != terms]
    return _page(visit, "Terms", terms, NO_TERMS, coming=coming)


def _page(visit: Visit, title: str, written: InstanceText | None, nothing: str, **more: object) -> Page:
    base_url = visit.services.instance.base_url

    def html(text: str) -> Markup:
        return Markup(to_html(text, base_url))  # noqa: S704  to_html lets nothing through but its own marks

    shown: dict[str, object] = {
        "title": title,
        "written": written,
        "nothing": nothing,
        "html": html,
        "rules": [],
        "coming": [],
    }
    return Page("text.html", {**shown, **more})
