"""One suite over the three twins, of what is promised in `ledger.mobilityports`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.dualmanagement import (
    ConsentRequest,
    Declaration,
    EvaluationGrade,
    HostEvaluation,
    LifeDay,
    Measured,
    RegistrationLine,
    ThreadEntry,
    ThreadEntryKind,
)
from ledger.facts import Fact, FactKind
from ledger.mobility import (
    ActivityCertificate,
    AnnualCheck,
    ContactEntry,
    ContactMeans,
    ContactStatus,
    DepartureReport,
    FloatingRegistration,
    FlowRange,
    FlowReason,
    Liaison,
    LostContactCase,
    OrgRelation,
    Place,
    RegistrationState,
    SeparateConsent,
    SharingPurpose,
    Side,
)
from ledger.mobilityports import ClockRow, ContactDue, RegistrationQuery
from ledger.model import Decision, LeaveRequest, MeetingState, MemberStatus, PostKind, Stage
from ledger.ports import Reach, Store, UnitOfWork
from ledger.refusals import Conflict
from tests.ledger.records import DAY, HOUR, NOON, fill, meeting

LEFT = date(2025, 9, 1)
NOWHERE = Reach()
S = RegistrationState


def registration(key: str = "r1", member: str = "a4", **changes: Any) -> FloatingRegistration:
    shenzhen = Place("深圳市南山区", "440305")
    report = DepartureReport(
        f"m-{member}", FlowReason.WORK, FlowRange.OUT_OF_PROVINCE, shenzhen, LEFT, "138", "某公司", "软件", "教师", date(2026, 1, 1)
    )
    plain = FloatingRegistration(key, f"m-{member}", "A", report, S.DEPARTED, NOON, shenzhen)
    return replace(plain, **changes)


AT_HOST: dict[str, Any] = {
    "state": S.REPORTED_IN,
    "host_org_id": "B",
    "host_branch_id": "B",
    "host_contact": "李",
    "awaiting_since": LEFT,
    "report_in_due_on": LEFT,
    "reported_in_on": LEFT,
    "certificate_number": "C-1",
    "contact_status": ContactStatus.OUT_OF_CONTACT,
    "lost_on": LEFT,
    "destination": Place("Berlin", country="DE"),
}


async def refused(store: Store, write: Callable[[UnitOfWork], Awaitable[None]]) -> None:
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await write(uow)


async def test_a_registration_comes_back_as_it_went_in_and_is_saved_once_for_a_revision(store: Store) -> None:
    await fill(store)
    plain, full = registration(), registration(**AT_HOST, revision=2)
    async with store.writing() as uow:
        await uow.registrations.add(plain)
        assert await uow.registrations.get("r1") == plain
        assert await uow.registrations.save(full, 1)
        assert not await uow.registrations.save(replace(full, state=S.RETURNED), 1)
    async with store.reading() as uow:
        assert await uow.registrations.get("r1") == full
        assert await uow.registrations.get("nobody") is None
        assert await uow.registrations.open_of(["m-a4", "m-a5"]) == {"m-a4": full}


async def test_a_member_has_one_open_registration_and_any_number_of_closed_ones(store: Store) -> None:
    await fill(store)
    closed = registration("r0", state=S.RETURNED, closed_at=NOON, opened_at=NOON - DAY, returned_on=LEFT)
    async with store.writing() as uow:
        await uow.registrations.add(closed)
        await uow.registrations.add(registration())
        assert [one.registration_id for one in await uow.registrations.of_member("m-a4")] == ["r0", "r1"]
    await refused(store, lambda uow: uow.registrations.add(registration("r2")))


async def test_history_and_declarations_come_in_the_order_in_which_they_were_made(store: Store) -> None:
    await fill(store)
    lines = [
        RegistrationLine("r1", NOON, "Register", Side.MEMBER, "acc-a4", None, S.DEPARTED),
        RegistrationLine("r1", NOON, "NameHost", Side.HOME, "acc-a1", S.DEPARTED, S.AWAITING_REPORT_IN, "理由", "B"),
    ]
    told = [
        Declaration("r1", Place("深圳市", "440300"), NOON, Side.MEMBER, "acc-a4", True),
        Declaration("r1", Place("深圳市", "440300"), NOON + DAY, Side.HOME, "acc-a1", False, "公司", "139"),
    ]
    async with store.writing() as uow:
        await uow.registrations.add(registration())
        await uow.registrations.log(lines)
        for one in told:
            await uow.registrations.declare(one)
    async with store.reading() as uow:
        assert await uow.registrations.lines("r1") == lines
        assert await uow.registrations.declarations("r1") == told


async def search(store: Store, home: Reach = NOWHERE, host: Reach = NOWHERE, **wanted: Any) -> list[str]:
    async with store.reading() as uow:
        query = RegistrationQuery(home, host, NOON + DAY, **wanted)
        found, total = await uow.registrations.search(query)
        assert await uow.registrations.counts([query, RegistrationQuery(NOWHERE, NOWHERE, NOON)]) == [total, 0]
    assert total == len(found)
    return [one.registration_id for one in found]


async def test_the_list_is_asked_for_by_home_host_state_text_and_what_is_due(store: Store) -> None:
    await fill(store)
    consent = SeparateConsent("m-a4", "B", SharingPurpose.HOST_MANAGEMENT, "1", NOON)
    late = registration("r2", "a5", opened_at=NOON + 1, report_in_due_on=date(2025, 11, 1), state=S.AWAITING_REPORT_IN, host_org_id="B")
    async with store.writing() as uow:
        await uow.registrations.add(registration(**AT_HOST))
        await uow.registrations.add(late)
        await uow.registrations.add(registration("r3", "b3", home_branch_id="B", opened_at=NOON + 2))
        await uow.contacts.add(ContactEntry("e1", "m-a5", date(2025, 10, 2), ContactMeans.TELEPHONE, True, "好", "acc-a1"))
        await uow.contacts.add(ContactEntry("e2", "m-b3", date(2025, 10, 2), ContactMeans.VISIT, False, "", "acc-a1"))
        await uow.contacts.save_liaison(Liaison("r2", "m-a1", LEFT))
    everywhere, at_a, at_b = Reach(everywhere=True), Reach(org_ids=frozenset({"A"})), Reach(org_ids=frozenset({"B"}))
    due = ContactDue(date(2025, 10, 1), date(2025, 9, 1))
    assert await search(store, everywhere) == ["r3", "r2", "r1"]
    assert await search(store, Reach(paths=("/C/A/",))) == ["r2", "r1"]
    assert await search(store, host=at_b) == []  # nobody has consented
    assert await search(store, everywhere, text="A5") == ["r2"]
    assert await search(store, everywhere, states=frozenset({S.AWAITING_REPORT_IN, S.DEPARTED})) == ["r3", "r2"]
    assert await search(store, everywhere, out_of_contact=True) == ["r1"]
    assert await search(store, everywhere, late_on=date(2025, 11, 2)) == ["r2", "r1"]
    assert await search(store, everywhere, contact_due=due) == ["r3"]  # r1 is abroad, r2 was reached, r3 was only tried
    assert await search(store, at_a, liaison_id="m-a1") == ["r2"]
    async with store.writing() as uow:
        await uow.sharing_consents.save(consent)
    assert await search(store, host=at_b) == ["r1"]
    assert await search(store, at_b, at_b) == ["r3", "r1"]
    async with store.writing() as uow:
        await uow.sharing_consents.save(replace(consent, withdrawn_at=NOON + HOUR))
        assert await uow.sharing_consents.of_members(["m-a4"]) == [replace(consent, withdrawn_at=NOON + HOUR)]
    assert await search(store, host=at_b) == []


async def test_pages_of_the_list_are_newest_first(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        for number, member in enumerate(("a1", "a2", "a3")):
            await uow.registrations.add(registration(f"r{number}", member, opened_at=NOON + number))
    async with store.reading() as uow:
        found, total = await uow.registrations.search(RegistrationQuery(Reach(everywhere=True), NOWHERE, NOON, page=2, page_size=2))
    assert ([one.registration_id for one in found], total) == (["r0"], 3)


async def test_a_request_for_consent_waits_until_it_is_answered(store: Store) -> None:
    await fill(store)
    request = ConsentRequest("q1", "r1", "m-a4", "B", "B", "acc-b1", NOON, True, "李")
    async with store.writing() as uow:
        await uow.registrations.add(registration())
        await uow.sharing_consents.ask(request)
        assert await uow.sharing_consents.waiting("m-a4") == [request]
        await uow.sharing_consents.answer(replace(request, answered_at=NOON + 1, agreed=True))
        assert await uow.sharing_consents.waiting("m-a4") == []


async def test_contact_is_kept_newest_first_and_one_liaison_is_in_office(store: Store) -> None:
    await fill(store)
    tried = ContactEntry("e2", "m-a4", date(2025, 11, 2), ContactMeans.LETTER, False, "退回", "acc-a1")
    reached = ContactEntry("e1", "m-a4", date(2025, 10, 2), ContactMeans.VIDEO, True, "一切都好", "acc-a1")
    first = Liaison("r1", "m-a2", LEFT)
    async with store.writing() as uow:
        await uow.registrations.add(registration())
        for entry in (reached, tried):
            await uow.contacts.add(entry)
        assert await uow.contacts.entries("m-a4") == [tried, reached]
        assert await uow.contacts.last_reached(["m-a4", "m-a5"]) == {"m-a4": date(2025, 10, 2)}
        await uow.contacts.save_liaison(first)
    await refused(store, lambda uow: uow.contacts.save_liaison(Liaison("r1", "m-a3", LEFT)))
    async with store.writing() as uow:
        await uow.contacts.save_liaison(replace(first, until=LEFT))
        await uow.contacts.save_liaison(Liaison("r1", "m-a3", LEFT))
        assert await uow.contacts.liaisons(["r1"]) == [replace(first, until=LEFT), Liaison("r1", "m-a3", LEFT)]


async def test_one_search_for_a_member_is_open_at_a_time(store: Store) -> None:
    await fill(store)
    case = LostContactCase("s1", "m-a4", LEFT)
    async with store.writing() as uow:
        await uow.contacts.save_case(case)
        await uow.contacts.save_case(replace(case, suspended_on=date(2026, 3, 1)))
        assert await uow.contacts.cases("m-a4") == [replace(case, suspended_on=date(2026, 3, 1))]
    await refused(store, lambda uow: uow.contacts.save_case(LostContactCase("s2", "m-a4", LEFT)))


async def test_a_certificate_is_checked_once_a_year_and_told_among_the_revoked(store: Store) -> None:
    await fill(store)
    certificate = ActivityCertificate("2025-0001", "m-a4", "r1", LEFT, "A", date(2027, 1, 1))
    check = AnnualCheck("2025-0001", 2026, date(2026, 12, 1), "acc-a1")
    async with store.writing() as uow:
        await uow.registrations.add(registration())
        await uow.certificates.add(certificate)
        await uow.certificates.check(check)
        assert await uow.certificates.get("2025-0001") == replace(certificate, checks=(check,))
        assert await uow.certificates.revoked() == []
        gone = replace(certificate, revoked_on=date(2026, 12, 2), revoke_reason="遗失", checks=(check,))
        await uow.certificates.save(gone)
        assert await uow.certificates.of_members(["m-a4"]) == [gone]
        assert await uow.certificates.revoked() == ["2025-0001"]
        assert await uow.certificates.get("nobody") is None
    await refused(store, lambda uow: uow.certificates.check(check))
    await refused(store, lambda uow: uow.certificates.add(certificate))


async def test_a_member_has_one_relation_without_an_end(store: Store) -> None:
    await fill(store)
    first = OrgRelation("m-a4", "A", NOON)
    moved = [replace(first, until=NOON + DAY), OrgRelation("m-a4", "B", NOON + DAY, None, "t1")]
    async with store.writing() as uow:
        await uow.relations.begin([first, OrgRelation("m-b3", "B", NOON)])
        assert await uow.relations.of_member("m-a4") == [first]
        await uow.relations.put("m-a4", moved)
        assert await uow.relations.of_members(["m-a4", "m-b3", "m-a5"]) == {"m-a4": moved, "m-b3": [OrgRelation("m-b3", "B", NOON)]}
        assert await uow.relations.of_member("m-a5") == []
    await refused(store, lambda uow: uow.relations.begin([OrgRelation("m-a4", "A", NOON + 2 * DAY)]))


async def test_the_thread_and_the_evaluation_of_the_host(store: Store) -> None:
    await fill(store)
    said = ThreadEntry("t1", "r1", ThreadEntryKind.MESSAGE, Side.HOME, "acc-a1", "请多关照", NOON)
    task = ThreadEntry("t2", "r1", ThreadEntryKind.TASK, Side.HOST, "acc-b1", "寄来党费证", NOON + 1, LEFT)
    found = HostEvaluation("v1", "r1", "B", 2025, EvaluationGrade.QUALIFIED, "积极", "acc-b1", NOON)
    async with store.writing() as uow:
        await uow.registrations.add(registration())
        for entry in (task, said):
            await uow.threads.add(entry)
        done = replace(task, done_at=NOON + 2, done_by="acc-a1")
        await uow.threads.save(done)
        assert await uow.threads.of_registration("r1") == [said, done]
        assert await uow.threads.get("t1") == said
        assert await uow.threads.get("t9") is None
        await uow.threads.evaluate(found)
        await uow.threads.evaluate(replace(found, noted_at=NOON, noted_by="acc-a1"))
        assert await uow.threads.evaluations("r1") == [replace(found, noted_at=NOON, noted_by="acc-a1")]
    await refused(store, lambda uow: uow.threads.evaluate(replace(found, evaluation_id="v2")))


async def test_days_of_life_are_taken_again_when_facts_or_rules_have_changed(store: Store) -> None:
    await fill(store)
    day = LifeDay("M", "m-a4", "A", date(2025, 12, 2), True)
    async with store.writing() as uow:
        await uow.meetings.add(meeting(state=MeetingState.ENDED))
        await uow.meetings.add(meeting("N"))
        for key in ("M", "N"):
            await uow.facts.append([Fact(f"k{key}", f"meeting:{key}", FactKind.MEETING_OPENED, NOON)], NOON)
        assert await uow.clocks.unmeasured("rules", 10) == [("M", 1)]
        await uow.clocks.keep_days(Measured("M", 1, "rules"), [day, replace(day, member_id="m-a5")])
        assert await uow.clocks.unmeasured("rules", 10) == []
        assert await uow.clocks.unmeasured("other rules", 10) == [("M", 1)]
        await uow.facts.append([Fact("k2", "meeting:M", FactKind.MEETING_ENDED, NOON)], NOON)
        assert await uow.clocks.unmeasured("rules", 10) == [("M", 2)]
        await uow.clocks.keep_days(Measured("M", 2, "rules"), [day])
        assert await uow.clocks.days_of("m-a4") == [day]
        assert await uow.clocks.days_of("m-a5") == []


async def test_a_row_of_the_clocks_has_what_is_known_of_a_member(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await _much_known(uow)
        rows = {row.member_id: row for row in await uow.clocks.rows("", 100)}
        stored = await uow.registrations.get("r1")
        assert sorted(rows) == [f"m-{key}" for key in ("a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "b1", "b2", "b3")]
        assert rows["m-a5"] == ClockRow("m-a5", Stage.PROBATIONARY, MemberStatus.ACTIVE, False, "A")
        assert rows["m-a4"] == ClockRow(
            "m-a4",
            Stage.FULL,
            MemberStatus.ACTIVE,
            False,
            "A",
            stored,
            stays_since=date(2025, 12, 1),
            last_contact_on=date(2025, 10, 2),
            last_report_on=date(2025, 12, 2),
            certificate_issued_on=LEFT,
            certificate_checked_on=date(2025, 12, 1),
            relation_since=NOON - DAY,
            last_life_on=date(2025, 12, 2),
            excused_until=date(2025, 12, 2),
            search_began_on=LEFT,
            suspended_on=LEFT,
            liaison_id="m-a1",
        )
        assert [row.member_id for row in await uow.clocks.rows("m-a4", 2)] == ["m-a5", "m-a6"]
        assert await uow.clocks.rows_of(["m-a4", "nobody"]) == [rows["m-a4"]]
        assert await uow.clocks.rows_of([]) == []


async def _much_known(uow: UnitOfWork) -> None:
    here = Place("深圳市", "440300")
    await uow.registrations.add(registration())
    await uow.registrations.declare(Declaration("r1", here, NOON - DAY, Side.HOME, "acc-a1", True))
    await uow.registrations.declare(Declaration("r1", here, NOON, Side.MEMBER, "acc-a4", False))
    await uow.contacts.add(ContactEntry("e1", "m-a4", date(2025, 10, 2), ContactMeans.TELEPHONE, True, "", "acc-a1"))
    await uow.contacts.add(ContactEntry("e2", "m-a4", date(2025, 11, 2), ContactMeans.TELEPHONE, False, "", "acc-a1"))
    await uow.contacts.save_case(LostContactCase("s1", "m-a4", LEFT, LEFT))
    await uow.contacts.save_liaison(Liaison("r1", "m-a1", LEFT))
    await uow.certificates.add(ActivityCertificate("n1", "m-a4", "r1", LEFT, "A"))
    await uow.certificates.add(ActivityCertificate("n0", "m-a4", "r1", date(2025, 10, 1), "A", revoked_on=LEFT))
    await uow.certificates.check(AnnualCheck("n1", 2025, date(2025, 12, 1), "acc-a1"))
    await uow.relations.begin([OrgRelation("m-a4", "A", NOON - DAY)])
    await uow.meetings.add(meeting(state=MeetingState.ENDED))
    await uow.clocks.keep_days(Measured("M", 1, "rules"), [LifeDay("M", "m-a4", "A", date(2025, 12, 2), True)])
    await uow.attendance.save_leave(LeaveRequest("M", "m-a4", "出差", NOON, Decision.APPROVED))


async def test_who_holds_a_post_on_a_day_is_asked_for_the_whole_ledger_at_once(store: Store) -> None:
    await fill(store)
    async with store.reading() as uow:
        acting = frozenset({PostKind.SECRETARY, PostKind.DEPUTY_SECRETARY})
        held = await uow.posts.held_on(date(2025, 1, 1), acting)
        assert {(post.member_id, post.org_id) for post in held} == {("m-a1", "A"), ("m-a2", "A"), ("m-b1", "B")}
        assert await uow.posts.held_on(date(2024, 12, 31), acting) == []
