"""Laws over any sequence of actions: at every instant one home branch, one responsible organisation, at most one open registration."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ledger.mobility import (
    MOVED,
    FloatingRegistration,
    OrgRelationTransfer,
    SeparateConsent,
    SharingPurpose,
    Side,
    TransferState,
    WhereaboutsDeclaration,
)
from ledger.mobilityrules import DEFAULT
from ledger.rules.declined import Declined
from ledger.rules.floating import (
    CancelRegistration,
    DeclareWhereabouts,
    EndMembership,
    FloatingStep,
    NameHost,
    RegistrationStep,
    ReportIn,
    ReportInHow,
    Return,
    register,
    step_registration,
)
from ledger.rules.relations import check_relations, first_relation, may_vote_in, responsible_at, settle
from ledger.rules.transfer import TABLE, TransferStepped, apply_for, step_transfer
from ledger.rules.transfersteps import (
    Application,
    Approve,
    Archive,
    AssignBranch,
    CancelTransfer,
    CloseSender,
    Destination,
    Dispatch,
    Expire,
    IssueLetter,
    PassHomeCheck,
    PresentLetter,
    Refuse,
    Resubmit,
    ReturnForChange,
    SendReceipt,
    TransferStep,
    Withdraw,
)
from tests.ledger.rules.mobile import REPORT, SHENZHEN, instant

BRANCHES = ["a", "b", "c"]
BEGIN = date(2026, 1, 1)
branches = st.sampled_from(BRANCHES)
sides = st.sampled_from(list(Side))
numbers = st.sampled_from(["n1", "n2", "n3"])
floating_steps: st.SearchStrategy[FloatingStep] = st.one_of(
    st.builds(NameHost, st.just("committee"), branches),
    st.builds(ReportIn, st.just("committee"), branches, st.sampled_from(list(ReportInHow))),
    st.builds(DeclareWhereabouts, st.just(WhereaboutsDeclaration("r", SHENZHEN, 0.0)), st.booleans()),
    st.builds(Return, st.integers(0, 400).map(lambda n: BEGIN + timedelta(days=n))),
    st.just(CancelRegistration("by mistake")),
    st.just(EndMembership("died")),
)
transfer_steps: st.SearchStrategy[TransferStep] = st.one_of(
    st.just(PassHomeCheck("2030-01")),
    st.just(Approve()),
    st.builds(IssueLetter, numbers, st.integers(1, 90), st.just("code")),
    st.just(Dispatch()),
    st.builds(PresentLetter, numbers),
    st.builds(AssignBranch, st.builds(Destination, branches, st.just("committee"), st.integers(0, 60))),
    st.just(SendReceipt("wang")),
    st.just(CloseSender()),
    st.just(Archive()),
    st.builds(ReturnForChange, st.just("change")),
    st.just(Resubmit()),
    st.builds(Withdraw, st.just("stays")),
    st.builds(Refuse, st.just("no")),
    st.just(Expire()),
    st.builds(CancelTransfer, st.just("lost")),
)
STRAIGHT_ON: dict[TransferState, tuple[TransferStep, Side]] = {
    TransferState.APPLIED: (PassHomeCheck("2030-01"), Side.HOME),
    TransferState.HOME_CHECKED: (Approve(), Side.HOME_COMMITTEE),
    TransferState.LETTER_ISSUED: (Dispatch(), Side.HOME_COMMITTEE),
    TransferState.ASSIGNED: (SendReceipt("wang"), Side.HOST_COMMITTEE),
    TransferState.RECEIPTED: (CloseSender(), Side.HOME_COMMITTEE),
}


class Mobility(RuleBasedStateMachine):
    """One member, three branches, a clock that only goes forward. The store is three lists, as an action would keep them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = instant(BEGIN)
        self.relations = first_relation("li", "a", self.now)
        self.registrations: list[FloatingRegistration] = []
        self.transfers: list[OrgRelationTransfer] = []
        self.consents = [SeparateConsent("li", "committee", SharingPurpose.HOST_MANAGEMENT, "1", self.now)]
        self.instants = [self.now]
        self.receipts = 0

    @property
    def home(self) -> str:
        return self.relations[-1].branch_id

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.now += hours * 3600.0
        self.instants.append(self.now)

    @rule(side=sides)
    def register(self, side: Side) -> None:
        found = register(REPORT, f"r{len(self.registrations)}", self.home, self.registrations, side, self.now)
        if isinstance(found, RegistrationStep):
            self.registrations.append(found.registration)

    @rule(step=floating_steps, side=sides, stale=st.booleans())
    def step_registration(self, step: FloatingStep, side: Side, stale: bool) -> None:
        if not self.registrations:
            return
        before = self.registrations[-1]
        seen = before.revision - (1 if stale else 0)
        found = step_registration(before, step, side, self.now, DEFAULT, self.consents, seen)
        if isinstance(found, Declined):
            return
        assert not stale
        assert before.is_open
        assert found.registration.revision == before.revision + 1
        self.registrations[-1] = found.registration

    @rule(side=sides, to=st.none() | branches)
    def apply_for(self, side: Side, to: str | None) -> None:
        application = Application(f"t{len(self.transfers)}", "li", self.home, "from", "committee", "work", to)
        self.consents.append(SeparateConsent("li", "committee", SharingPurpose.TRANSFER, "1", self.now))
        found = apply_for(application, self.transfers, side, self.now)
        if isinstance(found, TransferStepped):
            self.transfers.append(found.transfer)

    @rule(step=transfer_steps, side=sides)
    def step_transfer(self, step: TransferStep, side: Side) -> None:
        self._take(step, side)

    @rule(branch=branches, number=numbers)
    def straight_on(self, branch: str, number: str) -> None:
        """The step that leads on, since chance alone hardly ever gets as far as a receipt."""
        state = self.transfers[-1].state if self.transfers else None
        if state in (TransferState.APPROVED, TransferState.EXPIRED):
            self._take(IssueLetter(number, 90, "code"), Side.HOME_COMMITTEE)
        elif state is TransferState.IN_TRANSIT:
            self._take(PresentLetter(number), Side.HOST_COMMITTEE)
        elif state is TransferState.RECEIVED:
            self._take(AssignBranch(Destination(branch, "committee", 10)), Side.HOST_COMMITTEE)
        elif state in STRAIGHT_ON:
            self._take(*STRAIGHT_ON[state])

    @rule(step=transfer_steps)
    def by_whom_it_may(self, step: TransferStep) -> None:
        """A step by a side that may take it, so that the ways out are tried from far along the way too."""
        if self.transfers:
            for side in sorted(TABLE.get((type(step), self.transfers[-1].state), ()))[:1]:
                self._take(step, side)

    def _take(self, step: TransferStep, side: Side) -> None:
        if not self.transfers:
            return
        self.now += 1.0
        before = self.transfers[-1]
        found = step_transfer(before, step, side, self.now, DEFAULT, consents=self.consents)
        if isinstance(found, Declined):
            return
        self.transfers[-1] = found.transfer
        if not isinstance(step, SendReceipt):
            return
        settled = settle(found.transfer, self.relations, self.registrations[-1] if self.registrations else None, DEFAULT)
        assert not isinstance(settled, Declined)
        self.relations = settled.relations
        self.receipts += 1
        self.instants += [self.now - 0.5, self.now]
        if settled.registration is not None:
            self.registrations[-1] = settled.registration.registration

    @invariant()
    def one_home_branch_and_one_responsible_at_every_instant(self) -> None:
        assert check_relations(self.relations) == ()
        for when in [*self.instants, self.now]:
            assert sum(one.holds_at(when) for one in self.relations) == 1
            assert sum(may_vote_in(self.relations, branch, when) for branch in BRANCHES) == 1
            found = responsible_at(self.relations, when, self.registrations, self.transfers)
            assert found is not None
            assert may_vote_in(self.relations, found.branch_id, when)

    @invariant()
    def one_open_registration_at_the_home_branch(self) -> None:
        still_open = [one for one in self.registrations if one.is_open]
        assert len(still_open) <= 1
        assert all(one.home_branch_id == self.home for one in still_open)
        assert all((one.closed_at is None) == one.is_open for one in self.registrations)

    @invariant()
    def the_relation_moves_by_receipts_alone(self) -> None:
        assert len(self.relations) == 1 + self.receipts
        assert sum(one.state in MOVED for one in self.transfers) == self.receipts
        assert all((one.receipt is not None) == (one.state in MOVED) for one in self.transfers)
        assert sum(one.is_open for one in self.transfers) <= 1

    @invariant()
    def at_most_one_letter_is_in_force_and_none_after_a_way_out(self) -> None:
        for one in self.transfers:
            assert sum(not letter.void for letter in one.letters) <= 1
            assert one.is_open or one.state in MOVED or one.letter is None


TestMobility = Mobility.TestCase
TestMobility.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def test_the_machine_can_get_as_far_as_a_second_receipt() -> None:
    """Laws over a machine that never moves anybody would hold as well."""
    machine = Mobility()
    for to in ("b", "c"):
        machine.register(Side.HOME)
        machine.apply_for(Side.MEMBER, None)
        for _ in range(9):
            machine.straight_on(to, "n1")
    assert [one.branch_id for one in machine.relations] == ["a", "b", "c"]
    assert [one.transfer_id for one in machine.registrations] == ["t0", "t1"]
    broken = replace(machine.relations[0], until=None)
    assert [one.code for one in check_relations([broken, *machine.relations[1:]])] == ["relationsOverlap"]
