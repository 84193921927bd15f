"""A fuzzer of the packet plane with a seed: strangers, a hostile member who holds real keys, and two honest people who must not notice.

What is thrown is made from a corpus of real datagrams (checks, handshakes, media, reports, repairs) by cutting, flipping, stretching,
repeating and reflecting them, from noise of every kind by its first byte, and from well-encrypted nonsense: RTP and RTCP that authenticate
and mean nothing. Time runs on by hand, a millisecond for each datagram.
"""

from __future__ import annotations

import random
import struct
from collections import Counter
from dataclasses import dataclass, field

from media.capabilities import router_rtp_capabilities
from media.stun import Address
from tests.media.meeting import ALICE, BLIND, CAMERA, CAMERA_RTX, MICROPHONE, Meeting
from tests.media.peer import RED_TYPE, Peer, opus, redundant

CAROL, DAVE = ("10.0.0.7", 7777), ("10.0.0.8", 8888)
CALM = 7001
VOICE = 3001
HONEST_EVERY = 50
CORPUS = 64  # of each kind that real traffic left
FIRST_BYTES = (range(4), range(20, 64), range(64, 128), range(128, 192), range(192, 256))


@dataclass
class Outcome:
    thrown: int = 0
    honest_sent: int = 0
    honest_heard: int = 0
    amplified: int = 0  # answers to a stranger that were larger than their cause
    drops: Counter[str] = field(default_factory=Counter)

    @property
    def bugs(self) -> dict[str, int]:
        return {reason: count for reason, count in self.drops.items() if reason.startswith("bug_")}


class Fuzz:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.meeting = Meeting()
        self.world = self.meeting.world
        self.meeting.routers.produce("alice", "voice", "audio", redundant(VOICE, "9"))
        for producer, consumer in (("mic", "c1"), ("cam", "c2"), ("voice", "c3")):
            self.meeting.consume(producer, consumer)
        self.meeting.forwarder.transports["bob"].downlink.protection.depth = 1
        self.meeting.consume("voice", "c4", capabilities=router_rtp_capabilities())
        routers = self.meeting.routers
        routers.open_router("calm")
        self.carol = self._calm("carol", "send", CAROL)
        self.dave = self._calm("dave", "recv", DAVE)
        routers.produce("carol", "calm-mic", "audio", opus(CALM))
        parameters = routers.consume("dave", "calm-heard", "calm-mic", BLIND, False)["rtpParameters"]
        self.ssrc: int = parameters["encodings"][0]["ssrc"]
        self.outcome = Outcome()
        self.corpus = self._recorded()
        self._number = 0
        self._numbers: dict[int, int] = {}

    def _calm(self, name: str, direction: str, address: Address) -> Peer:
        peer = Peer(self.world, self.meeting.routers.create_transport("calm", name, direction), address)
        self.meeting.routers.connect_transport(name, peer.dtls_parameters)
        peer.connect()
        return peer

    def _recorded(self) -> list[bytes]:
        """Real datagrams of a short meeting, in both directions."""
        found: list[bytes] = []
        feed = self.world.feed

        def recording(data: bytes, source: Address) -> None:
            found.append(data)
            feed(data, source)

        self.world.feed = recording  # type: ignore[method-assign]
        self.meeting.alice.check()
        for number in range(CORPUS):
            self.meeting.alice.send(MICROPHONE, number + 1, payload_type=111, payload=bytes(80))
            self.meeting.alice.send(VOICE, number + 1, b"\xef\x0f\x00\x28\x6f" + bytes(80), payload_type=RED_TYPE, timestamp=960 * number)
            self.meeting.alice.send(CAMERA, number + 1, payload_type=96, payload=b"\x10\x00" + bytes(200))
            self.world.tick(0.02)
        self.world.feed = feed  # type: ignore[method-assign]
        return found + [data for box in self.world.mail.values() for data in box]

    def run(self, count: int) -> Outcome:
        for turn in range(count):
            data, source = self._datagram()
            self._throw(data, source)
            if turn % 20 == 0:
                self.world.tick(0.02)
            if turn % HONEST_EVERY == 0:
                self._honest()
            if turn % 1000 == 0:
                self.carol.check()
                self.dave.check()
        self.outcome.drops = Counter(self.meeting.drops)
        return self.outcome

    def _throw(self, data: bytes, source: Address) -> None:
        self.outcome.thrown += 1
        self.world.forwarder.feed(data, source, self.world.now)
        self.world.forwarder.flush()
        if source[0].startswith("203."):
            answers = sum(len(out[0]) for out in self.world.forwarder.outputs if out[2] == source and isinstance(out[0], bytes))
            self.outcome.amplified += answers > len(data)
        self.world.deliver()
        for address in list(self.world.mail):
            if address != DAVE:
                del self.world.mail[address]

    def _honest(self) -> None:
        self._number += 1
        self.outcome.honest_sent += 1
        self.carol.send(CALM, self._number, payload_type=111, payload=bytes(60))
        heard = self.dave.take(lambda data: 127 < data[0] < 192 and data[8:12] == self.ssrc.to_bytes(4, "big"))
        self.outcome.honest_heard += len(heard)

    def _datagram(self) -> tuple[bytes, Address]:
        chance = self.chance
        stranger = (f"203.0.113.{chance.randrange(256)}", chance.randrange(1, 65536))
        source = chance.choice((stranger, stranger, ALICE, ("10.0.0.2", 2222)))
        kind = chance.randrange(6)
        if kind == 0:
            return self._noise(), source
        if kind < 4:
            return self._spoilt(chance.choice(self.corpus)), source
        return (self._sealed_rtp() if kind == 4 else self._sealed_rtcp()), ALICE

    def _noise(self) -> bytes:
        first = self.chance.choice(self.chance.choice(FIRST_BYTES))
        length = self.chance.choice((0, 1, 3, 4, 11, 12, 19, 20, 28, 60, 200, 1200, 1499, 1500, 1501, 2047))
        return bytes((first,)) + self.chance.randbytes(length)

    def _spoilt(self, data: bytes) -> bytes:
        chance = self.chance
        spoil = chance.randrange(6)
        if spoil == 0:
            return data  # a replay, or a reflection of what was sent to somebody else
        if spoil == 1:
            return data[: chance.randrange(len(data) + 1)]
        if spoil == 2:
            return data + chance.randbytes(chance.randrange(1, 400))
        if spoil == 3:
            other = chance.choice(self.corpus)
            return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 8)):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)

    def _sealed_rtp(self) -> bytes:
        """Authentic, with a header of any kind that a parser might trust: extensions that overrun, counts, padding, unknown streams."""
        chance = self.chance
        ssrc = chance.choice((MICROPHONE, VOICE, CAMERA, CAMERA_RTX)) if chance.random() < 0.98 else chance.randrange(1 << 32)
        step = 1 if chance.random() < 0.95 else chance.choice((2, 500, 20_000))
        self._numbers[ssrc] = number = self._numbers.get(ssrc, 64) + step
        first = 0x80 | chance.choice((0, 0, 0x10, 0x20, 0x30, chance.randrange(64)))
        second = chance.choice((111, RED_TYPE, 96, 97, 0x80 | 96, chance.randrange(256)))
        header = struct.pack("!BBHII", first, second, number & 0xFFFF, chance.randrange(1 << 32), ssrc)
        header += chance.randbytes(4 * (first & 15))
        if first & 0x10:
            words = chance.choice((0, 1, 2, 8))
            header += struct.pack("!HH", chance.choice((0xBEDE, 0x1000, 0x100F, 7)), words) + chance.randbytes(4 * words)
        payload = chance.randbytes(chance.choice((0, 1, 2, 3, 10, 200, 1100)))
        if second == RED_TYPE:
            payload = self._redundant() + payload
        index = number & ((1 << 48) - 1)
        return self.meeting.alice.outbound.protect(ssrc << 48 | index, header, payload)

    def _redundant(self) -> bytes:
        """Heads of earlier packets, more or fewer than follow, with lengths and offsets that may lie (RFC 2198)."""
        chance = self.chance
        kinds = (111, 111, 111, 100, RED_TYPE, chance.randrange(128))
        heads = [
            (0x80 | chance.choice(kinds)) << 24
            | (960 * chance.randrange(1, 4) if chance.random() < 0.7 else chance.randrange(1 << 14)) << 10
            | (chance.randrange(40) if chance.random() < 0.7 else chance.randrange(1 << 10))
            for _ in range(chance.choice((0, 1, 1, 2, 9, 60)))
        ]
        return (
            b"".join([head.to_bytes(4, "big") for head in heads]) + bytes((chance.choice(kinds),)) + bytes((0x08,)) * chance.randrange(80)
        )

    def _sealed_rtcp(self) -> bytes:
        """Authentic compound packets whose lengths and counts may lie."""
        chance = self.chance
        parts = b""
        for _ in range(chance.randrange(1, 4)):
            body = MICROPHONE.to_bytes(4, "big") + chance.randbytes(4 * chance.randrange(0, 40))
            words = len(body) // 4 if chance.random() < 0.7 else chance.randrange(65536)
            parts += struct.pack("!BBH", 0x80 | chance.randrange(64), chance.choice((200, 201, 202, 203, 204, 205, 206, 207)), words) + body
        return self.meeting.alice.outbound.protect_rtcp(parts)
