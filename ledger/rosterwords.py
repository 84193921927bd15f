"""The spellings of a roster: headings, choices and dates as people write them, in Chinese and English, and how they are written back."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from .model import MemberStatus, PostKind, Stage

HEADINGS: dict[str, tuple[str, str]] = {
    "number": ("编号", "Number"),
    "name": ("姓名", "Name"),
    "sex": ("性别", "Sex"),
    "stage": ("类别", "Stage"),
    "status": ("状态", "Status"),
    "branchCode": ("所在支部代码", "Branch code"),
    "hostBranchCode": ("流入支部代码", "Host branch code"),
    "groupCode": ("党小组代码", "Group code"),
    "joinedOn": ("入党日期", "Joined on"),
    "phone": ("手机", "Phone"),
    "email": ("邮箱", "E-mail"),
    "post": ("职务", "Post"),
    "exempt": ("可不到会", "Exempt"),
    "username": ("用户名", "Username"),
}
COLUMNS = tuple(HEADINGS)
_ALSO = {
    "number": "党员编号 工号 学号 memberno memberid id",
    "name": "党员姓名 fullname",
    "sex": "gender",
    "stage": "党员类别 人员类别 membertype type",
    "status": "党籍状态",
    "branchCode": "支部代码 支部编码 所在支部 所在党支部代码 homebranchcode branch",
    "hostBranchCode": "流入地支部代码 接收支部代码 hostbranch",
    "groupCode": "小组代码 党小组 group",
    "joinedOn": "入党时间 加入日期 joindate dateofjoining",
    "phone": "电话 手机号 手机号码 联系电话 mobile telephone",
    "email": "电子邮箱 电子邮件 mail",
    "post": "党内职务 position",
    "exempt": "免到 exemption",
    "username": "账号 帐号 登录名 account login",
}


def _bare(heading: str) -> str:
    """Case, width, spaces, hyphens, a required-mark and a bracketed hint do not make another heading."""
    plain = re.sub(r"[(（\[].*$", "", unicodedata.normalize("NFKC", heading))
    return re.sub(r"[\s_\-*:：]+", "", plain).casefold()


_BY_HEADING = {_bare(h): key for key, pair in HEADINGS.items() for h in (key, *pair, *_ALSO[key].split())}


def heading_of(heading: str) -> str | None:
    """The column key a heading means, or None."""
    return _BY_HEADING.get(_bare(heading))


_Words = dict[Any, tuple[str, ...]]

# value → spellings; the first two are how it is written back (zh, en)
_SEX: _Words = {"female": ("女", "female", "f"), "male": ("男", "male", "m")}
_STAGE: _Words = {Stage.FULL: ("正式党员", "full", "正式"), Stage.PROBATIONARY: ("预备党员", "probationary", "预备")}
_STATUS: _Words = {
    MemberStatus.ACTIVE: ("正常", "active"),
    MemberStatus.PARTY_PROBATION: ("留党察看", "partyProbation"),
    MemberStatus.SUSPENDED: ("停止党籍", "suspended"),
    MemberStatus.TRANSFERRED: ("已转出", "transferred", "转出"),
    MemberStatus.LEFT: ("已出党", "left", "出党"),
    MemberStatus.DECEASED: ("已去世", "deceased", "去世", "死亡"),
}
_POST: _Words = {
    PostKind.SECRETARY: ("书记", "secretary", "支部书记", "党支部书记"),
    PostKind.DEPUTY_SECRETARY: ("副书记", "deputySecretary", "支部副书记", "deputy secretary", "deputy"),
    PostKind.COMMITTEE_MEMBER: ("委员", "committeeMember", "支部委员", "支委", "组织委员", "宣传委员", "纪检委员", "committee member"),
    PostKind.GROUP_LEADER: ("党小组组长", "groupLeader", "小组长", "group leader"),
}
_TRUTH: _Words = {True: ("是", "yes", "true", "1", "y"), False: ("否", "no", "false", "0", "n")}


def _spellings(words: _Words) -> dict[str, Any]:
    return {spelling.casefold(): value for value, spellings in words.items() for spelling in spellings}


SEXES, STAGES, STATUSES, POSTS, TRUTHS = (_spellings(words) for words in (_SEX, _STAGE, _STATUS, _POST, _TRUTH))
_WRITTEN: dict[str, _Words] = {"sex": _SEX, "stage": _STAGE, "status": _STATUS, "post": _POST, "exempt": _TRUTH}

PHONE = re.compile(r"\+?[0-9][0-9 \-()]{4,38}")
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")

_DATE = re.compile(r"(\d{4})\s*(?:[-/.]|年)\s*(\d{1,2})(?:\s*(?:[-/.]|月)\s*(\d{1,2})\s*日?|\s*月)?(?:[ T]00:00(?::00)?)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})?")
EARLIEST = date(1921, 7, 1)


def parse_date(text: str) -> date | None:
    """2020-07-01, 2020/7/1, 2020.7.1, 2020年7月1日, 20200701; without a day (2020.07, 2020年7月, 202007) the first of the month."""
    plain = unicodedata.normalize("NFKC", text)
    match = _DATE.fullmatch(plain) or _PACKED.fullmatch(plain)
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if found >= EARLIEST else None


def field_text(key: str, value: Any, locale: str) -> str:
    """A value as it is written into a roster; `parse` of it gives the value back."""
    if value is None or (key == "exempt" and not value):
        return ""
    if key in _WRITTEN:
        return _WRITTEN[key][value][0 if locale == "zh" else 1]
    return value.isoformat() if isinstance(value, date) else str(value)
