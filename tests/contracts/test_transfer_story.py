"""Transfers told over all three stores: the whole way, side exits, two at once, graduates, a day that passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.access import Action
from ledger.actions.files import EditFile, edit_file
from ledger.actions.letters import Standing, check_letter, printed_letter, set_letterhead
from ledger.actions.members import ChangeMember, change_member
from ledger.actions.transferapplying import (
    ApplyForMany,
    Whither,
    apply_for_many,
)
from ledger.actions.transferclock import evaluate_transfers
from ledger.actions.transferlists import Box, ListTransfers, list_transfers, own_transfers, transfer_case
from ledger.actions.transfers import HandInAgain, hand_in_again
from ledger.clocks import duty_record
from ledger.dualmanagement import RegistrationLine
from ledger.memberfile import How
from ledger.mobility import (
    DepartureReport,
    FloatingRegistration,
    FlowRange,
    FlowReason,
    OrgRelation,
    Place,
    RegistrationState,
    Side,
    TransferDuty,
    TransferState,
)
from ledger.mobilityrules import DEFAULT
from ledger.model import MemberStatus, day_of
from ledger.ports import AccessQuery, Reach
from ledger.refusals import NotFound, OwnCase
from ledger.rules.duties import AdviceKind, evaluate
from ledger.rules.transfersteps import (
    Approve,
    CancelTransfer,
    IssueLetter,
    PassHomeCheck,
    PresentLetter,
    Refuse,
    ReturnForChange,
    SendReceipt,
    Withdraw,
)
from ledger.sharingnotice import TRANSFER_VERSION
from ledger.transferports import Letterhead
from tests.ledger.records import DAY, NOON, member
from tests.ledger.test_files import SEALER
from tests.ledger.transferring import TO_E, Desk, code_of, member_of, relations_of, told

S = TransferState
TAKEN = "110105199003070033"  # of m-a3


async def test_the_whole_way_moves_the_member_at_the_receipt_and_not_before(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.ASSIGNED)
    assert (await member_of(desk.store, "m-a4")).home_branch_id == "A"
    assert desk.case.responsible is not None
    assert desk.case.responsible.org_id == "A"
    await desk.go_to(S.RECEIPTED)
    moved = await member_of(desk.store, "m-a4")
    assert (moved.home_branch_id, moved.group_id, moved.host_branch_id) == ("E", None, None)
    assert await relations_of(desk.store, "m-a4") == [
        OrgRelation("m-a4", "A", 0.0, desk.now),
        OrgRelation("m-a4", "E", desk.now, None, desk.transfer_id),
    ]
    assert desk.case.responsible.org_id == "E"
    await desk.go_to(S.ARCHIVED)
    async with desk.store.reading() as uow:
        history = await uow.transfers.history(desk.transfer_id)
    assert [(one.change.step, one.change.side.value, one.author) for one in history] == [
        ("Apply", "member", "acc-a4"),
        ("PassHomeCheck", "home", "acc-a1"),
        ("Approve", "homeCommittee", "acc-c1"),
        ("IssueLetter", "homeCommittee", "acc-c1"),
        ("Dispatch", "homeCommittee", "acc-c1"),
        ("PresentLetter", "hostCommittee", "acc-d1"),
        ("AssignBranch", "hostCommittee", "acc-d1"),
        ("SendReceipt", "hostCommittee", "acc-d1"),
        ("CloseSender", "homeCommittee", "acc-c1"),
        ("Archive", "homeCommittee", "acc-c1"),
    ]


async def test_each_is_told_when_it_is_the_turn_and_the_member_of_every_step(desk: Desk) -> None:
    await desk.apply()
    assert await told(desk.store, "m-a1") == ["transferWaits"]
    await desk.go_to(S.IN_TRANSIT)
    assert await told(desk.store, "m-d1") == ["transferWaits", "transferWaits"]  # with the letter, and again when it is on its way
    await desk.go_to(S.RECEIPTED)
    assert await told(desk.store, "m-a4") == ["transferMovedOn"] * 6 + ["transferDone"]
    assert (await told(desk.store, "m-e1"), (await told(desk.store, "m-a1"))[-1]) == (["transferDone"], "transferDone")


async def test_posts_and_rights_at_the_old_branch_end_at_that_instant(desk: Desk) -> None:
    await desk.apply("a2", "m-a2")
    assert (await desk.who("a2")).posts != ()
    await desk.go_to(S.RECEIPTED)
    assert (await desk.who("a2")).posts == ()
    async with desk.store.reading() as uow:
        (post,) = await uow.posts.of_members(["m-a2"])
    assert post.until == day_of(desk.now)


async def test_an_open_floating_registration_closes_as_transferred_and_says_so(desk: Desk) -> None:
    report = DepartureReport("m-a4", FlowReason.WORK, FlowRange.OUT_OF_CITY, Place("深圳市"), date(2025, 9, 1), "138")
    away = FloatingRegistration("r1", "m-a4", "A", report, RegistrationState.REPORTED_IN, NOON - DAY, report.destination, "C", "B")
    async with desk.store.writing() as uow:
        await uow.registrations.add(away)
    await desk.apply()
    await desk.go_to(S.RECEIPTED)
    async with desk.store.reading() as uow:
        closed = await uow.registrations.get("r1")
        lines = await uow.registrations.lines("r1")
    assert closed is not None
    assert (closed.state, closed.transfer_id, closed.closed_at) == (RegistrationState.TRANSFERRED, desk.transfer_id, desk.now)
    state = RegistrationState
    assert lines == [
        RegistrationLine(
            "r1", desk.now, "BecomeTransferred", Side.HOST_COMMITTEE, "acc-d1", state.REPORTED_IN, state.TRANSFERRED, "", desk.transfer_id
        )
    ]


async def test_of_two_at_once_the_slower_is_told_and_nothing_is_half_done(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.ASSIGNED)
    seen = desk.case.transfer.revision
    await desk.step("d1", SendReceipt("甲"), seen)
    assert await code_of(desk.step("admind", Refuse("满员"), seen)) == "changedMeanwhile"
    assert await code_of(desk.step("admind", SendReceipt("乙"), seen)) == "changedMeanwhile"
    assert len(await relations_of(desk.store, "m-a4")) == 2


@pytest.mark.parametrize("away", ["closed", "gone elsewhere"])
async def test_a_receipt_that_cannot_be_carried_out_leaves_everything_as_it_was(desk: Desk, away: str) -> None:
    await desk.apply()
    await desk.go_to(S.ASSIGNED)
    async with desk.store.writing() as uow:
        if away == "closed":
            branch = await uow.organisations.get("E")
            assert branch is not None
            await uow.organisations.save(replace(branch, closed_at=NOON))
        else:  # behind the actions' back
            await uow.members.save([member("a4", "B")])
    assert await code_of(desk.step("d1", SendReceipt("甲"))) == ("organisationClosed" if away == "closed" else "changedMeanwhile")
    async with desk.store.reading() as uow:
        kept = await uow.transfers.get(desk.transfer_id)
    assert kept is not None
    assert (kept.state, kept.receipt) == (S.ASSIGNED, None)
    assert await relations_of(desk.store, "m-a4") == [OrgRelation("m-a4", "A", 0.0)]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (Whither("", "nowhere"), "branchUnknown"),
        (Whither("", "G"), "branchUnknown"),
        (Whither("", "A"), "sameBranch"),
        (Whither("nowhere"), "committeeUnknown"),
        (Whither("B"), "committeeUnknown"),
        (Whither("D", "B"), "branchElsewhere"),
        (Whither(), "destinationMissing"),
    ],
)
async def test_an_unknown_or_the_same_branch_is_refused_at_the_door(desk: Desk, to: Whither, code: str) -> None:
    assert await code_of(desk.apply(to=to)) == code


async def test_a_closed_or_full_branch_is_refused(desk: Desk) -> None:
    async with desk.store.writing() as uow:
        await uow.members.add([member(f"x{n}", "E") for n in range(50)])
    assert await code_of(desk.apply()) == "branchFull"
    async with desk.store.writing() as uow:
        branch = await uow.organisations.get("E")
        assert branch is not None
        await uow.organisations.save(replace(branch, closed_at=NOON))
    assert await code_of(desk.apply()) == "branchUnknown"


async def test_who_is_not_on_the_roll_or_has_one_open_cannot_apply(desk: Desk) -> None:
    assert await code_of(desk.apply("a1", "m-a7")) == "notOnTheRoll"
    await desk.apply()
    assert await code_of(desk.apply("a1")) == "transferOpen"


async def test_nobody_decides_the_own_transfer(desk: Desk) -> None:
    await desk.apply("a1", "m-a1")
    with pytest.raises(OwnCase):
        await desk.step("a1", PassHomeCheck("2099-01"))
    assert (await desk.step("a2", PassHomeCheck("2099-01"))).transfer.state is S.HOME_CHECKED


async def test_side_exits_go_back_end_or_void_the_letter(desk: Desk) -> None:
    await desk.apply()
    await desk.step("a1", ReturnForChange("去向不清"))
    again = HandInAgain(desk.transfer_id, desk.case.transfer.revision, None, Whither("", "B"), TRANSFER_VERSION)
    desk.case = await hand_in_again(desk.store, await desk.who("a4"), again, desk.now + 60)
    assert (desk.state, desk.case.transfer.to_committee_id, desk.case.transfer.to_branch_id) == (S.APPLIED, "C", "B")
    await desk.step("a4", Withdraw("不去了"))
    assert "transferCameBack" in await told(desk.store, "m-a4")
    second = Desk(desk.store, desk.now)
    await second.apply()
    await second.go_to(S.IN_TRANSIT)
    code = second.case.transfer.letters[0].verification_code
    assert (await check_letter(desk.store, code, second.now)).standing is Standing.IN_FORCE
    await second.step("c1", CancelTransfer("介绍信遗失"))
    assert (await check_letter(desk.store, code, second.now)).standing is Standing.VOID
    assert (await member_of(desk.store, "m-a4")).home_branch_id == "A"


async def test_a_letter_says_how_it_stands_to_whoever_holds_it(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.IN_TRANSIT)
    letter = desk.case.transfer.letter
    assert letter is not None
    held = await check_letter(desk.store, letter.verification_code.lower(), desk.now)
    assert (held.number, held.issuer, held.addressee, held.name) == ("C-2025-0001", "党委", "丁党委", "党***")
    await desk.step("d1", PresentLetter(letter.number))
    assert await code_of(desk.step("d1", PresentLetter(letter.number))) == "letterPresentedTwice"
    presented = await check_letter(desk.store, letter.verification_code, desk.now + 40 * DAY)
    assert (presented.standing, presented.presented_on) == (Standing.PRESENTED, day_of(desk.now))
    with pytest.raises(NotFound):
        await check_letter(desk.store, "AAAA-BBBB-CCCC", desk.now)


async def test_numbers_count_within_the_committee_and_the_year(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.LETTER_ISSUED)
    other = Desk(desk.store, desk.now)
    await other.apply("a5", "m-a5")
    await other.go_to(S.APPROVED)
    assert await code_of(other.step("c1", IssueLetter("C-2025-0001", 30, ""))) == "letterNumberUsed"
    issued = await other.step("c1", IssueLetter("", 90, ""))
    assert [one.number for one in issued.transfer.letters] == ["C-2025-0002"]


async def test_a_day_that_passes_reminds_once_and_expires_once(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.IN_TRANSIT)
    letter = desk.case.transfer.letter
    assert letter is not None
    quiet = await evaluate_transfers(desk.store, desk.now)
    assert (quiet.looked_at, quiet.expired, quiet.reminded) == (1, 0, 0)
    near = desk.now + 20 * DAY
    assert (await evaluate_transfers(desk.store, near)).reminded == 3  # the member and both committees
    assert (await evaluate_transfers(desk.store, near + DAY)).reminded == 0
    late = desk.now + 31 * DAY
    first, second = await evaluate_transfers(desk.store, late), await evaluate_transfers(desk.store, late)
    assert (first.expired, first.reminded, second.expired, second.reminded) == (1, 3, 0, 0)
    assert (await check_letter(desk.store, letter.verification_code, late)).standing is Standing.EXPIRED
    desk.now = late
    assert await code_of(desk.step("d1", PresentLetter(letter.number), seen=6)) == "letterExpired"
    reissued = await desk.step("c1", IssueLetter("", 30, ""), seen=6)
    assert [(one.number, one.void) for one in reissued.transfer.letters] == [("C-2025-0001", True), ("C-2026-0001", False)]
    assert (await check_letter(desk.store, letter.verification_code, late)).standing is Standing.VOID


async def test_an_overdue_step_is_told_again_every_week(desk: Desk) -> None:
    await desk.apply()
    days = (13, 14, 16, 17, 22, 23, 23)
    assert [(await evaluate_transfers(desk.store, desk.now + n * DAY)).reminded for n in days] == [2, 0, 2, 0, 0, 2, 0]
    assert (await told(desk.store, "m-a1"))[1:] == ["transferDueSoon", "transferOverdue", "transferOverdue"]


async def test_graduates_go_together_each_refused_one_is_named_and_twice_is_once(desk: Desk) -> None:
    await desk.apply("a5", "m-a5")
    batch = ApplyForMany(("m-a3", "m-a4", "m-a5", "m-a7", "m-b1", "m-a4"), TO_E, "毕业", "2025 届")
    actor = await desk.who("a1")
    first = await apply_for_many(desk.store, actor, batch, desk.now)
    assert [(one.member_id, one.name, one.refusal.code if one.refusal else "") for one in first] == [
        ("m-a3", "党员a3", ""),
        ("m-a4", "党员a4", ""),
        ("m-a5", "党员a5", "transferOpen"),
        ("m-a7", "党员a7", "notOnTheRoll"),
        ("m-b1", "", "notFound"),
    ]
    second = await apply_for_many(desk.store, actor, batch, desk.now + 5)
    assert [one.transfer_id for one in second] == [one.transfer_id for one in first]


async def test_the_day_of_graduation_goes_into_the_files_of_a_batch_and_starts_their_clock(desk: Desk) -> None:
    day = date(2023, 12, 1)
    batch = ApplyForMany(("m-a3", "m-a4", "m-b1"), TO_E, "毕业", "2023 届", TransferDuty.GRADUATED, day)
    found = await apply_for_many(desk.store, await desk.who("a1"), batch, desk.now)
    assert [one.refusal.code if one.refusal else "" for one in found] == ["", "", "notFound"]
    async with desk.store.reading() as uow:
        files = await uow.files.many(["m-a3", "m-a4", "m-b1"])
        assert {key: one.graduated_on for key, one in files.items()} == {"m-a3": day, "m-a4": day}
        history, _ = await uow.files.changes("m-a4")
        row = (await uow.clocks.rows_of(["m-a4"]))[0]
    assert [(one.field, one.after, one.how, one.reason, one.account_id) for one in history] == [
        ("graduatedOn", "2023-12-01", How.BULK, "毕业", "acc-a1")
    ]
    advice = evaluate([duty_record(row)], DEFAULT, date(2025, 12, 2)).advice
    assert [one.since for one in advice if one.kind is AdviceKind.GRADUATE] == [day]


async def test_a_graduate_whose_relation_has_moved_on_is_nobodys_graduate_any_more(desk: Desk) -> None:
    await edit_file(desk.store, SEALER, await desk.who("a1"), EditFile("m-a4", 1, {"graduatedOn": "2023-12-01"}), desk.now)
    await desk.apply()
    await desk.go_to(S.RECEIPTED)
    async with desk.store.reading() as uow:
        row = (await uow.clocks.rows_of(["m-a4"]))[0]
    assert (row.graduated_on, row.moved_at) == (date(2023, 12, 1), desk.now)
    assert duty_record(row).graduated_on is None


async def test_a_batch_of_the_own_application_writes_on_no_file(desk: Desk) -> None:
    batch = ApplyForMany(("m-a4",), TO_E, "毕业", "自己", graduated_on=date(2025, 7, 1))
    found = await apply_for_many(desk.store, await desk.who("a4"), batch, desk.now)
    assert [one.refusal is None for one in found] == [False]
    async with desk.store.reading() as uow:
        assert await uow.files.get("m-a4") is None


async def test_lists_hold_what_waits_for_whom(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.IN_TRANSIT)
    other = Desk(desk.store, desk.now)
    await other.apply("a5", "m-a5")

    async def in_box(name: str, box: Box, at: float | None = None) -> list[str]:
        page = await list_transfers(desk.store, await desk.who(name), ListTransfers(box), at or other.now)
        assert page.total == len(page.cases)
        return [case.number for case in page.cases]

    assert await in_box("a1", Box.WAITING) == ["a5"]
    assert await in_box("d1", Box.WAITING) == ["a4"]
    assert await in_box("c1", Box.OPEN) == ["a5", "a4"]
    assert await in_box("d1", Box.OPEN) == ["a4"]  # no letter yet: a wish is none of its business
    assert await in_box("b1", Box.OPEN) == []
    assert await in_box("e1", Box.ALL) == []
    assert await in_box("c1", Box.EXPIRING) == []
    assert await in_box("c1", Box.EXPIRING, desk.now + 20 * DAY) == ["a4"]
    await desk.go_to(S.ASSIGNED)
    assert await in_box("e1", Box.OPEN) == ["a4"]
    assert await in_box("d1", Box.RECEIPT_MISSING, desk.now + 16 * DAY) == ["a4"]
    assert await in_box("auditor", Box.OPEN) == ["a4", "a5"]
    assert [case.number for case in await own_transfers(desk.store, await desk.who("a5"), other.now)] == ["a5"]
    assert (await list_transfers(desk.store, await desk.who("c1"), ListTransfers(Box.ALL, "A5"), other.now)).total == 1


async def test_looking_and_printing_are_logged_and_for_those_who_may(desk: Desk) -> None:
    await desk.apply()
    await desk.go_to(S.IN_TRANSIT)
    await set_letterhead(desk.store, await desk.who("c1"), Letterhead("C", "演示路 1 号", "010-1"), desk.now)
    printed = await printed_letter(desk.store, await desk.who("c1"), desk.transfer_id, desk.now)
    assert (printed.name, printed.from_unit, printed.to_unit, printed.letterhead.address) == ("党员a4", "甲支部", "戊支部", "演示路 1 号")
    for stranger in ("b1", "e1", "system"):
        with pytest.raises(NotFound):
            await printed_letter(desk.store, await desk.who(stranger), desk.transfer_id, desk.now)
        with pytest.raises(NotFound):
            await transfer_case(desk.store, await desk.who(stranger), desk.transfer_id, desk.now)
    assert await code_of(printed_letter(desk.store, await desk.who("auditor"), desk.transfer_id, desk.now)) == "forbidden"
    await transfer_case(desk.store, await desk.who("d1"), desk.transfer_id, desk.now)
    async with desk.store.reading() as uow:
        lines, _ = await uow.access_log.search(AccessQuery(Reach(everywhere=True), frozenset({"member:m-a4"})))
    actions = [(line.action, line.account_id) for line in lines]
    assert {("printLetter", "acc-c1"), ("seeTransfer", "acc-d1"), ("moveTransfer", "acc-a1"), ("applyForTransfer", "acc-a4")} <= set(
        actions
    )


async def test_nobody_is_moved_by_hand_under_an_open_transfer_and_who_dies_is_not_transferred(desk: Desk) -> None:
    await desk.apply()
    admin = await desk.who("admin")
    assert await code_of(change_member(desk.store, admin, ChangeMember("m-a4", 1, home_branch_id="B"), desk.now)) == "transferOpen"
    await change_member(desk.store, admin, ChangeMember("m-a4", 1, status=MemberStatus.DECEASED), desk.now)
    async with desk.store.reading() as uow:
        transfer = await uow.transfers.get(desk.transfer_id)
    assert transfer is not None
    assert (transfer.state, transfer.answer) == (S.CANCELLED, "deceased")


async def test_a_step_needs_its_right_and_its_part(desk: Desk) -> None:
    await desk.apply()
    assert await code_of(desk.step("a1", PassHomeCheck("2020-01"), action=Action.CHECK_TRANSFER)) == "duesUnsettled"
    assert await code_of(desk.step("a4", PassHomeCheck("2099-01"), action=Action.CHECK_TRANSFER)) == "forbidden"
    assert await code_of(desk.step("d1", Approve(), action=Action.SEND_TRANSFER)) == "notFound"
    assert await code_of(desk.step("c1", PassHomeCheck("2099-01"))) == "notYourStep"
    assert await code_of(desk.step("a1", Approve())) == "stepNotPossible"
