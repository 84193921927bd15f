"""Organisations, members, posts, accounts and sessions in memory. Doors and their promises are in `ledger.ports`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from hashlib import sha256

from ..model import (
    BRANCH_KINDS,
    ON_THE_ROLL,
    Account,
    FailedAttempts,
    Member,
    OrgKind,
    OrgUnit,
    Post,
    PostKind,
    RoleGrant,
    RoleKind,
    Session,
)
from ..ports import MemberQuery, OrgQuery, Reach
from .memory_books import Books, places, refuse_twice


class MemoryOrganisations:
    def __init__(self, books: Books) -> None:
        self._units = books.organisations
        self._members = books.members

    async def get(self, org_id: str) -> OrgUnit | None:
        return self._units.get(org_id)

    async def many(self, org_ids: Collection[str]) -> dict[str, OrgUnit]:
        return {key: self._units[key] for key in sorted(set(org_ids)) if key in self._units}

    async def by_code(self, code: str) -> OrgUnit | None:
        return next((unit for unit in self._units.values() if unit.code == code), None)

    async def all(self) -> list[OrgUnit]:
        return sorted(self._units.values(), key=lambda unit: (unit.path.count("/"), unit.code))

    async def within(self, reach: Reach) -> list[OrgUnit]:
        here = places(self._units, reach)
        return [unit for unit in await self.all() if unit.org_id in here]

    async def below(self, org_ids: Collection[str]) -> list[OrgUnit]:
        return sorted((unit for unit in self._units.values() if unit.parent_id in org_ids), key=lambda unit: unit.code)

    async def named(self, reach: Reach, text: str, kinds: Collection[OrgKind], limit: int) -> list[OrgUnit]:
        wanted, here = text.lower(), places(self._units, reach)
        open_ones = [unit for unit in self._units.values() if unit.org_id in here and unit.kind in kinds and unit.closed_at is None]
        found = [unit for unit in open_ones if wanted in unit.name.lower() or wanted in unit.code.lower()]
        return sorted(found, key=lambda unit: unit.code)[:limit]

    async def search(self, query: OrgQuery) -> tuple[list[OrgUnit], int]:
        wanted, within = query.text.lower(), places(self._units, query.reach)
        found = [
            unit
            for unit in self._units.values()
            if unit.closed_at is None
            and unit.org_id in within
            and unit.org_id != query.but
            and (unit.kind in query.kinds or (query.tops and unit.parent_id is None))
            and (wanted in unit.name.lower() or wanted in unit.code.lower())
        ]
        found.sort(key=lambda unit: (unit.kind not in BRANCH_KINDS, unit.code))
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    async def add(self, units: Sequence[OrgUnit]) -> None:
        refuse_twice(units, self._units.values(), "org_id", "code")
        self._units.update({unit.org_id: unit for unit in units})

    async def save(self, unit: OrgUnit) -> None:
        self._units[unit.org_id] = unit

    async def mark(self) -> str:
        counts = await self.member_counts(Reach(everywhere=True))
        return sha256(repr((await self.all(), sorted(counts.items()))).encode()).hexdigest()

    async def member_counts(self, reach: Reach) -> dict[str, int]:
        here = places(self._units, reach)
        homes = [one.home_branch_id for one in self._members.values() if one.status in ON_THE_ROLL and one.home_branch_id in here]
        return dict(Counter(homes))

    async def members_below(self, path: str) -> int:
        return sum((await self.member_counts(Reach(paths=(path,)))).values())


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
        refuse_twice(members, self._members.values(), "member_id", "number")
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
            and (text in member.name.lower() or member.number.lower().startswith(text))
            and query.stage in (None, member.stage)
            and query.status in (None, member.status)
            and query.floating in (None, member.host_branch_id is not None)
            and query.sex in (None, member.sex)
            and query.education in (None, member.education)
            and query.exempt in (None, member.exempt)
            and (query.born_from is None or (member.born_on is not None and query.born_from <= member.born_on))
            and (query.born_until is None or (member.born_on is not None and member.born_on < query.born_until))
        )

    @staticmethod
    def _sorted(members: Iterable[Member]) -> list[Member]:
        return sorted(members, key=lambda member: member.number)


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

    async def held_on(self, day: date, kinds: Collection[PostKind]) -> list[Post]:
        return self._sorted(post for post in self._posts.values() if post.kind in kinds and post.held_on(day))

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
        refuse_twice(accounts, self._accounts.values(), "account_id", "username", "member_id")
        self._accounts.update({account.account_id: account for account in accounts})

    async def save(self, account: Account) -> None:
        self._accounts[account.account_id] = account

    async def any(self) -> bool:
        return bool(self._accounts)

    async def search(self, text: str, with_grants: bool, page: int = 1, page_size: int = 50) -> tuple[list[Account], int]:
        granted = {grant.account_id for grant in self._grants}
        found = [one for one in self._accounts.values() if one.username.startswith(text) and (not with_grants or one.account_id in granted)]
        found.sort(key=lambda one: one.username)
        return found[(page - 1) * page_size : page * page_size], len(found)

    async def grants_of(self, account_id: str) -> list[RoleGrant]:
        return [grant for grant in self._grants if grant.account_id == account_id]

    async def grant(self, grants: Sequence[RoleGrant]) -> None:
        self._grants.update(dict.fromkeys(grants))

    async def revoke(self, grant: RoleGrant) -> None:
        self._grants.pop(grant, None)

    async def granted(self, role: RoleKind, org_id: str) -> list[Account]:
        holders = {grant.account_id for grant in self._grants if grant.role is role and grant.org_id == org_id}
        found = [one for one in self._accounts.values() if one.account_id in holders and not one.disabled]
        return sorted(found, key=lambda account: account.username)


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
