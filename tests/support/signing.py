"""A signer for tests: a keyed hash in the place of Ed25519, which is what the server brings."""

from __future__ import annotations

import hashlib
import hmac


class PlainSigner:
    def __init__(self, key_id: str = "k1") -> None:
        self._key_id = key_id

    @property
    def key_id(self) -> str:
        return self._key_id

    def sign(self, message: bytes) -> bytes:
        return hmac.new(self._key_id.encode(), message, hashlib.sha256).digest()

    def check(self, key_id: str, message: bytes, signature: bytes) -> bool | None:
        return None if key_id != self._key_id else hmac.compare_digest(self.sign(message), signature)
