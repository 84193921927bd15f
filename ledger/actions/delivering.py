"""The queue of deliveries as its one loop sees it: take what is due, say what became of each, and never send what is settled.

Taking a delivery counts a try and puts its next one off, in one transaction, before anything is sent. A loop that dies in between leaves a
delivery that is tried again later; its message has the same id then, so that whoever got it already can tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ..delivery import RETRYABLE, Channel, Delivery, DeliveryState, WebhookEndpoint
from ..kinds.delivery import WEBHOOK_DISABLED
from ..ports import Store, UnitOfWork
from ..rules.retrying import next_try

LEASE = "delivery"
LEASE_SECONDS = 60.0
#: How long a delivery that was taken is nobody else's: longer than a server is waited for.
TAKEN_SECONDS = 300.0
REASON_LENGTH = 200
#: An endpoint that took nothing for so long is asked no more until somebody looks at it.
DISABLE_AFTER_SECONDS = 3 * 86_400.0


class Outcome(StrEnum):
    SENT = "sent"
    AGAIN = "again"  # trouble that may pass
    NEVER = "never"  # refused for good
    NOTHING = "nothing"  # there was nothing left to send


@dataclass(frozen=True, slots=True)
class Tried:
    delivery: Delivery
    outcome: Outcome
    reason: str = ""


async def lead(store: Store, holder: str, now: float) -> bool:
    """Whether this process is the one that delivers, for the next minute."""
    async with store.writing() as uow:
        return await uow.leases.take(LEASE, holder, now, now + LEASE_SECONDS)


async def step_down(store: Store, holder: str) -> None:
    async with store.writing() as uow:
        await uow.leases.give_back(LEASE, holder)


async def anything_due(store: Store, now: float) -> bool:
    """A look without a writer's place, so that an idle installation writes nothing."""
    async with store.reading() as uow:
        return bool(await uow.notifications.unrouted(1) or await uow.deliveries.due(now, 1))


async def take(store: Store, now: float, limit: int) -> list[Delivery]:
    async with store.writing() as uow:
        taken = [
            replace(one, tries=one.tries + 1, tried_at=now, due_at=now + TAKEN_SECONDS) for one in await uow.deliveries.due(now, limit)
        ]
        for one in taken:
            await uow.deliveries.save(one)
    return taken


async def settle(store: Store, tried: Tried, now: float) -> Delivery:
    """Say what became of a delivery that was taken. One that was settled meanwhile stays as it is."""
    async with store.writing() as uow:
        current = await uow.deliveries.get(tried.delivery.delivery_id)
        if current is None or current.state is not DeliveryState.WAITING:
            return current or tried.delivery
        after = _after(replace(current, reason=tried.reason[:REASON_LENGTH]), tried.outcome, now)
        await uow.deliveries.save(after)
        if after.channel is Channel.WEBHOOK:
            await _watch_endpoint(uow, after, tried.outcome, now)
    return after


async def put_back(store: Store, taken: list[Delivery], now: float, reason: str) -> None:
    """The server is away: those that were not tried come again with those that were."""
    async with store.writing() as uow:
        for one in taken:
            current = await uow.deliveries.get(one.delivery_id)
            if current is not None and current.state is DeliveryState.WAITING:
                await uow.deliveries.save(_after(replace(current, reason=reason[:REASON_LENGTH]), Outcome.AGAIN, now))


async def try_again(store: Store, delivery_id: str, now: float) -> Delivery | None:
    """By hand: a delivery that was given up starts anew; one that waits is due at once. None: there is none such."""
    async with store.writing() as uow:
        before = await uow.deliveries.get(delivery_id)
        if before is None or before.state is DeliveryState.SENT:
            return None
        after = replace(before, state=DeliveryState.WAITING, due_at=now, settled_at=None)
        if before.state in RETRYABLE:
            after = replace(after, tries=0, created_at=now)
        await uow.deliveries.save(after)
    return after


def _after(one: Delivery, outcome: Outcome, now: float) -> Delivery:
    if outcome is Outcome.AGAIN:
        due_at = next_try(one.tries, one.created_at, now)
        return replace(one, due_at=due_at) if due_at is not None else replace(one, state=DeliveryState.FAILED, settled_at=now)
    states = {Outcome.SENT: DeliveryState.SENT, Outcome.NEVER: DeliveryState.FAILED, Outcome.NOTHING: DeliveryState.DROPPED}
    return replace(one, state=states[outcome], settled_at=now)


async def _watch_endpoint(uow: UnitOfWork, delivery: Delivery, outcome: Outcome, now: float) -> None:
    endpoint = await uow.webhooks.get(delivery.recipient)
    if endpoint is None or outcome is Outcome.NOTHING:
        return
    if outcome is Outcome.SENT:
        if endpoint.failing_since is not None:
            await uow.webhooks.save(replace(endpoint, failing_since=None))
        return
    since = endpoint.failing_since if endpoint.failing_since is not None else now
    if now - since >= DISABLE_AFTER_SECONDS and endpoint.disabled_at is None:
        endpoint = replace(endpoint, disabled_at=now, disabled_reason="failing", revision=endpoint.revision + 1)
        await _tell_maker(uow, endpoint, now)
    await uow.webhooks.save(replace(endpoint, failing_since=since))


async def _tell_maker(uow: UnitOfWork, endpoint: WebhookEndpoint, now: float) -> None:
    """Who made it, if that is a member; it also stands on the page of webhooks."""
    account, org = await uow.accounts.get(endpoint.created_by), await uow.organisations.get(endpoint.org_id)
    if account is not None and account.member_id is not None:
        about = f"webhook:{endpoint.endpoint_id}"
        note = WEBHOOK_DISABLED.to(account.member_id, about, now, f"{about}:{endpoint.revision}", org=org.name if org else "–")
        await uow.notifications.add([note])
