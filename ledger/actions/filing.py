"""Changing a member's file: one way for edits, requests, imports and bulk changes, so that each leaves the same history.

A change is read, checked, written, told field by field in the history, and summed up in the log of access with a digest of those lines.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..access import Actor
from ..filefields import FIELDS, check_way, read_value, shown, text_of
from ..idnumber import IdNumber, read_id_number
from ..memberfile import GRADUATED_ON, ID_NUMBER, FileChange, FileEntry, How, MemberFile, changes_digest
from ..model import Access, Member, OrgUnit, day_of
from ..ports import UnitOfWork
from ..refusals import IdNumberDisagrees, IdNumberTaken
from ..sealing import Sealer

MOST_FIELDS = 500
DEMO_PATH = "/demo-committee/"  # only there may a number of the area that nobody lives in stand


@dataclass(frozen=True, slots=True)
class Act:
    """Who changes something, when, by which way, and why."""

    actor: Actor
    now: float
    how: How
    reason: str | None = None

    @property
    def today(self) -> date:
        return day_of(self.now)


def about_id_number(member_id: str) -> str:
    """What a sealed ID number is bound to."""
    return f"member:{member_id}:{ID_NUMBER}"


async def file_of(uow: UnitOfWork, member_id: str) -> MemberFile:
    return await uow.files.get(member_id) or MemberFile(member_id)


async def apply_changes(
    uow: UnitOfWork, sealer: Sealer, act: Act, member: Member, home: OrgUnit, changes: Mapping[str, str | None]
) -> Member:
    """Field key → text. Writes member, file, history and log, and answers the member as it is now. What changes nothing leaves no trace.

    Refusals: FileFieldMalformed, FileDatesOutOfOrder, IdNumberTaken, IdNumberDisagrees.
    """
    values = {key: read_value(key, text, act.today) for key, text in changes.items()}
    file = await file_of(uow, member.member_id)
    before = await _current(sealer, member, file, values)
    values = {key: value for key, value in values.items() if value != before[key]}
    if not values:
        return member
    of_member = {FIELDS[key].attribute: value for key, value in values.items() if FIELDS[key].place == "member"}
    of_file = {FIELDS[key].attribute: value for key, value in values.items() if FIELDS[key].place == "file" and key != ID_NUMBER}
    after = replace(member, **of_member, revision=member.revision + 1)
    changed = replace(file, **of_file)
    if ID_NUMBER not in values and values.keys() & {"bornOn", "sex"}:
        _check_agrees(sealer, after, changed)
    elif ID_NUMBER in values:
        after, changed = await _with_id_number(uow, sealer, act, after, changed, home, values[ID_NUMBER])
    check_way(changed, after.born_on)
    await uow.members.save([after])
    await uow.files.save([changed])
    lines = [(key, shown(key, before[key]), shown(key, value)) for key, value in values.items()]
    await record(uow, act, after, home.path, [*lines, *_followed(member, after, values)])
    return after


Line = tuple[str, str | None, str | None]  # field, before, after


async def record(uow: UnitOfWork, act: Act, member: Member, path: str, lines: Sequence[Line], action: str = "changeFile") -> None:
    """History lines of one act, and their digest into the log of access. Nothing for nothing."""
    await record_all(uow, act, [(member, path, lines)], action)


async def record_all(uow: UnitOfWork, act: Act, told: Sequence[tuple[Member, str, Sequence[Line]]], action: str = "changeFile") -> None:
    """The same of many members at once, for rosters: a batch of its own for each."""
    written: list[FileChange] = []
    summed: list[Access] = []
    for member, path, lines in told:
        changes = _changes(act, member.member_id, lines)
        if changes:
            written += changes
            fields = ",".join(one.field for one in changes)[:MOST_FIELDS]
            detail = {"fields": fields, "how": act.how.value, "batch": changes[0].batch, "digest": changes_digest(changes)}
            summed.append(Access(act.now, act.actor.account_id, action, f"member:{member.member_id}", path, detail))
    await uow.files.append_changes(written)
    await uow.access_log.append(summed)


def _changes(act: Act, member_id: str, lines: Sequence[Line]) -> list[FileChange]:
    batch, account_id = secrets.token_hex(8), act.actor.account_id
    return [
        FileChange(batch, member_id, act.now, account_id, act.how, field, before, after, act.reason)
        for field, before, after in lines
        if before != after
    ]


def member_lines(before: Member | None, after: Member, units: Mapping[str, OrgUnit]) -> list[Line]:
    """What differs between two states of a member's line; organisations by name."""

    def text(member: Member | None, attribute: str) -> str | None:
        value = getattr(member, attribute) if member else None
        if value and attribute in _ORGANISATIONS:
            return units[value].name if value in units else str(value)
        return text_of(attribute, value)

    pairs = [(key, text(before, attribute), text(after, attribute)) for key, attribute in _MEMBER_LINES.items()]
    return [(key, old, new) for key, old, new in pairs if old != new]


async def record_member(uow: UnitOfWork, act: Act, before: Member | None, after: Member, action: str = "changeFile") -> None:
    """What differs between two states of one member's line, with the organisations' names as they are today."""
    named = {org_id for one in (before, after) if one for org_id in (one.home_branch_id, one.host_branch_id, one.group_id) if org_id}
    units = await uow.organisations.many(named)
    home = units.get(after.home_branch_id)
    await record(uow, act, after, home.path if home else "", member_lines(before, after, units), action)


async def keep_graduation(uow: UnitOfWork, act: Act, member: Member, on: date) -> None:
    """The day of graduation, for many at once. Refusal: FileFieldMalformed where it cannot be."""
    day = read_value(GRADUATED_ON, on.isoformat(), act.today)
    file = await file_of(uow, member.member_id)
    if file.graduated_on == day:
        return
    home = await uow.organisations.get(member.home_branch_id)
    await uow.files.save([replace(file, graduated_on=day)])
    await record(uow, act, member, home.path if home else "", [(GRADUATED_ON, text_of("", file.graduated_on), text_of("", day))])


async def save_entry(uow: UnitOfWork, act: Act, member: Member, path: str, entry: FileEntry, before: FileEntry | None) -> None:
    await uow.files.save_entry(entry)
    await record(uow, act, member, path, [(f"entry.{entry.kind.value}", before.said if before else None, entry.said)])


async def _current(sealer: Sealer, member: Member, file: MemberFile, values: Mapping[str, Any]) -> dict[str, Any]:
    records = {"member": member, "file": file}
    current = {key: getattr(records[FIELDS[key].place], FIELDS[key].attribute) for key in values}
    if ID_NUMBER in current and file.id_sealed:
        current[ID_NUMBER] = sealer.open(file.id_sealed, about_id_number(member.member_id))
    return current


async def _with_id_number(
    uow: UnitOfWork, sealer: Sealer, act: Act, member: Member, file: MemberFile, home: OrgUnit, text: str | None
) -> tuple[Member, MemberFile]:
    """A number fills in birth and sex where they are empty, and must agree with them where they are not."""
    if text is None:
        return member, replace(file, id_sealed=None, id_index=None)
    found = read_id_number(text, act.today)
    if found is None or (found.demo and not home.path.startswith(DEMO_PATH)):
        raise IdNumberDisagrees(field=ID_NUMBER)
    _check_birth(member, found)
    for other in await uow.files.by_index(sealer.look_ups(found.text, ID_NUMBER)):
        if other.member_id != member.member_id:
            raise IdNumberTaken
    sealed = sealer.seal(found.text, about_id_number(member.member_id))
    filled = replace(member, born_on=found.born_on, sex=found.sex)
    return filled, replace(file, id_sealed=sealed, id_index=sealer.blind_index(found.text, ID_NUMBER))


def _check_agrees(sealer: Sealer, member: Member, file: MemberFile) -> None:
    """Birth and sex cannot be changed away from what the number on the file says."""
    if file.id_sealed:
        found = read_id_number(sealer.open(file.id_sealed, about_id_number(member.member_id)), date.max)
        if found is not None:
            _check_birth(member, found)


def _check_birth(member: Member, number: IdNumber) -> None:
    if member.born_on not in (None, number.born_on):
        raise IdNumberDisagrees(field="bornOn")
    if member.sex not in (None, number.sex):
        raise IdNumberDisagrees(field="sex")


def _followed(before: Member, after: Member, values: Mapping[str, Any]) -> list[Line]:
    """What an ID number filled in besides."""
    pairs = (("bornOn", before.born_on, after.born_on), ("sex", before.sex, after.sex))
    return [(key, text_of(key, old), text_of(key, new)) for key, old, new in pairs if old != new and key not in values]


_ORGANISATIONS = frozenset({"home_branch_id", "host_branch_id", "group_id"})
_MEMBER_LINES = {
    "number": "number",
    "name": "name",
    "stage": "stage",
    "status": "status",
    "homeBranch": "home_branch_id",
    "hostBranch": "host_branch_id",
    "group": "group_id",
    "sex": "sex",
    "phone": "phone",
    "email": "email",
    "joinedOn": "joined_on",
    "exempt": "exempt",
    "bornOn": "born_on",
    "ethnicGroup": "ethnic_group",
    "education": "education",
}
