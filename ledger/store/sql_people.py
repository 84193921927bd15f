"""Organisations, posts, accounts and sessions in SQL. Doors and their promises are in `ledger.ports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..model import (
    Account,
    FailedAttempts,
    OrgKind,
    OrgUnit,
    Post,
    PostKind,
    RoleGrant,
    RoleKind,
    Session,
)
from ..ports import OrgQuery, Reach
from . import tables
from .reaching import LAST_SIGN, ORGANISATIONS, Ground
from .rows import Rows, chunks

POSTS = Rows(tables.posts, Post, kind=PostKind)
ACCOUNTS = Rows(tables.accounts, Account)
GRANTS = Rows(tables.role_grants, RoleGrant, role=RoleKind)
SESSIONS = Rows(tables.sessions, Session)
ATTEMPTS = Rows(tables.failed_attempts, FailedAttempts)


class SqlOrganisations:
    """Asked of the tree as the transaction sees it; see `reaching`."""

    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, org_id: str) -> OrgUnit | None:
        return (await self._ground.tree()).units.get(org_id)

    async def many(self, org_ids: Collection[str]) -> dict[str, OrgUnit]:
        units = (await self._ground.tree()).units
        return {org_id: units[org_id] for org_id in sorted(set(org_ids)) if org_id in units}

    async def by_code(self, code: str) -> OrgUnit | None:
        return (await self._ground.tree()).by_code(code)

    async def all(self) -> list[OrgUnit]:
        return list((await self._ground.tree()).units.values())

    async def within(self, reach: Reach) -> list[OrgUnit]:
        return (await self._ground.tree()).within(reach)

    async def below(self, org_ids: Collection[str]) -> list[OrgUnit]:
        tree = await self._ground.tree()
        return sorted((unit for org_id in set(org_ids) for unit in tree.below.get(org_id, ())), key=lambda unit: unit.code)

    async def named(self, reach: Reach, text: str, kinds: Collection[OrgKind], limit: int) -> list[OrgUnit]:
        return (await self._ground.tree()).named(reach, text, kinds, limit)

    async def search(self, query: OrgQuery) -> tuple[list[OrgUnit], int]:
        return (await self._ground.tree()).search(query)

    async def add(self, units: Sequence[OrgUnit]) -> None:
        self._ground.moved()
        if units:
            await self._connection.execute(insert(tables.organisations), ORGANISATIONS.write_all(units))

    async def save(self, unit: OrgUnit) -> None:
        self._ground.moved()
        where = tables.organisations.c.org_id == unit.org_id
        await self._connection.execute(update(tables.organisations).where(where).values(ORGANISATIONS.write(unit)))

    async def mark(self) -> str:
        return await self._ground.mark()

    async def member_counts(self, reach: Reach) -> dict[str, int]:
        tree, homes = await self._ground.tree(), (await self._ground.roll()).homes
        return {unit.org_id: homes[unit.org_id] for unit in tree.within(reach) if unit.org_id in homes}

    async def members_below(self, path: str) -> int:
        tree, roll = await self._ground.tree(), await self._ground.roll()
        tops = [unit for unit in tree.subtree(path) if unit.path == path]
        return sum(roll.totals[unit.org_id] for unit in tops)


class SqlPosts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, post_id: str) -> Post | None:
        found = await self._all(tables.posts.c.post_id == post_id)
        return found[0] if found else None

    async def add(self, post: Post) -> None:
        await self._connection.execute(insert(tables.posts), POSTS.write(post))

    async def save(self, post: Post) -> None:
        await self._connection.execute(update(tables.posts).where(tables.posts.c.post_id == post.post_id).values(POSTS.write(post)))

    async def of_members(self, member_ids: Collection[str]) -> list[Post]:
        found: list[Post] = []
        for chunk in chunks(member_ids):
            found += await self._all(tables.posts.c.member_id.in_(chunk))
        return sorted(found, key=lambda post: (post.since, post.post_id))

    async def of_org(self, org_id: str) -> list[Post]:
        return await self._all(tables.posts.c.org_id == org_id)

    async def held_on(self, day: date, kinds: Collection[PostKind]) -> list[Post]:
        column = tables.posts.c
        held = (column.since <= day) & or_(column.until.is_(None), column.until >= day)
        return await self._all(held & column.kind.in_(sorted(kind.value for kind in kinds)))

    async def _all(self, where: ColumnElement[bool]) -> list[Post]:
        query = POSTS.select().where(where).order_by(tables.posts.c.since, tables.posts.c.post_id)
        return [POSTS.read(row) for row in await self._connection.execute(query)]


class SqlAccounts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, account_id: str) -> Account | None:
        return (await self.many([account_id])).get(account_id)

    async def many(self, account_ids: Collection[str]) -> dict[str, Account]:
        found = [one for chunk in chunks(account_ids) for one in await self._all(tables.accounts.c.account_id.in_(chunk))]
        return {account.account_id: account for account in found}

    async def by_usernames(self, usernames: Collection[str]) -> dict[str, Account]:
        found = [one for chunk in chunks(usernames) for one in await self._all(tables.accounts.c.username.in_(chunk))]
        return {account.username: account for account in found}

    async def of_members(self, member_ids: Collection[str]) -> dict[str, Account]:
        found = [one for chunk in chunks(member_ids) for one in await self._all(tables.accounts.c.member_id.in_(chunk))]
        return {account.member_id: account for account in found if account.member_id}

    async def add(self, accounts: Sequence[Account]) -> None:
        for piece in ACCOUNTS.write_pieces(accounts):
            await self._connection.execute(insert(tables.accounts), piece)

    async def save(self, account: Account) -> None:
        where = tables.accounts.c.account_id == account.account_id
        await self._connection.execute(update(tables.accounts).where(where).values(ACCOUNTS.write(account)))

    async def any(self) -> bool:
        return bool(await self._connection.scalar(select(exists(select(tables.accounts.c.account_id)))))

    async def search(self, text: str, with_grants: bool, page: int = 1, page_size: int = 50) -> tuple[list[Account], int]:
        column = tables.accounts.c
        where = (column.username >= text) & (column.username < text + LAST_SIGN)
        if with_grants:
            where &= column.account_id.in_(select(tables.role_grants.c.account_id))
        total = await self._connection.scalar(select(func.count()).select_from(tables.accounts).where(where))
        query = ACCOUNTS.select().where(where).order_by(column.username).limit(page_size).offset((page - 1) * page_size)
        return [ACCOUNTS.read(row) for row in await self._connection.execute(query)], total or 0

    async def grants_of(self, account_id: str) -> list[RoleGrant]:
        query = GRANTS.select().where(tables.role_grants.c.account_id == account_id).order_by(tables.role_grants.c.grant_id)
        return [GRANTS.read(row) for row in await self._connection.execute(query)]

    async def grant(self, grants: Sequence[RoleGrant]) -> None:
        if grants:
            await self._connection.execute(insert(tables.role_grants), GRANTS.write_all(grants))

    async def revoke(self, grant: RoleGrant) -> None:
        column = tables.role_grants.c
        org = column.org_id.is_(None) if grant.org_id is None else column.org_id == grant.org_id
        wanted = (column.account_id == grant.account_id) & (column.role == grant.role.value) & org
        await self._connection.execute(delete(tables.role_grants).where(wanted))

    async def granted(self, role: RoleKind, org_id: str) -> list[Account]:
        column = tables.role_grants.c
        holders = select(column.account_id).where((column.role == role.value) & (column.org_id == org_id))
        found = await self._all(tables.accounts.c.account_id.in_(holders) & tables.accounts.c.disabled.is_(False))
        return sorted(found, key=lambda account: account.username)

    async def _all(self, where: ColumnElement[bool]) -> list[Account]:
        return [ACCOUNTS.read(row) for row in await self._connection.execute(ACCOUNTS.select().where(where))]


class SqlSessions:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, token_hash: str) -> Session | None:
        row = (await self._connection.execute(SESSIONS.select().where(tables.sessions.c.token_hash == token_hash))).first()
        return SESSIONS.read(row) if row else None

    async def of_account(self, account_id: str) -> list[Session]:
        column = tables.sessions.c
        query = SESSIONS.select().where(column.account_id == account_id).order_by(column.last_seen_at.desc(), column.token_hash)
        return [SESSIONS.read(row) for row in await self._connection.execute(query)]

    async def add(self, session: Session) -> None:
        await self._connection.execute(insert(tables.sessions), SESSIONS.write(session))

    async def save(self, session: Session) -> None:
        where = tables.sessions.c.token_hash == session.token_hash
        await self._connection.execute(update(tables.sessions).where(where).values(SESSIONS.write(session)))

    async def remove(self, token_hashes: Collection[str]) -> None:
        for chunk in chunks(token_hashes):
            await self._connection.execute(delete(tables.sessions).where(tables.sessions.c.token_hash.in_(chunk)))

    async def remove_expired(self, now: float, idle_since: float) -> int:
        column = tables.sessions.c
        stale = delete(tables.sessions).where((column.expires_at <= now) | (column.last_seen_at <= idle_since))
        gone = (await self._connection.execute(stale)).rowcount
        attempt = tables.failed_attempts.c
        over = attempt.locked_until.is_(None) | (attempt.locked_until <= now)
        await self._connection.execute(delete(tables.failed_attempts).where((attempt.last_at <= idle_since) & over))
        return gone

    async def attempts(self, username: str) -> FailedAttempts | None:
        where = tables.failed_attempts.c.username == username
        row = (await self._connection.execute(ATTEMPTS.select().where(where))).first()
        return ATTEMPTS.read(row) if row else None

    async def save_attempts(self, attempts: FailedAttempts) -> None:
        await self.forget_attempts(attempts.username)
        await self._connection.execute(insert(tables.failed_attempts), ATTEMPTS.write(attempts))

    async def forget_attempts(self, username: str) -> None:
        await self._connection.execute(delete(tables.failed_attempts).where(tables.failed_attempts.c.username == username))
