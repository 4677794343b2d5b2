"""Pages that are read off the program say what the program says now."""

import re

from rookery.settings import Settings
from scripts import commands_page, settings_page


def test_the_page_of_settings_is_up_to_date():
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.settings(), "run `make docs`"


def test_the_page_of_commands_is_up_to_date():
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.commands(), "run `make docs`"


def test_every_command_has_a_heading():
    page = commands_page.commands()
    for command in ("serve", "work", "migrate", "user create", "token create", "import follows", "bench"):
        assert f"## `rookery {command}`" in page


def test_every_setting_has_a_row_with_a_sentence():
    page = settings_page.settings()
    for name in Settings.__struct_fields__:
        assert re.search(rf"^\| `{name}` \| `ROOKERY_{name.upper()}` \| [^|]+\. \|", page, re.MULTILINE), name
