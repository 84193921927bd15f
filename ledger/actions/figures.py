"""Dashboards: what is counted for an organisation and all below it, and the list behind each number.

One question for each kind of number, whatever the size of the tree; children are summed from their branches here. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..access import Action, Actor, may, organisation_for, organisation_target
from ..clocks import contact_due
from ..figures import IDLE_DAYS, BranchFigures, Cuts, Dashboard, Line, LineQuery
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import Access, Member, OrgKind, OrgUnit, day_of
from ..ports import Reach, Store, UnitOfWork
from .transferlists import Box, counts_below

MOST_EXPORTED = 50_000


@dataclass(frozen=True, slots=True)
class Overview:
    """A dashboard with its names. `parents`: those above that the actor may look at, from the top; `leaves`: nothing lies below them."""

    dashboard: Dashboard
    names: dict[str, str]
    parents: tuple[str, ...]
    leaves: frozenset[str]
    transfers: dict[Box, int]


@dataclass(frozen=True, slots=True)
class NamedLine:
    line: Line
    org: OrgUnit
    member: Member | None


@dataclass(frozen=True, slots=True)
class LinePage:
    lines: list[NamedLine]
    total: int


def cuts_of(today: date, rules: MobilityRules = DEFAULT) -> Cuts:
    return Cuts(today, contact_due(rules, today), tuple((days, today - timedelta(days=days)) for days in IDLE_DAYS))


async def dashboard(store: Store, actor: Actor, org_id: str, year: int | None, now: float) -> Overview:
    """`year`: of the completion of meetings, this one where none is named."""
    today = day_of(now)
    async with store.reading() as uow:
        org = await organisation_for(uow, actor, org_id, Action.SEE_FIGURES)
        branches = await uow.figures.of_branches(org.path, cuts_of(today))
        units = await uow.organisations.within(Reach(paths=(org.path,)))
        above = (await uow.organisations.many(org.path.split("/")[1:-2])).values()
        board = Dashboard(
            org_id,
            today,
            year or today.year,
            summed(org_id, branches),
            children_of(org, units, branches),
            await uow.figures.branches(org.path),
            tuple(await uow.figures.flows(org.path)),
            tuple(await uow.figures.held(org.path, year or today.year)),
        )
        transfers = await counts_below(uow, org.path, now)
    shown = {org_id, *(one.org_id for one in board.children)}
    parents = [one for one in sorted(above, key=lambda one: len(one.path)) if _may_see(actor, one)]
    named = {one.org_id: one.name for one in parents} | {one.org_id: one.name for one in units if one.org_id in shown}
    # Party groups are nobody's home: for a dashboard a branch has nothing below it.
    inner = {one.parent_id for one in units if one.kind is not OrgKind.PARTY_GROUP}
    return Overview(board, named, tuple(one.org_id for one in parents), frozenset(shown - inner), transfers)


def _may_see(actor: Actor, org: OrgUnit) -> bool:
    return may(actor, Action.SEE_FIGURES, organisation_target(org))


async def lines(store: Store, actor: Actor, org_id: str, query: LineQuery, now: float) -> LinePage:
    """`query.path` is of no importance: the organisation's own is taken. `query.form` is one of REQUIRED."""
    async with store.reading() as uow:
        org = await organisation_for(uow, actor, org_id, Action.SEE_FIGURES)
        found, total = await uow.figures.lines(replace(query, path=org.path), cuts_of(day_of(now)))
        return LinePage(await _named(uow, found), total)


async def exported(store: Store, actor: Actor, org_id: str, query: LineQuery, now: float) -> list[NamedLine]:
    """All of them on one page, for a file. Logged: who took which list away."""
    found = (await lines(store, actor, org_id, replace(query, page=1, page_size=MOST_EXPORTED), now)).lines
    async with store.writing() as uow:
        org = await organisation_for(uow, actor, org_id, Action.SEE_FIGURES)
        detail = {"behind": query.behind.value, "rows": str(len(found))}
        await uow.access_log.append([Access(now, actor.account_id, "exportFigures", f"org:{org_id}", org.path, detail)])
    return found


def summed(org_id: str, branches: Sequence[BranchFigures]) -> BranchFigures:
    total = BranchFigures(org_id)
    for one in branches:
        total = total.plus(one)
    return total


def children_of(org: OrgUnit, units: Sequence[OrgUnit], branches: Sequence[BranchFigures]) -> tuple[BranchFigures, ...]:
    """The organisations right below with the sums of everything below them, in the order of the tree; members of the organisation itself
    stand under its own id."""
    depth = org.path.count("/")
    paths = {unit.org_id: unit.path for unit in units}
    sums: dict[str, BranchFigures] = {}
    for one in branches:
        parts = paths[one.org_id].split("/")
        key = parts[depth] if len(parts) > depth + 1 else org.org_id
        sums[key] = sums.get(key, BranchFigures(key)).plus(one)
    return tuple(sums[unit.org_id] for unit in units if unit.org_id in sums)


async def _named(uow: UnitOfWork, found: Sequence[Line]) -> list[NamedLine]:
    members = await uow.members.many({line.member_id for line in found if line.member_id})
    units = await uow.organisations.many({line.org_id for line in found})
    return [NamedLine(line, units[line.org_id], members.get(line.member_id or "")) for line in found]
