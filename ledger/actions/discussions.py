"""Discussion in a branch: announcements and threads, answers, mentions, who has read what, and moderation.

Members of a branch take part, and those who float at it; what is announced above reaches everybody below. A suspended member takes part in
nothing. Moderators close a thread or hide a contribution, with a reason that is kept and shown to them; an author may take back the own
words for a while, or change them for a day, which shows.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..access import Action, Actor, may, organisation_for, organisation_target, reach_of, require
from ..attachments import Attachment
from ..discussionports import ThreadQuery
from ..discussions import Contribution, ReadMark, Thread, ThreadKind
from ..kinds.discussions import ANNOUNCED, ANSWERED, MENTIONED
from ..model import ATTENDING, BRANCH_KINDS, Access, Member, OrgKind, OrgUnit
from ..ports import Reach, Store, UnitOfWork
from ..refusals import Conflict, Forbidden, Invalid, NotFound, OrganisationClosed, ReasonMissing, TitleMissing
from ..surroundings import near
from .reports import names_of_accounts
from .routing import publish

LONGEST_TEXT, LONGEST_TITLE = 8_000, 120
MOST_MENTIONS = 30
DELETE_SECONDS = 3600.0  # how long words may be taken back
EDIT_SECONDS = 86_400.0  # how long they may be changed: slips are seen within a day, later an answer would stand beside other words
MOST_EDITS = 20
TALKING_KINDS = BRANCH_KINDS | {OrgKind.PARTY_GROUP}


class ContributionEmpty(Invalid):
    code = "contributionEmpty"


class ContributionTooLong(Invalid):
    """params: limit."""

    code = "contributionTooLong"


class ThreadNotHere(Invalid):
    """Discussions are held in branches and Party groups; above them there are announcements."""

    code = "threadNotHere"


class ThreadClosed(Conflict):
    code = "threadClosed"


class TooLateToDelete(Conflict):
    """params: minutes. Or it opens a thread that has answers."""

    code = "tooLateToDelete"


@dataclass(frozen=True, slots=True)
class OpenThread:
    org_id: str
    kind: ThreadKind
    title: str
    text: str
    mentions: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """`unread`: contributions the actor has not seen; None for an account without a member."""

    thread: Thread
    org: OrgUnit
    author_name: str
    unread: int | None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    lines: list[ThreadLine]
    total: int


@dataclass(frozen=True, slots=True)
class EntryLine:
    """`entry` with its text taken out where the actor may not read it."""

    entry: Contribution
    author_name: str
    attachments: list[Attachment]
    may_delete: bool
    may_edit: bool
    may_see_versions: bool


@dataclass(frozen=True, slots=True)
class ThreadDetail:
    line: ThreadLine
    entries: list[EntryLine]
    may_answer: bool
    may_moderate: bool
    may_see_readers: bool


@dataclass(frozen=True, slots=True)
class Readers:
    """`read`: with the instant; `unread`: of those whom it is for today."""

    read: list[tuple[Member, float]]
    unread: list[Member]


async def open_thread(store: Store, actor: Actor, command: OpenThread, now: float) -> Thread:
    text = checked_text(command.text)
    if not command.title.strip():
        raise TitleMissing
    if len(command.title) > LONGEST_TITLE:
        raise ContributionTooLong(limit=LONGEST_TITLE)
    announces = command.kind is ThreadKind.ANNOUNCEMENT
    async with store.writing() as uow:
        org = await place_for(uow, actor, command.org_id, Action.ANNOUNCE if announces else Action.WRITE_THREAD)
        if org.closed_at is not None:
            raise OrganisationClosed(orgId=org.org_id)
        if not announces and org.kind not in TALKING_KINDS:
            raise ThreadNotHere
        key = secrets.token_hex(16)
        thread = Thread(key, org.org_id, command.kind, command.title.strip(), actor.account_id, actor.member_id, now, now)
        await uow.discussions.add(thread)
        entry = await _add_entry(uow, actor, thread, 1, text, now)
        people = {one.member_id: one for one in await audience(uow, org)}
        if announces:
            told = [one for one in people if one != actor.member_id]
            await uow.notifications.add([ANNOUNCED.to(one, f"thread:{key}", now, f"announced:{key}", org=org.name) for one in told])
            await publish(uow, "announcement.published.v1", org.org_id, key, {"threadId": key}, now)
        else:
            await call_to(uow, actor, thread, org, entry, command.mentions, people, now)
        await log_discussion(uow, actor, "announce" if announces else "openThread", org, now)
    return thread


async def contribute(store: Store, actor: Actor, thread_id: str, text: str, mentions: Collection[str], now: float) -> Contribution:
    text = checked_text(text)
    async with store.writing() as uow:
        thread, org = await thread_for(uow, actor, thread_id)
        require(actor, Action.WRITE_THREAD, organisation_target(org))
        if thread.closed_at is not None:
            raise ThreadClosed
        entry = await _add_entry(uow, actor, thread, thread.entries + 1, text, now)
        await uow.discussions.save(replace(thread, entries=entry.number, last_at=now))
        people = {one.member_id: one for one in await audience(uow, org)}
        await call_to(uow, actor, thread, org, entry, mentions, people, now)
        opener = thread.author_member_id
        if opener and opener != actor.member_id and opener in people and opener not in mentions:
            await uow.notifications.add([ANSWERED.to(opener, f"thread:{thread_id}", now, f"answered:{entry.entry_id}", org=org.name)])
    return entry


async def list_threads(
    store: Store, actor: Actor, kind: ThreadKind | None, org_id: str | None, page: int, page_size: int
) -> ThreadPage:  # fmt: skip
    async with store.reading() as uow:
        if org_id is None:
            units, paths = await _taking_part(uow, actor)
        else:
            units, paths = [await place_for(uow, actor, org_id, Action.SEE_THREADS)], ()
        places = frozenset(unit.org_id for unit in units)
        threads, total = await uow.discussions.search(ThreadQuery(places, kind, page, page_size, paths))
        return ThreadPage(await _lines(uow, actor, threads), total)


async def read_thread(store: Store, actor: Actor, thread_id: str, now: float) -> ThreadDetail:
    """Opening it is reading it."""
    async with store.writing() as uow:
        thread, org = await thread_for(uow, actor, thread_id)
        (line,) = await _lines(uow, actor, [thread])
        if actor.member_id is not None:
            marked = (await uow.discussions.marks_of(actor.member_id, [thread_id])).get(thread_id)
            if marked is None or marked.number < thread.entries:
                first = marked.at if marked else now
                await uow.discussions.mark(ReadMark(thread_id, actor.member_id, thread.entries, first))
            await uow.notifications.mark_read_about(actor.member_id, f"thread:{thread_id}", now)
        moderates = may(actor, Action.MODERATE_THREAD, organisation_target(org))
        entries = await _entry_lines(uow, actor, thread, moderates, now)
    writes = actor.member_id is not None and may(actor, Action.WRITE_THREAD, organisation_target(org))
    announced = thread.kind is ThreadKind.ANNOUNCEMENT
    return ThreadDetail(line, entries, writes and thread.closed_at is None, moderates, moderates and announced)


async def readers(store: Store, actor: Actor, thread_id: str) -> Readers:
    """Of an announcement only: who reads along in a discussion is nobody's business."""
    async with store.reading() as uow:
        thread, org = await thread_for(uow, actor, thread_id)
        require(actor, Action.MODERATE_THREAD, organisation_target(org))
        if thread.kind is not ThreadKind.ANNOUNCEMENT:
            raise NotFound(noun="thread", id=thread_id)
        marks = await uow.discussions.readers(thread_id)
        people = [one for one in await audience(uow, org) if one.member_id != thread.author_member_id]
    read = [(one, marks[one.member_id].at) for one in people if one.member_id in marks]
    return Readers(sorted(read, key=lambda pair: pair[1]), [one for one in people if one.member_id not in marks])


async def close_thread(store: Store, actor: Actor, thread_id: str, reason: str, now: float) -> Thread:
    return await _closed(store, actor, thread_id, now, reason)


async def reopen_thread(store: Store, actor: Actor, thread_id: str, now: float) -> Thread:
    return await _closed(store, actor, thread_id, None, "", now)


async def hide(store: Store, actor: Actor, entry_id: str, reason: str, now: float) -> Contribution:
    """Refusals: ReasonMissing. The words stay kept, and are shown to those who moderate."""
    if len(reason.strip()) < 2:
        raise ReasonMissing
    async with store.writing() as uow:
        entry, _, org = await entry_for(uow, actor, entry_id)
        require(actor, Action.MODERATE_THREAD, organisation_target(org))
        after = replace(entry, hidden_at=now, hidden_by=actor.account_id, hide_reason=reason.strip())
        await uow.discussions.save_entry(after)
        await log_discussion(uow, actor, "hideContribution", org, now)
    return after


async def delete(store: Store, actor: Actor, entry_id: str, now: float) -> None:
    """By its author, for an hour; what opens a thread only while nobody has answered."""
    async with store.writing() as uow:
        entry, thread, _ = await entry_for(uow, actor, entry_id)
        if entry.author != actor.account_id:
            raise Forbidden(action="deleteContribution")
        if not _deletable(entry, thread, now):
            raise TooLateToDelete(minutes=int(DELETE_SECONDS / 60))
        await uow.discussions.save_entry(replace(entry, text="", deleted_at=now))
        await uow.discussions.drop_versions(entry_id)  # taken back is taken back, what it said before as well
        await uow.attachments.remove([one.attachment_id for one in await uow.attachments.of_owner(f"entry:{entry_id}")])


async def people_to_mention(store: Store, actor: Actor, org_id: str) -> list[Member]:
    async with store.reading() as uow:
        org = await place_for(uow, actor, org_id, Action.SEE_THREADS)
        return [one for one in await audience(uow, org) if one.member_id != actor.member_id]


async def audience(uow: UnitOfWork, org: OrgUnit) -> list[Member]:
    """Whom a thread or an announcement of an organisation is for, by number."""
    if org.kind is OrgKind.PARTY_GROUP:
        found = await uow.members.of_group(org.org_id)
    else:
        reach = Reach(paths=(org.path,))
        found = [*await uow.members.within(reach), *await uow.members.floating_at(reach)]
    people = {one.member_id: one for one in found if one.status in ATTENDING}
    return sorted(people.values(), key=lambda one: one.number)


async def own_places(uow: UnitOfWork, actor: Actor) -> list[OrgUnit]:
    """Where a member takes part: the own branches, all above them, the Party groups right below; and what one acts for or administers."""
    units, paths = await _taking_part(uow, actor)
    return list({unit.org_id: unit for unit in [*units, *await uow.organisations.within(Reach(paths=paths))]}.values())


async def _taking_part(uow: UnitOfWork, actor: Actor) -> tuple[list[OrgUnit], tuple[str, ...]]:
    """The few organisations one stands in, and the subtrees one administers."""
    if actor.member is not None and actor.member.status not in ATTENDING:
        return [], ()
    return await near(uow, actor, Action.SEE_THREADS), reach_of(actor, Action.SEE_THREADS).paths


async def place_for(uow: UnitOfWork, actor: Actor, org_id: str, action: Action) -> OrgUnit:
    if actor.member is not None and actor.member.status not in ATTENDING:
        raise NotFound(noun="organisation", id=org_id)
    org = await organisation_for(uow, actor, org_id, Action.SEE_ORGANISATION)
    if not may(actor, Action.SEE_THREADS, organisation_target(org)):
        raise Forbidden(action=action.value)
    require(actor, action, organisation_target(org))
    return org


async def thread_for(uow: UnitOfWork, actor: Actor, thread_id: str) -> tuple[Thread, OrgUnit]:
    thread = await uow.discussions.get(thread_id)
    if thread is None:
        raise NotFound(noun="thread", id=thread_id)
    try:
        return thread, await place_for(uow, actor, thread.org_id, Action.SEE_THREADS)
    except (Forbidden, NotFound):
        raise NotFound(noun="thread", id=thread_id) from None


async def entry_for(uow: UnitOfWork, actor: Actor, entry_id: str) -> tuple[Contribution, Thread, OrgUnit]:
    entry = await uow.discussions.entry(entry_id)
    if entry is None:
        raise NotFound(noun="contribution", id=entry_id)
    try:
        return (entry, *await thread_for(uow, actor, entry.thread_id))
    except NotFound:
        raise NotFound(noun="contribution", id=entry_id) from None


def checked_text(text: str) -> str:
    if not text.strip():
        raise ContributionEmpty
    if len(text) > LONGEST_TEXT:
        raise ContributionTooLong(limit=LONGEST_TEXT)
    return text.strip()


def _deletable(entry: Contribution, thread: Thread, now: float) -> bool:
    opens_answered = entry.number == 1 and thread.entries > 1
    return entry.is_shown and now - entry.at <= DELETE_SECONDS and not opens_answered


def editable(entry: Contribution, thread: Thread, now: float) -> bool:
    return entry.is_shown and thread.closed_at is None and now - entry.at <= EDIT_SECONDS and entry.edits < MOST_EDITS


async def _add_entry(uow: UnitOfWork, actor: Actor, thread: Thread, number: int, text: str, now: float) -> Contribution:
    entry = Contribution(secrets.token_hex(16), thread.thread_id, number, actor.account_id, actor.member_id, text, now)
    await uow.discussions.add_entry(entry)
    if actor.member_id is not None:
        before = (await uow.discussions.marks_of(actor.member_id, [thread.thread_id])).get(thread.thread_id)
        await uow.discussions.mark(ReadMark(thread.thread_id, actor.member_id, number, before.at if before else now))
    return entry


async def call_to(
    uow: UnitOfWork,
    actor: Actor,
    thread: Thread,
    org: OrgUnit,
    entry: Contribution,
    mentions: Collection[str],
    people: dict[str, Member],
    now: float,
) -> None:
    """Only those whom the thread is for can be called to it."""
    name = actor.member.name if actor.member else actor.account.username
    called = [one for one in dict.fromkeys(mentions) if one in people and one != actor.member_id][:MOST_MENTIONS]
    about, key = f"thread:{thread.thread_id}", f"mentioned:{entry.entry_id}"
    await uow.notifications.add([MENTIONED.to(one, about, now, key, name=name, org=org.name) for one in called])


async def _closed(store: Store, actor: Actor, thread_id: str, closed_at: float | None, reason: str, at: float | None = None) -> Thread:
    async with store.writing() as uow:
        thread, org = await thread_for(uow, actor, thread_id)
        require(actor, Action.MODERATE_THREAD, organisation_target(org))
        after = replace(thread, closed_at=closed_at, close_reason=reason.strip())
        await uow.discussions.save(after)
        await log_discussion(uow, actor, "closeThread" if closed_at is not None else "reopenThread", org, closed_at or at or 0.0)
    return after


async def _lines(uow: UnitOfWork, actor: Actor, threads: Sequence[Thread]) -> list[ThreadLine]:
    names = await names_of_accounts(uow, {one.author for one in threads})
    units = await uow.organisations.many({one.org_id for one in threads})
    marks = await uow.discussions.marks_of(actor.member_id, [one.thread_id for one in threads]) if actor.member_id else {}
    lines = []
    for one in threads:
        seen = marks[one.thread_id].number if one.thread_id in marks else 0
        lines.append(ThreadLine(one, units[one.org_id], names.get(one.author, ""), one.entries - seen if actor.member_id else None))
    return lines


async def _entry_lines(uow: UnitOfWork, actor: Actor, thread: Thread, moderates: bool, now: float) -> list[EntryLine]:
    entries = await uow.discussions.entries(thread.thread_id)
    names = await names_of_accounts(uow, {one.author for one in entries})
    files = await uow.attachments.of_owners([f"entry:{one.entry_id}" for one in entries])
    lines = []
    for one in entries:
        readable = one.is_shown or (moderates and one.deleted_at is None)
        shown = one if readable else replace(one, text="", hide_reason="")
        own = one.author == actor.account_id
        beside = files.get(f"entry:{one.entry_id}", []) if readable else []
        earlier = one.edits > 0 and one.deleted_at is None and (own or moderates)
        may = (own and _deletable(one, thread, now), own and editable(one, thread, now), earlier)
        lines.append(EntryLine(shown, names.get(one.author, ""), beside, *may))
    return lines


async def log_discussion(uow: UnitOfWork, actor: Actor, action: str, org: OrgUnit, now: float) -> None:
    await uow.access_log.append([Access(now, actor.account_id, action, f"org:{org.org_id}", org.path)])
