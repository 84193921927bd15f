"""The bell over real sockets: a member's pages are told the moment a notification is kept, nobody else is, and nothing waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ledger.notifying import Notification
from ledger.store.memory import MemoryStore
from server.http.views.notifications import line_of
from server.live.bell import Bell
from tests.ledger.records import NOON
from tests.support.live import Guest, LiveServer, live_server, until

Json = dict[str, Any]


def line(told: Notification) -> Json | None:
    shape = line_of(told)
    return None if shape is None else shape.model_dump(by_alias=True)


def told(member: str, key: str = "k1", kind: str = "reportAnswered") -> Notification:
    return Notification(member, kind, {"name": "甲", "org": "甲支部"}, "report:R", NOON, key)


@pytest.fixture
async def house() -> AsyncIterator[tuple[LiveServer, MemoryStore, Bell]]:
    async with live_server() as server:
        store = MemoryStore()
        bell = Bell(server.speaker, line)
        store.on_told = bell.ring
        yield server, store, bell


async def tell(store: MemoryStore, *notifications: Notification) -> None:
    async with store.writing() as uow:
        await uow.notifications.add(notifications)


async def test_every_page_of_the_member_is_told_at_once_and_nobody_else(house: tuple[LiveServer, MemoryStore, Bell]) -> None:
    server, store, bell = house
    phone, desk, other = [await Guest(server, name).connect() for name in ("li", "li", "wu")]
    await tell(store, told("li"), told("away"))
    await until(lambda: phone.heard("notified") and desk.heard("notified"))
    news = phone.heard("notified")[0]
    assert (news["more"], [(one["kind"], one["path"], one["readAt"]) for one in news["notifications"]]) == (
        0,
        [("reportAnswered", "/reports/R", None)],
    )
    await tell(store, told("li"))  # told before: a repeat rings nobody
    await tell(store, told("wu"))
    await until(lambda: other.heard("notified"))
    await bell.settled()
    assert [len(one.heard("notified")) for one in (phone, desk, other)] == [1, 1, 1]
    for one in (phone, desk, other):
        await one.leave()


async def test_a_crowd_of_news_is_three_lines_and_a_number_and_unknown_kinds_are_none(house: tuple[LiveServer, MemoryStore, Bell]) -> None:
    server, store, _ = house
    guest = await Guest(server, "li").connect()
    await tell(store, told("li", "odd", kind="ofALaterVersion"), *[told("li", f"k{n}") for n in range(5)])
    await until(lambda: guest.heard("notified"))
    assert [(len(news["notifications"]), news["more"]) for news in guest.heard("notified")] == [(3, 2)]
    await guest.leave()


async def test_trouble_between_the_nodes_silences_the_bell_and_nothing_else() -> None:
    class Away:
        async def emit(self, name: str, body: Json, sid: str) -> None:
            raise ConnectionError("redis is away")

        async def hang_up(self, sid: str) -> None:
            raise AssertionError("nobody is hung up on")

    store = MemoryStore()
    bell = Bell(Away(), line)
    store.on_told = bell.ring
    await tell(store, told("li"))
    await bell.settled()
    async with store.reading() as uow:
        assert await uow.notifications.unread_count("li") == 1
