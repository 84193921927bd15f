"""Dues: one's own book and another's, the branch's list, entering and correcting."""

from __future__ import annotations

import asyncio

from ledger.actions import dues, dueslists
from ledger.dues import DuesEntry, DuesGroup, DuesStanding, DuesTerms
from ledger.duesports import DuesFilter
from ledger.duesrules import DEFAULT as RULES
from ledger.exports.dueslines import dues_lines_csv, dues_lines_xlsx
from ledger.model import day_of
from ledger.rules.dues import DuesDue, paid_late, reckoned
from server.http.attendance import CSV, XLSX
from server.http.call import Call, File, day
from server.http.views.moments import day_or_none, iso
from server.schemas import dues as s


async def search(call: Call, query: s.DuesSearch) -> s.DuesPageView:
    command = dueslists.SearchDues(DuesFilter(query.filter), query.q, query.page, query.page_size)
    found = await dueslists.search_dues(call.store, call.actor, command, call.now)
    return s.DuesPageView(
        items=[
            s.DuesLine(
                member_id=one.member.member_id,
                name=one.member.name,
                number=one.member.number,
                branch_name=one.home.name,
                **_standing(one.standing),
                due=_due(one.due),
            )
            for one in found.lines
        ],
        total=found.total,
        page=query.page,
        page_size=query.page_size,
        counts={key.value: count for key, count in found.counts.items()},
        may_record=found.may_record,
    )


async def export(call: Call, query: s.DuesExport) -> File:
    command = dueslists.SearchDues(DuesFilter(query.filter), query.q)
    found = await dueslists.export_dues(call.store, call.actor, command, call.now)
    write = dues_lines_xlsx if query.format == "xlsx" else dues_lines_csv
    content = await asyncio.to_thread(write, found, query.lang)
    word = "党费" if query.lang == "zh" else "dues"
    return File(f"{word}-{query.filter}-{day_of(call.now)}.{query.format}", XLSX if query.format == "xlsx" else CSV, content)


async def book(call: Call) -> s.DuesBookView:
    return await _book(call, call.ids["memberId"])


async def enter(call: Call, body: s.EnterDues) -> s.DuesEntered:
    paid_on = day("paidOn", body.paid_on)
    command = dues.EnterDues(tuple(body.member_ids), body.from_month, body.to_month, paid_on, body.amount)
    return s.DuesEntered(entered=len(await dues.enter_dues(call.store, call.actor, command, call.now)))


async def correct(call: Call, body: s.CorrectDues) -> s.DuesBookView:
    paid_on, entry_id = day("paidOn", body.paid_on), call.ids["duesEntryId"]
    command = dues.CorrectDues(entry_id, body.reason, False, body.from_month, body.to_month, paid_on, body.amount)
    return await _book(call, (await dues.correct_dues(call.store, call.actor, command, call.now)).member_id)


async def withdraw(call: Call, body: s.WithdrawDues) -> s.DuesBookView:
    command = dues.CorrectDues(call.ids["duesEntryId"], body.reason, withdrawn=True)
    return await _book(call, (await dues.correct_dues(call.store, call.actor, command, call.now)).member_id)


async def agree(call: Call, body: s.SetDuesTerms) -> s.DuesBookView:
    member_id = call.ids["memberId"]
    command = dues.SetTerms(member_id, body.since, DuesGroup(body.group), body.monthly, body.quarterly, body.corrects)
    await dues.set_terms(call.store, call.actor, command, call.now)
    return await _book(call, member_id)


async def reckon(_call: Call, body: s.ReckonDues) -> s.ReckonedDues:
    return s.ReckonedDues(monthly=reckoned(DuesGroup(body.group), body.base, RULES))


async def _book(call: Call, member_id: str) -> s.DuesBookView:
    found = await dues.dues_file(call.store, call.actor, member_id, call.now)
    replaced = {one.corrects for one in found.entries} | {one.corrects for one in found.terms}
    return s.DuesBookView(
        member_id=member_id,
        name=found.member.name,
        number=found.member.number,
        branch_name=found.home.name,
        **_standing(found.standing),
        due=_due(found.due),
        entries=[_entry(one, found.names, replaced) for one in found.entries],
        terms=[_terms(one, found.names, replaced) for one in found.terms],
        clauses=_clauses(),
        may_record=found.may_record,
    )


def _standing(one: DuesStanding | None) -> dict[str, object]:
    return {
        "paid_until": one.paid_until if one else None,
        "last_paid_on": day_or_none(one.last_paid_on) if one else None,
        "quarterly": one.quarterly if one else False,
        "monthly": one.monthly_fen if one else None,
    }


def _due(one: DuesDue | None) -> s.DuesDueView | None:
    return s.DuesDueView(month=one.month, due_on=one.due_on.isoformat(), state=one.state.value, behind=one.behind) if one else None


def _entry(one: DuesEntry, names: dict[str, str], replaced: set[str | None]) -> s.DuesEntryView:
    return s.DuesEntryView(
        entry_id=one.entry_id,
        from_month=one.from_month,
        to_month=one.to_month,
        paid_on=one.paid_on.isoformat(),
        amount=one.amount_fen,
        entered_at=iso(one.entered_at),
        entered_by=names.get(one.entered_by, ""),
        corrects=one.corrects,
        withdrawn=one.withdrawn,
        replaced=one.entry_id in replaced,
        late=paid_late(one, RULES),
        reason=one.reason,
    )


def _terms(one: DuesTerms, names: dict[str, str], replaced: set[str | None]) -> s.DuesTermsView:
    return s.DuesTermsView(
        terms_id=one.terms_id,
        since=one.since,
        group=one.group.value,
        monthly=one.monthly_fen,
        quarterly=one.quarterly,
        set_at=iso(one.set_at),
        set_by=names.get(one.set_by, ""),
        replaced=one.terms_id in replaced,
    )


def _clauses() -> list[s.DuesClauseView]:
    return [
        s.DuesClauseView(
            key=zh.key,
            title_zh=zh.title_zh,
            title_en=zh.title_en,
            value_zh=zh.value,
            value_en=en.value,
            basis_zh=zh.basis_zh,
            basis_en=zh.basis_en,
        )
        for zh, en in zip(RULES.clauses("zh"), RULES.clauses("en"), strict=True)
    ]
