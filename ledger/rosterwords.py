"""The spellings of a roster: headings, choices and dates as people write them, in Chinese and English, and how they are written back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from .model import MemberStatus, PostKind, Stage
from .registerfile import Column, Columns, spellings

COLUMNS = Columns(
    number=Column("编号", "Number", "党员编号 工号 学号 memberno memberid id", required=True, limit=40),
    name=Column("姓名", "Name", "党员姓名 fullname", required=True, limit=120),
    sex=Column("性别", "Sex", "gender"),
    stage=Column("类别", "Stage", "党员类别 人员类别 membertype type"),
    status=Column("状态", "Status", "党籍状态"),
    branchCode=Column(
        "所在支部代码", "Branch code", "支部代码 支部编码 所在支部 所在党支部代码 homebranchcode branch", required=True, limit=40
    ),
    hostBranchCode=Column("流入支部代码", "Host branch code", "流入地支部代码 接收支部代码 hostbranch", limit=40),
    groupCode=Column("党小组代码", "Group code", "小组代码 党小组 group", limit=40),
    joinedOn=Column("入党日期", "Joined on", "入党时间 加入日期 joindate dateofjoining"),
    bornOn=Column("出生日期", "Date of birth", "出生年月 生日 birthdate birthday dateofbirth"),
    idNumber=Column("身份证号", "ID number", "身份证 身份证号码 公民身份号码 证件号码 idcard identitynumber", limit=40),
    graduatedOn=Column("毕业日期", "Graduated on", "毕业时间 graduationdate"),
    phone=Column("手机", "Phone", "电话 手机号 手机号码 联系电话 mobile telephone", limit=40),
    email=Column("邮箱", "E-mail", "电子邮箱 电子邮件 mail", limit=120),
    post=Column("职务", "Post", "党内职务 position"),
    exempt=Column("可不到会", "Exempt", "免到 exemption"),
    username=Column("用户名", "Username", "账号 帐号 登录名 account login", limit=64),
)

_Words = dict[Any, tuple[str, ...]]

# value → spellings; the first two are how it is written back (zh, en)
_SEX: _Words = {"female": ("女", "female", "f"), "male": ("男", "male", "m")}
_STAGE: _Words = {
    Stage.FULL: ("正式党员", "full", "正式"),
    Stage.PROBATIONARY: ("预备党员", "probationary", "预备"),
    Stage.APPLICANT: ("入党申请人", "applicant", "申请人"),
    Stage.ACTIVE_APPLICANT: ("入党积极分子", "activeApplicant", "积极分子", "active applicant"),
    Stage.ADMISSION_CANDIDATE: ("发展对象", "admissionCandidate", "candidate for admission"),
}
_STATUS: _Words = {
    MemberStatus.ACTIVE: ("正常", "active"),
    MemberStatus.PARTY_PROBATION: ("留党察看", "partyProbation"),
    MemberStatus.SUSPENDED: ("停止党籍", "suspended"),
    MemberStatus.TRANSFERRED: ("已转出", "transferred", "转出"),
    MemberStatus.LEFT: ("已出党", "left", "出党"),
    MemberStatus.APPLYING: ("申请入党", "applying"),
    MemberStatus.DECEASED: ("已去世", "deceased", "去世", "死亡"),
}
_POST: _Words = {
    PostKind.SECRETARY: ("书记", "secretary", "支部书记", "党支部书记"),
    PostKind.DEPUTY_SECRETARY: ("副书记", "deputySecretary", "支部副书记", "deputy secretary", "deputy"),
    PostKind.COMMITTEE_MEMBER: ("委员", "committeeMember", "支部委员", "支委", "组织委员", "宣传委员", "纪检委员", "committee member"),
    PostKind.GROUP_LEADER: ("党小组组长", "groupLeader", "小组长", "group leader"),
}
_TRUTH: _Words = {True: ("是", "yes", "true", "1", "y"), False: ("否", "no", "false", "0", "n")}


SEXES, STAGES, STATUSES, POSTS, TRUTHS = (spellings(words) for words in (_SEX, _STAGE, _STATUS, _POST, _TRUTH))
_WRITTEN: dict[str, _Words] = {"sex": _SEX, "stage": _STAGE, "status": _STATUS, "post": _POST, "exempt": _TRUTH}

MASKED_ID = re.compile(r"[0-9]{3}\*{11}[0-9]{3}[0-9X]")  # as an export has it
PHONE = re.compile(r"\+?[0-9][0-9 \-()]{4,38}")
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")


def field_text(key: str, value: Any, locale: str) -> str:
    """A value as it is written into a roster; `parse` of it gives the value back."""
    if value is None or (key == "exempt" and not value):
        return ""
    if key in _WRITTEN:
        return _WRITTEN[key][value][0 if locale == "zh" else 1]
    return value.isoformat() if isinstance(value, date) else str(value)
