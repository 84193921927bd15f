"""Who gets through to the own preferences, to a webhook of the first branch, and to the queue of deliveries."""

from __future__ import annotations

from typing import Any

PEOPLE = frozenset({"secretary", "deputy", "leader", "plain", "stranger", "otherSecretary", "hostSecretary", "applicant"})
ADMINISTRATORS = frozenset({"orgAdmin"})
RUNNERS = frozenset({"systemAdmin"})

ALLOWED: dict[str, frozenset[str]] = {
    "delivery.own_preferences": PEOPLE,
    "delivery.choose": PEOPLE,
    "delivery.list_webhooks": ADMINISTRATORS,
    "delivery.make_webhook": ADMINISTRATORS,
    "delivery.change_webhook": ADMINISTRATORS,
    "delivery.remove_webhook": ADMINISTRATORS,
    "delivery.ping_webhook": ADMINISTRATORS,
    "delivery.webhook_log": ADMINISTRATORS,
    "delivery.search": RUNNERS,
    "delivery.try_again": RUNNERS,
}
BODIES: dict[str, Any] = {
    "delivery.choose": {"mail": "digest", "digestAt": "08:00", "quietFrom": "22:00", "quietUntil": "07:00"},
    "delivery.make_webhook": {"orgId": "demo-first", "url": "https://hooks.example.org/in", "events": ["meeting.cancelled.v1"]},
    "delivery.change_webhook": {"revision": 1, "enabled": False},
}
