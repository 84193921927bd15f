"""The upkeep of the installation: what was run last, and setting the next run going."""

from __future__ import annotations

from ledger.actions import upkeep
from server.background import carry_on
from server.http.call import Call
from server.http.views.moments import iso, iso_or_none
from server.schemas import upkeep as s
from server.settings import VERSION


async def state(call: Call) -> s.SystemState:
    runs = await upkeep.upkeep_runs(call.store, call.actor, call.now)
    ring = call.house.sealer.ring
    return s.SystemState(
        version=VERSION,
        runs=[_run(one) for one in runs],
        running=any(one.ended_at is None for one in runs),
        may_purge=upkeep.may_purge(runs, call.now),
        keys=[s.SystemKey(key=key, in_use=key == ring.primary) for key in ring.keys],
        keys_given=bool(call.house.settings.keys),
    )


async def begin(call: Call, body: s.BeginUpkeep) -> s.SystemState:
    """The work goes on after the answer; a page asks again until it has ended."""
    what = upkeep.Upkeep(body.what)
    await upkeep.begin(call.store, call.actor, what, call.now)
    carry_on(call.house, call.actor.account_id, what)
    return await state(call)


def _run(one: upkeep.UpkeepRun) -> s.UpkeepRunView:
    return s.UpkeepRunView(
        what=one.what.value,
        by=one.by,
        began_at=iso(one.began_at),
        ended_at=iso_or_none(one.ended_at),
        figures=one.figures,
        problems=list(one.problems),
        failed=one.failed,
    )
