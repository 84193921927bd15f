"""What is held, shown, taken away, asked about, and let go: the table of retention, "my data", requests, and the purge with its dry run."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.access import Actor
from ledger.actions import floating, sharing
from ledger.actions.attachments import add as attach
from ledger.actions.auditing import audit
from ledger.actions.changerequests import Propose, propose, withdraw_request
from ledger.actions.consents import GiveConsent, give_consent, withdraw_consent
from ledger.actions.discussions import OpenThread, contribute, open_thread, read_thread
from ledger.actions.files import SaveEntry, file_history, member_file, write_entry
from ledger.actions.holdings import GATHERERS
from ledger.actions.members import ChangeMember, change_member, member_record
from ledger.actions.mydata import answer_request, consent_id, export_my_data, my_data, raise_request, waiting_requests
from ledger.actions.purging import LEAST_LOG_DAYS, check_rules, purge
from ledger.actions.rewording import edit as reword
from ledger.actions.sharingwithdrawal import withdraw_sharing
from ledger.actions.transferapplying import ApplyForTransfer, Whither, apply_for_transfer
from ledger.discussions import ThreadKind
from ledger.memberfile import EntryKind
from ledger.mobility import FlowRange, FlowReason, Place, SeparateConsent, TransferState
from ledger.mobilityrules import DEFAULT as MOBILITY
from ledger.model import MemberStatus, Session, day_of
from ledger.notices import notice_versions
from ledger.notifying import Notification
from ledger.ports import AccessQuery, Reach, Store
from ledger.privacy import DataRequestKind
from ledger.refusals import AlreadyDecided, Forbidden, NotFound, OwnCase, ReasonMissing, TooManyDataRequests
from ledger.retention import DEFAULT, RULES, Clock, Kind
from ledger.rulebook import Rulebook
from ledger.sharingnotice import TRANSFER_VERSION
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, NOON
from tests.ledger.test_files import NUMBER, SEALER, edit

YEAR = 365 * DAY
PAGE = Path(__file__).resolve().parents[2] / "docs" / "rulebook.md"


# The table.


def test_every_kind_is_told_once_in_both_languages_and_gathered() -> None:
    assert [one.kind for one in DEFAULT.kinds] == list(dict.fromkeys(one.kind for one in DEFAULT.kinds))
    assert {one.kind for one in DEFAULT.kinds} == set(Kind) == set(GATHERERS)
    for one in DEFAULT.kinds:
        assert all([*one.told("zh"), *one.told("en"), one.kept("zh"), one.kept("en")])
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in "".join(one.told("en")) + one.kept("en"))
    assert RULES[DEFAULT.version] is DEFAULT
    assert DEFAULT.content_hash() != replace(DEFAULT, kinds=DEFAULT.kinds[1:]).content_hash()


def test_what_is_said_to_go_goes_and_the_log_is_kept_as_long_as_the_law_wants() -> None:
    assert check_rules(DEFAULT)
    assert DEFAULT.of(Kind.ACCESS).days >= LEAST_LOG_DAYS
    assert DEFAULT.of(Kind.CONTACT).kept("zh") == "在册期间及离开名册后 180 天"
    assert DEFAULT.of(Kind.ID_NUMBER).kept("en") == "while on the roll, and 1 year after"
    without = replace(DEFAULT, kinds=tuple(replace(one, days=5) if one.kind is Kind.PAPERS else one for one in DEFAULT.kinds))
    assert not check_rules(without)


def test_the_page_for_people_has_the_same_table() -> None:
    text = PAGE.read_text()
    assert DEFAULT.version in text
    for one in DEFAULT.kinds:
        for locale in ("zh", "en"):
            title, purpose, basis, seen = one.told(locale)
            assert f"| {title} | {purpose} | {basis} | {one.kept(locale)} | {seen} |" in text


# My data.


async def test_a_member_sees_and_takes_away_everything(store: Store, who: Who) -> None:
    secretary, member = await who("a1"), await who("a4")
    await edit(store, secretary, id_number=NUMBER, residence="苏州市", applied_on="1975-01-01", full_since="1977-01-01")
    await write_entry(store, secretary, SaveEntry("m-a4", EntryKind.WORK, date(1980, 1, 1), "某公司"), NOON)
    await give_consent(store, member, GiveConsent("2026-1"), NOON)
    await raise_request(store, member, DataRequestKind.OBJECTION, "不同意", NOON)
    await member_record(store, secretary, "m-a4", NOON)
    found = await my_data(store, member)
    counts = found.counts
    assert (counts[Kind.ID_NUMBER], counts[Kind.CAREER], counts[Kind.PARTY_PATH], counts[Kind.CONSENTS]) == (1, 1, 2, 1)
    assert (counts[Kind.REQUESTS], counts[Kind.REPORTS], len(found.notices), len(found.requests)) == (1, 0, 1, 1)
    assert counts[Kind.ACCESS] >= 3
    kinds = await taken(store, member)
    assert kinds["idNumber"]["rows"] == [{"field": "idNumber", "value": NUMBER}]
    assert {"field": "residence", "value": "苏州市"} in kinds["contact"]["rows"]
    assert "acc-a1" not in json.dumps(kinds)  # who decided or looked is theirs
    async with store.reading() as uow:
        lines, _ = await uow.access_log.search(AccessQuery(Reach(everywhere=True)))
    assert lines[0].action == "exportOwnData"


async def taken(store: Store, member: Actor, locale: str = "zh") -> dict[str, Any]:
    archive = zipfile.ZipFile(io.BytesIO(await export_my_data(store, SEALER, member, NOON, locale)))
    assert archive.namelist() == ["data.json", "index.html"]
    page = archive.read("index.html").decode()
    assert page.startswith("<!doctype html>")
    assert "http" not in page
    kinds: dict[str, Any] = json.loads(archive.read("data.json"))["kinds"]
    return kinds


async def test_what_people_wrote_is_no_markup_in_the_page(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), work_unit="<script>alert(1)</script>")
    archive = zipfile.ZipFile(io.BytesIO(await export_my_data(store, SEALER, await who("a4"), NOON, "en")))
    page = archive.read("index.html").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_who_is_no_member_has_no_data(store: Store, who: Who) -> None:
    for name in ("admin", "auditor", "system", "security"):
        with pytest.raises(NotFound):
            await my_data(store, await who(name))
        with pytest.raises(NotFound):
            await export_my_data(store, SEALER, await who(name), NOON)


async def test_withdrawn_consents_stay_in_sight(store: Store, who: Who) -> None:
    member = await who("a4")
    await give_consent(store, member, GiveConsent("2026-1"), NOON)
    await withdraw_consent(store, member, NOON + 1)
    (notice,) = (await my_data(store, member)).notices
    assert (notice.given_at, notice.withdrawn_at) == (NOON, NOON + 1)


async def test_what_was_said_and_which_announcements_were_read_is_part_of_the_own_data(store: Store, who: Who) -> None:
    secretary, member = await who("a1"), await who("a4")
    news = await open_thread(store, secretary, OpenThread("A", ThreadKind.ANNOUNCEMENT, "通知", "周五开会"), NOON)
    talk = await open_thread(store, secretary, OpenThread("A", ThreadKind.DISCUSSION, "读书", "读什么？"), NOON)
    answer = await contribute(store, member, talk.thread_id, "《论语》", (), NOON + 1)
    await reword(store, member, answer.entry_id, "《孟子》", (), NOON + 2)
    await read_thread(store, member, news.thread_id, NOON + 3)
    held = (await taken(store, member))["discussions"]["rows"]
    assert (held[0]["thread"], held[0]["text"], held[0]["before"], held[0]["edited_at"]) == ("读书", "《孟子》", ["《论语》"], NOON + 2)
    assert held[1:] == [{"announcement": "通知", "readAt": NOON + 3}]  # how far one read along in a discussion is nobody's record
    assert (await my_data(store, member)).counts[Kind.DISCUSSIONS] == 2


async def test_threads_go_three_years_after_the_last_word_with_their_files(store: Store, who: Who) -> None:
    member = await who("a4")
    talk = await open_thread(store, member, OpenThread("A", ThreadKind.DISCUSSION, "读书", "读什么？"), NOON)
    answer = await contribute(store, member, talk.thread_id, "《论语》", (), NOON + DAY)
    await attach(store, member, f"entry:{answer.entry_id}", "a.png", b"\x89PNG\r\n\x1a\n\x00", NOON + DAY)
    assert Kind.DISCUSSIONS not in await rows(store, NOON + 3 * YEAR + DAY / 2, apply=False)
    late = NOON + 3 * YEAR + 2 * DAY
    counted = {kind: number for kind, number in (await rows(store, late, apply=False)).items() if kind is Kind.DISCUSSIONS}
    assert counted == {Kind.DISCUSSIONS: 2}
    await rows(store, late)
    async with store.reading() as uow:
        assert await uow.discussions.get(talk.thread_id) is None
        assert await uow.attachments.of_owner(f"entry:{answer.entry_id}") == []


async def withdraw_the_only_one(store: Store, member: Actor, now: float) -> SeparateConsent:
    """Finds the handle as the page has it, and takes it back."""
    [one] = [one for one in (await my_data(store, member)).sharing if one.withdrawn_at is None]
    await withdraw_sharing(store, member, consent_id(one), now)
    return one


async def test_a_consent_to_a_host_is_withdrawn_from_the_list_of_all(store: Store, who: Who) -> None:
    member = await who("a4")
    report = floating.ReportDeparture("m-a4", FlowReason.WORK, FlowRange.OUT_OF_PROVINCE, Place("深圳市"), day_of(NOON), "138")
    away = await floating.report_departure(store, member, report, NOON)
    await sharing.share_record(store, member, sharing.ShareRecord(away.registration_id, "B", MOBILITY.consent_version), NOON)
    named = await floating.choose_host(store, await who("a1"), floating.ChooseHost(away.registration_id, away.revision, "B"), NOON)
    await floating.take_in(store, await who("b1"), floating.TakeIn(named.registration_id, named.revision), NOON)
    one = await withdraw_the_only_one(store, member, NOON + 5)
    async with store.reading() as uow:
        moved = await uow.members.get("m-a4")
    assert moved is not None
    assert moved.host_branch_id is None
    for name in ("a4", "a5", "a1", "system"):  # it stands no more, and was never anybody else's
        with pytest.raises(NotFound):
            await withdraw_sharing(store, await who(name), consent_id(one), NOON + 6)


async def test_a_consent_to_a_transfer_is_withdrawn_there_and_takes_it_back(store: Store, who: Who) -> None:
    member = await who("a4")
    to = Whither(outside="某大学党委")
    case = await apply_for_transfer(store, member, ApplyForTransfer("m-a4", to, "升学", consent_version=TRANSFER_VERSION), NOON)
    await withdraw_the_only_one(store, member, NOON + 5)
    async with store.reading() as uow:
        after = await uow.transfers.get(case.transfer.transfer_id)
    assert after is not None
    assert after.state is TransferState.WITHDRAWN


def test_every_version_of_every_notice_can_be_read_the_current_one_first() -> None:
    earlier = replace(Rulebook(), version="2025.1", notice_version="2025-1")
    found = notice_versions(Rulebook(), (earlier, Rulebook()))
    assert [(one.kind.value, one.version, one.current) for one in found] == [
        ("measuring", "2026-1", True),
        ("measuring", "2025-1", False),
        ("sharing", "2026-2", True),
        ("sharing", "2026-1", False),
        ("transfer", TRANSFER_VERSION, True),
        ("retention", "2026.3-privacy", True),
        ("retention", "2026.2-privacy", False),
        ("retention", "2026.1-privacy", False),
    ]
    assert all((one.zh and one.en) or one.kinds for one in found)
    told = {one.version: [kind.kind for kind in one.kinds] for one in found if one.kinds}
    assert Kind.WORK in told["2026.3-privacy"]
    assert Kind.WORK not in told["2026.2-privacy"]
    assert Kind.DISCUSSIONS in told["2026.2-privacy"]
    assert Kind.DISCUSSIONS not in told["2026.1-privacy"]


# Requests about the own data.


async def test_a_request_is_raised_seen_and_answered_once(store: Store, who: Who) -> None:
    member, secretary = await who("a4"), await who("a1")
    request = await raise_request(store, member, DataRequestKind.ERASURE, " 请删除手机号 ", NOON)
    (waiting,), total = await waiting_requests(store, secretary)
    assert (waiting.request, waiting.member.member_id, waiting.due_at, total) == (request, "m-a4", NOON + 30 * DAY, 1)
    assert (await waiting_requests(store, await who("b1")))[1] == 0
    with pytest.raises(ReasonMissing):
        await answer_request(store, secretary, request.request_id, True, " ", NOON)
    with pytest.raises(NotFound):
        await answer_request(store, await who("b1"), request.request_id, True, "好的", NOON)
    answered = await answer_request(store, secretary, request.request_id, True, "已删除", NOON + 1)
    assert (answered.agreed, answered.answer, answered.answered_by) == (True, "已删除", "acc-a1")
    with pytest.raises(AlreadyDecided):
        await answer_request(store, secretary, request.request_id, False, "不行", NOON + 2)
    assert (await waiting_requests(store, secretary))[1] == 0


async def test_a_request_needs_words_an_end_and_somebody_else_to_answer_it(store: Store, who: Who) -> None:
    secretary = await who("a1")
    with pytest.raises(ReasonMissing):
        await raise_request(store, secretary, DataRequestKind.OBJECTION, " ", NOON)
    for number in range(5):
        request = await raise_request(store, secretary, DataRequestKind.OBJECTION, f"理由{number}", NOON)
    with pytest.raises(TooManyDataRequests):
        await raise_request(store, secretary, DataRequestKind.OBJECTION, "再来", NOON)
    with pytest.raises(OwnCase):
        await answer_request(store, secretary, request.request_id, True, "同意", NOON)
    for name in ("a4", "auditor", "system", "security"):
        with pytest.raises(Forbidden):
            await waiting_requests(store, await who(name))


# The purge.


async def leave_the_roll(store: Store, who: Who) -> None:
    """a4 has a file with everything in it and leaves at noon; a5 has one and stays."""
    admin = await who("admin")
    await edit(store, admin, id_number=NUMBER, work_unit="某公司", ethnic_group="汉族")
    await write_entry(store, admin, SaveEntry("m-a4", EntryKind.WORK, date(1980, 1, 1), "某公司"), NOON)
    await edit(store, admin, member_id="m-a5", phone="13800000000", ethnic_group="汉族")
    await change_member(store, admin, ChangeMember("m-a4", 2, status=MemberStatus.LEFT), NOON)


async def rows(store: Store, now: float, *, apply: bool = True) -> dict[Kind, int]:
    return {one.kind: one.rows for one in await purge(store, now, apply=apply) if one.rows}


async def test_data_of_who_left_goes_step_by_step_and_of_who_stays_never(store: Store, who: Who) -> None:
    await leave_the_roll(store, who)
    admin = await who("admin")
    assert await rows(store, NOON + 179 * DAY) == {}
    assert await rows(store, NOON + 181 * DAY) == {Kind.CONTACT: 1}
    file = await member_file(store, SEALER, admin, "m-a4", NOON)
    assert (file.line.member.phone, file.fields["workUnit"], file.id_number is None) == (None, None, False)
    assert await rows(store, NOON + 366 * DAY) == {Kind.ID_NUMBER: 1}
    assert (await member_file(store, SEALER, admin, "m-a4", NOON)).id_number is None
    gone = await rows(store, NOON + 3 * YEAR + DAY)
    assert gone.keys() == {Kind.IDENTITY, Kind.ACCESS}
    file = await member_file(store, SEALER, admin, "m-a4", NOON + 3 * YEAR)
    assert (file.entries, file.fields["ethnicGroup"], file.line.member.name) == ([], None, "党员a4")
    assert (await file_history(store, admin, "m-a4", NOON)).total == 0
    kept = await member_file(store, SEALER, admin, "m-a5", NOON)
    assert (kept.fields["phone"], kept.fields["ethnicGroup"]) == ("13800000000", "汉族")
    assert (await audit(store)).whole


async def test_a_dry_run_says_the_same_and_does_nothing(store: Store, who: Who) -> None:
    await leave_the_roll(store, who)
    late = NOON + 4 * YEAR
    async with store.reading() as uow:
        head = await uow.access_log.head()
    counted = await rows(store, late, apply=False)
    assert counted == await rows(store, late, apply=False)
    async with store.reading() as uow:
        assert await uow.access_log.head() == head
    assert (await member_file(store, SEALER, await who("admin"), "m-a4", NOON)).entries != []
    # In a dry run each kind is counted as if it were the only one; carried out, the file that went first leaves nothing to the others.
    done = await rows(store, late)
    assert counted.keys() == done.keys()
    assert await rows(store, late) == {}


async def test_the_log_goes_from_its_beginning_and_says_so(store: Store, who: Who) -> None:
    for number in range(5):
        await member_record(store, await who("a1"), "m-a4", NOON + number * DAY)
    assert await rows(store, NOON + 3 * YEAR + 2 * DAY + 1) == {Kind.ACCESS: 3}
    async with store.reading() as uow:
        lines, total = await uow.access_log.search(AccessQuery(Reach(everywhere=True)))
    assert (total, lines[0].action, lines[0].detail["removed"]) == (3, "purgeAccess", "3")
    assert (await audit(store)).whole
    short = replace(DEFAULT, kinds=tuple(replace(one, days=1) if one.kind is Kind.ACCESS else one for one in DEFAULT.kinds))
    assert [one.rows for one in await purge(store, NOON + 100 * DAY, apply=True, rules=short) if one.kind is Kind.ACCESS] == [0]


async def test_what_is_settled_and_old_goes_and_what_waits_does_not(store: Store, who: Who) -> None:
    member = await who("a4")
    old = await propose(store, SEALER, member, Propose({"residence": "甲"}), NOON)
    await withdraw_request(store, member, old.request_id, NOON)
    await propose(store, SEALER, member, Propose({"residence": "乙"}), NOON)
    answered = await raise_request(store, member, DataRequestKind.OBJECTION, "不同意", NOON)
    await answer_request(store, await who("a1"), answered.request_id, False, "依据充分", NOON)
    await raise_request(store, member, DataRequestKind.OBJECTION, "还是不同意", NOON)
    async with store.writing() as uow:
        await uow.notifications.add([Notification("m-a4", "k", {}, "meeting:M", NOON, "one")])
        await uow.sessions.add(Session("t", "acc-a4", NOON, NOON + DAY, NOON))
    gone = await rows(store, NOON + 3 * YEAR + DAY)
    assert (gone[Kind.REQUESTS], gone[Kind.NOTIFICATIONS], gone[Kind.ACCOUNT]) == (2, 1, 1)
    found = await my_data(store, member)
    assert (found.counts[Kind.REQUESTS], found.counts[Kind.NOTIFICATIONS]) == (2, 0)


def test_periods_run_from_one_of_three_instants() -> None:
    assert {one.clock for one in DEFAULT.kinds} == set(Clock)
