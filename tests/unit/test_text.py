"""Text rules: length, mentions, hashtags, links and HTML."""

import time

import nh3
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rookery.domain import text
from rookery.domain.ids import UserId
from rookery.domain.tweets import Mention

HERE = "birds.example"
BASE = f"https://{HERE}"
ADA, BOB = Mention(UserId(1), "ada"), Mention(UserId(2), "Bob")

ALLOWED_ATTRIBUTES = {
    "a": {"href", "class", "rel", "target", "translate"},
    "span": {"class", "translate"},
}


def html(written: str, *mentions: Mention) -> str:
    return text.to_html(written, mentions, BASE)


def links(written: str) -> list[str]:
    """Return the addresses that a text links to."""
    return [part.split('"', 1)[0] for part in html(written).split('<a href="')[1:]]


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("", 0),
        ("hello", 5),
        ("a\nb", 3),
        ("naïve", 5),
        ("nai\u0308ve", 5),
        ("👩‍👩‍👧‍👦", 1),
        ("🇩🇪🇫🇷", 2),
        ("日本語", 3),
        ("http://example.com/" + "x" * 500, 23),
        ("see http://a.example.com.", 28),
        ("http://nodot", 12),
        ("@ada@elsewhere.example.org", 4),
        ("@ada@elsewhere.example.org and @bob", 13),
        ("mail ada@example.org", 20),
    ],
)
def test_characters_are_counted_as_people_see_them(written: str, length: int):
    assert text.length(written) == length


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("@ada", ("ada",)),
        ("@Ada and @ada, (@bob)!", ("Ada", "bob")),
        ("@ada@birds.example @bob@BIRDS.example", ("ada", "bob")),
        ("@ada@other.example", ()),
        ("ada@birds.example", ()),
        ("mail.@ada", ("ada",)),
        ("http://example.com/@ada", ()),
        ("https://example.com/?to=@ada", ()),
        ("@ada.", ("ada",)),
        ("@ada_1\n@bob", ("ada_1", "bob")),
        ("@ @@ @-", ()),
        ("日本@ada", ()),
    ],
)
def test_mentions_are_those_of_this_instance(written: str, names: tuple[str, ...]):
    assert text.mentioned(written, HERE) == names


def test_an_instance_with_a_port_knows_its_own_name():
    assert text.mentioned("@ada@127.0.0.1:8000 @bob@127.0.0.1", "127.0.0.1:8000") == ("ada",)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("#birds", ("birds",)),
        ("#Birds #birds #BIRDS", ("Birds",)),
        ("#2024", ()),
        ("#2024birds", ("2024birds",)),
        ("#a_b #_", ("a_b",)),
        ("#日本語 #हिन्दी #été", ("日本語", "हिन्दी", "été")),
        ("#l·l·", ("l·l",)),
        ("\uff03wide", ("wide",)),
        ("a#b", ()),
        ("http://example.com/#top", ()),
        ("#one#two", ("one",)),
        ("#birds-and-bees", ("birds",)),
        ("(#birds)", ("birds",)),
        ("#" + "x" * 100, ("x" * 100,)),
        ("#" + "x" * 101, ()),
    ],
)
def test_hashtags_are_found(written: str, names: tuple[str, ...]):
    assert text.hashtags(written) == names


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("http://example.com", ["http://example.com"]),
        ("See https://example.com/a?b=c#d.", ["https://example.com/a?b=c#d"]),
        ("(https://example.com/a)", ["https://example.com/a"]),
        ("https://en.example.org/wiki/Owl_(bird)", ["https://en.example.org/wiki/Owl_(bird)"]),
        ("https://en.example.org/a_(b_(c))!", ["https://en.example.org/a_(b_(c))"]),
        ("https://münchen.example/straße", ["https://münchen.example/straße"]),
        ("http://127.0.0.1:8000/x", ["http://127.0.0.1:8000/x"]),
        ("http://localhost:8000/", ["http://localhost:8000/"]),
        ("http://a.example,http://b.example", ["http://a.example", "http://b.example"]),
        ("http://example.com/?a=1&b=2", ["http://example.com/?a=1&amp;b=2"]),
        ("ftp://example.com javascript:alert(1) http://", []),
        ("xhttp://example.com", []),
        ('"http://example.com/"', ["http://example.com/"]),
        ("http://example.com/<script>", ["http://example.com/"]),
    ],
)
def test_links_end_where_the_sentence_goes_on(written: str, found: list[str]):
    assert links(written) == found


def test_paragraphs_and_lines_become_html():
    assert html("") == ""
    assert html("one") == "<p>one</p>"
    assert html("one\ntwo\r\n\r\n\n\nthree") == "<p>one<br />two</p><p>three</p>"


def test_a_link_hides_its_scheme_and_its_length():
    assert html("http://www.example.com/" + "x" * 30) == (
        '<p><a href="http://www.example.com/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" target="_blank"'
        ' rel="nofollow noopener noreferrer" translate="no"><span class="invisible">http://www.</span>'
        '<span class="ellipsis">example.com/xxxxxxxxxxxxxxxxxx</span>'
        '<span class="invisible">xxxxxxxxxxxx</span></a></p>'
    )


def test_known_mentions_and_hashtags_become_links():
    assert html("@ADA @bob@birds.example @eve #Owl", ADA, BOB) == (
        '<p><span class="h-card" translate="no"><a href="https://birds.example/@ada" class="u-url mention">'
        "@<span>ada</span></a></span> "
        '<span class="h-card" translate="no"><a href="https://birds.example/@Bob" class="u-url mention">'
        "@<span>Bob</span></a></span> @eve "
        '<a href="https://birds.example/tags/owl" class="mention hashtag" rel="tag">#<span>Owl</span></a></p>'
    )


def test_a_namesake_elsewhere_is_not_linked():
    assert "<a" not in html("@ada@other.example", ADA)


def test_markup_is_shown_and_not_obeyed():
    assert html("<b>&amp;</b>") == "<p>&lt;b&gt;&amp;amp;&lt;/b&gt;</p>"


MARKS = [*"@#[]()<>&'\"\n /.:", "é", "\u0301", "日", "\x00", "\x1b", "\u202e"]
WORDS = ["http://", "https://a.b", "@ada", "@bob@birds.example", "#tag", "javascript:", "<script>", "&lt;"]
PIECES = st.sampled_from([*MARKS, *WORDS])
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join))


@given(TEXTS)
@settings(max_examples=400, deadline=None)
@example('http://a.b/"onmouseover=alert(1)//')
@example("HTTP://0.\u0300")
@example("http://999.1.1.1/ http://a\u05d0.b")
@example("http://a.b/'><script>alert(1)</script>")
def test_html_needs_no_cleaning(written: str):
    made = html(written, ADA, BOB)
    cleaned = nh3.clean(
        made,
        tags={"p", "br", "a", "span"},
        attributes=ALLOWED_ATTRIBUTES,
        link_rel=None,
        url_schemes={"http", "https"},
    )
    # The cleaner writes the same HTML in a different hand.
    expected = made.replace("<br />", "<br>").replace("\xa0", "&nbsp;").replace("&#x27;", "'")
    assert cleaned == expected


@given(TEXTS)
@settings(deadline=None)
def test_nothing_that_was_written_is_lost(written: str):
    shown = nh3.clean(html(written, ADA).replace("<br />", "\n").replace("</p><p>", "\n"), tags=set[str]())
    plain = written.replace("\r\n", "\n").replace("\r", "\n")
    kept = {character for character in plain if character.isalpha()}
    assert kept <= set(shown) | {"A", "D", "a", "d"}


@given(TEXTS)
@settings(deadline=None)
def test_a_hashtag_is_a_hashtag_alone_too(written: str):
    for name in text.hashtags(written):
        assert text.hashtags(f"#{name}") == (name,)


HOSTILE = "@ # [ ( @#[( http://a.b/( http://a.b) http:// @a. @a@b. #a\u00b7 http://a- http://a.b/((x) \ufdfd e\u0301"
HOSTILE_TOO = "http://a.b.... https://a.b:1 aaaaaaaaa@ #1 & @a- http://a.b/((x)(x)"


@pytest.mark.parametrize("unit", [*HOSTILE.split(), *HOSTILE_TOO.split(), "\n", "\n "])
def test_hostile_texts_take_linear_time(unit: str):
    written = unit * (100_000 // len(unit))
    began = time.process_time()
    text.length(written)
    text.mentioned(written, HERE)
    text.hashtags(written)
    html(written)
    assert time.process_time() - began < 2.0
