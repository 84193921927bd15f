"""Deliveries, preferences, webhooks and leases in memory. The doors and their promises are in `ledger.deliveryports`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from ..delivery import OPEN, Channel, Delivery, DeliveryPreferences, DeliveryState, WebhookEndpoint
from ..deliveryports import DeliveryQuery
from ..ports import Reach
from .memory_books import Books, places, refuse_twice


class MemoryDeliveries:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._rows = books.deliveries

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        for one in deliveries:
            self._rows.setdefault(one.delivery_id, one)

    async def get(self, delivery_id: str) -> Delivery | None:
        return self._rows.get(delivery_id)

    async def save(self, delivery: Delivery) -> None:
        self._rows[delivery.delivery_id] = delivery

    async def due(self, now: float, limit: int) -> list[Delivery]:
        found = [one for one in self._rows.values() if one.state in OPEN and one.due_at <= now]
        return sorted(found, key=lambda one: (one.due_at, one.delivery_id))[:limit]

    async def search(self, query: DeliveryQuery) -> tuple[list[Delivery], int]:
        found = [
            one
            for one in self._rows.values()
            if one.state in query.states and query.channel in (None, one.channel) and query.recipient in (None, one.recipient)
        ]
        found.sort(key=lambda one: (one.created_at, one.delivery_id), reverse=True)
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    async def counts(self) -> dict[tuple[Channel, DeliveryState], int]:
        return dict(Counter((one.channel, one.state) for one in self._rows.values()))

    async def remove_settled_before(self, instant: float) -> int:
        old = [key for key, one in self._rows.items() if one.settled_at is not None and one.settled_at < instant]
        for key in old:
            del self._rows[key]
        return len(old)

    async def preferences(self, member_ids: Collection[str]) -> dict[str, DeliveryPreferences]:
        kept = self._books.delivery_preferences
        return {one: kept[one] for one in member_ids if one in kept}

    async def save_preferences(self, preferences: DeliveryPreferences) -> None:
        self._books.delivery_preferences[preferences.member_id] = preferences


class MemoryWebhooks:
    def __init__(self, books: Books) -> None:
        self._rows = books.webhooks
        self._units = books.organisations

    async def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        return self._rows.get(endpoint_id)

    async def add(self, endpoint: WebhookEndpoint) -> None:
        refuse_twice([endpoint], self._rows.values(), "endpoint_id")
        self._rows[endpoint.endpoint_id] = endpoint

    async def save(self, endpoint: WebhookEndpoint) -> None:
        self._rows[endpoint.endpoint_id] = endpoint

    async def remove(self, endpoint_id: str) -> None:
        self._rows.pop(endpoint_id, None)

    async def within(self, reach: Reach) -> list[WebhookEndpoint]:
        here = places(self._units, reach)
        return self._sorted(one for one in self._rows.values() if one.org_id in here)

    async def listening(self, org_ids: Collection[str], event: str) -> list[WebhookEndpoint]:
        return self._sorted(one for one in self._rows.values() if one.org_id in org_ids and event in one.events and one.disabled_at is None)

    @staticmethod
    def _sorted(found: Iterable[WebhookEndpoint]) -> list[WebhookEndpoint]:
        return sorted(found, key=lambda one: (one.created_at, one.endpoint_id))


class MemoryLeases:
    def __init__(self, books: Books) -> None:
        self._rows = books.leases

    async def take(self, name: str, holder: str, now: float, until: float) -> bool:
        held = self._rows.get(name)
        if held is not None and held[0] != holder and held[1] > now:
            return False
        self._rows[name] = (holder, until)
        return True

    async def give_back(self, name: str, holder: str) -> None:
        if self._rows.get(name, ("", 0.0))[0] == holder:
            del self._rows[name]
