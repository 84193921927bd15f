"""Files of the demo's members: births, schools, work and the way into the Party, all made up. ID numbers are of the area 000000, which is
nobody's, with right check digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from .actions.filing import about_id_number
from .idnumber import demo_id_number
from .memberfile import ID_NUMBER, EntryKind, FileEntry, MemberFile
from .model import BEFORE_ADMISSION, Education, Member, Stage
from .ports import UnitOfWork
from .sealing import Sealer

_EDUCATION = tuple(Education)[2:]
_UNITS = ("演示机械厂", "演示小学", "演示物流公司", "演示社区卫生站", "演示软件公司")
_WORK = ("工程师", "教师", "调度员", "护士", "程序员")
_PLACES = ("演示市东区", "演示市西区", "演示县")


def with_births(members: Sequence[Member]) -> list[Member]:
    """Born twenty-five years before joining, at the least."""
    return [_born(place, one) for place, one in enumerate(members, start=1)]


async def write_demo_files(uow: UnitOfWork, sealer: Sealer | None, members: Sequence[Member]) -> None:
    """Without a sealer the ID numbers stay empty."""
    await uow.files.save([_file(place, one, sealer) for place, one in enumerate(members, start=1)])
    for place, one in enumerate(members, start=1):
        for entry in _entries(place, one):
            await uow.files.save_entry(entry)


def _born(place: int, member: Member) -> Member:
    joined = member.joined_on or date(2020, 7, 1)
    born = date(joined.year - 25 - place % 5, 1 + place % 12, 1 + place)
    education = _EDUCATION[place % len(_EDUCATION)]
    sex = member.sex or ("female" if place % 2 else "male")
    return replace(member, born_on=born, sex=sex, ethnic_group="汉族" if place % 7 else "壮族", education=education)


def _file(place: int, member: Member, sealer: Sealer | None) -> MemberFile:
    joined = member.joined_on or date(2020, 7, 1)
    file = MemberFile(
        member.member_id,
        native_place=_PLACES[place % 3],
        residence=_PLACES[(place + 1) % 3],
        school="演示大学",
        work_unit=_UNITS[place % 5],
        occupation=_WORK[place % 5],
        applied_on=date(joined.year - 3, 3, 1),
        active_since=date(joined.year - 2, 3, 1),
        candidate_since=date(joined.year - 1, 3, 1),
        probationary_since=joined,
        full_since=date(joined.year + 1, 7, 1) if member.stage is Stage.FULL else None,
        trainers="演示·李书华",
        sponsors="演示·李书华、演示·王建国",
    )
    if member.stage in BEFORE_ADMISSION:
        file = replace(file, **_on_the_way(member.stage))
    if sealer is None or member.born_on is None:
        return file
    number = demo_id_number(member.born_on, place, member.sex or "female")
    sealed = sealer.seal(number, about_id_number(member.member_id))
    return replace(file, id_sealed=sealed, id_index=sealer.blind_index(number, ID_NUMBER))


def _on_the_way(stage: Stage) -> dict[str, Any]:
    candidate = stage is Stage.ADMISSION_CANDIDATE
    return {
        "applied_on": date(2024, 3, 1),
        "active_since": date(2025, 3, 1) if stage is not Stage.APPLICANT else None,
        "candidate_since": date(2026, 3, 1) if candidate else None,
        "probationary_since": None,
        "full_since": None,
        "sponsors": "演示·李书华、演示·王建国" if candidate else None,
    }


def _entries(place: int, member: Member) -> list[FileEntry]:
    joined = member.joined_on or date(2020, 7, 1)
    school = FileEntry(
        f"demo-school-{place}", member.member_id, EntryKind.EDUCATION, date(joined.year - 7, 9, 1), date(joined.year - 3, 7, 1), "演示大学"
    )
    work = FileEntry(
        f"demo-work-{place}", member.member_id, EntryKind.WORK, date(joined.year - 3, 8, 1), None, _UNITS[place % 5], _WORK[place % 5]
    )
    return [school, work]
