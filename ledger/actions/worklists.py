"""All work assigned to members of the branches one is responsible for, or audits, and by these branches to members who float there.

The list names what, until when and which answer; what an answer says word for word stands with the member, where looking is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..access import Action, Actor, may_somewhere, reach_of, require_somewhere
from ..assignedwork import AssignedWork
from ..model import Member, OrgUnit, day_of
from ..ports import Reach, Store, UnitOfWork
from ..surroundings import log_taken
from ..workports import WorkFilter, WorkQuery
from .attendance import names_of


@dataclass(frozen=True, slots=True)
class SearchWorks:
    filter: WorkFilter = WorkFilter.OPEN
    text: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class ListedWork:
    """`org`: that assigned it, the home branch or a host. `answered_by`: the name of who answered."""

    work: AssignedWork
    member: Member
    home: OrgUnit
    org: OrgUnit
    answered_by: str


@dataclass(frozen=True, slots=True)
class WorkPage:
    lines: list[ListedWork]
    total: int
    counts: dict[WorkFilter, int]
    may_assign: bool


MOST_EXPORTED = 50_000


async def search_works(store: Store, actor: Actor, command: SearchWorks, now: float) -> WorkPage:
    """Within the actor's reach: a branch's secretary the branch, an administrator or auditor everything below."""
    query = _query(reach_of(actor, Action.SEE_WORK), replace(command, page_size=min(max(1, command.page_size), 200)), now)
    async with store.reading() as uow:
        works, found_by = await uow.works.search(query)
        lines = await _lines(uow, works)
        counts = (await uow.works.search(replace(query, text="", page=1, page_size=1)))[1] if query.text else found_by
    return WorkPage(lines, found_by[query.filter], counts, may_somewhere(actor, Action.ASSIGN_WORK))


async def export_works(store: Store, actor: Actor, command: SearchWorks, now: float) -> list[ListedWork]:
    """The same list as a whole, for a file. Logged: who took which list away. Refusal: Forbidden to who has nobody in reach."""
    require_somewhere(actor, Action.SEE_WORK)
    reach = reach_of(actor, Action.SEE_WORK)
    query = _query(reach, replace(command, page=1, page_size=MOST_EXPORTED), now)
    async with store.writing() as uow:
        works, _ = await uow.works.search(query)
        await log_taken(uow, actor, reach, "exportWork", {"filter": query.filter.value, "rows": str(len(works))}, now)
        return await _lines(uow, works)


def _query(reach: Reach, command: SearchWorks, now: float) -> WorkQuery:
    return WorkQuery(reach, day_of(now), command.filter, command.text.strip(), max(1, command.page), command.page_size)


async def _lines(uow: UnitOfWork, works: Sequence[AssignedWork]) -> list[ListedWork]:
    members = await uow.members.many({one.member_id for one in works})
    units = await uow.organisations.many({one.org_id for one in works} | {one.home_branch_id for one in members.values()})
    names = await names_of(uow, {one.answered_by for one in works if one.answered_by})
    found = [(one, members[one.member_id]) for one in works]
    return [ListedWork(one, who, units[who.home_branch_id], units[one.org_id], names.get(one.answered_by or "", "")) for one, who in found]
