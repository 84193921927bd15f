"""Meetings, attendance and facts in memory. Doors and their promises are in `ledger.ports`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..facts import Fact, RecordedFact
from ..model import (
    Attendee,
    Consent,
    Decision,
    LeaveRequest,
    Meeting,
    Objection,
)
from ..ports import MeetingQuery, Reach
from .chain import EMPTY, chained
from .memory_books import Books, places, refuse_twice


class MemoryMeetings:
    def __init__(self, books: Books) -> None:
        self._meetings = books.meetings
        self._attendees = books.attendees
        self._units = books.organisations

    async def get(self, meeting_id: str) -> Meeting | None:
        return self._meetings.get(meeting_id)

    async def by_invite(self, token: str) -> Meeting | None:
        return next((meeting for meeting in self._meetings.values() if meeting.invite_token == token), None)

    async def add(self, meeting: Meeting) -> None:
        refuse_twice([meeting], self._meetings.values(), "meeting_id", "invite_token")
        self._meetings[meeting.meeting_id] = meeting

    async def save(self, meeting: Meeting, seen_revision: int) -> bool:
        stored = self._meetings.get(meeting.meeting_id)
        if stored is None or stored.revision != seen_revision:
            return False
        self._meetings[meeting.meeting_id] = meeting
        return True

    async def search(self, query: MeetingQuery) -> tuple[list[Meeting], int]:
        found, start = self._found(query), (query.page - 1) * query.page_size
        return self._sorted(found, query.newest_first)[start : start + query.page_size], len(found)

    async def counts(self, query: MeetingQuery) -> dict[str, int]:
        return dict(Counter(meeting.org_id for meeting in self._found(query)))

    def _found(self, query: MeetingQuery) -> list[Meeting]:
        here = places(self._units, query.reach)
        if query.within is not None:
            here &= places(self._units, Reach(paths=(query.within.path,)))
        since, until = query.since or float("-inf"), float("inf") if query.until is None else query.until
        return [
            meeting
            for meeting in self._meetings.values()
            if meeting.org_id in here
            and meeting.state in query.states
            and since <= meeting.planned_start < until
            and query.form in (None, meeting.form)
        ]

    async def listing(self, member_id: str) -> list[Meeting]:
        listed = [key for key, rows in self._attendees.items() if any(row.member_id == member_id for row in rows)]
        return self._sorted([self._meetings[key] for key in listed], newest_first=True)

    @staticmethod
    def _sorted(meetings: list[Meeting], newest_first: bool) -> list[Meeting]:
        return sorted(meetings, key=lambda meeting: (meeting.planned_start, meeting.meeting_id), reverse=newest_first)


class MemoryAttendance:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def attendees(self, meeting_id: str) -> list[Attendee]:
        return list(self._books.attendees.get(meeting_id, ()))

    async def of_meetings(self, meeting_ids: Collection[str]) -> dict[str, list[Attendee]]:
        lists = self._books.attendees
        return {one: list(lists[one]) for one in sorted(set(meeting_ids)) if lists.get(one)}

    async def set_attendees(self, meeting_id: str, attendees: Sequence[Attendee]) -> None:
        refuse_twice(attendees, [], "member_id")
        self._books.attendees[meeting_id] = tuple(attendees)

    async def leaves(self, meeting_id: str) -> list[LeaveRequest]:
        found = [leave for leave in self._books.leaves.values() if leave.meeting_id == meeting_id]
        return sorted(found, key=lambda leave: (leave.requested_at, leave.member_id))

    async def save_leave(self, leave: LeaveRequest) -> None:
        self._books.leaves[leave.meeting_id, leave.member_id] = leave

    async def objections(self, meeting_id: str) -> list[Objection]:
        found = [objection for objection in self._books.objections.values() if objection.meeting_id == meeting_id]
        return sorted(found, key=lambda objection: (objection.raised_at, objection.objection_id))

    async def save_objection(self, objection: Objection) -> None:
        self._books.objections[objection.objection_id] = objection

    async def pending(self, reach: Reach) -> tuple[dict[str, int], dict[str, int]]:
        return self._pending(self._books.leaves.values(), reach), self._pending(self._books.objections.values(), reach)

    def _pending(self, papers: Iterable[LeaveRequest | Objection], reach: Reach) -> dict[str, int]:
        here = places(self._books.organisations, reach)
        orgs = [self._books.meetings[one.meeting_id].org_id for one in papers if one.decision is Decision.PENDING]
        return dict(Counter(org_id for org_id in orgs if org_id in here))

    async def consents_of(self, member_id: str) -> list[Consent]:
        found = [consent for consent in self._books.consents.values() if consent.member_id == member_id]
        return sorted(found, key=lambda consent: consent.given_at)

    async def save_consent(self, consent: Consent) -> None:
        self._books.consents[consent.member_id, consent.notice_version, consent.given_at] = consent


class MemoryFacts:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def append(self, facts: Sequence[Fact], recorded_at: float) -> list[RecordedFact]:
        books = self._books
        recorded, heads = chained(facts, books.keys, books.heads, recorded_at)
        new: dict[str, list[RecordedFact]] = {}
        for one in recorded:
            new.setdefault(one.fact.stream, []).append(one)
            books.keys[one.fact.key] = None
        for stream, added in new.items():
            books.streams[stream] = (*books.streams.get(stream, ()), *added)
        books.heads.update(heads)
        return recorded

    async def of_stream(self, stream: str, after: int = 0) -> list[RecordedFact]:
        return list(self._books.streams.get(stream, ())[after:])

    async def of_streams(self, streams: Collection[str], about: str | None = None) -> dict[str, list[RecordedFact]]:
        found: dict[str, list[RecordedFact]] = {}
        for stream in sorted(set(streams)):
            facts = [one for one in self._books.streams.get(stream, ()) if about is None or one.fact.member_id in (None, about)]
            found |= {stream: facts} if facts else {}
        return found

    async def head(self, stream: str) -> tuple[int, str]:
        return self._books.heads.get(stream, EMPTY)

    async def unanchored(self, limit: int) -> dict[str, tuple[int, str]]:
        books = self._books
        found = [(key, head) for key, head in sorted(books.heads.items()) if head[0] > books.anchored.get(key, 0)]
        return dict(found[:limit])

    async def mark_anchored(self, heads: Mapping[str, tuple[int, str]]) -> None:
        self._books.anchored.update({key: head[0] for key, head in heads.items()})

    async def streams(self) -> list[str]:
        return sorted(self._books.streams)
