"""Lists of meetings: by duty, page by page from the ledger; for members without any duty the own ones, which are few.

What is to come is listed next first, everything else newest first.
"""

from __future__ import annotations

from ledger.access import Action, reach_of
from ledger.actions import calendar
from ledger.actions.calendar import MeetingLine
from ledger.model import MeetingForm, MeetingState
from server.http.call import Call, instant
from server.schemas.queries import MeetingSearch

COMING = ("scheduled", "open")
AT_ONCE = 200


async def page_of(call: Call, query: MeetingSearch) -> tuple[list[MeetingLine], int]:
    """(the lines of the page, how many there are in all)"""
    reach = reach_of(call.actor, Action.SEE_MEETING)
    duties = reach.everywhere or reach.paths or reach.org_ids
    if duties:
        found = await calendar.list_meetings(call.store, call.actor, _command(query))
        return found.lines, found.total
    lines = sorted(
        (line for line in await _own(call) if _wanted(line, query)),
        key=lambda line: line.meeting.planned_start,
        reverse=query.state not in COMING,
    )
    start = (query.page - 1) * query.page_size
    return lines[start : start + query.page_size], len(lines)


async def _own(call: Call) -> list[MeetingLine]:
    coming = await calendar.my_meetings(call.store, call.actor, call.now)
    held = (await calendar.attended(call.store, call.actor, 1, AT_ONCE)).lines
    return list({line.meeting.meeting_id: line for line in [*coming, *held]}.values())


def _command(query: MeetingSearch) -> calendar.ListMeetings:
    since, until = _bounds(query)
    states = frozenset({MeetingState(query.state)}) if query.state else frozenset(MeetingState)
    newest_first = query.state not in COMING
    form = MeetingForm(query.form) if query.form else None
    return calendar.ListMeetings(query.org_id, states, since, until, newest_first, query.page, query.page_size, form)


def _wanted(line: MeetingLine, query: MeetingSearch) -> bool:
    meeting, (since, until) = line.meeting, _bounds(query)
    return (
        query.state in (None, meeting.state.value)
        and query.form in (None, meeting.form.value)
        and (query.org_id is None or f"/{query.org_id}/" in line.org.path)
        and (since is None or since <= meeting.planned_start)
        and (until is None or meeting.planned_start < until)
    )


def _bounds(query: MeetingSearch) -> tuple[float | None, float | None]:
    since = instant("from", query.from_) if query.from_ else None
    return since, instant("to", query.to) if query.to else None
