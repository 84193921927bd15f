"""From a notification to its ways out: e-mail at once, after the quiet hours or with the day's digest, and the webhooks that listen.

The ids of deliveries are made of what they carry, so that routing twice is routing once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ..delivery import Channel, Delivery, DeliveryPreferences, DeliveryState, MailMode
from ..kinds import KINDS
from ..model import CHINA, REPORTING, Member
from ..notifying import KeptNotification, Kind
from ..ports import Store, UnitOfWork
from ..rules.retrying import after_quiet, at_minute

BATCH = 500
#: What could not be routed for so long is no news any more: it waits in the application only.
STALE_SECONDS = 3 * 86_400.0
NOTIFIED = "notification.created.v1"


async def route(store: Store, now: float, *, mail: bool, base_url: str) -> int:
    """Decides the ways out of the oldest notifications that have none yet. `mail` False: no mail server is set. Answers how many."""
    async with store.writing() as uow:
        waiting = await uow.notifications.unrouted(BATCH)
        if not waiting:
            return 0
        ids = {one.notification.recipient_member_id for one in waiting}
        members, chosen = await uow.members.many(ids), await uow.deliveries.preferences(ids)
        for one in waiting:
            member = members.get(one.notification.recipient_member_id)
            kind = KINDS.get(one.notification.kind)
            if member is None or kind is None or member.status not in REPORTING or now - one.notification.at > STALE_SECONDS:
                continue
            wishes = chosen.get(member.member_id, DeliveryPreferences(member.member_id))
            if mail and member.email and kind.code not in wishes.no_mail:
                await _by_mail(uow, one, kind, wishes, now)
            if kind.code not in wishes.no_webhook:
                await _by_webhook(uow, one, kind, member, now, base_url)
        await uow.notifications.mark_routed([one.notification_id for one in waiting], now)
    return len(waiting)


async def _by_mail(uow: UnitOfWork, one: KeptNotification, kind: Kind, wishes: DeliveryPreferences, now: float) -> None:
    """An urgent one goes out by itself and at once, to everybody who takes mail at all."""
    member_id = wishes.member_id
    if wishes.mail is MailMode.OFF or one.read_at is not None:
        return
    if wishes.mail is MailMode.DIGEST and not kind.urgent:
        await _into_digest(uow, one, wishes, now)
        return
    due_at = now if kind.urgent else after_quiet(now, wishes.quiet_from, wishes.quiet_until, CHINA)
    key = delivery_id("mail", one.notification_id)
    await uow.deliveries.add([Delivery(key, Channel.EMAIL, member_id, "each", (one.notification_id,), "", now, due_at)])


async def _into_digest(uow: UnitOfWork, one: KeptNotification, wishes: DeliveryPreferences, now: float) -> None:
    due_at = at_minute(now, wishes.digest_minute, CHINA)
    day = datetime.fromtimestamp(due_at, CHINA).date()
    key = delivery_id("digest", wishes.member_id, day.isoformat())
    begun = await uow.deliveries.get(key)
    if begun is None:
        await uow.deliveries.add([Delivery(key, Channel.EMAIL, wishes.member_id, "digest", (one.notification_id,), "", now, due_at)])
    elif begun.state is DeliveryState.WAITING and begun.tries == 0:
        ids = tuple(dict.fromkeys((*begun.notification_ids, one.notification_id)))
        await uow.deliveries.save(replace(begun, notification_ids=ids))
    else:  # this day's digest has gone out already: the next one takes it
        await _into_digest(uow, one, wishes, due_at + 60.0)


async def _by_webhook(uow: UnitOfWork, one: KeptNotification, kind: Kind, member: Member, now: float, base_url: str) -> None:
    """What a gateway needs to reach the person, and no more: who it is, a sentence, a link."""
    told = one.notification
    data: Mapping[str, object] = {
        "memberId": member.member_id,
        "memberNumber": member.number,
        "kind": kind.code,
        "urgent": kind.urgent,
        "message": {"zh": kind.sentence("zh", told.params), "en": kind.sentence("en", told.params)},
        "url": base_url + kind.page(told.about_id),
    }
    await publish(uow, NOTIFIED, member.home_branch_id, one.notification_id, data, now)


async def publish(uow: UnitOfWork, event: str, org_id: str, key: str, data: Mapping[str, object], now: float) -> int:
    """Owe an event to every endpoint that listens at this organisation or above it; in the transaction of what happened.

    `key`: the same event under the same key is owed once. Answers how many endpoints take it.
    """
    org = await uow.organisations.get(org_id)
    if org is None:
        return 0
    above = [part for part in org.path.split("/") if part]
    listening = await uow.webhooks.listening(above, event)
    body: Mapping[str, object] = {"event": event, "at": _iso(now), "organisation": {"orgId": org.org_id, "name": org.name}, "data": data}
    await uow.deliveries.add([_to_endpoint(endpoint.endpoint_id, event, key, body, now) for endpoint in listening])
    return len(listening)


def _to_endpoint(endpoint_id: str, event: str, key: str, body: Mapping[str, object], now: float) -> Delivery:
    delivery = delivery_id("webhook", endpoint_id, event, key)
    text = json.dumps({"deliveryId": delivery, **body}, ensure_ascii=False, separators=(",", ":"))
    return Delivery(delivery, Channel.WEBHOOK, endpoint_id, event, (), text, now, now)


def delivery_id(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, CHINA).isoformat(timespec="seconds")
