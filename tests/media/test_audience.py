"""Who is heard and seen in a meeting of many: the loudest three voices, the last N pictures, and cameras nobody looks at."""

from __future__ import annotations

from typing import Any

from tests.media.camera import Camera
from tests.media.meeting import CAMERA, Meeting
from tests.media.peer import Peer, opus, vp8

Json = dict[str, Any]
KEY_FRAME = bytes.fromhex("10000000") + b"key frame"


class Hall:
    """Six people with a microphone and a camera each, and Bob who hears and sees all of them."""

    def __init__(self) -> None:
        self.meeting = Meeting()
        self.people: list[Peer] = []
        self.index = 0
        for n in range(6):
            person = self.meeting.join(f"p{n}", "send", ("10.0.1.1", 1000 + n))
            self.people.append(person)
            voice, camera = opus(100 + n), vp8(200 + n, 300 + n)
            for parameters in (voice, camera):
                parameters["rtcp"] = {"cname": f"person{n}"}
            self.meeting.routers.produce(f"p{n}", f"mic{n}", "audio", voice)
            self.meeting.routers.produce(f"p{n}", f"cam{n}", "video", camera)
            self.meeting.consume(f"mic{n}", f"hear{n}")
            self.meeting.consume(f"cam{n}", f"see{n}")

    def talk(self, seconds: float, **levels: int) -> None:
        """Everybody sends; who is named with the level given, the others at −80 dBov."""
        world = self.meeting.world
        for _ in range(round(seconds / 0.02)):
            world.now += 0.02
            self.index += 1
            for n, person in enumerate(self.people):
                level = levels.get(f"p{n}", 80)
                person.send(100 + n, self.index, b"opus", timestamp=960 * self.index, extension=bytes((0x10, level)))
                person.send(200 + n, self.index, KEY_FRAME, payload_type=96, timestamp=1800 * self.index)
            world.tick()
            if self.index % 100 == 0:
                for person in [*self.people, self.meeting.alice, self.meeting.bob]:
                    person.check()

    def arriving(self) -> tuple[set[int], set[int]]:
        """(voices, pictures) that came since the last time, by person."""
        ssrcs = {consumer.ssrc: id for id, consumer in self._consumers().items()}
        came = {ssrcs[int.from_bytes(header[8:12], "big")] for header, _ in self.meeting.bob.media()}
        return {int(id[-1]) for id in came if id[0] == "h"}, {int(id[-1]) for id in came if id[0] == "s"}

    def _consumers(self) -> dict[str, Any]:
        return {consumer.id: consumer for consumer in self.meeting.forwarder.transports["bob"].consumers.values()}


def test_the_loudest_three_are_heard_and_a_new_voice_takes_the_place_of_the_quietest() -> None:
    hall = Hall()
    hall.talk(1.0, p3=20, p4=25, p5=30)
    hall.arriving()
    hall.talk(0.5, p3=20, p4=25, p5=30)
    assert hall.arriving()[0] == {3, 4, 5}
    hall.talk(0.1, p0=10, p3=20, p4=25, p5=30)
    assert 0 in hall.arriving()[0]
    hall.talk(0.5, p0=10, p3=20, p4=25, p5=30)
    assert hall.arriving()[0] == {0, 3, 4}


def test_who_is_quiet_is_told_and_who_is_heard_again_too() -> None:
    hall = Hall()
    hall.talk(0.5, p3=20, p4=25, p5=30)
    told = {report["consumerId"]: (report["layer"], report["reason"]) for report in hall.meeting.events("consumerLayer")}
    assert {id: entry for id, entry in told.items() if id.startswith("hear")} == {
        "hear0": (-1, "quiet"), "hear1": (-1, "quiet"), "hear2": (-1, "quiet"),
        "hear3": (0, "quiet"), "hear4": (0, "quiet"), "hear5": (0, "quiet"),
    }  # fmt: skip


def test_three_voices_or_fewer_are_always_heard() -> None:
    hall = Hall()
    for n in range(3):
        hall.meeting.routers.close(f"mic{n}")
    hall.talk(0.3)
    hall.arriving()
    hall.talk(0.3)
    assert hall.arriving()[0] == {3, 4, 5}


def test_a_voice_without_levels_is_always_heard() -> None:
    hall = Hall()
    carol = hall.meeting.join("carol", "send", ("10.0.0.3", 3))
    silent = opus(900) | {"headerExtensions": []}
    hall.meeting.routers.produce("carol", "mic7", "audio", silent)
    hall.meeting.consume("mic7", "hear7")
    hall.talk(1.0, p3=20, p4=25, p5=30)
    hall.arriving()
    carol.send(900, 1, b"opus")
    hall.talk(0.5, p3=20, p4=25, p5=30)
    assert hall.arriving()[0] == {3, 4, 5, 7}


def test_a_voice_that_mutes_makes_room() -> None:
    hall = Hall()
    hall.talk(1.0, p3=20, p4=25, p5=30)
    hall.meeting.set_paused("mic4", True)
    hall.talk(0.5, p3=20, p5=30)
    hall.arriving()
    hall.talk(0.3, p3=20, p5=30)
    voices = hall.arriving()[0]
    assert {3, 5} < voices
    assert len(voices) == 3


def test_the_last_n_pictures_are_those_of_the_pinned_and_of_who_speaks() -> None:
    hall = Hall()
    hall.meeting.routers.update("bob", {"lastN": 2})
    hall.meeting.routers.update("see1", {"wish": {"pinned": True}})
    hall.talk(4.0, p4=15)
    hall.arriving()
    hall.talk(0.5, p4=15)
    assert hall.arriving()[1] == {1, 4}
    hall.talk(4.0, p5=15)
    hall.arriving()
    hall.talk(0.5, p5=15)
    assert hall.arriving()[1] == {1, 5}
    quiet = [
        report["consumerId"] for report in hall.meeting.events("consumerLayer") if report["reason"] == "quiet" and report["layer"] == -1
    ]
    assert "see4" in quiet
    hall.meeting.routers.update("bob", {"lastN": None})
    hall.talk(0.5)
    hall.arriving()
    hall.talk(0.3)
    assert hall.arriving()[1] == {0, 1, 2, 3, 4, 5}


def test_no_pictures_at_all_where_none_are_wanted() -> None:
    hall = Hall()
    hall.meeting.routers.update("bob", {"lastN": 0})
    hall.talk(0.3, p1=10)
    hall.arriving()
    hall.talk(0.3, p1=10)
    voices, pictures = hall.arriving()
    assert 1 in voices
    assert pictures == set()


def wanted(meeting: Meeting, producer: str) -> list[int]:
    return [report["highest"] for report in meeting.events("layersWanted") if report["producerId"] == producer]


def test_a_camera_is_told_which_layers_are_looked_at_down_after_a_while_up_at_once() -> None:
    meeting = Meeting()
    camera = Camera(meeting)
    camera.produce()
    meeting.consume("layers")
    meeting.consume("layers", "c2")
    for id in ("c1", "c2"):
        meeting.routers.update(id, {"wish": {"tile": 180}})
    camera.run(4.0)
    assert wanted(meeting, "layers") == []
    camera.run(2.0)
    assert wanted(meeting, "layers") == [0]
    meeting.routers.update("c2", {"wish": {"tile": 700}})
    camera.run(0.2)
    assert wanted(meeting, "layers") == [0, 2]
    meeting.set_paused("c1", True)
    meeting.routers.update("c2", {"wish": {"visible": False}})
    camera.run(6.0)
    assert wanted(meeting, "layers") == [0, 2, -1]
    meeting.routers.update("c2", {"wish": {"visible": True}})
    camera.run(0.2)
    assert wanted(meeting, "layers") == [0, 2, -1, 2]


def test_a_camera_without_layers_is_wanted_or_not() -> None:
    meeting = Meeting()
    meeting.consume("cam")
    meeting.alice.send(CAMERA, 1, KEY_FRAME, payload_type=96)
    for _ in range(60):
        meeting.world.tick(0.1)
        meeting.bob.check()
    assert wanted(meeting, "cam") == []
    meeting.routers.close("c1")
    for _ in range(60):
        meeting.world.tick(0.1)
    assert wanted(meeting, "cam") == [-1]
    meeting.consume("cam", "c2")
    meeting.world.tick(0.2)
    assert wanted(meeting, "cam") == [-1, 0]
