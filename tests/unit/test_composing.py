"""From what somebody wrote to a draft, or a sentence that says why not."""

from typing import Any

import msgspec
import pytest

from rookery.domain.composing import Draft, compose
from rookery.domain.ids import UserId
from rookery.domain.limits import Limits
from rookery.domain.tweets import Place, Visibility
from rookery.domain.users import User, UserState
from rookery.errors import Invalid

AUTHOR = User(
    id=UserId(1),
    username="ada",
    display_name="Ada",
    bio="",
    fields=(),
    locked=False,
    bot=False,
    discoverable=True,
    indexable=True,
    hides_follows=False,
    default_visibility=Visibility.PUBLIC,
    default_sensitive=False,
    default_language=None,
    state=UserState.ACTIVE,
    role="user",
    created_ms=0,
    changed_ms=0,
)


def draft(text: str = "Hello", *, author: User = AUTHOR, **more: Any) -> Draft:
    wanted: dict[str, Any] = {
        "spoiler": "",
        "visibility": None,
        "sensitive": None,
        "language": None,
        "place": None,
        "limits": Limits(tweet_chars_max=20),
        "domain": "birds.example",
    }
    return compose(author, text=text, **(wanted | more))


def refused(text: str = "Hello", **more: Any) -> str | None:
    with pytest.raises(Invalid) as caught:
        draft(text, **more)
    return caught.value.field


def test_what_is_not_said_comes_from_the_authors_preferences():
    author = msgspec.structs.replace(
        AUTHOR, default_visibility=Visibility.FOLLOWERS, default_sensitive=True, default_language="de"
    )
    made = draft(author=author)
    assert (made.visibility, made.sensitive, made.language) == (Visibility.FOLLOWERS, True, "de")
    made = draft(author=author, visibility=Visibility.PUBLIC, sensitive=False, language="fr")
    assert (made.visibility, made.sensitive, made.language) == (Visibility.PUBLIC, False, "fr")


def test_a_draft_knows_whom_it_addresses_and_its_hashtags():
    made = draft("@Bob #Owl #OWL @eve@x.y")
    assert made.mentioned == ("Bob",)
    assert made.hashtags == ("owl",)


@pytest.mark.parametrize("text", ["", " ", "\n\r\n", "\u3000"])
def test_nothing_cannot_be_posted(text: str):
    assert refused(text) == "text"


def test_a_warning_without_a_text_becomes_the_text():
    made = draft("", spoiler="careful")
    assert (made.text, made.spoiler, made.sensitive) == ("careful", "", True)


def test_a_warning_makes_the_tweet_sensitive():
    assert draft(spoiler="careful", sensitive=False).sensitive


def test_warning_and_text_count_together():
    assert draft("x" * 10, spoiler="y" * 10).spoiler == "y" * 10
    assert refused("x" * 11, spoiler="y" * 10) == "text"


def test_the_length_is_counted_in_characters_not_in_bytes():
    assert draft("👩‍👩‍👧‍👦" * 20)
    assert refused("é" * 21) == "text"
    assert refused("http://example.com/") == "text"
    assert refused("a" + "\u0301" * 1000) == "text"


def test_line_ends_are_one_kind():
    assert draft("\r\na\r\nb\rc\n").text == "a\nb\nc"


@pytest.mark.parametrize("language", ["english language", "e", "x" * 30, "en-", "1"])
def test_a_language_is_a_code(language: str):
    assert refused(language=language) == "language"


def test_a_language_may_name_its_region():
    assert draft(language="zh_TW").language == "zh-TW"


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (Place(1.0, None), "location.longitude"),
        (Place(None, 1.0), "location.latitude"),
        (Place(90.1, 0.0), "location.latitude"),
        (Place(0.0, -180.1), "location.longitude"),
        (Place(float("nan"), 0.0), "location.latitude"),
        (Place(0.0, float("inf")), "location.longitude"),
        (Place(name="n" * 101), "location.name"),
    ],
)
def test_a_place_lies_on_earth(place: Place, field: str):
    assert refused(place=place) == field


def test_a_place_may_be_only_a_name_or_only_a_point():
    assert draft(place=Place(90.0, -180.0)).place == Place(90.0, -180.0)
    assert draft(place=Place(name=" Berlin ")).place == Place(name="Berlin")
    assert draft(place=Place(name=" ")).place is None


@pytest.mark.parametrize(
    "text", ["\u200b", "\u202e\u2066", "\ufeff \u00ad", "\u3164", "\u2800\u2800", "\u200d\n\u2028", "\ufe0f"]
)
def test_what_nobody_can_see_is_blank(text: str):
    assert refused(text) == "text"
    assert refused(text, spoiler=text) == "text"
    written = draft("Hello", spoiler=text)
    assert (written.spoiler, written.sensitive) == ("", False)


@pytest.mark.parametrize("text", ["\U0001f469\u200d\U0001f680", "\u0301", "\ue000", ".", "\u0639\u200c"])
def test_what_can_be_seen_is_kept_with_its_joiners(text: str):
    assert draft(text).text == text
