"""What a text holds: how long it is, whom it addresses, its hashtags and links, and the safe HTML it becomes.

Links, mentions and hashtags are found in one pass by one pattern whose every part gives back nothing it has taken
(possessive quantifiers), so that no text, however hostile, takes more than linear time.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final
from urllib.parse import quote

import regex

from rookery.domain.limits import HASHTAG_CHARS_MAX, LINK_CHARS
from rookery.domain.tweets import Mention

LINK_SHOWN_CHARS: Final = 30
"""Characters of a link that are shown, behind the scheme; the rest is there for those who copy it."""

_TOKEN: Final = regex.compile(
    r"""
    (?<![A-Za-z0-9@#$_/])
    (?P<link>(?i:https?)://
        (?:[\w-]++(?:\.[\w-]++)++|localhost)(?::\d{1,5}+)?+
        (?:[/?#](?:[^\s()<>"\p{C}]++|\((?:[^\s()<>"\p{C}]++|\([^\s()<>"\p{C}]*+\))*+\))*+)?+)
    |
    (?<![=/\w])@(?P<name>[A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+)
        (?:@(?P<host>\w++(?:[.-]++\w++)*+(?::\d{1,5}+)?+))?+
    |
    (?<![=/)\p{L}\p{N}])[#\uff03](?P<hashtag>[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_\u00b7\u30fb\u200c]*+)
    """,
    regex.VERBOSE,
)
_MAY_HOLD_TOKEN: Final = regex.compile(r"[@#\uff03]|://")
_LETTER: Final = regex.compile(r"\p{L}")
_CLUSTER: Final = regex.compile(r"\X")
_PARAGRAPH: Final = regex.compile(r"\n{2,}")
_LINK_START: Final = regex.compile(r"https?://(?:www\.)?", regex.IGNORECASE)
_HOST: Final = regex.compile(
    r"(?i:https?)://(?P<host>(?:[\p{L}\p{N}_][\w-]*\.)*(?P<last>[\p{L}\p{N}_][\w-]*))(?![\w.-])"
)
_IPV4: Final = regex.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}", regex.ASCII)
_LINK_NEVER_ENDS: Final = "?!*'\u2018\u2019\u201c\u201d\u300c\u300d\u2026;:,.~|@$%[]{}"
"""Punctuation behind a link that belongs to the sentence around it."""
_HASHTAG_NEVER_ENDS: Final = "\u00b7\u30fb\u200c"


class _Token:
    """A link, a mention or a hashtag, and where it stands."""

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, kind: str, value: str, *, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.start = start
        self.end = end


def _tokens(text: str) -> Iterator[_Token]:
    if _MAY_HOLD_TOKEN.search(text) is None:
        return
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        start = match.start()
        if kind == "link":
            link = match[0].rstrip(_LINK_NEVER_ENDS)
            if _names_a_host(link):
                yield _Token(kind, link, start=start, end=start + len(link))
        elif kind == "hashtag":
            name = match[kind].rstrip(_HASHTAG_NEVER_ENDS)
            if len(name) <= HASHTAG_CHARS_MAX and _LETTER.search(name):
                yield _Token(kind, name, start=start, end=start + 1 + len(name))
        else:
            yield _Token(kind, match["name"], start=start, end=match.end())


def _names_a_host(link: str) -> bool:
    """Tell whether browsers will find a host in the link: a name that IDNA knows, or four numbers up to 255."""
    match = _HOST.match(link)
    if match is None:
        return False
    host = match["host"]
    if match["last"].isdecimal():
        return _IPV4.fullmatch(host) is not None
    if host.isascii():
        return True
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False


def _host(text: str, token: _Token) -> str:
    return text[token.start + len(token.value) + 2 : token.end]


def length(text: str) -> int:
    """Count characters as people see them; every link counts 23, a mention of somebody elsewhere without the host."""
    count = 0
    place = 0
    for token in _tokens(text):
        if token.kind == "link":
            count += _clusters(text[place : token.start]) + LINK_CHARS
        elif token.kind == "host":
            count += _clusters(text[place : token.start]) + 1 + len(token.value)
        else:
            continue
        place = token.end
    return count + _clusters(text[place:] if place else text)


def _clusters(text: str) -> int:
    if text.isascii():
        return len(text) - text.count("\r\n")
    return sum(1 for _ in _CLUSTER.finditer(text))


def mentioned(text: str, domain: str) -> tuple[str, ...]:
    """Return the names of this instance's users who are addressed, as written, each once."""
    home = domain.casefold()
    names: dict[str, str] = {}
    for token in _tokens(text):
        if token.kind == "name" or (token.kind == "host" and _host(text, token).casefold() == home):
            names.setdefault(token.value.casefold(), token.value)
    return tuple(names.values())


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags, as written and without the sign, each once whatever its letters' case."""
    names: dict[str, str] = {}
    for token in _tokens(text):
        if token.kind == "hashtag":
            names.setdefault(hashtag_key(token.value), token.value)
    return tuple(names.values())


def links(text: str) -> tuple[str, ...]:
    """Return the links, as written."""
    return tuple(token.value for token in _tokens(text) if token.kind == "link")


def hashtag_key(name: str) -> str:
    """Return the form under which a hashtag is kept and found."""
    return name.casefold()


def is_hashtag(name: str) -> bool:
    """Tell whether `#` and this name would be a hashtag, and nothing but one."""
    return hashtags(f"#{name}") == (name,)


def hashtag_url(name: str, base_url: str) -> str:
    """Return the address of a hashtag's page."""
    return f"{base_url}/tags/{quote(hashtag_key(name), safe='')}"


def to_html(text: str, mentions: Sequence[Mention], base_url: str) -> str:
    """Return safe HTML for a tweet's text: paragraphs, links, those of the mentions that are given, hashtags."""
    parts: list[str] = []
    place = 0
    known = {mention.username.casefold(): mention for mention in mentions}
    for token in _tokens(text):
        if token.kind == "link":
            html = _link(token.value)
        elif token.kind == "hashtag":
            html = _hashtag(token.value, base_url)
        elif (mention := known.get(token.value.casefold())) and _is_here(text, token, base_url):
            html = _mention(mention, base_url)
        else:
            continue
        parts += (_plain(text[place : token.start]), html)
        place = token.end
    parts.append(_plain(text[place:] if place else text))
    inner = "".join(parts).strip("\n")
    if not inner:
        return ""
    if "\n" not in inner:
        return f"<p>{inner}</p>"
    return f"<p>{_PARAGRAPH.sub('</p><p>', inner)}</p>".replace("\n", "<br />")


def bio_to_html(text: str, base_url: str) -> str:
    """Return safe HTML for a profile's text."""
    return to_html(text, (), base_url)


def _is_here(text: str, token: _Token, base_url: str) -> bool:
    return token.kind == "name" or _host(text, token).casefold() == base_url.split("://", 1)[-1].casefold()


def _plain(text: str) -> str:
    return escape(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), quote=False)


def _link(link: str) -> str:
    start = _LINK_START.match(link)
    scheme = start[0] if start else ""
    shown = link[len(scheme) : len(scheme) + LINK_SHOWN_CHARS]
    rest = link[len(scheme) + LINK_SHOWN_CHARS :]
    return (
        f'<a href="{escape(link)}" target="_blank" rel="nofollow noopener noreferrer" translate="no">'
        f'<span class="invisible">{_plain(scheme)}</span>'
        f'<span class="{"ellipsis" if rest else ""}">{_plain(shown)}</span>'
        f'<span class="invisible">{_plain(rest)}</span></a>'
    )


def _mention(mention: Mention, base_url: str) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="{escape(base_url)}/@{mention.username}" class="u-url mention">'
        f"@<span>{mention.username}</span></a></span>"
    )


def _hashtag(name: str, base_url: str) -> str:
    url = escape(hashtag_url(name, base_url))
    return f'<a href="{url}" class="mention hashtag" rel="tag">#<span>{_plain(name)}</span></a>'
