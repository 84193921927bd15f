"""The live meeting: a command and a moment in, events out, or a refusal and nothing has changed.

First who may ask (policy.py), then what comes of it (roster, stage, floor). No clock, no I/O, no randomness.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rooms import commands as c
from rooms import floor, policy, recording, roster, stage
from rooms.draft import Draft
from rooms.events import Event
from rooms.ids import PeerId
from rooms.snapshot import Snapshot, snapshot
from rooms.state import RoomState

DECIDE: dict[type, Callable[[Draft, Any], None]] = {
    c.Join: roster.join,
    c.Leave: roster.leave,
    c.ConnectionLost: roster.connection_lost,
    c.ConnectionBack: roster.connection_back,
    c.OpenMeeting: roster.open_meeting,
    c.EndMeeting: roster.end_meeting,
    c.SetLobby: roster.set_lobby,
    c.SetLocked: roster.set_locked,
    c.Admit: roster.admit,
    c.AdmitAll: roster.admit_all,
    c.RefuseEntry: roster.refuse_entry,
    c.Remove: roster.remove,
    c.GrantModerator: stage.grant_moderator,
    c.RevokeModerator: stage.revoke_moderator,
    c.AddProducer: stage.add_producer,
    c.SetProducerPaused: stage.set_producer_paused,
    c.RemoveProducer: stage.remove_producer,
    c.Mute: stage.mute,
    c.MuteAll: stage.mute_all,
    c.AskUnmute: stage.ask_unmute,
    c.StopShare: stage.stop_share,
    c.RaiseHand: floor.raise_hand,
    c.LowerHand: floor.lower_hand,
    c.LowerAllHands: floor.lower_all_hands,
    c.GiveFloor: floor.give_floor,
    c.WithdrawFloor: floor.withdraw_floor,
    c.Say: stage.say,
    c.StartRecording: recording.start,
    c.StopRecording: recording.stop,
    c.AgreeToRecording: recording.agree,
    c.DeclineRecording: recording.decline,
    c.ObjectToRecording: recording.objected,
}


class Room:
    def __init__(self, state: RoomState) -> None:
        self.state = state

    def handle(self, command: c.Command, now: float) -> tuple[Event, ...]:
        """Decide `command` at `now` (epoch seconds). Raises `Refused`; then nothing has changed."""
        policy.check(self.state, command)
        draft = Draft(self.state, now)
        DECIDE[type(command)](draft, command)
        self.state = draft.state
        return tuple(draft.events)

    def snapshot(self, peer_id: PeerId) -> Snapshot:
        return snapshot(self.state, peer_id)
