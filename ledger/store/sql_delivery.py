"""Deliveries, preferences, webhooks and leases in SQL. The doors and their promises are in `ledger.deliveryports`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..delivery import Channel, Delivery, DeliveryPreferences, DeliveryState, MailMode, WebhookEndpoint
from ..deliveryports import DeliveryQuery
from ..ports import Reach
from . import tables_delivery as t
from .reaching import Ground, places
from .rows import Rows, chunks

DELIVERIES = Rows(t.deliveries, Delivery, channel=Channel, state=DeliveryState)
PREFERENCES = Rows(t.delivery_preferences, DeliveryPreferences, mail=MailMode)
WEBHOOKS = Rows(t.webhooks, WebhookEndpoint)


class SqlDeliveries:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        new = {one.delivery_id: one for one in reversed(deliveries)}
        for chunk in chunks(new.keys()):
            known = select(t.deliveries.c.delivery_id).where(t.deliveries.c.delivery_id.in_(chunk))
            for key in (await self._connection.execute(known)).scalars():
                del new[key]
        if new:
            await self._connection.execute(insert(t.deliveries), [_delivery_row(one) for one in new.values()])

    async def get(self, delivery_id: str) -> Delivery | None:
        found = await self._all(DELIVERIES.select().where(t.deliveries.c.delivery_id == delivery_id))
        return found[0] if found else None

    async def save(self, delivery: Delivery) -> None:
        where = t.deliveries.c.delivery_id == delivery.delivery_id
        await self._connection.execute(update(t.deliveries).where(where).values(_delivery_row(delivery)))

    async def due(self, now: float, limit: int) -> list[Delivery]:
        column = t.deliveries.c
        waiting = (column.state == DeliveryState.WAITING.value) & (column.due_at <= now)
        return await self._all(DELIVERIES.select().where(waiting).order_by(column.due_at, column.delivery_id).limit(limit))

    async def search(self, query: DeliveryQuery) -> tuple[list[Delivery], int]:
        column, wanted = t.deliveries.c, _matching(query)
        if query.recipient is None:
            states = [state for state in DeliveryState if state in query.states]
            counted = await self._ground.memory.of((t.deliveries,), "deliveries", self._count)
            total = sum(n for (channel, state), n in counted.items() if state in states and query.channel in (None, channel))
        else:
            total = await self._connection.scalar(select(func.count()).select_from(t.deliveries).where(wanted)) or 0
        rows = DELIVERIES.select().where(wanted).order_by(column.created_at.desc(), column.delivery_id.desc())
        return await self._all(rows.limit(query.page_size).offset((query.page - 1) * query.page_size)), total

    async def counts(self) -> dict[tuple[Channel, DeliveryState], int]:
        return dict(await self._ground.memory.of((t.deliveries,), "deliveries", self._count))

    async def _count(self) -> Mapping[tuple[Channel, DeliveryState], int]:
        column = t.deliveries.c
        rows = await self._connection.execute(select(column.channel, column.state, func.count()).group_by(column.channel, column.state))
        return {(Channel(channel), DeliveryState(state)): count for channel, state, count in rows}

    async def remove_settled_before(self, instant: float) -> int:
        return (await self._connection.execute(delete(t.deliveries).where(t.deliveries.c.settled_at < instant))).rowcount

    async def preferences(self, member_ids: Collection[str]) -> dict[str, DeliveryPreferences]:
        found: dict[str, DeliveryPreferences] = {}
        for chunk in chunks(member_ids):
            rows = await self._connection.execute(PREFERENCES.select().where(t.delivery_preferences.c.member_id.in_(chunk)))
            found |= {row.member_id: _preferences(row) for row in rows}
        return found

    async def save_preferences(self, preferences: DeliveryPreferences) -> None:
        where = t.delivery_preferences.c.member_id == preferences.member_id
        await self._connection.execute(delete(t.delivery_preferences).where(where))
        kinds = {name: json.dumps(sorted(getattr(preferences, name))) for name in ("no_mail", "no_webhook")}
        await self._connection.execute(insert(t.delivery_preferences), PREFERENCES.write(preferences) | kinds)

    async def _all(self, query: Any) -> list[Delivery]:
        return [_delivery(row) for row in await self._connection.execute(query)]


class SqlWebhooks:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        found = await self._all(t.webhooks.c.endpoint_id == endpoint_id)
        return found[0] if found else None

    async def add(self, endpoint: WebhookEndpoint) -> None:
        await self._connection.execute(insert(t.webhooks), _webhook_row(endpoint))

    async def save(self, endpoint: WebhookEndpoint) -> None:
        where = t.webhooks.c.endpoint_id == endpoint.endpoint_id
        await self._connection.execute(update(t.webhooks).where(where).values(_webhook_row(endpoint)))

    async def remove(self, endpoint_id: str) -> None:
        await self._connection.execute(delete(t.webhooks).where(t.webhooks.c.endpoint_id == endpoint_id))

    async def within(self, reach: Reach) -> list[WebhookEndpoint]:
        return await self._all(true() if reach.everywhere else t.webhooks.c.org_id.in_(places(reach)))

    async def listening(self, org_ids: Collection[str], event: str) -> list[WebhookEndpoint]:
        found = [one for chunk in chunks(org_ids) for one in await self._all(_taking(chunk))]
        return [one for one in found if event in one.events]

    async def _all(self, where: ColumnElement[bool]) -> list[WebhookEndpoint]:
        rows = await self._connection.execute(WEBHOOKS.select().where(where).order_by(t.webhooks.c.created_at, t.webhooks.c.endpoint_id))
        return [_webhook(row) for row in rows]


class SqlLeases:
    """Writers come one after the other (see `sql`), so that looking before taking is enough."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, name: str, holder: str, now: float, until: float) -> bool:
        column = t.leases.c
        held = (await self._connection.execute(select(column.holder, column.until).where(column.name == name))).first()
        if held is not None and held.holder != holder and held.until > now:
            return False
        await self._connection.execute(delete(t.leases).where(column.name == name))
        await self._connection.execute(insert(t.leases), {"name": name, "holder": holder, "until": until})
        return True

    async def give_back(self, name: str, holder: str) -> None:
        await self._connection.execute(delete(t.leases).where((t.leases.c.name == name) & (t.leases.c.holder == holder)))


def _taking(org_ids: Sequence[str]) -> ColumnElement[bool]:
    return t.webhooks.c.org_id.in_(org_ids) & t.webhooks.c.disabled_at.is_(None)


def _matching(query: DeliveryQuery) -> ColumnElement[bool]:
    column = t.deliveries.c
    parts: list[ColumnElement[bool]] = [true()]
    if query.states != frozenset(DeliveryState):
        parts.append(column.state.in_(sorted(state.value for state in query.states)))
    if query.channel is not None:
        parts.append(column.channel == query.channel.value)
    if query.recipient is not None:
        parts.append(column.recipient == query.recipient)
    return and_(*parts)


def _delivery_row(one: Delivery) -> dict[str, Any]:
    return DELIVERIES.write(one) | {"notification_ids": json.dumps(one.notification_ids)}


def _delivery(row: Row[Any]) -> Delivery:
    values = row._asdict()
    enums = {"channel": Channel(row.channel), "state": DeliveryState(row.state)}
    return Delivery(**values | enums | {"notification_ids": tuple(json.loads(row.notification_ids))})


def _preferences(row: Row[Any]) -> DeliveryPreferences:
    kinds = {name: frozenset(json.loads(getattr(row, name))) for name in ("no_mail", "no_webhook")}
    return DeliveryPreferences(**row._asdict() | {"mail": MailMode(row.mail)} | kinds)


def _webhook_row(one: WebhookEndpoint) -> dict[str, Any]:
    return WEBHOOKS.write(one) | {"events": json.dumps(one.events)}


def _webhook(row: Row[Any]) -> WebhookEndpoint:
    return WebhookEndpoint(**row._asdict() | {"events": tuple(json.loads(row.events))})
