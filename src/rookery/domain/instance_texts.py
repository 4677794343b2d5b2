"""Longer texts about the instance: what it is, how it treats personal data, on which terms it is used."""

from enum import StrEnum
from html import escape
from typing import Final

import msgspec
import regex

from rookery.domain import text as text_rules

TEXT_CHARS_MAX: Final = 200_000
NO_PRIVACY_POLICY: Final = "Whoever runs this instance has not written down how they treat personal data."
NO_TERMS: Final = "Whoever runs this instance has not written down any terms."
TERMS_MAX: Final = 100
"""Versions of the terms that are kept."""

_HEADING: Final = regex.compile(r"(#{1,4})[ \t]+(\S[^\n]*)")
_BLANK_LINES: Final = regex.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class TextKind(StrEnum):
    """Which text."""

    ABOUT = "about"
    PRIVACY = "privacy"
    TERMS = "terms"


class InstanceText(msgspec.Struct, frozen=True):
    """A text as it was written."""

    text: str
    effective_on: str
    """From which day on it holds, as 2026-12-31; of terms only."""
    changed_ms: int


def to_html(text: str, base_url: str) -> str:
    """Return safe HTML: paragraphs with links, and headings from lines that begin with `#`."""
    blocks: list[str] = []
    for block in _BLANK_LINES.split(text.replace("\r\n", "\n").strip()):
        heading = _HEADING.fullmatch(block.strip())
        if heading is not None:
            level = len(heading[1]) + 1
            blocks.append(f"<h{level}>{escape(heading[2].strip())}</h{level}>")
        elif block.strip():
            blocks.append(text_rules.bio_to_html(block.strip(), base_url))
    return "".join(blocks)
