"""What dashboards count, in memory. Promises are in `ledger.figureports`."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from ..figures import (
    ABROAD,
    HOLDING,
    QUARTERS,
    REQUIRED,
    Behind,
    BranchFigures,
    Cuts,
    Flow,
    FlowCount,
    FlowKey,
    HeldCount,
    Line,
    LineQuery,
    quarter_bounds,
)
from ..mobility import ContactStatus, FloatingRegistration, RegistrationState
from ..model import CHINA, ON_THE_ROLL, MeetingForm, MeetingState, Member, Stage
from .memory_books import Books


class MemoryFigures:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def of_branches(self, path: str, cuts: Cuts) -> list[BranchFigures]:
        found: dict[str, BranchFigures] = {}
        for member in self._members(path):
            last, known_since = self._life(member)
            idle = tuple(int(_is_idle(member, last, known_since, cut)) for _, cut in cuts.idle)
            probationary = int(member.stage is Stage.PROBATIONARY)
            _add(found, BranchFigures(member.home_branch_id, 1, probationary, idle=idle))
        for one in self._open(path):
            awaiting = one.state is RegistrationState.AWAITING_REPORT_IN
            late = awaiting and one.report_in_due_on is not None and one.report_in_due_on < cuts.today
            lost = one.contact_status is ContactStatus.OUT_OF_CONTACT
            counted = (1, int(awaiting), int(late), int(self._not_reached(one, cuts)), int(lost))
            _add(found, BranchFigures(one.home_branch_id, 0, 0, *counted))
        return [found[key] for key in sorted(found)]

    async def flows(self, path: str) -> list[FlowCount]:
        counts: list[FlowCount] = []
        for flow in Flow:
            flowing = self._open(path) if flow is Flow.OUT else self._hosted(path)
            for key in FlowKey:
                rows = Counter(_flow_value(one, key) for one in flowing)
                counts += [FlowCount(flow, key, name, rows[name]) for name in sorted(rows, key=lambda name: (-rows[name], name))]
        return counts

    async def branches(self, path: str) -> int:
        return len(self._holding(path))

    async def held(self, path: str, year: int) -> list[HeldCount]:
        return [
            HeldCount(form, quarter, sum(self._held(org_id, form, year, quarter) >= required for org_id in self._holding(path)))
            for form, required in REQUIRED.items()
            for quarter in QUARTERS
        ]

    async def lines(self, query: LineQuery, cuts: Cuts) -> tuple[list[Line], int]:
        if query.behind is Behind.IDLE:
            found = self._idle(query, cuts)
        elif query.behind is Behind.NOT_HELD:
            counts = {org_id: self._held(org_id, query.form, query.year, query.quarter) for org_id in self._holding(query.path)}
            found = [Line(key, subject=key, detail=str(count)) for key, count in counts.items() if count < REQUIRED[query.form]]
        else:
            found = self._away(query, cuts)
        ordered = sorted(found, key=lambda line: (line.since or date.min, line.org_id, line.member_id or ""))
        return ordered[(query.page - 1) * query.page_size : query.page * query.page_size], len(found)

    def _idle(self, query: LineQuery, cuts: Cuts) -> list[Line]:
        cut = dict(cuts.idle)[query.days]
        lives = [(one, *self._life(one)) for one in self._members(query.path)]
        return [
            Line(one.home_branch_id, one.member_id, last, one.member_id)
            for one, last, known_since in lives
            if _is_idle(one, last, known_since, cut)
        ]

    def _away(self, query: LineQuery, cuts: Cuts) -> list[Line]:
        found = []
        for one in self._open(query.path):
            awaiting = one.state is RegistrationState.AWAITING_REPORT_IN
            late = awaiting and one.report_in_due_on is not None and one.report_in_due_on < cuts.today
            holds = {
                Behind.LATE: late,
                Behind.CONTACT_OVERDUE: self._not_reached(one, cuts),
                Behind.OUT_OF_CONTACT: one.contact_status is ContactStatus.OUT_OF_CONTACT,
            }
            if holds.get(query.behind, True) and (query.key is None or _flow_value(one, query.key) == query.value):
                since = {Behind.LATE: one.report_in_due_on, Behind.OUT_OF_CONTACT: one.lost_on}.get(query.behind, one.report.left_on)
                found.append(Line(one.home_branch_id, one.member_id, since, one.registration_id, one.destination.name))
        return found

    def _places(self, path: str) -> set[str]:
        return {unit.org_id for unit in self._books.organisations.values() if unit.path.startswith(path)}

    def _holding(self, path: str) -> list[str]:
        units = self._books.organisations.values()
        return sorted(one.org_id for one in units if one.kind in HOLDING and one.closed_at is None and one.path.startswith(path))

    def _members(self, path: str) -> list[Member]:
        places = self._places(path)
        return [one for one in self._books.members.values() if one.status in ON_THE_ROLL and one.home_branch_id in places]

    def _open(self, path: str) -> list[FloatingRegistration]:
        places = self._places(path)
        return [one for one in self._books.registrations.values() if one.closed_at is None and one.home_branch_id in places]

    def _hosted(self, path: str) -> list[FloatingRegistration]:
        places = self._places(path)
        found = (one for one in self._books.registrations.values() if one.closed_at is None and one.home_branch_id not in places)
        return [one for one in found if one.host_branch_id in places or one.host_org_id in places]

    def _life(self, member: Member) -> tuple[date | None, float | None]:
        days = (one.on for kept in self._books.life_days.values() for one in kept if one.member_id == member.member_id)
        return max(days, default=None), min((one.since for one in self._books.org_relations.get(member.member_id, ())), default=None)

    def _held(self, org_id: str, form: MeetingForm, year: int, quarter: int) -> int:
        first, after = quarter_bounds(year, quarter)
        ended = (one for one in self._books.meetings.values() if one.state is MeetingState.ENDED and one.form is form)
        return sum(one.org_id == org_id and first <= one.planned_start < after for one in ended)

    def _not_reached(self, one: FloatingRegistration, cuts: Cuts) -> bool:
        since = cuts.contact.abroad_since if one.abroad else cuts.contact.inland_since
        entries: Any = self._books.contacts.values()
        reached = any(entry.member_id == one.member_id and entry.reached and entry.on >= since for entry in entries)
        return one.report.left_on < since and not reached


def _add(found: dict[str, BranchFigures], more: BranchFigures) -> None:
    found[more.org_id] = found.get(more.org_id, BranchFigures(more.org_id)).plus(more)


def _is_idle(member: Member, last: date | None, known_since: float | None, cut: date) -> bool:
    if member.exempt:
        return False
    if last is not None:
        return last < cut
    return known_since is not None and known_since < datetime(cut.year, cut.month, cut.day, tzinfo=CHINA).timestamp()


def _flow_value(one: FloatingRegistration, key: FlowKey) -> str:
    place, report = one.destination, one.report
    if key is FlowKey.PLACE:
        return place.code[:2] if place.country == "CN" else ABROAD + place.country
    return {FlowKey.REASON: report.reason.value, FlowKey.INDUSTRY: report.industry, FlowKey.RANGE: report.flow_range.value}[key]
