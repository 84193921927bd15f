"""What a roster has of members' files – ID number, birth, graduation – on its way in and out. Numbers are sealed here and opened here.

Sealing and opening run beside the event loop: a roster has thousands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ..access import Action, Actor, reach_of
from ..filefields import shown, text_of
from ..idnumber import IdNumber, masked_id_number, read_id_number
from ..memberfile import GRADUATED_ON, ID_NUMBER, MemberFile
from ..model import Access, Member
from ..ports import UnitOfWork
from ..refusals import Forbidden, KeyMissing
from ..roster import RosterRow
from ..rosterwords import MASKED_ID
from ..sealing import Sealer
from .filing import Line, about_id_number
from .rosterplan import FilePart


@dataclass(frozen=True, slots=True)
class IdentityBook:
    """As in `RosterBook`."""

    files: Mapping[str, MemberFile] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, IdNumber] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """What of one member's file goes into an export. `id_number`: masked, or in full."""

    born_on: date | None = None
    id_number: str | None = None
    graduated_on: date | None = None


async def identity_of(
    uow: UnitOfWork, sealer: Sealer | None, rows: Sequence[RosterRow], headings: Collection[str], member_ids: Collection[str]
) -> IdentityBook:
    """Nothing is fetched or opened for a file that has none of the columns a number has a say in."""
    if not {"idNumber", "bornOn", "sex", "graduatedOn"} & set(headings):
        return IdentityBook()
    files = await uow.files.many(member_ids)
    numbers = [row.id_number for row in rows if row.id_number is not None and not MASKED_ID.fullmatch(row.id_number)]
    if sealer is None:
        if numbers:
            raise KeyMissing(key="")
        return IdentityBook(files)
    indexes = await asyncio.to_thread(lambda: {number: sealer.look_ups(number, ID_NUMBER) for number in numbers})
    found = await uow.files.by_index({index for several in indexes.values() for index in several})
    by_index = {one.id_index: one.member_id for one in found}
    owners = {number: by_index[index] for number, several in indexes.items() for index in several if index in by_index}
    known = await asyncio.to_thread(_opened, sealer, files)
    return IdentityBook(files, owners, known)


async def save_parts(uow: UnitOfWork, sealer: Sealer | None, parts: Mapping[str, FilePart]) -> dict[str, list[Line]]:
    """Writes what changes on files, and answers the lines of history by member; numbers stand in them masked."""
    before = await uow.files.many(parts)
    sealed = await asyncio.to_thread(lambda: {key: _sealed(sealer, key, part) for key, part in parts.items()})
    await uow.files.save(list(sealed.values()))
    masked = await asyncio.to_thread(_opened, sealer, before) if sealer else {}
    lines: dict[str, list[Line]] = {}
    for key, part in parts.items():
        old = before.get(key) or MemberFile(key)
        was = masked_id_number(masked[key].text) if key in masked else None
        told: list[Line] = [(GRADUATED_ON, text_of("", old.graduated_on), text_of("", part.file.graduated_on))]
        if part.number is not None:
            told.append((ID_NUMBER, was, shown(ID_NUMBER, part.number)))
        lines[key] = [line for line in told if line[1] != line[2]]
    return lines


async def shown_identity(
    uow: UnitOfWork, sealer: Sealer | None, actor: Actor, members: Sequence[Member], reason: str | None, now: float
) -> dict[str, Identity]:
    """Of those whose file the actor may see. In full – for a reason – is for those who may see the number on the file page too, and is
    written down there for each of them. Refusal: Forbidden where that is nobody."""
    action = Action.SEE_FILE if reason is None else Action.SEE_ID_NUMBER
    reach = reach_of(actor, action)
    within = {one.member_id for one in await uow.members.within(reach)} if reach.everywhere or reach.paths or reach.org_ids else set()
    mine = [one for one in members if one.member_id in within]
    if reason is not None and not mine:
        raise Forbidden(action=action.value)
    files = await uow.files.many([one.member_id for one in mine])
    numbers = await asyncio.to_thread(_opened, sealer, files) if sealer else {}
    if reason is not None:
        homes = await uow.organisations.many({one.home_branch_id for one in mine})
        paths = {one.member_id: homes[one.home_branch_id].path for one in mine}
        why = {"reason": reason.strip()[:500], "by": "exportRoster"}
        looks = [
            Access(now, actor.account_id, "seeIdNumber", f"member:{key}", paths[key], why) for key in numbers if key != actor.member_id
        ]
        await uow.access_log.append(looks)
    return {one.member_id: _identity(one, files.get(one.member_id), numbers.get(one.member_id), reason is not None) for one in mine}


def _identity(member: Member, file: MemberFile | None, number: IdNumber | None, in_full: bool) -> Identity:
    text = None if number is None else number.text if in_full else masked_id_number(number.text)
    return Identity(member.born_on, text, file.graduated_on if file else None)


def _opened(sealer: Sealer, files: Mapping[str, MemberFile]) -> dict[str, IdNumber]:
    texts = {key: sealer.open(one.id_sealed, about_id_number(key)) for key, one in files.items() if one.id_sealed}
    found = {key: read_id_number(text, date.max) for key, text in texts.items()}
    return {key: number for key, number in found.items() if number is not None}


def _sealed(sealer: Sealer | None, member_id: str, part: FilePart) -> MemberFile:
    file = replace(part.file, member_id=member_id)
    if part.number is None or sealer is None:
        return file
    about = about_id_number(member_id)
    return replace(file, id_sealed=sealer.seal(part.number, about), id_index=sealer.blind_index(part.number, ID_NUMBER))
