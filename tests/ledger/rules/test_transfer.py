"""Transfer of the relationship: the whole way, every side exit, the letter's misfortunes, and the instant at which things change."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.mobility import (
    ENDED_WITHOUT_MOVE,
    MOVED,
    OPEN_TRANSFER,
    OrgRelation,
    OrgRelationTransfer,
    RegistrationState,
    SeparateConsent,
    SharingPurpose,
    Side,
    TransferDuty,
    TransferState,
)
from ledger.mobilityrules import DEFAULT
from ledger.rules.declined import Declined
from ledger.rules.relations import (
    Responsibility,
    check_relations,
    first_relation,
    may_vote_in,
    relation_at,
    responsible_at,
    settle,
)
from ledger.rules.transfer import TABLE, TransferStepped, apply_for, apply_for_all, step_due, step_transfer
from ledger.rules.transferbasis import Basis, basis_of
from ledger.rules.transfersteps import (
    Application,
    Approve,
    Archive,
    AssignBranch,
    CancelTransfer,
    CloseSender,
    Destination,
    Dispatch,
    Expire,
    IssueLetter,
    PassHomeCheck,
    PresentLetter,
    Refuse,
    Resubmit,
    ReturnForChange,
    SendReceipt,
    TransferStep,
    Withdraw,
)
from tests.ledger.rules.mobile import code, done, instant, reported_in

S = TransferState
DAY = date(2026, 6, 1)
APPLICATION = Application("t1", "li", "home-branch", "home-committee", "host-committee", "moved for work", duty=TransferDuty.UNIT_CHANGED)
NEW_BRANCH = Destination("new-branch", "host-committee", 12)
HOME, HC, RC, MEMBER = Side.HOME, Side.HOME_COMMITTEE, Side.HOST_COMMITTEE, Side.MEMBER
LETTER = IssueLetter("2026-001", 30, "c0de")
WAY: list[tuple[TransferStep, Side, TransferState]] = [
    (PassHomeCheck("2026-05"), HOME, S.HOME_CHECKED),
    (Approve(), HC, S.APPROVED),
    (LETTER, HC, S.LETTER_ISSUED),
    (Dispatch("GJ-77"), HC, S.IN_TRANSIT),
    (PresentLetter("2026-001"), RC, S.RECEIVED),
    (AssignBranch(NEW_BRANCH), RC, S.ASSIGNED),
    (SendReceipt("wang"), RC, S.RECEIPTED),
    (CloseSender(), HC, S.CLOSED),
    (Archive(), HC, S.ARCHIVED),
]
EVERY_STEP: list[TransferStep] = [
    *(step for step, _, _ in WAY),
    ReturnForChange("x"),
    Resubmit(),
    Withdraw("x"),
    Refuse("x"),
    Expire(),
    CancelTransfer("x"),
]


def applied() -> OrgRelationTransfer:
    """By the branch, which names a duty; what a consent does has a test of its own."""
    return done(apply_for(APPLICATION, (), HOME, instant(DAY))).transfer


def go(transfer: OrgRelationTransfer, step: TransferStep, side: Side, day: date = DAY, **more: int) -> TransferStepped | Declined:
    return step_transfer(transfer, step, side, instant(day), DEFAULT, seen_revision=more.get("seen"))


def at(state: TransferState) -> OrgRelationTransfer:
    """As far along the way as the state; the side exits from where they are usual."""
    exits: dict[TransferState, tuple[TransferState, TransferStep, Side, date]] = {
        S.RETURNED_FOR_CHANGE: (S.RECEIVED, ReturnForChange("wrong committee"), RC, DAY),
        S.EXPIRED: (S.IN_TRANSIT, Expire(), Side.CLOCK, DAY + timedelta(days=31)),
        S.WITHDRAWN: (S.IN_TRANSIT, Withdraw("stays"), MEMBER, DAY),
        S.REFUSED: (S.RECEIVED, Refuse("not ours"), RC, DAY),
        S.CANCELLED: (S.IN_TRANSIT, CancelTransfer("letter lost"), HC, DAY),
    }
    if state in exits:
        before, step, side, day = exits[state]
        return done(go(at(before), step, side, day)).transfer
    transfer = applied()
    for step, side, _ in WAY:
        if transfer.state is state:
            break
        transfer = done(go(transfer, step, side)).transfer
    assert transfer.state is state
    return transfer


def told_by(consents: list[SeparateConsent], day: date = DAY) -> str:
    """What becomes of a letter for a member who applied alone, so that no duty is named."""
    transfer = done(apply_for(APPLICATION, (), MEMBER, instant(DAY))).transfer
    for step, side, _ in WAY[:2]:
        transfer = done(go(transfer, step, side)).transfer
    found = step_transfer(transfer, LETTER, HC, instant(day), DEFAULT, consents=consents)
    return found.code if isinstance(found, Declined) else found.transfer.state.value


def test_the_receiving_side_is_told_by_consent_or_duty_and_not_otherwise() -> None:
    given = SeparateConsent("li", "host-committee", SharingPurpose.TRANSFER, "1", instant(DAY))
    assert told_by([given]) == "letterIssued"
    for other in (
        replace(given, recipient_org_id="another"),
        replace(given, purpose=SharingPurpose.HOST_MANAGEMENT),
        replace(given, member_id="somebody"),
        replace(given, given_at=instant(DAY) - 1),  # to a transfer before this one
        replace(given, withdrawn_at=instant(DAY) + 60),
    ):
        assert told_by([other], DAY + timedelta(days=1)) == "transferConsentMissing"
    assert done(apply_for(APPLICATION, (), MEMBER, instant(DAY))).transfer.duty is None  # a member has no such duty


def test_another_destination_wants_another_consent() -> None:
    given = SeparateConsent("li", "host-committee", SharingPurpose.TRANSFER, "1", instant(DAY))
    transfer = done(apply_for(APPLICATION, (), MEMBER, instant(DAY))).transfer
    assert basis_of(transfer, [given], instant(DAY)) is Basis.CONSENT
    returned = done(go(transfer, ReturnForChange("where?"), HOME)).transfer
    elsewhere = done(go(returned, Resubmit(to_committee_id="other-committee"), MEMBER)).transfer
    outside = done(go(returned, Resubmit(outside="外省某县委"), MEMBER)).transfer
    assert [basis_of(one, [given], instant(DAY)) for one in (elsewhere, outside)] == [Basis.MISSING, Basis.MISSING]
    there = replace(given, recipient_org_id="", recipient="外省某县委")
    assert basis_of(outside, [there], instant(DAY)) is Basis.CONSENT


def test_the_whole_way_with_both_committees() -> None:
    transfer, sides = applied(), []
    for step, side, after in WAY:
        stepped = done(go(transfer, step, side))
        assert (stepped.change.before, stepped.change.after, stepped.transfer.state) == (transfer.state, after, after)
        transfer = stepped.transfer
        sides.append(stepped.change.side)
    assert sides == [HOME, HC, HC, HC, RC, RC, RC, HC, HC]
    assert (transfer.to_branch_id, transfer.national_reference, transfer.dues_paid_until) == ("new-branch", "GJ-77", "2026-05")
    assert transfer.receipt is not None
    assert (transfer.receipt.letter_number, transfer.receipt.branch_id) == ("2026-001", "new-branch")


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("step", EVERY_STEP, ids=lambda s: type(s).__name__)
def test_only_the_table_is_possible_and_only_for_its_sides(state: TransferState, step: TransferStep) -> None:
    transfer = at(state)
    sides = TABLE.get((type(step), state))
    for side in Side:
        found = go(transfer, step, side)
        if sides is None:
            assert code(found) == "stepNotPossible"
        elif side not in sides:
            assert code(found) == "notYourStep"
        else:
            assert getattr(found, "code", "") not in ("stepNotPossible", "notYourStep")


def test_every_state_that_is_open_has_a_way_on_and_every_other_has_none_back() -> None:
    moves = {state for step, state in TABLE if step is not PresentLetter}
    assert moves >= OPEN_TRANSFER
    assert moves - OPEN_TRANSFER == {S.RECEIPTED, S.CLOSED}  # only on to the archive
    assert not ENDED_WITHOUT_MOVE & MOVED


def test_one_transfer_at_a_time() -> None:
    assert code(apply_for(APPLICATION, [applied()], MEMBER, instant(DAY))) == "transferOpen"
    for ended in (S.WITHDRAWN, S.ARCHIVED):
        assert done(apply_for(APPLICATION, [at(ended)], HOME, instant(DAY))).transfer.state is S.APPLIED


def test_an_application_that_cannot_be_is_refused() -> None:
    wrong = [(replace(APPLICATION, to_branch_id="home-branch"), HOME), (replace(APPLICATION, reason=" "), HOME), (APPLICATION, RC)]
    assert [code(apply_for(one, (), side, instant(DAY))) for one, side in wrong] == ["sameBranch", "reasonMissing", "notYourStep"]


@pytest.mark.parametrize(
    ("paid", "settled"), [("2026-04", False), ("2026-05", True), ("2026-08", True), ("soon", False), ("2026-13", False)]
)
def test_dues_are_settled_up_to_last_month(paid: str, settled: bool) -> None:
    found = go(applied(), PassHomeCheck(paid), HOME)
    assert getattr(found, "code", "settled") == ("settled" if settled else "duesUnsettled")


@pytest.mark.parametrize(("days", "valid"), [(0, False), (1, True), (90, True), (91, False), (-1, False)])
def test_a_letter_is_valid_for_ninety_days_at_most(days: int, valid: bool) -> None:
    found = go(at(S.APPROVED), replace(LETTER, valid_days=days), HC)
    assert getattr(found, "code", "valid") == ("valid" if valid else "validDaysOutOfRange")


@pytest.mark.parametrize(("day", "refused"), [(0, ""), (30, ""), (31, "letterExpired"), (-1, "letterFromTheFuture")])
def test_a_letter_is_taken_until_its_last_valid_day(day: int, refused: str) -> None:
    found = go(at(S.IN_TRANSIT), PresentLetter("2026-001"), RC, DAY + timedelta(days=day))
    assert getattr(found, "code", "") == refused


@pytest.mark.parametrize(
    ("state", "number", "refused"),
    [
        (S.IN_TRANSIT, "2026-002", "letterUnknown"),
        (S.APPLIED, "2026-001", "letterUnknown"),
        (S.RECEIVED, "2026-001", "letterPresentedTwice"),
        (S.ASSIGNED, "2026-001", "letterPresentedTwice"),
        (S.ARCHIVED, "2026-001", "letterPresentedTwice"),
        (S.WITHDRAWN, "2026-001", "letterVoid"),
        (S.CANCELLED, "2026-001", "letterVoid"),
        (S.RETURNED_FOR_CHANGE, "2026-001", "letterVoid"),
        (S.EXPIRED, "2026-001", "letterExpired"),
    ],
)
def test_whoever_holds_a_letter_is_told_what_is_the_matter(state: TransferState, number: str, refused: str) -> None:
    assert code(go(at(state), PresentLetter(number), RC)) == refused


def test_an_expired_letter_is_reissued_under_a_new_number_and_the_old_one_is_void() -> None:
    later = DAY + timedelta(days=40)
    assert code(go(at(S.IN_TRANSIT), Expire(), Side.CLOCK, DAY + timedelta(days=30))) == "letterStillValid"
    expired = at(S.EXPIRED)
    assert code(go(expired, LETTER, HC, later)) == "letterNumberUsed"
    new = done(go(expired, replace(LETTER, number="2026-009"), HC, later)).transfer
    assert [(one.number, one.void) for one in new.letters] == [("2026-001", True), ("2026-009", False)]
    assert code(go(new, PresentLetter("2026-001"), RC, later)) == "letterVoid"
    assert done(go(new, PresentLetter("2026-009"), RC, later)).transfer.state is S.RECEIVED


def test_a_number_of_another_transfer_is_not_taken() -> None:
    found = step_transfer(at(S.APPROVED), LETTER, HC, instant(DAY), DEFAULT, used_numbers={"2026-001"})
    assert code(found) == "letterNumberUsed"


@pytest.mark.parametrize(
    ("destination", "refused"),
    [
        (None, "branchUnknown"),
        (replace(NEW_BRANCH, closed=True), "branchUnknown"),
        (replace(NEW_BRANCH, branch_id="home-branch"), "sameBranch"),
        (replace(NEW_BRANCH, committee_id="another"), "branchElsewhere"),
        (replace(NEW_BRANCH, members=50), "branchFull"),
        (replace(NEW_BRANCH, members=49), ""),
    ],
)
def test_only_a_branch_of_the_receiving_committee_with_room(destination: Destination | None, refused: str) -> None:
    assert getattr(go(at(S.RECEIVED), AssignBranch(destination), RC), "code", "") == refused


@pytest.mark.parametrize("step", [ReturnForChange(""), Refuse(" ")])
def test_nobody_is_sent_back_without_a_reason(step: TransferStep) -> None:
    assert code(go(at(S.RECEIVED), step, RC)) == "reasonMissing"


def test_returned_for_change_goes_the_whole_way_again() -> None:
    returned = at(S.RETURNED_FOR_CHANGE)
    assert (returned.answer, returned.letter) == ("wrong committee", None)
    again = done(go(returned, Resubmit(to_committee_id="other-committee"), MEMBER)).transfer
    assert (again.state, again.to_committee_id, again.reason) == (S.APPLIED, "other-committee", "moved for work")
    assert code(go(returned, Resubmit(reason=""), MEMBER)) == "reasonMissing"


def test_of_two_secretaries_the_slower_is_told() -> None:
    seen = at(S.RECEIVED)
    first = done(go(seen, AssignBranch(NEW_BRANCH), RC, seen=seen.revision)).transfer
    assert code(go(first, Refuse("full"), RC, seen=seen.revision)) == "changedMeanwhile"


def test_a_batch_goes_on_past_a_bad_line() -> None:
    batch = [replace(APPLICATION, transfer_id=f"t{n}", member_id=who) for n, who in enumerate(["li", "wang", "li"])]
    batch.append(replace(APPLICATION, transfer_id="t9", member_id="zhao", reason=""))
    found, clean = apply_for_all(batch, [replace(applied(), transfer_id="t8", member_id="wang")], HOME, instant(DAY))
    assert [getattr(one, "code", "") for one in found] == ["", "transferOpen", "transferOpen", "reasonMissing"]
    assert not clean


@pytest.mark.parametrize(
    ("state", "due", "sides"),
    [
        (S.APPLIED, date(2026, 6, 16), {HOME}),
        (S.APPROVED, date(2026, 6, 16), {HC}),
        (S.IN_TRANSIT, date(2026, 7, 1), {MEMBER, HC, RC}),
        (S.RECEIVED, date(2026, 6, 16), {HC, RC}),
        (S.RECEIPTED, date(2026, 6, 16), {HC}),
        (S.EXPIRED, date(2026, 7, 17), {HC}),
        (S.RETURNED_FOR_CHANGE, date(2026, 6, 16), {HOME, MEMBER}),
    ],
)
def test_every_wait_has_an_end_and_somebody_to_remind(state: TransferState, due: date, sides: set[Side]) -> None:
    assert step_due(at(state), DEFAULT) == (due, frozenset(sides))


@pytest.mark.parametrize("state", [S.ARCHIVED, S.CLOSED, *sorted(ENDED_WITHOUT_MOVE)])
def test_what_is_over_reminds_nobody(state: TransferState) -> None:
    assert step_due(at(state), DEFAULT) is None


def test_the_sender_is_responsible_until_the_receipt_and_not_a_moment_longer() -> None:
    start, moved = first_relation("li", "home-branch", instant(date(2020, 1, 1))), instant(DAY)
    floating, under_way = reported_in(), at(S.ASSIGNED)
    assert responsible_at(start, moved, [floating], [under_way]) == Responsibility("home-branch", "host-branch", "t1")
    settled = done(settle(at(S.RECEIPTED), start, floating, DEFAULT))
    after = settled.relations
    assert [responsible_at(after, when) for when in (moved - 0.001, moved)] == [Responsibility("home-branch"), Responsibility("new-branch")]
    assert settled.registration is not None
    assert settled.registration.registration.state is RegistrationState.TRANSFERRED
    assert settled.registration.registration.transfer_id == "t1"
    assert responsible_at(after, instant(date(2019, 1, 1))) is None


def test_moved_in_the_middle_of_a_meeting_one_votes_where_one_belonged_when_the_question_was_put() -> None:
    moved = instant(DAY)
    after = done(settle(at(S.RECEIPTED), first_relation("li", "home-branch", 0.0), None, DEFAULT)).relations
    first, second = moved - 600, moved + 600  # two ballots of a meeting that began an hour before the receipt
    assert [may_vote_in(after, "home-branch", ballot) for ballot in (first, second)] == [True, False]
    assert [may_vote_in(after, "new-branch", ballot) for ballot in (first, second)] == [False, True]


def test_settling_twice_is_settling_once_and_without_a_receipt_nothing_moves() -> None:
    start = first_relation("li", "home-branch", 0.0)
    once = done(settle(at(S.RECEIPTED), start, None, DEFAULT))
    assert done(settle(at(S.CLOSED), once.relations, None, DEFAULT)).relations == once.relations
    assert code(settle(at(S.ASSIGNED), start, None, DEFAULT)) == "stepNotPossible"
    assert code(settle(at(S.RECEIPTED), first_relation("li", "elsewhere", 0.0), None, DEFAULT)) == "stepNotPossible"
    assert code(settle(at(S.RECEIPTED), first_relation("li", "home-branch", instant(DAY)), None, DEFAULT)) == "dayOutOfOrder"


def test_relations_from_outside_are_checked() -> None:
    a, b = OrgRelation("li", "a", 0.0, 10.0), OrgRelation("li", "b", 10.0)
    assert check_relations([a, b]) == ()
    assert [one.code for one in check_relations([replace(a, until=11.0), b])] == ["relationsOverlap"]
    assert [one.code for one in check_relations([replace(a, until=9.0), b])] == ["relationGap"]
    assert [one.code for one in check_relations([replace(a, until=None), b])] == ["relationsOverlap"]
    assert relation_at([a, b], 10.0) == b
