"""Notifications in memory. The door and its promises are in `ledger.notificationports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..notifying import KeptNotification, Notification
from .memory_books import Books


class MemoryNotifications:
    def __init__(self, books: Books) -> None:
        self._kept = books.notifications
        self.news: list[Notification] = []  # what this unit of work adds

    async def add(self, notifications: Sequence[Notification]) -> list[Notification]:
        new: dict[str, Notification] = {}
        for one in notifications:
            if one.notification_id not in self._kept:
                new.setdefault(one.notification_id, one)
        self._kept.update({key: KeptNotification(replace(one, at=float(one.at))) for key, one in new.items()})
        self.news += new.values()
        return list(new.values())

    async def of_member(
        self, member_id: str, *, unread: bool = False, page: int = 1, page_size: int = 50
    ) -> tuple[list[KeptNotification], int]:
        found = [one for one in self._of(member_id) if not unread or one.read_at is None]
        found.sort(key=lambda one: (one.notification.at, one.notification_id), reverse=True)
        start = (page - 1) * page_size
        return found[start : start + page_size], len(found)

    async def unread_count(self, member_id: str) -> int:
        return sum(one.read_at is None for one in self._of(member_id))

    async def mark_read(self, member_id: str, at: float, notification_ids: Collection[str] | None = None) -> int:
        named = None if notification_ids is None else set(notification_ids)
        return self._read([one for one in self._of(member_id) if named is None or one.notification_id in named], at)

    async def mark_read_about(self, member_id: str, about: str, at: float) -> int:
        return self._read([one for one in self._of(member_id) if one.notification.about == about], at)

    async def unrouted(self, limit: int) -> list[KeptNotification]:
        waiting = [one for one in self._kept.values() if one.routed_at is None]
        return sorted(waiting, key=lambda one: (one.notification.at, one.notification_id))[:limit]

    async def mark_routed(self, notification_ids: Collection[str], at: float) -> None:
        for key in notification_ids:
            if key in self._kept:
                self._kept[key] = replace(self._kept[key], routed_at=at)

    async def many(self, notification_ids: Collection[str]) -> dict[str, KeptNotification]:
        return {key: self._kept[key] for key in notification_ids if key in self._kept}

    async def remove_before(self, instant: float) -> int:
        old = [key for key, one in self._kept.items() if one.notification.at < instant]
        for key in old:
            del self._kept[key]
        return len(old)

    def _of(self, member_id: str) -> list[KeptNotification]:
        return [one for one in self._kept.values() if one.notification.recipient_member_id == member_id]

    def _read(self, those: Sequence[KeptNotification], at: float) -> int:
        unread = [one for one in those if one.read_at is None]
        self._kept.update({one.notification_id: replace(one, read_at=at) for one in unread})
        return len(unread)
