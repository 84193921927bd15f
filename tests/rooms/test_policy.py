"""Who may ask what: every command by everyone who might ask it, and a refused one has changed nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

import rooms
from rooms import commands as c
from rooms.policy import MAY
from rooms.refusals import Refused
from tests.rooms.story import Story, opened

ASKING = ["chair", "vice", "li", "guest", "door", "outside", None]
MISSING = {"notInRoom", "notModerator", "notYourProducer"}
#: The right's name → whom it refuses and how; whoever is not named may. `None` is the server.
OUTSIDERS: dict[str | None, str] = {"door": "notInRoom", "outside": "notInRoom"}
NO_SERVER: dict[str | None, str] = {**OUTSIDERS, None: "notInRoom"}
REFUSES: dict[str, dict[str | None, str]] = {
    "everyone": {},
    "present": {"outside": "notInRoom", None: "notInRoom"},
    "inside": NO_SERVER,
    "moderator": {**NO_SERVER, "li": "notModerator", "guest": "notModerator"},
    "ownProducer": {**NO_SERVER, **dict.fromkeys(["chair", "vice", "guest"], "notYourProducer")},
    "ownHandOrModerator": {**NO_SERVER, "guest": "notModerator"},
    "floorHolderOrModerator": {**NO_SERVER, "guest": "notModerator"},
}
#: One of each, about "li": the own hand, floor and producer are li's.
SAMPLES: dict[type[c.Command], Callable[[Any], c.Command]] = {
    c.Join: lambda by: c.Join("new", "new", "New", "participant", "member", "phone", "d"),
    c.Leave: lambda by: c.Leave(by),
    c.ConnectionLost: lambda by: c.ConnectionLost(by),
    c.ConnectionBack: lambda by: c.ConnectionBack(by),
    c.OpenMeeting: lambda by: c.OpenMeeting(by),
    c.EndMeeting: lambda by: c.EndMeeting(by),
    c.SetLobby: lambda by: c.SetLobby(by, True),
    c.SetLocked: lambda by: c.SetLocked(by, False),
    c.Admit: lambda by: c.Admit(by, "door"),
    c.AdmitAll: lambda by: c.AdmitAll(by),
    c.RefuseEntry: lambda by: c.RefuseEntry(by, "door"),
    c.Remove: lambda by: c.Remove(by, "li"),
    c.GrantModerator: lambda by: c.GrantModerator(by, "li"),
    c.RevokeModerator: lambda by: c.RevokeModerator(by, "li"),
    c.AddProducer: lambda by: c.AddProducer(by, "cam", "video", "camera"),
    c.SetProducerPaused: lambda by: c.SetProducerPaused(by, "mic", True),
    c.RemoveProducer: lambda by: c.RemoveProducer(by, "mic"),
    c.Mute: lambda by: c.Mute(by, "li"),
    c.MuteAll: lambda by: c.MuteAll(by),
    c.AskUnmute: lambda by: c.AskUnmute(by, "li"),
    c.StopShare: lambda by: c.StopShare(by, "li"),
    c.RaiseHand: lambda by: c.RaiseHand(by),
    c.LowerHand: lambda by: c.LowerHand(by, "li"),
    c.LowerAllHands: lambda by: c.LowerAllHands(by),
    c.GiveFloor: lambda by: c.GiveFloor(by, "li"),
    c.WithdrawFloor: lambda by: c.WithdrawFloor(by),
    c.Say: lambda by: c.Say(by, "同意", "1"),
    c.StartRecording: lambda by: c.StartRecording(by, "r1"),
    c.StopRecording: lambda by: c.StopRecording(by),
    c.AgreeToRecording: lambda by: c.AgreeToRecording(by, "1"),
    c.DeclineRecording: lambda by: c.DeclineRecording(by),
    c.ObjectToRecording: lambda by: c.ObjectToRecording(by),
}
#: What the server asks too, in nobody's name.
BY_SERVER = {c.StopRecording, c.OpenMeeting, c.EndMeeting, c.RemoveProducer}


def full_room() -> Story:
    """Chair, co-moderator, li (microphone, shared screen, floor, and the hand up again), an observer, and somebody at the locked door."""
    story = opened("vice", "li").come("guest", "observer").do(c.GrantModerator("chair", "vice"))
    story.do(c.AddProducer("li", "mic", "audio", "microphone")).do(c.AddProducer("li", "screen", "video", "screen"))
    story.do(c.GiveFloor("chair", "li")).do(c.RaiseHand("li"))
    return story.do(c.SetLocked("chair", True)).come("door")


def answer_of(story: Story, command: c.Command) -> str | None:
    try:
        story.room.handle(command, 100.0)
    except Refused as refused:
        return refused.code
    return None


def expected(command: type[c.Command], by: str | None) -> str | None:
    if by is None and command in BY_SERVER:
        return None
    return REFUSES[MAY[command].name].get(by)


def test_every_command_has_a_right_and_a_sample() -> None:
    assert set(MAY) == set(SAMPLES) == set(get_args(c.Command))
    assert {command for command, right in MAY.items() if right.server} == BY_SERVER


@pytest.mark.parametrize("by", ASKING)
@pytest.mark.parametrize("command", SAMPLES, ids=lambda command: command.__name__)
def test_who_may_and_who_may_not(command: type[c.Command], by: str | None) -> None:
    story = full_room()
    before, code = story.room.state, answer_of(story, SAMPLES[command](by))
    right = expected(command, by)
    # Who may can still be told that the moment does not fit, never that the right is missing.
    assert (code if code in MISSING else None) == right
    assert code is None or story.room.state == before


def test_another_device_of_the_same_person_does_not_hold_the_producer() -> None:
    full_room().do(c.Admit("chair", "door")).come("li/phone").refused(c.SetProducerPaused("li/phone", "mic", True), "notYourProducer")


def test_what_is_not_there_is_said_and_not_that_it_is_somebody_elses() -> None:
    story = opened("li").refused(c.RemoveProducer("li", "none"), "unknownProducer").refused(c.WithdrawFloor("li"), "floorNotGiven")
    story.refused(c.LowerHand("li"), "handNotRaised").refused(c.LowerHand("chair", "li"), "handNotRaised")


def test_no_decider_asks_for_a_right_of_its_own() -> None:
    """Rights stand in one table: nothing else in rooms/ refuses for want of one."""
    refusing = set()
    for path in Path(rooms.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and node.value in ("notModerator", "notYourProducer"):
                refusing.add(path.name)
    assert refusing == {"policy.py", "refusals.py"}
