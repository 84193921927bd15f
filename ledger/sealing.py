"""The door to secrets at rest: seal a value, open it again, and find it without opening everything.

A sealed value names its suite and its key, so that old values open after a rotation: `suite.key.payload`. It is bound to what it belongs
to (`about`, such as "member:<id>:idNumber"): copied into another row or field it does not open. The blind index of a value is a keyed
digest, the same for the same value and field: it answers "who has exactly this?" and nothing else. Keys come from a ring (`keyring`); from
each 256-bit key every suite derives its own by HKDF, so that one ring serves both. Knows no store, no people and no clock.

Suites: `aes` AES-256-GCM with HMAC-SHA256 (NIST SP 800-38D, RFC 2104); `sm` SM4-GCM with HMAC-SM3 (GB/T 32907, GB/T 32905, RFC 8998), and
`smc` SM4-CTR with HMAC-SM3, encrypt then authenticate, where OpenSSL has no SM4-GCM.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .refusals import KeyMissing, SealBroken

KEY_BYTES = 32
NONCE_BYTES, TAG_BYTES = 12, 16  # of both GCMs
BLOCK_BYTES = 16  # counter block of SM4-CTR
DIGEST_BYTES = 32  # of SHA-256 and SM3 alike


class Sealer(Protocol):
    def seal(self, plain: str, about: str) -> str: ...

    def open(self, sealed: str, about: str) -> str:
        """Refusals: KeyMissing(key) – not in the ring; SealBroken – another key of that name, another place, or altered."""
        ...

    def blind_index(self, plain: str, field_name: str) -> str:
        """Under the key in use. Two fields with the same value have different indexes."""
        ...

    def look_ups(self, plain: str, field_name: str) -> tuple[str, ...]:
        """The index under every key of the ring: while a rotation runs, rows have either."""
        ...

    def is_current(self, sealed: str) -> bool:
        """Whether a value is sealed with the suite and the key in use."""
        ...

    @property
    def ring(self) -> KeyRing: ...


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Key id → 256 bits. `primary` is used for what is sealed now, the others only to open."""

    keys: Mapping[str, bytes] = field(repr=False)
    primary: str

    def __post_init__(self) -> None:
        if self.primary not in self.keys or any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise ValueError(f"a key ring needs its primary key, and keys of {KEY_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Suite:
    """One set of algorithms. `encrypt(key, plain, bound) → payload`; `decrypt(key, payload, bound) → plain`, or InvalidTag."""

    name: str
    key_bytes: int
    digest: Callable[[], hashes.HashAlgorithm]
    encrypt: Callable[[bytes, bytes, bytes], bytes]
    decrypt: Callable[[bytes, bytes, bytes], bytes]

    def derived(self, key: bytes, purpose: str, length: int) -> bytes:
        info = f"branchline {self.name} {purpose}".encode()
        return HKDF(algorithm=self.digest(), length=length, salt=None, info=info).derive(key)

    def keyed_digest(self, key: bytes, message: bytes) -> bytes:
        mac = hmac.HMAC(key, self.digest())
        mac.update(message)
        return mac.finalize()


class RingSealer:
    """`suite`: "aes" or "sm"; values of either open, whichever is chosen for sealing."""

    def __init__(self, ring: KeyRing, suite: str = "aes") -> None:
        self._ring = ring
        self._suite = SUITES[suite]
        self._derived: dict[tuple[str, str, str], bytes] = {}  # HKDF costs as much as the sealing itself

    @property
    def ring(self) -> KeyRing:
        return self._ring

    def seal(self, plain: str, about: str) -> str:
        name, key_id = self._suite.name, self.ring.primary
        payload = self._suite.encrypt(self._key(self._suite, key_id, "seal"), plain.encode(), _bound(name, key_id, about))
        return f"{name}.{key_id}.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}"

    def open(self, sealed: str, about: str) -> str:
        name, key_id, text = _parts(sealed)
        suite = _BY_NAME.get(name)
        if suite is None:
            raise SealBroken
        try:
            payload = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return suite.decrypt(self._key(suite, key_id, "seal"), payload, _bound(name, key_id, about)).decode()
        except (InvalidTag, InvalidSignature, ValueError, UnsupportedAlgorithm):
            raise SealBroken from None

    def blind_index(self, plain: str, field_name: str) -> str:
        return self._index(self.ring.primary, self._suite, plain, field_name)

    def look_ups(self, plain: str, field_name: str) -> tuple[str, ...]:
        found = [self._index(key_id, suite, plain, field_name) for key_id in self.ring.keys for suite in _INDEXING]
        return tuple(dict.fromkeys(found))

    def is_current(self, sealed: str) -> bool:
        name, key_id, _ = _parts(sealed)
        return (name, key_id) == (self._suite.name, self.ring.primary)

    def _index(self, key_id: str, suite: Suite, plain: str, field_name: str) -> str:
        message = field_name.encode() + b"\0" + plain.encode()
        digest_name = suite.digest().name
        suite = next(one for one in _INDEXING if one.digest().name == digest_name)  # both ways of SM4 share one index
        return f"{key_id}.{suite.keyed_digest(self._key(suite, key_id, 'index'), message).hex()}"

    def _key(self, suite: Suite, key_id: str, purpose: str) -> bytes:
        found = self._derived.get((suite.name, key_id, purpose))
        if found is None:
            key = self.ring.keys.get(key_id)
            if key is None:
                raise KeyMissing(key=key_id[:64])
            length = DIGEST_BYTES if purpose == "index" else suite.key_bytes
            found = self._derived[suite.name, key_id, purpose] = suite.derived(key, purpose, length)
        return found


def key_of(sealed: str) -> str:
    """The id of the key a value is sealed with. Refusal: SealBroken for what is no sealed value."""
    return _parts(sealed)[1]


def _parts(sealed: str) -> tuple[str, str, str]:
    name, _, rest = sealed.partition(".")
    key_id, dot, payload = rest.partition(".")
    if not (name and key_id and dot):
        raise SealBroken
    return name, key_id, payload


def _bound(suite: str, key_id: str, about: str) -> bytes:
    """What is authenticated beside the value. The parts hold no NUL, so no two of them run together."""
    return b"\0".join((suite.encode(), key_id.encode(), about.encode()))


def _gcm(algorithm: Callable[[bytes], algorithms.AES | algorithms.SM4]) -> tuple[Callable[..., bytes], Callable[..., bytes]]:
    def encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        encryptor = Cipher(algorithm(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(key: bytes, payload: bytes, bound: bytes) -> bytes:
        if len(payload) < NONCE_BYTES + TAG_BYTES:
            raise InvalidTag
        nonce, body, tag = payload[:NONCE_BYTES], payload[NONCE_BYTES:-TAG_BYTES], payload[-TAG_BYTES:]
        decryptor = Cipher(algorithm(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(body) + decryptor.finalize()

    return encrypt, decrypt


def _sm4_ctr(key: bytes, counter: bytes, body: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key[:16]), modes.CTR(counter)).encryptor()
    return encryptor.update(body) + encryptor.finalize()


def _sm3_tag(key: bytes, bound: bytes, counter: bytes, body: bytes) -> hmac.HMAC:
    """Lengths first, so that what is bound and what is encrypted cannot trade bytes."""
    mac = hmac.HMAC(key[16:], hashes.SM3())
    mac.update(len(bound).to_bytes(8, "big") + bound + counter + body)
    return mac


def _smc_encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    counter = secrets.token_bytes(BLOCK_BYTES)
    body = _sm4_ctr(key, counter, plain)
    return counter + body + _sm3_tag(key, bound, counter, body).finalize()


def _smc_decrypt(key: bytes, payload: bytes, bound: bytes) -> bytes:
    if len(payload) < BLOCK_BYTES + DIGEST_BYTES:
        raise InvalidTag
    counter, body, tag = payload[:BLOCK_BYTES], payload[BLOCK_BYTES:-DIGEST_BYTES], payload[-DIGEST_BYTES:]
    _sm3_tag(key, bound, counter, body).verify(tag)
    return _sm4_ctr(key, counter, body)


def _has_sm4_gcm() -> bool:
    try:
        Cipher(algorithms.SM4(b"\0" * 16), modes.GCM(b"\0" * NONCE_BYTES)).encryptor()
    except UnsupportedAlgorithm:
        return False
    return True


AES_GCM = Suite("aes", 32, hashes.SHA256, *_gcm(algorithms.AES))
SM4_GCM = Suite("sm", 16, hashes.SM3, *_gcm(algorithms.SM4))
SM4_CTR = Suite("smc", 16 + DIGEST_BYTES, hashes.SM3, _smc_encrypt, _smc_decrypt)
_BY_NAME = {suite.name: suite for suite in (AES_GCM, SM4_GCM, SM4_CTR)}
_INDEXING = (AES_GCM, SM4_GCM)
#: What a setting may choose.
SUITES: Mapping[str, Suite] = {"aes": AES_GCM, "sm": SM4_GCM if _has_sm4_gcm() else SM4_CTR}
