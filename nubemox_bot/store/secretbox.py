"""Secrets at rest: encrypted with the first key, read with any, and keys for other uses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from nubemox_bot.store.errors import SecretUnreadable


class SecretBox:
    """Encrypts what must not lie in the database in clear.

    Args:
        keys: one or more passphrases, separated by commas: the first encrypts, all decrypt.
    """

    def __init__(self, keys: str) -> None:
        words = [key.strip() for key in keys.split(",") if key.strip()]
        if not words:
            raise ValueError("no key")
        self._fernet = MultiFernet([Fernet(_fernet_key(word)) for word in words])
        self._roots = [word.encode() for word in words]

    def seal(self, secret: str) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt.

        Raises:
            SecretUnreadable: no key of ours fits.
        """
        try:
            return self._fernet.decrypt(bytes(sealed)).decode()
        except InvalidToken as error:
            raise SecretUnreadable from error

    def derived(self, purpose: str) -> list[bytes]:
        """A key for another purpose from each passphrase, the present one first."""
        return [hmac.digest(root, f"nubemox:{purpose}".encode(), "sha256") for root in self._roots]


def _fernet_key(word: str) -> bytes:
    """A ready Fernet key is taken as it is; any other passphrase is stretched into one."""
    try:
        if len(base64.urlsafe_b64decode(word)) == 32:
            return word.encode()
    except ValueError:
        pass
    stretched = hashlib.scrypt(word.encode(), salt=b"nubemox", n=2**14, r=8, p=1)
    return base64.urlsafe_b64encode(stretched[:32])


def key_beside(database_file: Path) -> str:
    """The key in `nubemox.key` beside a SQLite file, made (mode 600) when there is none.

    It appears whole or not at all, so that nobody reads half of it and no crash leaves half.
    """
    path = database_file.with_name("nubemox.key")
    if known := _key_in(path):
        return known
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    key = Fernet.generate_key().decode()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        if known := _key_in(path):
            return known  # another process was first
        draft.replace(path)  # empty: it never was a key
    finally:
        draft.unlink(missing_ok=True)
    return key


def _key_in(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
