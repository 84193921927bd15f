"""A camera in three layers as a browser sends it: own numbers, clocks and picture ids for each layer, key frames when asked for one."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from media import rtcp
from tests.media.meeting import Meeting
from tests.media.peer import MID_ID, vp8

Json = dict[str, Any]

RIDS = ("l", "m", "h")
HEIGHTS = (180, 360, 720)
SSRCS = (3001, 3002, 3003)
RTX = (3011, 3012, 3013)
RID_ID = 10
#: What a packet of each layer carries beside its head: small, so that tests read well.
SIZES = (20, 40, 80)


def layered(mid: str = "7") -> Json:
    parameters = vp8(None, None, mid)
    parameters["encodings"] = [{"rid": rid} for rid in RIDS]
    return parameters


def head(picture: int, tl0: int, key: bool, height: int, starts: bool = True) -> bytes:
    """Payload descriptor with a picture id of 15 bits and TL0PICIDX (RFC 7741), and the head of a frame (RFC 6386 §9.1)."""
    descriptor = struct.pack("!BBHB", 0x90 if starts else 0x80, 0xC0, 0x8000 | picture & 0x7FFF, tl0 & 0xFF)
    if not starts:
        return descriptor
    if not key:
        return descriptor + b"\x01\x00\x00"
    return descriptor + b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", height * 16 // 9, height)


@dataclass
class Layer:
    number: int
    index: int
    picture: int
    offset: int  # of its RTP clock
    sent: int = 0
    wants_key: bool = True


@dataclass
class Camera:
    meeting: Meeting
    producer_id: str = "layers"
    mid: str = "7"
    ssrcs: tuple[int, ...] = SSRCS
    alive: set[int] = field(default_factory=lambda: {0, 1, 2})
    layers: list[Layer] = field(
        default_factory=lambda: [Layer(n, 100 + 1000 * n, 50 * n, 4_000_000_000 + n * 200_000_000) for n in range(3)]
    )
    checked_at: float = 0.0
    asked: list[int] = field(default_factory=list)  # layers a key frame was asked of

    def produce(self) -> Json:
        return self.meeting.routers.produce("alice", self.producer_id, "video", layered(self.mid))

    def frame(self, packets: int = 2, sizes: tuple[int, ...] = SIZES) -> None:
        """One picture of every layer that is alive, its packets one after another."""
        self.listen()
        for layer in self.layers:
            if layer.number in self.alive:
                self.picture(layer, packets, sizes[layer.number])
        self.meeting.forwarder.flush()
        self.meeting.world.deliver()

    def picture(self, layer: Layer, packets: int, size: int) -> None:
        world = self.meeting.world
        key, layer.wants_key = layer.wants_key, False
        timestamp = round(world.now * 90_000) + layer.offset & 0xFFFFFFFF
        layer.picture += 1
        for n in range(packets):
            payload = head(layer.picture, layer.picture, key, HEIGHTS[layer.number], n == 0) + bytes(size)
            world.forwarder.feed(self.packet(layer, payload, timestamp, n == packets - 1), self.meeting.alice.address, world.now)

    def packet(self, layer: Layer, payload: bytes, timestamp: int, last: bool) -> bytes:
        layer.index += 1
        extension = b""
        if layer.sent < 3:  # a browser stops when it knows that it was understood
            rid = RIDS[layer.number].encode()
            extension = bytes((MID_ID << 4,)) + self.mid.encode() + bytes((RID_ID << 4,)) + rid
        layer.sent += 1
        return self.meeting.alice.protected(
            self.ssrcs[layer.number],
            layer.index,
            payload,
            payload_type=96 | 0x80 * last,
            timestamp=timestamp,
            extension=extension,
        )

    def listen(self) -> None:
        """Key frames are asked for by PLI."""
        for packet in self.meeting.alice.rtcp():
            for part in rtcp.parse_compound(packet):
                if isinstance(part, rtcp.Pli) and part.media_ssrc in self.ssrcs:
                    layer = self.ssrcs.index(part.media_ssrc)
                    self.layers[layer].wants_key = True
                    self.asked.append(layer)

    def run(self, seconds: float, step: float = 1 / 30, **more: Any) -> None:
        """Frames at 30 a second, and the plane's clock beside them."""
        world = self.meeting.world
        until = world.now + seconds
        while world.now < until - 1e-6:
            world.tick(step)
            if world.now - self.checked_at > 2.0:
                self.checked_at = world.now
                self.meeting.alice.check()
                self.meeting.bob.check()
            self.frame(**more)

    def report(self, ntp_at: float = 0.0) -> None:
        """Sender reports of all layers; their NTP clock is the world's and `ntp_at` seconds."""
        world = self.meeting.world
        ntp = int((world.now + ntp_at + 3_000_000_000) * 2**32)
        for layer in self.layers:
            timestamp = round(world.now * 90_000) + layer.offset & 0xFFFFFFFF
            self.meeting.alice.send_rtcp(rtcp.build_sender_report(self.ssrcs[layer.number], ntp, timestamp, 1, 1))
