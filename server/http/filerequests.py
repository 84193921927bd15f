"""Requests of members to have their own file changed."""

from __future__ import annotations

from ledger.actions import changerequests
from ledger.memberfile import ChangeRequest
from server.http.call import Call
from server.http.files import drafted, named
from server.http.views import files as views
from server.schemas import files as s


async def propose(call: Call, body: s.Proposal) -> s.RequestView:
    entry = drafted("", body.entry) if body.entry else None
    command = changerequests.Propose(named(body.changes), entry, body.note)
    return await _view(call, await changerequests.propose(call.store, call.house.sealer, call.actor, command, call.now))


async def own(call: Call) -> s.RequestList:
    found = await changerequests.own_requests(call.store, call.actor)
    names = await changerequests.names_for(call.store, found)
    return s.RequestList(requests=[views.request(one, names) for one in found])


async def withdraw(call: Call) -> s.RequestView:
    return await _view(call, await changerequests.withdraw_request(call.store, call.actor, call.ids["requestId"], call.now))


async def waiting(call: Call, query: s.RequestSearch) -> s.WaitingPage:
    found, total = await changerequests.waiting_requests(call.store, call.house.sealer, call.actor, query.page, query.page_size)
    return s.WaitingPage(items=[views.waiting(one) for one in found], total=total, page=query.page, page_size=query.page_size)


async def decide(call: Call, body: s.DecideRequest) -> s.RequestView:
    decided = await changerequests.decide_request(
        call.store, call.house.sealer, call.actor, call.ids["requestId"], body.accepted, body.answer, call.now
    )
    return await _view(call, decided)


async def _view(call: Call, request: ChangeRequest) -> s.RequestView:
    return views.request(request, await changerequests.names_for(call.store, [request]))
