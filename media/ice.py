"""ICE-lite for one transport: credentials, which addresses passed a check, which one is used. RFC 8445 (lite), RFC 7675, RFC 5245 §9.2.

It decides what is answered to a check and where packets may go. It must never know sockets or DTLS. Nothing is ever sent to an address that
has not shown the credentials, and an answer to a stranger is never larger than its question.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from media import stun
from media.stun import Address

Json = dict[str, Any]

#: A browser checks from each of its networks; more than this many live at once is not a browser.
MAX_ADDRESSES: Final = 8


@dataclass(frozen=True, slots=True)
class Credentials:
    """64 and 160 random bits; RFC 8445 §5.3 asks for at least 24 and 128."""

    fragment: str
    password: str

    @classmethod
    def generate(cls) -> Credentials:
        return cls(secrets.token_hex(8), secrets.token_hex(20))

    @property
    def parameters(self) -> Json:
        return {"usernameFragment": self.fragment, "password": self.password, "iceLite": True}


def bases(announced: Sequence[str]) -> list[tuple[str, str]]:
    """What a setting announces → (protocol, address), UDP first: "192.0.2.1" stands for both, "192.0.2.1/tcp" for one."""
    parts = [(entry.partition("/")[2], entry.partition("/")[0]) for entry in announced]
    return [(protocol, address) for protocol in ("udp", "tcp") for only, address in parts if only in ("", protocol)]


def host_candidates(announced: Sequence[str], port: int) -> list[Json]:
    """One host candidate per announced address and protocol, in mediasoup's shape, the first the most wanted."""
    return [_candidate(protocol, address, port, position) for position, (protocol, address) in enumerate(bases(announced))]


def _candidate(protocol: str, address: str, port: int, position: int) -> Json:
    tcp = protocol == "tcp"
    # RFC 8445 §5.1.2.1: type preference (126 for host), local preference falling with the position, component 1. RFC 6544 §4.2: TCP
    # below UDP by its type preference (90, as libwebrtc has it), and 4 in the upper three bits of local preference for passive.
    priority = (90 << 24 | (4 << 13 | 8191 - position) << 8 | 255) if tcp else (126 << 24 | (65535 - position) << 8 | 255)
    return {
        # RFC 8445 §5.1.1.3: alike only for the same type, base and protocol.
        "foundation": f"{protocol}{crc32(address.encode()):08x}",
        "priority": priority,
        "ip": address,
        "address": address,
        "protocol": protocol,
        "port": port,
        "type": "host",
    } | ({"tcpType": "passive"} if tcp else {})


class IceAgent:
    """`answer` takes every check that names one of our fragments."""

    def __init__(self) -> None:
        self.credentials = Credentials.generate()
        self.previous: Credentials | None = None
        self.address: Address | None = None
        self.checked: dict[Address, None] = {}  # oldest first
        self.settled = False  # whether the owner's tables show what is here

    @property
    def fragments(self) -> list[str]:
        return [self.credentials.fragment] + ([self.previous.fragment] if self.previous else [])

    def restart(self) -> Credentials:
        """New credentials; the old ones stay good until a check came with the new ones, so that media flows on meanwhile."""
        if self.previous is None:  # two restarts without a check between: the oldest pair is the one in use
            self.previous = self.credentials
        self.credentials = Credentials.generate()
        return self.credentials

    def answer(self, request: stun.Message, source: Address) -> tuple[bytes, str]:
        """→ (answer, reason): reason "" means the check passed and `source` may send and receive from now on."""
        credentials = self._credentials_of(request.local_fragment)
        if credentials is None or not request.signed_with(credentials.password.encode()):
            return refusal(request, 401), "stun_credentials"
        password = credentials.password.encode()
        if request.unknown_attributes:
            return stun.binding_error(request, 420, password), "stun_unknown_attribute"
        if stun.ICE_CONTROLLED in request.attributes:  # a lite agent is never controlling (RFC 8445 §6.1.1)
            return stun.binding_error(request, 487, password), "stun_role_conflict"
        if credentials is self.credentials and self.previous is not None:
            self.previous = None
            self.settled = False
        self._passed(source, request.nominates)
        return stun.binding_success(request, source, password), ""

    def forget(self, address: Address) -> None:
        """The address belongs to another transport now."""
        self.checked.pop(address, None)
        self.settled = False
        if self.address == address:
            self.address = next(reversed(self.checked), None)

    def _credentials_of(self, fragment: str | None) -> Credentials | None:
        known = (self.credentials, self.previous)
        return next((pair for pair in known if pair is not None and pair.fragment == fragment), None)

    def _passed(self, source: Address, nominates: bool) -> None:
        self.settled = self.settled and source in self.checked
        self.checked.pop(source, None)
        self.checked[source] = None
        if self.address is None or nominates:
            self.address = source
        for address in list(self.checked)[:-MAX_ADDRESSES]:
            if address != self.address:
                del self.checked[address]


def refusal(request: stun.Message, code: int) -> bytes:
    """An unsigned error for a stranger, or nothing where it would be larger than what it answers."""
    answer = stun.binding_error(request, code)
    return answer if len(answer) <= len(request.raw) else b""
