"""Who comes with a letter from outside: the ID number is checked, sealed at once, and bound to the record that the receipt will begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ..filefields import shown
from ..idnumber import IdNumber, read_id_number
from ..memberfile import ID_NUMBER, MemberFile
from ..mobility import Newcomer
from ..model import Member, OrgUnit
from ..ports import UnitOfWork
from ..refusals import IdNumberDisagrees, IdNumberTaken, KeyMissing
from ..sealing import Sealer
from .filing import DEMO_PATH, Line, about_id_number, file_of


async def with_id_number(
    uow: UnitOfWork, sealer: Sealer | None, member_id: str, newcomer: Newcomer, text: str, committee: OrgUnit, today: date
) -> Newcomer:
    """A number fills in birth and sex where they are empty, and must agree with them – and with what is on the file of who was here before.

    Refusals: IdNumberDisagrees(field), IdNumberTaken, KeyMissing.
    """
    if newcomer.born_on is not None and not date(1900, 1, 1) <= newcomer.born_on <= today:
        raise IdNumberDisagrees(field="bornOn")
    if not text.strip():
        return newcomer
    found = read_id_number(text, today)
    if found is None or (found.demo and not committee.path.startswith(DEMO_PATH)):
        raise IdNumberDisagrees(field=ID_NUMBER)
    if sealer is None:
        raise KeyMissing(key="")
    _agrees(found, newcomer.born_on, newcomer.sex)
    known = await uow.members.get(member_id)
    if known is not None:
        _agrees(found, known.born_on, known.sex)
    indexes = sealer.look_ups(found.text, ID_NUMBER)
    file = await file_of(uow, member_id)
    if file.id_index is not None and file.id_index not in indexes:
        raise IdNumberDisagrees(field=ID_NUMBER)
    if any(one.member_id != member_id for one in await uow.files.by_index(indexes)):
        raise IdNumberTaken
    return replace(
        newcomer,
        born_on=found.born_on,
        sex=found.sex,
        id_sealed=sealer.seal(found.text, about_id_number(member_id)),
        id_index=sealer.blind_index(found.text, ID_NUMBER),
        id_masked=shown(ID_NUMBER, found.text),
    )


def _agrees(number: IdNumber, born_on: date | None, sex: str | None) -> None:
    if born_on not in (None, number.born_on):
        raise IdNumberDisagrees(field="bornOn")
    if sex not in (None, number.sex):
        raise IdNumberDisagrees(field="sex")


async def begin_file(uow: UnitOfWork, member: Member, newcomer: Newcomer | None) -> list[Line]:
    """The number goes over to the file with the receipt; what is on the file already stays. Answers the line of history.

    Refusal: IdNumberTaken where somebody else has come to have it meanwhile.
    """
    file = await uow.files.get(member.member_id) or MemberFile(member.member_id)
    if newcomer is None or newcomer.id_sealed is None or newcomer.id_index is None or file.id_sealed is not None:
        return []
    if any(one.member_id != member.member_id for one in await uow.files.by_index([newcomer.id_index])):
        raise IdNumberTaken
    await uow.files.save([replace(file, id_sealed=newcomer.id_sealed, id_index=newcomer.id_index)])
    return [(ID_NUMBER, None, newcomer.id_masked)]


def forgotten(newcomer: Newcomer | None) -> Newcomer | None:
    """Of a transfer that is over: the number is on the file now, or nobody's business any more."""
    return replace(newcomer, id_sealed=None, id_index=None, id_masked=None) if newcomer else None
