"""Who may do what: every role tries every action, on the own branch, its group, the neighbour, one member and one meeting.

The tables below are written by hand from the rules, not from the code: whoever is not named is refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.access import (
    OPERATOR,
    READS,
    RULES,
    Action,
    Relation,
    Target,
    may,
    meeting_for,
    meeting_target,
    member_for,
    organisation_for,
    reach_of,
    registration_for,
    transfer_for,
)
from ledger.mobility import (
    DepartureReport,
    FloatingRegistration,
    FlowRange,
    FlowReason,
    IntroductionLetter,
    Liaison,
    OrgRelationTransfer,
    Place,
    RegistrationState,
    SeparateConsent,
    SharingPurpose,
    TransferState,
)
from ledger.model import Attendee, Capacity, Meeting, MeetingForm, day_of
from ledger.ports import Store
from ledger.refusals import Forbidden, NotFound, PasswordChangeNeeded
from tests.ledger.conftest import Who
from tests.ledger.records import NOON, meeting

A = Action
EVERYBODY = ("a1", "a2", "a3", "a4", "a5", "a7", "a8", "b1", "b2", "b3", "admin", "branchadmin", "auditor", "system", "security")
SECRETARIES = {"a1", "a2"}
ADMINS = {"admin", "branchadmin"}
RESPONSIBLE = SECRETARIES | ADMINS
OF_A = {"a1", "a2", "a3", "a4", "a5", "a7", "a8"}

# Organisation A, seen from everywhere. b2 floats there; a8 floats at B.
ON_BRANCH_A = {
    A.SEE_ORGANISATION: OF_A | {"b2"} | ADMINS | {"auditor", "system", "security"},
    A.MANAGE_ORGANISATION: ADMINS | {"system"},
    A.MANAGE_GROUP: RESPONSIBLE | {"system"},
    A.SET_ORGANISATION: RESPONSIBLE | {"system"},
    A.ADD_MEMBER: RESPONSIBLE,
    A.MOVE_MEMBER: ADMINS,
    A.EXPORT_ROSTER: RESPONSIBLE | {"auditor"},
    A.SEE_FIGURES: RESPONSIBLE | {"auditor"},
    A.APPOINT: ADMINS,
    A.APPOINT_BELOW: RESPONSIBLE,
    A.GRANT_ROLE: {"security"},
    A.READ_AUDIT: {"auditor"},
    A.TAKE_IN: RESPONSIBLE,
    A.MANAGE_WEBHOOK: ADMINS,
    A.SEE_THREADS: OF_A | {"b2"} | ADMINS,
    A.WRITE_THREAD: OF_A | {"b2"},
    A.ANNOUNCE: RESPONSIBLE,
    A.MODERATE_THREAD: RESPONSIBLE,
    A.MANAGE_DELIVERY: {"system"},
    A.RUN_INSTALLATION: {"system"},
    A.SEE_PROTECTION: {"auditor", "security"},
    A.KEEP_PROTECTION: {"security"},
}
ON_GROUP_G = {
    A.SEE_ORGANISATION: OF_A | {"b2"} | ADMINS | {"auditor", "system", "security"},
    A.MANAGE_GROUP: RESPONSIBLE | {"system"},
    A.APPOINT_BELOW: RESPONSIBLE,
}
ON_COMMITTEE_C = {
    A.SEE_ORGANISATION: OF_A | {"b1", "b2", "b3", "admin", "auditor", "system", "security"},
    A.MANAGE_ORGANISATION: {"admin", "system"},
    A.SET_ORGANISATION: {"admin", "system"},
    A.ADD_MEMBER: {"admin"},
    A.TAKE_IN_LETTER: {"admin"},
    A.SET_LETTERHEAD: {"admin"},
}
# Member a4 of the group G of A; member a8 of A, who floats at B (whose secretary is b1).
ON_MEMBER_A4 = {
    A.SEE_MEMBER: RESPONSIBLE | {"a3", "a4", "auditor"},
    A.SEE_CONTACT: RESPONSIBLE | {"a4"},
    A.EDIT_MEMBER: RESPONSIBLE,
    A.MOVE_MEMBER: ADMINS,
    A.MANAGE_ACCOUNT: ADMINS | {"security"},
    A.SEE_RECORD: RESPONSIBLE | {"a4", "auditor"},
    A.SEE_POINTS: SECRETARIES | {"a4"},
    A.SEE_DUES: RESPONSIBLE | {"a4", "auditor"},
    A.RECORD_DUES: RESPONSIBLE,
    A.SEE_WORK: RESPONSIBLE | {"a4", "auditor"},
    A.ASSIGN_WORK: RESPONSIBLE,
    A.ANSWER_WORK: RESPONSIBLE | {"a4"},
    A.SEE_FILE: RESPONSIBLE | {"a4"},
    A.EDIT_FILE: RESPONSIBLE,
    A.SEE_ID_NUMBER: RESPONSIBLE | {"a4"},
    A.REQUEST_CHANGE: {"a4"},
    A.DECIDE_CHANGE: RESPONSIBLE,
    A.ANSWER_DATA_REQUEST: RESPONSIBLE,
    A.REPORT_DEPARTURE: RESPONSIBLE | {"a4"},
    A.WRITE_REPORT: {"a4"},
    A.READ_REPORT: SECRETARIES | {"a4"},
    A.ANSWER_REPORT: SECRETARIES,
}
ON_MEMBER_A8 = {
    A.SEE_MEMBER: RESPONSIBLE | {"a8", "b1", "auditor"},
    A.SEE_CONTACT: RESPONSIBLE | {"a8", "b1"},
    A.EDIT_MEMBER: RESPONSIBLE,
    A.SEE_RECORD: RESPONSIBLE | {"a8", "b1", "auditor"},
    A.SEE_FILE: RESPONSIBLE | {"a8"},
    A.SEE_ID_NUMBER: RESPONSIBLE | {"a8"},
    A.SEE_POINTS: SECRETARIES | {"a8"},
    A.READ_REPORT: SECRETARIES | {"a8"},
    A.ANSWER_REPORT: SECRETARIES,
}
# The registration of a8, who has reported in at B and consents; a5 keeps in touch.
ON_REGISTRATION = {
    A.SEE_REGISTRATION: RESPONSIBLE | {"a8", "b1", "a5", "auditor"},
    A.MANAGE_REGISTRATION: RESPONSIBLE,
    A.DECLARE_WHEREABOUTS: RESPONSIBLE | {"a8", "b1"},
    A.REPORT_IN: {"b1", "admin"},
    A.RECORD_RETURN: RESPONSIBLE | {"a8"},
    A.SHARE_RECORD: {"a8"},
    A.LOG_CONTACT: RESPONSIBLE | {"a5"},
    A.SEE_CONTACT_LOG: RESPONSIBLE | {"a8", "a5", "auditor"},
    A.USE_THREAD: SECRETARIES | {"b1", "admin"},
    A.EVALUATE_GUEST: {"b1", "admin"},
    A.SEE_CERTIFICATE: RESPONSIBLE | {"a8"},
}
# A general meeting of A: a7 is suspended and so not on the list; b2 floats there and is.
LISTED = {"a1", "a2", "a3", "a4", "a5", "a8", "b2"}
ON_MEETING = {
    A.SEE_MEETING: LISTED | ADMINS | {"auditor"},
    A.MANAGE_MEETING: RESPONSIBLE,
    A.MODERATE_MEETING: SECRETARIES,
    A.JOIN_MEETING: LISTED,
    A.DECIDE_LEAVE: RESPONSIBLE,
    A.SEE_OWN_RECORD: LISTED,
    A.SEE_SHEET: RESPONSIBLE | {"auditor"},
    A.SEE_RECORDING: LISTED | ADMINS,
    A.DELETE_RECORDING: SECRETARIES,
    A.CORRECT_SHEET: RESPONSIBLE,
}
ON_GROUP_MEETING = {
    A.SEE_MEETING: SECRETARIES | {"a3", "a4"} | ADMINS | {"auditor"},
    A.MANAGE_MEETING: RESPONSIBLE | {"a3"},
    A.MODERATE_MEETING: SECRETARIES | {"a3"},
    A.JOIN_MEETING: SECRETARIES | {"a3", "a4"},
    A.DECIDE_LEAVE: RESPONSIBLE | {"a3"},
    A.SEE_OWN_RECORD: {"a3", "a4"},
    A.SEE_SHEET: RESPONSIBLE | {"a3", "auditor"},
    A.SEE_RECORDING: RESPONSIBLE | {"a3", "a4"},
    A.DELETE_RECORDING: SECRETARIES,
    A.CORRECT_SHEET: RESPONSIBLE,
}
# A transfer of a4 from A to B, between them the committee C, which plays both parts; assigned, so that b1 sees it.
ON_TRANSFER = {
    A.SEE_TRANSFER: RESPONSIBLE | {"a4", "b1", "auditor"},
    A.APPLY_FOR_TRANSFER: RESPONSIBLE | {"a4"},
    A.FOLLOW_TRANSFER: {"a4"},
    A.CHECK_TRANSFER: RESPONSIBLE,
    A.SEND_TRANSFER: {"admin"},
    A.RECEIVE_TRANSFER: {"admin"},
    A.MOVE_TRANSFER: RESPONSIBLE | {"a4"},
    A.DECIDE_TRANSFER: RESPONSIBLE,
}


def cases(table: dict[Action, set[str]]) -> list[tuple[str, Action, bool]]:
    return [(name, action, name in allowed) for action, allowed in table.items() for name in EVERYBODY]


@pytest.mark.parametrize(
    ("org_id", "table"), [("A", ON_BRANCH_A), ("G", ON_GROUP_G), ("C", ON_COMMITTEE_C)], ids=["branch", "group", "committee"]
)
async def test_rights_on_an_organisation(store: Store, who: Who, org_id: str, table: dict[Action, set[str]]) -> None:
    for name, action, allowed in cases(table):
        async with store.reading() as uow:
            try:
                await organisation_for(uow, await who(name), org_id, action)
            except (Forbidden, NotFound):
                assert not allowed, (name, action)
            else:
                assert allowed, (name, action)


@pytest.mark.parametrize(("member_id", "table"), [("m-a4", ON_MEMBER_A4), ("m-a8", ON_MEMBER_A8)], ids=["at home", "floating"])
async def test_rights_on_a_member(store: Store, who: Who, member_id: str, table: dict[Action, set[str]]) -> None:
    for name, action, allowed in cases(table):
        async with store.reading() as uow:
            try:
                await member_for(uow, await who(name), member_id, action)
            except (Forbidden, NotFound):
                assert not allowed, (name, action)
            else:
                assert allowed, (name, action)


@pytest.mark.parametrize(
    ("held", "table"),
    [(meeting(), ON_MEETING), (meeting("MG", "G", form=MeetingForm.PARTY_GROUP_MEETING), ON_GROUP_MEETING)],
    ids=["branch", "group"],
)
async def test_rights_on_a_meeting(store: Store, who: Who, held: Meeting, table: dict[Action, set[str]]) -> None:
    async with store.writing() as uow:
        await uow.meetings.add(held)
    for name, action, allowed in cases(table):
        async with store.reading() as uow:
            try:
                await meeting_for(uow, await who(name), held.meeting_id, action)
            except (Forbidden, NotFound):
                assert not allowed, (name, action)
            else:
                assert allowed, (name, action)


async def test_rights_on_a_registration(store: Store, who: Who) -> None:
    report = DepartureReport("m-a8", FlowReason.WORK, FlowRange.OUT_OF_CITY, Place("深圳市"), date(2025, 9, 1), "138")
    at_b = FloatingRegistration("r1", "m-a8", "A", report, RegistrationState.REPORTED_IN, NOON, report.destination, "B", "B")
    async with store.writing() as uow:
        await uow.registrations.add(at_b)
        await uow.contacts.save_liaison(Liaison("r1", "m-a5", date(2025, 9, 1)))
        await uow.sharing_consents.save(SeparateConsent("m-a8", "B", SharingPurpose.HOST_MANAGEMENT, "1", NOON))
    for name, action, allowed in cases(ON_REGISTRATION):
        async with store.reading() as uow:
            try:
                await registration_for(uow, await who(name), "r1", action, NOON)
            except (Forbidden, NotFound):
                assert not allowed, (name, action)
            else:
                assert allowed, (name, action)


async def test_rights_on_a_transfer(store: Store, who: Who) -> None:
    letter = IntroductionLetter("C-1", day_of(NOON), 30, "2025-11", "ABCD")
    moving = OrgRelationTransfer("T", "m-a4", "A", "C", "C", "工作调动", TransferState.ASSIGNED, NOON, NOON, "B", (letter,))
    async with store.writing() as uow:
        await uow.transfers.add(moving, [])
    for name, action, allowed in cases(ON_TRANSFER):
        async with store.reading() as uow:
            try:
                await transfer_for(uow, await who(name), "T", action)
            except (Forbidden, NotFound):
                assert not allowed, (name, action)
            else:
                assert allowed, (name, action)


async def test_what_cannot_be_seen_looks_like_what_is_not_there(store: Store, who: Who) -> None:
    async with store.writing() as uow:
        await uow.meetings.add(meeting())
    async with store.reading() as uow:
        for name in ("b3", "system"):
            with pytest.raises(NotFound):
                await meeting_for(uow, await who(name), "M", A.MANAGE_MEETING)
            with pytest.raises(NotFound):
                await member_for(uow, await who(name), "m-a4", A.EDIT_MEMBER)
        with pytest.raises(NotFound):
            await organisation_for(uow, await who("b3"), "A", A.SET_ORGANISATION)
        with pytest.raises(Forbidden):
            await meeting_for(uow, await who("a4"), "M", A.MANAGE_MEETING)


async def test_every_action_has_a_rule_and_is_tried_above(store: Store) -> None:
    persons = (ON_MEMBER_A4, ON_MEMBER_A8, ON_REGISTRATION, ON_TRANSFER)
    tables = (ON_BRANCH_A, ON_GROUP_G, ON_COMMITTEE_C, *persons, ON_MEETING, ON_GROUP_MEETING)
    assert set(RULES) == set(Action)
    assert {action for table in tables for action in table} == set(Action)


async def test_an_auditor_changes_nothing_and_who_runs_or_secures_reads_nobodys_record() -> None:
    assert {action for action, rule in RULES.items() if Relation.AUDITOR in rule} <= READS
    about_no_person = {A.SEE_ORGANISATION, A.SEE_PROTECTION}
    for relation in (Relation.SYSTEM_ADMIN, Relation.SECURITY_ADMIN):
        assert {action for action in READS if relation in RULES[action]} <= about_no_person


async def test_nobody_both_grants_and_reads() -> None:
    granting = RULES[A.GRANT_ROLE]
    assert granting == {Relation.SECURITY_ADMIN}
    about_no_record = {A.SEE_ORGANISATION, A.MANAGE_ACCOUNT, A.GRANT_ROLE, A.SEE_PROTECTION, A.KEEP_PROTECTION}
    assert {action for action, rule in RULES.items() if rule & granting} == about_no_record


async def test_a_one_time_password_opens_nothing(store: Store, who: Who) -> None:
    secretary = await who("a1")
    secretary = replace(secretary, account=replace(secretary.account, must_change_password=True))
    async with store.reading() as uow:
        with pytest.raises(PasswordChangeNeeded):
            await organisation_for(uow, secretary, "A", A.SEE_ORGANISATION)
    with pytest.raises(PasswordChangeNeeded):
        reach_of(secretary, A.SEE_MEMBER)


async def test_the_operator_may_everything(store: Store) -> None:
    assert all(may(OPERATOR, action, Target(path="/anything/")) for action in Action)


async def test_an_observer_is_listed_by_invitation_and_a_stranger_is_not(store: Store, who: Who) -> None:
    async with store.writing() as uow:
        await uow.meetings.add(meeting())
        await uow.attendance.set_attendees("M", [Attendee("M", "m-b3", Capacity.OBSERVER)])
    async with store.reading() as uow:
        assert (await meeting_target(uow, await who("b3"), meeting())).listed is True
        assert (await meeting_target(uow, await who("b1"), meeting())).listed is False
