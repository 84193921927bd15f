"""Cut-through: the same datagrams as Python makes, in whole stories; and what is not taken."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from media import rtcp
from media.forwarder import Forwarder
from media.library import load
from media.redundancy import Block, joined
from media.router import Routers
from tests.media import test_forwarder, test_h264, test_lipsync, test_nonces, test_simulcast, test_trouble, test_voices
from tests.media.camera import head
from tests.media.meeting import ALICE, CAMERA, MICROPHONE, Meeting
from tests.media.peer import RED_TYPE, opus, redundant
from tests.media.test_voices import FRAME, VOICE, Talk
from tests.media.twin import Twin
from tests.support.fuzzing import Fuzz

library = load()
pytestmark = pytest.mark.skipif(library is None, reason="nothing is compiled here: no C compiler, or no libcrypto")

MODULES = (test_forwarder, test_h264, test_lipsync, test_simulcast, test_trouble, test_voices)
#: It looks at the form in which outputs leave, not at what they are.
OF_ANOTHER_FORM = "test_a_burst_is_made_equal_by_padding_and_sent_as_one_run"
CONTROLS = ("create_transport", "connect_transport", "restart_ice", "produce", "consume", "update", "close", "stats")
LEVEL = bytes((0x10, 0x80 | 20))


def stories(module: ModuleType) -> list[Callable[[], None]]:
    """Tests without parameters, and not asynchronous."""
    found = [story for name, story in vars(module).items() if name.startswith("test_") and inspect.isfunction(story)]
    return [story for story in found if not inspect.signature(story).parameters and not inspect.iscoroutinefunction(story)]


@pytest.fixture
def twins(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Twin]]:
    """Every forwarder made from here on has one; whoever controls it waits until it has told what it did."""
    made: list[Twin] = []
    begin = Forwarder.__init__

    def beginning(forwarder: Forwarder, *given: object, **named: object) -> None:
        begin(forwarder, *given, **named)  # type: ignore[arg-type]
        made.append(Twin(library, forwarder))

    monkeypatch.setattr(Forwarder, "__init__", beginning)
    for name in CONTROLS:
        monkeypatch.setattr(Routers, name, _after_settling(getattr(Routers, name)))
    yield made
    for twin in made:
        twin.shadow.port.close()
        twin.free()


def _after_settling(method: Callable[..., object]) -> Callable[..., object]:
    def controlled(routers: Routers, *given: object, **named: object) -> object:
        if isinstance(routers.forwarder.through, Twin):
            routers.forwarder.through.settle()
        return method(routers, *given, **named)

    return controlled


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_story_is_told_alike(module: ModuleType, twins: list[Twin]) -> None:
    for story in stories(module):
        if story.__name__ != OF_ANOTHER_FORM:
            story()
    assert sum(twin.taken for twin in twins) > 0
    assert sum(twin.compared for twin in twins) > 0


@pytest.mark.parametrize("rtx", [True, False])
def test_no_nonce_meets_two_packets(rtx: bool, twins: list[Twin]) -> None:
    test_nonces.test_no_nonce_ever_seals_two_packets(7, rtx)
    test_nonces.test_no_nonce_seals_two_packets_over_layers_either(8, rtx)
    assert min(twin.compared for twin in twins) > 50


class Steady(Meeting):
    """A voice and a camera that Bob has had for a while."""

    def __init__(self) -> None:
        super().__init__()
        for producer, consumer in (("mic", "c1"), ("cam", "c2")):
            self.consume(producer, consumer)
        self.voice = self.picture = 0
        self.speak(3)
        self.show(3)
        assert isinstance(self.forwarder.through, Twin)
        self.twin = self.forwarder.through
        self.bob.media()

    def speak(self, count: int = 1) -> None:
        for _ in range(count):
            self.voice += 1
            self.world.now += 0.02
            self.alice.send(MICROPHONE, self.voice, b"word", extension=LEVEL, timestamp=960 * self.voice)

    def show(self, count: int = 1, *, key: bool | None = None) -> None:
        for _ in range(count):
            self.picture += 1
            begins = self.picture == 1 if key is None else key
            payload = head(self.picture, self.picture, begins, 180) + bytes(40)
            self.alice.send(CAMERA, self.picture, payload, payload_type=96, timestamp=3000 * self.picture)

    def taken_of(self, *packets: bytes) -> int:
        before = self.twin.taken
        for packet in packets:
            self.world.feed(packet, ALICE)
        return self.twin.taken - before


def test_what_follows_is_taken_and_counted_like_all_else(twins: list[Twin]) -> None:
    meeting = Steady()
    before = meeting.twin.taken
    meeting.speak(5)
    meeting.show(5)
    assert meeting.twin.taken - before == 10
    assert len(meeting.bob.media()) == 10
    streams = [meeting.forwarder.transports["alice"].streams[ssrc] for ssrc in (MICROPHONE, CAMERA)]
    assert [(stream.packets, stream.gaps.received, stream.fanout.packets) for stream in streams] == [(8, 8, 8), (8, 8, 8)]
    assert [levels for report in meeting.events("levels") for levels in report["levels"]] == []  # not asked for yet
    meeting.world.tick(0.3)
    assert meeting.events("levels")[-1]["levels"].keys() == {"mic"}
    assert meeting.drops == {}


#: What → a packet that is not the very next of its kind.
OTHERS: dict[str, Callable[[Steady], bytes]] = {
    "a wrong tag": lambda meeting: spoilt(meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"next")),
    "cut short": lambda meeting: meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"next")[:20],
    "seen before": lambda meeting: meeting.alice.protected(MICROPHONE, meeting.voice, b"word", extension=LEVEL),
    "late": lambda meeting: meeting.alice.protected(MICROPHONE, meeting.voice - 2, b"word", extension=LEVEL),
    "after a gap": lambda meeting: meeting.alice.protected(MICROPHONE, meeting.voice + 3, b"later"),
    "of another type": lambda meeting: meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"next", payload_type=13),
    "of another stream": lambda meeting: meeting.alice.protected(MICROPHONE + 77, 1, b"next"),
    "nothing inside": lambda meeting: meeting.alice.protected(MICROPHONE, meeting.voice + 1, b""),
    "long extensions": lambda meeting: meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"next", extension=bytes((0x10, 7)) * 40),
    "RTCP": lambda meeting: meeting.alice.outbound.protect_rtcp(rtcp.build_receiver_report(1, [])),
    "a key frame": lambda meeting: meeting.alice.protected(CAMERA, meeting.picture + 1, head(9, 9, True, 180) + bytes(40), payload_type=96),
    "a torn descriptor": lambda meeting: meeting.alice.protected(CAMERA, meeting.picture + 1, b"\x90\xc0\x80", payload_type=96),
}


def spoilt(packet: bytes) -> bytes:
    return packet[:-1] + bytes((packet[-1] ^ 1,))


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_not_the_very_next_of_its_kind_is_pythons(what: str, twins: list[Twin]) -> None:
    meeting = Steady()
    assert meeting.taken_of(OTHERS[what](meeting)) == 0
    meeting.voice += 10
    meeting.picture += 10
    meeting.speak(4)
    meeting.show(4)
    assert meeting.twin.taken >= 6, "it goes on"


def test_a_client_that_moved_is_taken_from_where_it_is(twins: list[Twin]) -> None:
    meeting = Steady()
    before = meeting.twin.taken
    meeting.alice.address = ("10.9.9.9", 1)
    meeting.world.feed(meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"word", extension=LEVEL), meeting.alice.address)
    assert (meeting.twin.taken - before, len(meeting.bob.media())) == (0, 1)
    meeting.voice += 1
    meeting.alice.check()
    meeting.speak(3)
    assert (meeting.twin.taken - before, len(meeting.bob.media())) == (2, 3)
    assert meeting.taken_of(meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"word", extension=LEVEL)) == 0, "not from the old one"


def test_a_table_that_changes_takes_its_stream_back(twins: list[Twin]) -> None:
    meeting = Steady()
    for change in (
        lambda: meeting.set_paused("c1", True),
        lambda: meeting.set_paused("c1", False),
        lambda: meeting.set_paused("mic", True),
        lambda: meeting.set_paused("mic", False),
        meeting.alice.check,
    ):
        change()
        before = meeting.twin.taken
        meeting.speak()
        assert meeting.twin.taken - before == (change == meeting.alice.check)  # a check on the path in use changes nothing
        meeting.speak(2)
    assert meeting.twin.taken > 6


def test_a_producer_that_is_gone_is_not_heard(twins: list[Twin]) -> None:
    meeting = Steady()
    meeting.routers.close("mic")
    meeting.bob.media()
    assert meeting.taken_of(meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"next")) == 0
    assert meeting.bob.media() == []
    assert meeting.drops == {"rtp_unknown_ssrc": 1}


def test_a_voice_with_its_past_inside_is_taken_when_nothing_of_it_was_lost(twins: list[Twin]) -> None:
    talk = Talk()
    parameters = talk.consume("voice", "c9")
    (twin,) = twins
    talk.say(*range(1, 20))
    assert twin.taken >= 8
    before = twin.taken
    talk.say(21)  # 20 comes inside it
    assert twin.taken == before
    talk.say(*range(22, 40))
    assert twin.taken - before == 18
    assert [frame for frame, _ in talk.hear(parameters)] == list(range(1, 20)) + list(range(20, 40))


def test_changed_bytes_are_never_taken(twins: list[Twin]) -> None:
    chance = random.Random(3)
    meeting = Steady()
    for _ in range(300):
        packet = bytearray(meeting.alice.protected(MICROPHONE, meeting.voice + 1, chance.randbytes(30), extension=LEVEL))
        at = chance.randrange(len(packet))
        packet[at] ^= 1 << chance.randrange(8)
        assert meeting.taken_of(bytes(packet[: chance.choice([len(packet), len(packet), chance.randrange(1, len(packet))])])) == 0
    meeting.bob.media()
    assert meeting.taken_of(meeting.alice.protected(MICROPHONE, meeting.voice + 1, b"true", extension=LEVEL)) == 1
    assert [payload for _, payload in meeting.bob.media()] == [b"true"]


def test_two_streams_of_one_number_are_told_apart_by_their_address(twins: list[Twin]) -> None:
    meeting = Steady()
    carol = meeting.join("carol", "send", ("10.0.0.3", 3333))
    meeting.routers.produce("carol", "hers", "audio", opus(MICROPHONE))
    meeting.consume("hers", "c3")
    for n in range(1, 6):
        meeting.world.feed(carol.protected(MICROPHONE, n, b"hers", extension=LEVEL), carol.address)
        meeting.speak()
    assert sorted(payload for _, payload in meeting.bob.media()) == [b"hers"] * 5 + [b"word"] * 5


def evening(seed: int) -> tuple[Meeting, list[object]]:
    """A voice with its past inside and a camera, over a way that loses, repeats and turns round. → what was told of it."""
    chance = random.Random(seed)
    meeting = Meeting()
    meeting.routers.produce("alice", "voice", "audio", redundant(VOICE, "9"))
    for producer, consumer in (("cam", "c1"), ("voice", "c2")):
        meeting.consume(producer, consumer)
    told: list[object] = []
    flight: list[bytes] = []
    picture = 0
    for step in range(2000):
        meeting.world.now += 0.02
        level = bytes((0x10, chance.choice([0x80 | 15, 0x80 | 20, 110]), 0x31)) + step.to_bytes(2, "big")
        earlier = joined(111, [Block(FRAME, b"\x08word %d" % (step - 1))] if step else [], b"\x08word %d" % step)
        flight.append(
            meeting.alice.protected(VOICE, step + 1, earlier, payload_type=RED_TYPE, timestamp=FRAME * (step + 1), extension=level)
        )
        for n in range(chance.choice([1, 1, 2, 3])):
            picture += 1
            payload = head(step, step, step % 100 == 0, 180, n == 0) + chance.randbytes(40)
            flight.append(meeting.alice.protected(CAMERA, picture, payload, payload_type=96, timestamp=1800 * step))
        if chance.random() < 0.02:
            chance.shuffle(flight)
        for packet in flight:
            if chance.random() > 0.01:
                for _ in range(1 + (chance.random() < 0.01)):
                    meeting.forwarder.feed(packet, ALICE, meeting.world.now)
        flight.clear()
        meeting.forwarder.flush()
        meeting.world.deliver()
        if step % 50 == 0:
            meeting.alice.check()
            meeting.bob.check()
        if step % 2:
            meeting.world.tick()
        told += [rtcp.parse_compound(packet) for packet in meeting.alice.rtcp()]
        meeting.bob.media()
    told += meeting.reports
    for id in ("alice", "bob", "cam", "voice", "c1", "c2"):
        stats = meeting.routers.stats(id)
        if id == "c1":  # padding that makes packets of a burst equal depends on which of them came through
            assert stats.pop("bytes") == pytest.approx(166_200, rel=0.01)
        told.append(stats)
    return meeting, told


def test_afterwards_everything_is_known_as_if_python_had_done_it(request: pytest.FixtureRequest) -> None:
    plain, told = evening(5)
    assert plain.forwarder.through is None
    twins: list[Twin] = request.getfixturevalue("twins")
    _, told_by_both = evening(5)
    assert told_by_both == told
    assert twins[0].taken > 2500


def test_whatever_is_thrown_both_make_the_same_of_it(twins: list[Twin]) -> None:
    outcome = Fuzz(3).run(20_000)
    assert (outcome.bugs, outcome.amplified, outcome.honest_sent - outcome.honest_heard) == ({}, 0, 0)
    assert twins[0].taken > 300
