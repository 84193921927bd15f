"""Any sequence of actions by anybody keeps: one home branch, one open registration, one responsible organisation at every instant – and no
host that sees or holds a member without consent. Through the actions and a store in memory, which is where the rules meet the books.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.access import Action, Actor, actor_for, may, registration_target
from ledger.actions import certificates, contact, floating, sharing
from ledger.actions.members import ChangeMember, change_member
from ledger.actions.relationkeeping import begin_relations
from ledger.mobility import ContactMeans, FloatingRegistration, FlowRange, FlowReason, Place, RegistrationState
from ledger.mobilityrules import DEFAULT
from ledger.model import MemberStatus, day_of
from ledger.refusals import Refusal
from ledger.rules.floating import consented
from ledger.rules.relations import check_relations, responsible_at
from ledger.store.memory import MemoryStore
from tests.ledger.records import MEMBERS, NOON, fill
from tests.support.signing import PlainSigner

PEOPLE = st.sampled_from(("a1", "a2", "a4", "a5", "b1", "b3", "admin", "auditor"))
HOSTS = st.sampled_from(("A", "B", "F", "C", "nobody"))
PLACES = st.sampled_from((Place("深圳市", "440300"), Place("Berlin", country="DE"), Place("")))
REVISIONS = st.sampled_from((0, 0, 0, 1))  # how far behind the screen is: mostly not at all
SIGNER = PlainSigner()


class Away(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.now = NOON
        self.instants: list[float] = []
        self.taken: set[str] = set()
        self.run(fill(self.store))
        self.run(self._begin())

    def run(self, action: Awaitable[Any]) -> Any:
        return _LOOP.run_until_complete(action)

    async def _begin(self) -> None:
        async with self.store.writing() as uow:
            await begin_relations(uow, MEMBERS, NOON - 1)

    async def _actor(self, name: str) -> Actor:
        async with self.store.reading() as uow:
            account = await uow.accounts.get(name) or await uow.accounts.get(f"acc-{name}")
            assert account is not None
            return await actor_for(uow, account, None, self.now)

    async def _registrations(self) -> list[FloatingRegistration]:
        async with self.store.reading() as uow:
            return await uow.registrations.of_member("m-a4")

    def latest(self) -> FloatingRegistration | None:
        found = self.run(self._registrations())
        return found[-1] if found else None

    def act(self, name: str, does: Any) -> None:
        """`does`: (actor, now) → the action. A refusal is an answer like any other; anything else is a failure."""
        self.now += 3600.0
        self.instants.append(self.now)
        try:
            self.run(does(self.run(self._actor(name)), self.now))
        except Refusal:
            return
        self.taken.add(does.__name__)

    @rule(name=PEOPLE, place=PLACES, days=st.integers(-3, 3))
    def departs(self, name: str, place: Place, days: int) -> None:
        flow = FlowRange.OUT_OF_PROVINCE if place.country == "CN" else FlowRange.ABROAD
        report = floating.ReportDeparture("m-a4", FlowReason.WORK, flow, place, day_of(self.now) - timedelta(days), "138")

        def report_departure(actor: Actor, now: float) -> Awaitable[Any]:
            return floating.report_departure(self.store, actor, report, now)

        self.act(name, report_departure)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=st.sampled_from(("a4", "a4", "a1")), org=HOSTS, withdraw=st.booleans())
    def consents(self, name: str, org: str, withdraw: bool) -> None:
        key = self._latest().registration_id

        def share_record(actor: Actor, now: float) -> Awaitable[Any]:
            return sharing.share_record(self.store, actor, sharing.ShareRecord(key, org, DEFAULT.consent_version), now)

        def stop_sharing(actor: Actor, now: float) -> Awaitable[Any]:
            return sharing.stop_sharing(self.store, actor, sharing.StopSharing(key, org), now)

        self.act(name, stop_sharing if withdraw else share_record)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=PEOPLE, org=HOSTS, behind=REVISIONS)
    def names_a_host(self, name: str, org: str, behind: int) -> None:
        one = self._latest()

        def choose_host(actor: Actor, now: float) -> Awaitable[Any]:
            return floating.choose_host(self.store, actor, floating.ChooseHost(one.registration_id, one.revision - behind, org), now)

        self.act(name, choose_host)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=PEOPLE, branch=st.sampled_from((None, "A", "B", "F")), behind=REVISIONS)
    def takes_in(self, name: str, branch: str | None, behind: int) -> None:
        one = self._latest()

        def take_in(actor: Actor, now: float) -> Awaitable[Any]:
            return floating.take_in(self.store, actor, floating.TakeIn(one.registration_id, one.revision - behind, branch), now)

        self.act(name, take_in)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=PEOPLE, branch=st.sampled_from(("A", "B", "F")), agrees=st.booleans())
    def comes_to_the_door(self, name: str, branch: str, agrees: bool) -> None:
        key = self._latest().registration_id

        def issue(actor: Actor, now: float) -> Awaitable[Any]:
            return certificates.issue_certificate(self.store, actor, key, now)

        def present(actor: Actor, now: float) -> Awaitable[Any]:
            number = self._latest().certificate_number or "none"
            shown = certificates.Present(branch, number=number, name="党员a4")
            return certificates.present_certificate(self.store, actor, shown, SIGNER, now)

        self.act("a1", issue)
        self.act(name, present)
        if agrees:
            self.consents("a4", branch, False)

    @rule(branch=st.sampled_from(("B", "B", "F")))
    def straight_on(self, branch: str) -> None:
        """The step that leads on, by whom it may be taken: chance alone seldom gets as far as a host."""
        one = self.latest()
        if one is None or not one.is_open:
            self.departs("a1", Place("深圳市", "440300"), 0)
        elif one.state is RegistrationState.DEPARTED:
            self.consents("a4", branch, False)
            self.names_a_host("admin", branch, 0)
        else:
            self.takes_in("admin", None, 0)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=PEOPLE, place=PLACES, leaves=st.booleans())
    def declares(self, name: str, place: Place, leaves: bool) -> None:
        key = self._latest().registration_id

        def declare(actor: Actor, now: float) -> Awaitable[Any]:
            return floating.declare(self.store, actor, floating.Declare(key, place, leaves_host=leaves), now)

        self.act(name, declare)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=PEOPLE, behind=REVISIONS, days=st.integers(-1, 2))
    def comes_back(self, name: str, behind: int, days: int) -> None:
        one = self._latest()

        def come_back(actor: Actor, now: float) -> Awaitable[Any]:
            on = day_of(now) - timedelta(days)
            return floating.come_back(self.store, actor, floating.ComeBack(one.registration_id, one.revision - behind, on), now)

        self.act(name, come_back)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=PEOPLE, ended=st.booleans(), reason=st.sampled_from(("", "未成行")))
    def closes(self, name: str, ended: bool, reason: str) -> None:
        one = self._latest()

        def close_registration(actor: Actor, now: float) -> Awaitable[Any]:
            closing = floating.CloseRegistration(one.registration_id, one.revision, reason, ended)
            return floating.close_registration(self.store, actor, closing, now)

        self.act(name, close_registration)

    @precondition(lambda self: self.latest() is not None)
    @rule(name=PEOPLE, reached=st.booleans(), search=st.booleans())
    def keeps_in_touch(self, name: str, reached: bool, search: bool) -> None:
        one = self._latest()

        def log_contact(actor: Actor, now: float) -> Awaitable[Any]:
            entry = contact.LogContact(one.registration_id, day_of(now), ContactMeans.TELEPHONE, reached)
            return contact.log_contact(self.store, actor, entry, now)

        def begin_search(actor: Actor, now: float) -> Awaitable[Any]:
            return contact.begin_search(self.store, actor, contact.BeginSearch(one.registration_id, one.revision, day_of(now)), now)

        self.act(name, begin_search if search else log_contact)

    @rule(home=st.sampled_from(("A", "B", "F")), status=st.sampled_from((MemberStatus.ACTIVE, MemberStatus.ACTIVE, MemberStatus.LEFT)))
    def is_moved(self, home: str, status: MemberStatus) -> None:
        member = self.run(self._member())

        def change(actor: Actor, now: float) -> Awaitable[Any]:
            command = ChangeMember("m-a4", member.revision, home_branch_id=home, status=status)
            return change_member(self.store, actor, command, now)

        self.act("admin", change)

    async def _member(self) -> Any:
        async with self.store.reading() as uow:
            return await uow.members.get("m-a4")

    def _latest(self) -> FloatingRegistration:
        found = self.latest()
        assert found is not None
        return found

    @invariant()
    def one_open_registration_at_the_home_branch(self) -> None:
        registrations = self.run(self._registrations())
        still_open = [one for one in registrations if one.is_open]
        assert len(still_open) <= 1
        assert all((one.closed_at is None) == one.is_open for one in registrations)
        assert all(one.home_branch_id == self.run(self._member()).home_branch_id for one in still_open)

    @invariant()
    def one_relation_and_one_responsible_at_every_instant(self) -> None:
        self.run(self._relations_hold())

    async def _relations_hold(self) -> None:
        async with self.store.reading() as uow:
            relations = tuple(await uow.relations.of_member("m-a4"))
            member = await uow.members.get("m-a4")
        assert member is not None
        assert [one.code for one in check_relations(relations)] in ([], ["relationGap"] * len(check_relations(relations)))
        for when in self.instants:
            assert sum(one.holds_at(when) for one in relations) <= 1
        if member.status is MemberStatus.ACTIVE:
            found = responsible_at(relations, self.now)
            assert found is not None
            assert found.branch_id == member.home_branch_id

    @invariant()
    def no_host_without_consent(self) -> None:
        self.run(self._consent_holds())

    async def _consent_holds(self) -> None:
        async with self.store.reading() as uow:
            member = await uow.members.get("m-a4")
            registrations = await uow.registrations.of_member("m-a4")
            consents = await uow.sharing_consents.of_members(["m-a4"])
            targets = [await registration_target(uow, one, self.now) for one in registrations]
        assert member is not None
        if member.host_branch_id is not None:
            one = registrations[-1]
            assert (one.state, one.host_branch_id) == (RegistrationState.REPORTED_IN, member.host_branch_id)
            assert consented(consents, "m-a4", one.host_org_id, self.now)
        for one, target in zip(registrations, targets, strict=True):
            given = one.is_open and consented(consents, "m-a4", one.host_org_id, self.now)
            for name, branch in (("b1", "B"), ("a1", "A")):
                actor = await self._actor(name)
                own = one.home_branch_id == branch or (given and branch in (one.host_branch_id, one.host_org_id))
                assert may(actor, Action.SEE_REGISTRATION, target) == own, (name, one)


_LOOP = asyncio.new_event_loop()
TestAway = Away.TestCase
TestAway.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_the_machine_can_go_the_whole_way() -> None:
    """Laws over a machine that refuses everything would hold as well."""
    machine = Away()
    machine.departs("a4", Place("深圳市", "440300"), 0)
    machine.consents("a4", "B", False)
    machine.names_a_host("a1", "B", 0)
    machine.takes_in("b1", None, 0)
    machine.keeps_in_touch("a1", True, False)
    machine.comes_back("a4", 0, 0)
    machine.departs("a1", Place("深圳市", "440300"), 0)
    machine.comes_to_the_door("b1", "B", True)
    assert machine.taken == {"report_departure", "share_record", "choose_host", "take_in", "log_contact", "come_back", "issue", "present"}
    assert machine._latest().state is RegistrationState.REPORTED_IN
