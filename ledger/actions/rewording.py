"""Changing the own words in a discussion: who may, for how long, what it leaves behind, and who reads what was said before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..access import Action, Actor, organisation_target, require
from ..discussions import Contribution, ContributionVersion, ThreadKind
from ..kinds.discussions import ANNOUNCEMENT_CHANGED
from ..ports import Store
from ..refusals import Conflict, Forbidden
from .discussions import (
    EDIT_SECONDS,
    MOST_EDITS,
    ThreadClosed,
    audience,
    call_to,
    checked_text,
    editable,
    entry_for,
    log_discussion,
)


class TooLateToEdit(Conflict):
    """params: hours, times. Or it was taken back, hidden, or changed often enough."""

    code = "tooLateToEdit"


async def edit(store: Store, actor: Actor, entry_id: str, text: str, mentions: Collection[str], now: float) -> Contribution:
    """By its author, for a day, in a thread that is open. What it said before is kept for those who moderate; who is newly called is told.

    An announcement that is changed is told anew, and counts as read by nobody until it has been opened again. Refusals: TooLateToEdit,
    ThreadClosed, Forbidden for anybody else's words.
    """
    text = checked_text(text)
    async with store.writing() as uow:
        entry, thread, org = await entry_for(uow, actor, entry_id)
        if entry.author != actor.account_id:
            raise Forbidden(action="editContribution")
        if thread.closed_at is not None:
            raise ThreadClosed
        if not editable(entry, thread, now):
            raise TooLateToEdit(hours=int(EDIT_SECONDS / 3600), times=MOST_EDITS)
        if text == entry.text:
            return entry
        await uow.discussions.keep_version(ContributionVersion(entry_id, entry.edits + 1, entry.text, entry.edited_at or entry.at))
        after = replace(entry, text=text, edited_at=now, edits=entry.edits + 1)
        await uow.discussions.save_entry(after)
        people = {one.member_id: one for one in await audience(uow, org)}
        if thread.kind is ThreadKind.ANNOUNCEMENT and entry.number == 1:
            await uow.discussions.unread(thread.thread_id, actor.member_id)
            about, key = f"thread:{thread.thread_id}", f"announced:{thread.thread_id}:{after.edits}"
            told = [one for one in people if one != actor.member_id]
            await uow.notifications.add([ANNOUNCEMENT_CHANGED.to(one, about, now, key, org=org.name) for one in told])
        else:
            await call_to(uow, actor, thread, org, after, mentions, people, now)
        await log_discussion(uow, actor, "editContribution", org, now)
    return after


async def versions(store: Store, actor: Actor, entry_id: str) -> list[ContributionVersion]:
    """What a contribution said before, oldest first: for its author and those who moderate. Refusal: Forbidden."""
    async with store.reading() as uow:
        entry, _, org = await entry_for(uow, actor, entry_id)
        if entry.author != actor.account_id:
            require(actor, Action.MODERATE_THREAD, organisation_target(org))
        return await uow.discussions.versions(entry_id)
