"""A transport that is no WebRTC peer: it gets plain packets, and brings some."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from media import kinds
from media.fanout import Packet
from media.forwarder import Forwarder
from media.plane import PlaneError
from media.producer import Producer, Stream
from tests.media.meeting import CAMERA, MICROPHONE, Meeting
from tests.media.peer import opus, vp8

Json = dict[str, Any]
KEY_FRAME = bytes.fromhex("10000000") + b"key frame"


@dataclass
class Bucket:
    taken: list[tuple[int, int, bytes]] = field(default_factory=list)

    def take(self, stream: Stream, packets: Sequence[Packet]) -> None:
        self.taken += [(stream.layer, packet.ordinal, packet.payload) for packet in packets]


@dataclass
class Pond:
    """A transport that keeps what it gets."""

    forwarder: Forwarder
    router_id: str
    id: str
    direction: str
    options: Json
    buckets: dict[str, Bucket] = field(default_factory=dict)
    producers: list[Producer] = field(default_factory=list)
    keyframes: int = 0
    closed: bool = False

    def describe(self) -> Json:
        return {"depth": self.options["depth"]}

    def connect(self, parameters: object) -> Json:
        raise PlaneError("wrong_state", "there is nobody")

    def sink(self, consumer_id: str, producer: Producer, consumable: Json, options: object) -> Bucket:
        return self.buckets.setdefault(consumer_id, Bucket())

    def adopt(self, producer: Producer) -> None:
        self.producers.append(producer)

    def want_keyframe(self, producer: Producer, layer: int) -> None:
        self.keyframes += 1

    def forget(self, id: str) -> None:
        self.buckets.pop(id, None)

    def tick(self, now: float) -> None:
        return

    def stats(self) -> Json:
        return {"buckets": len(self.buckets)}

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Meeting:
    monkeypatch.setitem(kinds.KINDS, "pond", Pond)
    meeting = Meeting()
    assert meeting.routers.create_transport("room", "in", "recv", {"type": "pond", "depth": 2}) == {"id": "in", "depth": 2}
    meeting.routers.create_transport("room", "out", "send", {"type": "pond", "depth": 1})
    return meeting


def pond(meeting: Meeting, id: str) -> Pond:
    found = meeting.forwarder.plain[id]
    assert isinstance(found, Pond)
    return found


def test_a_plain_consumer_gets_packets_while_it_is_not_paused(meeting: Meeting) -> None:
    meeting.routers.consume("in", "s", "cam", {})
    bucket = pond(meeting, "in").buckets["s"]
    for index, paused in ((1, None), (2, False), (3, None), (4, True)):
        if paused is not None:
            meeting.routers.update("s", {"paused": paused})
        meeting.alice.send(CAMERA, index, KEY_FRAME, payload_type=96)
    assert bucket.taken == [(0, 2, KEY_FRAME), (0, 3, KEY_FRAME)]
    meeting.routers.close("cam")
    assert pond(meeting, "in").buckets == {}
    assert meeting.events("consumerClosed")[0]["id"] == "s"


def test_what_a_plain_transport_brings_reaches_webrtc_peers(meeting: Meeting) -> None:
    meeting.routers.produce("out", "far", "video", vp8(5, 6))
    meeting.consume("far")
    source = pond(meeting, "out")
    for ordinal in (7, 8):
        packet = Packet(ordinal, 0x90, 101, 90 * ordinal, (), KEY_FRAME)
        meeting.forwarder.inject(source.producers[0], 0, packet, meeting.world.now)
        meeting.forwarder.flush()
        meeting.world.deliver()
    assert [payload for _, payload in meeting.bob.media()] == [KEY_FRAME, KEY_FRAME]
    meeting.world.tick(0.6)
    meeting.routers.update("c1", {"keyframe": True})
    assert source.keyframes == 1
    assert [report["flowing"] for report in meeting.events("mediaFlow")] == [True]


def test_levels_of_voices_that_were_brought_are_heard(meeting: Meeting) -> None:
    meeting.routers.produce("out", "voice", "audio", opus(5))
    producer = pond(meeting, "out").producers[0]
    for ordinal in range(20):
        packet = Packet(ordinal, 0x90, 100, 960 * ordinal, ((6, bytes((0x60, 0x8A))),), b"opus")
        meeting.world.now += 0.02
        meeting.forwarder.inject(producer, 0, packet, meeting.world.now)
    meeting.world.tick(0.02)
    assert meeting.events("levels")[-1]["levels"].keys() == {"voice"}


def test_closing_a_plain_transport_closes_what_hangs_on_it(meeting: Meeting) -> None:
    meeting.routers.produce("out", "far", "video", vp8(5, 6))
    meeting.routers.consume("in", "s", "mic", {}, False)
    ends = [pond(meeting, id) for id in ("in", "out")]
    for id in ("in", "out"):
        meeting.routers.close(id)
    meeting.alice.send(MICROPHONE, 1, b"x")
    assert [end.closed for end in ends] == [True, True]
    assert [report["id"] for report in meeting.events("producerClosed")] == ["far"]
    assert meeting.routers.stats()["consumers"] == 0


def test_refusals_of_plain_transports(meeting: Meeting) -> None:
    with pytest.raises(PlaneError, match="unsupported"):
        meeting.routers.restart_ice("in")
    with pytest.raises(PlaneError, match="wrong_state"):
        meeting.routers.consume("out", "s", "cam", {})
    with pytest.raises(PlaneError, match="wrong_state"):
        meeting.routers.connect_transport("in", {})
    assert meeting.routers.stats("in") == {"type": "transport", "id": "in", "direction": "recv", "buckets": 0}
