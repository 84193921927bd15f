"""Every field of a member's file: what it is called, where it is kept, what may stand in it, and who may propose it. One table, read by
editing, history, requests, rosters and "my data" alike.

Values come as text (None or "" empties) and become what the record holds; anything else is `FileFieldMalformed`. The ID number is checked
here and sealed by the action. Pure: today is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from .idnumber import masked_id_number, read_id_number
from .memberfile import GRADUATED_ON, ID_NUMBER, MemberFile
from .model import Education, Member
from .refusals import FileDatesOutOfOrder, FileFieldMalformed
from .rosterwords import EMAIL, PHONE

Place = Literal["member", "file"]
LATEST_AGE = 18  # 章程第一条: an applicant is at least eighteen


@dataclass(frozen=True, slots=True)
class FileField:
    """`attribute` of the record in `place`. `own`: the member may propose it; the rest is for those responsible."""

    key: str
    place: Place
    attribute: str
    zh: str
    en: str
    limit: int = 120
    read: Callable[[str, date], Any] | None = None
    required: bool = False
    own: bool = True


def _day(text: str, today: date) -> date:
    found = date.fromisoformat(text)
    if not date(1900, 1, 1) <= found <= today:
        raise ValueError
    return found


def _education(text: str, today: date) -> Education:
    return Education(text)


def _sex(text: str, today: date) -> str:
    if text not in ("female", "male"):
        raise ValueError
    return text


def _phone(text: str, today: date) -> str:
    if not PHONE.fullmatch(text):
        raise ValueError
    return text


def _email(text: str, today: date) -> str:
    if not EMAIL.fullmatch(text):
        raise ValueError
    return text


def _id_number(text: str, today: date) -> str:
    found = read_id_number(text, today)
    if found is None:
        raise ValueError
    return found.text


FIELDS: Mapping[str, FileField] = MappingProxyType(
    {
        one.key: one
        for one in (
            FileField("name", "member", "name", "姓名", "Name", required=True),
            FileField("sex", "member", "sex", "性别", "Sex", read=_sex),
            FileField("ethnicGroup", "member", "ethnic_group", "民族", "Ethnic group", 40),
            FileField("bornOn", "member", "born_on", "出生日期", "Date of birth", read=_day),
            FileField(ID_NUMBER, "file", "id_sealed", "身份证号", "ID number", 40, _id_number),
            FileField("nativePlace", "file", "native_place", "籍贯", "Native place"),
            FileField("education", "member", "education", "学历", "Education", read=_education),
            FileField("degree", "file", "degree", "学位", "Degree"),
            FileField("school", "file", "school", "毕业院校及专业", "School and subject", 200),
            FileField(GRADUATED_ON, "file", "graduated_on", "毕业日期", "Graduated on", read=_day),
            FileField("workUnit", "file", "work_unit", "工作单位", "Employer", 200),
            FileField("occupation", "file", "occupation", "职业或岗位", "Occupation"),
            FileField("residence", "file", "residence", "居住地（市、区县）", "Residence (city, district)"),
            FileField("phone", "member", "phone", "手机", "Phone", 40, _phone),
            FileField("email", "member", "email", "邮箱", "E-mail", 120, _email),
            FileField("appliedOn", "file", "applied_on", "递交入党申请书日期", "Applied on", read=_day, own=False),
            FileField("activeSince", "file", "active_since", "确定为入党积极分子日期", "Active applicant since", read=_day, own=False),
            FileField("candidateSince", "file", "candidate_since", "列为发展对象日期", "Candidate since", read=_day, own=False),
            FileField("probationarySince", "file", "probationary_since", "接收为预备党员日期", "Probationary since", read=_day, own=False),
            FileField("fullSince", "file", "full_since", "转为正式党员日期", "Full member since", read=_day, own=False),
            FileField("trainers", "file", "trainers", "培养联系人", "Training contacts", 200, own=False),
            FileField("sponsors", "file", "sponsors", "入党介绍人", "Sponsors", 200, own=False),
            FileField("joinedOn", "member", "joined_on", "入党日期", "Joined on", read=_day, own=False),
        )
    }
)
#: The way into the Party, in its order.
WAY = ("appliedOn", "activeSince", "candidateSince", "probationarySince", "fullSince")
PLACES: Mapping[Place, tuple[str, ...]] = MappingProxyType(
    {place: tuple(key for key, one in FIELDS.items() if one.place == place) for place in ("member", "file")}
)


def read_value(key: str, text: str | None, today: date) -> Any:
    """What a text means for a field; None empties it. Refusal: FileFieldMalformed(field)."""
    one = FIELDS.get(key)
    plain = (text or "").strip()
    if one is None or (one.required and not plain) or len(plain) > one.limit:
        raise FileFieldMalformed(field=key[:64])
    if not plain or one.read is None:
        return plain or None
    try:
        return one.read(plain, today)
    except ValueError:
        raise FileFieldMalformed(field=key) from None


def text_of(key: str, value: Any) -> str | None:
    """A value as text, the way it came."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def shown(key: str, value: Any) -> str | None:
    """As the history may keep it: an ID number masked."""
    text = text_of(key, value)
    return masked_id_number(text) if text and key == ID_NUMBER else text


def values_of(member: Member, file: MemberFile) -> dict[str, str | None]:
    """Every field as text; the ID number is not among them."""
    records: Mapping[Place, Any] = {"member": member, "file": file}
    return {key: text_of(key, getattr(records[one.place], one.attribute)) for key, one in FIELDS.items() if key != ID_NUMBER}


def check_way(file: MemberFile, born_on: date | None) -> None:
    """The steps into the Party follow one another, none of them before the eighteenth birthday. Refusal: FileDatesOutOfOrder(field)."""
    last = date(born_on.year + LATEST_AGE, born_on.month, min(born_on.day, 28)) if born_on else date.min
    for key in WAY:
        day: date | None = getattr(file, FIELDS[key].attribute)
        if day is not None:
            if day < last:
                raise FileDatesOutOfOrder(field=key)
            last = day
