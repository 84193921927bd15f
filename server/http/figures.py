"""Dashboards of an organisation, the lists behind their numbers, and these lists as files."""

from __future__ import annotations

import asyncio

from ledger.actions import figures
from ledger.exports.figurelines import figure_lines_csv, figure_lines_xlsx
from ledger.figures import Behind, FlowKey, LineQuery
from ledger.model import MeetingForm, day_of
from server.http.attendance import CSV, XLSX
from server.http.call import Call, File
from server.http.views import figures as views
from server.schemas import figures as f


async def dashboard(call: Call, query: f.FigureSearch) -> f.DashboardView:
    return views.dashboard(await figures.dashboard(call.store, call.actor, call.ids["orgId"], query.year, call.now))


async def lines(call: Call, query: f.LineSearch) -> f.FigureLinePage:
    found = await figures.lines(call.store, call.actor, call.ids["orgId"], _query(call, query), call.now)
    items = [views.line(one) for one in found.lines]
    return f.FigureLinePage(items=items, total=found.total, page=query.page, page_size=query.page_size)


async def export(call: Call, query: f.LineExport) -> File:
    found = await figures.exported(call.store, call.actor, call.ids["orgId"], _query(call, query), call.now)
    write = figure_lines_xlsx if query.format == "xlsx" else figure_lines_csv
    content = await asyncio.to_thread(write, found, query.lang)
    word = "名单" if query.lang == "zh" else "list"
    return File(f"{word}-{query.behind}-{day_of(call.now)}.{query.format}", XLSX if query.format == "xlsx" else CSV, content)


def _query(call: Call, query: f.LineSearch) -> LineQuery:
    """The organisation's own path is filled in where its rights are checked."""
    return LineQuery(
        Behind(query.behind),
        "",
        FlowKey(query.key) if query.key else None,
        query.value,
        int(query.days),
        MeetingForm(query.form),
        query.year or day_of(call.now).year,
        query.quarter,
        query.page,
        query.page_size,
    )
