"""A voice with its own past inside: who takes it gets it, who does not gets plain packets, and what was lost on the way in comes again."""

from __future__ import annotations

import random
from pathlib import Path as Folder
from typing import Any

import pytest

from media import recorder, rtcp
from media.bandwidth import FixedEstimate
from media.capabilities import RED, router_rtp_capabilities
from media.recent import LARGEST, REACH
from media.redundancy import Block, joined, split
from media.rtp import without_padding
from tests.media.meeting import ALICE, BLIND, Meeting
from tests.media.peer import RED_TYPE, opus, redundant
from tests.media.test_pipe import TwoWorkers

Json = dict[str, Any]
FRAME = 960
LOUD = bytes((0x10, 0x80 | 10))
VOICE, PLAIN = 3001, 100  # Alice's SSRC; the router's type of Opus


def word(number: int) -> bytes:
    """An Opus packet of 20 ms."""
    return bytes((0x08,)) + b"word %d" % number


class Known(FixedEstimate):
    """What a path carries, as if it had been measured."""

    @property
    def told(self) -> bool:
        return True


def sealed(meeting: Meeting, number: int, depth: int = 1, *, first: int = 1) -> bytes:
    """Alice's packet with `depth` earlier ones inside."""
    blocks = [Block(FRAME * (number - n), word(n)) for n in range(max(first, number - depth), number)]
    payload, kind = (joined(111, blocks, word(number)), RED_TYPE) if depth else (word(number), 111)
    return meeting.alice.protected(VOICE, number, payload, payload_type=kind, timestamp=FRAME * number, extension=LOUD)


class Talk(Meeting):
    """Alice's browser sends redundancy. `say` leaves out what the path loses."""

    def __init__(self, parameters: Json | None = None) -> None:
        super().__init__()
        self.lose(self.consume("mic", "other"), 0.01)
        self.bob.media()
        self.routers.produce("alice", "voice", "audio", parameters or redundant(VOICE, "9"))

    def say(self, *numbers: int, depth: int = 1, first: int = 1) -> None:
        for number in numbers:
            self.world.feed(sealed(self, number, depth, first=first), ALICE)

    def lose(self, parameters: Json, share: float, estimate: int | None = None) -> None:
        """Bob reports loss for some seconds; `estimate`: what gets through, where it is known."""
        if estimate is not None:
            self.forwarder.transports["bob"].path.estimate = Known(estimate)
        for _ in range(8):
            self.world.tick(1.0)
            self.alice.check()
            self.bob.check()
            ssrc = parameters["encodings"][0]["ssrc"]
            self.bob.send_rtcp(rtcp.build_receiver_report(1, [rtcp.ReportBlock(ssrc, round(share * 256), 0, 0, 0, 0, 0)]))
        self.world.tick(1.0)

    def hear(self, parameters: Json) -> list[tuple[int, bytes]]:
        """(timestamp in frames, payload) of what Bob got; numbers must have as many holes as there are frames missing."""
        arrived = [
            (header, payload) for header, payload in self.bob.media() if header[8:12] == parameters["encodings"][0]["ssrc"].to_bytes(4)
        ]
        heard = [(int.from_bytes(header[2:4], "big"), int.from_bytes(header[4:8], "big") // FRAME, payload) for header, payload in arrived]
        assert len({number - frame & 0xFFFF for number, frame, _ in heard}) <= 1
        assert {header[1] for header, _ in arrived} <= {RED, PLAIN}
        return [(frame, payload) for _, frame, payload in heard]


def plainly(*numbers: int) -> list[tuple[int, bytes]]:
    return [(number, word(number)) for number in numbers]


def carrying(number: int, *earlier: int) -> tuple[int, bytes]:
    return number, joined(PLAIN, [Block(FRAME * (number - n), word(n)) for n in earlier], word(number))


def test_who_does_not_know_redundancy_gets_the_primary_alone() -> None:
    talk = Talk()
    parameters = talk.consume("voice")
    assert [codec["mimeType"] for codec in parameters["codecs"]] == ["audio/opus"]
    talk.say(1, 2, 3)
    assert talk.hear(parameters) == plainly(1, 2, 3)


def test_who_knows_it_gets_it_under_the_routers_types() -> None:
    talk = Talk()
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities())
    assert [(codec["mimeType"], codec["payloadType"]) for codec in parameters["codecs"]] == [("audio/opus", PLAIN), ("audio/red", RED)]
    talk.say(1, 2, 3)
    assert talk.hear(parameters) == [carrying(1), carrying(2, 1), carrying(3, 2)]


def test_also_of_a_sender_that_does_not() -> None:
    talk = Talk(opus(VOICE, "9"))
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities())
    talk.say(1, 2, 3, depth=0)
    assert talk.hear(parameters) == [carrying(1), carrying(2, 1), carrying(3, 2)]


def test_a_sender_may_go_back_and_forth() -> None:
    """As libwebrtc does where a packet is too large to carry another."""
    talk = Talk()
    parameters = talk.consume("voice")
    talk.say(1)
    talk.say(2, depth=0)
    talk.say(3)
    assert talk.hear(parameters) == plainly(1, 2, 3)


@pytest.mark.parametrize(
    ("story", "sent", "depth", "heard"),
    [
        ("one is lost", [1, 2, 4], 1, [1, 2, 3, 4]),
        ("two in a row, of which one is carried", [1, 2, 5], 1, [1, 2, 4, 5]),
        ("two in a row, both carried", [1, 2, 5], 2, [1, 2, 3, 4, 5]),
        ("every other", [1, 3, 5, 7], 1, [1, 2, 3, 4, 5, 6, 7]),
        ("one is overtaken: it has come already when it comes", [1, 2, 4, 3, 5], 1, [1, 2, 3, 4, 5]),
        ("what was before the first that was heard is not needed", [4, 5], 1, [4, 5]),
    ],
)
def test_what_was_lost_on_the_way_here_comes_as_a_packet_of_its_own(story: str, sent: list[int], depth: int, heard: list[int]) -> None:
    talk = Talk()
    parameters = talk.consume("voice")
    talk.say(*sent, depth=depth)
    assert talk.hear(parameters) == plainly(*heard)
    stream = talk.routers.stats("voice")["streams"][0]
    assert stream["recovered"] == len(set(heard) - set(sent)) + (story.startswith("one is overtaken"))


def test_to_whom_knows_redundancy_it_looks_as_if_nothing_had_been_lost() -> None:
    talk = Talk()
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities())
    talk.say(1, 2, 4)
    assert talk.hear(parameters) == [carrying(1), carrying(2, 1), carrying(3, 2), carrying(4, 3)]


def test_the_sender_is_told_of_the_loss_all_the_same() -> None:
    talk = Talk()
    talk.say(*(number for number in range(1, 101) if number % 4))
    talk.alice.rtcp()
    talk.world.tick(1.0)
    reports = [part for packet in talk.alice.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.ReceiverReport)]
    assert [block.fraction_lost for report in reports for block in report.blocks if block.ssrc == VOICE] == [24 * 256 // 99]


@pytest.mark.parametrize(
    ("hearer", "lost_ahead", "told"),
    [
        ("takes no redundancy: the encoder's own is all it has", 0.05, 12),
        ("takes no redundancy and loses everything: nobody else's voice pays for it", 0.9, 26),
        ("loses nothing", 0.0, 0),
        ("takes redundancy: it needs no other", 0.05, 0),
    ],
)
def test_an_encoder_is_told_of_the_way_to_its_worst_hearer(hearer: str, lost_ahead: float, told: int) -> None:
    talk = Talk()
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities() if hearer.startswith("takes redundancy") else BLIND)
    talk.say(1)
    talk.lose(parameters, lost_ahead)
    talk.say(2)
    talk.alice.rtcp()
    talk.world.tick(1.0)
    reports = [part for packet in talk.alice.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.ReceiverReport)]
    assert [block.fraction_lost for report in reports for block in report.blocks if block.ssrc == VOICE] == [pytest.approx(told, abs=1)]


def test_a_malformed_payload_is_dropped_and_counted_and_the_next_mends_it() -> None:
    talk = Talk()
    parameters = talk.consume("voice")
    talk.say(1)
    talk.alice.send(VOICE, 2, bytes.fromhex("ef0f00ff6f0800"), payload_type=RED_TYPE, timestamp=FRAME * 2)
    talk.say(3)
    assert talk.drops == {"red_malformed": 1}
    assert talk.hear(parameters) == plainly(1, 2, 3)


def test_padding_of_a_probe_passes_as_it_is() -> None:
    talk = Talk()
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities())
    talk.say(1)
    packet = bytearray(talk.alice.protected(VOICE, 2, b"", payload_type=RED_TYPE, timestamp=FRAME))
    header = bytes((packet[0] | 0x20,)) + bytes(packet[1:12])
    talk.world.feed(talk.alice.outbound.protect(VOICE << 48 | 2, header, bytes(9) + b"\x0a"), ALICE)
    talk.say(3, first=3)
    arrived = [payload for _, payload in talk.bob.media()]
    assert arrived == [carrying(1)[1], bytes(9) + b"\x0a", joined(PLAIN, [], word(3))]
    assert parameters["encodings"]
    assert talk.drops == {}


def test_what_was_said_while_muted_is_not_heard_afterwards() -> None:
    talk = Talk()
    plain, red = talk.consume("voice", "c1"), talk.consume("voice", "c2", capabilities=router_rtp_capabilities())
    talk.say(1, 2)
    talk.set_paused("voice", True)
    talk.say(3)
    talk.set_paused("voice", False)
    talk.say(5)  # 4 was said while muted, and lost; 5 carries it
    talk.say(6, 3)
    arrived = talk.bob.media()
    said = [payload for _, payload in arrived]
    assert len(said) == 2 * 4
    assert not [payload for payload in said if word(3) in payload or word(4) in payload]
    assert {plain["mid"], red["mid"]} == {"002", "003"}


def test_music_and_what_is_far_apart_are_not_sent_twice() -> None:
    talk = Talk(opus(VOICE, "9"))
    talk.consume("voice", capabilities=router_rtp_capabilities())
    loud = bytes((0x08,)) + bytes(LARGEST)
    for number, stamp, payload in ((1, 0, word(1)), (2, 19200, word(2)), (3, 20160, loud), (4, 21120, word(4)), (5, 22080, word(5))):
        talk.alice.send(VOICE, number, payload, timestamp=stamp)
    carried = [split(payload, PLAIN) for _, payload in talk.bob.media()]
    assert [None if found is None else [block.payload for block in found[0]] for found in carried] == [[], [], [word(2)], [], [word(4)]]


def test_a_voice_that_is_too_late_is_dropped() -> None:
    talk = Talk()
    parameters = talk.consume("voice")
    talk.say(*range(2, REACH + 3), first=100)
    talk.say(1, first=100)
    assert talk.hear(parameters) == plainly(*range(2, REACH + 3))
    assert talk.routers.stats("voice")["streams"][0]["lateDropped"] == 1


def test_a_path_that_loses_more_gets_two_and_one_that_loses_nothing_none() -> None:
    talk = Talk()
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities())
    talk.lose(parameters, 0.08, 2_000_000)
    talk.say(1, 2, 3)
    for _ in range(8):
        talk.lose(parameters, 0.0, 2_000_000)
    talk.say(4, 5)
    assert talk.hear(parameters) == [carrying(1), carrying(2, 1), carrying(3, 1, 2), *plainly(4, 5)]


def test_a_path_that_is_full_gets_none() -> None:
    talk = Talk()
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities())
    talk.lose(parameters, 0.08, 200_000)
    talk.say(1, 2)
    assert talk.hear(parameters) == plainly(1, 2)


def test_octets_are_counted_as_they_are_sent() -> None:
    talk = Talk()
    parameters = talk.consume("voice", capabilities=router_rtp_capabilities())
    for number in range(1, 41):
        talk.say(number)
        if number == 20:
            talk.lose(parameters, 0.08, 2_000_000)
    octets = sum(len(payload) for _, payload in talk.hear(parameters))
    counted = talk.routers.stats("c1")
    assert (counted["packets"], counted["bytes"], counted["redundancy"]) == (40, octets, 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_nonce_ever_seals_two_payloads(seed: int) -> None:
    """Loss, overtaking, recovery, pauses and changes of depth: a number of a line stands for one packet."""
    chance = random.Random(seed)
    talk = Talk()
    lines = [talk.consume("voice", "c1"), talk.consume("voice", "c2", capabilities=router_rtp_capabilities())]
    seen: dict[tuple[bytes, bytes], set[bytes]] = {}
    late: list[int] = []
    for number in range(1, 1500):
        roll = chance.random()
        if roll < 0.15:
            late.append(number)
        elif roll > 0.03:
            talk.say(number, depth=chance.choice([0, 1, 1, 2]))
        if late and chance.random() < 0.2:
            talk.say(late.pop(chance.randrange(len(late))), depth=chance.choice([0, 1]))
        if chance.random() < 0.02:
            talk.set_paused(chance.choice(["voice", "c1", "c2"]), chance.random() < 0.3)
        if chance.random() < 0.01:
            talk.lose(lines[1], chance.choice([0.0, 0.1]), 2_000_000)
        talk.world.now += 0.02
        for header, payload in talk.bob.media():
            seen.setdefault((header[8:12], header[2:4]), set()).add(payload)
    assert len(seen) > 600
    assert [place for place, payloads in seen.items() if len(payloads) > 1] == []
    assert not [reason for reason in talk.drops if reason.startswith("bug_")]


async def test_a_recording_is_plain_and_has_what_was_carried(tmp_path: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk()
    monkeypatch.setattr(recorder, "clock", lambda: talk.world.now)
    talk.routers.create_transport("room", "rec", "recv", {"type": "recording", "folder": str(tmp_path / "take"), "began": talk.world.now})
    talk.routers.consume("rec", "file-voice", "voice", {}, False)
    for number in range(1, 101):
        if number % 3:
            talk.say(number)
        talk.world.tick(0.02)
    tape = talk.forwarder.plain["rec"].tape("file-voice")  # type: ignore[attr-defined]
    assert (tape.frames, tape.lost) == (100, 0)
    talk.routers.close("rec")


async def test_behind_a_pipe_voices_are_whole_and_carry_their_past_again(tmp_path: Folder) -> None:
    two = TwoWorkers(tmp_path / "pipe")
    await two.passed()
    two.near.routers.produce("alice", "voice", "audio", redundant(VOICE, "9"))
    two.bring("voice")
    two.far.forwarder.transports["carol"].downlink.protection.depth = 1
    answer = two.far.routers.consume("carol", "carol-voice", "voice", router_rtp_capabilities(), False)
    assert [codec["mimeType"] for codec in answer["rtpParameters"]["codecs"]] == ["audio/opus", "audio/red"]
    for number in (1, 2, 4):
        two.near.world.feed(sealed(two.near, number), ALICE)
    await two.passed()
    heard = [without_padding(header[0], payload) for header, payload in two.carol.media()]
    two.close()
    assert heard == [payload for _, payload in (carrying(1), carrying(2, 1), carrying(3, 2), carrying(4, 3))]
