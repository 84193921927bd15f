"""Who wants to speak, in order, and who has been given the floor."""

from __future__ import annotations

from rooms import commands as c
from rooms import events as e
from rooms.draft import Draft
from rooms.ids import MODERATING
from rooms.refusals import Refused


def raise_hand(draft: Draft, command: c.RaiseHand) -> None:
    participant, _ = draft.inside(command.by)
    draft.open()
    if any(hand.member_id == participant.member_id for hand in draft.state.hands):
        raise Refused("handAlreadyRaised")
    draft.happen(e.HandRaised(participant.member_id, draft.now))


def lower_hand(draft: Draft, command: c.LowerHand) -> None:
    participant, _ = draft.inside(command.by)
    member_id = command.member_id or participant.member_id
    if member_id != participant.member_id and participant.role not in MODERATING:
        raise Refused("notModerator")
    if all(hand.member_id != member_id for hand in draft.state.hands):
        raise Refused("handNotRaised")
    draft.happen(e.HandLowered(member_id, participant.member_id, draft.now))


def lower_all_hands(draft: Draft, command: c.LowerAllHands) -> None:
    by = draft.moderator(command.by)
    for hand in draft.state.hands:
        draft.happen(e.HandLowered(hand.member_id, by.member_id, draft.now))


def give_floor(draft: Draft, command: c.GiveFloor) -> None:
    """Passing the floor on withdraws it from who had it; the receiver's hand goes down."""
    by = draft.moderator(command.by)
    draft.open()
    target = draft.member(command.member_id)
    held = draft.state.floor
    if held is not None:
        if held.member_id == target.member_id:
            return
        draft.happen(e.FloorWithdrawn(held.member_id, by.member_id, draft.now))
    if any(hand.member_id == target.member_id for hand in draft.state.hands):
        draft.happen(e.HandLowered(target.member_id, by.member_id, draft.now))
    draft.happen(e.FloorGiven(target.member_id, by.member_id, draft.now))


def withdraw_floor(draft: Draft, command: c.WithdrawFloor) -> None:
    """By a moderator, or by the one who has it: "I have finished"."""
    participant, _ = draft.inside(command.by)
    held = draft.state.floor
    if held is None:
        raise Refused("floorNotGiven")
    if held.member_id != participant.member_id and participant.role not in MODERATING:
        raise Refused("notModerator")
    draft.happen(e.FloorWithdrawn(held.member_id, participant.member_id, draft.now))
