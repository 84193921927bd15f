"""Work assigned to a member: seen, assigned, answered, given back, taken back. Every change answers with the member's whole list."""

from __future__ import annotations

from ledger.actions import work
from ledger.assignedwork import AssignedWork, WorkOutcome
from ledger.model import day_of
from ledger.rules.work import WorkAnswer
from server.http.call import Call, day
from server.http.views.moments import day_or_none, iso, iso_or_none
from server.schemas import work as s


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
        may_answer=found.may_answer,
    )


def _line(one: AssignedWork, found: work.WorkFile, now: float) -> s.WorkLine:
    org = found.orgs.get(one.org_id)
    return s.WorkLine(
        work_id=one.work_id,
        title=one.title,
        detail=one.detail,
        org_name=org.name if org else "",
        due_on=one.due_on.isoformat(),
        late=one.outcome is None and one.due_on < day_of(now),
        assigned_at=iso(one.assigned_at),
        assigned_by=found.names.get(one.assigned_by, ""),
        outcome=one.outcome.value if one.outcome else None,
        done_on=day_or_none(one.done_on),
        answered_at=iso_or_none(one.answered_at),
        answered_by=found.names.get(one.answered_by or "", ""),
        reason=one.reason,
    )
