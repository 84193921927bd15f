"""The door to the work assigned to members."""

from __future__ import annotations

from typing import Protocol

from .assignedwork import AssignedWork


class AssignedWorks(Protocol):
    async def get(self, work_id: str) -> AssignedWork | None: ...

    async def add(self, work: AssignedWork) -> None: ...

    async def save(self, work: AssignedWork) -> None: ...

    async def of_member(self, member_id: str) -> list[AssignedWork]:
        """Newest first."""
        ...

    async def forget(self, member_id: str) -> int:
        """Everything assigned to the member; how many."""
        ...
