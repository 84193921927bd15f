"""Work assigned to members: the list of all of it; of one member, seen, assigned, answered, given back, taken back. Every change of one
member's work answers with the whole of it."""

from __future__ import annotations

import asyncio

from ledger.actions import work, worklists
from ledger.assignedwork import AssignedWork, WorkOutcome
from ledger.exports.worklines import work_lines_csv, work_lines_xlsx
from ledger.model import day_of
from ledger.rules.work import WorkAnswer
from ledger.workports import WorkFilter
from server.http.attendance import CSV, XLSX
from server.http.call import Call, File, day
from server.http.views.moments import day_or_none, iso, iso_or_none
from server.schemas import work as s


async def search(call: Call, query: s.WorkSearch) -> s.WorkPageView:
    command = worklists.SearchWorks(WorkFilter(query.filter), query.q, query.page, query.page_size)
    found = await worklists.search_works(call.store, call.actor, command, call.now)
    return s.WorkPageView(
        items=[_listed(one, call.now) for one in found.lines],
        total=found.total,
        page=query.page,
        page_size=query.page_size,
        counts={key.value: count for key, count in found.counts.items()},
        may_assign=found.may_assign,
    )


async def export(call: Call, query: s.WorkExport) -> File:
    command = worklists.SearchWorks(WorkFilter(query.filter), query.q)
    found = await worklists.export_works(call.store, call.actor, command, call.now)
    write, today = work_lines_xlsx if query.format == "xlsx" else work_lines_csv, day_of(call.now)
    content = await asyncio.to_thread(write, found, today, query.lang)
    word = "分配工作" if query.lang == "zh" else "assigned-work"
    return File(f"{word}-{query.filter}-{today}.{query.format}", XLSX if query.format == "xlsx" else CSV, content)


async def assign_to_several(call: Call, body: s.AssignWorks) -> s.WorkAssigned:
    due_on = day("dueOn", body.due_on)
    commands = [work.AssignWork(one, body.title, due_on, body.detail) for one in dict.fromkeys(body.member_ids)]
    return s.WorkAssigned(assigned=len(await work.assign_works(call.store, call.actor, commands, call.now)))


async def of_member(call: Call) -> s.WorkView:
    return await _view(call, call.ids["memberId"])


async def assign(call: Call, body: s.NewWork) -> s.WorkView:
    command = work.AssignWork(call.ids["memberId"], body.title, day("dueOn", body.due_on), body.detail)
    return await _view(call, (await work.assign_work(call.store, call.actor, command, call.now)).member_id)


async def answer(call: Call, body: s.AnswerWork) -> s.WorkView:
    on = day("doneOn", body.done_on) if body.done_on else None
    given = WorkAnswer(WorkOutcome(body.outcome), body.reason, on)
    return await _view(call, (await work.answer_work(call.store, call.actor, call.ids["workId"], given, call.now)).member_id)


async def give_back(call: Call, body: s.WorkReason) -> s.WorkView:
    return await _view(call, (await work.give_work_back(call.store, call.actor, call.ids["workId"], body.reason, call.now)).member_id)


async def withdraw(call: Call, body: s.WorkReason) -> s.WorkView:
    return await _view(call, (await work.withdraw_work(call.store, call.actor, call.ids["workId"], body.reason, call.now)).member_id)


async def _view(call: Call, member_id: str) -> s.WorkView:
    found = await work.work_file(call.store, call.actor, member_id, call.now)
    return s.WorkView(
        member_id=member_id,
        name=found.member.name,
        items=[_line(one, found, call.now) for one in found.works],
        may_assign=found.may_assign,
    )


def _listed(one: worklists.ListedWork, now: float) -> s.ListedWork:
    return s.ListedWork(
        work_id=one.work.work_id,
        member_id=one.member.member_id,
        name=one.member.name,
        number=one.member.number,
        branch_name=one.home.name,
        org_name=one.org.name,
        by_host=one.org.org_id != one.home.org_id,
        title=one.work.title,
        due_on=one.work.due_on.isoformat(),
        late=_late(one.work, now),
        outcome=one.work.outcome.value if one.work.outcome else None,
        done_on=day_or_none(one.work.done_on),
        answered_at=iso_or_none(one.work.answered_at),
        answered_by=one.answered_by,
    )


def _late(one: AssignedWork, now: float) -> bool:
    return one.outcome is None and one.due_on < day_of(now)


def _line(one: AssignedWork, found: work.WorkFile, now: float) -> s.WorkLine:
    org = found.orgs.get(one.org_id)
    return s.WorkLine(
        work_id=one.work_id,
        title=one.title,
        detail=one.detail,
        org_name=org.name if org else "",
        due_on=one.due_on.isoformat(),
        late=_late(one, now),
        assigned_at=iso(one.assigned_at),
        assigned_by=found.names.get(one.assigned_by, ""),
        outcome=one.outcome.value if one.outcome else None,
        done_on=day_or_none(one.done_on),
        answered_at=iso_or_none(one.answered_at),
        answered_by=found.names.get(one.answered_by or "", ""),
        reason=one.reason,
        may_answer=one.work_id in found.may_answer,
        may_keep=one.work_id in found.may_keep,
    )
