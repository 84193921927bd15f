"""The store's twin in memory: for tests, and for trying things out without a file.

A unit of work gets a copy of the books and puts it in place of the old one when it ends well: that is the whole of commit and roll-back.
Records are frozen, so that copying the dictionaries that hold them is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from ..facts import Fact, RecordedFact
from ..model import (
    ON_THE_ROLL,
    Access,
    Account,
    Attendee,
    Consent,
    Decision,
    FailedAttempts,
    LeaveRequest,
    Meeting,
    Member,
    Objection,
    OrgKind,
    OrgUnit,
    Post,
    RoleGrant,
    Session,
)
from ..ports import AccessQuery, MeetingQuery, MemberQuery, Reach, UnitOfWork
from ..refusals import Conflict
from .chain import EMPTY, Head, chained


@dataclass(slots=True)
class Books:
    """Everything the store holds. Lists inside are replaced, never changed, so that a copy of a dictionary is a copy of its content."""

    organisations: dict[str, OrgUnit] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    grants: dict[RoleGrant, None] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    attempts: dict[str, FailedAttempts] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    attendees: dict[str, tuple[Attendee, ...]] = field(default_factory=dict)
    leaves: dict[tuple[str, str], LeaveRequest] = field(default_factory=dict)
    objections: dict[str, Objection] = field(default_factory=dict)
    consents: dict[tuple[str, str, float], Consent] = field(default_factory=dict)
    streams: dict[str, tuple[RecordedFact, ...]] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)
    keys: dict[str, None] = field(default_factory=dict)
    access: dict[int, Access] = field(default_factory=dict)

    def copy(self) -> Books:
        return Books(**{one.name: dict(getattr(self, one.name)) for one in fields(self)})


class MemoryStore:
    def __init__(self) -> None:
        self._books = Books()
        self._one_writer = asyncio.Lock()

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._reading()

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._writing()

    async def close(self) -> None:
        """Nothing is held open."""

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[UnitOfWork]:
        yield MemoryUnitOfWork(self._books)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[UnitOfWork]:
        async with self._one_writer:
            books = self._books.copy()
            yield MemoryUnitOfWork(books)
            self._books = books


class MemoryUnitOfWork:
    def __init__(self, books: Books) -> None:
        self.organisations = MemoryOrganisations(books)
        self.members = MemoryMembers(books)
        self.posts = MemoryPosts(books)
        self.accounts = MemoryAccounts(books)
        self.sessions = MemorySessions(books)
        self.meetings = MemoryMeetings(books)
        self.attendance = MemoryAttendance(books)
        self.facts = MemoryFacts(books)
        self.access_log = MemoryAccessLog(books)


def _refuse_twice(records: Iterable[Any], existing: Iterable[Any], *names: str) -> None:
    """What a unique column does."""
    for name in names:
        taken = {getattr(one, name) for one in existing} - {None}
        for record in records:
            value = getattr(record, name)
            if value in taken:
                raise Conflict
            taken |= {value} - {None}


class MemoryOrganisations:
    def __init__(self, books: Books) -> None:
        self._units = books.organisations
        self._members = books.members

    async def get(self, org_id: str) -> OrgUnit | None:
        return self._units.get(org_id)

    async def by_code(self, code: str) -> OrgUnit | None:
        return next((unit for unit in self._units.values() if unit.code == code), None)

    async def all(self) -> list[OrgUnit]:
        return sorted(self._units.values(), key=lambda unit: (unit.path.count("/"), unit.code))

    async def add(self, units: Sequence[OrgUnit]) -> None:
        _refuse_twice(units, self._units.values(), "org_id", "code")
        self._units.update({unit.org_id: unit for unit in units})

    async def save(self, unit: OrgUnit) -> None:
        self._units[unit.org_id] = unit

    async def member_counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for member in self._members.values():
            if member.status in ON_THE_ROLL:
                counts[member.home_branch_id] = counts.get(member.home_branch_id, 0) + 1
        return counts


class MemoryMembers:
    def __init__(self, books: Books) -> None:
        self._members = books.members
        self._units = books.organisations

    async def get(self, member_id: str) -> Member | None:
        return self._members.get(member_id)

    async def many(self, member_ids: Collection[str]) -> dict[str, Member]:
        return {key: self._members[key] for key in sorted(set(member_ids)) if key in self._members}

    async def by_numbers(self, numbers: Collection[str]) -> dict[str, Member]:
        wanted = set(numbers)
        return {member.number: member for member in self._members.values() if member.number in wanted}

    async def add(self, members: Sequence[Member]) -> None:
        _refuse_twice(members, self._members.values(), "member_id", "number")
        self._members.update({member.member_id: member for member in members})

    async def save(self, members: Sequence[Member]) -> None:
        self._members.update({member.member_id: member for member in members if member.member_id in self._members})

    async def search(self, query: MemberQuery) -> tuple[list[Member], int]:
        found = self._sorted(member for member in self._members.values() if self._matches(member, query))
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    async def within(self, reach: Reach) -> list[Member]:
        here = places(self._units, reach)
        return self._sorted(member for member in self._members.values() if member.home_branch_id in here)

    async def floating_at(self, reach: Reach) -> list[Member]:
        here = places(self._units, reach)
        return self._sorted(member for member in self._members.values() if member.host_branch_id in here)

    async def of_group(self, group_id: str) -> list[Member]:
        return self._sorted(member for member in self._members.values() if member.group_id == group_id)

    def _matches(self, member: Member, query: MemberQuery) -> bool:
        text = query.text.lower()
        within = [Reach(paths=(query.within.path,))] if query.within else []
        where = {member.home_branch_id, member.host_branch_id, member.group_id}
        return (
            all(where & places(self._units, reach) for reach in [query.reach, *within])
            and (text in member.name.lower() or text in member.number.lower())
            and query.stage in (None, member.stage)
            and query.status in (None, member.status)
            and query.floating in (None, member.host_branch_id is not None)
        )

    @staticmethod
    def _sorted(members: Iterable[Member]) -> list[Member]:
        return sorted(members, key=lambda member: member.number)


def places(units: dict[str, OrgUnit], reach: Reach) -> set[str]:
    """Ids of the organisations within reach."""
    return {unit.org_id for unit in units.values() if reach.everywhere or _is_within(unit, reach)}


def _is_within(unit: OrgUnit, reach: Reach) -> bool:
    group_of_named = unit.kind is OrgKind.PARTY_GROUP and unit.parent_id in reach.org_ids
    return unit.org_id in reach.org_ids or group_of_named or unit.path.startswith(reach.paths)


class MemoryPosts:
    def __init__(self, books: Books) -> None:
        self._posts = books.posts

    async def get(self, post_id: str) -> Post | None:
        return self._posts.get(post_id)

    async def add(self, post: Post) -> None:
        self._posts[post.post_id] = post

    async def save(self, post: Post) -> None:
        self._posts[post.post_id] = post

    async def of_members(self, member_ids: Collection[str]) -> list[Post]:
        return self._sorted(post for post in self._posts.values() if post.member_id in set(member_ids))

    async def of_org(self, org_id: str) -> list[Post]:
        return self._sorted(post for post in self._posts.values() if post.org_id == org_id)

    @staticmethod
    def _sorted(posts: Iterable[Post]) -> list[Post]:
        return sorted(posts, key=lambda post: (post.since, post.post_id))


class MemoryAccounts:
    def __init__(self, books: Books) -> None:
        self._accounts = books.accounts
        self._grants = books.grants

    async def get(self, account_id: str) -> Account | None:
        return self._accounts.get(account_id)

    async def many(self, account_ids: Collection[str]) -> dict[str, Account]:
        return {key: self._accounts[key] for key in sorted(set(account_ids)) if key in self._accounts}

    async def by_usernames(self, usernames: Collection[str]) -> dict[str, Account]:
        wanted = set(usernames)
        return {account.username: account for account in self._accounts.values() if account.username in wanted}

    async def of_members(self, member_ids: Collection[str]) -> dict[str, Account]:
        wanted = set(member_ids)
        return {account.member_id: account for account in self._accounts.values() if account.member_id and account.member_id in wanted}

    async def add(self, accounts: Sequence[Account]) -> None:
        _refuse_twice(accounts, self._accounts.values(), "account_id", "username", "member_id")
        self._accounts.update({account.account_id: account for account in accounts})

    async def save(self, account: Account) -> None:
        self._accounts[account.account_id] = account

    async def any(self) -> bool:
        return bool(self._accounts)

    async def grants_of(self, account_id: str) -> list[RoleGrant]:
        return [grant for grant in self._grants if grant.account_id == account_id]

    async def grant(self, grants: Sequence[RoleGrant]) -> None:
        self._grants.update(dict.fromkeys(grants))

    async def revoke(self, grant: RoleGrant) -> None:
        self._grants.pop(grant, None)


class MemorySessions:
    def __init__(self, books: Books) -> None:
        self._sessions = books.sessions
        self._attempts = books.attempts

    async def get(self, token_hash: str) -> Session | None:
        return self._sessions.get(token_hash)

    async def of_account(self, account_id: str) -> list[Session]:
        own = [session for session in self._sessions.values() if session.account_id == account_id]
        return sorted(own, key=lambda session: (-session.last_seen_at, session.token_hash))

    async def add(self, session: Session) -> None:
        self._sessions[session.token_hash] = session

    async def save(self, session: Session) -> None:
        if session.token_hash in self._sessions:
            self._sessions[session.token_hash] = session

    async def remove(self, token_hashes: Collection[str]) -> None:
        for token_hash in token_hashes:
            self._sessions.pop(token_hash, None)

    async def remove_expired(self, now: float, idle_since: float) -> int:
        gone = [key for key, one in self._sessions.items() if one.expires_at <= now or one.last_seen_at <= idle_since]
        await self.remove(gone)
        for name, attempts in list(self._attempts.items()):
            if attempts.last_at <= idle_since and (attempts.locked_until is None or attempts.locked_until <= now):
                del self._attempts[name]
        return len(gone)

    async def attempts(self, username: str) -> FailedAttempts | None:
        return self._attempts.get(username)

    async def save_attempts(self, attempts: FailedAttempts) -> None:
        self._attempts[attempts.username] = attempts

    async def forget_attempts(self, username: str) -> None:
        self._attempts.pop(username, None)


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
        _refuse_twice([meeting], self._meetings.values(), "meeting_id", "invite_token")
        self._meetings[meeting.meeting_id] = meeting

    async def save(self, meeting: Meeting, seen_revision: int) -> bool:
        stored = self._meetings.get(meeting.meeting_id)
        if stored is None or stored.revision != seen_revision:
            return False
        self._meetings[meeting.meeting_id] = meeting
        return True

    async def search(self, query: MeetingQuery) -> tuple[list[Meeting], int]:
        here = places(self._units, query.reach)
        if query.within is not None:
            here &= places(self._units, Reach(paths=(query.within.path,)))
        since, until = query.since or float("-inf"), float("inf") if query.until is None else query.until
        found = [
            meeting
            for meeting in self._meetings.values()
            if meeting.org_id in here and meeting.state in query.states and since <= meeting.planned_start < until
        ]
        start = (query.page - 1) * query.page_size
        return self._sorted(found, query.newest_first)[start : start + query.page_size], len(found)

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

    async def set_attendees(self, meeting_id: str, attendees: Sequence[Attendee]) -> None:
        _refuse_twice(attendees, [], "member_id")
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

    async def pending(self, meeting_ids: Collection[str]) -> tuple[int, int]:
        here = set(meeting_ids)
        leaves = [one for one in self._books.leaves.values() if one.meeting_id in here and one.decision is Decision.PENDING]
        objections = [one for one in self._books.objections.values() if one.meeting_id in here and one.decision is Decision.PENDING]
        return len(leaves), len(objections)

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

    async def streams(self) -> list[str]:
        return sorted(self._books.streams)


class MemoryAccessLog:
    def __init__(self, books: Books) -> None:
        self._lines = books.access

    async def append(self, entries: Sequence[Access]) -> None:
        for entry in entries:
            self._lines[len(self._lines)] = entry

    async def search(self, query: AccessQuery) -> tuple[list[Access], int]:
        found = [line for line in reversed(self._lines.values()) if self._matches(line, query)]
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    @staticmethod
    def _matches(line: Access, query: AccessQuery) -> bool:
        return (
            (query.reach.everywhere or line.path.startswith(query.reach.paths) or (query.unplaced and line.path == ""))
            and (query.subjects is None or line.subject in query.subjects)
            and query.account_id in (None, line.account_id)
        )
