"""Who wants to speak, in order, and who has been given the floor."""

from __future__ import annotations

from rooms import commands as c
from rooms import events as e
from rooms.draft import Draft
from rooms.refusals import Refused


def raise_hand(draft: Draft, command: c.RaiseHand) -> None:
    by = draft.by(command.by)
    draft.open()
    if any(hand.member_id == by for hand in draft.state.hands):
        raise Refused("handAlreadyRaised")
    draft.happen(e.HandRaised(by, draft.now))


def lower_hand(draft: Draft, command: c.LowerHand) -> None:
    by = draft.by(command.by)
    member_id = command.member_id or by
    if all(hand.member_id != member_id for hand in draft.state.hands):
        raise Refused("handNotRaised")
    draft.happen(e.HandLowered(member_id, by, draft.now))


def lower_all_hands(draft: Draft, command: c.LowerAllHands) -> None:
    by = draft.by(command.by)
    for hand in draft.state.hands:
        draft.happen(e.HandLowered(hand.member_id, by, draft.now))


def give_floor(draft: Draft, command: c.GiveFloor) -> None:
    """Passing the floor on withdraws it from who had it; the receiver's hand goes down."""
    by = draft.by(command.by)
    draft.open()
    target = draft.member(command.member_id)
    held = draft.state.floor
    if held is not None:
        if held.member_id == target.member_id:
            return
        draft.happen(e.FloorWithdrawn(held.member_id, by, draft.now))
    if any(hand.member_id == target.member_id for hand in draft.state.hands):
        draft.happen(e.HandLowered(target.member_id, by, draft.now))
    draft.happen(e.FloorGiven(target.member_id, by, draft.now))


def withdraw_floor(draft: Draft, command: c.WithdrawFloor) -> None:
    """By a moderator, or by the one who has it: "I have finished"."""
    held = draft.state.floor
    if held is None:
        raise Refused("floorNotGiven")
    draft.happen(e.FloorWithdrawn(held.member_id, draft.by(command.by), draft.now))
