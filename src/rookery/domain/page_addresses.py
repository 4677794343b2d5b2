"""Where the pages lie that letters and answers lead to."""

from typing import Final

CONFIRMATION_PATH: Final = "/auth/confirm"
FORGOTTEN_PATH: Final = "/auth/forgotten"
RESET_PATH: Final = "/auth/reset"
SETTINGS_PATH: Final = "/settings"


def confirmation_page(base_url: str, code: str) -> str:
    """Return the link that proves an e-mail address."""
    return f"{base_url}{CONFIRMATION_PATH}?token={code}"


def reset_page(base_url: str, code: str) -> str:
    """Return the link that lets somebody choose a new password."""
    return f"{base_url}{RESET_PATH}?token={code}"
