"""Work assigned to members in memory. The door and its promises are in `ledger.workports`."""

from __future__ import annotations

from ..assignedwork import AssignedWork
from .memory_books import Books, refuse_twice


class MemoryAssignedWorks:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def get(self, work_id: str) -> AssignedWork | None:
        return self._books.assigned_works.get(work_id)

    async def add(self, work: AssignedWork) -> None:
        refuse_twice([work], self._books.assigned_works.values(), "work_id")
        self._books.assigned_works[work.work_id] = work

    async def save(self, work: AssignedWork) -> None:
        self._books.assigned_works[work.work_id] = work

    async def of_member(self, member_id: str) -> list[AssignedWork]:
        found = [one for one in self._books.assigned_works.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.assigned_at, one.work_id), reverse=True)

    async def forget(self, member_id: str) -> int:
        gone = await self.of_member(member_id)
        for one in gone:
            del self._books.assigned_works[one.work_id]
        return len(gone)
