"""Bob at the far end of a bad path, over the real forwarder: he acknowledges, asks again for what is missing, and shows what is whole.

Both ends speak SRTP and SRTCP as on the wire; the path between (tests/support/netem.py) has a seed. Alice sends a voice (50 packets a
second) and a camera in three layers (28.6 frames a second). Time goes in steps of 5 ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from media import rtcp, vp8
from media.arrivals import ArrivalLog
from media.capabilities import router_rtp_capabilities
from media.gaps import GapTracker
from media.keyframes import is_vp8_keyframe, picture_height
from media.rtp import extensions
from tests.media.camera import HEIGHTS, RIDS, SSRCS, Camera, head
from tests.media.meeting import ALICE, MICROPHONE, Meeting
from tests.support.netem import Path

Json = dict[str, Any]

STEP = 0.005
RATES = (150_000, 500_000, 1_700_000)
PACKET = 1100
KEY_FACTOR = 4
TRANSPORT_CC = 5  # the router's id of the extension


@dataclass
class Arrived:
    stamp: int
    picture: int
    first: bool
    last: bool
    height: int  # 0: no key frame


@dataclass
class Viewer:
    there: Path[bytes]
    back: Path[bytes] = field(default_factory=lambda: Path(seed=21, delay=0.025))
    tile: int = 720
    meeting: Meeting = field(default_factory=Meeting)
    shown: list[tuple[float, int]] = field(default_factory=list)  # (time, layer) of each frame that was shown
    stamps: list[tuple[float, int]] = field(default_factory=list)  # (time, RTP timestamp) of each frame that was shown
    voices: list[tuple[float, int, int]] = field(default_factory=list)  # (arrival, number, RTP timestamp)
    reports: dict[int, tuple[float, rtcp.SenderReport]] = field(default_factory=dict)  # by SSRC
    sizes: list[tuple[float, int]] = field(default_factory=list)  # everything that arrived
    repeats: int = 0
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)
    waiting: dict[int, Arrived] = field(default_factory=dict)
    front: int | None = None
    holed_since: float | None = None
    layer: int = -1
    step: int = 0
    skew: float = 0.0  # seconds by which the camera's clock runs away from the microphone's in a second
    has_feedback: bool = True

    def __post_init__(self) -> None:
        self.camera = Camera(self.meeting)
        self.camera.produce()
        parameters = [self.meeting.consume(id, f"c-{id}", capabilities=router_rtp_capabilities()) for id in ("mic", "layers")]
        self.voice_ssrc, self.ssrc = (entry["encodings"][0]["ssrc"] for entry in parameters)
        self.rtx = parameters[1]["encodings"][0]["rtx"]["ssrc"]
        self.meeting.routers.update("c-layers", {"wish": {"tile": self.tile}})
        self.arrivals = ArrivalLog()
        self.gaps = GapTracker()
        self.voice_index = 0
        self.newest = 0

    @property
    def now(self) -> float:
        return self.meeting.world.now

    def run(self, seconds: float) -> None:
        world = self.meeting.world
        for _ in range(round(seconds / STEP)):
            self.step += 1
            world.now = round(world.now + STEP, 4)
            if self.step % 4 == 0:
                self._speak()
            if self.step % 7 == 0:
                self._film()
            if self.step % 400 == 0:
                self._check()
            world.forwarder.pump(world.now)
            if self.step % 5 == 0:
                world.forwarder.tick(world.now)
            world.deliver()
            self._travel()
            if self.step % 20 == 0:
                self._acknowledge()
            if self.step % 4 == 0 and (missing := self.gaps.due(self.now, 0.075)):
                self.tell(rtcp.build_nack(1, self.ssrc, missing))

    # --- Alice -----------------------------------------------------------------------------------------------------------------------

    def _speak(self) -> None:
        self.voice_index += 1
        packet = self.meeting.alice.protected(
            MICROPHONE, self.voice_index, bytes(70), timestamp=round(self.now * 48_000) & 0xFFFFFFFF, extension=bytes((0x10, 20))
        )
        self.meeting.forwarder.feed(packet, ALICE, self.now)
        self.meeting.forwarder.flush()

    def film_clock(self, layer: int) -> int:
        return round(self.now * 90_000 * (1.0 + self.skew)) + self.camera.layers[layer].offset & 0xFFFFFFFF

    def _film(self) -> None:
        self.camera.listen()
        for layer in self.camera.layers:
            if layer.number not in self.camera.alive:
                continue
            key, layer.wants_key = layer.wants_key, False
            size = int(RATES[layer.number] / 28.6 / 8) * (KEY_FACTOR if key else 1)
            count = -(-size // PACKET)
            layer.picture += 1
            for n in range(count):
                payload = head(layer.picture, layer.picture, key, HEIGHTS[layer.number], n == 0) + bytes(size // count)
                packet = self.camera.packet(layer, payload, self.film_clock(layer.number), n == count - 1)
                self.meeting.forwarder.feed(packet, ALICE, self.now)
        self.meeting.forwarder.flush()

    def report(self) -> None:
        """Sender reports of voice and layers on Alice's wall clock."""
        ntp = int((self.now + 3_000_000_000) * 2**32)
        clocks = [(MICROPHONE, round(self.now * 48_000))] + [(SSRCS[n], self.film_clock(n)) for n in range(len(RIDS))]
        for ssrc, stamp in clocks:
            self.meeting.alice.send_rtcp(rtcp.build_sender_report(ssrc, ntp, stamp & 0xFFFFFFFF, 1, 1))

    def _check(self) -> None:
        self.meeting.alice.check()
        self.meeting.bob.check()

    # --- Bob -------------------------------------------------------------------------------------------------------------------------

    def _travel(self) -> None:
        for data in self.meeting.bob.take():
            self.there.send(data, len(data) + 28, self.now)
        for at, data in self.there.arrived(self.now):
            self.sizes.append((at, len(data)))
            if 192 <= data[1] <= 223:
                for part in rtcp.parse_compound(self.meeting.bob.inbound.open_rtcp(data)):
                    if isinstance(part, rtcp.SenderReport):
                        self.reports[part.ssrc] = (at, part)
            elif 127 < data[0] < 192:
                self._media(data, at)
        for _, packet in self.back.arrived(self.now):
            self.meeting.world.feed(packet, self.meeting.bob.address)

    def _media(self, data: bytes, at: float) -> None:
        index, _, payload = self.meeting.bob.inbound.open_rtp(data)
        for identifier, value in extensions(data):
            if identifier == TRANSPORT_CC:
                self.arrivals.seen(value[0] << 8 | value[1], at)
        ssrc, stamp = int.from_bytes(data[8:12], "big"), int.from_bytes(data[4:8], "big")
        if ssrc == self.voice_ssrc:
            self.voices.append((at, index, stamp))
        elif ssrc == self.ssrc:
            self._picture(index, stamp, bool(data[1] & 0x80), _unpadded(data[0], payload), at)
        elif ssrc == self.rtx and not (data[0] & 0x20 and payload[-1] == len(payload)):
            payload = _unpadded(data[0], payload)
            original = self.newest + ((int.from_bytes(payload[:2], "big") - self.newest + 0x8000) & 0xFFFF) - 0x8000
            self.repeats += 1
            self._picture(original, stamp, bool(data[1] & 0x80), payload[2:], at)

    def _picture(self, number: int, stamp: int, last: bool, payload: bytes, at: float) -> None:
        found = vp8.describe(payload)
        before = self.numbers.setdefault(number, (stamp, found.picture))
        assert before == (stamp, found.picture)  # a number means one packet, also when it comes again
        self.newest = max(self.newest, number)
        self.gaps.seen(number & 0xFFFF, at)
        if self.front is not None and number <= self.front:
            return
        height = picture_height(payload) if is_vp8_keyframe(payload) else 0
        self.waiting[number] = Arrived(stamp, found.picture, found.starts_frame, last, height)
        self._show(at)

    def _show(self, at: float) -> None:
        keys = [number for number, packet in self.waiting.items() if packet.height]
        if self.front is None or (self.front + 1 not in self.waiting and keys):
            self._jump(keys)
        while self.front is not None and (packet := self.waiting.pop(self.front + 1, None)) is not None:
            self.front += 1
            self.layer = HEIGHTS.index(packet.height) if packet.height else self.layer
            if packet.last:
                self.shown.append((at, self.layer))
                self.stamps.append((at, packet.stamp))
        self.holed_since = (self.holed_since or at) if self.waiting else None

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

    def _acknowledge(self) -> None:
        told = self.arrivals.feedback(1, self.ssrc) if self.has_feedback else None
        if told is not None:
            self.tell(rtcp.build_transport_feedback(told))
        if self.holed_since is not None and self.now - self.holed_since > 0.3:
            self.tell(rtcp.build_pli(1, self.ssrc))
            self.holed_since = self.now

    def tell(self, packet: bytes) -> None:
        self.back.send(self.meeting.bob.outbound.protect_rtcp(packet), len(packet) + 42, self.now)

    # --- what was seen ---------------------------------------------------------------------------------------------------------------

    def frozen(self, start: float, end: float) -> float:
        """The longest time without a new frame."""
        times = [start] + [at for at, _ in self.shown if start <= at <= end] + [end]
        return max(second - first for first, second in pairwise(times))

    def stalled(self, start: float, end: float, enough: float = 0.15) -> float:
        """Time in gaps longer than `enough` between frames."""
        times = [start] + [at for at, _ in self.shown if start <= at <= end] + [end]
        gaps = [second - first for first, second in pairwise(times)]
        return sum(gap for gap in gaps if gap > enough)

    def layers(self, start: float, end: float) -> set[int]:
        return {layer for at, layer in self.shown if start <= at <= end}

    def lost_voices(self, start: float, end: float) -> int:
        numbers = [number for at, number, _ in self.voices if start <= at <= end]
        return max(numbers) - min(numbers) + 1 - len(set(numbers))


def _unpadded(first: int, payload: bytes) -> bytes:
    return payload[: -payload[-1]] if first & 0x20 else payload
