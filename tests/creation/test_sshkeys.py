"""What is a public key, and what only looks like one."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubemox_bot.creation.errors import PrivateKeyGiven, SshKeyBad, TooManyKeys
from nubemox_bot.creation.sshkeys import MOST_KEYS, read_keys, short
from nubemox_bot.pve import values

# The same in every process: they are parameters, by which workers know their tests.
RANDOM = random.Random(1)
EXPONENT = b"\x01\x00\x01"


def _blob(kind: str, *parts: bytes) -> str:
    fields = [kind.encode(), *parts]
    return base64.b64encode(b"".join(len(f).to_bytes(4, "big") + f for f in fields)).decode()


def ed25519(comment: str = "ana@laptop", body: bytes | None = None) -> str:
    blob = _blob("ssh-ed25519", body or RANDOM.randbytes(32))
    return f"ssh-ed25519 {blob} {comment}".rstrip()


def rsa(bits: int = 3072) -> str:
    number = b"\x00\xc1" + RANDOM.randbytes(bits // 8 - 1)
    return f"ssh-rsa {_blob('ssh-rsa', EXPONENT, number)} ana@desk"


ECDSA = "ecdsa-sha2-nistp256 " + _blob("ecdsa-sha2-nistp256", b"nistp256", b"\x04" + bytes(64))


@pytest.mark.parametrize("key", [ed25519(), ed25519(""), rsa(2048), rsa(4096), ECDSA])
def test_a_key_is_taken_as_it_is(key: str) -> None:
    assert read_keys(key) == (key,)


def test_several_keys_stand_on_lines_of_their_own() -> None:
    one, two, three = ed25519("a"), rsa(), ECDSA

    assert read_keys(f"# mine\n{one}\r\n\n  {two}  \n{three}\n") == (one, two, three)


def test_keys_that_words_joined_into_one_line_come_apart() -> None:
    one, two = ed25519("ana at home"), rsa()

    assert read_keys(f"{one} {two}") == (one, two)


def test_the_same_key_counts_once_whatever_its_comment() -> None:
    body = bytes(32)

    assert read_keys(f"{ed25519('a', body)}\n{ed25519('b', body)}") == (ed25519("a", body),)


def test_nothing_is_no_key() -> None:
    assert read_keys("  \n# none\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        ed25519()[:60],
        ed25519().replace("ssh-ed25519", "ssh-rsa", 1),
        f"ssh-dss {_blob('ssh-dss', bytes(20))}",
        f"ssh-rsa {_blob('ssh-rsa', EXPONENT, bytes(64))}",
        f"ssh-ed25519 {_blob('ssh-ed25519', bytes(32), b'more')}",
        "ssh-ed25519 ====",
        f'command="rm -rf /" {ed25519()}',
        "ssh-ed25519 " + "A" * 3000,
    ],
)
def test_what_is_no_whole_key_is_refused(text: str) -> None:
    with pytest.raises(SshKeyBad):
        read_keys(text)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY----- MIIE",
        "PuTTY-User-Key-File-3: ssh-ed25519",
    ],
)
def test_a_private_key_is_not_even_quoted(text: str) -> None:
    with pytest.raises(PrivateKeyGiven) as told:
        read_keys(text)

    assert told.value.data == {}


def test_there_is_an_end_to_keys() -> None:
    with pytest.raises(TooManyKeys):
        read_keys("\n".join(ed25519() for _ in range(MOST_KEYS + 1)))


def test_a_comment_cannot_bring_anything_else_along() -> None:
    (key,) = read_keys(ed25519("ana`$(reboot)<@U1>\u202e"))

    assert key.endswith(" ana(reboot)@U1")


@given(st.text(max_size=300))
def test_no_text_at_all_breaks_it(text: str) -> None:
    try:
        keys = read_keys(text)
    except (SshKeyBad, PrivateKeyGiven, TooManyKeys):
        return
    assert values.ssh_keys(keys) == keys


@pytest.mark.parametrize("key", [ed25519(), rsa(), ECDSA, ed25519("")])
def test_what_is_taken_here_is_taken_on_the_way_to_proxmox_too(key: str) -> None:
    assert values.ssh_keys(read_keys(key)) == (key,)


def test_a_key_is_shown_by_its_end() -> None:
    key = ed25519("ana@laptop")

    assert short(key) == f"ssh-ed25519 …{key.split()[1][-8:]} ana@laptop"
