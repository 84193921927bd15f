"""Threads and announcements, and the home page of the online branch."""

from __future__ import annotations

from ledger.access import Action, may, organisation_target
from ledger.actions import calendar, discussions, reportduties, rewording
from ledger.actions.discussions import TALKING_KINDS
from ledger.discussions import ThreadKind
from ledger.mobilityrules import DEFAULT as RULES
from server.http import attachments
from server.http.call import Call
from server.http.reports import duty_line
from server.http.views.meetings import card
from server.http.views.moments import iso, iso_or_none
from server.schemas import discussions as s
from server.schemas.base import Done
from server.schemas.reports import AttachmentLine

NEXT_MEETINGS, NEWEST = 3, 8


async def search(call: Call, query: s.ThreadSearch) -> s.ThreadPage:
    kind = ThreadKind(query.kind) if query.kind else None
    found = await discussions.list_threads(call.store, call.actor, kind, query.org_id, query.page, query.page_size)
    return s.ThreadPage(items=[_line(one) for one in found.lines], total=found.total, page=query.page, page_size=query.page_size)


async def open_thread(call: Call, body: s.OpenThread) -> s.ThreadView:
    command = discussions.OpenThread(body.org_id, ThreadKind(body.kind), body.title, body.text, body.mentions)
    made = await discussions.open_thread(call.store, call.actor, command, call.now)
    return await _view(call, made.thread_id)


async def thread(call: Call) -> s.ThreadView:
    return await _view(call, call.ids["threadId"])


async def contribute(call: Call, body: s.Contribute) -> s.ThreadView:
    await discussions.contribute(call.store, call.actor, call.ids["threadId"], body.text, body.mentions, call.now)
    return await thread(call)


async def close(call: Call, body: s.CloseThread) -> s.ThreadView:
    thread_id = call.ids["threadId"]
    if body.closed:
        await discussions.close_thread(call.store, call.actor, thread_id, body.reason, call.now)
    else:
        await discussions.reopen_thread(call.store, call.actor, thread_id, call.now)
    return await thread(call)


async def readers(call: Call) -> s.ReaderList:
    found = await discussions.readers(call.store, call.actor, call.ids["threadId"])
    return s.ReaderList(
        read=[s.Reader(member_id=one.member_id, name=one.name, at=iso(at)) for one, at in found.read],
        unread=[s.Reader(member_id=one.member_id, name=one.name, at=None) for one in found.unread],
    )


async def hide(call: Call, body: s.HideContribution) -> s.ThreadView:
    hidden = await discussions.hide(call.store, call.actor, call.ids["contributionId"], body.reason, call.now)
    return await _view(call, hidden.thread_id)


async def edit(call: Call, body: s.EditContribution) -> s.ThreadView:
    edited = await rewording.edit(call.store, call.actor, call.ids["contributionId"], body.text, body.mentions, call.now)
    return await _view(call, edited.thread_id)


async def versions(call: Call) -> s.ContributionVersions:
    found = await rewording.versions(call.store, call.actor, call.ids["contributionId"])
    return s.ContributionVersions(versions=[s.ContributionVersionLine(number=one.number, text=one.text, at=iso(one.at)) for one in found])


async def delete(call: Call) -> Done:
    await discussions.delete(call.store, call.actor, call.ids["contributionId"], call.now)
    return Done()


async def attach(call: Call) -> AttachmentLine:
    return await attachments.added(call, f"entry:{call.ids['contributionId']}")


async def people(call: Call) -> s.PeopleToMention:
    found = await discussions.people_to_mention(call.store, call.actor, call.ids["orgId"])
    return s.PeopleToMention(people=[s.Person(member_id=one.member_id, name=one.name) for one in found])


async def branch(call: Call) -> s.BranchHome:
    mine = await calendar.my_meetings(call.store, call.actor, call.now)
    coming = [line for line in mine if line.meeting.planned_end > call.now or line.meeting.opened_at is not None]
    member = call.actor.member
    duty = (await reportduties.own_reports(call.store, call.actor, call.now, RULES)).duty
    lists = [
        (await discussions.list_threads(call.store, call.actor, kind, None, 1, NEWEST)).lines
        for kind in (ThreadKind.ANNOUNCEMENT, ThreadKind.DISCUSSION)
    ]
    return s.BranchHome(
        places=await _places(call),
        meetings=[card(line, call) for line in coming[:NEXT_MEETINGS]],
        announcements=[_line(one) for one in lists[0]],
        threads=[_line(one) for one in lists[1]],
        duty=duty_line(duty, member, "") if duty and member else None,
    )


async def _places(call: Call) -> list[s.BranchPlace]:
    """The own branches first, then what else one may open something in."""
    member = call.actor.member
    own = [one for one in (member.home_branch_id, member.host_branch_id) if one] if member else []
    async with call.store.reading() as uow:
        units = [one for one in await discussions.own_places(uow, call.actor) if one.closed_at is None]
    places = []
    for unit in sorted(units, key=lambda one: (one.org_id not in own, one.path)):
        target = organisation_target(unit)
        place = s.BranchPlace(
            org_id=unit.org_id,
            name=unit.name,
            host=member is not None and unit.org_id == member.host_branch_id,
            may_announce=may(call.actor, Action.ANNOUNCE, target),
            may_talk=unit.kind in TALKING_KINDS and member is not None and may(call.actor, Action.WRITE_THREAD, target),
        )
        if unit.org_id in own or place.may_announce or place.may_talk:
            places.append(place)
    return places


async def _view(call: Call, thread_id: str) -> s.ThreadView:
    found = await discussions.read_thread(call.store, call.actor, thread_id, call.now)
    lines = [
        s.ContributionLine(
            entry_id=one.entry.entry_id,
            number=one.entry.number,
            author_name=one.author_name,
            at=iso(one.entry.at),
            text=one.entry.text,
            deleted=one.entry.deleted_at is not None,
            hidden=one.entry.hidden_at is not None,
            hide_reason=one.entry.hide_reason,
            attachments=[attachments.line(file) for file in one.attachments],
            mine=one.entry.author == call.actor.account_id,
            may_delete=one.may_delete,
            may_edit=one.may_edit,
            edited_at=iso_or_none(one.entry.edited_at) if one.entry.deleted_at is None else None,
            edits=one.entry.edits if one.entry.deleted_at is None else 0,
            may_see_versions=one.may_see_versions,
        )
        for one in found.entries
    ]
    return s.ThreadView(
        **_line(found.line).model_dump(),
        close_reason=found.line.thread.close_reason,
        contributions=lines,
        may_answer=found.may_answer,
        may_moderate=found.may_moderate,
        may_see_readers=found.may_see_readers,
    )


def _line(one: discussions.ThreadLine) -> s.ThreadLine:
    return s.ThreadLine(
        thread_id=one.thread.thread_id,
        org_id=one.org.org_id,
        org_name=one.org.name,
        kind=one.thread.kind.value,
        title=one.thread.title,
        author_name=one.author_name,
        created_at=iso(one.thread.created_at),
        last_at=iso(one.thread.last_at),
        entries=one.thread.entries,
        unread=one.unread,
        closed=one.thread.closed_at is not None,
    )
