"""The door to impact assessments and breaches."""

from __future__ import annotations

from typing import Protocol

from .protection import Assessment, Breach, BreachLine


class Protection(Protocol):
    async def assessment(self, assessment_id: str) -> Assessment | None: ...

    async def add_assessment(self, assessment: Assessment) -> None:
        """Conflict if another follows the same one."""
        ...

    async def assessments(self) -> list[Assessment]:
        """Latest assessed first."""
        ...

    async def breach(self, breach_id: str) -> Breach | None: ...

    async def add_breach(self, breach: Breach) -> None: ...

    async def save_breach(self, breach: Breach, seen_revision: int) -> bool:
        """False, and nothing changed, if the stored revision is not the one seen."""
        ...

    async def breaches(self) -> list[Breach]:
        """Latest found first."""
        ...

    async def add_line(self, line: BreachLine) -> None: ...

    async def lines(self, breach_id: str) -> list[BreachLine]:
        """By number."""
        ...
