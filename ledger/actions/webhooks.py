"""Endpoints of webhooks: made, changed, tried out and removed by whoever administers the organisation they belong to."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ..access import Action, Actor, organisation_for, reach_of
from ..delivery import EVENTS, PING, Channel, Delivery, WebhookEndpoint
from ..deliveryports import DeliveryQuery
from ..model import Access
from ..ports import Store, UnitOfWork
from ..refusals import Conflict, Forbidden, Invalid, NotFound, StaleRevision
from ..sealing import Sealer
from .routing import delivery_id

MOST_ENDPOINTS = 20  # of one organisation
LONGEST_URL = 1000
SECRET_BYTES = 32


class UrlRefused(Invalid):
    """params: problem: scheme | host | length | credentials."""

    code = "urlRefused"


class EventUnknown(Invalid):
    """params: event."""

    code = "eventUnknown"


class TooManyEndpoints(Conflict):
    """params: limit."""

    code = "tooManyEndpoints"


@dataclass(frozen=True, slots=True)
class MakeEndpoint:
    org_id: str
    url: str
    events: Sequence[str]


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    """`enabled` True wakes one that was disabled; `new_secret`: the old one signs nothing any more."""

    endpoint_id: str
    revision: int
    url: str | None = None
    events: Sequence[str] | None = None
    enabled: bool | None = None
    new_secret: bool = False


@dataclass(frozen=True, slots=True)
class MadeEndpoint:
    """`secret`: shown now and never again; None where it stayed."""

    endpoint: WebhookEndpoint
    secret: str | None


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    deliveries: list[Delivery]
    total: int


def sealed_for(endpoint_id: str) -> str:
    """What a sealed secret is bound to."""
    return f"webhook:{endpoint_id}:secret"


async def list_endpoints(store: Store, actor: Actor) -> list[WebhookEndpoint]:
    """Refusal: Forbidden to whoever administers nothing."""
    reach = reach_of(actor, Action.MANAGE_WEBHOOK)
    if not (reach.everywhere or reach.paths):
        raise Forbidden(action=Action.MANAGE_WEBHOOK.value)
    async with store.reading() as uow:
        return await uow.webhooks.within(reach)


async def make_endpoint(store: Store, actor: Actor, command: MakeEndpoint, sealer: Sealer, now: float) -> MadeEndpoint:
    url, events, secret = _checked_url(command.url), _checked_events(command.events), _new_secret()
    async with store.writing() as uow:
        org = await organisation_for(uow, actor, command.org_id, Action.MANAGE_WEBHOOK)
        if len(await uow.webhooks.listening([org.org_id], PING)) >= MOST_ENDPOINTS:
            raise TooManyEndpoints(limit=MOST_ENDPOINTS)
        key = secrets.token_hex(8)
        endpoint = WebhookEndpoint(key, org.org_id, url, events, sealer.seal(secret, sealed_for(key)), now, actor.account_id)
        await uow.webhooks.add(endpoint)
        await _log(uow, actor, "makeWebhook", endpoint, now)
    return MadeEndpoint(endpoint, secret)


async def change_endpoint(store: Store, actor: Actor, command: ChangeEndpoint, sealer: Sealer, now: float) -> MadeEndpoint:
    async with store.writing() as uow:
        before = await endpoint_for(uow, actor, command.endpoint_id)
        if before.revision != command.revision:
            raise StaleRevision(current=before.revision)
        after = replace(before, revision=before.revision + 1)
        if command.url is not None:
            after = replace(after, url=_checked_url(command.url))
        if command.events is not None:
            after = replace(after, events=_checked_events(command.events))
        if command.enabled is True:
            after = replace(after, disabled_at=None, disabled_reason="", failing_since=None)
        elif command.enabled is False and before.disabled_at is None:
            after = replace(after, disabled_at=now, disabled_reason="byHand")
        secret = _new_secret() if command.new_secret else None
        if secret is not None:
            after = replace(after, sealed_secret=sealer.seal(secret, sealed_for(after.endpoint_id)))
        await uow.webhooks.save(after)
        await _log(uow, actor, "changeWebhook", after, now)
    return MadeEndpoint(after, secret)


async def remove_endpoint(store: Store, actor: Actor, endpoint_id: str, now: float) -> None:
    async with store.writing() as uow:
        endpoint = await endpoint_for(uow, actor, endpoint_id)
        await uow.webhooks.remove(endpoint_id)
        await _log(uow, actor, "removeWebhook", endpoint, now)


async def ping(store: Store, actor: Actor, endpoint_id: str, now: float) -> Delivery:
    """The test button: an event without content, sent at once, also to a disabled endpoint."""
    async with store.writing() as uow:
        endpoint = await endpoint_for(uow, actor, endpoint_id)
        key = delivery_id("ping", endpoint_id, secrets.token_hex(8))
        body = {"deliveryId": key, "event": PING, "organisation": {"orgId": endpoint.org_id}, "data": {}}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        delivery = Delivery(key, Channel.WEBHOOK, endpoint_id, PING, (), text, now, now)
        await uow.deliveries.add([delivery])
        await _log(uow, actor, "pingWebhook", endpoint, now)
    return delivery


async def delivery_log(store: Store, actor: Actor, endpoint_id: str, page: int, page_size: int) -> DeliveryLog:
    async with store.reading() as uow:
        await endpoint_for(uow, actor, endpoint_id)
        query = DeliveryQuery(channel=Channel.WEBHOOK, recipient=endpoint_id, page=page, page_size=page_size)
        return DeliveryLog(*await uow.deliveries.search(query))


async def endpoint_for(uow: UnitOfWork, actor: Actor, endpoint_id: str) -> WebhookEndpoint:
    endpoint = await uow.webhooks.get(endpoint_id)
    if endpoint is None:
        raise NotFound(noun="webhook", id=endpoint_id)
    try:
        await organisation_for(uow, actor, endpoint.org_id, Action.MANAGE_WEBHOOK)
    except Forbidden:
        raise NotFound(noun="webhook", id=endpoint_id) from None
    return endpoint


def _checked_url(url: str) -> str:
    """http is taken here and refused when sent, unless the installation allows it: a setting may change."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UrlRefused(problem="host") from None
    if len(url) > LONGEST_URL:
        raise UrlRefused(problem="length")
    if parts.scheme not in ("https", "http"):
        raise UrlRefused(problem="scheme")
    if not host:
        raise UrlRefused(problem="host")
    if parts.username or parts.password:
        raise UrlRefused(problem="credentials")
    return url.strip()


def _checked_events(events: Sequence[str]) -> tuple[str, ...]:
    for event in events:
        if event not in EVENTS:
            raise EventUnknown(event=event[:64])
    return (*dict.fromkeys(events), PING)


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}"


async def _log(uow: UnitOfWork, actor: Actor, action: str, endpoint: WebhookEndpoint, now: float) -> None:
    org = await uow.organisations.get(endpoint.org_id)
    await uow.access_log.append([Access(now, actor.account_id, action, f"org:{endpoint.org_id}", org.path if org else "")])
