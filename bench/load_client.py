"""A load client: one publisher and many consumers, each a real WebRTC endpoint (ICE check, DTLS-SRTP, AES-128-GCM) on its own socket.

It runs in a process of its own so that its CPU is not the worker's. Everything that arrives is counted; one packet in SAMPLE is
decrypted, which proves that it is what was sent and gives the latency: from the moment before it was protected and sent to the moment the
kernel had it for the consumer (SO_TIMESTAMPNS). How long this process then takes to read what lies ready for forty consumers is not the
forwarder's. Lines of JSON on stdin and stdout are the whole protocol with `bench.forwarding`.
"""

from __future__ import annotations

import json
import secrets
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from OpenSSL import SSL

from media import stun
from media.dtls import MTU, Certificate, context, datagrams
from media.srtp import AES_128_GCM, GcmInbound, GcmOutbound

Json = dict[str, Any]

SAMPLE: Final = 8
FRAME_SECONDS: Final = 1 / 30
AUDIO_BYTES: Final = 100
VIDEO_BYTES: Final = 1100
AUDIO_PER_SECOND: Final = 50
#: Frames from one key frame to the next: a second. Cameras send them only when they are asked.
KEY_EVERY: Final = 30
#: linux/socket.h; the socket module of CPython 3.11 has no name for it. Its message is a timespec of the wall clock.
SO_TIMESTAMPNS: Final = 35
_timespec: Final = struct.Struct("=qq")
_ANCILLARY_BYTES: Final = socket.CMSG_SPACE(_timespec.size)
#: A check every two seconds keeps consent (RFC 7675) without being seen in the figures.
CHECK_SECONDS: Final = 2.0
WARM_SECONDS: Final = 1.5
#: Between two runs nothing may be on its way any more.
SETTLE_SECONDS: Final = 0.3
MOST_SETTLE_SECONDS: Final = 6.0


class Endpoint:
    """One client transport, blocking while it connects and non-blocking afterwards."""

    def __init__(self, description: Json, certificate: Certificate) -> None:
        candidate = description["iceCandidates"][0]
        self.server = (candidate["ip"], candidate["port"])
        ice = description["iceParameters"]
        local = description.get("local", {"usernameFragment": secrets.token_hex(4), "password": secrets.token_hex(12)})
        self._username = f"{ice['usernameFragment']}:{local['usernameFragment']}"
        self._password = ice["password"].encode()
        self._local_password = local["password"].encode()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.connect(self.server)
        self._ssl = SSL.Connection(context(certificate, AES_128_GCM.name), None)
        self._ssl.set_connect_state()
        self._ssl.set_ciphertext_mtu(MTU)
        self.inbound: GcmInbound
        self.outbound: GcmOutbound
        self.received = 0

    def check(self) -> None:
        self.socket.send(
            stun.binding_request(secrets.token_bytes(12), self._username, self._password, priority=1, tie_breaker=2**64 - 1, nominate=True)
        )

    def receive_stamped(self) -> tuple[bytes, float]:
        """→ a datagram and when the kernel had it, by the wall clock."""
        data, ancillary, _, _ = self.socket.recvmsg(2048, _ANCILLARY_BYTES)
        seconds, nanoseconds = next(_timespec.unpack(value) for _, kind, value in ancillary if kind == SO_TIMESTAMPNS)
        return data, seconds + nanoseconds / 1e9

    def stun(self, data: bytes) -> bool:
        """Answer the checks of a peer that is no ICE-lite agent. → whether this was the answer to one of ours."""
        message = stun.parse(data)
        if message.type == stun.BINDING_REQUEST:
            self.socket.send(stun.binding_success(message, self.server, self._local_password))
        return message.type == stun.BINDING_SUCCESS

    def connect(self, seconds: float = 10.0) -> None:
        """ICE check until it is answered, then the DTLS handshake."""
        deadline = time.monotonic() + seconds
        self.socket.settimeout(0.25)
        self.check()
        while time.monotonic() < deadline:
            try:
                data = self.socket.recv(2048)
            except TimeoutError:
                self.check()
                continue
            if data[0] < 4 and self.stun(data):
                break
        while not self._handshake() and time.monotonic() < deadline:
            try:
                data = self.socket.recv(2048)
                if data[0] < 4:
                    self.stun(data)
                elif 19 < data[0] < 64:
                    self._ssl.bio_write(data)
            except TimeoutError:
                self._ssl.DTLSv1_handle_timeout()
        client, server = AES_128_GCM.split(self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", AES_128_GCM.exported_length))
        self.inbound, self.outbound = GcmInbound(server, AES_128_GCM), GcmOutbound(client, AES_128_GCM)
        self.socket.setblocking(False)

    def _handshake(self) -> bool:
        done = True
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            done = False
        flight = b""
        try:
            while True:
                flight += self._ssl.bio_read(65536)
        except SSL.WantReadError:
            for datagram in datagrams(flight):
                self.socket.send(datagram)
        return done


@dataclass
class Track:
    """One synthetic stream of the publisher."""

    ssrc: int
    payload_type: int
    clock_rate: int
    size: int
    number: int = 1
    timestamp: int = 0
    frames: int = 0

    def packet(self, outbound: GcmOutbound, first: bool, last: bool) -> bytes:
        """A VP8 descriptor and, at the beginning of a frame, the bit that says whether it needs an earlier one (RFC 6386 §9.1)."""
        head = bytes.fromhex("00000000")
        if self.payload_type == 101 and first:
            head = bytes.fromhex("10010000" if self.frames % KEY_EVERY else "10000000")
            self.frames += 1
        header = struct.pack("!BBHII", 0x80, 0x80 * last | self.payload_type, self.number & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc)
        payload = head + struct.pack("!d", time.time()) + bytes(self.size - 12)
        packet = outbound.protect(self.ssrc << 48 | self.number, header, payload)
        self.number += 1
        return packet


class Load:
    def __init__(self, publisher: Endpoint, consumers: list[Endpoint], tracks: list[Json]) -> None:
        self.publisher = publisher
        self.consumers = consumers
        self.audio = Track(tracks[0]["ssrc"], 100, 48000, AUDIO_BYTES)
        self.video = Track(tracks[1]["ssrc"], 101, 90000, VIDEO_BYTES)
        self.video_rate = 0
        self.sent = 0
        self.latencies: list[float] = []
        self._poll = select.epoll()
        self._by_number = {endpoint.socket.fileno(): endpoint for endpoint in [publisher, *consumers]}
        for number in self._by_number:
            self._poll.register(number, select.EPOLLIN)

    def set_rate(self, rate: int) -> None:
        """Packets per second of the publisher; what is above the voice is video."""
        self.video_rate = max(1, rate - AUDIO_PER_SECOND)

    def forget(self) -> None:
        self.sent = 0
        self.latencies.clear()
        for endpoint in self.consumers:
            endpoint.received = 0

    def settle(self) -> None:
        """Listen until nothing comes any more."""
        deadline = time.perf_counter() + MOST_SETTLE_SECONDS
        before = -1
        while before != (before := self.received) and time.perf_counter() < deadline:
            self.run(SETTLE_SECONDS, sending=False)

    @property
    def received(self) -> int:
        return sum(endpoint.received for endpoint in self.consumers)

    def run(self, seconds: float, sending: bool = True) -> None:
        """Send (or only listen) for a while; video frames leave as bursts, as cameras do."""
        start = time.perf_counter()
        audio_at = video_at = check_at = start
        owed = 0.0
        while (now := time.perf_counter()) - start < seconds:
            if now >= check_at:
                check_at += CHECK_SECONDS
                for endpoint in self._by_number.values():
                    endpoint.check()
            if sending and now >= audio_at:
                self._burst(self.audio, 1, 960)
                audio_at += 1 / AUDIO_PER_SECOND
            if sending and now >= video_at:
                owed += self.video_rate * FRAME_SECONDS
                self._burst(self.video, int(owed), 3000)
                owed -= int(owed)
                video_at += FRAME_SECONDS
            self._listen(max(0.0, min(audio_at, video_at) - time.perf_counter()) if sending else 0.01)

    def _burst(self, track: Track, count: int, ticks: int) -> None:
        track.timestamp += ticks
        for position in range(count):
            self.publisher.socket.send(track.packet(self.publisher.outbound, position == 0, position == count - 1))
        self.sent += count

    def _listen(self, seconds: float) -> None:
        for number, _ in self._poll.poll(seconds):
            endpoint = self._by_number[number]
            receive = endpoint.socket.recv
            try:
                while True:
                    if sampled := endpoint.received % SAMPLE == SAMPLE - 1:
                        data, arrived = endpoint.receive_stamped()
                    else:
                        data = receive(2048)
                    if 127 < data[0] < 192 and not 192 <= data[1] <= 223:
                        endpoint.received += 1
                        if sampled:
                            self._measure(endpoint, data, arrived)
                    elif data[0] < 4:
                        endpoint.stun(data)
            except BlockingIOError:
                continue

    def _measure(self, endpoint: Endpoint, data: bytes, arrived: float) -> None:
        _, _, payload = endpoint.inbound.open_rtp(data)
        self.latencies.append(arrived - struct.unpack_from("!d", payload, 4)[0])


def tell(message: Json) -> None:
    print(json.dumps(message), flush=True)


def main() -> None:
    """publisher → connected; consumers → connected; then runs: {"rate", "seconds"} → {"mark": "start"}, {"mark": "end", …}. {} ends."""
    certificate = Certificate.generate()
    tell({"fingerprints": certificate.fingerprints})
    plan = json.loads(sys.stdin.readline())
    publisher = Endpoint(plan["publisher"], certificate)
    publisher.connect()
    tell({"connected": "publisher"})  # some servers want to see it before anybody subscribes
    consumers = [Endpoint(description, certificate) for description in json.loads(sys.stdin.readline())["consumers"]]
    for endpoint in consumers:
        endpoint.connect()
    load = Load(publisher, consumers, plan["tracks"])
    tell({"connected": "consumers"})
    while command := json.loads(sys.stdin.readline() or "{}"):
        run(load, command)


def run(load: Load, command: Json) -> None:
    load.set_rate(command["rate"])
    load.run(WARM_SECONDS)  # caches, branch predictors and the scheduler settle
    load.settle()
    load.forget()
    tell({"mark": "start"})
    load.run(command["seconds"])
    load.settle()
    load.latencies.sort()
    tell({"mark": "end", "sent": load.sent, "received": load.received, "latencies": load.latencies[::16]})


if __name__ == "__main__":
    main()
