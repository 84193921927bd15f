"""A notification as the wire spells it, over REST and at the bell."""

from __future__ import annotations

from ledger.kinds import KINDS
from ledger.notifying import KeptNotification, Notification
from server.http.views.moments import iso, iso_or_none
from server.schemas.base import Sentence
from server.schemas.notifications import NotificationLine


def line_of(told: Notification, read_at: float | None = None) -> NotificationLine | None:
    """A kind that a later version no longer knows is left out."""
    kind = KINDS.get(told.kind)
    if kind is None:
        return None
    return NotificationLine(
        notification_id=told.notification_id,
        kind=told.kind,
        title=Sentence(zh=kind.title_zh, en=kind.title_en),
        message=Sentence(zh=kind.sentence("zh", told.params), en=kind.sentence("en", told.params)),
        path=kind.page(told.about_id),
        at=iso(told.at),
        read_at=iso_or_none(read_at),
    )


def lines_of(kept: list[KeptNotification]) -> list[NotificationLine]:
    return [line for one in kept if (line := line_of(one.notification, one.read_at)) is not None]
