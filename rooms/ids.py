"""Ids and words of the live meeting. A room, a member and a peer are opaque strings here; rooms never learns who a person is."""

from __future__ import annotations

from typing import Literal

PeerId = str  # one connection of one device
MemberId = str  # the person; several peers may be theirs
ProducerId = str

Device = Literal["phone", "desktop"]
Role = Literal["moderator", "coModerator", "participant", "observer"]
Post = Literal["secretary", "deputySecretary", "committeeMember", "groupLeader", "member", "probationary", "observer", "hostMember"]
Source = Literal["microphone", "camera", "screen", "screenAudio"]
Kind = Literal["audio", "video"]
Connection = Literal["connected", "reconnecting"]
RoomStage = Literal["scheduled", "open", "ended"]
WaitingReason = Literal["notOpen", "lobby", "locked", "removed"]
WaitingOutcome = Literal["admitted", "refused", "left", "ended"]
RecordingRule = Literal["never", "allowed", "untilObjection"]  # of the organisation; the last: an objection ends it
RecordingEnd = Literal["stopped", "objection", "meetingEnded", "everybodyLeft", "diskFull", "diskSlow", "mediaTrouble", "serverStopped"]
LeaveReason = Literal["left", "connectionLost", "replaced", "removed", "meetingEnded", "serverStopped"]

MODERATING: frozenset[Role] = frozenset({"moderator", "coModerator"})
MAX_DEVICES = 3
CHAT_KEPT = 200
CHAT_LENGTH = 2000
