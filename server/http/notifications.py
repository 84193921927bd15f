"""What concerns the one who is logged in: the list, the number at the bell, and reading it."""

from __future__ import annotations

from ledger.actions import notifications
from ledger.kinds import KINDS
from ledger.notifying import KeptNotification
from server.http.call import Call
from server.http.views.moments import iso, iso_or_none
from server.schemas.base import Sentence
from server.schemas.notifications import MarkRead, NotificationLine, NotificationPage, NotificationSearch, UnreadCount


async def search(call: Call, query: NotificationSearch) -> NotificationPage:
    found = await notifications.own(call.store, call.actor, query.unread, query.page, query.page_size)
    items = [line for one in found.kept if (line := _line(one)) is not None]
    return NotificationPage(items=items, total=found.total, page=query.page, page_size=query.page_size, unread=found.unread)


async def unread(call: Call) -> UnreadCount:
    return UnreadCount(unread=await notifications.unread_count(call.store, call.actor))


async def read(call: Call, body: MarkRead) -> UnreadCount:
    return UnreadCount(unread=await notifications.mark_read(call.store, call.actor, call.now, body.notification_ids))


def _line(one: KeptNotification) -> NotificationLine | None:
    """A kind that a later version no longer knows is left out."""
    told = one.notification
    kind = KINDS.get(told.kind)
    if kind is None:
        return None
    return NotificationLine(
        notification_id=one.notification_id,
        kind=told.kind,
        title=Sentence(zh=kind.title_zh, en=kind.title_en),
        message=Sentence(zh=kind.sentence("zh", told.params), en=kind.sentence("en", told.params)),
        path=kind.page(told.about_id),
        at=iso(told.at),
        read_at=iso_or_none(one.read_at),
    )
