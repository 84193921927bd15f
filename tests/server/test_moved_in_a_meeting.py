"""A member is moved to another branch while a meeting runs: over real sockets and the real book, with the facts delivered by hand.

The meeting keeps whom it has: its list is frozen and nobody is put out. Who comes anew comes with the rights of that instant.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ledger.access import OPERATOR
from ledger.actions.attendance import meeting_sheet
from ledger.actions.meetings import mark_opened
from ledger.attendees import attendees_of
from ledger.facts import FactKind
from ledger.mobility import TransferState
from ledger.model import Capacity
from ledger.ports import Store
from ledger.refusals import Forbidden, NotFound
from ledger.rulebook import Rulebook
from ledger.store.memory import MemoryStore
from server.live.book import LedgerBook
from tests.ledger.records import HOUR, NOON, meeting
from tests.ledger.transferring import Desk, fill_both
from tests.support.live import Guest, LiveServer, live_server

Running = tuple[LiveServer, Desk, LedgerBook]


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """MA of branch A is open with a1 in the chair and a4 inside; ME of branch E is to be opened by e1."""
    store = MemoryStore()
    await fill_both(store)
    async with store.writing() as uow:
        await uow.meetings.add(meeting("MA", "A", planned_start=NOON, planned_end=NOON + HOUR))
        await uow.meetings.add(meeting("ME", "E", planned_start=NOON, planned_end=NOON + HOUR))
        await uow.meetings.add(meeting("ME2", "E", planned_start=NOON + 9 * HOUR, planned_end=NOON + 10 * HOUR))
    desk = Desk(store)
    book = LedgerBook(store, Rulebook(), lambda: desk.now)
    async with live_server(ledger=book) as server:
        yield server, desk, book


async def delivered(server: LiveServer, book: LedgerBook) -> None:
    await book.deliver(server.book.facts)


async def come(server: LiveServer, name: str, meeting_id: str) -> Guest:
    return await (await Guest(server, name).connect()).join(meeting_id)


async def opened(running: Running, chair: str, meeting_id: str) -> Guest:
    server, _, book = running
    guest = await come(server, chair, meeting_id)
    await guest.do("openMeeting")
    await delivered(server, book)
    return guest


async def moved(desk: Desk, member: str) -> None:
    await desk.apply(member, f"m-{member}")
    await desk.go_to(TransferState.RECEIPTED)


async def on_list(store: Store, meeting_id: str) -> dict[str, Capacity]:
    async with store.reading() as uow:
        found = await uow.meetings.get(meeting_id)
        assert found is not None
        return {one.member_id: one.capacity for one in await attendees_of(uow, found)}


async def test_who_is_moved_stays_in_the_meeting_and_on_its_list(running: Running) -> None:
    server, desk, book = running
    chair = await opened(running, "a1", "MA")
    guest = await come(server, "a4", "MA")
    await moved(desk, "a4")
    await guest.do("raiseHand")  # nobody was put out
    assert (await on_list(desk.store, "MA"))["m-a4"] is Capacity.EXPECTED
    await guest.do("leave")
    again = await come(server, "a4", "MA")
    assert again.joined["state"] == "joined"
    await chair.do("endMeeting")
    await delivered(server, book)
    sheet = (await meeting_sheet(desk.store, OPERATOR, "MA", desk.now + HOUR)).sheet
    row = next(row for row in sheet.rows if row.member_id == "m-a4")
    assert (row.capacity, row.record.connections) == (Capacity.EXPECTED, 2)
    assert {fact.member_id for fact in server.said(FactKind.CONNECTION_JOINED)} == {"m-a1", "m-a4"}
    for one in (chair, guest, again):
        await one.leave()


async def test_a_meeting_of_the_new_branch_that_runs_already_has_no_place_and_the_next_one_has(running: Running) -> None:
    server, desk, _ = running
    chair = await opened(running, "e1", "ME")
    await moved(desk, "a4")
    guest = await Guest(server, "a4").connect()
    assert await guest.refused("join", **guest.joining("ME")) in ("notInvited", "noSuchMeeting")
    assert "m-a4" not in await on_list(desk.store, "ME")
    assert (await on_list(desk.store, "ME2"))["m-a4"] is Capacity.EXPECTED
    assert "m-a4" not in await on_list(desk.store, "MA")  # not opened yet: of the old branch, it is expected no more
    await guest.leave()
    await chair.leave()


async def test_a_secretary_who_is_moved_comes_back_as_a_participant_and_opens_nothing_there(running: Running) -> None:
    server, desk, _ = running
    chair = await opened(running, "a2", "MA")
    assert chair.joined["snapshot"]["place"] == "moderator"
    await desk.apply("a1", "m-a2")
    await desk.go_to(TransferState.RECEIPTED)
    await chair.do("leave")
    again = await come(server, "a2", "MA")
    assert again.joined["snapshot"]["place"] == "inside"
    assert await again.refused("muteAll") == "notModerator"
    with pytest.raises((Forbidden, NotFound)):
        await mark_opened(desk.store, await desk.who("a2"), "MA", desk.now)
    await again.leave()
    await chair.leave()
