"""The tree of organisations."""

from __future__ import annotations

from functools import partial

from ledger.actions import organisations as actions
from ledger.model import OrgKind, RecordingRule
from ledger.refusals import NotFound
from server.http.call import Call, day, given
from server.http.views import people
from server.schemas.base import Done
from server.schemas.organisations import NewOrg, OrgChange, OrgTree, OrgView

CLEARS = frozenset({"present_share", "ends_on", "recording_days"})


async def tree(call: Call) -> OrgTree:
    lines = await actions.tree(call.store, call.actor)
    return OrgTree(organisations=[people.organisation(line) for line in lines])


async def create(call: Call, body: NewOrg) -> OrgView:
    founded = day("foundedOn", body.founded_on) if body.founded_on else None
    ends = day("endsOn", body.ends_on) if body.ends_on else None
    command = actions.CreateOrganisation(body.parent_id, OrgKind(body.kind), body.name, body.code, founded, ends)
    unit = await actions.create_organisation(call.store, call.actor, command, call.now)
    return await _view(call, unit.org_id)


async def change(call: Call, body: OrgChange) -> OrgView:
    command = actions.ChangeOrganisation(
        call.ids["orgId"], **given(body, {"ends_on": partial(day, "endsOn"), "recording_rule": RecordingRule}, CLEARS)
    )
    await actions.change_organisation(call.store, call.actor, command, call.now)
    return await _view(call, command.org_id)


async def close(call: Call) -> Done:
    await actions.close_organisation(call.store, call.actor, call.ids["orgId"], call.now)
    return Done()


async def _view(call: Call, org_id: str) -> OrgView:
    for line in await actions.tree(call.store, call.actor):
        if line.unit.org_id == org_id:
            return people.organisation(line)
    raise NotFound(noun="organisation", id=org_id)
