"""Work assigned to members in memory. The door and its promises are in `ledger.workports`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from ..assignedwork import AssignedWork, WorkOutcome
from ..workports import WorkFilter, WorkQuery
from .memory_books import Books, places, refuse_twice

_F, _O = WorkFilter, WorkOutcome
_MEANT: Mapping[WorkFilter, Callable[[AssignedWork, date], bool]] = MappingProxyType(
    {
        _F.OPEN: lambda one, _: one.outcome is None,
        _F.OVERDUE: lambda one, today: one.outcome is None and one.due_on < today,
        _F.ANSWERED: lambda one, _: one.outcome in (_O.DONE, _O.DECLINED),
        _F.DONE: lambda one, _: one.outcome is _O.DONE,
        _F.DECLINED: lambda one, _: one.outcome is _O.DECLINED,
        _F.WITHDRAWN: lambda one, _: one.outcome is _O.WITHDRAWN,
        _F.ALL: lambda _, __: True,
    }
)


class MemoryAssignedWorks:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def get(self, work_id: str) -> AssignedWork | None:
        return self._books.assigned_works.get(work_id)

    async def add(self, works: Sequence[AssignedWork]) -> None:
        refuse_twice(works, self._books.assigned_works.values(), "work_id")
        self._books.assigned_works.update((one.work_id, one) for one in works)

    async def save(self, work: AssignedWork) -> None:
        self._books.assigned_works[work.work_id] = work

    async def of_member(self, member_id: str) -> list[AssignedWork]:
        found = [one for one in self._books.assigned_works.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.assigned_at, one.work_id), reverse=True)

    async def search(self, query: WorkQuery) -> tuple[list[AssignedWork], dict[WorkFilter, int]]:
        found = {one: self._found(replace(query, filter=one)) for one in WorkFilter}
        start = (query.page - 1) * query.page_size
        return found[query.filter][start : start + query.page_size], {one: len(works) for one, works in found.items()}

    def _found(self, query: WorkQuery) -> list[AssignedWork]:
        here, meant, text = places(self._books.organisations, query.reach), _MEANT[query.filter], query.text.lower()
        found = [one for one in self._books.assigned_works.values() if meant(one, query.today) and self._is_here(one, here, text)]
        if query.filter in (_F.OPEN, _F.OVERDUE):
            return sorted(found, key=lambda one: (one.due_on, one.work_id))
        if query.filter is _F.ALL:
            return sorted(found, key=lambda one: (one.assigned_at, one.work_id), reverse=True)
        return sorted(found, key=lambda one: (one.answered_at or 0.0, one.work_id), reverse=True)

    def _is_here(self, work: AssignedWork, here: set[str], text: str) -> bool:
        member = self._books.members[work.member_id]
        if not (text in member.name.lower() or member.number.lower().startswith(text)):
            return False
        hosted = member.host_branch_id if member.host_branch_id == work.org_id else None
        return member.home_branch_id in here or hosted in here

    async def forget(self, member_id: str) -> int:
        gone = await self.of_member(member_id)
        for one in gone:
            del self._books.assigned_works[one.work_id]
        return len(gone)
