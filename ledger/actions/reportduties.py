"""What is due of thought reports: one's own, a branch's list, and the daily reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..access import ACTING_POSTS, Action, Actor, organisation_for, reach_of
from ..kinds.reports import REPORT_DUE, REPORT_OVERDUE, REPORTS_OUTSTANDING
from ..mobility import OPEN_REGISTRATION, FloatingRegistration
from ..mobilityports import RegistrationQuery
from ..mobilityrules import MobilityRules
from ..model import BEFORE_ADMISSION, REPORTING, Member, Stage, day_of
from ..notifying import Notification
from ..ports import MemberQuery, Reach, Store, UnitOfWork
from ..recipients import acting_for, alone_below
from ..reportports import ReportQuery
from ..reports import ReportState, ThoughtReport
from ..rules.duties import DutyRecord
from ..rules.reportduties import ReportDuty, ReportDutyState, report_duty, with_since

MOST_LOOKED_AFTER = 1_000
PAGE = 1_000  # members looked at in one transaction of the daily round: others wait meanwhile, for some fifty milliseconds
LATE = frozenset({ReportDutyState.OVERDUE, ReportDutyState.ESCALATED})


@dataclass(frozen=True, slots=True)
class DutyLine:
    member: Member
    duty: ReportDuty


@dataclass(frozen=True, slots=True)
class OwnReports:
    """`reads_others`: reports may be handed in to the actor, as secretary or liaison."""

    reports: list[ThoughtReport]
    duty: ReportDuty | None
    reads_others: bool = False


@dataclass(frozen=True, slots=True)
class InTray:
    """Reports waiting to be read or answered by the actor, longest first, with whose they are."""

    reports: list[ThoughtReport]
    total: int
    members: dict[str, Member]


async def own_reports(store: Store, actor: Actor, now: float, rules: MobilityRules) -> OwnReports:
    if actor.member is None:
        return OwnReports([], None)
    async with store.reading() as uow:
        reports = await uow.reports.of_member(actor.member.member_id)
        duties = await duties_of(uow, [actor.member], now, rules)
        looked_after = await _looked_after(uow, actor, now)
    reads_others = bool(looked_after or reach_of(actor, Action.ANSWER_REPORT).org_ids)
    return OwnReports(reports, duties.get(actor.member.member_id), reads_others)


async def in_tray(store: Store, actor: Actor, states: frozenset[ReportState], now: float, page: int = 1, page_size: int = 50) -> InTray:
    """Drafts are never asked for here, so that nobody finds one by a filter."""
    reach = reach_of(actor, Action.ANSWER_REPORT)
    async with store.reading() as uow:
        query = ReportQuery(reach, await _looked_after(uow, actor, now), states - {ReportState.DRAFT}, page=page, page_size=page_size)
        found, total = await uow.reports.search(query)
        return InTray(found, total, await uow.members.many({one.member_id for one in found}))


async def _looked_after(uow: UnitOfWork, actor: Actor, now: float) -> frozenset[str]:
    """Members who are away and with whom the actor keeps in touch, and the only secretaries of branches right below."""
    if actor.member_id is None:
        return frozenset()
    query = RegistrationQuery(
        Reach(everywhere=True), Reach(), now, OPEN_REGISTRATION, liaison_id=actor.member_id, page_size=MOST_LOOKED_AFTER
    )
    away = [one.member_id for one in (await uow.registrations.search(query))[0]]
    return frozenset([*away, *await alone_below(uow, {post.org_id for post in actor.posts if post.kind in ACTING_POSTS})])


async def branch_duties(store: Store, actor: Actor, now: float, rules: MobilityRules, org_id: str | None = None) -> list[DutyLine]:
    """Everybody of the actor's branches who owes reports, the most overdue first."""
    reach = reach_of(actor, Action.ANSWER_REPORT)
    async with store.reading() as uow:
        if org_id is not None:
            org = await organisation_for(uow, actor, org_id, Action.ANSWER_REPORT)
            reach = Reach(org_ids=frozenset({org.org_id}))
        members = [one for one in await uow.members.within(reach) if one.status in REPORTING]
        duties = await duties_of(uow, members, now, rules)
    lines = [DutyLine(one, duties[one.member_id]) for one in members if one.member_id in duties]
    return sorted(lines, key=lambda line: (line.duty.due_on, line.member.number))


async def duties_of(uow: UnitOfWork, members: Sequence[Member], now: float, rules: MobilityRules) -> dict[str, ReportDuty]:
    """Member → what is owed; those who owe nothing are left out."""
    today, ids = day_of(now), [one.member_id for one in members]
    away = await uow.registrations.open_of(ids)
    known, last = await uow.reports.owed_since(ids), await uow.reports.last_handed_in(ids)
    found: dict[str, ReportDuty] = {}
    for one in members:
        record = _record(one, away.get(one.member_id), today, last.get(one.member_id))
        duty = report_duty(with_since(record, one.joined_on, known.get(one.member_id), rules, today), rules, today)
        if duty is not None:
            found[one.member_id] = duty
    return found


async def remind(store: Store, now: float, rules: MobilityRules) -> int:
    """The daily round: members whose report is near or past its day are told, once for each; so is the branch, once for each late day.

    Answers how many notifications were new. Doing it twice is doing it once.
    """
    told, page = 0, 1
    while True:
        async with store.writing() as uow:
            members, total = await _asked(uow, page)
            told += await _remind(uow, members, now, rules)
        if page * PAGE >= total:
            return told
        page += 1


async def _asked(uow: UnitOfWork, page: int) -> tuple[list[Member], int]:
    """Everybody, page by page. Those of whom nothing is asked cost one comparison."""
    return await uow.members.search(MemberQuery(Reach(everywhere=True), page=page, page_size=PAGE))


async def _remind(uow: UnitOfWork, members: Sequence[Member], now: float, rules: MobilityRules) -> int:
    today = day_of(now)
    attending = [one for one in members if one.status in REPORTING]
    duties = await duties_of(uow, attending, now, rules)
    known = await uow.reports.owed_since(duties.keys())
    unknown = [one for one in attending if one.member_id in duties and one.member_id not in known]
    away = await uow.registrations.open_of([one.member_id for one in unknown])
    fresh = {one.member_id: _first_seen(one, away.get(one.member_id), rules, today) for one in unknown}
    await uow.reports.set_owed_since(fresh)
    notes = [note for duty in duties.values() if (note := _reminder(duty, now)) is not None]
    notes += await _to_branches(uow, attending, duties, now)
    return len(await uow.notifications.add(notes))


def _first_seen(member: Member, away: FloatingRegistration | None, rules: MobilityRules, today: date) -> date:
    since = with_since(_record(member, away, today, None), member.joined_on, None, rules, today).thought_reports_since
    return since or today


def _record(member: Member, away: FloatingRegistration | None, today: date, last: float | None) -> DutyRecord:
    """Who is registered as away, or takes part elsewhere, is away; the duty has a beginning of its own."""
    left = away.report.left_on if away else today if member.host_branch_id is not None else None
    handed = day_of(last) if last is not None else None
    return DutyRecord(
        member.member_id,
        probationary=member.stage is Stage.PROBATIONARY,
        applying=member.stage if member.stage in BEFORE_ADMISSION else None,
        left_on=left,
        last_thought_report_on=handed,
    )


def _reminder(duty: ReportDuty, now: float) -> Notification | None:
    kind = {ReportDutyState.SOON: REPORT_DUE, ReportDutyState.OVERDUE: REPORT_OVERDUE}.get(duty.state)
    if kind is None:
        return None
    key = f"{kind.code}:{duty.due_on}"
    return kind.to(duty.member_id, f"member:{duty.member_id}", now, key, day=duty.due_on.isoformat())


async def _to_branches(uow: UnitOfWork, members: Sequence[Member], duties: dict[str, ReportDuty], now: float) -> list[Notification]:
    """The secretary is told once for each day on which reports of the branch came due and did not come."""
    late: dict[tuple[str, date], None] = {}
    for one in members:
        duty = duties.get(one.member_id)
        if duty is not None and duty.state in LATE:
            late[one.home_branch_id, duty.due_on] = None
    notes: list[Notification] = []
    for org_id, due_on in late:
        org = await uow.organisations.get(org_id)
        for person in await acting_for(uow, org_id, now):
            key = f"reportsOutstanding:{org_id}:{due_on}"
            notes.append(REPORTS_OUTSTANDING.to(person, f"org:{org_id}", now, key, org=org.name if org else "–"))
    return notes
