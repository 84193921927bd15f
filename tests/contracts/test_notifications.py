"""Notifications in the three twins of the store: what `ledger.notificationports` promises."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.notifying import KeptNotification, Notification
from ledger.ports import Store
from tests.ledger.records import NOON, fill


def told(member: str = "m-a4", key: str = "k1", at: float = NOON, **special: Any) -> Notification:
    shape: dict[str, Any] = {"kind": "leaveDecided", "params": {"org": "甲支部", "n": 3}, "about": "meeting:M"}
    return Notification(recipient_member_id=member, key=key, at=at, **(shape | special))


async def test_a_notification_comes_back_as_it_went_in_and_a_repeat_is_harmless(store: Store) -> None:
    await fill(store)
    first, other = told(), told("m-a5")
    async with store.writing() as uow:
        assert await uow.notifications.add([first, first, other]) == [first, other]
        assert await uow.notifications.add([told(kind="meetingMoved", at=NOON + 5)]) == []
        assert await uow.notifications.add([]) == []
    async with store.reading() as uow:
        assert await uow.notifications.of_member("m-a4") == ([KeptNotification(first)], 1)
        assert await uow.notifications.of_member("m-a5") == ([KeptNotification(other)], 1)
        assert await uow.notifications.many([first.notification_id, "nothing"]) == {first.notification_id: KeptNotification(first)}


async def test_the_newest_come_first_page_by_page(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.notifications.add([told(key=f"k{n}", at=NOON + n) for n in range(5)])
        page, total = await uow.notifications.of_member("m-a4", page=2, page_size=2)
    assert ([one.notification.key for one in page], total) == (["k2", "k1"], 5)


async def test_reading_touches_only_the_own_unread_ones(store: Store) -> None:
    await fill(store)
    mine = [told(key="k1"), told(key="k2", at=NOON + 1), told(key="k3", at=NOON + 2, about="meeting:N")]
    async with store.writing() as uow:
        await uow.notifications.add([*mine, told("m-a5")])
        assert await uow.notifications.mark_read("m-a4", NOON + 9, [mine[0].notification_id, told("m-a5").notification_id]) == 1
        assert await uow.notifications.mark_read("m-a4", NOON + 10, [mine[0].notification_id]) == 0
        assert await uow.notifications.mark_read_about("m-a4", "meeting:N", NOON + 11) == 1
        assert await uow.notifications.unread_count("m-a4") == 1
        assert [one.notification.key for one in (await uow.notifications.of_member("m-a4", unread=True))[0]] == ["k2"]
        assert await uow.notifications.mark_read("m-a4", NOON + 12) == 1
    async with store.reading() as uow:
        assert [one.read_at for one in (await uow.notifications.of_member("m-a4"))[0]] == [NOON + 11, NOON + 12, NOON + 9]
        assert await uow.notifications.unread_count("m-a5") == 1


async def test_what_is_owed_a_way_out_comes_oldest_first_until_it_is_routed(store: Store) -> None:
    await fill(store)
    both = [told(key="late", at=NOON + 1), told(key="early")]
    async with store.writing() as uow:
        await uow.notifications.add(both)
        assert [one.notification.key for one in await uow.notifications.unrouted(1)] == ["early"]
        await uow.notifications.mark_routed([both[1].notification_id], NOON + 3)
        assert [one.notification.key for one in await uow.notifications.unrouted(9)] == ["late"]
        assert (await uow.notifications.of_member("m-a4"))[0][1] == KeptNotification(both[1], None, NOON + 3)


async def test_old_ones_are_removed(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.notifications.add([told(key="old", at=NOON - 1), told(key="new")])
        assert await uow.notifications.remove_before(NOON) == 1
        assert [one.notification.key for one in (await uow.notifications.of_member("m-a4"))[0]] == ["new"]


async def fail_after(store: Store, told_in_vain: Notification) -> None:
    async with store.writing() as uow:
        await uow.notifications.add([told_in_vain])
        raise ZeroDivisionError


async def test_news_are_told_once_they_are_kept_and_not_when_nothing_has_happened(store: Store) -> None:
    await fill(store)
    heard: list[list[Notification]] = []
    store.on_told = lambda news: heard.append(list(news))
    first, second = told(), told(key="k2")
    with pytest.raises(ZeroDivisionError):
        await fail_after(store, first)
    async with store.writing() as uow:
        await uow.notifications.add([first])
        assert heard == []
        await uow.notifications.add([first, second])
    async with store.writing() as uow:
        await uow.notifications.add([first])
    assert heard == [[first, second]]
