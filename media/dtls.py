"""The DTLS server of one transport: handshake over datagrams, the client's fingerprint, SRTP keys. RFC 6347, RFC 5764, RFC 8122, RFC 8827
§6.5.

It decides whether the other end is the one whose fingerprint came by signalling, and which SRTP profile is used. It must never know
sockets: datagrams go in by `feed`, come out of `feed` and `tick`. It runs only behind an authenticated ICE check, so no cookie exchange
is needed.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from media.srtp import PROFILES, Inbound, Outbound, contexts

#: Payload of one datagram; leaves room for IPv6 + UDP on the 1280-byte path every IPv6 link must carry.
MTU: Final = 1200
#: A handshake that needs longer is given up; RFC 6347 timers reach 1+2+4+8+16 s by then.
HANDSHAKE_SECONDS: Final = 30.0
_CIPHERS: Final = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA"
_RECORD_HEADER: Final = 13
_DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha-224": hashes.SHA224(),
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}


class State(Enum):
    NEW = "new"  # the client's fingerprint is not known yet
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Key, self-signed certificate and its SHA-256 fingerprint; one for a worker's life."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def generate(cls) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, os.urandom(8).hex())])
        today = datetime.now(tz=UTC)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        # Peers check the fingerprint, never the dates; the width only keeps wrong clocks from mattering.
        builder = builder.not_valid_before(today - timedelta(days=2)).not_valid_after(today + timedelta(days=3650))
        return cls(key, builder.sign(key, hashes.SHA256()))

    @property
    def fingerprints(self) -> list[dict[str, str]]:
        return [{"algorithm": "sha-256", "value": fingerprint(self.certificate, "sha-256")}]


def fingerprint(certificate: x509.Certificate, algorithm: str) -> str:
    """The upper-case, colon-separated digest of RFC 8122 §5."""
    return certificate.fingerprint(_DIGESTS[algorithm]).hex(":").upper()


def server_context(certificate: Certificate) -> SSL.Context:
    """One OpenSSL context for all transports of a worker. The order of the profiles is ours: the server chooses."""
    return context(certificate, b":".join(profile.name for profile in PROFILES))


def context(certificate: Certificate, profiles: bytes) -> SSL.Context:
    made = SSL.Context(SSL.DTLS_METHOD)
    # A self-signed certificate is what WebRTC uses; it is judged by its fingerprint when the handshake is done.
    made.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
    made.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_QUERY_MTU)
    made.use_certificate(certificate.certificate)
    made.use_privatekey(certificate.key)
    made.set_cipher_list(_CIPHERS)
    made.set_tlsext_use_srtp(profiles)
    return made


class DtlsServer:
    """Sans-I/O. After `state` is CONNECTED, `inbound` and `outbound` are the SRTP contexts."""

    def __init__(self, ssl_context: SSL.Context, now: float) -> None:
        self._ssl = SSL.Connection(ssl_context, None)
        self._ssl.set_accept_state()
        self._ssl.set_ciphertext_mtu(MTU)
        self._fingerprints: list[dict[str, str]] = []
        self._early: bytes | None = None
        self._deadline = now + HANDSHAKE_SECONDS
        self._retransmit_at: float | None = None
        self.state = State.NEW
        self.reason = ""
        self.profile = b""
        self.inbound: Inbound | None = None
        self.outbound: Outbound | None = None

    def expect(self, fingerprints: list[dict[str, str]], now: float) -> list[bytes]:
        """Signalling brought the client's fingerprints: the handshake may go. → datagrams to send."""
        self._fingerprints = fingerprints
        self._deadline = now + HANDSHAKE_SECONDS
        self.state = State.CONNECTING
        early, self._early = self._early, None
        return self.feed(early, now) if early is not None else []

    def feed(self, datagram: bytes, now: float) -> list[bytes]:
        if self.state is State.NEW:
            self._early = datagram  # a client that is faster than its own signalling; the newest ClientHello is enough
            return []
        if self.state in (State.CLOSED, State.FAILED):
            return []
        self._ssl.bio_write(datagram)
        try:
            if self.state is State.CONNECTING:
                self._handshake()
            if self.state is State.CONNECTED:
                self._read()
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self._end(State.CLOSED, "close_notify")
        except SSL.Error as error:
            self._end(State.FAILED, _reason(error))
        self._schedule(now)
        return self._drain()

    def tick(self, now: float) -> list[bytes]:
        """Retransmissions of the handshake (RFC 6347 §4.2.4)."""
        if self.state is not State.CONNECTING:
            return []
        if now > self._deadline:
            self._end(State.FAILED, "handshake_timeout")
        elif self._retransmit_at is not None and now >= self._retransmit_at:
            try:
                self._ssl.DTLSv1_handle_timeout()
            except SSL.Error as error:
                self._end(State.FAILED, _reason(error))
            self._schedule(now)
        return self._drain()

    def close(self) -> list[bytes]:
        """→ the close_notify to send, if the handshake was done."""
        if self.state is State.CONNECTED:
            try:
                self._ssl.shutdown()
            except SSL.Error:
                self.reason = "shutdown"
        if self.state is not State.FAILED:
            self._end(State.CLOSED, self.reason or "closed")
        return self._drain()

    def _handshake(self) -> None:
        self._ssl.do_handshake()
        if not self._known_peer():
            self._end(State.FAILED, "fingerprint")
            return
        selected = self._ssl.get_selected_srtp_profile()
        profile = next((profile for profile in PROFILES if profile.name == selected), None)
        if profile is None:
            self._end(State.FAILED, "no_srtp_profile")
            return
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", profile.exported_length)
        client, server = profile.split(material)
        self.inbound, self.outbound = contexts(profile, client, server)
        self.profile = profile.name
        self.state = State.CONNECTED

    def _known_peer(self) -> bool:
        peer: Any = self._ssl.get_peer_certificate(as_cryptography=True)
        return peer is not None and any(
            entry["algorithm"] in _DIGESTS and hmac.compare_digest(fingerprint(peer, entry["algorithm"]), entry["value"].upper())
            for entry in self._fingerprints
        )

    def _read(self) -> None:
        while True:  # no data channels: application data is read away, alerts take effect
            self._ssl.recv(1500)

    def _schedule(self, now: float) -> None:
        timeout = self._ssl.DTLSv1_get_timeout() if self.state is State.CONNECTING else None
        self._retransmit_at = None if timeout is None else now + timeout

    def _end(self, state: State, reason: str) -> None:
        self.state = state
        self.reason = reason

    def _drain(self) -> list[bytes]:
        flight = b""
        try:
            while True:
                flight += self._ssl.bio_read(65536)
        except SSL.Error:  # WantReadError: nothing more
            return datagrams(flight)


def datagrams(flight: bytes) -> list[bytes]:
    """Records of one flight packed into datagrams of at most MTU bytes; a record is never split (RFC 6347 §4.1.1)."""
    packed: list[bytes] = []
    at = 0
    while at < len(flight):
        end = at + _RECORD_HEADER + int.from_bytes(flight[at + 11 : at + 13], "big")
        record = flight[at:end]
        if packed and len(packed[-1]) + len(record) <= MTU:
            packed[-1] += record
        else:
            packed.append(record)
        at = end
    return packed


def _reason(error: SSL.Error) -> str:
    details = error.args[0] if error.args else None
    return str(details[0][-1]) if isinstance(details, list) and details else type(error).__name__
