"""Parameters in the forms that clients send: nested names, lists of one, empty text, words for flags."""

import contextlib
from typing import Literal

import msgspec
import pytest

from rookery.api.parameters import convert, nest
from rookery.errors import BadRequest, Invalid, NotFound


class Poll(msgspec.Struct, kw_only=True):
    options: list[str]
    expires_in: int


class Post(msgspec.Struct, kw_only=True):
    status: str = ""
    media_ids: list[int] = []
    sensitive: bool | None = None
    in_reply_to_id: int | None = None
    poll: Poll | None = None
    latitude: float | None = None


class ById(msgspec.Struct, kw_only=True):
    id: int


def test_plain_names_are_plain_values():
    assert nest([("a", "1"), ("b", "")]) == {"a": "1", "b": ""}


def test_the_last_of_several_values_wins():
    assert nest([("a", "1"), ("a", "2")]) == {"a": "2"}


def test_brackets_make_lists():
    assert nest([("ids[]", "1"), ("ids[]", "2")]) == {"ids": ["1", "2"]}


def test_names_in_brackets_make_objects():
    assert nest([("poll[options][]", "a"), ("poll[options][]", "b"), ("poll[expires_in]", "60")]) == {
        "poll": {"options": ["a", "b"], "expires_in": "60"}
    }


def test_numbers_in_brackets_make_lists_in_their_order():
    pairs = [("fields[1][name]", "b"), ("fields[0][name]", "a"), ("fields[10][name]", "c")]
    assert nest(pairs) == {"fields": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}


@pytest.mark.parametrize("name", ["a" + "[b]" * 50, "a[b]" * 50])
def test_what_is_nested_too_deeply_is_refused(name: str):
    with pytest.raises((BadRequest, Invalid)):
        nest([(name, "1")])


@pytest.mark.parametrize("name", ["", "[", "]", "[]", "a[", "a]", "a[[b]]", "a[b", "[][]", "a[]b"])
def test_a_strange_name_is_refused_or_read_but_breaks_nothing(name: str):
    with contextlib.suppress(BadRequest, Invalid):
        assert isinstance(nest([(name, "1")]), dict)


def test_a_value_and_a_list_of_one_name_are_refused():
    with pytest.raises(Invalid) as caught:
        nest([("a", "1"), ("a[b]", "2")])
    assert caught.value.field == "a"


def test_texts_become_what_the_struct_says():
    post = convert(
        {
            "status": "5",
            "media_ids": ["1", "2"],
            "sensitive": "true",
            "in_reply_to_id": "7",
            "latitude": "1.5",
        },
        Post,
        {},
    )
    assert (post.status, post.media_ids, post.sensitive, post.in_reply_to_id, post.latitude) == (
        "5",
        [1, 2],
        True,
        7,
        1.5,
    )


@pytest.mark.parametrize(
    ("word", "flag"),
    [("true", True), ("1", True), ("on", True), ("false", False), ("0", False), ("off", False)],
)
def test_a_flag_has_many_words(word: str, flag: object):
    assert convert({"sensitive": word}, Post, {}).sensitive is flag


def test_empty_text_for_an_optional_number_or_flag_means_nothing():
    post = convert({"status": "", "in_reply_to_id": "", "sensitive": "", "media_ids": ""}, Post, {})
    assert (post.status, post.in_reply_to_id, post.sensitive, post.media_ids) == ("", None, None, [])


def test_a_single_value_is_a_list_of_one():
    assert convert({"media_ids": "3"}, Post, {}).media_ids == [3]


def test_what_is_wrong_is_named():
    with pytest.raises(Invalid) as caught:
        convert({"in_reply_to_id": "seven"}, Post, {})
    assert caught.value.field == "in_reply_to_id"
    assert "in_reply_to_id" in caught.value.message


def test_what_is_missing_is_named():
    with pytest.raises(Invalid) as caught:
        convert({}, ById, {})
    assert caught.value.field == "id"


@pytest.mark.parametrize("wrong", ["abc", "1.5", "", "9" * 30, "1\0"])
def test_an_id_in_the_path_that_is_none_is_not_found(wrong: str):
    with pytest.raises(NotFound):
        convert({"id": wrong}, ById, {"id": wrong})


@pytest.mark.parametrize("number", ["9" * 30, str(2**63), str(-(2**63))])
def test_numbers_that_no_column_holds_are_refused(number: str):
    with pytest.raises(Invalid):
        convert({"in_reply_to_id": number}, Post, {})


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999"])
def test_numbers_without_an_end_are_refused(number: str):
    with pytest.raises(Invalid):
        convert({"latitude": number}, Post, {})


def test_parameters_nobody_knows_are_ignored():
    assert convert({"status": "a", "utm_source": "b"}, Post, {}).status == "a"


class Source(msgspec.Struct, kw_only=True):
    privacy: Literal["public", "private"] = "public"


class Choices(msgspec.Struct, kw_only=True):
    visibility: Literal["public", "direct", ""] | None = None
    source: Source | None = None
    kinds: list[Literal["mention", "poll"]] = []


def test_who_chooses_wrongly_is_told_the_choices():
    for values, sentence in (
        ({"visibility": "xx"}, "visibility must be one of direct, public"),
        ({"source": {"privacy": "xx"}}, "source.privacy must be one of private, public"),
        ({"kinds": ["poll", "xx"]}, "kinds[1] must be one of mention, poll"),
    ):
        with pytest.raises(Invalid) as caught:
            convert(values, Choices, {})
        assert caught.value.message.startswith(sentence.split(" one of ")[0])
        assert sorted(caught.value.message.partition(" one of ")[2].split(", ")) == sentence.partition(
            " one of "
        )[2].split(", ")
