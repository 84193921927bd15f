"""Laws over any sequence of actions by anybody, through the actions and a store: one home branch, one open transfer, one responsible
organisation, at most one letter in force at every instant; and what is refused changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ledger.actions.letters import Standing, standing_of
from ledger.actions.transferapplying import Whither
from ledger.actions.transferclock import evaluate_transfers
from ledger.mobility import MOVED, OrgRelation, OrgRelationTransfer, TransferState
from ledger.model import Member, MemberStatus, day_of
from ledger.refusals import Refusal
from ledger.rules.relations import check_relations, responsible_at
from ledger.rules.transfersteps import (
    Approve,
    Archive,
    CancelTransfer,
    CloseSender,
    Dispatch,
    IssueLetter,
    PassHomeCheck,
    PresentLetter,
    RecordReceipt,
    Refuse,
    Resubmit,
    ReturnForChange,
    SendReceipt,
    TransferStep,
    Withdraw,
)
from ledger.store.memory import MemoryStore
from tests.ledger.records import NOON
from tests.ledger.transferring import Desk, fill_both

PEOPLE = ("a4", "a1", "a2", "c1", "b1", "d1", "e1", "admin", "admind", "auditor", "system")
MEMBERS = ("m-a4", "m-a2")
names, members = st.sampled_from(PEOPLE), st.sampled_from(MEMBERS)
whithers = st.sampled_from([Whither("D", "E"), Whither("D"), Whither("", "B"), Whither("", "A"), Whither(outside="某大学党委")])
steps: st.SearchStrategy[TransferStep] = st.one_of(
    st.just(PassHomeCheck("2099-01")),
    st.just(Approve()),
    st.builds(IssueLetter, st.sampled_from(["", "n1", "n2"]), st.integers(1, 90), st.just("")),
    st.just(Dispatch()),
    st.builds(PresentLetter, st.sampled_from(["n1", "n2", "C-2025-0001"])),
    st.just(SendReceipt("x")),
    st.builds(RecordReceipt, st.just("支部"), st.just("x"), st.integers(0, 90).map(lambda n: day_of(NOON) + timedelta(days=n))),
    st.just(CloseSender()),
    st.just(Archive()),
    st.just(ReturnForChange("x")),
    st.just(Resubmit()),
    st.just(Withdraw("x")),
    st.just(Refuse("x")),
    st.just(CancelTransfer("x")),
)


class Transferring(RuleBasedStateMachine):
    """Two members of one branch, everybody at the desks, a clock that only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store = MemoryStore()
        self.run(fill_both(self.store))
        self.desks: dict[str, Desk] = {}
        self.now = NOON
        self.instants = [NOON]

    def teardown(self) -> None:
        self.loop.close()

    def run(self, job: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(job)

    def attempt(self, job: Awaitable[Any]) -> bool:
        """True if it was done; refused, nothing has changed."""
        before = self.books()
        try:
            self.run(job)
        except Refusal:
            assert self.books() == before
            return False
        return True

    def books(self) -> Any:
        books = self.store._books
        return dict(books.transfers), dict(books.transfer_lines), dict(books.org_relations), dict(books.members), dict(books.notifications)

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.now += hours * 3600.0
        self.run(evaluate_transfers(self.store, self.now))
        once = self.books()
        assert self.run(evaluate_transfers(self.store, self.now)).reminded == 0
        assert self.books() == once

    @rule(name=names, member=members, to=whithers)
    def apply_for(self, name: str, member: str, to: Whither) -> None:
        desk = Desk(self.store, self.now)
        if self.attempt(desk.apply(name, member, to)):
            self.desks[member] = desk
        self.now = desk.now

    @rule(name=names, member=members, step=steps, stale=st.booleans())
    def step(self, name: str, member: str, step: TransferStep, stale: bool) -> None:
        self.act(name, member, step, stale)

    @rule(member=members, step=steps)
    def by_whom_it_may(self, member: str, step: TransferStep) -> None:
        for name in ("a1", "c1", "admin", "d1", "admind", "a4", "a2"):
            if self.act(name, member, step, False):
                return

    @rule(name=names, member=members, branch=st.sampled_from(["E", "B", "A", "G"]))
    def assign(self, name: str, member: str, branch: str) -> None:
        if desk := self.desk_of(member):
            self.attempt(desk.assign(name, branch))
            self.now = desk.now

    @rule(member=members, to=st.sampled_from([TransferState.IN_TRANSIT, TransferState.ASSIGNED, TransferState.RECEIPTED]))
    def straight_on(self, member: str, to: TransferState) -> None:
        desk = self.desk_of(member)
        if desk is None or not desk.case.transfer.is_open or desk.case.transfer.to_committee_id != "D":
            return
        with contextlib.suppress(Refusal, AssertionError):  # as far as it goes
            self.run(desk.go_to(to))
        self.now = desk.now

    def act(self, name: str, member: str, step: TransferStep, stale: bool) -> bool:
        desk = self.desk_of(member)
        if desk is None:
            return False
        done = self.attempt(desk.step(name, step, desk.case.transfer.revision - (1 if stale else 0)))
        assert not (done and stale)
        self.now = desk.now
        return done

    def desk_of(self, member: str) -> Desk | None:
        """With the transfer as it stands, since the clock moves it too."""
        desk = self.desks.get(member)
        if desk is not None:
            stored = self.store._books.transfers[desk.transfer_id]
            object.__setattr__(desk.case, "transfer", stored)
            desk.now = self.now
        return desk

    def of_member(self, member: str) -> list[OrgRelationTransfer]:
        return [one for one in self.store._books.transfers.values() if one.member_id == member]

    @invariant()
    def one_home_branch_and_one_responsible_organisation(self) -> None:
        self.instants.append(self.now)
        for member_id in MEMBERS:
            member: Member = self.store._books.members[member_id]
            relations: tuple[OrgRelation, ...] = self.store._books.org_relations[member_id]
            gone = member.status is MemberStatus.TRANSFERRED
            assert check_relations(relations) == ()
            assert (relations[-1].until is not None) == gone
            assert gone or relations[-1].branch_id == member.home_branch_id
            for when in self.instants[-20:]:
                held = [one for one in relations if one.holds_at(when)]
                assert len(held) == (0 if gone and when >= (relations[-1].until or 0) else 1)
                found = responsible_at(relations, when, (), self.of_member(member_id))
                assert (found is None) == (held == [])

    @invariant()
    def one_open_transfer_and_a_move_for_every_receipt(self) -> None:
        for member_id in MEMBERS:
            transfers = self.of_member(member_id)
            assert sum(one.is_open for one in transfers) <= 1
            inside = sum(one.state in MOVED and not one.to_outside for one in transfers)
            assert len(self.store._books.org_relations[member_id]) == 1 + inside

    @invariant()
    def at_most_one_letter_in_force(self) -> None:
        for one in self.store._books.transfers.values():
            assert sum(not letter.void for letter in one.letters) <= 1
            standings = [standing_of(one, letter, day_of(self.now)) for letter in one.letters]
            assert standings.count(Standing.IN_FORCE) <= 1
            assert one.is_open or Standing.IN_FORCE not in standings
        numbers = [letter.number for one in self.store._books.transfers.values() for letter in one.letters]
        assert len(numbers) == len(set(numbers))


TestTransferring = Transferring.TestCase
TestTransferring.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_the_machine_gets_as_far_as_a_receipt_and_the_letter_of_another() -> None:
    machine = Transferring()
    machine.apply_for("a4", "m-a4", Whither("D", "E"))
    machine.straight_on("m-a4", TransferState.RECEIPTED)
    assert machine.store._books.members["m-a4"].home_branch_id == "E"
    machine.apply_for("a1", "m-a2", Whither("D"))
    machine.straight_on("m-a2", TransferState.IN_TRANSIT)
    machine.time_passes(24 * 40)
    assert [one.state for one in machine.of_member("m-a2")] == [TransferState.EXPIRED]
    machine.one_home_branch_and_one_responsible_organisation()
    machine.teardown()
