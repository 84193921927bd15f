"""What dashboards count, in SQL: one grouped question for each kind of number, bounded by the subtree. Promises: `ledger.figureports`.

The latest day of organisational life is kept beside the days; the fence (`OFFSET 0`) keeps databases from joining it anew for every number
of days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, literal, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

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
from ..mobility import ContactStatus, RegistrationState
from ..model import CHINA, ON_THE_ROLL, MeetingForm, MeetingState, Stage
from ..ports import Reach
from . import tables
from . import tables_mobility as t
from .marks import MOST_KEPT_LINES
from .reaching import Ground, Where, below
from .sql_mobility import not_reached

_reg = t.floating_registrations.c
_member = tables.members.c


_AWAY = (tables.organisations, t.floating_registrations)
#: What each list is taken from.
_SOURCES: Mapping[Behind, tuple[Table, ...]] = {
    Behind.AWAY: _AWAY,
    Behind.LATE: _AWAY,
    Behind.CONTACT_OVERDUE: (*_AWAY, t.contact_entries),
    Behind.OUT_OF_CONTACT: _AWAY,
    Behind.IDLE: (tables.organisations, tables.members, t.last_life_days, t.org_relations),
    Behind.NOT_HELD: (tables.organisations, tables.meetings),
}


def _count(*where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((and_(*where), 1), else_=0))


class SqlFigures:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def of_branches(self, path: str, cuts: Cuts) -> list[BranchFigures]:
        here = await self._here(path)
        on_roll = _member.status.in_(sorted(status.value for status in ON_THE_ROLL)) & here.holds(_member.home_branch_id)
        members = (
            select(_member.home_branch_id, func.count(), _count(_member.stage == Stage.PROBATIONARY.value))
            .where(on_roll)
            .group_by(_member.home_branch_id)
        )
        open_here = _reg.closed_at.is_(None) & here.holds(_reg.home_branch_id)
        awaiting = _reg.state == RegistrationState.AWAITING_REPORT_IN.value
        away = (
            select(
                _reg.home_branch_id,
                func.count(),
                _count(awaiting),
                _count(awaiting, _reg.report_in_due_on < cuts.today),
                _count(not_reached(cuts.contact)),
                _count(_reg.contact_status == ContactStatus.OUT_OF_CONTACT.value),
            )
            .where(open_here)
            .group_by(_reg.home_branch_id)
        )
        found = {row[0]: BranchFigures(row[0], row[1], row[2]) for row in await self._connection.execute(members)}
        for row in await self._connection.execute(away):
            found[row[0]] = found.get(row[0], BranchFigures(row[0])).plus(BranchFigures(row[0], 0, 0, *row[1:]))
        for row in await self._connection.execute(_idle_by_branch(here, cuts)):
            found[row[0]] = found[row[0]].plus(BranchFigures(row[0], idle=tuple(row[1:])))
        return [found[key] for key in sorted(found)]

    async def flows(self, path: str) -> list[FlowCount]:
        counts, here = list[FlowCount](), await self._here(path)
        for flow in Flow:
            for key in FlowKey:
                value = _flow_value(key)
                query = select(value, func.count()).where(_flowing(flow, here)).group_by(value)
                rows = Counter({row[0] or "": row[1] for row in await self._connection.execute(query)})
                counts += [FlowCount(flow, key, name, rows[name]) for name in sorted(rows, key=lambda name: (-rows[name], name))]
        return counts

    async def branches(self, path: str) -> int:
        return await self._connection.scalar(select(func.count()).select_from(tables.organisations).where(_holding(path))) or 0

    async def held(self, path: str, year: int) -> list[HeldCount]:
        """One question: how many meetings of each form each branch held in each quarter, and how many branches held enough of them."""
        wanted = [(form, quarter) for form in REQUIRED for quarter in QUARTERS]
        of_branches = _held(path, await self._here(path), year, wanted).subquery()
        enough = [
            func.coalesce(_count(of_branches.c[f"held_{place}"] >= REQUIRED[form]), 0) for place, (form, _) in enumerate(wanted)
        ]  # fmt: skip
        row = (await self._connection.execute(select(*enough))).one()
        return [HeldCount(form, quarter, int(count)) for (form, quarter), count in zip(wanted, row, strict=True)]

    async def lines(self, query: LineQuery, cuts: Cuts) -> tuple[list[Line], int]:
        """Page and total in one pass; only a page beyond the last has to be counted for."""
        if query.page_size > MOST_KEPT_LINES:
            return await self._lines(query, cuts)
        found, total = await self._ground.memory.of(_SOURCES[query.behind], (query, cuts), lambda: self._lines(query, cuts))
        return list(found), total

    async def _lines(self, query: LineQuery, cuts: Cuts) -> tuple[list[Line], int]:
        wanted = _behind(query, cuts, await self._here(query.path)).subquery()
        listed = wanted.c
        ordered = select(*listed, func.count().over().label("total")).order_by(
            listed.since.is_not(None), listed.since, listed.org_id, listed.member_id
        )
        rows = (await self._connection.execute(ordered.limit(query.page_size).offset((query.page - 1) * query.page_size))).all()
        if not rows:
            return [], (await self._connection.scalar(select(func.count()).select_from(wanted)) or 0) if query.page > 1 else 0
        return [Line(row.org_id, row.member_id, row.since, row.subject, str(row.detail)) for row in rows], rows[0].total

    async def _here(self, path: str) -> Where:
        return await self._ground.where(Reach(paths=(path,)))


# --- idle ------------------------------------------------------------------------------------------------------------------------------


def _lives(here: Where) -> Any:
    """(branch, member, last day of life or null) of everybody expected on the roll of the subtree."""
    last = t.last_life_days
    on_roll = _member.status.in_(sorted(status.value for status in ON_THE_ROLL)) & ~_member.exempt
    return (
        select(_member.home_branch_id.label("org_id"), _member.member_id, last.c.on.label("last"))
        .select_from(tables.members.outerjoin(last, last.c.member_id == _member.member_id))
        .where(on_roll & here.holds(_member.home_branch_id))
        .offset(0)
        .subquery()
    )


def _is_idle(lives: Any, cut: Any) -> ColumnElement[bool]:
    """Without a day since the cut; whoever has none at all counts from when records of them begin, which is looked up of them only."""
    instant = datetime(cut.year, cut.month, cut.day, tzinfo=CHINA).timestamp()
    relation = t.org_relations.c
    known_since = select(func.min(relation.since)).where(relation.member_id == lives.c.member_id).scalar_subquery()
    return or_(lives.c.last < cut, and_(lives.c.last.is_(None), known_since < instant))


def _idle_by_branch(here: Where, cuts: Cuts) -> Select[Any]:
    lives = _lives(here)
    return select(lives.c.org_id, *(_count(_is_idle(lives, cut)) for _, cut in cuts.idle)).group_by(lives.c.org_id)


# --- flows and meetings ------------------------------------------------------------------------------------------------------------------


def _flow_value(key: FlowKey) -> ColumnElement[str]:
    if key is FlowKey.PLACE:
        return case((_reg.place_country == "CN", func.substr(_reg.place_code, 1, 2)), else_=ABROAD + _reg.place_country)
    return {FlowKey.REASON: _reg.reason, FlowKey.INDUSTRY: _reg.industry, FlowKey.RANGE: _reg.flow_range}[key]


def _flowing(flow: Flow, here: Where) -> ColumnElement[bool]:
    if flow is Flow.OUT:
        return _reg.closed_at.is_(None) & here.holds(_reg.home_branch_id)
    entered = or_(here.named(_reg.host_branch_id), here.named(_reg.host_org_id))
    return _reg.closed_at.is_(None) & entered & ~here.holds(_reg.home_branch_id)


def _holding(path: str) -> ColumnElement[bool]:
    column = tables.organisations.c
    return column.kind.in_([kind.value for kind in HOLDING]) & column.closed_at.is_(None) & below(column.path, path)


def _held(path: str, here: Where, year: int, wanted: Sequence[tuple[MeetingForm, int]]) -> Select[Any]:
    """A row for each branch, with a column held_0, held_1, … for each form and quarter."""
    meeting, org = tables.meetings.c, tables.organisations.c
    columns = [_count(meeting.form == form.value, *_between(quarter_bounds(year, quarter))) for form, quarter in wanted]
    in_year = _between((quarter_bounds(year, QUARTERS[0])[0], quarter_bounds(year, QUARTERS[-1])[1]))
    ended = meeting.state == MeetingState.ENDED.value
    joined = tables.meetings.join(tables.organisations, org.org_id == meeting.org_id)
    labelled = [column.label(f"held_{place}") for place, column in enumerate(columns)]
    query = select(meeting.org_id, *labelled).select_from(joined).where(ended, *in_year, here.holds(meeting.org_id), _holding(path))
    return query.group_by(meeting.org_id)


def _between(bounds: tuple[float, float]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    planned = tables.meetings.c.planned_start
    return planned >= bounds[0], planned < bounds[1]


# --- behind the numbers ------------------------------------------------------------------------------------------------------------------


def _behind(query: LineQuery, cuts: Cuts, here: Where) -> Select[Any]:
    if query.behind is Behind.IDLE:
        lives = _lives(here)
        cut = dict(cuts.idle)[query.days]
        since, nothing = lives.c.last.label("since"), literal("").label("detail")
        return select(lives.c.org_id, lives.c.member_id, since, lives.c.member_id.label("subject"), nothing).where(_is_idle(lives, cut))
    if query.behind is Behind.NOT_HELD:
        return _not_held(query)
    return _away(query, cuts, here)


def _away(query: LineQuery, cuts: Cuts, here: Where) -> Select[Any]:
    awaiting = _reg.state == RegistrationState.AWAITING_REPORT_IN.value
    since: dict[Behind, Any] = {Behind.LATE: _reg.report_in_due_on, Behind.OUT_OF_CONTACT: _reg.lost_on}
    conditions: dict[Behind, ColumnElement[bool]] = {
        Behind.LATE: and_(awaiting, _reg.report_in_due_on < cuts.today),
        Behind.CONTACT_OVERDUE: not_reached(cuts.contact),
        Behind.OUT_OF_CONTACT: _reg.contact_status == ContactStatus.OUT_OF_CONTACT.value,
    }
    parts = [_reg.closed_at.is_(None), here.holds(_reg.home_branch_id)]
    if query.behind in conditions:
        parts.append(conditions[query.behind])
    if query.key is not None:
        parts.append(_flow_value(query.key) == query.value)
    return select(
        _reg.home_branch_id.label("org_id"),
        _reg.member_id,
        since.get(query.behind, _reg.left_on).label("since"),
        _reg.registration_id.label("subject"),
        _reg.place_name.label("detail"),
    ).where(*parts)


def _not_held(query: LineQuery) -> Select[Any]:
    """Branches with too few meetings, and how many they held."""
    meeting, org = tables.meetings.c, tables.organisations.c
    first, after = quarter_bounds(query.year, query.quarter)
    counted = (
        select(func.count())
        .where((meeting.org_id == org.org_id) & (meeting.form == query.form.value) & (meeting.state == MeetingState.ENDED.value))
        .where((meeting.planned_start >= first) & (meeting.planned_start < after))
        .scalar_subquery()
    )
    found = select(org.org_id, counted.label("detail")).where(_holding(query.path)).offset(0).subquery()
    return select(
        found.c.org_id,
        null().label("member_id"),
        null().label("since"),
        found.c.org_id.label("subject"),
        found.c.detail,
    ).where(found.c.detail < REQUIRED[query.form])
