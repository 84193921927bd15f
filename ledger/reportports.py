"""The door to thought reports, their history, and from when a member owes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from .ports import Reach
from .reports import ReportState, ReportStep, ThoughtReport


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """Of members whose home branch lies within reach, and of those named. Pages count from 1."""

    reach: Reach
    member_ids: frozenset[str] = frozenset()
    states: frozenset[ReportState] = frozenset({ReportState.HANDED_IN})
    page: int = 1
    page_size: int = 50


class Reports(Protocol):
    async def get(self, report_id: str) -> ThoughtReport | None: ...

    async def add(self, report: ThoughtReport) -> None: ...

    async def save(self, report: ThoughtReport, seen_revision: int) -> bool:
        """False, and nothing changed, if the stored revision is not the one seen."""
        ...

    async def remove(self, report_id: str) -> None: ...

    async def of_member(self, member_id: str) -> list[ThoughtReport]:
        """Latest begun first."""
        ...

    async def search(self, query: ReportQuery) -> tuple[list[ThoughtReport], int]:
        """One page, those waiting longest first, and how many there are in all."""
        ...

    async def last_handed_in(self, member_ids: Collection[str]) -> dict[str, float]:
        """Member → when the latest report that is not a draft again was handed in."""
        ...

    async def steps(self, report_id: str) -> list[ReportStep]:
        """By number."""
        ...

    async def add_step(self, step: ReportStep) -> None: ...

    async def owed_since(self, member_ids: Collection[str]) -> dict[str, date]: ...

    async def set_owed_since(self, days: Mapping[str, date]) -> None: ...
