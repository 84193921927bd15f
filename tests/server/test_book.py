"""The ledger as rooms see it when something is still on its way there, or was left open by a crash."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ledger.facts import Fact, FactKind, meeting_stream
from ledger.ports import Store
from ledger.rulebook import Rulebook
from server.live.book import LedgerBook
from server.live.heartbeat import OpenConnection, closing_facts
from tests.support.rest import Service

MEMBER = "demo-member-7"


def said(meeting_id: str, key: str, kind: FactKind, at: float, member_id: str | None = None) -> Fact:
    body = {"connectionId": key.partition(":")[0], "deviceId": "d", "device": "desktop"} if member_id else {}
    return Fact(f"{meeting_id}:{key}", meeting_stream(meeting_id), kind, at, member_id, body)


def book_of(rest: Service, owed: Sequence[Fact] = ()) -> LedgerBook:
    return LedgerBook(rest.house.store, Rulebook(), rest.house.now, lambda: owed)


async def test_what_is_owed_counts_as_said(rest: Service) -> None:
    meeting_id, at = rest.ids["meetingId"], rest.now
    opened = [
        said(meeting_id, "opened", FactKind.MEETING_OPENED, at),
        said(meeting_id, "c1:joined", FactKind.CONNECTION_JOINED, at + 5, MEMBER),
    ]
    booked = await book_of(rest).booked(meeting_id)
    assert booked is not None
    assert (booked.stage, await book_of(rest).open_meetings()) == ("scheduled", [])
    book = book_of(rest, opened)
    booked = await book.booked(meeting_id)
    assert booked is not None
    assert (booked.stage, booked.opened_at, booked.last_fact_at) == ("open", at, at + 5)
    assert await book.open_meetings() == [meeting_id]
    booked = await book_of(rest, [*opened, said(meeting_id, "ended", FactKind.MEETING_ENDED, at + 60)]).booked(meeting_id)
    assert booked is not None
    assert booked.stage == "ended"


async def test_who_came_after_the_last_beat_is_closed_at_the_last_thing_said(rest: Service) -> None:
    """c1 left, c2 is closed from the heartbeat, c3 was never heard of again."""
    meeting_id, at = rest.ids["meetingId"], rest.now
    joined = [said(meeting_id, f"c{n}:joined", FactKind.CONNECTION_JOINED, at + n, MEMBER) for n in (1, 2, 3)]
    stored = [
        said(meeting_id, "opened", FactKind.MEETING_OPENED, at),
        *joined,
        said(meeting_id, "c1:left", FactKind.CONNECTION_LEFT, at + 4, MEMBER),
    ]
    book = book_of(rest)
    await book.deliver(stored)
    owed = closing_facts([OpenConnection(meeting_id, MEMBER, "c2", at + 6)])
    assert await book_of(rest, owed).left_open(meeting_id, None) == [OpenConnection(meeting_id, MEMBER, "c3", at + 6)]
    assert await book.left_open(meeting_id, at + 2.5) == [OpenConnection(meeting_id, MEMBER, "c3", at + 4)]
    await book.deliver([*owed, *closing_facts(await book_of(rest, owed).left_open(meeting_id, None))])
    assert await book.left_open(meeting_id, None) == []


async def test_a_meeting_is_called_ended_only_when_the_store_knows_when(rest: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at the sheet in between sees a meeting that still runs, not one that ended nobody knows when."""
    meeting_id, at, book = rest.ids["meetingId"], rest.now, book_of(rest)
    stages: list[str] = []

    async def append(store: Store, facts: Sequence[Fact], now: float) -> None:
        booked = await book.booked(meeting_id)
        assert booked is not None
        stages.append(booked.stage)

    monkeypatch.setattr("server.live.book.append_facts", append)
    for kind in (FactKind.MEETING_OPENED, FactKind.MEETING_ENDED):
        await book.deliver([said(meeting_id, kind.value, kind, at)])
    booked = await book.booked(meeting_id)
    assert booked is not None
    assert [*stages, booked.stage] == ["open", "open", "ended"]
