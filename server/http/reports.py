"""Thought reports: the own ones, the tray of those who read them, and what is due."""

from __future__ import annotations

import secrets

from ledger.actions import reportduties, reports
from ledger.mobilityrules import DEFAULT as RULES
from ledger.model import Member, day_of
from ledger.reports import WRITABLE, ReportState, ThoughtReport
from ledger.rules.months import period_end
from ledger.rules.reportduties import ReportDuty
from server.http import attachments
from server.http.call import Call, day
from server.http.views.moments import day_or_none, iso, iso_or_none
from server.schemas import reports as s
from server.schemas.base import Done

QUARTER = 3  # what a report without a duty is written for


async def own(call: Call) -> s.OwnReports:
    found = await reportduties.own_reports(call.store, call.actor, call.now, RULES)
    name = call.actor.member.name if call.actor.member else ""
    return s.OwnReports(
        reports=[_line(one, name) for one in found.reports],
        duty=duty_line(found.duty, call.actor.member, "") if found.duty and call.actor.member else None,
        reads_others=found.reads_others,
    )


async def begin(call: Call, body: s.BeginReport) -> s.ReportView:
    end = day("periodEnd", body.period_end) if body.period_end else None
    if end is None:
        duty = (await reportduties.own_reports(call.store, call.actor, call.now, RULES)).duty
        end = duty.due_on if duty else period_end(day_of(call.now), QUARTER)
    command = reports.BeginReport(body.report_id or secrets.token_hex(16), end, body.title, body.text)
    made = await reports.begin(call.store, call.actor, command, call.now)
    return await _view(call, made.report_id)


async def report(call: Call) -> s.ReportView:
    return await _view(call, call.ids["reportId"])


async def save(call: Call, body: s.SaveReport) -> s.ReportView:
    command = reports.SaveReport(call.ids["reportId"], body.revision, body.title, body.text)
    await reports.save(call.store, call.actor, command, call.now)
    return await report(call)


async def discard(call: Call) -> Done:
    await reports.discard(call.store, call.actor, call.ids["reportId"], call.now)
    return Done()


async def hand_in(call: Call, body: s.HandIn) -> s.ReportView:
    await reports.hand_in(call.store, call.actor, call.ids["reportId"], body.revision, call.now)
    return await report(call)


async def take_back(call: Call) -> s.ReportView:
    await reports.take_back(call.store, call.actor, call.ids["reportId"], call.now)
    return await report(call)


async def give_back(call: Call, body: s.ReportAnswer) -> s.ReportView:
    await reports.give_back(call.store, call.actor, call.ids["reportId"], body.note, call.now)
    return await report(call)


async def answer(call: Call, body: s.ReportAnswer) -> s.ReportView:
    await reports.answer(call.store, call.actor, call.ids["reportId"], body.note, call.now)
    return await report(call)


async def attach(call: Call) -> s.AttachmentLine:
    return await attachments.added(call, f"report:{call.ids['reportId']}")


async def tray(call: Call, query: s.ReportTraySearch) -> s.ReportTray:
    states = frozenset({ReportState(query.state)})
    found = await reportduties.in_tray(call.store, call.actor, states, call.now, query.page, query.page_size)
    items = [_line(one, found.members[one.member_id].name, titled=False) for one in found.reports]
    return s.ReportTray(items=items, total=found.total, page=query.page, page_size=query.page_size)


async def due(call: Call, query: s.ReportDutySearch) -> s.ReportDuties:
    found = await reportduties.branch_duties(call.store, call.actor, call.now, RULES, query.org_id)
    async with call.store.reading() as uow:
        homes = await uow.organisations.many({line.member.home_branch_id for line in found})
    items = [duty_line(line.duty, line.member, homes[line.member.home_branch_id].name) for line in found]
    return s.ReportDuties(items=items, overdue=sum(line.duty.state in reportduties.LATE for line in found))


async def _view(call: Call, report_id: str) -> s.ReportView:
    found = await reports.open_report(call.store, call.actor, report_id, call.now)
    head = _line(found.report, found.member.name)
    steps = [
        s.ReportStepLine(kind=step.kind.value, at=iso(step.at), by=found.names.get(step.account_id, ""), note=step.note)
        for step in found.steps
    ]
    return s.ReportView(
        **head.model_dump(),
        text=found.report.text,
        revision=found.report.revision,
        steps=steps,
        attachments=[attachments.line(one) for one in found.attachments],
        mine=found.mine,
        may_write=found.mine and found.report.state in WRITABLE,
        may_answer=found.may_answer,
    )


def _line(one: ThoughtReport, name: str, titled: bool = True) -> s.ReportLine:
    """`titled` False: what stands in the row may have been changed since it was handed in."""
    return s.ReportLine(
        report_id=one.report_id,
        member_id=one.member_id,
        member_name=name,
        title=one.title if titled else "",
        period_end=one.period_end.isoformat(),
        state=one.state.value,
        changed_at=iso(one.changed_at),
        handed_in_at=iso_or_none(one.handed_in_at),
        read_at=iso_or_none(one.read_at),
    )


def duty_line(duty: ReportDuty, member: Member, branch: str) -> s.ReportDutyLine:
    clause = RULES.clause(duty.basis)
    return s.ReportDutyLine(
        member_id=duty.member_id,
        member_name=member.name,
        stage=member.stage.value,
        branch_name=branch,
        due_on=duty.due_on.isoformat(),
        state=duty.state.value,
        last_on=day_or_none(duty.last_on),
        months=duty.months,
        basis_zh=clause.basis_zh,
        basis_en=clause.basis_en,
    )
