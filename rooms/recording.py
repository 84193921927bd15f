"""The recording of a meeting: by a moderator, where the organisation allows it; everybody knows, nobody is recorded without having agreed.

Any member who is present may object; that is told to everybody and kept, and ends the recording where the organisation's rule says so.
It must never know files or packets.
"""

from __future__ import annotations

from rooms import commands as c
from rooms import events as e
from rooms.draft import Draft
from rooms.ids import RecordingEnd
from rooms.refusals import Refused
from rooms.state import Recording


def start(draft: Draft, command: c.StartRecording) -> None:
    """Who starts a recording has not agreed to be in it: that is asked of everybody in the same words."""
    by = draft.by(command.by)
    draft.open()
    if draft.state.recording_rule == "never":
        raise Refused("recordingNotAllowed")
    if draft.state.recording is not None:
        raise Refused("recordingOn")
    draft.happen(e.RecordingStarted(command.recording_id, by, draft.now), e.PRESENT)


def stop(draft: Draft, command: c.StopRecording) -> None:
    end(draft, draft.by(command.by) if command.by is not None else None, command.reason, _on(draft))


def agree(draft: Draft, command: c.AgreeToRecording) -> None:
    by = draft.by(command.by)
    _on(draft)
    if by not in draft.state.recorded:
        draft.happen(e.RecordingAgreed(by, command.version, draft.now))


def decline(draft: Draft, command: c.DeclineRecording) -> None:
    by = draft.by(command.by)
    if by in draft.state.recorded:
        draft.happen(e.RecordingDeclined(by, draft.now))


def objected(draft: Draft, command: c.ObjectToRecording) -> None:
    """An objection also takes an agreement back."""
    by, on = draft.by(command.by), _on(draft)
    if by in on.objections:
        return
    if by in draft.state.recorded:
        draft.happen(e.RecordingDeclined(by, draft.now))
    draft.happen(e.RecordingObjected(on.recording_id, by, draft.now))
    if draft.state.recording_rule == "untilObjection":
        end(draft, by, "objection", on)


def end(draft: Draft, by: str | None, reason: RecordingEnd, on: Recording) -> None:
    draft.happen(e.RecordingStopped(on.recording_id, by, reason, draft.now), e.PRESENT)


def _on(draft: Draft) -> Recording:
    if draft.state.recording is None:
        raise Refused("recordingOff")
    return draft.state.recording
