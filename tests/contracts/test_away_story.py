"""Members away, as stories over all three stores: departure, consent, report-in, contact, the thread, the ways out, and what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.access import OPERATOR, Action, Actor, actor_for
from ledger.actions import certificates, contact, floating, sharing, threads
from ledger.actions.corrections import Correct, correct
from ledger.actions.floatingfile import RegistrationFile, own_file, registration_file
from ledger.actions.floatinglists import Filter, SearchFloating, search_floating
from ledger.actions.lifedays import keep_life_days
from ledger.actions.members import ChangeMember, SearchMembers, change_member, search_members
from ledger.actions.nightly import evaluate_ledger
from ledger.demo import load_demo
from ledger.dualmanagement import EvaluationGrade, ThreadEntryKind
from ledger.mobility import ContactMeans, ContactStatus, FloatingRegistration, FlowRange, FlowReason, OrgRelation, Place, RegistrationState
from ledger.mobilityrules import DEFAULT
from ledger.model import Member, MemberStatus, Stage, day_of
from ledger.ports import Store
from ledger.refusals import (
    AlreadyDecided,
    CertificateForged,
    CertificateInForce,
    CertificateRevoked,
    CertificateUnknownKey,
    Forbidden,
    NotAMemberHere,
    NotFound,
    Refusal,
)
from ledger.rulebook import Rulebook
from ledger.rules.certificate import Verdict
from ledger.rules.duties import AdviceKind, DutyKind, DutyState
from ledger.rules.floating import Meets
from tests.ledger.records import DAY, NOON, fill
from tests.support.signing import PlainSigner

Who = Callable[[str], Awaitable[Actor]]
S = RegistrationState
SIGNER = PlainSigner()
TODAY = day_of(NOON)
SHENZHEN = Place("深圳市南山区", "440305")
LEAVING = floating.ReportDeparture("m-a4", FlowReason.WORK, FlowRange.OUT_OF_PROVINCE, SHENZHEN, TODAY, "138", "某公司")


@pytest.fixture
async def who(store: Store) -> Who:
    await fill(store)
    async with store.writing() as uow:
        await uow.relations.begin([OrgRelation("m-a4", "A", NOON - DAY)])

    async def find(name: str) -> Actor:
        async with store.reading() as uow:
            account = await uow.accounts.get(name) or await uow.accounts.get(f"acc-{name}")
            assert account is not None
            return await actor_for(uow, account, None, NOON)

    return find


async def departed(store: Store, who: Who, **changes: Any) -> FloatingRegistration:
    return await floating.report_departure(store, await who("a4"), replace(LEAVING, **changes), NOON)


async def consented(store: Store, who: Who, registration: FloatingRegistration, now: float = NOON, org: str = "B") -> None:
    share = sharing.ShareRecord(registration.registration_id, org, DEFAULT.consent_version)
    await sharing.share_record(store, await who("a4"), share, now)


async def awaiting(store: Store, who: Who, now: float = NOON) -> FloatingRegistration:
    registration = await departed(store, who)
    await consented(store, who, registration)
    chosen = floating.ChooseHost(registration.registration_id, registration.revision, "B", "乙支部 王")
    return await floating.choose_host(store, await who("a1"), chosen, now)


async def at_host(store: Store, who: Who, now: float = NOON) -> FloatingRegistration:
    registration = await awaiting(store, who)
    command = floating.TakeIn(registration.registration_id, registration.revision)
    return await floating.take_in(store, await who("b1"), command, now)


async def seen(store: Store, who: Who, name: str, registration: FloatingRegistration, now: float = NOON) -> RegistrationFile:
    return await registration_file(store, await who(name), registration.registration_id, now)


async def told(store: Store, member: str) -> list[str]:
    async with store.reading() as uow:
        kept, _ = await uow.notifications.of_member(f"m-{member}")
    return [one.notification.kind for one in reversed(kept)]


async def member_of(store: Store, member_id: str = "m-a4") -> Member:
    async with store.reading() as uow:
        found = await uow.members.get(member_id)
    assert found is not None
    return found


async def refused(action: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as found:
        await action
    return found.value.code


async def test_from_departure_to_return_both_branches_know_where_it_stands(store: Store, who: Who) -> None:
    registration = await at_host(store, who)
    assert (registration.state, registration.host_branch_id, registration.reported_in_on) == (S.REPORTED_IN, "B", TODAY)
    assert (await member_of(store)).host_branch_id == "B"
    file = await seen(store, who, "b1", registration)
    assert [line.step for line in file.lines] == ["Register", "ShareRecord", "NameHost", "ReportIn"]
    assert file.responsible is not None
    assert (file.responsible.branch_id, file.responsible.host_branch_id) == ("A", "B")
    assert sorted(await told(store, "a1")) == ["consentAnswered", "departureReported", "reportedIn"]
    assert sorted(await told(store, "a4")) == ["hostNamed", "reportedIn"]
    assert await told(store, "b1") == ["guestComing"]
    back = floating.ComeBack(registration.registration_id, registration.revision, TODAY + timedelta(3))
    home = await floating.come_back(store, await who("a4"), back, NOON + 3 * DAY)
    assert (home.state, home.closed_at, (await member_of(store)).host_branch_id) == (S.RETURNED, NOON + 3 * DAY, None)
    assert await refused(seen(store, who, "b1", registration)) == "notFound"  # the host sees nothing more
    assert (await told(store, "b1"))[-1] == (await told(store, "a1"))[-1] == "cameBack"


async def test_a_second_registration_while_one_is_open_is_refused_and_after_the_return_it_is_not(store: Store, who: Who) -> None:
    first = await departed(store, who)
    assert await refused(departed(store, who)) == "registrationOpen"
    closing = floating.CloseRegistration(first.registration_id, first.revision, "未成行")
    await floating.close_registration(store, await who("a1"), closing, NOON)
    assert (await departed(store, who)).registration_id != first.registration_id


async def test_no_host_without_consent_and_nothing_to_see_after_it_was_withdrawn(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    choose = floating.ChooseHost(registration.registration_id, registration.revision, "B")
    assert await refused(floating.choose_host(store, await who("a1"), choose, NOON)) == "consentMissing"
    assert await refused(seen(store, who, "b1", registration)) == "notFound"
    await consented(store, who, registration)
    named = await floating.choose_host(store, await who("a1"), choose, NOON + 1)
    await floating.take_in(store, await who("b1"), floating.TakeIn(named.registration_id, named.revision), NOON + 2)
    assert [line.member.member_id for line in (await search_floating(store, await who("b1"), SearchFloating(), NOON + 3)).lines] == ["m-a4"]
    await sharing.stop_sharing(store, await who("a4"), sharing.StopSharing(registration.registration_id, "B"), NOON + 4)
    assert (await member_of(store)).host_branch_id is None
    assert (await search_floating(store, await who("b1"), SearchFloating(), NOON + 5)).total == 0
    assert "m-a4" not in {line.member.member_id for line in (await search_members(store, await who("b1"), SearchMembers(), NOON + 5)).lines}
    assert await refused(seen(store, who, "b1", registration, NOON + 5)) == "notFound"
    assert (await told(store, "b1"))[-1] == (await told(store, "a1"))[-1] == "consentWithdrawn"
    await consented(store, who, registration, NOON + 6)
    assert (await member_of(store)).host_branch_id == "B"
    given = (await seen(store, who, "a1", registration, NOON + 7)).consents
    assert [(one.text_version, one.withdrawn_at) for one in given] == [(DEFAULT.consent_version, NOON + 4), (DEFAULT.consent_version, None)]


async def test_only_the_member_consents_and_only_to_the_text_in_force(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    old = sharing.ShareRecord(registration.registration_id, "B", "2020-1")
    assert await refused(sharing.share_record(store, await who("a4"), old, NOON)) == "noticeVersionUnknown"
    with pytest.raises(Forbidden):
        await sharing.share_record(store, await who("a1"), replace(old, text_version=DEFAULT.consent_version), NOON)
    with pytest.raises(NotFound):
        await sharing.stop_sharing(store, await who("a4"), sharing.StopSharing(registration.registration_id, "B"), NOON)


async def test_two_secretaries_at_once_the_slower_one_is_told(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    await consented(store, who, registration)
    choose = floating.ChooseHost(registration.registration_id, registration.revision, "B")
    await floating.choose_host(store, await who("a1"), choose, NOON)
    assert await refused(floating.choose_host(store, await who("a2"), choose, NOON)) == "changedMeanwhile"


async def test_a_member_at_the_door_is_taken_in_by_the_certificate_once_the_member_agrees(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    await certificates.issue_certificate(store, await who("a1"), registration.registration_id, NOON)
    shown = await certificates.show_certificate(store, await who("a4"), registration.registration_id, SIGNER, NOON)
    assert shown.code is not None
    present = certificates.Present("B", shown.code, host_contact="乙支部")
    asked = await certificates.present_certificate(store, await who("b1"), present, SIGNER, NOON)
    again = await certificates.present_certificate(store, await who("b1"), present, SIGNER, NOON + 1)
    assert asked.asked is not None
    assert again.asked == asked.asked
    waiting = await own_file(store, await who("a4"), NOON)
    assert waiting is not None
    assert waiting.requests == [asked.asked]
    await consented(store, who, registration, NOON + 2)
    file = await own_file(store, await who("a4"), NOON + 3)
    assert file is not None
    assert (file.registration.state, file.registration.host_branch_id, file.requests) == (S.REPORTED_IN, "B", [])
    assert file.registration.host_contact == "乙支部"
    assert "consentAnswered" in await told(store, "b1")


async def test_a_member_who_says_no_at_the_door_is_not_taken_in(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    issued = await certificates.issue_certificate(store, await who("a1"), registration.registration_id, NOON)
    by_hand = certificates.Present("B", number=issued.number, name="党员a4")
    await certificates.present_certificate(store, await who("b1"), by_hand, SIGNER, NOON)
    await sharing.decline_request(store, await who("a4"), registration.registration_id, "B", NOON + 1)
    file = await own_file(store, await who("a4"), NOON + 2)
    assert file is not None
    assert (file.registration.state, file.requests) == (S.DEPARTED, [])


async def test_a_certificate_that_is_not_what_it_says_opens_no_door(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    await certificates.issue_certificate(store, await who("a1"), registration.registration_id, NOON)
    with pytest.raises(CertificateInForce):
        await certificates.issue_certificate(store, await who("a1"), registration.registration_id, NOON)
    shown = await certificates.show_certificate(store, await who("a4"), registration.registration_id, SIGNER, NOON)
    forged = await certificates.show_certificate(store, await who("a4"), registration.registration_id, PlainSigner("k2"), NOON)
    assert shown.code is not None
    assert forged.code is not None
    wrong_name = certificates.Present("B", number=shown.certificate.number, name="党员a5")
    head, body, signature = shown.code.split(".")
    tampered = ".".join((head, body, signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")))
    for present, kind in (
        (certificates.Present("B", forged.code), CertificateUnknownKey),
        (certificates.Present("B", tampered), Refusal),
        (wrong_name, CertificateForged),
    ):
        with pytest.raises(kind):
            await certificates.present_certificate(store, await who("b1"), present, SIGNER, NOON)
    assert await refused(certificates.present_certificate(store, await who("b1"), certificates.Present("B", "x"), SIGNER, NOON)) == (
        "certificateUnreadable"
    )
    await certificates.revoke_certificate(store, await who("a1"), registration.registration_id, "遗失", NOON)
    with pytest.raises(CertificateRevoked):
        await certificates.present_certificate(store, await who("b1"), certificates.Present("B", shown.code), SIGNER, NOON)
    assert (await certificates.verify_code(store, shown.code, SIGNER, NOON)).verdict is Verdict.REVOKED
    with pytest.raises(NotFound):  # not for a branch that is not one's own
        await certificates.present_certificate(store, await who("b3"), certificates.Present("A", shown.code), SIGNER, NOON)


async def test_the_certificate_is_checked_once_a_year_and_taken_back_on_return(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    await certificates.issue_certificate(store, await who("a1"), registration.registration_id, NOON)
    checked = await certificates.check_certificate(store, await who("a1"), registration.registration_id, NOON)
    assert [check.year for check in checked.checks] == [TODAY.year]
    with pytest.raises(AlreadyDecided):
        await certificates.check_certificate(store, await who("a1"), registration.registration_id, NOON)
    file = await seen(store, who, "a1", registration)
    back = floating.ComeBack(registration.registration_id, file.registration.revision, TODAY)
    await floating.come_back(store, await who("a1"), back, NOON)
    shown = await certificates.show_certificate(store, await who("a4"), registration.registration_id, SIGNER, NOON)
    assert (shown.code, shown.certificate.revoked_on) == (None, TODAY)


async def test_whereabouts_are_declared_at_any_time_and_leaving_a_host_begins_the_search_for_another(store: Store, who: Who) -> None:
    registration = await at_host(store, who)
    again = floating.Declare(registration.registration_id, SHENZHEN)
    await floating.declare(store, await who("a4"), again, NOON + DAY)
    moving = floating.Declare(registration.registration_id, Place("Berlin", country="DE"), "某大学", leaves_host=True)
    moved = await floating.declare(store, await who("a4"), moving, NOON + 2 * DAY)
    assert (moved.state, moved.abroad, moved.host_org_id) == (S.DEPARTED, True, None)
    assert (await member_of(store)).host_branch_id is None
    file = await seen(store, who, "a1", registration, NOON + 3 * DAY)
    assert [(one.place.name, one.moved) for one in file.declarations] == [("深圳市南山区", True), ("深圳市南山区", False), ("Berlin", True)]
    assert (await told(store, "a1"))[-1] == "whereaboutsDeclared"


async def test_a_liaison_of_the_home_branch_keeps_the_log_and_the_member_may_read_it(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    key = registration.registration_id
    log = contact.LogContact(key, TODAY, ContactMeans.TELEPHONE, True, "一切都好")
    with pytest.raises(NotFound):
        await contact.log_contact(store, await who("a5"), log, NOON)
    for nobody in ("m-b3", "m-a7", "m-a4", "nobody"):
        with pytest.raises(NotAMemberHere):
            await contact.name_liaison(store, await who("a1"), contact.NameLiaison(key, nobody), NOON)
    await contact.name_liaison(store, await who("a1"), contact.NameLiaison(key, "m-a5"), NOON)
    assert await told(store, "a5") == ["liaisonNamed"]
    await contact.log_contact(store, await who("a5"), log, NOON)
    tomorrow = replace(log, on=TODAY + timedelta(1))
    assert await refused(contact.log_contact(store, await who("a5"), tomorrow, NOON)) == "dayOutOfOrder"
    file = await own_file(store, await who("a4"), NOON)
    assert file is not None
    assert [(one.learned, file.names[one.author]) for one in file.contacts] == [("一切都好", "党员a5")]
    assert (await seen(store, who, "a5", registration)).can == {Action.LOG_CONTACT, Action.SEE_CONTACT_LOG}
    mine = await search_floating(store, await who("a5"), SearchFloating(Filter.MINE), NOON)
    assert [line.registration.registration_id for line in mine.lines] == [key]
    await contact.name_liaison(store, await who("a1"), contact.NameLiaison(key, "m-a6"), NOON + DAY)
    with pytest.raises(NotFound):
        await contact.log_contact(store, await who("a5"), log, NOON + DAY)


async def test_who_cannot_be_reached_is_searched_for_and_found_again(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    key = registration.registration_id
    attempt = contact.LogContact(key, TODAY, ContactMeans.LETTER, False, "退回")
    await contact.log_contact(store, await who("a1"), attempt, NOON)
    begin = contact.BeginSearch(key, registration.revision, TODAY)
    await contact.begin_search(store, await who("a1"), begin, NOON)
    lost = await seen(store, who, "a1", registration)
    assert (lost.registration.contact_status, lost.registration.lost_on) == (ContactStatus.OUT_OF_CONTACT, TODAY)
    assert (await search_floating(store, await who("a1"), SearchFloating(), NOON)).counts[Filter.LOST] == 1
    with pytest.raises(AlreadyDecided):
        await contact.begin_search(store, await who("a1"), replace(begin, revision=2), NOON)
    later = NOON + 200 * DAY
    advice = (await seen(store, who, "a1", registration, later)).advice
    assert [one.kind for one in advice if one.kind is AdviceKind.SUSPENSION] == [AdviceKind.SUSPENSION]
    assert (await member_of(store)).status is MemberStatus.ACTIVE  # advice changes nothing
    suspended = await contact.enter_suspension(store, await who("a1"), contact.EnterSuspension(key, day_of(later)), later)
    assert suspended.suspended_on == day_of(later)
    reached = replace(attempt, on=day_of(later), reached=True)
    await contact.log_contact(store, await who("a1"), reached, later)
    found = await seen(store, who, "a1", registration, later)
    assert (found.registration.contact_status, found.case) == (ContactStatus.IN_CONTACT, None)


async def test_the_secretaries_write_to_each_other_and_nobody_else_reads_it(store: Store, who: Who) -> None:
    registration = await at_host(store, who)
    key = registration.registration_id
    await threads.write_message(store, await who("a1"), threads.WriteMessage(key, "请多关照"), NOON)
    task = await threads.write_message(store, await who("b1"), threads.WriteMessage(key, "请寄来材料", TODAY), NOON + 1)
    assert task.kind is ThreadEntryKind.TASK
    assert "threadMessage" in await told(store, "b1")
    assert "threadMessage" in await told(store, "a1")
    assert [one.text for one in (await seen(store, who, "b1", registration)).thread] == ["请多关照", "请寄来材料"]
    assert (await seen(store, who, "a4", registration)).thread == []
    assert (await seen(store, who, "auditor", registration)).thread == []
    for name in ("a4", "auditor"):
        with pytest.raises(Forbidden):
            await threads.write_message(store, await who(name), threads.WriteMessage(key, "我也说一句"), NOON)
    done = await threads.finish_task(store, await who("a1"), key, task.entry_id, NOON + 2)
    assert done.done_by == "acc-a1"
    with pytest.raises(AlreadyDecided):
        await threads.finish_task(store, await who("b1"), key, task.entry_id, NOON + 3)


async def test_the_host_s_evaluation_is_fed_back_once_a_year_and_noted_by_home(store: Store, who: Who) -> None:
    registration = await at_host(store, who)
    key = registration.registration_id
    given = threads.GiveEvaluation(key, TODAY.year, EvaluationGrade.QUALIFIED, "积极参加")
    with pytest.raises(Forbidden):
        await threads.give_evaluation(store, await who("a1"), given, NOON)
    first = await threads.give_evaluation(store, await who("b1"), given, NOON)
    second = await threads.give_evaluation(store, await who("b1"), replace(given, grade=EvaluationGrade.EXCELLENT), NOON + 1)
    assert first.evaluation_id == second.evaluation_id
    noted = await threads.note_evaluation(store, await who("a1"), key, first.evaluation_id, NOON + 2)
    assert (noted.grade, noted.noted_by) == (EvaluationGrade.EXCELLENT, "acc-a1")
    with pytest.raises(AlreadyDecided):
        await threads.give_evaluation(store, await who("b1"), given, NOON + 3)
    assert await refused(threads.give_evaluation(store, await who("b1"), replace(given, year=TODAY.year - 1), NOON)) == "dayOutOfOrder"
    async with store.writing() as uow:
        member = await uow.members.get("m-a4")
        assert member is not None
        await uow.members.save([replace(member, stage=Stage.PROBATIONARY)])
    later = NOON + 400 * DAY
    probationary = await threads.give_evaluation(store, await who("b1"), replace(given, year=day_of(later).year), later)
    assert probationary.grade is EvaluationGrade.UNGRADED


async def test_the_night_reminds_once_for_each_state_and_escalates(store: Store, who: Who) -> None:
    registration = await awaiting(store, who)
    assert registration.report_in_due_on == TODAY + timedelta(30)
    nights = [NOON + days * DAY for days in (17, 17, 31, 31, 62)]
    written = [(await evaluate_ledger(store, now)).reminders for now in nights]
    # member, secretary and deputy of home, the host's secretary; the contact of the quarter is due at the end of March
    assert written[:4] == [4, 0, 4, 0]
    kinds = [kind for kind in await told(store, "b1") if kind.startswith("reportIn")]
    assert kinds == ["reportInSoon", "reportInOverdue", "reportInEscalated"]
    assert [kind for kind in await told(store, "a4") if kind.startswith("reportIn")] == kinds
    page = await search_floating(store, await who("a1"), SearchFloating(Filter.LATE), nights[-1])
    assert {(due.kind, due.state) for line in page.lines for due in line.dues} == {(DutyKind.REPORT_IN, DutyState.ESCALATED)}


async def test_contact_overdue_is_found_by_the_list_and_by_the_night_alike(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    await contact.name_liaison(store, await who("a1"), contact.NameLiaison(registration.registration_id, "m-a5"), NOON)
    due_on = date(2026, 3, 31)  # left in the last quarter of 2025: due by the end of the next
    later = NOON + ((due_on - TODAY).days + 1) * DAY
    assert (await search_floating(store, await who("a1"), SearchFloating(Filter.CONTACT_OVERDUE), later - DAY)).total == 0
    overdue = await search_floating(store, await who("a1"), SearchFloating(Filter.CONTACT_OVERDUE), later)
    assert [line.member.member_id for line in overdue.lines] == ["m-a4"]
    night = await evaluate_ledger(store, later)
    assert night.dues["contact overdue"] == 1
    assert "contactOverdue" in await told(store, "a5")
    await contact.log_contact(
        store, await who("a5"), contact.LogContact(registration.registration_id, due_on, ContactMeans.VIDEO, True), later
    )
    assert (await search_floating(store, await who("a1"), SearchFloating(Filter.CONTACT_OVERDUE), later)).total == 0


async def test_half_a_year_away_meets_the_definition_and_says_why(store: Store, who: Who) -> None:
    registration = await departed(store, who)
    file = await seen(store, who, "a1", registration, NOON + 182 * DAY)
    assert file.finding.meets is Meets.MEETS
    assert file.finding.meets_on == date(2026, 6, 2)
    assert "2025-12-02" in file.finding.sentence("zh")


async def test_moving_or_leaving_the_roll_takes_the_registration_along(store: Store, who: Who) -> None:
    registration = await at_host(store, who)
    member = await member_of(store)
    await change_member(store, await who("admin"), ChangeMember("m-a4", member.revision, home_branch_id="B"), NOON + DAY)
    async with store.reading() as uow:
        ended = await uow.registrations.get(registration.registration_id)
        relations = await uow.relations.of_member("m-a4")
    assert ended is not None
    assert (ended.state, ended.closed_at) == (S.TRANSFERRED, NOON + DAY)
    assert [(one.branch_id, one.until) for one in relations] == [("A", NOON + DAY), ("B", None)]
    moved = await member_of(store)
    await change_member(store, await who("admin"), ChangeMember("m-a4", moved.revision, status=MemberStatus.LEFT), NOON + 2 * DAY)
    async with store.reading() as uow:
        assert [one.until for one in await uow.relations.of_member("m-a4")] == [NOON + DAY, NOON + 2 * DAY]
    assert await refused(floating.report_departure(store, await who("admin"), LEAVING, NOON + 3 * DAY)) == "notOnTheRoll"


async def test_days_of_life_are_kept_from_sheets_once_and_again_after_a_correction(store: Store) -> None:
    await load_demo(store, NOON)
    rules = Rulebook()
    assert (await keep_life_days(store, rules), await keep_life_days(store, rules)) == (1, 0)
    async with store.reading() as uow:
        held = next(one for one in await uow.meetings.listing("demo-member-1") if one.opened_at is not None)
        days = {number: await uow.clocks.days_of(f"demo-member-{number}") for number in (1, 12, 13)}
    assert [(day.meeting_id, day.org_id, day.remote) for day in days[1]] == [(held.meeting_id, "demo-first", True)]
    assert days[12] == []  # on leave
    assert [day.org_id for day in days[13]] == ["demo-first"]  # a guest: the host's meeting, counted once for the one person
    correction = Correct(held.meeting_id, "demo-member-12", "grade", "present", "会后核实在场")
    await correct(store, OPERATOR, correction, NOON)
    assert await keep_life_days(store, rules) == 1
    async with store.reading() as uow:
        assert len(await uow.clocks.days_of("demo-member-12")) == 1
