"""The doors to what waits to be sent, to how members want to be reached, to endpoints of webhooks, and to leases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .delivery import Channel, Delivery, DeliveryPreferences, DeliveryState, WebhookEndpoint

if TYPE_CHECKING:
    from .ports import Reach


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Newest first; pages count from 1."""

    states: frozenset[DeliveryState] = frozenset(DeliveryState)
    channel: Channel | None = None
    recipient: str | None = None
    page: int = 1
    page_size: int = 50


class Deliveries(Protocol):
    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """An id that is there already is passed over."""
        ...

    async def get(self, delivery_id: str) -> Delivery | None: ...

    async def save(self, delivery: Delivery) -> None: ...

    async def due(self, now: float, limit: int) -> list[Delivery]:
        """Waiting ones whose time has come, longest due first."""
        ...

    async def search(self, query: DeliveryQuery) -> tuple[list[Delivery], int]: ...

    async def counts(self) -> dict[tuple[Channel, DeliveryState], int]: ...

    async def remove_settled_before(self, instant: float) -> int: ...

    async def preferences(self, member_ids: Collection[str]) -> dict[str, DeliveryPreferences]:
        """Of those who chose something."""
        ...

    async def save_preferences(self, preferences: DeliveryPreferences) -> None: ...


class Webhooks(Protocol):
    async def get(self, endpoint_id: str) -> WebhookEndpoint | None: ...

    async def add(self, endpoint: WebhookEndpoint) -> None: ...

    async def save(self, endpoint: WebhookEndpoint) -> None: ...

    async def remove(self, endpoint_id: str) -> None: ...

    async def within(self, reach: Reach) -> list[WebhookEndpoint]:
        """Of organisations within reach, by time made."""
        ...

    async def listening(self, org_ids: Collection[str], event: str) -> list[WebhookEndpoint]:
        """Those of these organisations that take the event and are not disabled."""
        ...


class Leases(Protocol):
    async def take(self, name: str, holder: str, now: float, until: float) -> bool:
        """True if the lease is the holder's now: it was free, had run out, or was the holder's already."""
        ...

    async def give_back(self, name: str, holder: str) -> None: ...
