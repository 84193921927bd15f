"""Thought reports: written, handed in, taken back, returned, answered – and found by nobody who should not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.actions import attachments, reports
from ledger.actions.reportduties import branch_duties, in_tray, own_reports, remind
from ledger.actions.reports import (
    BeginReport,
    ReportAlreadyRead,
    ReportEmpty,
    ReportNotWaiting,
    ReportNotWritable,
    ReportTooLong,
    SaveReport,
)
from ledger.attachments import AttachmentDamaged
from ledger.mobility import DepartureReport, FloatingRegistration, FlowRange, FlowReason, Liaison, Place, RegistrationState
from ledger.mobilityrules import DEFAULT as RULES
from ledger.model import Post, PostKind, Stage
from ledger.ports import Store
from ledger.refusals import Forbidden, NotFound, ReasonMissing, StaleRevision
from ledger.reports import ReportState, ReportStepKind, ThoughtReport
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, MEMBERS, NOON

WAITING = frozenset({ReportState.HANDED_IN})


async def begun(store: Store, who: Who, name: str = "a5", key: str = "1" * 32) -> ThoughtReport:
    return await reports.begin(store, await who(name), BeginReport(key, date(2025, 12, 31), "第四季度", "学习体会"), NOON)


async def handed(store: Store, who: Who, name: str = "a5") -> ThoughtReport:
    report = await begun(store, who, name)
    return await reports.hand_in(store, await who(name), report.report_id, report.revision, NOON + 1)


async def told(store: Store, member_id: str) -> list[str]:
    async with store.reading() as uow:
        return [one.notification.kind for one in reversed((await uow.notifications.of_member(member_id))[0])]


async def test_from_the_first_word_to_the_answer(store: Store, who: Who) -> None:
    member, secretary = await who("a5"), await who("a1")
    report = await begun(store, who)
    report = await reports.save(store, member, SaveReport(report.report_id, 1, "第四季度", "学习体会与不足"), NOON + 1)
    report = await reports.hand_in(store, member, report.report_id, report.revision, NOON + 2)
    assert (await told(store, "m-a1"), await told(store, "m-a2")) == (["reportHandedIn"], ["reportHandedIn"])
    seen = await reports.open_report(store, secretary, report.report_id, NOON + 3)
    assert (seen.report.text, seen.report.read_at, seen.may_answer, seen.mine) == ("学习体会与不足", NOON + 3, True, False)
    await reports.give_back(store, secretary, report.report_id, "请结合工作谈", NOON + 4)
    returned = (await reports.open_report(store, member, report.report_id, NOON + 5)).report
    again = await reports.save(store, member, SaveReport(report.report_id, returned.revision, "第四季度", "结合工作"), NOON + 6)
    assert (
        await reports.open_report(store, secretary, report.report_id, NOON + 7)
    ).report.text == "学习体会与不足"  # not what is being written
    await reports.hand_in(store, member, report.report_id, again.revision, NOON + 8)
    await reports.answer(store, await who("a2"), report.report_id, "很好，继续努力", NOON + 9)
    last = await reports.open_report(store, member, report.report_id, NOON + 10)
    assert [(step.kind.value, step.note) for step in last.steps] == [
        ("handedIn", ""),
        ("returned", "请结合工作谈"),
        ("handedIn", ""),
        ("answered", "很好，继续努力"),
    ]
    assert last.names[last.steps[3].account_id] == "党员a2"
    assert await told(store, "m-a5") == ["reportReturned", "reportAnswered"]


async def test_nobody_else_finds_a_draft_and_few_find_what_was_handed_in(store: Store, who: Who) -> None:
    everybody = ("a1", "a2", "a3", "a4", "a8", "b1", "b3", "admin", "branchadmin", "auditor", "system")
    draft = await begun(store, who)
    for name in everybody:
        with pytest.raises(NotFound):
            await reports.open_report(store, await who(name), draft.report_id, NOON + 1)
        assert (await in_tray(store, await who(name), frozenset(ReportState), NOON)).reports == []
    await reports.hand_in(store, await who("a5"), draft.report_id, 1, NOON + 2)
    readers = set()
    for name in everybody:
        try:
            await reports.open_report(store, await who(name), draft.report_id, NOON + 3)
        except NotFound:
            assert (await in_tray(store, await who(name), WAITING, NOON)).total == 0
        else:
            readers.add(name)
            assert (await in_tray(store, await who(name), WAITING, NOON)).total == 1
    assert readers == {"a1", "a2"}


async def test_only_the_member_writes_and_only_a_reader_answers(store: Store, who: Who) -> None:
    report = await handed(store, who)
    with pytest.raises(Forbidden):
        await reports.save(store, await who("a1"), SaveReport(report.report_id, report.revision, "", "别人写的"), NOON + 2)
    with pytest.raises(Forbidden):
        await reports.answer(store, await who("a5"), report.report_id, "自己答", NOON + 2)
    with pytest.raises(NotFound):
        await reports.answer(store, await who("b1"), report.report_id, "外人答", NOON + 2)
    with pytest.raises(ReasonMissing):
        await reports.answer(store, await who("a1"), report.report_id, " ", NOON + 2)


async def test_a_secretary_s_own_report_is_answered_by_the_deputy(store: Store, who: Who) -> None:
    report = await handed(store, who, "a1")
    assert (await told(store, "m-a1"), await told(store, "m-a2")) == ([], ["reportHandedIn"])
    assert (await reports.open_report(store, await who("a1"), report.report_id, NOON + 2)).may_answer is False
    with pytest.raises(Forbidden):
        await reports.answer(store, await who("a1"), report.report_id, "自己答", NOON + 2)
    assert (await reports.answer(store, await who("a2"), report.report_id, "收到", NOON + 3)).state is ReportState.ANSWERED


async def test_the_report_of_a_branch_s_only_secretary_goes_to_the_organisation_above(store: Store, who: Who) -> None:
    """b1 alone acts for B; a4 is secretary of the committee above both."""
    async with store.writing() as uow:
        await uow.posts.add(Post("p-top", "m-a4", "C", PostKind.SECRETARY, date(2025, 1, 1)))
    report, above = await handed(store, who, "b1"), await who("a4")
    assert await told(store, "m-a4") == ["reportHandedIn"]
    assert (await in_tray(store, above, WAITING, NOON)).total == 1
    assert (await reports.answer(store, above, report.report_id, "收到", NOON + 2)).state is ReportState.ANSWERED
    with pytest.raises(NotFound):  # A has a deputy
        await reports.open_report(store, above, (await begun(store, who, "a1", "5" * 32)).report_id, NOON + 3)
    second = await begun(store, who, "a5", "6" * 32)
    await reports.hand_in(store, await who("a5"), second.report_id, 1, NOON + 3)
    with pytest.raises(NotFound):
        await reports.open_report(store, above, second.report_id, NOON + 4)


async def test_two_devices_are_told_of_each_other_and_nothing_is_overwritten(store: Store, who: Who) -> None:
    member = await who("a5")
    report = await begun(store, who)
    await reports.save(store, member, SaveReport(report.report_id, 1, "题", "手机上写的"), NOON + 1)
    with pytest.raises(StaleRevision) as told_of:
        await reports.save(store, member, SaveReport(report.report_id, 1, "题", "电脑上写的"), NOON + 2)
    assert told_of.value.params == {"current": 2}
    with pytest.raises(StaleRevision):
        await reports.hand_in(store, member, report.report_id, 1, NOON + 2)
    assert (await reports.open_report(store, member, report.report_id, NOON + 3)).report.text == "手机上写的"


async def test_a_page_that_was_offline_may_begin_twice_and_save_what_is_there(store: Store, who: Who) -> None:
    first, again = await begun(store, who), await begun(store, who)
    assert first == again
    assert (await begun(store, who, "a4")).report_id != first.report_id  # somebody else's report is not found by its id
    assert await reports.save(store, await who("a5"), SaveReport(first.report_id, 7, "第四季度", "学习体会"), NOON + 1) == first


async def test_it_is_taken_back_only_while_nobody_has_read_it(store: Store, who: Who) -> None:
    member = await who("a5")
    report = await handed(store, who)
    back = await reports.take_back(store, member, report.report_id, NOON + 2)
    assert (back.state, back.handed_in_at) == (ReportState.DRAFT, None)
    with pytest.raises(NotFound):
        await reports.open_report(store, await who("a1"), report.report_id, NOON + 3)
    await reports.hand_in(store, member, report.report_id, back.revision, NOON + 4)
    await reports.open_report(store, await who("a1"), report.report_id, NOON + 5)
    with pytest.raises(ReportAlreadyRead):
        await reports.take_back(store, member, report.report_id, NOON + 6)
    with pytest.raises(ReportNotWritable):
        await reports.discard(store, member, report.report_id, NOON + 6)


async def test_taking_back_a_revision_leaves_what_was_handed_in_before(store: Store, who: Who) -> None:
    member, secretary = await who("a5"), await who("a1")
    report = await handed(store, who)
    report = await reports.give_back(store, secretary, report.report_id, "补充", NOON + 2)
    report = await reports.save(store, member, SaveReport(report.report_id, report.revision, "", "第二稿"), NOON + 3)
    report = await reports.hand_in(store, member, report.report_id, report.revision, NOON + 4)
    back = await reports.take_back(store, member, report.report_id, NOON + 5)
    assert (back.state, back.handed_in_at) == (ReportState.RETURNED, NOON + 1)
    assert (await reports.open_report(store, secretary, report.report_id, NOON + 6)).report.text == "学习体会"


async def test_steps_out_of_turn_are_refused(store: Store, who: Who) -> None:
    member, secretary = await who("a5"), await who("a1")
    report = await begun(store, who)
    with pytest.raises(ReportNotWaiting):
        await reports.take_back(store, member, report.report_id, NOON)
    empty = await reports.save(store, member, SaveReport(report.report_id, 1, "题", " \n"), NOON + 1)
    with pytest.raises(ReportEmpty):
        await reports.hand_in(store, member, report.report_id, empty.revision, NOON + 1)
    with pytest.raises(ReportTooLong):
        await reports.save(store, member, SaveReport(report.report_id, 2, "题", "长" * 20_001), NOON + 1)
    full = await reports.save(store, member, SaveReport(report.report_id, 2, "题", "有"), NOON + 1)
    await reports.hand_in(store, member, report.report_id, full.revision, NOON + 2)
    with pytest.raises(ReportNotWritable):
        await reports.save(store, member, SaveReport(report.report_id, 4, "题", "改"), NOON + 3)
    await reports.answer(store, secretary, report.report_id, "收到", NOON + 4)
    for step in (reports.answer, reports.give_back):
        with pytest.raises(ReportNotWaiting):
            await step(store, secretary, report.report_id, "再次", NOON + 5)


async def test_files_are_seen_by_those_who_see_the_report_as_it_was_handed_in(store: Store, who: Who) -> None:
    member, secretary = await who("a5"), await who("a1")
    report = await begun(store, who)
    owner = f"report:{report.report_id}"
    first = await attachments.add(store, member, owner, "笔记.txt", "笔记".encode(), NOON)
    with pytest.raises(NotFound):
        await attachments.fetch(store, secretary, first.attachment_id, NOON)
    await reports.hand_in(store, member, report.report_id, report.revision, NOON + 1)
    assert (await attachments.fetch(store, secretary, first.attachment_id, NOON + 2))[1] == "笔记".encode()
    with pytest.raises(ReportNotWritable):
        await attachments.add(store, member, owner, "x.txt", b"x", NOON + 2)
    await reports.give_back(store, secretary, report.report_id, "补充", NOON + 3)
    second = await attachments.add(store, member, owner, "y.txt", b"y", NOON + 4)
    with pytest.raises(NotFound):
        await attachments.fetch(store, secretary, second.attachment_id, NOON + 5)
    for name in ("a4", "b1", "admin", "auditor", "system"):
        with pytest.raises(NotFound):
            await attachments.fetch(store, await who(name), first.attachment_id, NOON + 5)
    with pytest.raises(Forbidden):
        await attachments.remove(store, secretary, first.attachment_id)
    await attachments.remove(store, member, first.attachment_id)
    assert [one.name for one in (await reports.open_report(store, member, report.report_id, NOON + 6)).attachments] == ["y.txt"]


async def test_a_damaged_file_is_not_handed_out(store: Store, who: Who) -> None:
    report = await begun(store, who)
    file = await attachments.add(store, await who("a5"), f"report:{report.report_id}", "x.txt", b"whole", NOON)
    async with store.writing() as uow:
        await uow.attachments.remove([file.attachment_id])
        await uow.attachments.add(file, b"other")
    with pytest.raises(AttachmentDamaged):
        await attachments.fetch(store, await who("a5"), file.attachment_id, NOON)


async def test_a_liaison_reads_and_answers_for_whom_they_keep_in_touch_with(store: Store, who: Who) -> None:
    place = Place("浙江省", "杭州市")
    left = DepartureReport("m-a5", FlowReason.WORK, FlowRange.OUT_OF_CITY, place, date(2025, 10, 1), "电话")
    away = FloatingRegistration("reg", "m-a5", "A", left, RegistrationState.DEPARTED, NOON, place)
    async with store.writing() as uow:
        await uow.registrations.add(away)
        await uow.contacts.save_liaison(Liaison("reg", "m-a6", date(2025, 10, 1), date(2025, 10, 20)))
        await uow.contacts.save_liaison(Liaison("reg", "m-a4", date(2025, 10, 21)))
    report, liaison = await handed(store, who), await who("a4")
    assert await told(store, "m-a4") == ["reportHandedIn"]
    assert (await in_tray(store, liaison, WAITING, NOON)).total == 1
    assert (await own_reports(store, liaison, NOON, RULES)).reads_others is True
    assert (await reports.open_report(store, liaison, report.report_id, NOON + 2)).may_answer is True
    with pytest.raises(NotFound):
        await reports.open_report(store, await who("a6"), report.report_id, NOON + 2)  # who kept in touch before
    await reports.answer(store, liaison, report.report_id, "收到，常联系", NOON + 3)


async def test_what_is_due_of_whom(store: Store, who: Who) -> None:
    """a5 is on probation since October; a8 floats and is seen for the first time; a full member at home owes nothing."""
    async with store.writing() as uow:
        await uow.members.save([replace(MEMBERS[4], joined_on=date(2025, 10, 9))])
    assert (await own_reports(store, await who("a4"), NOON, RULES)).duty is None
    lines = await branch_duties(store, await who("a1"), NOON, RULES)
    assert [(line.member.number, line.duty.due_on, line.duty.state.value, line.duty.basis) for line in lines] == [
        ("a5", date(2026, 3, 31), "later", "thought_report_probationary_months"),
        ("a8", date(2026, 6, 30), "later", "thought_report_floating_months"),
    ]
    assert await branch_duties(store, await who("admin"), NOON, RULES) == []
    with pytest.raises(NotFound):
        await branch_duties(store, await who("b1"), NOON, RULES, "A")


async def test_reminders_come_once_and_the_branch_hears_of_what_is_late(store: Store, who: Who) -> None:
    async with store.writing() as uow:
        await uow.members.save([replace(MEMBERS[4], joined_on=date(2025, 7, 9))])  # due by the end of December
    assert await remind(store, NOON, RULES) == 0
    soon, late, long_late = NOON + 20 * DAY, NOON + 35 * DAY, NOON + 62 * DAY
    assert (await remind(store, soon, RULES), await remind(store, soon + DAY, RULES)) == (1, 0)
    assert await told(store, "m-a5") == ["reportDue"]
    assert (await remind(store, late, RULES), await remind(store, long_late, RULES)) == (3, 0)
    assert (await told(store, "m-a5"), await told(store, "m-a1")) == (["reportDue", "reportOverdue"], ["reportsOutstanding"])
    report = await reports.begin(store, await who("a5"), BeginReport("2" * 32, date(2025, 12, 31), "", "迟交"), long_late)
    await reports.hand_in(store, await who("a5"), report.report_id, 1, long_late)
    duty = (await own_reports(store, await who("a5"), long_late, RULES)).duty
    assert duty is not None
    assert (duty.due_on, duty.last_on, duty.state.value) == (date(2026, 6, 30), date(2026, 2, 2), "later")


async def test_a_member_seen_late_owes_from_then_on(store: Store, who: Who) -> None:
    """Somebody long on the roll who becomes probationary on paper today is not overdue since years ago."""
    async with store.writing() as uow:
        await uow.members.save([replace(MEMBERS[3], stage=Stage.PROBATIONARY, joined_on=date(2001, 7, 1))])
    await remind(store, NOON, RULES)
    lines = {line.member.number: line.duty for line in await branch_duties(store, await who("a1"), NOON + 40 * DAY, RULES)}
    assert (lines["a4"].due_on, lines["a4"].state.value) == (date(2026, 3, 31), "later")


async def test_the_text_stands_in_no_notification_and_no_log(store: Store, who: Who) -> None:
    report = await handed(store, who)
    await reports.open_report(store, await who("a1"), report.report_id, NOON + 2)
    async with store.reading() as uow:
        kept = (await uow.notifications.of_member("m-a1"))[0]
        steps = await uow.reports.steps(report.report_id)
    assert [dict(one.notification.params) for one in kept] == [{"name": "党员a5"}]
    assert [(step.kind, step.text) for step in steps] == [(ReportStepKind.HANDED_IN, "学习体会")]
