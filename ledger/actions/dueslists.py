"""How members of the branches one is responsible for, or audits, stand by their dues: everybody, those behind, those not in the book."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..access import Action, Actor, reach_of
from ..dues import DuesStanding
from ..duesports import DuesFilter, DuesQuery
from ..duesrules import DEFAULT, DuesRules
from ..model import Member, OrgUnit, day_of
from ..ports import Reach, Store
from ..rules.dues import DuesDue, next_due, owed_before


@dataclass(frozen=True, slots=True)
class SearchDues:
    filter: DuesFilter = DuesFilter.ALL
    text: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class DuesLine:
    member: Member
    home: OrgUnit
    standing: DuesStanding | None
    due: DuesDue | None


@dataclass(frozen=True, slots=True)
class DuesPage:
    lines: list[DuesLine]
    total: int
    counts: dict[DuesFilter, int]
    may_record: bool


async def search_dues(store: Store, actor: Actor, command: SearchDues, now: float, rules: DuesRules = DEFAULT) -> DuesPage:
    """Within the actor's reach: a branch's secretary the branch, an administrator or auditor everything below."""
    reach, today = reach_of(actor, Action.SEE_DUES), day_of(now)
    size = min(max(1, command.page_size), 200)
    month, quarter = owed_before(today, quarterly=False), owed_before(today, quarterly=True)
    query = DuesQuery(reach, _before(month), _before(quarter), command.filter, command.text.strip(), max(1, command.page), size)
    async with store.reading() as uow:
        ids, found_by = await uow.dues.search(query)
        members, standings = await uow.members.many(ids), await uow.dues.standings(ids)
        units = await uow.organisations.many({one.home_branch_id for one in members.values()})
        counts = (await uow.dues.search(replace(query, text="", page_size=1)))[1] if query.text else found_by
    found = [(members[key], standings.get(key)) for key in ids]
    lines = [DuesLine(one, units[one.home_branch_id], held, next_due(held, rules, today) if held else None) for one, held in found]
    return DuesPage(lines, found_by[query.filter], counts, _anywhere(reach_of(actor, Action.RECORD_DUES)))


def _before(month: str) -> str:
    """Paid until the month before is paid far enough."""
    year, number = map(int, month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def _anywhere(reach: Reach) -> bool:
    return reach.everywhere or bool(reach.paths or reach.org_ids)
