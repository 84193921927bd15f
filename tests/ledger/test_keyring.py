"""Keys from the environment and from a file: made once, kept private, turned over, and never guessed at."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from ledger.keyring import KeySource, KeysUnusable, add_key, drop_key, open_sealer, read_file
from ledger.refusals import KeyMissing

A, B = (base64.b64encode(bytes([value]) * 32).decode() for value in (1, 2))


def test_a_first_start_makes_a_key_that_only_the_owner_reads(tmp_path: Path) -> None:
    source = KeySource(file=tmp_path / "var" / "keys")
    sealed = open_sealer(source).seal("x", "a")
    assert source.file.stat().st_mode & 0o777 == 0o600
    assert open_sealer(source).open(sealed, "a") == "x"


def test_keys_of_the_environment_go_first_and_need_no_file(tmp_path: Path) -> None:
    source = KeySource(given=f"k2:{B},k1:{A}", file=tmp_path / "keys")
    sealer = open_sealer(source)
    assert (sealer.ring.primary, set(sealer.ring.keys)) == ("k2", {"k1", "k2"})
    assert not source.file.exists()


def test_a_key_is_added_in_front_and_an_older_one_dropped(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    sealed = open_sealer(KeySource(file=file)).seal("x", "a")
    old = read_file(file).primary
    new = add_key(file)
    assert (read_file(file).primary, set(read_file(file).keys)) == (new, {new, old})
    assert open_sealer(KeySource(file=file)).open(sealed, "a") == "x"
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeysUnusable, match="in use"):
        drop_key(file, new)
    drop_key(file, old)
    with pytest.raises(KeyMissing):
        open_sealer(KeySource(file=file)).open(sealed, "a")


def test_a_running_server_follows_a_rotation_and_survives_a_mangled_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    running = open_sealer(KeySource(file=file))
    old = running.seal("x", "a")
    new = add_key(file)
    assert running.ring.primary == new
    assert running.open(old, "a") == "x"
    assert not running.is_current(old)
    assert running.is_current(running.seal("x", "a"))
    assert len(running.look_ups("x", "f")) == 4  # two keys, two families of algorithms
    kept = file.read_text()
    file.write_text("mangled")
    assert running.open(old, "a") == "x"
    file.unlink()
    assert running.blind_index("x", "f").startswith(new)
    assert new in kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no key"),
        ("# nothing\n", "no key"),
        ("k1\n", "malformed"),
        ("K1 " + A, "malformed"),
        (f"k1 {A}\nk1 {B}\n", "malformed"),
        ("k1 ????", "not Base64"),
        ("k1 " + base64.b64encode(b"short").decode(), "no key"),
    ],
)
def test_a_mangled_file_is_told_and_never_replaced(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    with pytest.raises(KeysUnusable, match=told) as trouble:
        open_sealer(KeySource(file=file))
    assert A not in str(trouble.value)
    assert file.read_text() == text


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    with pytest.raises(KeysUnusable, match="cannot be read"):
        open_sealer(KeySource(file=tmp_path / "keys"))
