"""STUN as an ICE-lite agent needs it: read binding requests, check them, build the answers. RFC 8489, RFC 8445 §7.3.

It decides whether bytes are a well-formed binding message and whether its MESSAGE-INTEGRITY holds. It must never know transports, sockets
or what an address is allowed to do. Written over bytes because a check arrives from strangers: every length is looked at before it is used.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from zlib import crc32

#: As the socket gives it: a pair for IPv4, four for IPv6. Five is a packet's way that is not the main socket's; the last names it.
Address = tuple[str, int] | tuple[str, int, int, int] | tuple[str, int, int, int, int]

MAGIC_COOKIE: Final = 0x2112A442
HEADER_LENGTH: Final = 20
#: A browser's check is about 100 bytes; the longest honest one (two 256-byte fragments) stays far below this.
MAX_LENGTH: Final = 1024

BINDING_REQUEST: Final = 0x0001
BINDING_INDICATION: Final = 0x0011
BINDING_SUCCESS: Final = 0x0101
BINDING_ERROR: Final = 0x0111

USERNAME: Final = 0x0006
MESSAGE_INTEGRITY: Final = 0x0008
ERROR_CODE: Final = 0x0009
UNKNOWN_ATTRIBUTES: Final = 0x000A
XOR_MAPPED_ADDRESS: Final = 0x0020
PRIORITY: Final = 0x0024
USE_CANDIDATE: Final = 0x0025
FINGERPRINT: Final = 0x8028
ICE_CONTROLLED: Final = 0x8029
ICE_CONTROLLING: Final = 0x802A

_UNDERSTOOD: Final = frozenset({USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, UNKNOWN_ATTRIBUTES, XOR_MAPPED_ADDRESS, PRIORITY, USE_CANDIDATE})
_FINGERPRINT_XOR: Final = 0x5354554E
_REASONS: Final = {400: b"Bad Request", 401: b"Unauthenticated", 420: b"Unknown Attribute", 487: b"Role Conflict"}


class StunError(Exception):
    """Bytes that are no STUN message; `reason` is the name under which the drop is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Message:
    """One parsed message. `integrity_at` is the offset of MESSAGE-INTEGRITY, 0 when there is none."""

    type: int
    transaction_id: bytes
    attributes: dict[int, bytes]
    integrity_at: int
    raw: bytes

    @property
    def username(self) -> str | None:
        value = self.attributes.get(USERNAME)
        return None if value is None else value.decode("utf-8", "replace")

    @property
    def local_fragment(self) -> str | None:
        """The half of USERNAME that names the receiver of the check (RFC 8445 §7.2.2)."""
        username = self.username
        return None if username is None or ":" not in username else username.split(":", 1)[0]

    @property
    def nominates(self) -> bool:
        return USE_CANDIDATE in self.attributes

    @property
    def unknown_attributes(self) -> list[int]:
        """Comprehension-required attributes (below 0x8000) nobody here understands."""
        return [kind for kind in self.attributes if kind < 0x8000 and kind not in _UNDERSTOOD]

    def signed_with(self, password: bytes) -> bool:
        """Whether MESSAGE-INTEGRITY is the HMAC of everything before it (RFC 8489 §14.5)."""
        if not self.integrity_at:
            return False
        return hmac.compare_digest(_integrity(self.raw[: self.integrity_at], password), self.attributes[MESSAGE_INTEGRITY])


def parse(data: bytes) -> Message:
    """Bytes → Message, or StunError: stun_length, stun_cookie, stun_attributes, stun_fingerprint."""
    if not HEADER_LENGTH <= len(data) <= MAX_LENGTH:
        raise StunError("stun_length")
    kind, length, cookie = struct.unpack_from("!HHI", data)
    if length + HEADER_LENGTH != len(data) or length % 4 or kind & 0xC000:
        raise StunError("stun_length")
    if cookie != MAGIC_COOKIE:
        raise StunError("stun_cookie")
    attributes, integrity_at = _attributes(data)
    return Message(kind, data[8:20], attributes, integrity_at, data)


def _attributes(data: bytes) -> tuple[dict[int, bytes], int]:
    attributes: dict[int, bytes] = {}
    integrity_at = 0
    at = HEADER_LENGTH
    while at < len(data):
        kind, length = struct.unpack_from("!HH", data, at)
        value = data[at + 4 : at + 4 + length]
        if len(value) != length:
            raise StunError("stun_attributes")
        if kind == FINGERPRINT:
            _check_fingerprint(data, at, value)
        elif kind == MESSAGE_INTEGRITY:
            if length != 20:
                raise StunError("stun_attributes")
            integrity_at = integrity_at or at
        elif integrity_at:  # RFC 8489 §14.5: whatever follows MESSAGE-INTEGRITY is not protected and is ignored
            at += 4 + (length + 3 & ~3)
            continue
        attributes.setdefault(kind, value)
        at += 4 + (length + 3 & ~3)
    return attributes, integrity_at


def _check_fingerprint(data: bytes, at: int, value: bytes) -> None:
    if at + 8 != len(data) or value != struct.pack("!I", crc32(data[:at]) ^ _FINGERPRINT_XOR):
        raise StunError("stun_fingerprint")


def binding_request(transaction_id: bytes, username: str, password: bytes, *, priority: int, tie_breaker: int, nominate: bool) -> bytes:
    """A check as the controlling side sends it; the load client and the tests are its users."""
    body = _attribute(USERNAME, username.encode()) + _attribute(PRIORITY, struct.pack("!I", priority))
    body += _attribute(ICE_CONTROLLING, struct.pack("!Q", tie_breaker))
    if nominate:
        body += _attribute(USE_CANDIDATE, b"")
    return _sealed(BINDING_REQUEST, transaction_id, body, password)


def binding_success(request: Message, address: Address, password: bytes) -> bytes:
    return _sealed(BINDING_SUCCESS, request.transaction_id, _attribute(XOR_MAPPED_ADDRESS, _xor_address(request, address)), password)


def binding_error(request: Message, code: int, password: bytes | None = None) -> bytes:
    """An error answer; signed when the request was (RFC 8489 §9.1.4 wants 400 and 401 unsigned)."""
    reason = _REASONS[code] if password else b""  # to a stranger as short as possible: an answer must not exceed its cause
    body = _attribute(ERROR_CODE, struct.pack("!HBB", 0, code // 100, code % 100) + reason)
    if code == 420:
        unknown = request.unknown_attributes
        body += _attribute(UNKNOWN_ATTRIBUTES, struct.pack(f"!{len(unknown)}H", *unknown))
    return _sealed(BINDING_ERROR, request.transaction_id, body, password)


def _sealed(kind: int, transaction_id: bytes, body: bytes, password: bytes | None) -> bytes:
    message = struct.pack("!HHI", kind, len(body), MAGIC_COOKIE) + transaction_id + body
    if password is not None:
        message += _attribute(MESSAGE_INTEGRITY, _integrity(message, password))
    message = _with_length(message, len(message) - HEADER_LENGTH + 8)
    return message + _attribute(FINGERPRINT, struct.pack("!I", crc32(message) ^ _FINGERPRINT_XOR))


def _integrity(before: bytes, password: bytes) -> bytes:
    """HMAC-SHA1 over the message as if it ended with MESSAGE-INTEGRITY."""
    return hmac.digest(password, _with_length(before, len(before) - HEADER_LENGTH + 24), "sha1")


def _with_length(message: bytes, length: int) -> bytes:
    return message[:2] + struct.pack("!H", length) + message[4:]


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _xor_address(request: Message, address: Address) -> bytes:
    ip = ip_address(address[0].split("%", 1)[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip  # a socket for both families spells IPv4 as ::ffff:192.0.2.1
    family, mask = (1, request.raw[4:8]) if ip.version == 4 else (2, request.raw[4:20])
    masked = bytes(a ^ b for a, b in zip(ip.packed, mask, strict=True))
    return struct.pack("!BBH", 0, family, address[1] ^ (MAGIC_COOKIE >> 16)) + masked
