"""The door to the work assigned to members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .assignedwork import AssignedWork

if TYPE_CHECKING:
    from .ports import Reach


class WorkFilter(StrEnum):
    """Open work by the day it is due, the earliest first; answered work by the answer, the newest first; all of it newest first."""

    OPEN = "open"
    OVERDUE = "overdue"  # open, and its day has passed
    ANSWERED = "answered"  # done or declined
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class WorkQuery:
    """Work of members with a home branch within reach, whoever assigned it; and of those who float at a branch within reach, what that very
    branch assigned. `text` matches the member's name or number as in lists of members. Pages count from 1."""

    reach: Reach
    today: date
    filter: WorkFilter = WorkFilter.OPEN
    text: str = ""
    page: int = 1
    page_size: int = 50


class AssignedWorks(Protocol):
    async def get(self, work_id: str) -> AssignedWork | None: ...

    async def add(self, works: Sequence[AssignedWork]) -> None: ...

    async def save(self, work: AssignedWork) -> None: ...

    async def of_member(self, member_id: str) -> list[AssignedWork]:
        """Newest first."""
        ...

    async def search(self, query: WorkQuery) -> tuple[list[AssignedWork], dict[WorkFilter, int]]:
        """One page, and how many there are in all, by this filter and by each of the others."""
        ...

    async def forget(self, member_id: str) -> int:
        """Everything assigned to the member; how many."""
        ...
