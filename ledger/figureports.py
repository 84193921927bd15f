"""The door of the ledger to what dashboards count. Plain records, no rights, no clock; twins over memory, SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Protocol

from .figures import BranchFigures, Cuts, FlowCount, HeldCount, Line, LineQuery


class Figures(Protocol):
    """`path`: the subtree that is asked about; what lies elsewhere costs nothing."""

    async def of_branches(self, path: str, cuts: Cuts) -> list[BranchFigures]:
        """Every organisation of the subtree that is somebody's home, by id."""
        ...

    async def flows(self, path: str) -> list[FlowCount]:
        """Open registrations of members of the subtree, and of those hosted in it by others; the largest first within flow and key."""
        ...

    async def branches(self, path: str) -> int:
        """Branches that are not closed."""
        ...

    async def held(self, path: str, year: int) -> list[HeldCount]:
        """Branches with enough ended meetings of a form in a quarter (by planned start, in China's time), by form and quarter."""
        ...

    async def lines(self, query: LineQuery, cuts: Cuts) -> tuple[list[Line], int]:
        """A page of what is behind a number, longest first (branches and ties by id), and how many there are in all."""
        ...
