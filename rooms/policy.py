"""Who may ask what of a room: one table, command → right. `Room.handle` asks it before anything is decided.

Rights of the moment only: who is inside, who moderates, whose hand, floor or producer it is. Whether the moment fits – the meeting is
open, the hand is up, somebody waits – is the decider's, and whether a member may come at all is the ledger's. A right that rests on
ownership lets through what does not exist: that nothing is there is said by the decider, with its own code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from rooms import commands as c
from rooms.ids import MODERATING, PeerId
from rooms.refusals import Refused
from rooms.state import Participant, RoomState


@dataclass(frozen=True, slots=True)
class Right:
    """`refusal`: the code for who may not, None for who may. `server`: the server itself may ask too, as `by` None."""

    name: str
    refusal: Callable[[RoomState, Any], str | None]
    server: bool = False


def _asking(state: RoomState, command: Any) -> Participant | None:
    found = state.owner(command.by)
    return None if found is None else found[0]


def _everyone(state: RoomState, command: c.Join) -> str | None:
    return None


def _present(state: RoomState, command: c.Leave) -> str | None:
    at_the_door = any(entry.peer_id == command.by for entry in state.waiting)
    return None if at_the_door else _inside(state, command)


def _inside(state: RoomState, command: Any) -> str | None:
    return "notInRoom" if _asking(state, command) is None else None


def _moderator(state: RoomState, command: Any) -> str | None:
    asking = _asking(state, command)
    if asking is None:
        return "notInRoom"
    return None if asking.role in MODERATING else "notModerator"


def _own_producer(state: RoomState, command: c.SetProducerPaused | c.RemoveProducer) -> str | None:
    """The peer's own: another device of the same person must ask there."""
    holder = _holder(state, command.producer_id)
    return _inside(state, command) or (None if holder in (None, command.by) else "notYourProducer")


def _holder(state: RoomState, producer_id: str) -> PeerId | None:
    peers = (peer for participant in state.participants for peer in participant.peers)
    return next((peer.peer_id for peer in peers if any(p.producer_id == producer_id for p in peer.producers)), None)


def _own_hand(state: RoomState, command: c.LowerHand) -> str | None:
    asking = _asking(state, command)
    own = asking is not None and command.member_id in (None, asking.member_id)
    return None if own else _moderator(state, command)


def _floor_holder(state: RoomState, command: c.WithdrawFloor) -> str | None:
    asking, held = _asking(state, command), state.floor
    free = asking is not None and (held is None or held.member_id == asking.member_id)
    return None if free else _moderator(state, command)


EVERYONE = Right("everyone", _everyone)
PRESENT = Right("present", _present)  # inside or at the door
INSIDE = Right("inside", _inside)
MODERATOR = Right("moderator", _moderator)
OWN_PRODUCER = Right("ownProducer", _own_producer)
OWN_HAND = Right("ownHandOrModerator", _own_hand)
FLOOR_HOLDER = Right("floorHolderOrModerator", _floor_holder)

MAY: dict[type[c.Command], Right] = {
    c.Join: EVERYONE,
    c.Leave: PRESENT,
    c.ConnectionLost: INSIDE,
    c.ConnectionBack: INSIDE,
    c.OpenMeeting: replace(MODERATOR, server=True),
    c.EndMeeting: replace(MODERATOR, server=True),
    c.SetLobby: MODERATOR,
    c.SetLocked: MODERATOR,
    c.Admit: MODERATOR,
    c.AdmitAll: MODERATOR,
    c.RefuseEntry: MODERATOR,
    c.Remove: MODERATOR,
    c.GrantModerator: MODERATOR,
    c.RevokeModerator: MODERATOR,
    c.AddProducer: INSIDE,
    c.SetProducerPaused: OWN_PRODUCER,
    c.RemoveProducer: replace(OWN_PRODUCER, server=True),
    c.Mute: MODERATOR,
    c.MuteAll: MODERATOR,
    c.AskUnmute: MODERATOR,
    c.StopShare: MODERATOR,
    c.RaiseHand: INSIDE,
    c.LowerHand: OWN_HAND,
    c.LowerAllHands: MODERATOR,
    c.GiveFloor: MODERATOR,
    c.WithdrawFloor: FLOOR_HOLDER,
    c.Say: INSIDE,
    c.StartRecording: MODERATOR,
    c.StopRecording: replace(MODERATOR, server=True),
    c.AgreeToRecording: INSIDE,
    c.DeclineRecording: INSIDE,
    c.ObjectToRecording: INSIDE,
}


def check(state: RoomState, command: c.Command) -> None:
    """Raises `Refused` when whoever asks may not."""
    right = MAY[type(command)]
    if right.server and getattr(command, "by", None) is None:
        return
    code = right.refusal(state, command)
    if code is not None:
        raise Refused(code)
