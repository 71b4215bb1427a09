"""SSH public keys as people paste them: what is one, and what only looks like one."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from nubemox_bot.creation.errors import PrivateKeyGiven, SshKeyBad, TooManyKeys

NONE: Final = "none"
MOST_KEYS: Final = 10
LONGEST_KEY: Final = 2000

# Type -> the least and the most bytes that its blob may have.
_SIZES: Final = {
    "ssh-ed25519": (51, 51),
    "ssh-rsa": (200, 2100),
    "ecdsa-sha2-nistp256": (104, 104),
    "ecdsa-sha2-nistp384": (136, 136),
    "ecdsa-sha2-nistp521": (172, 172),
    "sk-ssh-ed25519@openssh.com": (60, 330),
    "sk-ecdsa-sha2-nistp256@openssh.com": (110, 400),
}
TYPES: Final = tuple(_SIZES)
_COMMENT_KEPT: Final = 100
_NOT_FOR_COMMENTS = re.compile(r"[^\w .,:;@+=/()-]")
# Where words make one line of several, a key begins where its type does.
_NEXT_KEY: Final = re.compile(rf"\s+(?=(?:{'|'.join(map(re.escape, _SIZES))})\s+\S)")
_SAYS_PRIVATE = re.compile(r"PRIVATE KEY|^PuTTY-User-Key-File", re.MULTILINE)


def read_keys(text: str) -> tuple[str, ...]:
    """The keys in a text, one in each line; lines that are empty or comments are passed over.

    The word `none` alone says that there are none.

    Raises:
        PrivateKeyGiven: this is the half that must never be given away.
        SshKeyBad: a line is no public key, or is cut off.
        TooManyKeys: more than anybody has.
    """
    if _SAYS_PRIVATE.search(text):
        raise PrivateKeyGiven
    keys: dict[str, str] = {}
    if text.strip().casefold() == NONE:
        return ()
    for given in _NEXT_KEY.sub("\n", text.replace("\r", "\n")).split("\n"):
        line = " ".join(given.split())
        if line and not line.startswith("#"):
            kind, blob, comment = _key(line)
            keys.setdefault(f"{kind} {blob}", comment)
    if len(keys) > MOST_KEYS:
        raise TooManyKeys(most=MOST_KEYS)
    return tuple(f"{key} {comment}".rstrip() for key, comment in keys.items())


def short(key: str) -> str:
    """A key as people recognize it: its type, its last letters and its comment."""
    kind, blob, *comment = key.split(" ", 2)
    return " ".join([kind, f"…{blob[-8:]}", *comment])


def _key(line: str) -> tuple[str, str, str]:
    kind, _, rest = line.partition(" ")
    blob, _, comment = rest.partition(" ")
    shown = line[:40]
    if kind not in _SIZES or len(line) > LONGEST_KEY:
        raise SshKeyBad(key=shown, types=", ".join(TYPES[:3]))
    try:
        raw = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        raise SshKeyBad(key=shown, types=", ".join(TYPES[:3])) from None
    least, most = _SIZES[kind]
    # The blob begins with the length and the text of its own type (RFC 4253, 6.6).
    head = len(kind).to_bytes(4, "big") + kind.encode()
    if not raw.startswith(head) or not least <= len(raw) <= most or not _is_whole(raw):
        raise SshKeyBad(key=shown, types=", ".join(TYPES[:3]))
    return kind, blob, _NOT_FOR_COMMENTS.sub("", comment)[:_COMMENT_KEPT].strip()


def _is_whole(raw: bytes) -> bool:
    """Whether the blob is a row of complete fields, so that nothing was cut off in pasting."""
    at = 0
    while at < len(raw):
        if at + 4 > len(raw):
            return False
        at += 4 + int.from_bytes(raw[at : at + 4], "big")
    return at == len(raw)
