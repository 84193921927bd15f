"""The start page: what is next, what was, and the branches one is responsible for."""

from __future__ import annotations

from ledger.actions import attendance, calendar, glances
from ledger.model import MeetingState
from server.http.call import Call
from server.http.views.attendance import recent
from server.http.views.meetings import card
from server.http.views.moments import iso
from server.schemas.accounts import BranchGlance, Home

UPCOMING, RECENT = 20, 5


async def home(call: Call) -> Home:
    mine = await calendar.my_meetings(call.store, call.actor, call.now)
    running = [line for line in mine if line.meeting.state is MeetingState.OPEN]
    coming = [line for line in mine if line.meeting.state is not MeetingState.OPEN and line.meeting.planned_end > call.now]
    records = await attendance.recent_records(call.store, call.actor, call.now, RECENT, call.house.rulebook)
    return Home(
        now=iso(call.now),
        open=[card(line, call) for line in running],
        upcoming=[card(line, call) for line in coming[:UPCOMING]],
        recent=[recent(one, call.now) for one in records],
        branches=[_glance(one) for one in await glances.glances(call.store, call.actor, call.now)],
    )


def _glance(found: glances.BranchGlance) -> BranchGlance:
    counts = {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "org"}
    return BranchGlance(org_id=found.org.org_id, name=found.org.name, **counts)
