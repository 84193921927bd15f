"""The installation's Ed25519 key (RFC 8032) that signs activity certificates: from a setting, or a file made at first use with rights 0600.

The public half is published, with a short name that is a digest of it. A changed key makes old codes unknown, not valid; every node of an
installation must be given the same one.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES = 32


class BadKey(ValueError):
    """The setting or the file does not hold 32 bytes in base64."""


class CertificateKey:
    """`former`: public keys (base64) whose codes are still believed, after the key was changed."""

    def __init__(self, seed: bytes, former: tuple[str, ...] = ()) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        own = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = own
        self._public = {key_id(raw): Ed25519PublicKey.from_public_bytes(raw) for raw in (own, *map(_decoded, former))}

    @property
    def key_id(self) -> str:
        return key_id(self.public)

    def published(self) -> dict[str, bytes]:
        """Key id → public key; the one in use first."""
        return {name: key.public_bytes(Encoding.Raw, PublicFormat.Raw) for name, key in self._public.items()}

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def check(self, key_id: str, message: bytes, signature: bytes) -> bool | None:
        key = self._public.get(key_id)
        if key is None:
            return None
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def load_key(setting: str, file: Path, former: tuple[str, ...] = ()) -> CertificateKey:
    """The setting counts before the file. A file that is not there is made; of two that make it at once, one wins and both read it."""
    if setting:
        return CertificateKey(_decoded(setting), former)
    if not file.exists():
        _make(file)
    return CertificateKey(_decoded(file.read_text().strip()), former)


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(base64.b64encode(os.urandom(SEED_BYTES)).decode() + "\n")
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)  # never over a key that is there
    draft.unlink()


def _decoded(text: str) -> bytes:
    try:
        seed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("not base64") from None
    if len(seed) != SEED_BYTES:
        raise BadKey(f"{len(seed)} bytes instead of {SEED_BYTES}")
    return seed
