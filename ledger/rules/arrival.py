"""A letter from outside the installation: taken in, or what is the matter with it. From there on it goes the way of every transfer.

The committee that sent it plays no part here, so that there is nothing before the letter; with the receipt the member's relation begins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..mobility import IntroductionLetter, OrgRelationTransfer, Side, TransferState
from ..mobilityrules import MobilityRules
from ..model import day_of
from .declined import Declined, declined
from .transfer import TransferChange, TransferStepped
from .transfersteps import Arrival


def receive_from_outside(
    arrival: Arrival,
    of_member: Iterable[OrgRelationTransfer],
    presented_numbers: Collection[str],
    side: Side,
    at: float,
    rules: MobilityRules,
) -> TransferStepped | Declined:
    """`of_member`: every transfer the member ever had; `presented_numbers`: of letters of the same sender taken in before."""
    if side is not Side.HOST_COMMITTEE:
        return declined("notYourStep", act="Receive")
    if any(one.is_open for one in of_member):
        return declined("transferOpen")
    fault = _fault(arrival, presented_numbers, at, rules)
    if fault is not None:
        return fault
    transfer = OrgRelationTransfer(
        transfer_id=arrival.transfer_id,
        member_id=arrival.member_id,
        from_branch_id="",
        from_committee_id="",
        to_committee_id=arrival.to_committee_id,
        reason=arrival.reason,
        state=TransferState.RECEIVED,
        applied_at=at,
        state_since=at,
        letters=(_letter(arrival),),
        dues_paid_until=arrival.dues_paid_until,
        outside=arrival.outside.strip(),
        outside_branch=arrival.outside_branch.strip(),
        newcomer=arrival.newcomer,
    )
    change = TransferChange(transfer.transfer_id, None, TransferState.RECEIVED, "Receive", side, at)
    return TransferStepped(transfer, change)


def _letter(arrival: Arrival) -> IntroductionLetter:
    return IntroductionLetter(arrival.letter_number.strip(), arrival.issued_on, arrival.valid_days, arrival.dues_paid_until, "")


def _fault(arrival: Arrival, presented: Collection[str], at: float, rules: MobilityRules) -> Declined | None:
    letter, today = _letter(arrival), day_of(at)
    if not arrival.outside.strip():
        return declined("senderMissing")
    if not letter.number:
        return declined("letterNumberMissing")
    if letter.number in presented:
        return declined("letterPresentedTwice", number=letter.number)
    if not 1 <= arrival.valid_days <= rules.letter_valid_days:
        return declined("validDaysOutOfRange", limit=rules.letter_valid_days)
    if arrival.issued_on > today:
        return declined("letterFromTheFuture")
    if today > letter.last_valid_day:
        return declined("letterExpired", number=letter.number, day=letter.last_valid_day.isoformat())
    return None
