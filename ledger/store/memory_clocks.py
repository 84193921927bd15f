"""What clocks are computed from, in memory. Promises are in `ledger.mobilityports`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from ..dualmanagement import LifeDay, Measured
from ..mobility import Side
from ..mobilityports import ClockRow
from ..model import ON_THE_ROLL, Decision, MeetingState, Member, day_of
from .memory_books import Books


class MemoryClocks:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def unmeasured(self, rules_hash: str, limit: int) -> list[tuple[str, int]]:
        books = self._books
        found: list[tuple[str, int]] = []
        for meeting_id in sorted(key for key, one in books.meetings.items() if one.state is MeetingState.ENDED):
            head = books.heads.get(f"meeting:{meeting_id}")
            if head and books.measured_meetings.get(meeting_id) != Measured(meeting_id, head[0], rules_hash):
                found.append((meeting_id, head[0]))
        return found[:limit]

    async def keep_days(self, measured: Measured, days: Sequence[LifeDay]) -> None:
        self._books.measured_meetings[measured.meeting_id] = measured
        self._books.life_days[measured.meeting_id] = tuple(days)

    async def days_of(self, member_id: str) -> list[LifeDay]:
        return sorted(self._days(member_id), key=lambda one: (one.on, one.meeting_id), reverse=True)

    async def rows(self, after: str, limit: int) -> list[ClockRow]:
        return [self._row(one) for one in self._on_roll() if one.member_id > after][:limit]

    async def rows_of(self, member_ids: Collection[str]) -> list[ClockRow]:
        return [self._row(one) for one in self._on_roll() if one.member_id in set(member_ids)]

    def _on_roll(self) -> list[Member]:
        return sorted((one for one in self._books.members.values() if one.status in ON_THE_ROLL), key=lambda one: one.member_id)

    def _row(self, member: Member) -> ClockRow:
        books, key = self._books, member.member_id
        registration = next((one for one in books.registrations.values() if one.member_id == key and one.closed_at is None), None)
        declared = books.declarations.get(registration.registration_id, ()) if registration else ()
        certificates = [one for one in books.activity_certificates.values() if one.member_id == key and one.revoked_on is None]
        case = next((one for one in books.lost_cases.values() if one.member_id == key and one.closed_on is None), None)
        in_office = (one for one in books.liaisons.values() if registration and one.registration_id == registration.registration_id)
        file = books.files.get(key)
        stays = _latest(day_of(one.declared_at) for one in declared if one.moved)
        works = [one for one in books.assigned_works.values() if one.member_id == key]
        granted = (one for one in books.leaves.values() if one.member_id == key and one.decision is Decision.APPROVED)
        return ClockRow(
            key,
            member.stage,
            member.status,
            member.exempt,
            member.home_branch_id,
            registration,
            stays or (registration.report.left_on if registration else None),
            _latest(one.on for one in books.contacts.values() if one.member_id == key and one.reached),
            _latest(day_of(one.declared_at) for one in declared if one.side is Side.MEMBER),
            _latest(one.issued_on for one in certificates),
            _latest(check.on for one in certificates for check in one.checks),
            min((one.since for one in books.org_relations.get(key, ())), default=None),
            _latest(one.on for one in self._days(key)),
            _latest(day_of(books.meetings[one.meeting_id].planned_end) for one in granted),
            case.search_began_on if case else None,
            case.suspended_on if case else None,
            next((one.liaison_member_id for one in in_office if one.until is None), None),
            books.dues_standings.get(key),
            file.graduated_on if file else None,
            next((one.since for one in books.org_relations.get(key, ()) if one.until is None and one.transfer_id), None),
            _latest(one.done_on for one in works if one.done_on is not None),
            min((one.due_on for one in works if one.outcome is None), default=None),
        )

    def _days(self, member_id: str) -> Iterable[LifeDay]:
        return (one for days in self._books.life_days.values() for one in days if one.member_id == member_id)


def _latest(days: Iterable[Any]) -> date | None:
    return max(days, default=None)
