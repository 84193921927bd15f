"""What concerns the one who is logged in: the list, the number at the bell, and reading it."""

from __future__ import annotations

from ledger.actions import notifications
from server.http.call import Call
from server.http.views.notifications import lines_of
from server.schemas.notifications import MarkRead, NotificationPage, NotificationSearch, UnreadCount


async def search(call: Call, query: NotificationSearch) -> NotificationPage:
    found = await notifications.own(call.store, call.actor, query.unread, query.page, query.page_size)
    items = lines_of(found.kept)
    return NotificationPage(items=items, total=found.total, page=query.page, page_size=query.page_size, unread=found.unread)


async def unread(call: Call) -> UnreadCount:
    return UnreadCount(unread=await notifications.unread_count(call.store, call.actor))


async def read(call: Call, body: MarkRead) -> UnreadCount:
    return UnreadCount(unread=await notifications.mark_read(call.store, call.actor, call.now, body.notification_ids))
