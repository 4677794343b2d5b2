"""A browser for tests: it fills in the forms that pages show, and nothing that they do not."""

from html.parser import HTMLParser
from typing import Any

import httpx


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given["action"], {}))
        elif tag in {"input", "textarea"} and self.forms and "name" in given:
            self.forms[-1][1][given["name"]] = given.get("value", "")


def fields(html: str, action: str) -> dict[str, str]:
    """Return the fields of the form that is sent to this address, as the page fills them in."""
    parser = _Forms()
    parser.feed(html)
    for target, given in parser.forms:
        if target == action:
            return given
    raise AssertionError(f"the page has no form for {action}: {html}")


async def submit(
    client: httpx.AsyncClient, page: httpx.Response, action: str, **filled: Any
) -> httpx.Response:
    """Fill in a page's form and send it."""
    return await client.post(action, data={**fields(page.text, action), **filled})


async def sign_in(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    """Sign in by the form."""
    page = await client.get("/auth/sign_in")
    response = await submit(client, page, "/auth/sign_in", login=login, password=password)
    assert response.status_code == 303, response.text
    return response
