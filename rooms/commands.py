"""What may be asked of a room: imperatives, frozen. `by` is the peer who asks; `None` is the server itself."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.ids import Device, Kind, LeaveReason, MemberId, PeerId, Post, ProducerId, RecordingEnd, Role, Source


@dataclass(frozen=True, slots=True)
class Join:
    """`may_enter`: the ledger says this member is expected, invited or responsible."""

    peer_id: PeerId
    member_id: MemberId
    name: str
    role: Role
    post: Post
    device: Device
    device_id: str
    may_enter: bool = True


@dataclass(frozen=True, slots=True)
class Leave:
    """`at`: when the peer was last known to be here, if that is earlier than now (a connection that died unseen)."""

    by: PeerId
    reason: LeaveReason = "left"
    at: float | None = None


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    by: PeerId


@dataclass(frozen=True, slots=True)
class ConnectionBack:
    by: PeerId


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    by: PeerId | None


@dataclass(frozen=True, slots=True)
class EndMeeting:
    """`at`: when it really ended, if the server notices later that everybody has gone."""

    by: PeerId | None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class SetLobby:
    by: PeerId
    on: bool


@dataclass(frozen=True, slots=True)
class SetLocked:
    by: PeerId
    on: bool


@dataclass(frozen=True, slots=True)
class Admit:
    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class AdmitAll:
    """Everybody at the door except those who were removed: they are admitted by name."""

    by: PeerId


@dataclass(frozen=True, slots=True)
class RefuseEntry:
    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class Remove:
    by: PeerId
    member_id: MemberId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GrantModerator:
    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class RevokeModerator:
    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class AddProducer:
    by: PeerId
    producer_id: ProducerId
    kind: Kind
    source: Source
    paused: bool = False


@dataclass(frozen=True, slots=True)
class SetProducerPaused:
    by: PeerId
    producer_id: ProducerId
    paused: bool


@dataclass(frozen=True, slots=True)
class RemoveProducer:
    by: PeerId | None
    producer_id: ProducerId


@dataclass(frozen=True, slots=True)
class Mute:
    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class MuteAll:
    """Everybody but the one who asks."""

    by: PeerId


@dataclass(frozen=True, slots=True)
class AskUnmute:
    """Ask, never force."""

    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class StopShare:
    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class RaiseHand:
    by: PeerId


@dataclass(frozen=True, slots=True)
class LowerHand:
    """One's own, or as a moderator another's; `member_id` None means one's own."""

    by: PeerId
    member_id: MemberId | None = None


@dataclass(frozen=True, slots=True)
class LowerAllHands:
    by: PeerId


@dataclass(frozen=True, slots=True)
class GiveFloor:
    by: PeerId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class WithdrawFloor:
    by: PeerId


@dataclass(frozen=True, slots=True)
class Say:
    """`client_id` is unique for the peer: the same message delivered twice is said once."""

    by: PeerId
    text: str
    client_id: str


@dataclass(frozen=True, slots=True)
class StartRecording:
    by: PeerId
    recording_id: str


@dataclass(frozen=True, slots=True)
class StopRecording:
    """`by` None: the server, because the media plane cannot go on, or nobody is left."""

    by: PeerId | None
    reason: RecordingEnd = "stopped"


@dataclass(frozen=True, slots=True)
class AgreeToRecording:
    """Only who has agreed is recorded. `version`: of the text that was agreed to."""

    by: PeerId
    version: str


@dataclass(frozen=True, slots=True)
class DeclineRecording:
    """Take the agreement back: what is recorded already stays, nothing is added."""

    by: PeerId


@dataclass(frozen=True, slots=True)
class ObjectToRecording:
    by: PeerId


Command = (
    Join
    | Leave
    | ConnectionLost
    | ConnectionBack
    | OpenMeeting
    | EndMeeting
    | SetLobby
    | SetLocked
    | Admit
    | AdmitAll
    | RefuseEntry
    | Remove
    | GrantModerator
    | RevokeModerator
    | AddProducer
    | SetProducerPaused
    | RemoveProducer
    | Mute
    | MuteAll
    | AskUnmute
    | StopShare
    | RaiseHand
    | LowerHand
    | LowerAllHands
    | GiveFloor
    | WithdrawFloor
    | Say
    | StartRecording
    | StopRecording
    | AgreeToRecording
    | DeclineRecording
    | ObjectToRecording
)
