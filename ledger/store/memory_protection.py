"""Impact assessments and breaches in memory. The door and its promises are in `ledger.protectionports`."""

from __future__ import annotations

from ..protection import Assessment, Breach, BreachLine
from ..refusals import Conflict
from .memory_books import Books, refuse_twice


class MemoryProtection:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def assessment(self, assessment_id: str) -> Assessment | None:
        return self._books.assessments.get(assessment_id)

    async def add_assessment(self, assessment: Assessment) -> None:
        refuse_twice([assessment], self._books.assessments.values(), "assessment_id", "follows")
        self._books.assessments[assessment.assessment_id] = assessment

    async def assessments(self) -> list[Assessment]:
        found = sorted(self._books.assessments.values(), key=lambda one: one.assessment_id)
        return sorted(found, key=lambda one: (one.assessed_on, one.entered_at), reverse=True)

    async def breach(self, breach_id: str) -> Breach | None:
        return self._books.breaches.get(breach_id)

    async def add_breach(self, breach: Breach) -> None:
        refuse_twice([breach], self._books.breaches.values(), "breach_id")
        self._books.breaches[breach.breach_id] = breach

    async def save_breach(self, breach: Breach, seen_revision: int) -> bool:
        stored = self._books.breaches.get(breach.breach_id)
        if stored is None or stored.revision != seen_revision:
            return False
        self._books.breaches[breach.breach_id] = breach
        return True

    async def breaches(self) -> list[Breach]:
        found = sorted(self._books.breaches.values(), key=lambda one: one.breach_id)
        return sorted(found, key=lambda one: one.found_at, reverse=True)

    async def add_line(self, line: BreachLine) -> None:
        if (line.breach_id, line.number) in self._books.breach_lines:
            raise Conflict
        self._books.breach_lines[line.breach_id, line.number] = line

    async def lines(self, breach_id: str) -> list[BreachLine]:
        return [one for key, one in sorted(self._books.breach_lines.items()) if key[0] == breach_id]
