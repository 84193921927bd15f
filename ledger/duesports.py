"""The door to the book of dues: terms, lines, and how each member stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .dues import DuesEntry, DuesStanding, DuesTerms

if TYPE_CHECKING:
    from .ports import Reach


class DuesFilter(StrEnum):
    ALL = "all"
    BEHIND = "behind"
    UNKNOWN = "unknown"  # nothing stands in the book


@dataclass(frozen=True, slots=True)
class DuesQuery:
    """Members who attend (and so owe dues) with a home branch within reach; `text` matches name or number as in lists of members.

    `behind`: paid until before `last_month`, or `last_quarter_month` where one pays by the quarter. Those paid the least far first, those
    of whom nothing is known at the end; then by number. Pages count from 1.
    """

    reach: Reach
    last_month: str
    last_quarter_month: str
    filter: DuesFilter = DuesFilter.ALL
    text: str = ""
    page: int = 1
    page_size: int = 50


class DuesBook(Protocol):
    async def entry(self, entry_id: str) -> DuesEntry | None: ...

    async def add(self, entries: Sequence[DuesEntry]) -> None: ...

    async def entries(self, member_ids: Collection[str]) -> dict[str, list[DuesEntry]]:
        """Member → lines, as they were entered."""
        ...

    async def set_terms(self, terms: DuesTerms) -> None: ...

    async def terms(self, member_ids: Collection[str]) -> dict[str, list[DuesTerms]]:
        """Member → terms, as they were set."""
        ...

    async def standings(self, member_ids: Collection[str]) -> dict[str, DuesStanding]: ...

    async def keep_standing(self, member_id: str, standing: DuesStanding | None) -> None:
        """In place of the one kept before; None: nothing is known any more."""
        ...

    async def search(self, query: DuesQuery) -> tuple[list[str], dict[DuesFilter, int]]:
        """One page of member ids, and how many there are in all, by this filter and by each of the others."""
        ...

    async def forget(self, member_id: str) -> int:
        """Everything about the member; how many lines."""
        ...
