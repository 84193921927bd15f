"""The demo organisation over all three stores: the same people, the same meeting, the same sheet to the last byte of its chain."""

from __future__ import annotations

from ledger.access import OPERATOR
from ledger.actions.attendance import meeting_sheet, own_record
from ledger.actions.auditing import audit
from ledger.actions.calendar import ListMeetings, list_meetings, my_meetings
from ledger.actions.corrections import RaiseObjection, raise_objection
from ledger.actions.members import SearchMembers, search_members
from ledger.actions.sessions import LogIn, actor_of, log_in
from ledger.demo import DEMO_ACCOUNTS, DEMO_PASSWORD, load_demo
from ledger.model import MeetingState
from ledger.ports import Store
from ledger.sheet import AttendanceSheet
from ledger.store.memory import MemoryStore
from tests.ledger.records import NOON


async def past_sheet(store: Store) -> AttendanceSheet:
    ended = ListMeetings(states=frozenset({MeetingState.ENDED}))
    (line,) = (await list_meetings(store, OPERATOR, ended)).lines
    return (await meeting_sheet(store, OPERATOR, line.meeting.meeting_id, NOON)).sheet


async def test_the_demo_loads_once_and_tells_a_story(store: Store) -> None:
    assert await load_demo(store, NOON) is True
    assert await load_demo(store, NOON) is False
    for one in DEMO_ACCOUNTS:
        logged_in = await log_in(store, LogIn(one.username, DEMO_PASSWORD), NOON)
        assert (await actor_of(store, logged_in.token, NOON)).account.username == one.username
    sheet = await past_sheet(store)
    counts = sheet.counts
    assert (counts.expected, counts.present, counts.partly_present, counts.excused, counts.absent, counts.exempt) == (11, 7, 1, 1, 1, 1)
    assert (counts.observers, counts.host_members, sheet.complaints) == (1, 1, ())
    assert (await audit(store)).broken == ()


async def test_a_member_follows_the_demo_from_log_in_to_objection(store: Store) -> None:
    await load_demo(store, NOON)
    member = (await log_in(store, LogIn("member1", DEMO_PASSWORD), NOON)).actor
    coming = await my_meetings(store, member, NOON)
    assert [line.meeting.planned_start > NOON for line in coming] == [True, True]
    assert [line.may_join for line in coming] == [True, True]
    meeting_id = (await past_sheet(store)).meeting_id
    record = await own_record(store, member, meeting_id, NOON)
    assert (record.row.record.connections, record.row.record.devices, record.may_object) == (2, 2, True)
    await raise_objection(store, member, RaiseObjection(meeting_id, "发言时间少计了一分钟"), NOON)
    assert (await own_record(store, member, meeting_id, NOON)).may_object is False


async def test_every_store_measures_the_same(store: Store) -> None:
    twin = MemoryStore()
    for one in (store, twin):
        await load_demo(one, NOON)
    here, there = await past_sheet(store), await past_sheet(twin)
    assert here.rows == there.rows
    assert (here.counts, here.session, here.as_of) == (there.counts, there.session, there.as_of)
    assert here.last_fact_number == there.last_fact_number
    lists = [await search_members(one, OPERATOR, SearchMembers("演示·张"), NOON) for one in (store, twin)]
    assert lists[0] == lists[1]
    assert [line.member.name for line in lists[0].lines] == ["演示·张晓梅", "演示·张行舟"]
