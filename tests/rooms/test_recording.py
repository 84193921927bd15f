"""A meeting is recorded only where that is allowed, everybody knows, and nobody is in it who has not agreed."""

from __future__ import annotations

from rooms import commands as c
from tests.rooms.story import opened


def test_a_recording_is_off_until_the_organisation_allows_it_and_a_moderator_starts_it() -> None:
    opened("li").refused(c.StartRecording("chair", "r1"), "recordingNotAllowed")
    story = opened("li", recording="allowed").refused(c.StartRecording("li", "r1"), "notModerator")
    story.do(c.StartRecording("chair", "r1"))
    assert story.happenings == ["RecordingStarted"]
    assert story.room.state.recorded == ()
    story.refused(c.StartRecording("chair", "r2"), "recordingOn")


def test_before_the_meeting_is_open_nothing_is_recorded() -> None:
    story = opened(recording="allowed").do(c.EndMeeting("chair"))
    story.refused(c.StartRecording("chair", "r1"), "notInRoom")


def test_whoever_agrees_is_recorded_and_may_take_it_back() -> None:
    story = opened("li", recording="allowed").refused(c.AgreeToRecording("li", "1"), "recordingOff")
    story.do(c.StartRecording("chair", "r1")).do(c.AgreeToRecording("li", "1")).do(c.AgreeToRecording("li", "1"))
    assert story.happenings == []
    assert story.room.state.recorded == ("li",)
    story.do(c.Leave("li")).come("li")
    assert story.room.state.recorded == ("li",)
    story.do(c.DeclineRecording("li"))
    assert story.happenings == ["RecordingDeclined"]
    assert list(story.room.state.recorded) == []


def test_an_objection_ends_it_where_the_rule_says_so() -> None:
    story = opened("li", recording="untilObjection").do(c.StartRecording("chair", "r1")).do(c.AgreeToRecording("li", "1"))
    story.do(c.ObjectToRecording("li"))
    assert story.happenings == ["RecordingDeclined", "RecordingObjected", "RecordingStopped"]
    assert story.room.state.recording is None


def test_an_objection_is_kept_also_where_the_recording_goes_on() -> None:
    story = opened("li", recording="allowed").do(c.StartRecording("chair", "r1")).do(c.ObjectToRecording("li"))
    assert story.happenings == ["RecordingObjected"]
    on = story.room.state.recording
    assert on is not None
    assert on.objections == ("li",)
    assert story.do(c.ObjectToRecording("li")).happenings == []


def test_those_at_the_door_see_that_it_is_recorded_and_not_who_objected() -> None:
    story = opened("li", recording="allowed").do(c.SetLobby("chair", True)).come("wang")
    story.do(c.StartRecording("chair", "r1")).do(c.AgreeToRecording("li", "1")).do(c.ObjectToRecording("li"))
    seen = story.room.snapshot("wang").room
    assert seen.recording is not None
    assert (seen.recording.objections, seen.recorded) == ((), ())


def test_the_end_of_the_meeting_ends_the_recording_first() -> None:
    story = opened(recording="allowed").do(c.StartRecording("chair", "r1")).do(c.EndMeeting("chair"))
    assert story.happenings[:2] == ["RecordingStopped", "RoomEnded"]


def test_a_recording_of_nobody_ends() -> None:
    story = opened(recording="allowed").do(c.StartRecording("chair", "r1")).do(c.Leave("chair"))
    assert story.happenings == ["PeerLeft", "RecordingStopped"]
    assert story.room.state.recording is None


def test_the_server_ends_it_when_the_media_plane_cannot_go_on() -> None:
    story = opened(recording="allowed").do(c.StartRecording("chair", "r1")).do(c.StopRecording(None, "diskFull"))
    assert story.events[0].what.reason == "diskFull"  # type: ignore[union-attr]
    story.refused(c.StopRecording(None), "recordingOff")
