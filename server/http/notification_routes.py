"""The rows of notifications in the table of REST."""

from __future__ import annotations

from server.http import notifications
from server.http.call import Route as R
from server.schemas import notifications as n

ROUTES: tuple[R, ...] = (
    R("GET", "/notifications", notifications.search, "The own notifications, newest first", query=n.NotificationSearch,
      answer=n.NotificationPage),
    R("GET", "/notifications/unread", notifications.unread, "How many of them are unread", answer=n.UnreadCount),
    R("POST", "/notifications/read", notifications.read, "Mark notifications as read: some, or all", body=n.MarkRead,
      answer=n.UnreadCount),
)  # fmt: skip
