"""How members of the branches one is responsible for, or audits, stand by their dues: everybody, those behind, those not in the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..access import Action, Actor, may_somewhere, reach_of, require_somewhere
from ..dues import DuesStanding
from ..duesports import DuesFilter, DuesQuery
from ..duesrules import DEFAULT, DuesRules
from ..model import Member, OrgUnit, day_of
from ..ports import Reach, Store, UnitOfWork
from ..rules.dues import DuesDue, next_due, owed_before
from ..surroundings import log_taken


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


MOST_EXPORTED = 50_000


async def search_dues(store: Store, actor: Actor, command: SearchDues, now: float, rules: DuesRules = DEFAULT) -> DuesPage:
    """Within the actor's reach: a branch's secretary the branch, an administrator or auditor everything below."""
    query = _query(reach_of(actor, Action.SEE_DUES), replace(command, page_size=min(max(1, command.page_size), 200)), now)
    async with store.reading() as uow:
        ids, found_by = await uow.dues.search(query)
        lines = await _lines(uow, ids, now, rules)
        counts = (await uow.dues.search(replace(query, text="", page_size=1)))[1] if query.text else found_by
    return DuesPage(lines, found_by[query.filter], counts, may_somewhere(actor, Action.RECORD_DUES))


async def export_dues(store: Store, actor: Actor, command: SearchDues, now: float, rules: DuesRules = DEFAULT) -> list[DuesLine]:
    """The same list as a whole, for a file. Logged: who took which list away. Refusal: Forbidden to who has nobody in reach."""
    require_somewhere(actor, Action.SEE_DUES)
    reach = reach_of(actor, Action.SEE_DUES)
    query = _query(reach, replace(command, page=1, page_size=MOST_EXPORTED), now)
    async with store.writing() as uow:
        ids, _ = await uow.dues.search(query)
        await log_taken(uow, actor, reach, "exportDues", {"filter": query.filter.value, "rows": str(len(ids))}, now)
        return await _lines(uow, ids, now, rules)


def _query(reach: Reach, command: SearchDues, now: float) -> DuesQuery:
    today = day_of(now)
    month, quarter = owed_before(today, quarterly=False), owed_before(today, quarterly=True)
    page = max(1, command.page)
    return DuesQuery(reach, _before(month), _before(quarter), command.filter, command.text.strip(), page, command.page_size)


async def _lines(uow: UnitOfWork, ids: Sequence[str], now: float, rules: DuesRules) -> list[DuesLine]:
    members, standings = await uow.members.many(ids), await uow.dues.standings(ids)
    units = await uow.organisations.many({one.home_branch_id for one in members.values()})
    found = [(members[key], standings.get(key)) for key in ids]
    return [DuesLine(one, units[one.home_branch_id], held, next_due(held, rules, day_of(now)) if held else None) for one, held in found]


def _before(month: str) -> str:
    """Paid until the month before is paid far enough."""
    year, number = map(int, month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"
