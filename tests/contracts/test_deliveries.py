"""Deliveries, preferences, webhooks and leases in the three twins of the store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.delivery import Channel, Delivery, DeliveryPreferences, DeliveryState, MailMode, WebhookEndpoint
from ledger.deliveryports import DeliveryQuery
from ledger.ports import Reach, Store
from ledger.refusals import Conflict
from tests.ledger.records import NOON, fill


def delivery(key: str = "d1", **special: Any) -> Delivery:
    plain = Delivery(key, Channel.EMAIL, "m-a4", "each", ("n1", "n2"), "", NOON, NOON)
    return replace(plain, **special)


def endpoint(key: str = "w1", org_id: str = "A", **special: Any) -> WebhookEndpoint:
    plain = WebhookEndpoint(key, org_id, "https://example.org/in", ("meeting.moved.v1", "ping.v1"), "aes.k.x", NOON, "admin")
    return replace(plain, **special)


async def test_a_delivery_is_owed_once_and_comes_back_as_it_went_in(store: Store) -> None:
    full = delivery(state=DeliveryState.FAILED, tries=3, tried_at=NOON + 1, settled_at=NOON + 2, reason="smtp 550", body='{"a":"“字”"}')
    async with store.writing() as uow:
        await uow.deliveries.add([full, delivery("d2"), delivery("d2", body="again")])
        await uow.deliveries.add([delivery(body="later")])
        await uow.deliveries.add([])
    async with store.reading() as uow:
        assert await uow.deliveries.get("d1") == full
        assert await uow.deliveries.get("d2") == delivery("d2")
        assert await uow.deliveries.get("none") is None


async def test_what_is_due_comes_longest_waiting_first(store: Store) -> None:
    async with store.writing() as uow:
        await uow.deliveries.add([delivery("b", due_at=NOON - 1), delivery("a"), delivery("later", due_at=NOON + 0.5)])
        await uow.deliveries.add([delivery("sent", state=DeliveryState.SENT)])
        assert [one.delivery_id for one in await uow.deliveries.due(NOON, 9)] == ["b", "a"]
        assert [one.delivery_id for one in await uow.deliveries.due(NOON, 1)] == ["b"]
        await uow.deliveries.save(delivery("b", state=DeliveryState.SENT, settled_at=NOON))
        assert [one.delivery_id for one in await uow.deliveries.due(NOON, 9)] == ["a"]


async def test_deliveries_are_searched_counted_and_cleared(store: Store) -> None:
    async with store.writing() as uow:
        await uow.deliveries.add([delivery("d1"), delivery("d2", created_at=NOON + 1, recipient="m-a5")])
        await uow.deliveries.add([delivery("d3", channel=Channel.WEBHOOK, recipient="w1", state=DeliveryState.SENT, settled_at=NOON)])
        for query, keys in (
            (DeliveryQuery(), ["d2", "d3", "d1"]),
            (DeliveryQuery(states=frozenset({DeliveryState.WAITING})), ["d2", "d1"]),
            (DeliveryQuery(channel=Channel.WEBHOOK), ["d3"]),
            (DeliveryQuery(recipient="m-a5"), ["d2"]),
        ):
            found, total = await uow.deliveries.search(query)
            assert ([one.delivery_id for one in found], total) == (keys, len(keys))
        found, total = await uow.deliveries.search(DeliveryQuery(page=2, page_size=2))
        assert ([one.delivery_id for one in found], total) == (["d1"], 3)
        waiting, sent = (Channel.EMAIL, DeliveryState.WAITING), (Channel.WEBHOOK, DeliveryState.SENT)
        assert await uow.deliveries.counts() == {waiting: 2, sent: 1}
        assert await uow.deliveries.remove_settled_before(NOON) == 0
        assert await uow.deliveries.remove_settled_before(NOON + 1) == 1
        assert await uow.deliveries.counts() == {waiting: 2}


async def test_preferences_are_those_chosen_last(store: Store) -> None:
    await fill(store)
    chosen = DeliveryPreferences("m-a4", MailMode.DIGEST, 1, 2, 3, frozenset({"b", "a"}), frozenset({"c"}))
    async with store.writing() as uow:
        await uow.deliveries.save_preferences(replace(chosen, mail=MailMode.OFF))
        await uow.deliveries.save_preferences(chosen)
    async with store.reading() as uow:
        assert await uow.deliveries.preferences(["m-a4", "m-a5"]) == {"m-a4": chosen}
        assert await uow.deliveries.preferences([]) == {}


async def test_endpoints_are_found_by_place_and_by_what_they_listen_to(store: Store) -> None:
    await fill(store)
    at_top, other = endpoint("w2", "C", created_at=NOON + 1), endpoint("w3", "B", created_at=NOON + 2)
    asleep = endpoint("w4", created_at=NOON + 3, disabled_at=NOON, disabled_reason="failing", failing_since=NOON - 1)
    async with store.writing() as uow:
        for one in (endpoint(), at_top, other, asleep):
            await uow.webhooks.add(one)
        assert await uow.webhooks.listening(["C", "A"], "meeting.moved.v1") == [endpoint(), at_top]
        assert await uow.webhooks.listening(["C", "A"], "meeting.cancelled.v1") == []
        assert await uow.webhooks.listening([], "meeting.moved.v1") == []
        assert await uow.webhooks.within(Reach(paths=("/C/A/",))) == [endpoint(), asleep]
        assert await uow.webhooks.within(Reach(everywhere=True)) == [endpoint(), at_top, other, asleep]
        await uow.webhooks.save(endpoint(url="https://example.org/new", events=(), revision=2))
        await uow.webhooks.remove("w3")
    async with store.reading() as uow:
        assert await uow.webhooks.get("w1") == endpoint(url="https://example.org/new", events=(), revision=2)
        assert await uow.webhooks.get("w3") is None
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.webhooks.add(endpoint())


async def test_a_lease_is_held_by_one_until_it_runs_out_or_is_given_back(store: Store) -> None:
    async with store.writing() as uow:
        assert await uow.leases.take("delivery", "one", NOON, NOON + 60) is True
        assert await uow.leases.take("delivery", "two", NOON + 59, NOON + 119) is False
        assert await uow.leases.take("other", "two", NOON, NOON + 60) is True
        assert await uow.leases.take("delivery", "one", NOON + 59, NOON + 119) is True
    async with store.writing() as uow:
        assert await uow.leases.take("delivery", "two", NOON + 100, NOON + 160) is False
        await uow.leases.give_back("delivery", "two")  # not theirs
        assert await uow.leases.take("delivery", "two", NOON + 119, NOON + 179) is True
        await uow.leases.give_back("delivery", "two")
        assert await uow.leases.take("delivery", "one", NOON + 120, NOON + 180) is True
