"""From what somebody wrote to a tweet that may be posted, or a sentence that says why not."""

import math
from typing import Final

import msgspec
import regex

from rookery.domain import text as text_rules
from rookery.domain.ids import AppId, TweetId
from rookery.domain.languages import language as language_code
from rookery.domain.limits import PLACE_NAME_CHARS_MAX, Limits
from rookery.domain.media import MediaId
from rookery.domain.polls import PollDraft
from rookery.domain.quotes import QuotePolicy
from rookery.domain.tweets import Place, Visibility
from rookery.domain.users import User
from rookery.errors import Invalid

CODE_POINTS_PER_CHAR_MAX: Final = 16
"""How long a text may be in code points for each character it may have: links and stacked accents count little."""

_VISIBLE: Final = regex.compile(r"[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]")
"""What can be seen; spaces, format controls, joiners, fillers and the empty Braille cell cannot."""


class Manuscript(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote and how it is to be posted; what is None comes from their preferences."""

    text: str
    spoiler: str = ""
    visibility: Visibility | None = None
    sensitive: bool | None = None
    language: str | None = None
    reply_to_id: TweetId | None = None
    place: Place | None = None
    poll: PollDraft | None = None
    media_ids: tuple[MediaId, ...] = ()
    quoted_id: TweetId | None = None
    quote_policy: QuotePolicy | None = None
    app_id: AppId | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A tweet that may be posted, and what its text holds."""

    text: str
    spoiler: str
    visibility: Visibility
    sensitive: bool
    language: str | None
    place: Place | None
    mentioned: tuple[str, ...]
    """Names of this instance's users, as written."""
    hashtags: tuple[str, ...]
    """As they are kept: `text.hashtag_key`."""


def compose(
    author: User,
    *,
    text: str,
    spoiler: str,
    visibility: Visibility | None,
    sensitive: bool | None,
    language: str | None,
    place: Place | None,
    limits: Limits,
    domain: str,
    shows_more: bool = False,
) -> Draft:
    """Check what the author wrote and fill in their preferences. Raises Invalid naming the field.

    Text may be missing only where the tweet `shows_more`: media, or what it quotes.
    """
    text, spoiler = _lines(text), _lines(spoiler).strip()
    if _is_blank(spoiler):
        spoiler = ""
    warned = bool(spoiler)
    if _is_blank(text):
        text, spoiler = spoiler, ""
    if not text and not shows_more:
        raise Invalid("Text can't be blank", field="text")
    _check_length(spoiler + text, limits.tweet_chars_max)
    return Draft(
        text=text,
        spoiler=spoiler,
        visibility=author.default_visibility if visibility is None else visibility,
        sensitive=warned or (author.default_sensitive if sensitive is None else sensitive),
        language=language_code(language) or author.default_language,
        place=_place(place),
        mentioned=text_rules.mentioned(text, domain),
        hashtags=tuple(text_rules.hashtag_key(name) for name in text_rules.hashtags(text)),
    )


def quote_policy(author: User, wanted: QuotePolicy | None, *, visibility: Visibility) -> QuotePolicy:
    """Return who may quote a new tweet: nobody, when not everybody may see it."""
    if visibility >= Visibility.FOLLOWERS:
        return QuotePolicy.NOBODY
    return author.default_quote_policy if wanted is None else wanted


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _is_blank(text: str) -> bool:
    return _VISIBLE.search(text) is None


def _check_length(text: str, chars_max: int) -> None:
    if len(text) > chars_max * CODE_POINTS_PER_CHAR_MAX or text_rules.length(text) > chars_max:
        raise Invalid(f"Text character limit of {chars_max} exceeded", field="text")


def _place(place: Place | None) -> Place | None:
    if place is None:
        return None
    latitude, longitude, name = place.latitude, place.longitude, (place.name or "").strip()
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise Invalid("Location needs both a latitude and a longitude", field=f"location.{missing}")
    _check_degrees("latitude", latitude, 90)
    _check_degrees("longitude", longitude, 180)
    if len(name) > PLACE_NAME_CHARS_MAX:
        raise Invalid(f"Location name may have {PLACE_NAME_CHARS_MAX} characters", field="location.name")
    return Place(latitude, longitude, name or None) if latitude is not None or name else None


def _check_degrees(name: str, degrees: float | None, most: int) -> None:
    if degrees is not None and not (math.isfinite(degrees) and -most <= degrees <= most):
        raise Invalid(f"Location {name} must lie between -{most} and {most}", field=f"location.{name}")
