"""One receiving peer with a voice and a simulcast picture, and everything between the producer and its screen but sockets and keys.

The producer sends a voice (50 packets/s) and three layers (30 frames/s), key frames on request. The plane chooses a layer within its
estimate, rewrites, paces, keeps a history and answers NACKs. The peer acknowledges, asks again for what is missing, and shows a frame when
it and everything before it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from media.arrivals import ArrivalLog
from media.bandwidth import GccEstimate
from media.gaps import GapTracker
from media.history import History, Resender
from media.layers import PAUSED, Layer, LayerChoice, Wish
from media.pacing import LeakyPacer
from media.probing import Probe
from media.rewriter import Rewriter
from media.rtcp import TransportFeedback
from media.transportcc import SendLog
from tests.support.netem import Path

STEP = 0.005
RATES = (150_000, 500_000, 1_700_000)
HEIGHTS = (180, 360, 720)
PACKET = 1100
VOICE_BYTES = 100
KEY_FACTOR = 4


@dataclass
class Packet:
    ordinal: int
    timestamp: int
    picture: int
    size: int
    first: bool
    last: bool
    key: bool


@dataclass
class Source:
    """One simulcast layer of the camera."""

    layer: int
    ordinal: int
    picture: int
    offset: int
    key_at: float | None = 0.0  # when the asked-for key frame is due

    def frame(self, now: float, number: int) -> list[Packet]:
        key = self.key_at is not None and now >= self.key_at
        self.key_at = None if key else self.key_at
        size = int(RATES[self.layer] / 30 / 8) * (KEY_FACTOR if key else 1)
        count = -(-size // PACKET)
        self.picture = self.picture + 1 & 0x7FFF
        packets = []
        for n in range(count):
            self.ordinal += 1
            timestamp = self.offset + number * 3000 & 0xFFFFFFFF
            packets.append(Packet(self.ordinal, timestamp, self.picture, size // count, n == 0, n == count - 1, key and n == 0))
        return packets


@dataclass
class Sent:
    """What is on the wire to the peer."""

    kind: str  # voice, video, rtx, probe
    sequence: int  # transport-wide
    number: int = 0
    timestamp: int = 0
    picture: int = 0
    first: bool = False
    last: bool = False
    key: bool = False
    layer: int = PAUSED


@dataclass
class Screen:
    """What the peer sees: (time, layer) of each frame shown, times of voices heard."""

    shown: list[tuple[float, int]] = field(default_factory=list)
    voices: list[tuple[float, int]] = field(default_factory=list)
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)  # number → (timestamp, picture)
    repeats: int = 0
    waiting: dict[int, Sent] = field(default_factory=dict)
    front: int | None = None
    holed_since: float | None = None
    gaps: GapTracker = field(default_factory=GapTracker)

    def video(self, packet: Sent, now: float) -> None:
        before = self.numbers.setdefault(packet.number, (packet.timestamp, packet.picture))
        assert before == (packet.timestamp, packet.picture)  # a number means one packet, also when it comes again
        self.gaps.seen(packet.number & 0xFFFF, now)
        if self.front is not None and packet.number <= self.front:
            self.repeats += 1
            return
        self.waiting[packet.number] = packet
        self._show(now)

    def _show(self, now: float) -> None:
        keys = [number for number, packet in self.waiting.items() if packet.key]
        if self.front is None or (self.front + 1 not in self.waiting and keys):
            self._jump(keys)
        while self.front is not None and (packet := self.waiting.pop(self.front + 1, None)) is not None:
            self.front += 1
            if packet.last:
                self.shown.append((now, packet.layer))
        self.holed_since = (self.holed_since or now) if self.waiting else None

    def _jump(self, keys: list[int]) -> None:
        """Past a hole to a key frame that is whole."""
        for key in sorted(keys):
            number = key
            while number in self.waiting and not self.waiting[number].last:
                number += 1
            if number in self.waiting:
                self.front = key - 1
                self.waiting = {n: packet for n, packet in self.waiting.items() if n >= key}
                return


class Downlink:
    def __init__(self, there: Path[Sent], tile: int = 720) -> None:
        self.there = there
        self.back_feedback: Path[TransportFeedback] = Path(seed=21, delay=0.025)
        self.back_nack: Path[list[int]] = Path(seed=22, delay=0.025)
        self.back_key: Path[bool] = Path(seed=23, delay=0.025)
        self.tile = tile
        self.now = 0.0
        self.sources = [Source(n, 1000 * (n + 1), 100 * n, 4_294_000_000 * n % 2**32) for n in range(3)]
        self.line = Rewriter(65_000)
        self.histories: list[History[Packet]] = [History() for _ in range(3)]
        self.resender = Resender(1)
        self.estimate = GccEstimate()
        self.choice = LayerChoice()
        self.pacer: LeakyPacer[tuple[str, Packet, int]] = LeakyPacer(300_000)
        self.log = SendLog()
        self.arrivals = ArrivalLog()
        self.screen = Screen()
        self.layer = PAUSED  # sent now
        self.probe: Probe | None = None
        self.probe_left = 0
        self.probe_room = 0.0
        self.packets = 0
        self.voice = 0
        self.estimates: list[tuple[float, int]] = []
        self.layers: list[tuple[float, int]] = []

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.now = round(self.now + STEP, 4)
            step = round(self.now / STEP)
            if step % 4 == 0:
                self._voice()
            if step % 7 == 0:  # 28.6 frames a second
                self._frame(step // 7)
            for kind, packet, layer in self.pacer.release(self.now):
                self._wire(kind, packet, layer)
            self._probing()
            self._arrive()
            if step % 4 == 0 and (missing := self.screen.gaps.due(self.now, 0.075)):
                self.back_nack.send(missing, 100, self.now)
            if step % 20 == 0:
                self._tick()
            self._answer()

    def _voice(self) -> None:
        self.voice += 1
        self.pacer.admit(VOICE_BYTES, self.now, urgent=True)
        self._send(Sent("voice", 0, self.voice), VOICE_BYTES)

    def _frame(self, number: int) -> None:
        for source in self.sources:
            for packet in source.frame(self.now, number):
                self.histories[source.layer].put(packet.ordinal, packet, self.now)
                self._forward(source, packet)

    def _forward(self, source: Source, packet: Packet) -> None:
        wanted = self.choice.chosen.get("v", PAUSED)
        if wanted == PAUSED and self.layer != PAUSED:
            self.line.pause()
            self.layer = PAUSED
        if packet.key and source.layer == wanted != self.layer:
            clocks = None if self.layer == PAUSED else ((0, self.sources[self.layer].offset), (0, source.offset))
            self.line.switch(source.layer, packet.ordinal, packet.timestamp, packet.picture, -1, self.now, clocks)
            self.layer = source.layer
        if self.line.follow(source.layer, packet.ordinal, packet.timestamp, packet.picture, -1, self.now) is None:
            return
        if self.pacer.admit(packet.size, self.now):
            self._wire("video", packet, source.layer)
        else:
            self.pacer.hold(("video", packet, source.layer), packet.size, self.now)

    def _wire(self, kind: str, packet: Packet, layer: int) -> None:
        segment = self.line.segment_at(layer, packet.ordinal)
        assert segment is not None
        timestamp = packet.timestamp + segment.timestamp_shift & 0xFFFFFFFF
        picture = packet.picture + segment.picture_shift & 0x7FFF
        number = packet.ordinal + segment.shift
        self._send(Sent(kind, 0, number, timestamp, picture, packet.first, packet.last, packet.key, layer), packet.size)

    def _send(self, sent: Sent, size: int) -> None:
        self.packets += 1
        self.probe_left -= size
        self.probe_room -= size
        sent.sequence = self.log.sent(size, self.now)
        self.there.send(sent, size, self.now)

    def _probing(self) -> None:
        """Fill up to the probe's rate; media that leaves meanwhile is part of it."""
        if self.probe is None:
            self.probe = self.estimate.probe(self.choice.wanted, self.now)
            self.probe_left = self.probe.size if self.probe else 0
            self.probe_room = 0.0
        if self.probe is not None:
            self.log.cluster = self.probe.cluster
            self.probe_room += self.probe.rate * STEP / 8
            while self.probe_room >= self.probe.packet_size and self.probe_left > 0:
                self._send(Sent("probe", 0), self.probe.packet_size)
            if self.probe_left <= 0:
                self.probe = None
                self.log.cluster = 0

    def _arrive(self) -> None:
        for at, sent in self.there.arrived(self.now):
            self.arrivals.seen(sent.sequence, at)
            if sent.kind == "voice":
                self.screen.voices.append((at, sent.number))
            elif sent.kind != "probe":
                self.screen.video(sent, at)

    def _tick(self) -> None:
        told = self.arrivals.feedback(1, 2)
        if told is not None:
            self.back_feedback.send(told, 100, self.now)
        if self.screen.holed_since is not None and self.now - self.screen.holed_since > 0.3:
            self.back_key.send(True, 50, self.now)
            self.screen.holed_since = self.now
        self.estimate.tick(self.packets, self.now)
        self.packets = 0
        layers = [Layer(rate, height) for rate, height in zip(RATES, HEIGHTS, strict=True)]
        wishes = [Wish("a", "audio", (Layer(VOICE_BYTES * 400, 0),)), Wish("v", "video", layers, tile=self.tile)]
        self.choice.choose(self.estimate.bitrate, wishes, self.now)
        self._ask_for_keys()
        self.pacer.set_rate(self.estimate.bitrate)
        self.resender.set_rate(self.estimate.bitrate)
        self.estimates.append((self.now, self.estimate.bitrate))
        self.layers.append((self.now, self.layer))

    def _ask_for_keys(self) -> None:
        wanted = self.choice.chosen["v"]
        if wanted not in (PAUSED, self.layer) and self.sources[wanted].key_at is None:
            self.sources[wanted].key_at = self.now + 0.05

    def _answer(self) -> None:
        for at, told in self.back_feedback.arrived(self.now):
            self.estimate.acknowledged(self.log.acknowledge(told, at), at)
        for at, asked in self.back_nack.arrived(self.now):
            for repair in self.resender.answer(
                asked, self.line.repairable, lambda s, o: self.histories[s].get(o, self.now), self.estimate.rtt, at
            ):
                self.pacer.admit(repair.packet.size, self.now, urgent=True)
                self._wire("rtx", repair.packet, repair.source)
        if self.back_key.arrived(self.now) and self.layer != PAUSED and self.sources[self.layer].key_at is None:
            self.sources[self.layer].key_at = self.now + 0.05
