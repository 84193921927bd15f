"""Stories of a member's file: edited, asked to be changed, found by its number, and remembered field by field."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.access import Actor
from ledger.actions.audit import access_log
from ledger.actions.changerequests import (
    Propose,
    decide_request,
    own_requests,
    propose,
    waiting_requests,
    withdraw_request,
)
from ledger.actions.files import (
    EditFile,
    SaveEntry,
    edit_file,
    file_history,
    find_by_id_number,
    member_file,
    remove_entry,
    reveal_id_number,
    write_entry,
)
from ledger.actions.members import ChangeMember, SearchMembers, change_member, search_members
from ledger.idnumber import check_digit, demo_id_number
from ledger.memberfile import EntryKind, How, changes_digest
from ledger.model import Decision, Education
from ledger.ports import AccessQuery, Reach, Store
from ledger.refusals import (
    AlreadyDecided,
    ChangeRequestOpen,
    EntryMalformed,
    FileDatesOutOfOrder,
    FileFieldMalformed,
    Forbidden,
    IdNumberDisagrees,
    IdNumberTaken,
    NotFound,
    NothingProposed,
    OwnCase,
    ReasonMissing,
    StaleRevision,
)
from ledger.sealing import KeyRing, RingSealer
from tests.ledger.conftest import Who
from tests.ledger.records import NOON

SEALER = RingSealer(KeyRing({"k": b"k" * 32}, "k"))
NUMBER = "11010519491231002X"  # a woman born on the last day of 1949
EVERYWHERE = Reach(everywhere=True)


async def edit(store: Store, actor: Actor, revision: int = 1, member_id: str = "m-a4", **changes: str | None) -> None:
    keys = {"".join([part if n == 0 else part.title() for n, part in enumerate(key.split("_"))]): value for key, value in changes.items()}
    await edit_file(store, SEALER, actor, EditFile(member_id, revision, keys, "核对档案"), NOON)


async def test_an_edit_is_seen_and_remembered_field_by_field(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), ethnic_group=" 汉族 ", born_on="1988-02-29", education="master", work_unit="某公司")
    view = await member_file(store, SEALER, await who("a2"), "m-a4", NOON)
    assert (view.fields["ethnicGroup"], view.fields["bornOn"], view.fields["workUnit"]) == ("汉族", "1988-02-29", "某公司")
    assert (view.line.member.education, view.line.member.revision) == (Education.MASTER, 2)
    history = await file_history(store, await who("a1"), "m-a4", NOON)
    assert {(one.field, one.before, one.after) for one in history.changes} == {
        ("ethnicGroup", None, "汉族"),
        ("bornOn", None, "1988-02-29"),
        ("education", None, "master"),
        ("workUnit", None, "某公司"),
    }
    assert {(one.account_id, one.how, one.reason) for one in history.changes} == {("acc-a1", How.EDIT, "核对档案")}
    async with store.reading() as uow:
        lines, _ = await uow.access_log.search(AccessQuery(EVERYWHERE))
        line = next(one for one in lines if one.action == "changeFile")
        assert line.detail["digest"] == changes_digest(await uow.files.batch(line.detail["batch"]))
    assert [one.action for one in lines] == ["seeFile", "changeFile"]


async def test_what_changes_nothing_leaves_no_trace_and_an_empty_text_empties(store: Store, who: Who) -> None:
    secretary = await who("a1")
    await edit(store, secretary, name="党员a4", phone="13812345678")
    assert (await file_history(store, secretary, "m-a4", NOON)).total == 0
    await edit(store, secretary, phone="")
    assert [(one.field, one.before, one.after) for one in (await file_history(store, secretary, "m-a4", NOON)).changes] == [
        ("phone", "13812345678", None)
    ]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": " "}, FileFieldMalformed),
        ({"born_on": "1988-02-30"}, FileFieldMalformed),
        ({"born_on": "2999-01-01"}, FileFieldMalformed),
        ({"education": "genius"}, FileFieldMalformed),
        ({"sex": "x"}, FileFieldMalformed),
        ({"phone": "call me"}, FileFieldMalformed),
        ({"email": "nowhere"}, FileFieldMalformed),
        ({"work_unit": "很" * 201}, FileFieldMalformed),
        ({"id_number": "110105194912310021"}, FileFieldMalformed),
        ({"no_such": "x"}, FileFieldMalformed),
        ({"revision_": "1"}, FileFieldMalformed),
        ({"applied_on": "2012-01-01", "active_since": "2011-01-01"}, FileDatesOutOfOrder),
        ({"born_on": "2000-01-01", "applied_on": "2017-12-31"}, FileDatesOutOfOrder),
        ({"id_number": NUMBER, "born_on": "1950-01-01"}, IdNumberDisagrees),
        ({"id_number": NUMBER, "sex": "male"}, IdNumberDisagrees),
        ({"id_number": demo_id_number(date(1980, 1, 1), 1, "female")}, IdNumberDisagrees),  # only a demonstration has such numbers
    ],
)
async def test_bad_edits_are_refused_and_nothing_is_half_done(
    store: Store, who: Who, changes: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await edit(store, await who("a1"), residence="苏州市", **changes)  # type: ignore[arg-type]
    view = await member_file(store, SEALER, await who("a1"), "m-a4", NOON)
    assert (view.fields["residence"], view.line.member.revision) == (None, 1)


async def test_of_two_editors_of_a_file_the_second_is_told(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), residence="苏州市")
    with pytest.raises(StaleRevision):
        await edit(store, await who("a2"), residence="南京市")
    with pytest.raises(StaleRevision):
        await change_member(store, await who("a2"), ChangeMember("m-a4", 1, name="改名"), NOON)


@pytest.mark.parametrize(
    ("name", "refusal"), [("a3", Forbidden), ("a5", NotFound), ("b1", NotFound), ("auditor", Forbidden), ("system", NotFound)]
)
async def test_who_is_not_responsible_sees_no_file(store: Store, who: Who, name: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await member_file(store, SEALER, await who(name), "m-a4", NOON)
    with pytest.raises(refusal):
        await file_history(store, await who(name), "m-a4", NOON)


# The ID number.


async def test_an_id_number_is_sealed_masked_and_shown_for_a_reason_that_is_logged(store: Store, who: Who) -> None:
    secretary = await who("a1")
    await edit(store, secretary, id_number="110105 19491231 002x")
    async with store.reading() as uow:
        file = await uow.files.get("m-a4")
    assert file is not None
    assert file.id_sealed is not None
    assert NUMBER not in repr(file)
    view = await member_file(store, SEALER, secretary, "m-a4", NOON)
    assert (view.id_number, view.fields["bornOn"], view.fields["sex"]) == ("110***********002X", "1949-12-31", "female")
    with pytest.raises(ReasonMissing):
        await reveal_id_number(store, SEALER, secretary, "m-a4", " ", NOON)
    assert await reveal_id_number(store, SEALER, secretary, "m-a4", "开具介绍信", NOON) == NUMBER
    assert await reveal_id_number(store, SEALER, await who("a4"), "m-a4", "", NOON) == NUMBER
    for name in ("b1", "a3"):
        with pytest.raises((NotFound, Forbidden)):
            await reveal_id_number(store, SEALER, await who(name), "m-a4", "想看", NOON)
    page = await access_log(store, await who("auditor"))
    assert [(one.account_id, one.detail) for one in page.lines if one.action == "seeIdNumber"] == [("acc-a1", {"reason": "开具介绍信"})]
    history = await file_history(store, secretary, "m-a4", NOON)
    assert ("idNumber", None, "110***********002X") in {(one.field, one.before, one.after) for one in history.changes}
    assert NUMBER not in repr(history)


async def test_a_number_is_one_members_and_found_only_within_reach(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), id_number=NUMBER)
    with pytest.raises(IdNumberTaken):
        await edit(store, await who("b1"), member_id="m-b3", id_number=NUMBER)
    found = await find_by_id_number(store, SEALER, await who("admin"), NUMBER.lower(), NOON)
    assert found is not None
    assert (found.member.member_id, found.member.phone) == ("m-a4", "138****5678")
    for name in ("b1", "a5", "auditor", "system"):
        assert await find_by_id_number(store, SEALER, await who(name), NUMBER, NOON) is None
    with pytest.raises(FileFieldMalformed):
        await find_by_id_number(store, SEALER, await who("a1"), "123", NOON)


async def test_birth_and_sex_cannot_be_changed_away_from_the_number(store: Store, who: Who) -> None:
    secretary = await who("a1")
    await edit(store, secretary, id_number=NUMBER)
    for changes in ({"born_on": "1949-12-30"}, {"sex": "male"}):
        with pytest.raises(IdNumberDisagrees):
            await edit(store, secretary, 2, **changes)
    await edit(store, secretary, 2, id_number="", born_on="1949-12-30")
    assert (await member_file(store, SEALER, secretary, "m-a4", NOON)).id_number is None
    with pytest.raises(NotFound):
        await reveal_id_number(store, SEALER, secretary, "m-a4", "核对", NOON)


# Entries.


async def test_education_and_work_come_and_go_and_the_history_keeps_them(store: Store, who: Who) -> None:
    secretary = await who("a1")
    school = await write_entry(
        store, secretary, SaveEntry("m-a4", EntryKind.EDUCATION, date(2005, 9, 1), " 某大学 ", "学士", date(2009, 7, 1)), NOON
    )
    await write_entry(store, secretary, SaveEntry("m-a4", EntryKind.EDUCATION, date(2005, 9, 1), "另一所", entry_id=school.entry_id), NOON)
    await remove_entry(store, secretary, "m-a4", school.entry_id, NOON)
    assert (await member_file(store, SEALER, secretary, "m-a4", NOON)).entries == []
    told = [(one.before, one.after) for one in reversed((await file_history(store, secretary, "m-a4", NOON)).changes)]
    first, second = "2005-09-01 – 2009-07-01 · 某大学 · 学士", "2005-09-01 – · 另一所"
    assert told == [(None, first), (first, second), (second, None)]


@pytest.mark.parametrize(
    "command",
    [
        SaveEntry("m-a4", EntryKind.WORK, date(2005, 9, 1), " "),
        SaveEntry("m-a4", EntryKind.WORK, date(2999, 9, 1), "某公司"),
        SaveEntry("m-a4", EntryKind.WORK, date(2005, 9, 1), "某公司", until=date(2005, 8, 31)),
        SaveEntry("m-a4", EntryKind.WORK, date(2005, 9, 1), "某公司", "很" * 201),
    ],
)
async def test_bad_entries_are_refused(store: Store, who: Who, command: SaveEntry) -> None:
    with pytest.raises(EntryMalformed):
        await write_entry(store, await who("a1"), command, NOON)


async def test_an_entry_belongs_to_its_member(store: Store, who: Who) -> None:
    secretary = await who("a1")
    entry = await write_entry(store, secretary, SaveEntry("m-a4", EntryKind.WORK, date(2005, 9, 1), "某公司"), NOON)
    with pytest.raises(NotFound):
        await remove_entry(store, secretary, "m-a5", entry.entry_id, NOON)
    with pytest.raises(NotFound):
        await write_entry(store, secretary, SaveEntry("m-a5", EntryKind.WORK, date(2005, 9, 1), "某公司", entry_id=entry.entry_id), NOON)


# Requests by the member.


async def test_a_member_proposes_and_the_secretary_accepts(store: Store, who: Who) -> None:
    member, secretary = await who("a4"), await who("a1")
    entry = SaveEntry("", EntryKind.WORK, date(2020, 1, 1), "新公司", "工程师")
    request = await propose(store, SEALER, member, Propose({"residence": "苏州市", "idNumber": NUMBER}, entry, "搬家了"), NOON)
    assert NUMBER not in repr(request)
    with pytest.raises(ChangeRequestOpen):
        await propose(store, SEALER, member, Propose({"residence": "南京市"}), NOON)
    assert (await member_file(store, SEALER, member, "m-a4", NOON)).request == request
    (waiting,), total = await waiting_requests(store, SEALER, secretary)
    assert (waiting.changes, waiting.current, total) == (
        {"residence": "苏州市", "idNumber": NUMBER},
        {"residence": None, "idNumber": None},
        1,
    )
    assert (await waiting_requests(store, SEALER, await who("b1")))[1] == 0
    decided = await decide_request(store, SEALER, secretary, request.request_id, True, "", NOON + 1)
    assert (decided.decision, decided.decided_by) == (Decision.APPROVED, "acc-a1")
    view = await member_file(store, SEALER, member, "m-a4", NOON)
    assert (view.fields["residence"], view.id_number, view.request) == ("苏州市", "110***********002X", None)
    assert [one.unit for one in view.entries] == ["新公司"]
    history = await file_history(store, member, "m-a4", NOON)
    assert {(one.how, one.reason) for one in history.changes} == {(How.REQUEST, "搬家了")}
    (kept,) = await own_requests(store, member)
    assert kept.changes == {"residence": "苏州市", "idNumber": None}  # what is over needs no number any more
    with pytest.raises(AlreadyDecided):
        await decide_request(store, SEALER, secretary, request.request_id, False, "迟了", NOON)


async def test_declining_needs_a_reason_and_changes_nothing(store: Store, who: Who) -> None:
    request = await propose(store, SEALER, await who("a4"), Propose({"residence": "苏州市"}), NOON)
    with pytest.raises(ReasonMissing):
        await decide_request(store, SEALER, await who("a1"), request.request_id, False, " ", NOON)
    decided = await decide_request(store, SEALER, await who("a1"), request.request_id, False, "请附证明", NOON)
    assert (decided.decision, decided.answer) == (Decision.REJECTED, "请附证明")
    assert (await member_file(store, SEALER, await who("a4"), "m-a4", NOON)).fields["residence"] is None


async def test_a_request_that_cannot_be_carried_out_stays_open(store: Store, who: Who) -> None:
    await edit(store, await who("b1"), member_id="m-b3", id_number=NUMBER)
    request = await propose(store, SEALER, await who("a4"), Propose({"idNumber": NUMBER}), NOON)
    with pytest.raises(IdNumberTaken):
        await decide_request(store, SEALER, await who("a1"), request.request_id, True, "", NOON)
    assert (await own_requests(store, await who("a4")))[0].open


async def test_a_request_may_be_withdrawn_by_its_member_only(store: Store, who: Who) -> None:
    request = await propose(store, SEALER, await who("a4"), Propose({"residence": "苏州市"}), NOON)
    for name in ("a1", "a5"):
        with pytest.raises(NotFound):
            await withdraw_request(store, await who(name), request.request_id, NOON)
    assert (await withdraw_request(store, await who("a4"), request.request_id, NOON)).withdrawn
    with pytest.raises(AlreadyDecided):
        await withdraw_request(store, await who("a4"), request.request_id, NOON)
    await propose(store, SEALER, await who("a4"), Propose({"residence": "南京市"}), NOON)


async def test_nobody_decides_the_own_request(store: Store, who: Who) -> None:
    request = await propose(store, SEALER, await who("a1"), Propose({"residence": "苏州市"}), NOON)
    with pytest.raises(OwnCase):
        await decide_request(store, SEALER, await who("a1"), request.request_id, True, "", NOON)
    for name, refusal in (("a4", Forbidden), ("b1", NotFound)):
        with pytest.raises((refusal, NotFound)):
            await decide_request(store, SEALER, await who(name), request.request_id, True, "", NOON)
    assert (await decide_request(store, SEALER, await who("a2"), request.request_id, True, "", NOON)).decision is Decision.APPROVED


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (Propose({}), NothingProposed),
        (Propose({"fullSince": "2020-01-01"}), FileFieldMalformed),  # the way into the Party is not the member's to write
        (Propose({"status": "left"}), FileFieldMalformed),
        (Propose({"bornOn": "yesterday"}), FileFieldMalformed),
        (Propose({}, SaveEntry("", EntryKind.WORK, date(2999, 1, 1), "x")), EntryMalformed),
    ],
)
async def test_bad_proposals_are_refused(store: Store, who: Who, command: Propose, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await propose(store, SEALER, await who("a4"), command, NOON)


async def test_who_is_no_member_proposes_nothing_and_who_is_not_responsible_has_no_list(store: Store, who: Who) -> None:
    with pytest.raises(NotFound):
        await propose(store, SEALER, await who("admin"), Propose({"residence": "苏州市"}), NOON)
    for name in ("a4", "auditor", "system", "security"):
        with pytest.raises(Forbidden):
            await waiting_requests(store, SEALER, await who(name))


# The list by age.


@pytest.mark.parametrize(
    ("age_from", "age_to", "numbers"),
    [(35, None, ["a1", "a2"]), (None, 34, ["a3"]), (35, 35, ["a1"]), (36, 36, ["a2"]), (None, None, None)],
)
async def test_members_are_found_by_age_in_full_years(
    store: Store, who: Who, age_from: int | None, age_to: int | None, numbers: list[str] | None
) -> None:
    """Today is 2 December 2025: a1 has the thirty-fifth birthday today, a2 was thirty-six yesterday, a3 is thirty-five tomorrow."""
    for key, born in (("a1", "1990-12-02"), ("a2", "1989-12-01"), ("a3", "1990-12-03")):
        await edit(store, await who("admin"), member_id=f"m-{key}", born_on=born)
    page = await search_members(store, await who("a1"), SearchMembers(age_from=age_from, age_to=age_to), NOON)
    assert [line.member.number for line in page.lines if numbers is None or line.member.born_on] == (
        numbers if numbers is not None else [line.member.number for line in page.lines]
    )


def test_the_numbers_of_these_stories_are_whole() -> None:
    assert check_digit(NUMBER[:17]) == NUMBER[17]
