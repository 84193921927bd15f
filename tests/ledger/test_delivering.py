"""From a notification to its ways out, and the law of the queue: at least once sent, at most once marked, whatever fails."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.actions.delivering import TAKEN_SECONDS, Outcome, Tried, anything_due, lead, put_back, settle, step_down, take, try_again
from ledger.actions.preferences import ChoosePreferences, choose, own_preferences
from ledger.actions.reports import BeginReport, begin, hand_in
from ledger.actions.routing import route
from ledger.actions.webhooks import MakeEndpoint, make_endpoint
from ledger.delivery import Channel, Delivery, DeliveryState, MailMode
from ledger.deliveryports import DeliveryQuery
from ledger.keyring import new_key
from ledger.kinds.meetings import LEAVE_DECIDED, MEETING_CANCELLED
from ledger.mails import compose
from ledger.notifying import Notification
from ledger.ports import Store
from ledger.rules.retrying import GIVE_UP_SECONDS
from ledger.sealing import KeyRing, RingSealer
from ledger.store.memory import MemoryStore
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, HOUR, MEMBERS, NOON, fill

SENT, WAITING, FAILED, DROPPED = DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.DROPPED
NIGHT = NOON + 11 * HOUR


def told(member: str = "m-a4", key: str = "k", at: float = NOON, kind: Any = LEAVE_DECIDED) -> Notification:
    note: Notification = kind.to(member, "meeting:M", at, key, org="甲支部", start="2025-12-03 20:00")
    return note


async def tell(store: Store, *notes: Notification) -> None:
    async with store.writing() as uow:
        await uow.notifications.add(notes)


async def queue(store: Store) -> list[Delivery]:
    async with store.reading() as uow:
        return (await uow.deliveries.search(DeliveryQuery()))[0]


async def routed(store: Store, now: float = NOON, *, mail: bool = True) -> list[Delivery]:
    await route(store, now, mail=mail, base_url="https://b.example")
    return await queue(store)


async def test_a_notification_goes_out_by_mail_once_however_often_it_is_routed(store: Store) -> None:
    await tell(store, told(), told("m-a5"))  # a5 has no address
    first = await routed(store)
    assert [(one.recipient, one.subject, one.due_at, one.state) for one in first] == [("m-a4", "each", NOON, WAITING)]
    async with store.writing() as uow:
        await uow.notifications.mark_routed([], NOON)
    assert await routed(store, NOON + 5) == first
    assert await anything_due(store, NOON) is True
    assert await anything_due(store, NOON - 1) is False


async def test_without_a_mail_server_nothing_waits_for_one(store: Store) -> None:
    await tell(store, told())
    assert await routed(store, mail=False) == []
    assert await routed(store) == []  # it has been decided


async def test_at_night_only_what_is_urgent_goes_out(store: Store) -> None:
    await tell(store, told(at=NIGHT), told(key="u", at=NIGHT, kind=MEETING_CANCELLED))
    due = {one.notification_ids[0]: one.due_at for one in await routed(store, NIGHT)}
    assert due == {told().notification_id: NOON + 19 * HOUR, told(key="u").notification_id: NIGHT}


async def test_a_digest_gathers_a_day_and_leaves_out_what_was_read(store: Store, who: Who) -> None:
    member = await who("a4")
    wishes = ChoosePreferences(MailMode.DIGEST, 18 * 60, 0, 0, no_webhook=["leaveDecided", "nothing"])
    assert (await choose(store, member, wishes)).no_webhook == {"leaveDecided"}
    await tell(store, told(key="k1"), told(key="k2"))
    await routed(store)
    await tell(store, told(key="k3", at=NOON + 5), told(key="u", kind=MEETING_CANCELLED))
    found = {one.subject: one for one in await routed(store, NOON + 5)}
    assert (len(found["digest"].notification_ids), found["digest"].due_at, found["each"].due_at) == (3, NOON + 6 * HOUR, NOON + 5)
    async with store.writing() as uow:
        await uow.notifications.mark_read("m-a4", NOON + 9, [told(key="k1").notification_id])
    mail = await compose(store, found["digest"], "https://b.example")
    assert mail is not None
    assert (mail.to, mail.subject, mail.text.count("https://b.example/meetings/M")) == (
        "a4@example.org",
        "【支部连线】您有 2 条未读通知",
        2,
    )
    (taken,) = [one for one in await take(store, NOON + 6 * HOUR, 9) if one.subject == "digest"]
    await settle(store, Tried(taken, Outcome.SENT), NOON + 6 * HOUR)
    await tell(store, told(key="k4", at=NOON + 6 * HOUR))
    late = [one for one in await routed(store, NOON + 6 * HOUR - 1) if one.subject == "digest"]
    assert sorted(one.due_at for one in late) == [NOON + 6 * HOUR + TAKEN_SECONDS, NOON + 30 * HOUR]  # the next day's


async def test_wishes_are_kept_and_mail_may_be_off(store: Store, who: Who) -> None:
    member = await who("a4")
    assert (await own_preferences(store, member)).mail is MailMode.EACH
    await choose(store, member, ChoosePreferences(MailMode.EACH, 480, 0, 0, no_mail=["leaveDecided"]))
    await tell(store, told())
    assert await routed(store) == []
    await choose(store, member, ChoosePreferences(MailMode.OFF, 480, 0, 0))
    await tell(store, told(key="u", kind=MEETING_CANCELLED))
    assert await routed(store) == []


async def test_a_mail_says_a_sentence_and_a_link_and_nothing_of_the_matter(store: Store, who: Who) -> None:
    async with store.writing() as uow:
        await uow.members.save([replace(MEMBERS[0], email="a1@example.org")])
    report = await begin(store, await who("a5"), BeginReport("3" * 32, date(2025, 12, 31), "题", "心里话"), NOON)
    await hand_in(store, await who("a5"), report.report_id, 1, NOON)
    (one,) = await routed(store)
    mail = await compose(store, one, "https://b.example")
    assert mail is not None
    assert mail.text.startswith(f"党员a5提交了思想汇报，请阅读并答复。\nhttps://b.example/reports/{report.report_id}\n")
    assert "心里话" not in mail.text + mail.subject
    assert "心里话" not in json.dumps(one.body)


async def test_what_was_read_or_lost_its_address_is_not_sent(store: Store) -> None:
    await tell(store, told())
    (one,) = await routed(store)
    async with store.writing() as uow:
        await uow.members.save([replace(MEMBERS[3], email=None)])
    assert await compose(store, one, "") is None
    async with store.writing() as uow:
        await uow.members.save([MEMBERS[3]])
        await uow.notifications.mark_read("m-a4", NOON)
    assert await compose(store, one, "") is None


async def test_webhooks_hear_of_those_below_them_in_the_words_of_the_event(store: Store, who: Who) -> None:
    key_id, key = new_key()
    sealer = RingSealer(KeyRing({key_id: key}, key_id))
    at_top = await make_endpoint(
        store, await who("admin"), MakeEndpoint("C", "https://c.example/in", ["notification.created.v1"]), sealer, NOON
    )
    await make_endpoint(store, await who("admin"), MakeEndpoint("B", "https://b.example/in", ["notification.created.v1"]), sealer, NOON)
    assert at_top.secret is not None
    assert at_top.secret not in at_top.endpoint.sealed_secret
    await tell(store, told("m-a5"))
    (one,) = await routed(store)
    assert (one.channel, one.recipient, one.subject) == (Channel.WEBHOOK, at_top.endpoint.endpoint_id, "notification.created.v1")
    body = json.loads(one.body)
    assert body == {
        "deliveryId": one.delivery_id,
        "event": "notification.created.v1",
        "at": "2025-12-02T12:00:00+08:00",
        "organisation": {"orgId": "A", "name": "甲支部"},
        "data": {
            "memberId": "m-a5",
            "memberNumber": "a5",
            "kind": "leaveDecided",
            "urgent": False,
            "message": {
                "zh": "您对 甲支部 2025-12-03 20:00 会议的请假已有答复。",
                "en": "Your request for leave from the meeting of 甲支部 on 2025-12-03 20:00 has been answered.",
            },
            "url": "https://b.example/meetings/M",
        },
    }


async def test_an_endpoint_that_takes_nothing_for_days_is_asked_no_more(store: Store, who: Who) -> None:
    key_id, key = new_key()
    made = await make_endpoint(
        store,
        await who("admin"),
        MakeEndpoint("A", "https://a.example/in", ["notification.created.v1"]),
        RingSealer(KeyRing({key_id: key}, key_id)),
        NOON,
    )
    await tell(store, told("m-a5"))
    await routed(store)

    async def fail_at(now: float) -> tuple[float | None, float | None]:
        (taken,) = await take(store, now, 9)
        await settle(store, Tried(taken, Outcome.AGAIN, "http 500"), now)
        async with store.reading() as uow:
            endpoint = await uow.webhooks.get(made.endpoint.endpoint_id)
        assert endpoint is not None
        return endpoint.failing_since, endpoint.disabled_at

    assert await fail_at(NOON) == (NOON, None)
    assert await fail_at(NOON + 2 * DAY) == (NOON, None)
    async with store.writing() as uow:
        endpoint = await uow.webhooks.get(made.endpoint.endpoint_id)
        assert endpoint is not None
        await uow.webhooks.save(replace(endpoint, created_by="acc-a1"))
    assert await fail_at(NOON + 3 * DAY) == (NOON, NOON + 3 * DAY)
    async with store.reading() as uow:
        assert [one.notification.kind for one in (await uow.notifications.of_member("m-a1"))[0]] == ["webhookDisabled"]


async def test_only_one_process_leads(store: Store) -> None:
    assert await lead(store, "one", NOON) is True
    assert await lead(store, "two", NOON + 30) is False
    assert await lead(store, "one", NOON + 30) is True
    await step_down(store, "one")
    assert await lead(store, "two", NOON + 31) is True


async def test_by_hand_what_was_given_up_starts_anew_and_what_was_sent_does_not(store: Store) -> None:
    await tell(store, told())
    await routed(store)
    (one,) = await take(store, NOON, 9)
    given_up = await settle(store, Tried(one, Outcome.AGAIN, "smtp 451"), NOON + GIVE_UP_SECONDS)
    assert (given_up.state, given_up.reason) == (FAILED, "smtp 451")
    again = await try_again(store, one.delivery_id, NOON + GIVE_UP_SECONDS + 1)
    assert again is not None
    assert (again.state, again.tries, again.due_at) == (WAITING, 0, NOON + GIVE_UP_SECONDS + 1)
    (one,) = await take(store, NOON + GIVE_UP_SECONDS + 2, 9)
    await settle(store, Tried(one, Outcome.SENT), NOON + GIVE_UP_SECONDS + 2)
    assert await try_again(store, one.delivery_id, NOON + GIVE_UP_SECONDS + 3) is None
    assert await try_again(store, "nothing", NOON) is None


class QueueLaws(RuleBasedStateMachine):
    """A loop that crashes anywhere, a server that fails in every way, a second loop that comes too early, and hands that try again."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store = MemoryStore()
        self.now = NOON
        self.taken: list[Delivery] = []
        self.arrived: dict[str, int] = {}  # what the server took
        self.marked: dict[str, int] = {}  # how often it became "sent"
        self.owed: set[str] = set()
        self.do(fill(self.store))

    def teardown(self) -> None:
        self.loop.close()

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def states(self) -> dict[str, Delivery]:
        return {one.delivery_id: one for one in self.do(queue(self.store))}

    @rule(key=st.integers(0, 5))
    def something_happens(self, key: int) -> None:
        self.do(tell(self.store, told(key=f"k{key}", at=self.now, kind=MEETING_CANCELLED)))
        self.owed |= {one.delivery_id for one in self.do(routed(self.store, self.now))}

    @rule(seconds=st.sampled_from([1.0, 61.0, TAKEN_SECONDS + 1, 8_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def a_loop_takes_what_is_due(self) -> None:
        fresh = self.do(take(self.store, self.now, 3))
        before = {one.delivery_id for one in self.taken}
        assert all(one.state is WAITING for one in fresh)
        assert len({one.delivery_id for one in fresh}) == len(fresh)
        self.taken += [one for one in fresh if one.delivery_id not in before]

    @precondition(lambda self: self.taken)
    @rule(outcome=st.sampled_from(list(Outcome)))
    def one_is_tried_and_told(self, outcome: Outcome) -> None:
        one = self.taken.pop(0)
        if outcome is Outcome.SENT:
            self.arrived[one.delivery_id] = self.arrived.get(one.delivery_id, 0) + 1
        before = self.states()[one.delivery_id].state
        after = self.do(settle(self.store, Tried(one, outcome), self.now)).state
        if before is not SENT and after is SENT:
            self.marked[one.delivery_id] = self.marked.get(one.delivery_id, 0) + 1

    @precondition(lambda self: self.taken)
    @rule()
    def the_process_dies_after_the_server_took_it(self) -> None:
        one = self.taken.pop(0)
        self.arrived[one.delivery_id] = self.arrived.get(one.delivery_id, 0) + 1

    @precondition(lambda self: self.taken)
    @rule()
    def the_process_dies_before(self) -> None:
        self.taken.clear()

    @precondition(lambda self: self.taken)
    @rule()
    def the_server_is_away(self) -> None:
        self.do(put_back(self.store, self.taken, self.now, "away"))
        self.taken.clear()

    @rule(index=st.integers(0, 5))
    def somebody_tries_again_by_hand(self, index: int) -> None:
        keys = sorted(self.owed)
        if index < len(keys):
            self.do(try_again(self.store, keys[index], self.now))

    @invariant()
    def nothing_is_lost_and_sent_means_arrived_and_is_marked_once(self) -> None:
        states = self.states()
        assert set(states) == self.owed
        for key, one in states.items():
            assert one.state is not SENT or self.arrived.get(key, 0) >= 1
            assert self.marked.get(key, 0) == (one.state is SENT)
            assert one.state is not WAITING or one.due_at <= self.now + 8_000.0


QueueLaws.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestQueueLaws = QueueLaws.TestCase


async def test_after_any_day_without_a_server_everything_arrives_once_it_is_back(store: Store) -> None:
    """Away from noon to noon: asked again and again, nothing given up, each sent exactly once within two hours of its return."""
    await tell(store, *(told(key=f"k{n}", kind=MEETING_CANCELLED) for n in range(5)))
    await routed(store)
    now, sent = NOON, []
    while now < NOON + DAY + 2 * HOUR + 600:
        taken = await take(store, now, 50)
        if now < NOON + DAY:
            await put_back(store, taken, now, "SMTPConnectError")
        else:
            for one in taken:
                sent.append(one.delivery_id)
                await settle(store, Tried(one, Outcome.SENT), now)
        now += 60
    assert len(sent) == len(set(sent)) == 5
    assert {one.state for one in await queue(store)} == {SENT}
    assert all(one.tries >= 12 for one in await queue(store))
