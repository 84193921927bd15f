"""Notifications of the one who is logged in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Id, Instant, Sentence, Shape
from .queries import Pages


class NotificationSearch(Pages):
    page_size: Annotated[int, Field(ge=1, le=200)] = 25
    unread: bool = False


class NotificationLine(Shape):
    """`path`: the page of the client that it leads to. `kind` is stable, `message` is for people."""

    notification_id: Id
    kind: str
    title: Sentence
    message: Sentence
    path: str
    at: Instant
    read_at: Instant | None


class NotificationPage(Shape):
    """Newest first; `unread` of all, not only of this page."""

    items: list[NotificationLine]
    total: int
    page: int
    page_size: int
    unread: int


class UnreadCount(Shape):
    unread: int


class Notified(Shape):
    """To every socket of a member, the moment it is told: at most three lines, and how many more there are."""

    notifications: list[NotificationLine]
    more: int


class MarkRead(Shape):
    """Without ids: all of them."""

    notification_ids: Annotated[list[Id], Field(max_length=200)] | None = None
