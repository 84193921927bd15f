"""How one is reached, the endpoints of webhooks, and – for whoever runs the installation – what waits to be sent and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from ledger.access import Action, Target, may, require
from ledger.actions import delivering, preferences, webhooks
from ledger.actions.members import mask_email
from ledger.delivery import EVENTS, PING, Channel, Delivery, DeliveryPreferences, DeliveryState, MailMode, WebhookEndpoint
from ledger.deliveryports import DeliveryQuery
from ledger.kinds import KINDS
from ledger.model import OrgUnit
from ledger.refusals import NotFound
from server.http.call import Call
from server.http.views.moments import iso, iso_or_none
from server.schemas import delivery as s
from server.schemas.base import Done, Sentence
from server.schemas.queries import Pages


async def own_preferences(call: Call) -> s.PreferencesView:
    return _preferences(call, await preferences.own_preferences(call.store, call.actor))


async def choose(call: Call, body: s.ChoosePreferences) -> s.PreferencesView:
    times = (_minute(body.digest_at), _minute(body.quiet_from), _minute(body.quiet_until))
    command = preferences.ChoosePreferences(MailMode(body.mail), *times, body.no_mail, body.no_webhook)
    return _preferences(call, await preferences.choose(call.store, call.actor, command))


async def list_webhooks(call: Call) -> s.WebhookList:
    found = await webhooks.list_endpoints(call.store, call.actor)
    events = [s.WebhookEvent(event=event, title=Sentence(zh=zh, en=en)) for event, (zh, en) in EVENTS.items()]
    async with call.store.reading() as uow:
        units = await uow.organisations.many({one.org_id for one in found})
    return s.WebhookList(webhooks=[_shown(one, units.get(one.org_id)) for one in found], events=events)


async def make_webhook(call: Call, body: s.MakeWebhook) -> s.WebhookView:
    command = webhooks.MakeEndpoint(body.org_id, body.url, body.events)
    made = await webhooks.make_endpoint(call.store, call.actor, command, call.house.sealer, call.now)
    return await _webhook(call, made.endpoint, made.secret)


async def change_webhook(call: Call, body: s.ChangeWebhook) -> s.WebhookView:
    command = webhooks.ChangeEndpoint(call.ids["webhookId"], body.revision, body.url, body.events, body.enabled, body.new_secret)
    changed = await webhooks.change_endpoint(call.store, call.actor, command, call.house.sealer, call.now)
    return await _webhook(call, changed.endpoint, changed.secret)


async def remove_webhook(call: Call) -> Done:
    await webhooks.remove_endpoint(call.store, call.actor, call.ids["webhookId"], call.now)
    return Done()


async def ping_webhook(call: Call) -> Done:
    await webhooks.ping(call.store, call.actor, call.ids["webhookId"], call.now)
    return Done()


async def webhook_log(call: Call, query: Pages) -> s.DeliveryLog:
    found = await webhooks.delivery_log(call.store, call.actor, call.ids["webhookId"], query.page, query.page_size)
    items = await _lines(call, found.deliveries)
    return s.DeliveryLog(items=items, total=found.total, page=query.page, page_size=query.page_size)


async def search(call: Call, query: s.DeliverySearch) -> s.DeliveryPage:
    require(call.actor, Action.MANAGE_DELIVERY, Target(path=""))
    states = frozenset({DeliveryState(query.state)}) if query.state else frozenset(DeliveryState)
    channel = Channel(query.channel) if query.channel else None
    async with call.store.reading() as uow:
        found, total = await uow.deliveries.search(
            DeliveryQuery(states, channel, page=query.page, page_size=query.page_size)
        )  # fmt: skip
        counts = await uow.deliveries.counts()
    by_state = {state.value: sum(count for (_, one), count in counts.items() if one is state) for state in DeliveryState}
    return s.DeliveryPage(
        items=await _lines(call, found),
        total=total,
        page=query.page,
        page_size=query.page_size,
        counts=s.DeliveryCounts(**by_state),
        mail_possible=bool(call.house.settings.smtp_host),
    )


async def try_again(call: Call) -> s.DeliveryLine:
    delivery_id, runs = call.ids["deliveryId"], may(call.actor, Action.MANAGE_DELIVERY, Target(path=""))
    found = await delivering.try_again(call.store, delivery_id, call.now) if runs else None
    if found is None:
        raise NotFound(noun="delivery", id=delivery_id)
    return (await _lines(call, [found]))[0]


def _preferences(call: Call, own: DeliveryPreferences) -> s.PreferencesView:
    kinds = [
        s.KindPreference(
            kind=kind.code,
            title=Sentence(zh=kind.title_zh, en=kind.title_en),
            urgent=kind.urgent,
            mail=kind.code not in own.no_mail,
            webhook=kind.code not in own.no_webhook,
        )
        for kind in KINDS.values()
    ]
    return s.PreferencesView(
        mail=own.mail.value,
        digest_at=_clock(own.digest_minute),
        quiet_from=_clock(own.quiet_from),
        quiet_until=_clock(own.quiet_until),
        kinds=kinds,
        mail_possible=bool(call.house.settings.smtp_host),
        address=call.actor.member.email if call.actor.member else None,
    )


async def _webhook(call: Call, one: WebhookEndpoint, secret: str | None = None) -> s.WebhookView:
    async with call.store.reading() as uow:
        return _shown(one, await uow.organisations.get(one.org_id), secret)


def _shown(one: WebhookEndpoint, org: OrgUnit | None, secret: str | None = None) -> s.WebhookView:
    return s.WebhookView(
        endpoint_id=one.endpoint_id,
        org_id=one.org_id,
        org_name=org.name if org else "",
        url=one.url,
        events=[event for event in one.events if event != PING],
        enabled=one.disabled_at is None,
        disabled_reason=one.disabled_reason,
        failing_since=iso_or_none(one.failing_since),
        created_at=iso(one.created_at),
        revision=one.revision,
        secret=secret,
    )


async def _lines(call: Call, found: Sequence[Delivery]) -> list[s.DeliveryLine]:
    """Whom it is for, as far as it helps to find what is wrong: a masked address, the host of an endpoint."""
    async with call.store.reading() as uow:
        people = await uow.members.many({one.recipient for one in found if one.channel is Channel.EMAIL})
        hosts = {one: await uow.webhooks.get(one) for one in {one.recipient for one in found if one.channel is Channel.WEBHOOK}}
    to: dict[str, str] = {key: mask_email(member.email) or "–" for key, member in people.items()}
    to |= {key: urlsplit(endpoint.url).hostname or "–" for key, endpoint in hosts.items() if endpoint}
    return [
        s.DeliveryLine(
            delivery_id=one.delivery_id,
            channel=one.channel.value,
            subject=one.subject,
            to=to.get(one.recipient, "–"),
            state=one.state.value,
            tries=one.tries,
            created_at=iso(one.created_at),
            due_at=iso(one.due_at),
            tried_at=iso_or_none(one.tried_at),
            settled_at=iso_or_none(one.settled_at),
            reason=one.reason,
        )
        for one in found
    ]


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
