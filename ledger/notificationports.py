"""The door to kept notifications. What it promises is held by one contract suite over memory, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from .notifying import KeptNotification, Notification

OnTold = Callable[[Sequence[Notification]], None]


def nobody_listens(news: Sequence[Notification]) -> None:
    """What a store does with its news until somebody wants to hear of them."""


class Notifications(Protocol):
    async def add(self, notifications: Sequence[Notification]) -> list[Notification]:
        """Keeps those whose member and key are new, and answers them; the others were told before and stay as they are."""
        ...

    async def of_member(
        self, member_id: str, *, unread: bool = False, page: int = 1, page_size: int = 50
    ) -> tuple[list[KeptNotification], int]:
        """One page, newest first, and how many there are in all."""
        ...

    async def unread_count(self, member_id: str) -> int: ...

    async def mark_read(self, member_id: str, at: float, notification_ids: Collection[str] | None = None) -> int:
        """Those named, or all; only the member's own, only the unread ones. Answers how many."""
        ...

    async def mark_read_about(self, member_id: str, about: str, at: float) -> int:
        """What was told about something is read once the thing itself has been opened."""
        ...

    async def unrouted(self, limit: int) -> list[KeptNotification]:
        """Those whose ways out are still to be decided, oldest first."""
        ...

    async def mark_routed(self, notification_ids: Collection[str], at: float) -> None: ...

    async def many(self, notification_ids: Collection[str]) -> dict[str, KeptNotification]: ...

    async def remove_before(self, instant: float) -> int:
        """Notifications older than that, read or not. Answers how many."""
        ...
