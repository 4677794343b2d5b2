"""Encryption with keys outside the database: what can be read, by whom, and where keys come from."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rookery.engines.vault import (
    Vault,
    find_keys,
    keys_in,
    make_key_file,
    new_key,
    read_key_file,
    usual_key_file,
)
from rookery.errors import Misconfigured, Unreadable


def some_keys(count: int = 1) -> list[bytes]:
    return keys_in(",".join(new_key() for _ in range(count)), source="test")


@pytest.mark.parametrize("text", ["ada@example.org", "Ünïcode 🪶", "x" * 10_000])
def test_what_was_encrypted_can_be_read(text: str):
    vault = Vault(some_keys())
    kept = vault.encrypt(text, context="people.email 1")
    assert text not in kept
    assert kept.startswith(f"1.{vault.key_id}.")
    assert vault.decrypt(kept, context="people.email 1") == text


def test_the_same_text_is_kept_differently_each_time():
    vault = Vault(some_keys())
    assert len({vault.encrypt("ada@example.org", context="c") for _ in range(100)}) == 100


def test_empty_stays_empty():
    vault = Vault(some_keys())
    assert vault.encrypt("", context="c") == "" == vault.decrypt("", context="c")


def test_a_value_cannot_be_moved_to_another_row_or_column():
    vault = Vault(some_keys())
    kept = vault.encrypt("ada@example.org", context="people.email 1")
    for context in ("people.email 2", "people.born_on 1", ""):
        with pytest.raises(Unreadable):
            vault.decrypt(kept, context=context)


def test_every_changed_sign_is_noticed():
    vault = Vault(some_keys())
    # Of so many bytes Base64 leaves no bit unused.
    kept = vault.encrypt("a@b.c", context="c")
    for place in range(len(kept)):
        other = "A" if kept[place] != "A" else "B"
        with pytest.raises(Unreadable):
            vault.decrypt(kept[:place] + other + kept[place + 1 :], context="c")


@pytest.mark.parametrize("kept", ["ada@example.org", "1", "1.", "2.aaaa.bbbb", "1..", "1.0000.", "...."])
def test_what_is_no_kept_text_is_refused(kept: str):
    with pytest.raises(Unreadable):
        Vault(some_keys()).decrypt(kept, context="c")


def test_the_first_key_encrypts_and_all_decrypt():
    old, new = some_keys(2)
    kept = Vault([old]).encrypt("text", context="c")
    both = Vault([new, old])
    assert both.decrypt(kept, context="c") == "text"
    again = both.encrypt("text", context="c")
    assert Vault([new]).decrypt(again, context="c") == "text"
    with pytest.raises(Unreadable):
        Vault([new]).decrypt(kept, context="c")
    with pytest.raises(Unreadable):
        Vault([old]).decrypt(again, context="c")


def test_look_ups_are_the_same_each_time_and_differ_by_key_text_and_context():
    first, second = some_keys(2)
    vault = Vault([first, second])
    hashes = vault.lookups("ada@example.org", context="people.email")
    assert hashes == vault.lookups("ada@example.org", context="people.email")
    assert list(hashes) == list(vault.key_ids)
    assert len(set(hashes.values())) == 2
    assert set(Vault([second]).lookups("ada@example.org", context="people.email").values()) < set(
        hashes.values()
    )
    assert hashes != vault.lookups("bob@example.org", context="people.email")
    assert hashes != vault.lookups("ada@example.org", context="elsewhere")


def test_keys_are_told_apart_without_being_told():
    first, second = some_keys(2)
    assert Vault([first]).key_id == Vault([first]).key_id != Vault([second]).key_id
    vault = Vault([first])
    assert first.hex() not in vault.check_value(vault.key_id)


def test_keys_stand_on_lines_or_between_commas():
    first, second = new_key(), new_key()
    expected = keys_in(first, source="t") + keys_in(second, source="t")
    assert keys_in(f"# why\n{first} # the new one\n\n{second}\n", source="t") == expected
    assert keys_in(f" {first} , {second},", source="t") == expected


@pytest.mark.parametrize("text", ["", "# only words", "abc", "é" * 43, "A" * 44, "A" * 40])
def test_what_is_no_key_is_refused_with_its_source(text: str):
    with pytest.raises(Misconfigured, match="over there"):
        keys_in(text, source="over there")


def test_a_key_file_is_its_owners_alone_and_made_once(tmp_path: Path):
    path = tmp_path / "deep" / "down" / "rookery.keys"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make_key_file(path), range(8)))
    assert all(keys == made[0] for keys in made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["rookery.keys"]
    assert read_key_file(path) == made[0]


def found(**settings: str | bool) -> tuple[list[bytes], str]:
    given = {"secret_keys": "", "secret_key_file": "", "may_make": True, **settings}
    return find_keys(**given)  # type: ignore[arg-type]


def test_keys_come_from_the_settings_or_a_file_beside_the_database(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/data/rookery.db"
    key = new_key()
    assert found(database_url=url, secret_keys=key)[0] == keys_in(key, source="t")
    assert not (tmp_path / "data").exists()
    made, source = found(database_url=url)
    assert source == str(tmp_path / "data" / "rookery.keys")
    assert found(database_url=url, may_make=False)[0] == made
    file = tmp_path / "elsewhere"
    file.write_text(key)
    assert found(database_url=url, secret_key_file=str(file)) == (keys_in(key, source="t"), str(file))
    with pytest.raises(Misconfigured, match="not both"):
        found(database_url=url, secret_key_file=str(file), secret_keys=key)


def test_no_new_key_is_made_for_a_database_that_has_one(tmp_path: Path):
    with pytest.raises(Misconfigured, match=r"there is no file .*rookery\.keys"):
        found(database_url=f"sqlite:///{tmp_path}/rookery.db", may_make=False)


def test_for_postgres_keys_are_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    url = "postgresql://localhost/rookery"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert usual_key_file(url) == tmp_path / "rookery" / "secret.keys"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert usual_key_file(url) == Path("/home/ada/.local/state/rookery/secret.keys")


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="secret_key_file"):
        make_key_file(tmp_path / "file" / "rookery.keys")
