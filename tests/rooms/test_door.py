"""The door: who enters, who waits and why, who may come back."""

from __future__ import annotations

from rooms import commands as c
from tests.rooms.story import Story, opened


def test_members_wait_until_the_secretary_opens_and_then_enter_by_themselves() -> None:
    story = Story().come("li").come("chair", "moderator")
    assert (story.inside, story.waiting) == (["chair"], [("li", "notOpen")])
    story.do(c.OpenMeeting("chair"))
    assert (story.inside, story.waiting) == (["chair", "li"], [])
    assert story.happenings == ["RoomOpened", "WaitingLeft", "PeerJoined"]


def test_with_the_lobby_on_opening_lets_nobody_in_by_itself() -> None:
    story = Story(lobby=True).come("li").come("chair", "moderator").do(c.OpenMeeting("chair"))
    assert (story.inside, story.waiting) == (["chair"], [("li", "lobby")])
    story.do(c.Admit("chair", "li"))
    assert (story.inside, story.waiting) == (["chair", "li"], [])


def test_who_was_inside_before_does_not_wait_in_the_lobby_again() -> None:
    story = Story(lobby=True).come("chair", "moderator").do(c.OpenMeeting("chair")).come("li").do(c.Admit("chair", "li"))
    story.do(c.Leave("li", "connectionLost")).come("li/phone")
    assert story.inside == ["chair", "li/phone"]


def test_a_member_who_is_not_expected_and_not_invited_cannot_enter() -> None:
    stranger = c.Join("x", "x", "X", "participant", "member", "phone", "d", may_enter=False)
    opened().refused(stranger, "notInvited")


def test_a_removed_member_cannot_come_back_unless_admitted_by_name() -> None:
    story = opened("li", "li/phone").do(c.Remove("chair", "li", "noise"))
    assert story.happenings == ["MemberRemoved", "PeerLeft", "PeerLeft"]
    story.come("li/new")
    assert (story.inside, story.waiting) == (["chair"], [("li/new", "removed")])
    story.refused(c.AdmitAll("chair"), "nobodyWaiting").do(c.Admit("chair", "li"))
    assert story.inside == ["chair", "li/new"]


def test_a_locked_room_lets_back_in_who_was_there_and_nobody_else() -> None:
    story = opened("li").do(c.SetLocked("chair", True)).come("wang").do(c.Leave("li")).come("li")
    assert (story.inside, story.waiting) == (["chair", "li"], [("wang", "locked")])


def test_the_same_device_joining_twice_replaces_its_older_peer() -> None:
    story = opened("li")
    story.come("li/again", device="li")
    assert story.inside == ["chair", "li/again"]
    assert story.happenings == ["PeerLeft", "PeerJoined"]


def test_a_person_may_use_three_devices_and_not_a_fourth() -> None:
    story = opened("li", "li/2", "li/3")
    story.refused(c.Join("li/4", "li", "Li", "participant", "member", "phone", "4"), "tooManyDevices")
    assert len(story.room.state.participants[1].peers) == 3


def test_ending_closes_everybody_and_the_door() -> None:
    story = opened("li", "wang").do(c.SetLocked("chair", True)).come("sun").do(c.EndMeeting("chair"))
    assert (story.inside, story.waiting) == ([], [])
    assert story.happenings == ["WaitingLeft", "RoomEnded", "PeerLeft", "PeerLeft", "PeerLeft"]
    story.refused(c.Join("li", "li", "Li", "participant", "member", "phone", "1"), "meetingEnded")


def test_only_moderators_open_end_admit_and_lock() -> None:
    story = opened("li")
    for command in (c.EndMeeting("li"), c.Admit("li", "x"), c.SetLocked("li", True), c.SetLobby("li", True), c.Remove("li", "chair")):
        story.refused(command, "notModerator")


def test_the_last_moderator_leaving_does_not_end_the_meeting() -> None:
    story = opened("li").do(c.Leave("chair"))
    assert (story.inside, story.room.state.stage) == (["li"], "open")


def test_a_lost_connection_is_shown_once_and_its_return_too() -> None:
    story = opened("li").do(c.ConnectionLost("li"))
    assert story.happenings == ["ConnectionChanged"]
    assert story.do(c.ConnectionLost("li")).happenings == []
    assert story.do(c.ConnectionBack("li")).happenings == ["ConnectionChanged"]


def test_switching_the_lobby_off_lets_in_who_waits_because_of_it() -> None:
    story = opened().do(c.SetLobby("chair", True)).come("li").do(c.SetLobby("chair", False))
    assert story.happenings == ["LobbySet", "WaitingLeft", "PeerJoined"]
    assert (story.come("wang").inside, story.waiting) == (["chair", "li", "wang"], [])


def test_whoever_is_at_the_door_waits_for_what_keeps_people_out_now() -> None:
    story = opened().do(c.SetLocked("chair", True)).come("li").do(c.SetLobby("chair", True)).do(c.SetLocked("chair", False))
    assert (story.inside, story.waiting) == (["chair"], [("li", "lobby")])
    assert story.do(c.SetLocked("chair", True)).waiting == [("li", "locked")]
    story.do(c.SetLobby("chair", False))
    assert (story.inside, story.waiting) == (["chair"], [("li", "locked")])
    story.do(c.SetLocked("chair", False))
    assert (story.inside, story.waiting) == (["chair", "li"], [])


def test_a_room_locked_before_it_opens_lets_nobody_in_by_opening() -> None:
    story = Story().come("li").come("chair", "moderator").do(c.SetLocked("chair", True)).do(c.OpenMeeting("chair"))
    assert (story.inside, story.waiting) == (["chair"], [("li", "locked")])
    assert story.do(c.AdmitAll("chair")).inside == ["chair", "li"]


def test_the_door_changing_lets_in_nobody_who_was_removed() -> None:
    story = opened("li").do(c.SetLobby("chair", True)).do(c.Remove("chair", "li")).come("li").do(c.SetLobby("chair", False))
    assert (story.inside, story.waiting) == (["chair"], [("li", "removed")])


def test_a_removed_co_moderator_comes_back_as_what_that_member_was() -> None:
    story = opened("li").do(c.GrantModerator("chair", "li")).do(c.Remove("chair", "li", "noise")).come("li").do(c.Admit("chair", "li"))
    found = story.room.state.participant("li")
    assert found is not None
    assert found.role == "participant"
    story.refused(c.MuteAll("li"), "notModerator")


def test_who_vanished_left_when_last_seen_and_never_before_joining() -> None:
    story = opened("li").do(c.RaiseHand("li")).do(c.GiveFloor("chair", "li"))
    story.now = 100.0
    story.do(c.Leave("li", "connectionLost", at=50.0))
    assert [event.what.at for event in story.events] == [50.0, 50.0]  # type: ignore[union-attr]
    story.come("wang")
    joined = story.now
    story.do(c.Leave("wang", "connectionLost", at=1.0))
    assert story.events[-1].what.at == joined  # type: ignore[union-attr]
