"""Everything the ledger holds about one member, by kind: for "my data", its export, and whoever has to answer for it.

Every part of the ledger that keeps something about people says here how it is found; every kind of the table of retention is here. Values
are plain JSON. Who else had a hand in it (who decided, who wrote) is left out: that is theirs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from ..discussions import ThreadKind
from ..facts import meeting_stream
from ..filefields import values_of
from ..memberfile import ID_NUMBER
from ..model import Member
from ..ports import AccessQuery, Reach, UnitOfWork
from ..retention import Kind
from ..sealing import Sealer
from .filing import about_id_number, file_of

Row = dict[str, Any]
MOST_ROWS = 10_000
_PATH = ("appliedOn", "activeSince", "candidateSince", "probationarySince", "fullSince", "trainers", "sponsors", "joinedOn")
_CONTACT = ("phone", "email", "residence", "workUnit", "occupation")


@dataclass(frozen=True, slots=True)
class Asked:
    """One member, in one transaction. `sealer` None: the ID number is not opened."""

    uow: UnitOfWork
    member: Member
    sealer: Sealer | None = None


async def holdings(asked: Asked) -> dict[Kind, list[Row]]:
    return {kind: list(await gather(asked)) for kind, gather in GATHERERS.items()}


async def _fields(asked: Asked, wanted: Callable[[str], bool]) -> list[Row]:
    values = values_of(asked.member, await file_of(asked.uow, asked.member.member_id))
    return [{"field": key, "value": value} for key, value in values.items() if value and wanted(key)]


async def _identity(asked: Asked) -> list[Row]:
    own = [{"field": "number", "value": asked.member.number}, {"field": "stage", "value": asked.member.stage.value}]
    own.append({"field": "status", "value": asked.member.status.value})
    return [*own, *await _fields(asked, lambda key: key not in _PATH and key not in _CONTACT)]


async def _id_number(asked: Asked) -> list[Row]:
    file = await file_of(asked.uow, asked.member.member_id)
    if file.id_sealed is None:
        return []
    text = asked.sealer.open(file.id_sealed, about_id_number(asked.member.member_id)) if asked.sealer else "•••"
    return [{"field": ID_NUMBER, "value": text}]


async def _career(asked: Asked) -> list[Row]:
    return _rows(await asked.uow.files.entries(asked.member.member_id))


async def _history(asked: Asked) -> list[Row]:
    changes, _ = await asked.uow.files.changes(asked.member.member_id, page_size=MOST_ROWS)
    return _rows(changes, without=("batch", "account_id"))


async def _attendance(asked: Asked) -> list[Row]:
    """Per meeting: in which capacity, leave, objections, and the facts that are about the member."""
    member_id = asked.member.member_id
    found: list[Row] = []
    meetings = await asked.uow.meetings.listing(member_id)
    facts = await asked.uow.facts.of_streams([meeting_stream(one.meeting_id) for one in meetings], about=member_id)
    for one in meetings:
        own = [fact.fact for fact in facts.get(meeting_stream(one.meeting_id), []) if fact.fact.member_id == member_id]
        leaves = [leave for leave in await asked.uow.attendance.leaves(one.meeting_id) if leave.member_id == member_id]
        objections = [each for each in await asked.uow.attendance.objections(one.meeting_id) if each.member_id == member_id]
        found.append(
            {
                "meeting": one.title,
                "form": one.form.value,
                "plannedStart": one.planned_start,
                "leave": _rows(leaves, without=("decided_by", "member_id")),
                "objections": _rows(objections, without=("decided_by", "member_id")),
                "facts": [{"kind": fact.kind.value, "at": fact.at, "body": fact.body} for fact in own],
            }
        )
    return found


async def _consents(asked: Asked) -> list[Row]:
    notices = await asked.uow.attendance.consents_of(asked.member.member_id)
    sharing = await asked.uow.sharing_consents.of_members([asked.member.member_id])
    return [*_rows(notices, without=("member_id",)), *_rows(sharing, without=("member_id",))]


async def _away(asked: Asked) -> list[Row]:
    member_id = asked.member.member_id
    registrations = await asked.uow.registrations.of_member(member_id)
    declared = [each for one in registrations for each in await asked.uow.registrations.declarations(one.registration_id)]
    contact = await asked.uow.contacts.entries(member_id)
    certificates = await asked.uow.certificates.of_members([member_id])
    relations = await asked.uow.relations.of_member(member_id)
    return [
        *_rows(registrations),
        *_rows(declared, without=("author",)),
        *_rows(contact, without=("author",)),
        *_rows([*certificates, *relations]),
    ]


async def _transfers(asked: Asked) -> list[Row]:
    return _rows(await asked.uow.transfers.of_member(asked.member.member_id), without=("newcomer",))


async def _recordings(asked: Asked) -> list[Row]:
    """Of meetings the member stood on the list of: that there is one, never what is in it."""
    meetings = await asked.uow.meetings.listing(asked.member.member_id)
    recorded = [(one, await asked.uow.recordings.of_meeting(one.meeting_id)) for one in meetings]
    return [
        {
            "meeting": one.title,
            "state": each.state.value,
            "startedAt": each.started_at,
            "stoppedAt": each.stopped_at,
            "keptUntil": each.keep_until,
            "deletedAt": each.deleted_at,
        }
        for one, found in recorded
        for each in found
    ]


async def _discussions(asked: Asked) -> list[Row]:
    """What the member has said, and which announcements the member has read: who reads along in a discussion is kept for nobody to see."""
    said = await asked.uow.discussions.by_member(asked.member.member_id)
    marks = await asked.uow.discussions.read_by(asked.member.member_id)
    threads = await asked.uow.discussions.many({one.thread_id for one in said} | {one.thread_id for one in marks})
    read = [one for one in marks if threads[one.thread_id].kind is ThreadKind.ANNOUNCEMENT]
    rows: list[Row] = []
    for one in said:
        before = await asked.uow.discussions.versions(one.entry_id) if one.edits else []
        own = {key: value for key, value in _plain(one).items() if key in _OF_WORDS}
        rows.append({"thread": threads[one.thread_id].title, **own, "before": [each.text for each in before]})
    return [*rows, *({"announcement": threads[one.thread_id].title, "readAt": one.at} for one in read)]


_OF_WORDS = ("text", "at", "edited_at", "edits", "deleted_at", "hidden_at")


async def _reports(asked: Asked) -> list[Row]:
    return _rows(await asked.uow.reports.of_member(asked.member.member_id))


async def _notifications(asked: Asked) -> list[Row]:
    found, _ = await asked.uow.notifications.of_member(asked.member.member_id, page_size=MOST_ROWS)
    return _rows([one.notification for one in found], without=("recipient_member_id", "key"))


async def _papers(asked: Asked) -> list[Row]:
    return _rows(await asked.uow.attachments.of_owner(f"member:{asked.member.member_id}"), without=("added_by",))


async def _posts(asked: Asked) -> list[Row]:
    return _rows(await asked.uow.posts.of_members([asked.member.member_id]))


async def _account(asked: Asked) -> list[Row]:
    account = (await asked.uow.accounts.of_members([asked.member.member_id])).get(asked.member.member_id)
    if account is None:
        return []
    sessions = await asked.uow.sessions.of_account(account.account_id)
    return [
        {"username": account.username, "locale": account.locale, "disabled": account.disabled},
        *({"sessionCreatedAt": one.created_at, "lastSeenAt": one.last_seen_at} for one in sessions),
    ]


async def _access(asked: Asked) -> list[Row]:
    subjects = frozenset({f"member:{asked.member.member_id}"})
    lines, _ = await asked.uow.access_log.search(AccessQuery(Reach(everywhere=True), subjects, page_size=MOST_ROWS))
    return [{"at": one.at, "action": one.action, "detail": one.detail} for one in lines]


async def _dues(asked: Asked) -> list[Row]:
    key = asked.member.member_id
    entries, terms = await asked.uow.dues.entries([key]), await asked.uow.dues.terms([key])
    return [*_rows(entries.get(key, ()), without=("entered_by",)), *_rows(terms.get(key, ()), without=("set_by",))]


async def _work(asked: Asked) -> list[Row]:
    return _rows(await asked.uow.works.of_member(asked.member.member_id), without=("assigned_by", "answered_by"))


async def _requests(asked: Asked) -> list[Row]:
    told = _rows(await asked.uow.change_requests.of_member(asked.member.member_id), without=("account_id", "decided_by"))
    told = [row | {"changes": {key: "•••" if key == ID_NUMBER else text for key, text in row["changes"].items()}} for row in told]
    return [*told, *_rows(await asked.uow.data_requests.of_member(asked.member.member_id))]


Gatherer = Callable[[Asked], Awaitable[Sequence[Row]]]
GATHERERS: Mapping[Kind, Gatherer] = {
    Kind.IDENTITY: _identity,
    Kind.ID_NUMBER: _id_number,
    Kind.CONTACT: lambda asked: _fields(asked, lambda key: key in _CONTACT),
    Kind.PARTY_PATH: lambda asked: _fields(asked, lambda key: key in _PATH),
    Kind.CAREER: _career,
    Kind.POSTS: _posts,
    Kind.HISTORY: _history,
    Kind.ATTENDANCE: _attendance,
    Kind.CONSENTS: _consents,
    Kind.AWAY: _away,
    Kind.TRANSFERS: _transfers,
    Kind.RECORDINGS: _recordings,
    Kind.REPORTS: _reports,
    Kind.NOTIFICATIONS: _notifications,
    Kind.DISCUSSIONS: _discussions,
    Kind.PAPERS: _papers,
    Kind.ACCOUNT: _account,
    Kind.ACCESS: _access,
    Kind.REQUESTS: _requests,
    Kind.DUES: _dues,
    Kind.WORK: _work,
}


def _rows(records: Sequence[Any], without: tuple[str, ...] = ()) -> list[Row]:
    return [{key: value for key, value in _plain(one).items() if key not in without} for one in records]


def _plain(value: Any) -> Any:
    """A record as JSON: dataclasses to objects, enums to their values, days to text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value
