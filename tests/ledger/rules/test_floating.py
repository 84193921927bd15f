"""Floating registration: the way out and back, who may take which step, and the definition with its explanation."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.mobility import FlowRange, Place, RegistrationState, Side, WhereaboutsDeclaration
from ledger.mobilityrules import DEFAULT
from ledger.rules.floating import (
    TABLE,
    BecomeTransferred,
    CancelRegistration,
    DeclareWhereabouts,
    EndMembership,
    FloatingStep,
    HomeLife,
    Meets,
    Return,
    floating_finding,
    host_may_see,
    register,
)
from tests.ledger.rules.mobile import (
    BERLIN,
    CONSENT,
    LEFT,
    NAME_HOST,
    REPORT,
    REPORT_IN,
    SHENZHEN,
    awaiting,
    code,
    departed,
    done,
    instant,
    reported_in,
    take,
)

MOVE_ON = DeclareWhereabouts(WhereaboutsDeclaration("r1", BERLIN, instant(LEFT)), leaves_host=True)
STAY = DeclareWhereabouts(WhereaboutsDeclaration("r1", Place("广州市", "440100"), instant(LEFT)))
STEPS: list[FloatingStep] = [NAME_HOST, REPORT_IN, STAY, Return(LEFT), BecomeTransferred("t1"), CancelRegistration("x"), EndMembership("x")]
S = RegistrationState


def test_out_reported_in_and_back() -> None:
    out = departed()
    told = done(take(out, NAME_HOST, Side.HOME, LEFT + timedelta(days=2)))
    assert (told.registration.state, told.registration.report_in_due_on) == (S.AWAITING_REPORT_IN, date(2026, 4, 11))
    there = done(take(told.registration, REPORT_IN, Side.HOST, date(2026, 3, 20))).registration
    assert (there.state, there.host_branch_id, there.reported_in_on, there.report_in_due_on) == (
        S.REPORTED_IN,
        "host-branch",
        date(2026, 3, 20),
        None,
    )
    back = done(take(there, Return(date(2026, 9, 1)), Side.MEMBER, date(2026, 9, 2)))
    assert (back.registration.state, back.registration.closed_at, back.registration.is_open) == (
        S.RETURNED,
        instant(date(2026, 9, 2)),
        False,
    )
    assert (back.change.before, back.change.after, back.change.step, back.change.side) == (S.REPORTED_IN, S.RETURNED, "Return", Side.MEMBER)
    assert back.registration.revision == 4


def test_whoever_turns_up_unannounced_is_taken_in() -> None:
    assert done(take(departed(), REPORT_IN, Side.HOST)).registration.state is S.REPORTED_IN


def test_who_leaves_next_month_has_the_whole_term_to_report_in() -> None:
    later = departed(left_on=date(2026, 5, 1))
    assert done(take(later, NAME_HOST, Side.HOME)).registration.report_in_due_on == date(2026, 5, 31)


def test_a_change_of_place_keeps_the_host_unless_the_member_has_gone_on() -> None:
    near = done(take(reported_in(), STAY, Side.MEMBER)).registration
    assert (near.state, near.destination.name, near.host_branch_id) == (S.REPORTED_IN, "广州市", "host-branch")
    far = done(take(near, MOVE_ON, Side.MEMBER)).registration
    assert (far.state, far.abroad, far.host_branch_id, far.reported_in_on) == (S.DEPARTED, True, None, None)
    assert far.report.destination == SHENZHEN  # what was reported on leaving stays as it was


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("step", STEPS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("side", list(Side))
def test_only_the_table_is_possible(state: RegistrationState, step: FloatingStep, side: Side) -> None:
    one = replace(reported_in(), state=state, host_branch_id="another")
    found = take(one, step, side)
    states, sides = TABLE[type(step)]
    if state not in states:
        assert code(found) == "stepNotPossible"
    elif side not in sides:
        assert code(found) == "notYourStep"
    else:
        assert done(found).change.before is state


def test_a_second_registration_while_one_is_open_is_refused() -> None:
    again = [register(REPORT, "r2", "home-branch", [one], Side.HOME, instant(LEFT)) for one in (departed(), awaiting(), reported_in())]
    assert [code(one) for one in again] == ["registrationOpen"] * 3
    closed = done(take(departed(), CancelRegistration("did not leave"), Side.HOME)).registration
    assert done(register(REPORT, "r2", "home-branch", [closed], Side.HOME, instant(LEFT))).registration.is_open


@pytest.mark.parametrize(
    ("report", "refused"),
    [
        (replace(REPORT, contact=" "), "contactMissing"),
        (replace(REPORT, destination=Place(" ")), "placeMissing"),
        (replace(REPORT, destination=BERLIN), "rangeContradictsPlace"),
        (replace(REPORT, flow_range=FlowRange.ABROAD), "rangeContradictsPlace"),
        (replace(REPORT, expected_return_on=LEFT - timedelta(days=1)), "dayOutOfOrder"),
    ],
)
def test_a_report_that_cannot_be_is_refused(report: object, refused: str) -> None:
    assert isinstance(report, type(REPORT))
    assert code(register(report, "r1", "home-branch", (), Side.MEMBER, instant(LEFT))) == refused


def test_only_member_and_home_report_a_departure() -> None:
    assert code(register(REPORT, "r1", "home-branch", (), Side.HOST, instant(LEFT))) == "notYourStep"


def test_what_a_step_says_must_make_sense() -> None:
    assert code(take(departed(), replace(NAME_HOST, host_branch_id="home-branch"), Side.HOME)) == "hostIsHome"
    assert code(take(departed(), replace(REPORT_IN, host_branch_id="home-branch"), Side.HOST)) == "hostIsHome"
    assert code(take(departed(), Return(LEFT - timedelta(days=1)), Side.HOME)) == "dayOutOfOrder"
    assert code(take(departed(), Return(LEFT + timedelta(days=1)), Side.HOME)) == "dayOutOfOrder"
    assert code(take(departed(), CancelRegistration(" "), Side.HOME)) == "reasonMissing"
    assert code(take(reported_in(), REPORT_IN, Side.HOST)) == "stepNotPossible"


def test_of_two_secretaries_the_slower_is_told() -> None:
    seen = departed()
    first = done(take(seen, NAME_HOST, Side.HOME, seen_revision=1)).registration
    assert code(take(first, NAME_HOST, Side.HOME, seen_revision=1)) == "changedMeanwhile"


@pytest.mark.parametrize(
    ("consents", "allowed"),
    [
        ([CONSENT], True),
        ([], False),
        ([replace(CONSENT, member_id="wang")], False),
        ([replace(CONSENT, recipient_org_id="elsewhere")], False),
        ([replace(CONSENT, withdrawn_at=instant(LEFT))], False),
        ([replace(CONSENT, given_at=instant(LEFT) + 1)], False),
    ],
)
def test_no_host_without_consent_in_force(consents: list[object], allowed: bool) -> None:
    found = [take(departed(), NAME_HOST, Side.HOME, consents=consents), take(departed(), REPORT_IN, Side.HOST, consents=consents)]
    assert [getattr(one, "code", "") for one in found] == ([""] * 2 if allowed else ["consentMissing"] * 2)


def test_the_host_sees_while_it_is_host_and_consent_holds() -> None:
    there, at = reported_in(), instant(LEFT)
    assert host_may_see(there, "host-branch", [CONSENT], at)
    assert host_may_see(there, "host-committee", [CONSENT], at)
    assert not host_may_see(there, "another", [CONSENT], at)
    assert not host_may_see(there, "host-branch", [replace(CONSENT, withdrawn_at=at)], at)
    back = done(take(there, Return(LEFT), Side.HOME)).registration
    assert not host_may_see(back, "host-branch", [CONSENT], at)


@pytest.mark.parametrize(
    ("life", "today", "meets", "since", "months"),
    [
        ([], date(2026, 9, 9), Meets.NOT_YET, LEFT, 5),
        ([], date(2026, 9, 10), Meets.MEETS, LEFT, 6),  # 以上 includes the number
        ([HomeLife(date(2026, 5, 1))], date(2026, 10, 31), Meets.NOT_YET, date(2026, 5, 1), 5),
        ([HomeLife(date(2026, 5, 1))], date(2026, 11, 1), Meets.MEETS, date(2026, 5, 1), 6),
        ([HomeLife(date(2026, 1, 1))], date(2026, 9, 10), Meets.MEETS, LEFT, 6),  # before leaving: nothing to do with it
        ([HomeLife(date(2026, 5, 1), remote=True)], date(2026, 9, 10), Meets.MEETS, LEFT, 6),
    ],
)
def test_the_definition_counts_from_the_later_of_leaving_and_the_last_time_at_home(
    life: list[HomeLife], today: date, meets: Meets, since: date, months: int
) -> None:
    found = floating_finding(reported_in(), life, DEFAULT, today)
    assert (found.meets, found.since, found.months) == (meets, since, months)


def test_whether_taking_part_remotely_interrupts_is_a_rule() -> None:
    life = [HomeLife(date(2026, 5, 1), remote=True)]
    found = floating_finding(reported_in(), life, replace(DEFAULT, remote_life_interrupts=1), date(2026, 9, 10))
    assert (found.meets, found.since, found.last_remote) == (Meets.NOT_YET, date(2026, 5, 1), date(2026, 5, 1))


def test_nobody_floats_before_leaving_after_returning_or_unregistered() -> None:
    back = done(take(reported_in(), Return(LEFT), Side.HOME)).registration
    found = [floating_finding(one, [], DEFAULT, date(2027, 1, 1)) for one in (None, back, departed(left_on=date(2027, 1, 2)))]
    assert [one.meets for one in found] == [Meets.NOT_AWAY] * 3
    assert found[0].sentence("en") == "Not away, or the relation has been moved."


def test_the_finding_explains_itself() -> None:
    found = floating_finding(
        reported_in(), [HomeLife(date(2026, 5, 1)), HomeLife(date(2026, 6, 2), remote=True)], DEFAULT, date(2026, 9, 10)
    )
    assert found.sentence("en") == (
        "Away since 2026-03-10, not in the home branch's life since 2026-05-01: 4 whole months (6 or more are needed); "
        "took part remotely on 2026-06-02; will be one on 2026-11-01 if nothing changes."
    )
    later = floating_finding(reported_in(), [], DEFAULT, date(2026, 12, 1))
    assert later.sentence("zh") == (
        "自 2026-03-10 起外出，自 2026-03-10 起未参加组织关系所在支部的活动，已满 8 个月（定义为 6 个月以上）；"
        "自 2026-09-10 起符合流动党员定义。"
    )
