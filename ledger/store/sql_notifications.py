"""Notifications in SQL. The door and its promises are in `ledger.notificationports`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..notifying import KeptNotification, Notification
from .rows import chunks
from .tables_notifications import notifications as table

C = table.c


class SqlNotifications:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.news: list[Notification] = []  # what this unit of work adds

    async def add(self, notifications: Sequence[Notification]) -> list[Notification]:
        """Writers come one after the other (see `sql`), so that looking before adding is enough."""
        wanted: dict[str, Notification] = {}
        for one in notifications:
            wanted.setdefault(one.notification_id, one)
        known: set[str] = set()
        for chunk in chunks(wanted):
            known |= set((await self._connection.execute(select(C.notification_id).where(C.notification_id.in_(chunk)))).scalars())
        new = {key: one for key, one in wanted.items() if key not in known}
        if new:
            await self._connection.execute(insert(table), [_row(one) for one in new.values()])
        self.news += new.values()
        return list(new.values())

    async def of_member(
        self, member_id: str, *, unread: bool = False, page: int = 1, page_size: int = 50
    ) -> tuple[list[KeptNotification], int]:
        where = C.recipient_member_id == member_id
        if unread:
            where &= C.read_at.is_(None)
        total = await self._connection.scalar(select(func.count()).select_from(table).where(where))
        query = select(table).where(where).order_by(C.at.desc(), C.notification_id.desc())
        rows = await self._connection.execute(query.limit(page_size).offset((page - 1) * page_size))
        return [_kept(row) for row in rows], total or 0

    async def unread_count(self, member_id: str) -> int:
        where = (C.recipient_member_id == member_id) & C.read_at.is_(None)
        return await self._connection.scalar(select(func.count()).select_from(table).where(where)) or 0

    async def mark_read(self, member_id: str, at: float, notification_ids: Collection[str] | None = None) -> int:
        own = C.recipient_member_id == member_id
        if notification_ids is None:
            return await self._read(own, at)
        return sum([await self._read(own & C.notification_id.in_(chunk), at) for chunk in chunks(notification_ids)])

    async def mark_read_about(self, member_id: str, about: str, at: float) -> int:
        return await self._read((C.recipient_member_id == member_id) & (C.about == about), at)

    async def unrouted(self, limit: int) -> list[KeptNotification]:
        query = select(table).where(C.routed_at.is_(None)).order_by(C.at, C.notification_id).limit(limit)
        return [_kept(row) for row in await self._connection.execute(query)]

    async def mark_routed(self, notification_ids: Collection[str], at: float) -> None:
        for chunk in chunks(notification_ids):
            await self._connection.execute(update(table).where(C.notification_id.in_(chunk)).values(routed_at=at))

    async def many(self, notification_ids: Collection[str]) -> dict[str, KeptNotification]:
        found: dict[str, KeptNotification] = {}
        for chunk in chunks(notification_ids):
            rows = await self._connection.execute(select(table).where(C.notification_id.in_(chunk)))
            found |= {row.notification_id: _kept(row) for row in rows}
        return found

    async def remove_before(self, instant: float) -> int:
        return (await self._connection.execute(delete(table).where(C.at < instant))).rowcount

    async def _read(self, where: ColumnElement[bool], at: float) -> int:
        done = await self._connection.execute(update(table).where(where & C.read_at.is_(None)).values(read_at=at))
        return done.rowcount


def _row(one: Notification) -> dict[str, Any]:
    return {
        "notification_id": one.notification_id,
        "recipient_member_id": one.recipient_member_id,
        "kind": one.kind,
        "params": json.dumps(dict(one.params), ensure_ascii=False),
        "about": one.about,
        "at": one.at,
        "key": one.key,
    }


def _kept(row: Row[Any]) -> KeptNotification:
    told = Notification(row.recipient_member_id, row.kind, json.loads(row.params), row.about, row.at, row.key)
    return KeptNotification(told, row.read_at, row.routed_at)
