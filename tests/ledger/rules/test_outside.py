"""Transfers to and from organisations outside the installation: papers are recorded by hand, the relation moves by the same receipt."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.mobility import IntroductionLetter, Newcomer, OrgRelation, OrgRelationTransfer, Side, TransferDuty, TransferState
from ledger.mobilityrules import DEFAULT
from ledger.rules.arrival import receive_from_outside
from ledger.rules.declined import Declined
from ledger.rules.relations import first_relation, settle
from ledger.rules.transfer import INWARD, OUTWARD, TransferStepped, apply_for, step_due, step_transfer
from ledger.rules.transfersteps import (
    Application,
    Approve,
    Archive,
    Arrival,
    AssignBranch,
    CloseSender,
    Destination,
    Dispatch,
    Expire,
    IssueLetter,
    PassHomeCheck,
    PresentLetter,
    RecordReceipt,
    Refuse,
    Resubmit,
    ReturnForChange,
    SendReceipt,
    TransferStep,
)
from tests.ledger.rules.mobile import code, done, instant

S = TransferState
DAY = date(2026, 6, 1)
LAST = DAY + timedelta(days=30)
HOME, HC, RC = Side.HOME, Side.HOME_COMMITTEE, Side.HOST_COMMITTEE
AWAY = Application(
    "t1", "li", "home-branch", "home-committee", "", "moved", None, " 外省某县委组织部 ", "某支部", TransferDuty.UNIT_CHANGED
)
ARRIVAL = Arrival(
    "t2", "wang", "our-committee", "外省某县委组织部", "X-9", DAY, 30, "2026-05", "moved", newcomer=Newcomer("N1", "王", "full")
)
RECEIPT = RecordReceipt("某支部", "某人", DAY)


def go(transfer: OrgRelationTransfer, step: TransferStep, side: Side, day: date = DAY) -> TransferStepped | Declined:
    return step_transfer(transfer, step, side, instant(day), DEFAULT)


def on_the_way() -> OrgRelationTransfer:
    transfer = done(apply_for(AWAY, (), HOME, instant(DAY))).transfer
    steps: list[tuple[TransferStep, Side]] = [(PassHomeCheck("2026-05"), HOME), (Approve(), HC), (IssueLetter("7", 30, "c"), HC)]
    for step, side in [*steps, (Dispatch("GJ-1"), HC)]:
        transfer = done(go(transfer, step, side)).transfer
    return transfer


def arrived(arrival: Arrival = ARRIVAL, day: date = DAY, side: Side = RC, presented: tuple[str, ...] = ()) -> TransferStepped | Declined:
    return receive_from_outside(arrival, (), presented, side, instant(day), DEFAULT)


def test_going_out_the_receipt_on_paper_ends_the_relation_here() -> None:
    transfer = done(go(on_the_way(), RECEIPT, HC, DAY + timedelta(days=5))).transfer
    assert (transfer.state, transfer.outside, transfer.to_outside) == (S.RECEIPTED, "外省某县委组织部", True)
    start = first_relation("li", "home-branch", 0.0)
    settled = done(settle(transfer, start, None, DEFAULT))
    assert settled.relations == (OrgRelation("li", "home-branch", 0.0, transfer.receipt.at if transfer.receipt else None),)
    assert done(settle(transfer, settled.relations, None, DEFAULT)).relations == settled.relations
    closed = done(go(done(go(transfer, CloseSender(), HC)).transfer, Archive(), HC)).transfer
    assert closed.state is S.ARCHIVED


def test_nobody_here_plays_the_part_of_a_committee_outside() -> None:
    assert all(RC not in sides for sides in OUTWARD.values())
    assert code(go(on_the_way(), PresentLetter("7"), RC)) == "stepNotPossible"
    assert all(sides == frozenset({RC}) for sides in INWARD.values())
    for step in (ReturnForChange("x"), CloseSender(), RECEIPT):
        assert code(go(done(arrived()).transfer, step, RC)) == "stepNotPossible"


def test_a_receipt_long_in_the_post_counts_by_its_day_and_not_by_ours() -> None:
    late = LAST + timedelta(days=9)
    expired = done(go(on_the_way(), Expire(), Side.CLOCK, late)).transfer
    assert done(go(expired, replace(RECEIPT, on=LAST), HC, late)).transfer.state is S.RECEIPTED
    assert code(go(expired, replace(RECEIPT, on=LAST + timedelta(days=1)), HC, late)) == "letterExpired"
    assert code(go(on_the_way(), replace(RECEIPT, on=DAY + timedelta(days=1)), HC)) == "dayOutOfOrder"
    assert code(go(on_the_way(), replace(RECEIPT, on=DAY - timedelta(days=1)), HC)) == "dayOutOfOrder"


def test_coming_in_the_relation_begins_with_the_receipt() -> None:
    transfer = done(arrived()).transfer
    assert (transfer.state, transfer.letter) == (S.RECEIVED, IntroductionLetter("X-9", DAY, 30, "2026-05", ""))
    transfer = done(go(transfer, AssignBranch(Destination("b", "our-committee", 3)), RC)).transfer
    transfer = done(go(transfer, SendReceipt("zhang"), RC)).transfer
    at = instant(DAY)
    assert done(settle(transfer, (), None, DEFAULT)).relations == (OrgRelation("wang", "b", at, None, "t2"),)
    back = (OrgRelation("wang", "a", 0.0, at - 10),)
    assert done(settle(transfer, back, None, DEFAULT)).relations == (*back, OrgRelation("wang", "b", at, None, "t2"))
    assert code(settle(transfer, first_relation("wang", "a", 0.0), None, DEFAULT)) == "stepNotPossible"
    assert code(settle(transfer, (OrgRelation("wang", "a", 0.0, at + 10),), None, DEFAULT)) == "dayOutOfOrder"
    assert done(go(transfer, Archive(), RC)).transfer.state is S.ARCHIVED


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"outside": " "}, "senderMissing"),
        ({"letter_number": " "}, "letterNumberMissing"),
        ({"valid_days": 91}, "validDaysOutOfRange"),
        ({"issued_on": DAY + timedelta(days=1)}, "letterFromTheFuture"),
        ({"issued_on": DAY - timedelta(days=31)}, "letterExpired"),
        ({"issued_on": DAY - timedelta(days=30)}, ""),
        ({"letter_number": "X-1"}, "letterPresentedTwice"),
    ],
)
def test_what_is_the_matter_with_a_letter_from_outside(changes: dict[str, object], refused: str) -> None:
    found = arrived(replace(ARRIVAL, **changes), presented=("X-1",))  # type: ignore[arg-type]
    assert getattr(found, "code", "") == refused


def test_only_the_receiving_committee_takes_a_letter_in_and_one_at_a_time() -> None:
    assert code(arrived(side=HC)) == "notYourStep"
    again = receive_from_outside(ARRIVAL, [done(arrived()).transfer], (), RC, instant(DAY), DEFAULT)
    assert code(again) == "transferOpen"
    assert done(go(done(arrived()).transfer, Refuse("not ours"), RC)).transfer.state is S.REFUSED


def test_where_to_is_named_one_way_or_the_other() -> None:
    assert code(apply_for(replace(AWAY, outside=" "), (), HOME, instant(DAY))) == "destinationMissing"
    returned = done(go(done(apply_for(AWAY, (), HOME, instant(DAY))).transfer, ReturnForChange("which?"), HOME)).transfer
    again = done(go(returned, Resubmit(to_committee_id="c2", to_branch_id="b2"), HOME)).transfer
    assert (again.to_committee_id, again.to_branch_id, again.outside, again.outside_branch) == ("c2", "b2", "", "")
    assert code(go(returned, Resubmit(to_committee_id="c2", to_branch_id="home-branch"), HOME)) == "sameBranch"
    assert code(go(returned, Resubmit(outside=" "), HOME)) == "destinationMissing"
    assert done(go(returned, Resubmit(outside="另一县委"), HOME)).transfer.outside == "另一县委"


def test_with_an_organisation_outside_only_ours_are_reminded() -> None:
    assert step_due(on_the_way(), DEFAULT) == (LAST, frozenset({Side.MEMBER, HC}))
    assert step_due(done(arrived()).transfer, DEFAULT) == (DAY + timedelta(days=15), frozenset({RC}))
