"""The tree of organisations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from ledger.actions import organisations as actions
from ledger.actions.organisations import OrganisationLine
from ledger.model import OrgKind, RecordingRule
from ledger.refusals import NotFound
from server.http.call import Call, Marked, day, given
from server.http.views import people
from server.schemas.base import Done
from server.schemas.organisations import NewOrg, OrgChange, OrgTree, OrgView

AT_ONCE = 200  # lines; some five milliseconds
HEAD, TAIL = b'{"organisations":[', b"]}"
CLEARS = frozenset({"present_share", "ends_on", "recording_days"})


async def tree(call: Call) -> Marked:
    """Five thousand branches are a megabyte: written once for all who see the same, and not sent to whoever has it."""
    bodies = call.house.bodies
    kept = bodies.all()
    seen = await actions.seen_tree(call.store, call.actor, {*call.has, *kept})
    if seen.mark in call.has:
        return Marked(seen.mark, None)
    return Marked(seen.mark, bodies.keep(seen.mark, kept[seen.mark] if seen.lines is None else await _written(seen.lines)))


async def _written(lines: Sequence[OrganisationLine]) -> bytes:
    """As an `OrgTree`, in pieces, between which others have their turn."""
    pieces: list[bytes] = []
    for start in range(0, len(lines), AT_ONCE):
        views = [people.organisation(line) for line in lines[start : start + AT_ONCE]]
        pieces.append(OrgTree(organisations=views).model_dump_json(by_alias=True).encode()[len(HEAD) : -len(TAIL)])
        await asyncio.sleep(0)
    return HEAD + b",".join(pieces) + TAIL


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
