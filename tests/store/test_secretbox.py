from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from nubemox_bot.store.errors import SecretUnreadable
from nubemox_bot.store.secretbox import SecretBox, key_beside
from tests.databases import at_once

_ONE = SecretBox("one")


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_is_opened_as_it_was(secret: str) -> None:
    sealed = _ONE.seal(secret)

    assert _ONE.open(sealed) == secret


def test_what_is_sealed_shows_nothing_of_the_secret() -> None:
    assert b"hunter2" not in SecretBox("one").seal("hunter2")
    assert SecretBox("one").seal("x") != SecretBox("one").seal("x")


def test_the_first_key_seals_and_all_open() -> None:
    old = SecretBox("old").seal("s3cret")
    both = SecretBox("new, old")

    new = both.seal("s3cret")

    assert both.open(old) == both.open(new) == SecretBox("new").open(new) == "s3cret"
    with pytest.raises(SecretUnreadable):
        SecretBox("old").open(new)


def test_with_its_key_lost_a_secret_is_unreadable_and_not_empty() -> None:
    sealed = SecretBox("old").seal("s3cret")

    for box in (SecretBox("new"), SecretBox("new,newer")):
        with pytest.raises(SecretUnreadable):
            box.open(sealed)


@pytest.mark.parametrize("garbage", [b"", b"x", b"\x00" * 200, b"gAAAAA"])
def test_what_was_never_sealed_is_unreadable(garbage: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        SecretBox("one").open(garbage)


def test_a_changed_byte_makes_it_unreadable() -> None:
    sealed = bytearray(SecretBox("one").seal("s3cret"))
    sealed[40] ^= 1

    with pytest.raises(SecretUnreadable):
        SecretBox("one").open(bytes(sealed))


def test_a_ready_made_key_is_taken_as_it_is() -> None:
    key = Fernet.generate_key()

    assert Fernet(key).decrypt(SecretBox(key.decode()).seal("s3cret")) == b"s3cret"


@pytest.mark.parametrize("keys", ["", " ", ",", " , ,"])
def test_no_key_is_no_box(keys: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        SecretBox(keys)


def test_keys_for_other_uses_differ_by_use_and_by_passphrase_the_present_one_first() -> None:
    box = SecretBox("new, old")

    assert box.derived("audit") == [*SecretBox("new").derived("audit"), *SecretBox("old").derived("audit")]  # fmt: skip # noqa: E501
    assert set(box.derived("audit")).isdisjoint(box.derived("console"))


def test_the_key_file_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    key = key_beside(tmp_path / "nubemox.db")

    file = tmp_path / "nubemox.key"
    assert key_beside(tmp_path / "nubemox.db") == key == file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["nubemox.key"]


def test_a_key_that_an_operator_put_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "nubemox.key").write_text("new, old\n")

    assert key_beside(tmp_path / "nubemox.db") == "new, old"


def test_an_empty_key_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "nubemox.key").write_text("\n")

    key = key_beside(tmp_path / "nubemox.db")

    assert SecretBox(key)
    assert key_beside(tmp_path / "nubemox.db") == key


def test_many_threads_find_the_same_key(tmp_path: Path) -> None:
    keys = at_once(16, lambda _: key_beside(tmp_path / "nubemox.db"))

    assert len(set(keys)) == 1
    assert keys[0]


def test_two_processes_that_make_the_key_at_once_have_the_same(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from nubemox_bot.store.secretbox import key_beside\n"
        "sys.stdin.readline()\n"
        "print(key_beside(pathlib.Path(sys.argv[1])))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "nubemox.db")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip

    keys = at_once(2, lambda number: processes[number].communicate("go\n")[0].strip())

    assert keys[0] == keys[1] != ""
