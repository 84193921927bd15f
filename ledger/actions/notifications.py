"""The own notifications: everybody has only these."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..access import Actor
from ..notifying import KeptNotification
from ..ports import Store


@dataclass(frozen=True, slots=True)
class OwnNotifications:
    kept: list[KeptNotification]
    total: int
    unread: int


async def own(store: Store, actor: Actor, unread: bool, page: int, page_size: int) -> OwnNotifications:
    """Accounts without a member behind them are told nothing."""
    if actor.member_id is None:
        return OwnNotifications([], 0, 0)
    async with store.reading() as uow:
        kept, total = await uow.notifications.of_member(actor.member_id, unread=unread, page=page, page_size=page_size)
        return OwnNotifications(kept, total, await uow.notifications.unread_count(actor.member_id))


async def unread_count(store: Store, actor: Actor) -> int:
    if actor.member_id is None:
        return 0
    async with store.reading() as uow:
        return await uow.notifications.unread_count(actor.member_id)


async def mark_read(store: Store, actor: Actor, now: float, notification_ids: Collection[str] | None = None) -> int:
    """Those named, or all. Others' are passed over as if they were not there. Answers how many stay unread."""
    if actor.member_id is None:
        return 0
    async with store.writing() as uow:
        await uow.notifications.mark_read(actor.member_id, now, notification_ids)
        return await uow.notifications.unread_count(actor.member_id)
