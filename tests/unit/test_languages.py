"""Codes of languages: one rule for posting, profiles and follows."""

import pytest

from rookery.domain.languages import LANGUAGES_MAX, language, languages
from rookery.errors import Invalid


@pytest.mark.parametrize(
    ("written", "kept"),
    [("en", "en"), ("pt_BR", "pt-BR"), ("zh-Hant-TW", "zh-Hant-TW"), ("", None), (None, None)],
)
def test_a_code_is_kept_with_hyphens(written: str | None, kept: str | None):
    assert language(written) == kept


@pytest.mark.parametrize("written", ["e", "english", "en--GB", "en-", "en GB", "ab" + "-abcdefgh" * 3])
def test_what_is_no_code_is_refused(written: str):
    with pytest.raises(Invalid) as caught:
        language(written)
    assert caught.value.field == "language"


def test_a_list_holds_each_code_once_and_no_more_than_allowed():
    assert languages(["en", "", "pt_BR", "en", "pt-BR"]) == ("en", "pt-BR")
    with pytest.raises(Invalid):
        languages([f"a{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(LANGUAGES_MAX + 1)])
