"""Addresses of this instance's pages: made here, and read again when somebody searches for one."""

import re
from typing import Final

from rookery.domain.ids import ID_MAX, TweetId
from rookery.domain.instance import PageLinks

CONFIRMATION_PATH: Final = "/auth/confirm"
EMAIL_PATH: Final = "/auth/email"
FORGOTTEN_PATH: Final = "/auth/forgotten"
RESET_PATH: Final = "/auth/reset"
SETTINGS_PATH: Final = "/settings/account"
EXPORT_PATH: Final = "/settings/export"
"""Below it lie the files that a user takes along."""
ARCHIVE_FILE: Final = "archive.zip"
SIGNED_IN_PATH: Final = "/signed-in"
"""Where the web client gets the code that it exchanges for a token."""

_STATUS_PAGE: Final = re.compile(r"/@[^/?#]+/(?P<id>[0-9]{1,19})/?")


def page_links(base_url: str) -> PageLinks:
    """Return where letters lead."""
    return PageLinks(
        confirmation=f"{base_url}{CONFIRMATION_PATH}?token=",
        reset=f"{base_url}{RESET_PATH}?token=",
        email=f"{base_url}{EMAIL_PATH}?token=",
        forgotten=base_url + FORGOTTEN_PATH,
        settings=base_url + SETTINGS_PATH,
        signed_in=base_url + SIGNED_IN_PATH,
    )


def status_on_page(base_url: str, address: str) -> TweetId | None:
    """Return which status's page has this address, or None when it is none of ours."""
    if not address.startswith(base_url):
        return None
    match = _STATUS_PAGE.fullmatch(address.removeprefix(base_url))
    if match is None or int(match["id"]) > ID_MAX:
        return None
    return TweetId(int(match["id"]))
