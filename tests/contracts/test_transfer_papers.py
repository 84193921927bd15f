"""Transfers on paper, over all three stores: out of the installation, into it with a newcomer, and back with the same record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.actions.files import EditFile, edit_file, reveal_id_number
from ledger.actions.letters import printed_letter
from ledger.actions.rotation import check_keys, reseal
from ledger.actions.transferapplying import (
    TakeInLetter,
    Whither,
    take_in_letter,
)
from ledger.actions.transferlists import transfer_case
from ledger.actions.transferviews import TransferCase
from ledger.memberfile import How
from ledger.mobility import (
    Newcomer,
    OrgRelation,
    TransferState,
)
from ledger.model import MemberStatus, day_of
from ledger.refusals import NumberTaken
from ledger.rules.transfersteps import (
    CloseSender,
    RecordReceipt,
    Refuse,
    SendReceipt,
)
from ledger.sealing import KeyRing, RingSealer, Sealer
from tests.ledger.records import DAY, NOON
from tests.ledger.test_files import NUMBER, SEALER
from tests.ledger.transferring import Desk, code_of, member_of, relations_of

S = TransferState
TAKEN = "110105199003070033"  # of m-a3


async def test_going_outside_the_receipt_on_paper_takes_the_member_off_the_roll(desk: Desk) -> None:
    await desk.apply(to=Whither(outside="某大学党委", outside_branch="某支部"))
    await desk.go_to(S.IN_TRANSIT)
    assert "PresentLetter" not in (await desk.step_names("c1"))
    await desk.step("c1", RecordReceipt("计算机系支部", "某同志", day_of(desk.now)))
    gone = await member_of(desk.store, "m-a4")
    assert (gone.status, gone.home_branch_id) == (MemberStatus.TRANSFERRED, "A")
    assert await relations_of(desk.store, "m-a4") == [OrgRelation("m-a4", "A", 0.0, desk.now)]
    async with desk.store.reading() as uow:
        account = await uow.accounts.get("acc-a4")
    assert account is not None
    assert account.disabled
    assert (await desk.step("c1", CloseSender())).transfer.state is S.CLOSED


def letter_from(**changes: object) -> TakeInLetter:
    newcomer = Newcomer("N-1", "新来", "probationary", "female", date(2025, 7, 1), "13800000000")
    issued = day_of(NOON) - timedelta(days=3)
    plain = TakeInLetter("D", "外省某县委组织部", "外-77", issued, 30, "2025-11", "工作调动", newcomer)
    return replace(plain, **changes)  # type: ignore[arg-type]


async def test_coming_from_outside_a_record_begins_with_the_receipt(desk: Desk) -> None:
    desk.case = await take_in_letter(desk.store, await desk.who("d1"), letter_from(), desk.now)
    member_id = desk.case.transfer.member_id
    async with desk.store.reading() as uow:
        assert await uow.members.get(member_id) is None
    await desk.assign()
    await desk.step("d1", SendReceipt("党员d1"))
    here = await member_of(desk.store, member_id)
    assert (here.number, here.name, here.home_branch_id, here.stage.value) == ("N-1", "新来", "E", "probationary")
    assert await relations_of(desk.store, member_id) == [OrgRelation(member_id, "E", desk.now, None, desk.transfer_id)]
    again = letter_from(newcomer=Newcomer("N-2", "另一人", "full"))
    assert await code_of(take_in_letter(desk.store, await desk.who("d1"), again, desk.now)) == "letterPresentedTwice"
    with pytest.raises(NumberTaken):
        await take_in_letter(desk.store, await desk.who("d1"), letter_from(letter_number="外-78"), desk.now)


async def arrived(desk: Desk, number: str, sealer: Sealer | None = SEALER, **newcomer: Any) -> TransferCase:
    command = letter_from(id_number=number, newcomer=Newcomer("N-1", "新来", "full", **newcomer))
    desk.case = await take_in_letter(desk.store, await desk.who("d1"), command, desk.now, sealer=sealer)
    return desk.case


async def test_the_id_number_of_a_newcomer_is_sealed_at_once_and_goes_to_the_file_with_the_receipt(desk: Desk) -> None:
    case = await arrived(desk, f" {NUMBER.lower()} ")
    member_id, newcomer = case.transfer.member_id, case.transfer.newcomer
    assert newcomer is not None
    assert (newcomer.born_on, newcomer.sex, newcomer.id_masked) == (date(1949, 12, 31), "female", "110***********002X")
    async with desk.store.reading() as uow:
        kept = await uow.transfers.get(desk.transfer_id)
        assert await uow.files.get(member_id) is None
    assert kept == case.transfer
    assert NUMBER not in str(kept)
    printed = await printed_letter(desk.store, await desk.who("d1"), desk.transfer_id, desk.now, sealer=SEALER)
    assert (printed.id_number, printed.born_on) == (NUMBER, date(1949, 12, 31))
    await desk.assign()
    await desk.step("d1", SendReceipt("党员d1"))
    here = await member_of(desk.store, member_id)
    assert (here.born_on, here.sex) == (date(1949, 12, 31), "female")
    assert await reveal_id_number(desk.store, SEALER, await desk.who("e1"), member_id, "核对", desk.now) == NUMBER
    async with desk.store.reading() as uow:
        over = await uow.transfers.get(desk.transfer_id)
        history, _ = await uow.files.changes(member_id)
    assert over is not None
    assert over.newcomer == replace(newcomer, id_sealed=None, id_index=None, id_masked=None)
    assert ("idNumber", None, "110***********002X", How.TRANSFER) in [(one.field, one.before, one.after, one.how) for one in history]
    assert (await printed_letter(desk.store, await desk.who("d1"), desk.transfer_id, desk.now, sealer=SEALER)).id_number == NUMBER


@pytest.mark.parametrize(
    ("number", "newcomer", "code"),
    [
        ("110105194912310021", {}, "idNumberDisagrees"),
        (NUMBER, {"sex": "male"}, "idNumberDisagrees"),
        (NUMBER, {"born_on": date(1950, 1, 1)}, "idNumberDisagrees"),
        ("", {"born_on": date(2099, 1, 1)}, "idNumberDisagrees"),
        (TAKEN, {}, "idNumberTaken"),
    ],
)
async def test_a_newcomers_number_that_cannot_be_is_refused(desk: Desk, number: str, newcomer: dict[str, Any], code: str) -> None:
    await edit_file(desk.store, SEALER, await desk.who("a1"), EditFile("m-a3", 1, {"idNumber": TAKEN}), desk.now)
    assert await code_of(arrived(desk, number, **newcomer)) == code
    assert await code_of(arrived(desk, NUMBER, None)) == "keyMissing"
    async with desk.store.reading() as uow:
        assert await uow.transfers.numbers_from("外省某县委组织部") == []


async def test_a_number_somebody_else_came_to_have_meanwhile_refuses_the_receipt(desk: Desk) -> None:
    await arrived(desk, NUMBER)
    await desk.assign()
    await edit_file(desk.store, SEALER, await desk.who("a1"), EditFile("m-a3", 1, {"idNumber": NUMBER}), desk.now)
    assert await code_of(desk.step("d1", SendReceipt("党员d1"))) == "idNumberTaken"
    assert (await transfer_case(desk.store, await desk.who("d1"), desk.transfer_id, desk.now)).transfer.state is S.ASSIGNED


async def test_a_refused_newcomer_leaves_no_number_behind(desk: Desk) -> None:
    await arrived(desk, NUMBER)
    await desk.step("d1", Refuse("介绍信有误"))
    assert desk.case.transfer.newcomer is not None
    assert desk.case.transfer.newcomer.id_sealed is None


async def test_numbers_on_the_way_in_are_sealed_anew_with_the_others(desk: Desk) -> None:
    await arrived(desk, NUMBER)
    turned = RingSealer(KeyRing({"new": b"n" * 32, "k": b"k" * 32}, "new"))
    assert (await check_keys(desk.store, turned)).by_key["k"] == 1
    assert await reseal(desk.store, turned, desk.now) == 1
    after = await check_keys(desk.store, RingSealer(KeyRing({"new": b"n" * 32}, "new")))
    assert (after.by_key["new"], after.broken, after.missing) == (1, [], set())
    async with desk.store.reading() as uow:
        assert len(await uow.transfers.history(desk.transfer_id)) == 1


async def test_who_left_and_comes_back_has_the_same_record(desk: Desk) -> None:
    await desk.apply(to=Whither(outside="某大学党委"))
    await desk.go_to(S.IN_TRANSIT)
    await desk.step("c1", RecordReceipt("", "某同志", day_of(desk.now)))
    desk.now += 10 * DAY
    back = letter_from(newcomer=Newcomer("a4", "党员a4", "full"))
    desk.case = await take_in_letter(desk.store, await desk.who("admind"), back, desk.now)
    await desk.assign()
    await desk.step("d1", SendReceipt("党员d1"))
    here = await member_of(desk.store, "m-a4")
    assert (here.status, here.home_branch_id) == (MemberStatus.ACTIVE, "E")
    assert [one.branch_id for one in await relations_of(desk.store, "m-a4")] == ["A", "E"]
