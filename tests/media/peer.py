"""A WebRTC client without sockets: it talks to a Forwarder by feeding it datagrams and picking its own out of the outputs. Time by hand."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from OpenSSL import SSL

from media import stun
from media.dtls import MTU, Certificate, context, datagrams
from media.forwarder import Forwarder
from media.srtp import AES_128_GCM, Inbound, Outbound, Profile, contexts
from media.stun import Address

Json = dict[str, Any]
AUDIO_LEVEL_ID = 1
MID_ID = 4
RED_TYPE = 63


class World:
    """The forwarder, the time, and everybody's mail boxes."""

    def __init__(self, forwarder: Forwarder) -> None:
        self.forwarder = forwarder
        self.now = 100.0
        self.mail: dict[Address, list[bytes]] = {}

    def feed(self, data: bytes, source: Address) -> None:
        self.forwarder.feed(data, source, self.now)
        self.forwarder.flush()
        self.deliver()

    def tick(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.forwarder.tick(self.now)
        self.deliver()

    def deliver(self) -> None:
        for data, segment, address in self.forwarder.outputs:
            box = self.mail.setdefault(address, [])
            if isinstance(data, list):
                joined = b"".join(data)
                box.extend(joined[at : at + segment] for at in range(0, len(joined), segment))
            else:
                box.append(data)
        self.forwarder.outputs.clear()


class Peer:
    """One client transport."""

    certificate = Certificate.generate()

    def __init__(self, world: World, description: Json, address: Address, profile: Profile = AES_128_GCM) -> None:
        self.world = world
        self.address = address
        self.profile = profile
        self.ice = description["iceParameters"]
        self.ssl = SSL.Connection(context(self.certificate, profile.name), None)
        self.ssl.set_connect_state()
        self.ssl.set_ciphertext_mtu(MTU)
        self.inbound: Inbound
        self.outbound: Outbound

    @property
    def dtls_parameters(self) -> Json:
        return {"role": "client", "fingerprints": self.certificate.fingerprints}

    def check(self, *, nominate: bool = True, password: str | None = None, username: str | None = None) -> list[bytes]:
        """One connectivity check. → what came back."""
        request = stun.binding_request(
            b"transaction1",
            username or f"{self.ice['usernameFragment']}:client",
            (password or self.ice["password"]).encode(),
            priority=1,
            tie_breaker=7,
            nominate=nominate,
        )
        self.world.feed(request, self.address)
        return self.take(lambda data: data[0] < 4)

    def take(self, wanted: Callable[[bytes], bool] = lambda data: True) -> list[bytes]:
        """Mail of one kind, taken out of the box."""
        box = self.world.mail.get(self.address, [])
        taken = [data for data in box if wanted(data)]
        self.world.mail[self.address] = [data for data in box if not wanted(data)]
        return taken

    def handshake(self, turns: int = 8) -> bool:
        """The DTLS handshake; False when it does not come to an end."""
        for _ in range(turns):
            try:
                self.ssl.do_handshake()
            except SSL.WantReadError:
                self._flush()
                for data in self.take(lambda data: 19 < data[0] < 64):
                    self.ssl.bio_write(data)
                continue
            self._flush()
            client, server = self.profile.split(self.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", self.profile.exported_length))
            self.inbound, self.outbound = contexts(self.profile, server, client)
            return True
        return False

    def _flush(self) -> None:
        flight = b""
        try:
            while True:
                flight += self.ssl.bio_read(65536)
        except SSL.Error:
            for datagram in datagrams(flight):
                self.world.feed(datagram, self.address)

    def say_goodbye(self) -> None:
        self.ssl.shutdown()
        self._flush()

    def connect(self) -> None:
        assert self.check()
        assert self.handshake()

    def protected(
        self, ssrc: int, index: int, payload: bytes, *, payload_type: int = 111, timestamp: int = 0, extension: bytes = b""
    ) -> bytes:
        first = 0x90 if extension else 0x80
        header = struct.pack("!BBHII", first, payload_type, index & 0xFFFF, timestamp, ssrc)
        if extension:
            padded = extension + bytes(-len(extension) % 4)
            header += struct.pack("!HH", 0xBEDE, len(padded) // 4) + padded
        return self.outbound.protect(ssrc << 48 | index, header, payload)

    def send(self, ssrc: int, index: int, payload: bytes, **more: Any) -> None:
        self.world.feed(self.protected(ssrc, index, payload, **more), self.address)

    def send_rtcp(self, packet: bytes) -> None:
        self.world.feed(self.outbound.protect_rtcp(packet), self.address)

    def media(self) -> list[tuple[bytes, bytes]]:
        """Arrived RTP as (header, plain payload)."""
        arrived = self.take(lambda data: 127 < data[0] < 192 and not 192 <= data[1] <= 223)
        opened = [(data, self.inbound.open_rtp(data)) for data in arrived]
        return [(data[:offset], payload) for data, (_, offset, payload) in opened]

    def rtcp(self) -> list[bytes]:
        return [self.inbound.open_rtcp(data) for data in self.take(lambda data: 127 < data[0] < 192 and 192 <= data[1] <= 223)]


def opus(ssrc: int, mid: str = "0") -> Json:
    """What a browser's microphone looks like, shortened to what matters here."""
    return {
        "mid": mid,
        "codecs": [
            {
                "mimeType": "audio/opus",
                "payloadType": 111,
                "clockRate": 48000,
                "channels": 2,
                "parameters": {"useinbandfec": 1},
                "rtcpFeedback": [{"type": "transport-cc", "parameter": ""}],
            }
        ],
        "headerExtensions": [
            {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": MID_ID},
            {"uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "id": AUDIO_LEVEL_ID},
            {"uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", "id": 3},
        ],
        "encodings": [{"ssrc": ssrc}],
        "rtcp": {"cname": "alice"},
    }


def redundant(ssrc: int, mid: str = "0") -> Json:
    """The same from a browser that puts what it sent before into each packet (RFC 2198): it names that first."""
    red = {"mimeType": "audio/red", "payloadType": RED_TYPE, "clockRate": 48000, "channels": 2, "parameters": {}, "rtcpFeedback": []}
    plain = opus(ssrc, mid)
    return plain | {"codecs": [red, *plain["codecs"]]}


def vp8(ssrc: int | None, rtx_ssrc: int | None, mid: str = "1", rid: str | None = None) -> Json:
    encoding: Json = {} if ssrc is None else {"ssrc": ssrc, "rtx": {"ssrc": rtx_ssrc}}
    if rid is not None:
        encoding["rid"] = rid
    feedback = [("goog-remb", ""), ("ccm", "fir"), ("nack", ""), ("nack", "pli")]
    return {
        "mid": mid,
        "codecs": [
            {
                "mimeType": "video/VP8",
                "payloadType": 96,
                "clockRate": 90000,
                "parameters": {},
                "rtcpFeedback": [{"type": kind, "parameter": parameter} for kind, parameter in feedback],
            },
            {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}, "rtcpFeedback": []},
        ],
        "headerExtensions": [
            {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": MID_ID},
            {"uri": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "id": 10},
            {"uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "id": 2},
        ],
        "encodings": [encoding],
        "rtcp": {"cname": "alice"},
    }
