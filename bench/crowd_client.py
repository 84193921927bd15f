"""A crowd of peers, each with a microphone and a camera in three layers, in one process of its own. Each peer is two real WebRTC endpoints.

It does what browsers do as far as the worker can tell: audio levels, key frames when asked, layers stopped when nobody wants them,
transport-wide feedback for what arrives. Whatever is missing in a received stream's numbers is counted as lost. Lines of JSON on stdin
and stdout are the whole protocol with `bench.crowd`.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import struct
import time
from dataclasses import dataclass, field
from typing import Any, Final

from bench.load_client import AUDIO_BYTES, CHECK_SECONDS, Endpoint, tell
from media import rtcp
from media.arrivals import ArrivalLog
from media.capabilities import AUDIO_LEVEL, ROUTER_HEADER_EXTENSIONS, TRANSPORT_CC
from media.dtls import Certificate
from media.rtp import extensions, is_rtcp
from media.srtp import SrtpError

Json = dict[str, Any]

FRAME_SECONDS: Final = 1 / 30
AUDIO_SECONDS: Final = 0.02
FEEDBACK_SECONDS: Final = 0.1
#: The layers of a browser's camera at 720p: packets of a frame, bytes of each; 150, 500 and 1,700 kb/s.
LAYERS: Final = ((1, 625), (2, 1040), (6, 1180))
KEY_FACTOR: Final = 4
_IDS: Final = {entry["uri"]: entry["preferredId"] for entry in ROUTER_HEADER_EXTENSIONS}
_LEVEL: Final = _IDS[AUDIO_LEVEL]
_TRANSPORT_CC: Final = _IDS[TRANSPORT_CC]
#: dBov: one of the crowd talks, the others' rooms are quiet.
TALKING, QUIET = 25, 85
TALK_SECONDS: Final = 4.0


@dataclass
class Layer:
    ssrc: int
    packets: int
    size: int
    number: int
    picture: int = 0
    timestamp: int = 0
    key: bool = True
    wanted: bool = True


@dataclass
class Received:
    """One stream as it arrives: numbers first to highest, and how many different ones came."""

    first: int
    highest: int
    count: int = 1


@dataclass
class Peer:
    sender: Endpoint
    receiver: Endpoint
    audio: Layer
    layers: list[Layer]
    phase: float
    arrivals: ArrivalLog = field(default_factory=ArrivalLog)
    streams: dict[int, Received] = field(default_factory=dict)
    received: int = 0

    def voice(self, level: int) -> int:
        layer = self.audio
        layer.timestamp += 960
        block = struct.pack("!HHBBBB", 0xBEDE, 1, _LEVEL << 4, level, 0, 0)
        self._send(layer, 0x90, 100, block, bytes(AUDIO_BYTES))
        return 1

    def frame(self) -> int:
        sent = 0
        for layer in self.layers:
            layer.timestamp += 3000
            if layer.wanted:
                sent += self._picture(layer)
        return sent

    def _picture(self, layer: Layer) -> int:
        key, layer.key = layer.key, False
        layer.picture = layer.picture + 1 & 0x7FFF
        count = layer.packets * (KEY_FACTOR if key else 1)
        for position in range(count):
            first = position == 0
            descriptor = bytes((0x90 if first else 0x80, 0x80)) + (0x8000 | layer.picture).to_bytes(2, "big")
            payload = descriptor + bytes((0 if key and first else 1,)) + bytes(layer.size - 5)
            self._send(layer, 0x80, 101 | 0x80 * (position == count - 1), b"", payload)
        return count

    def _send(self, layer: Layer, first: int, second: int, block: bytes, payload: bytes) -> None:
        header = struct.pack("!BBHII", first, second, layer.number & 0xFFFF, layer.timestamp & 0xFFFFFFFF, layer.ssrc) + block
        self.sender.socket.send(self.sender.outbound.protect(layer.ssrc << 48 | layer.number, header, payload))
        layer.number += 1

    def hear(self, data: bytes) -> None:
        """RTCP for the sending side: key frames are asked for here."""
        try:
            parts = rtcp.parse_compound(self.sender.inbound.open_rtcp(data))
        except (SrtpError, rtcp.RtcpError):
            return
        wanted = {part.media_ssrc for part in parts if isinstance(part, rtcp.Pli)}
        wanted |= {ssrc for part in parts if isinstance(part, rtcp.Fir) for ssrc, _ in part.entries}
        for layer in self.layers:
            layer.key = layer.key or layer.ssrc in wanted

    def take(self, data: bytes, now: float) -> None:
        self.received += 1
        for identifier, value in extensions(data):
            if identifier == _TRANSPORT_CC and len(value) == 2:
                self.arrivals.seen(value[0] << 8 | value[1], now)
        ssrc, number = int.from_bytes(data[8:12], "big"), data[2] << 8 | data[3]
        stream = self.streams.get(ssrc)
        if stream is None:
            self.streams[ssrc] = Received(number, number)
            return
        stream.count += 1
        ahead = (number - stream.highest) & 0xFFFF
        if ahead < 0x8000:
            stream.highest += ahead

    def feedback(self) -> None:
        told = self.arrivals.feedback(1, 2)
        if told is not None:
            self.receiver.socket.send(self.receiver.outbound.protect_rtcp(rtcp.build_transport_feedback(told)))

    def missing(self) -> tuple[int, int]:
        """(expected, lost) over all streams."""
        expected = sum(stream.highest - stream.first + 1 for stream in self.streams.values())
        return expected, expected - sum(stream.count for stream in self.streams.values())


class Crowd:
    def __init__(self, plan: Json, certificate: Certificate) -> None:
        self.peers = [self._peer(entry, number, certificate) for number, entry in enumerate(plan["peers"])]
        self.sent = 0
        self.silent = bool(plan.get("silent"))  # until the first command
        self._poll = select.epoll()
        self._senders = {peer.sender.socket.fileno(): peer for peer in self.peers}
        self._receivers = {peer.receiver.socket.fileno(): peer for peer in self.peers}
        for number in (*self._senders, *self._receivers):
            self._poll.register(number, select.EPOLLIN)
        os.set_blocking(0, False)
        self._poll.register(0, select.EPOLLIN)
        self.commands: list[Json] = []
        self._line = b""
        start = time.perf_counter()
        count = len(self.peers)
        self._voice_at = [start + AUDIO_SECONDS * n / count for n in range(count)]
        self._frame_at = [start + FRAME_SECONDS * n / count for n in range(count)]
        self._feedback_at = [start + FEEDBACK_SECONDS * n / count for n in range(count)]
        self._check_at = start + CHECK_SECONDS

    def _peer(self, entry: Json, number: int, certificate: Certificate) -> Peer:
        ends = [Endpoint(entry[direction], certificate) for direction in ("send", "recv")]
        for end in ends:
            end.connect()
        audio = Layer(entry["audio"], 1, AUDIO_BYTES, secrets.randbelow(0x4000))
        layers = [Layer(ssrc, *shape, secrets.randbelow(0x4000)) for ssrc, shape in zip(entry["layers"], LAYERS, strict=True)]
        return Peer(ends[0], ends[1], audio, layers, number)

    def run(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            talking = int(now / TALK_SECONDS) % len(self.peers)
            for n, peer in enumerate(self.peers):
                if self.silent:
                    self._voice_at[n] = self._frame_at[n] = now + AUDIO_SECONDS
                if now >= self._voice_at[n]:
                    self._voice_at[n] += AUDIO_SECONDS
                    self.sent += peer.voice(TALKING if (n - talking) % len(self.peers) < 3 else QUIET)
                if now >= self._frame_at[n]:
                    self._frame_at[n] += FRAME_SECONDS
                    self.sent += peer.frame()
                if now >= self._feedback_at[n]:
                    self._feedback_at[n] += FEEDBACK_SECONDS
                    peer.feedback()
            if now >= self._check_at:
                self._check_at += CHECK_SECONDS
                for peer in self.peers:
                    peer.sender.check()
                    peer.receiver.check()
            self._listen(max(0.0, min(*self._voice_at, *self._frame_at) - time.perf_counter()))

    def _listen(self, seconds: float) -> None:
        for number, _ in self._poll.poll(seconds):
            if number == 0:
                self._commanded()
                continue
            receiver = self._receivers.get(number)
            peer = receiver or self._senders[number]
            end = peer.receiver if receiver else peer.sender
            try:
                while True:
                    data = end.socket.recv(2048)
                    if data[0] < 4:
                        end.stun(data)
                    elif not 127 < data[0] < 192:
                        continue
                    elif not is_rtcp(data) and receiver:
                        peer.take(data, time.perf_counter())
                    elif is_rtcp(data) and not receiver:
                        peer.hear(data)
            except BlockingIOError:
                continue

    def _commanded(self) -> None:
        """{"wanted": {peer: highest layer}} at any time; everything else waits for its turn."""
        try:
            self._line += os.read(0, 1 << 20)
        except BlockingIOError:
            return
        *lines, self._line = self._line.split(b"\n")
        for line in lines:
            command = json.loads(line)
            for number, highest in command.get("wanted", {}).items():
                for layer, stream in enumerate(self.peers[int(number)].layers):
                    stream.key = stream.key or (layer <= highest and not stream.wanted)
                    stream.wanted = layer <= highest
            if "wanted" not in command:
                self.commands.append(command)

    def forget(self) -> None:
        self.sent = 0
        for peer in self.peers:
            peer.streams.clear()
            peer.received = 0

    def figures(self) -> Json:
        missing = [peer.missing() for peer in self.peers]
        return {
            "sent": self.sent,
            "received": sum(peer.received for peer in self.peers),
            "expected": sum(one[0] for one in missing),
            "lost": sum(one[1] for one in missing),
            "streams": sum(len(peer.streams) for peer in self.peers) / len(self.peers),
            "layers_sent": sum(layer.wanted for peer in self.peers for layer in peer.layers),
        }


def _first_line() -> bytes:
    """By the byte: a buffered reader would keep for itself what the poll waits for."""
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(0, 1)
    return line


def main() -> None:
    certificate = Certificate.generate()
    tell({"fingerprints": certificate.fingerprints})
    crowd = Crowd(json.loads(_first_line()), certificate)
    tell({"connected": len(crowd.peers)})
    while True:
        while not crowd.commands:
            crowd.run(0.1)
        command = crowd.commands.pop(0)
        if not command:
            return
        crowd.silent = False
        crowd.forget()
        tell({"mark": "start"})
        crowd.run(command["seconds"])
        tell({"mark": "end"} | crowd.figures())


if __name__ == "__main__":
    main()
