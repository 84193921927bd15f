"""SRTP and SRTCP of one transport: keys, rollover counters, replay windows. RFC 3711, RFC 7714, RFC 6188.

AES-GCM peers (every browser of the last years) are served by `cryptography`'s AESGCM, at about a quarter of the price of a libsrtp call;
the counters around it are kept here. Peers that negotiate nothing better than AES-CM with SHA-1 are served by libsrtp behind the same
methods.

It decides whether a packet is authentic and new, and what its 48-bit index is. It must never know producers, consumers or addresses.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from pylibsrtp import Error as LibsrtpError
from pylibsrtp import Policy, Session

from media.rtp import payload_offset

if TYPE_CHECKING:
    from media.express import KeySchedule

TAG_LENGTH: Final = 16
#: Packets behind the newest that are still accepted once. 1024 as libwebrtc: a retransmission may be a second late on a 1 Mb/s stream.
REPLAY_WINDOW: Final = 1024
#: SSRCs of one peer that are kept apart. A browser sends about three per camera (three layers and their retransmissions: six).
MAX_SSRCS: Final = 64
_WINDOW_MASK: Final = (1 << REPLAY_WINDOW) - 1
_HALF: Final = 1 << 15

Encrypt = Callable[[bytes, bytes, bytes], bytes]


class SrtpError(Exception):
    """A packet that is not accepted; `reason` is the name under which it is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Profile:
    """One protection profile of RFC 5764 / RFC 7714 with its lengths in bytes."""

    name: bytes
    key_length: int
    salt_length: int
    libsrtp: int

    @property
    def is_gcm(self) -> bool:
        return self.salt_length == 12

    @property
    def exported_length(self) -> int:
        return 2 * (self.key_length + self.salt_length)

    def split(self, exported: bytes) -> tuple[bytes, bytes]:
        """DTLS-SRTP keying material → (client's master key + salt, server's), RFC 5764 §4.2."""
        k, s = self.key_length, self.salt_length
        client = exported[:k] + exported[2 * k : 2 * k + s]
        server = exported[k : 2 * k] + exported[2 * k + s : 2 * (k + s)]
        return client, server


AES_128_GCM: Final = Profile(b"SRTP_AEAD_AES_128_GCM", 16, 12, Policy.SRTP_PROFILE_AEAD_AES_128_GCM)
AES_256_GCM: Final = Profile(b"SRTP_AEAD_AES_256_GCM", 32, 12, Policy.SRTP_PROFILE_AEAD_AES_256_GCM)
AES_128_CM: Final = Profile(b"SRTP_AES128_CM_SHA1_80", 16, 14, Policy.SRTP_PROFILE_AES128_CM_SHA1_80)
#: In the order in which the server chooses.
PROFILES: Final = (AES_128_GCM, AES_256_GCM, AES_128_CM)


def derive(master_key: bytes, master_salt: bytes, label: int, length: int) -> bytes:
    """The AES-CM key derivation of RFC 3711 §4.3.1 with key derivation rate 0; a 96-bit salt is padded as RFC 7714 §11 says."""
    x = int.from_bytes(master_salt.ljust(14, b"\0"), "big") ^ (label << 48)
    # CTR is what the RFC prescribes for a key stream; nothing is authenticated because nothing is transported.
    return Cipher(AES(master_key), CTR((x << 16).to_bytes(16, "big"))).encryptor().update(bytes(length))


class ReplayWindow:
    """The newest index of one SSRC and which of the REPLAY_WINDOW before it were seen."""

    __slots__ = ("highest", "seen")

    def __init__(self, highest: int) -> None:
        self.highest = highest
        self.seen = 1

    def is_new(self, index: int) -> bool:
        behind = self.highest - index
        return behind < 0 or (behind < REPLAY_WINDOW and not self.seen >> behind & 1)

    def accept(self, index: int) -> None:
        ahead = index - self.highest
        if ahead > 0:
            self.seen = (self.seen << ahead | 1) & _WINDOW_MASK if ahead < REPLAY_WINDOW else 1
            self.highest = index
        else:
            self.seen |= 1 << -ahead


def nearest_index(highest: int, sequence: int) -> int:
    """The 48-bit index with these low 16 bits that lies nearest to `highest`; never negative (RFC 3711 §3.3.1)."""
    index = highest - (highest & 0xFFFF) + sequence
    ahead = index - highest
    if ahead > _HALF:
        return index - 0x10000 if index >= 0x10000 else index
    return index + 0x10000 if ahead < -_HALF else index


class GcmOutbound:
    """Protects what is sent. The fan-out uses `encrypt` and `salt` directly: nonce = (SSRC‖index) XOR salt, one integer operation."""

    __slots__ = ("_rtcp_encrypt", "_rtcp_index", "_rtcp_salt", "cipher", "encrypt", "key", "salt")

    def __init__(self, master: bytes, profile: Profile) -> None:
        key, salt = master[: profile.key_length], master[profile.key_length :]
        self.key = derive(key, salt, 0, profile.key_length)
        self.encrypt: Encrypt = AESGCM(self.key).encrypt
        self.cipher: KeySchedule | None = None  # the same key for the compiled twin, once it is asked for
        self.salt = int.from_bytes(derive(key, salt, 2, 12), "big")
        self._rtcp_encrypt: Encrypt = AESGCM(derive(key, salt, 3, profile.key_length)).encrypt
        self._rtcp_salt = int.from_bytes(derive(key, salt, 5, 12), "big")
        self._rtcp_index = 0

    def protect(self, ssrc_and_index: int, header: bytes, payload: bytes) -> bytes:
        """`ssrc_and_index` is SSRC << 48 | index; the header must carry both truly. The same index twice needs the same bytes."""
        return header + self.encrypt((ssrc_and_index ^ self.salt).to_bytes(12, "big"), payload, header)

    def protect_rtcp(self, packet: bytes) -> bytes:
        self._rtcp_index = self._rtcp_index + 1 & 0x7FFFFFFF
        header, trailer = packet[:8], struct.pack("!I", 0x80000000 | self._rtcp_index)
        nonce = ((int.from_bytes(packet[4:8], "big") << 48 | self._rtcp_index) ^ self._rtcp_salt).to_bytes(12, "big")
        return header + self._rtcp_encrypt(nonce, packet[8:], header + trailer) + trailer


class GcmInbound:
    """Opens what arrives. A window is opened for an SSRC only after its first authentic packet, so strangers cannot fill the table."""

    __slots__ = ("_decrypt", "_rtcp_decrypt", "_rtcp_salt", "_rtcp_windows", "_salt", "_windows", "key", "salt")

    def __init__(self, master: bytes, profile: Profile) -> None:
        key, salt = master[: profile.key_length], master[profile.key_length :]
        self.key = derive(key, salt, 0, profile.key_length)
        self.salt = derive(key, salt, 2, 12)
        self._decrypt = AESGCM(self.key).decrypt
        self._salt = int.from_bytes(self.salt, "big")
        self._rtcp_decrypt = AESGCM(derive(key, salt, 3, profile.key_length)).decrypt
        self._rtcp_salt = int.from_bytes(derive(key, salt, 5, 12), "big")
        self._windows: dict[int, ReplayWindow] = {}
        self._rtcp_windows: dict[int, ReplayWindow] = {}

    def open_rtp(self, packet: bytes) -> tuple[int, int, bytes]:
        """→ (48-bit index, length of the header, plain payload with padding). SrtpError: rtp_malformed, srtp_replay, srtp_tag,
        srtp_ssrcs.
        """
        offset = payload_offset(packet)
        if offset < 0 or len(packet) < offset + TAG_LENGTH:
            raise SrtpError("rtp_malformed")
        sequence, ssrc = packet[2] << 8 | packet[3], int.from_bytes(packet[8:12], "big")
        window = self._windows.get(ssrc)
        index = sequence if window is None else nearest_index(window.highest, sequence)
        if window is not None and not window.is_new(index):
            raise SrtpError("srtp_replay")
        try:
            nonce = ((ssrc << 48 | index) ^ self._salt).to_bytes(12, "big")
            payload = self._decrypt(nonce, packet[offset:], packet[:offset])
        except InvalidTag:
            raise SrtpError("srtp_tag") from None
        if window is None:
            _remember(self._windows, ssrc, index)
        else:
            window.accept(index)
        return index, offset, payload

    def window(self, ssrc: int) -> ReplayWindow:
        """Of an SSRC that was heard, for packets that are opened elsewhere."""
        return self._windows[ssrc]

    def open_rtcp(self, packet: bytes) -> bytes:
        """→ the plain compound packet. SrtpError: rtcp_malformed, srtcp_replay, srtcp_tag, srtp_ssrcs."""
        if len(packet) < 8 + TAG_LENGTH + 4:
            raise SrtpError("rtcp_malformed")
        header, trailer = packet[:8], packet[-4:]
        word, ssrc = int.from_bytes(trailer, "big"), int.from_bytes(packet[4:8], "big")
        index = word & 0x7FFFFFFF
        window = self._rtcp_windows.get(ssrc)
        if window is not None and not window.is_new(index):
            raise SrtpError("srtcp_replay")
        body = packet[8:-4]
        # Without the E flag the whole packet is associated data and only the tag follows it (RFC 7714 §9.3).
        sealed, associated = (body, header + trailer) if word >> 31 else (body[-TAG_LENGTH:], header + body[:-TAG_LENGTH] + trailer)
        try:
            plain = self._rtcp_decrypt(((ssrc << 48 | index) ^ self._rtcp_salt).to_bytes(12, "big"), sealed, associated)
        except InvalidTag:
            raise SrtpError("srtcp_tag") from None
        if window is None:
            _remember(self._rtcp_windows, ssrc, index)
        else:
            window.accept(index)
        return header + (plain if word >> 31 else body[:-TAG_LENGTH])


def _remember(windows: dict[int, ReplayWindow], ssrc: int, index: int) -> None:
    if len(windows) >= MAX_SSRCS:
        raise SrtpError("srtp_ssrcs")
    windows[ssrc] = ReplayWindow(index)


class LibsrtpOutbound:
    """The same for AES-CM: libsrtp keeps its own rollover counter, which follows ours because every index is sent in order from ROC 0."""

    __slots__ = ("_session",)
    encrypt = None  # tells the fan-out to take the slower way
    salt = 0

    def __init__(self, master: bytes, profile: Profile) -> None:
        policy = Policy(key=master, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile.libsrtp)
        policy.allow_repeat_tx = True  # a retransmission is the same packet again
        policy.window_size = REPLAY_WINDOW
        self._session = Session(policy)

    def protect(self, ssrc_and_index: int, header: bytes, payload: bytes) -> bytes:
        try:
            return bytes(self._session.protect(header + payload))
        except LibsrtpError:
            raise SrtpError("srtp_protect") from None

    def protect_rtcp(self, packet: bytes) -> bytes:
        try:
            return bytes(self._session.protect_rtcp(packet))
        except LibsrtpError:
            raise SrtpError("srtp_protect") from None


class LibsrtpInbound:
    """libsrtp checks replay and tag; the index is followed beside it because the fan-out counts in indices."""

    __slots__ = ("_highest", "_session")

    def __init__(self, master: bytes, profile: Profile) -> None:
        policy = Policy(key=master, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile.libsrtp)
        policy.window_size = REPLAY_WINDOW
        self._session = Session(policy)
        self._highest: dict[int, int] = {}

    def open_rtp(self, packet: bytes) -> tuple[int, int, bytes]:
        offset = payload_offset(packet)
        if offset < 0:
            raise SrtpError("rtp_malformed")
        try:
            plain = bytes(self._session.unprotect(packet))
        except LibsrtpError as error:
            raise SrtpError("srtp_replay" if "replay" in str(error) else "srtp_tag") from None
        sequence, ssrc = packet[2] << 8 | packet[3], int.from_bytes(packet[8:12], "big")
        if ssrc not in self._highest and len(self._highest) >= MAX_SSRCS:
            raise SrtpError("srtp_ssrcs")
        highest = self._highest.get(ssrc, sequence)
        index = nearest_index(highest, sequence)
        self._highest[ssrc] = max(index, highest)
        return index, offset, plain[offset:]

    def open_rtcp(self, packet: bytes) -> bytes:
        try:
            return bytes(self._session.unprotect_rtcp(packet))
        except LibsrtpError as error:
            raise SrtpError("srtcp_replay" if "replay" in str(error) else "srtcp_tag") from None


Inbound = GcmInbound | LibsrtpInbound
Outbound = GcmOutbound | LibsrtpOutbound


def contexts(profile: Profile, inbound_master: bytes, outbound_master: bytes) -> tuple[Inbound, Outbound]:
    """The pair of contexts for one transport; masters are key ‖ salt."""
    if profile.is_gcm:
        return GcmInbound(inbound_master, profile), GcmOutbound(outbound_master, profile)
    return LibsrtpInbound(inbound_master, profile), LibsrtpOutbound(outbound_master, profile)
