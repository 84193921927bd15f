"""Who gets through to notifications: everybody, each to the own ones."""

from __future__ import annotations

from typing import Any

from tests.support.rest import ROLES

ALLOWED: dict[str, frozenset[str]] = {
    "notifications.search": frozenset(ROLES),
    "notifications.unread": frozenset(ROLES),
    "notifications.read": frozenset(ROLES),
}
BODIES: dict[str, Any] = {"notifications.read": {}}
