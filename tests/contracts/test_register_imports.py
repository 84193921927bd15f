"""Old registers over all three stores: transfers, registrations and contact logs; dry runs, bad rows in the middle, twice is once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ledger.access import Actor
from ledger.actions.floatingimport import import_contacts, import_registrations
from ledger.actions.registerimport import Imported, ImportFile
from ledger.actions.transferimport import import_transfers
from ledger.floatingregister import contacts_template, registrations_template
from ledger.mobility import ContactMeans, RegistrationState, TransferState
from ledger.model import day_of
from ledger.ports import Store
from ledger.rules.transfersteps import CloseSender, RecordReceipt
from ledger.transferregister import transfer_template
from tests.ledger.transferring import Desk, fill_both, member_of, relations_of

Import = Callable[[Store, Actor, ImportFile, float], Awaitable[Imported]]
TRANSFERS = "党员编号,姓名,转出支部代码,转入党组织,介绍信编号,开具日期,有效期,党费交至,回执日期,经办人\n"
REGISTRATIONS = "党员编号,姓名,流出日期,流动原因,流动范围,流入地,联系方式,流入地党组织,返回日期\n"
CONTACTS = "党员编号,联系日期,联系方式,是否联系上,了解情况\n"
PAST = "a4,党员a4,A,某县委组织部,旧-1,2024-03-01,60,2024-02,2024-03-20,李四\n"
WITHIN = "b3,,A,B,旧-2,2024-05-01,,,2024-05-09,\n"
COMING = "e2,党员e2,外省某党委,E,外-7,2023-01-05,90,,2023-02-01,\n"
ON_THE_WAY = "a5,党员a5,A,某大学党委,旧-3,2025-11-20,30,2025-10,,\n"


@pytest.fixture
async def desk(store: Store) -> Desk:
    await fill_both(store)
    return Desk(store)


async def bring(desk: Desk, work: Import, name: str, text: str, **options: bool) -> Imported:
    file = ImportFile(text.encode(), "register.csv", **{"dry_run": False, **options})
    return await work(desk.store, await desk.who(name), file, desk.now)


def faults(found: Imported) -> list[tuple[int, str, str]]:
    assert all(one.sentence("zh") != one.sentence("en") for one in found.complaints)
    return [(one.line, one.column, one.code) for one in found.complaints]


async def test_the_past_becomes_history_and_moves_nobody_what_is_on_its_way_goes_on(desk: Desk) -> None:
    found = await bring(desk, import_transfers, "c1", TRANSFERS + PAST + WITHIN + ON_THE_WAY)
    assert (found.rows, found.created, found.unchanged, found.skipped, found.applied) == (3, 3, 0, 0, True)
    assert [(await member_of(desk.store, one)).home_branch_id for one in ("m-a4", "m-b3", "m-a5")] == ["A", "B", "A"]
    assert len(await relations_of(desk.store, "m-a4")) == 1
    async with desk.store.reading() as uow:
        (past,) = await uow.transfers.of_member("m-a4")
        (within,) = await uow.transfers.of_member("m-b3")
        (under_way,) = await uow.transfers.of_member("m-a5")
    assert past.receipt is not None
    assert (past.state, past.outside) == (TransferState.ARCHIVED, "某县委组织部")
    assert (past.receipt.signed_by, past.letters[0].valid_days) == ("李四", 60)
    assert (within.from_branch_id, within.to_branch_id, within.to_outside) == ("A", "B", False)
    assert (under_way.state, under_way.is_open) == (TransferState.IN_TRANSIT, True)
    await desk.take_up(under_way.transfer_id)
    await desk.step("c1", RecordReceipt("计算机系支部", "某同志", day_of(desk.now)))
    assert (await desk.step("c1", CloseSender())).transfer.state is TransferState.CLOSED


async def test_a_letter_from_outside_of_the_past_is_for_the_committee_that_received_it(desk: Desk) -> None:
    refused = await bring(desk, import_transfers, "c1", TRANSFERS + COMING)
    assert faults(refused) == [(2, "转出支部代码", "notYours")]
    assert (await bring(desk, import_transfers, "d1", TRANSFERS + COMING)).created == 1
    still_coming = COMING.replace("外-7", "外-8").replace("2023-02-01", "")
    assert faults(await bring(desk, import_transfers, "d1", TRANSFERS + still_coming)) == [(2, "回执日期", "required")]


async def test_every_bad_row_is_named_and_nothing_is_written_while_there_is_one(desk: Desk) -> None:
    bad = (
        "zz,谁,A,某党委,旧-4,2024-03-01,60,,2024-03-20,\n"
        "a3,王,A,某党委,旧-5,2024-03-01,60,,2024-03-20,\n"
        "a3,,A,A,旧-6,2024-03-01,60,,2024-03-20,\n"
        "a3,,A,某党委,旧-7,2024-03-01,91,,2024-02-20,\n"
        "a3,,A,某党委,旧-8,2099-03-01,60,,,\n"
        "a7,,A,某党委,旧-9,2025-11-01,60,soon,,\n"
        "b3,,A,某党委,旧-10,2025-11-01,60,,,\n"
        ",,A,某党委,,昨天,60,,,\n"
        "a6,,某处,某党委,旧-11,2024-11-01,60,,2024-11-02,\n"
    )
    found = await bring(desk, import_transfers, "c1", TRANSFERS + PAST + bad + WITHIN)
    assert faults(found) == [
        (3, "党员编号", "memberUnknown"),
        (4, "姓名", "nameDiffers"),
        (5, "转入党组织", "sameBranch"),
        (6, "回执日期", "tooEarly"),
        (6, "有效期", "notANumber"),
        (7, "开具日期", "inTheFuture"),
        (8, "党费交至", "notAMonth"),
        (9, "转出支部代码", "notOnTheRoll"),
        (10, "介绍信编号", "required"),
        (10, "党员编号", "required"),
        (10, "开具日期", "notADate"),
        (11, "转出支部代码", "notYours"),
    ]
    assert (found.rows, found.created, found.skipped, found.applied) == (11, 2, 9, False)
    async with desk.store.reading() as uow:
        assert await uow.transfers.of_member("m-a4") == []
    skipping = await bring(desk, import_transfers, "c1", TRANSFERS + PAST + bad + WITHIN, skip_bad=True)
    assert (skipping.created, skipping.applied) == (2, True)


async def test_a_dry_run_writes_nothing_and_twice_is_once(desk: Desk) -> None:
    dry = await bring(desk, import_transfers, "c1", TRANSFERS + PAST + ON_THE_WAY, dry_run=True)
    assert (dry.created, dry.applied, dry.complaints) == (2, False, ())
    async with desk.store.reading() as uow:
        assert await uow.transfers.of_member("m-a4") == []
    await bring(desk, import_transfers, "c1", TRANSFERS + PAST + ON_THE_WAY)
    again = await bring(desk, import_transfers, "c1", TRANSFERS + PAST + ON_THE_WAY + WITHIN)
    assert (again.created, again.unchanged, again.complaints) == (1, 2, ())
    other = ON_THE_WAY.replace("旧-3", "旧-9")
    assert faults(await bring(desk, import_transfers, "c1", TRANSFERS + other)) == [(2, "党员编号", "transferOpen")]
    taken = PAST.replace("a4,党员a4", "a6,党员a6")
    assert faults(await bring(desk, import_transfers, "c1", TRANSFERS + taken)) == [(2, "介绍信编号", "letterNumberUsed")]


async def test_two_rows_of_one_file_meet_each_other(desk: Desk) -> None:
    second = ON_THE_WAY.replace("旧-3", "旧-9")
    assert faults(await bring(desk, import_transfers, "c1", TRANSFERS + ON_THE_WAY + second)) == [(3, "党员编号", "transferOpen")]


async def test_a_file_that_is_no_register_is_said_to_be_none(desk: Desk) -> None:
    assert faults(await bring(desk, import_transfers, "c1", "一,二\n1,2\n"))[0][0] == 1
    assert faults(await bring(desk, import_transfers, "c1", TRANSFERS)) == [(0, "", "empty")]


async def test_registrations_open_and_closed_come_in_for_their_own_branch(desk: Desk) -> None:
    rows = (
        "a4,党员a4,2024-03-01,务工,省外,深圳市,13800000000,某支部,2025-01-05\n"
        "a4,党员a4,2025-08-01,求学,省外,武汉市,13800000000,,\n"
        "a5,,2025-09-01,,县外,某县,无,,\n"
    )
    found = await bring(desk, import_registrations, "a1", REGISTRATIONS + rows)
    assert (found.created, found.complaints) == (3, ())
    async with desk.store.reading() as uow:
        registrations = await uow.registrations.of_member("m-a4")
        states = {one.report.destination.name: (one.state, one.host_contact) for one in registrations}
        assert len(await uow.registrations.lines(registrations[0].registration_id)) == 1
    assert states == {"深圳市": (RegistrationState.RETURNED, "某支部"), "武汉市": (RegistrationState.DEPARTED, "")}
    again = await bring(desk, import_registrations, "a1", REGISTRATIONS + rows)
    assert (again.created, again.unchanged) == (0, 3)
    bad = "a4,,2025-10-01,务工,省外,成都市,138,,\nb3,,2025-10-01,务工,省外,成都市,138,,\na6,,2025-10-01,务工,境外,柏林,138,,\n"
    assert faults(await bring(desk, import_registrations, "a1", REGISTRATIONS + bad)) == [
        (2, "党员编号", "registrationOpen"),
        (3, "党员编号", "memberUnknown"),
        (4, "党员编号", "rangeContradictsPlace"),
    ]


async def test_contact_logs_come_in_with_attempts_that_reached_nobody(desk: Desk) -> None:
    rows = "a4,2025-04-01,电话,是,工作稳定\na4,2025-07-01,微信,否,\n"
    found = await bring(desk, import_contacts, "a1", CONTACTS + rows)
    assert (found.created, found.complaints) == (2, ())
    async with desk.store.reading() as uow:
        entries = await uow.contacts.entries("m-a4")
    assert [(one.means, one.reached, one.author) for one in entries] == [
        (ContactMeans.MESSAGE, False, "acc-a1"),
        (ContactMeans.TELEPHONE, True, "acc-a1"),
    ]
    assert (await bring(desk, import_contacts, "a1", CONTACTS + rows)).unchanged == 2
    bad = "a4,2099-01-01,电话,是,\na4,2025-01-01,烟火,也许,\n"
    assert faults(await bring(desk, import_contacts, "a1", CONTACTS + bad)) == [
        (2, "联系日期", "inTheFuture"),
        (3, "是否联系上", "notAllowed"),
        (3, "联系方式", "notAllowed"),
    ]


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_templates_are_read_back(desk: Desk, locale: str, file_format: str) -> None:
    works: list[tuple[Import, Callable[[str, str], bytes]]] = [
        (import_transfers, transfer_template),
        (import_registrations, registrations_template),
        (import_contacts, contacts_template),
    ]
    for work, template in works:
        file = ImportFile(template(locale, file_format), f"t.{file_format}")
        found = await work(desk.store, await desk.who("admin"), file, desk.now)
        assert [(one.line, one.code) for one in found.complaints] == [(2, "memberUnknown")]
