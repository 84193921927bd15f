"""What is held about people, by kind: why, on which basis, for how long, and who sees it.

One table with a version, shown to everybody it is about, and read by the purge. It decides nothing else. Where no published rule gives a
period, it is ours.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of data about a person."""

    IDENTITY = "identity"
    ID_NUMBER = "idNumber"
    CONTACT = "contact"
    PARTY_PATH = "partyPath"
    CAREER = "career"
    POSTS = "posts"
    HISTORY = "history"
    ATTENDANCE = "attendance"
    CONSENTS = "consents"
    AWAY = "away"
    TRANSFERS = "transfers"
    RECORDINGS = "recordings"
    REPORTS = "reports"
    NOTIFICATIONS = "notifications"
    PAPERS = "papers"
    ACCOUNT = "account"
    ACCESS = "access"
    REQUESTS = "requests"
    DUES = "dues"
    DISCUSSIONS = "discussions"
    WORK = "work"


class Clock(StrEnum):
    """From when the period runs."""

    MADE = "made"  # from when it was written
    OVER = "over"  # from when it was decided or ended
    LEFT = "left"  # from when the member left the roll


@dataclass(frozen=True, slots=True)
class DataKind:
    kind: Kind
    title_zh: str
    title_en: str
    purpose_zh: str
    purpose_en: str
    basis_zh: str
    basis_en: str
    seen_zh: str
    seen_en: str
    days: int
    clock: Clock
    purged: bool = True  # False: kept after that too, until people decide

    def told(self, locale: str) -> tuple[str, str, str, str]:
        """Title, purpose, basis, and who sees it."""
        if locale == "zh":
            return self.title_zh, self.purpose_zh, self.basis_zh, self.seen_zh
        return self.title_en, self.purpose_en, self.basis_en, self.seen_en

    def kept(self, locale: str) -> str:
        """The period as it is put before people."""
        return _KEPT[self.clock][locale != "zh"].format(_length(self.days, locale))


def _length(days: int, locale: str) -> str:
    years, rest = divmod(days, YEAR)
    number, zh, en = (days, "天", "days") if rest else (years, "年", "year" if years == 1 else "years")
    return f"{number} {zh if locale == 'zh' else en}"


YEAR = 365
_KEPT = {
    Clock.MADE: ("自产生之日起 {}", "{} from when it was written"),
    Clock.OVER: ("办结或结束后 {}", "{} after it was settled or ended"),
    Clock.LEFT: ("在册期间及离开名册后 {}", "while on the roll, and {} after"),
}


@dataclass(frozen=True, slots=True)
class RetentionRules:
    version: str
    kinds: tuple[DataKind, ...]

    def of(self, kind: Kind) -> DataKind:
        return next(one for one in self.kinds if one.kind is kind)

    def content_hash(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


Pair = tuple[str, str]  # Chinese, English


def _kind(kind: Kind, days: int, clock: Clock, title: Pair, purpose: Pair, basis: Pair, seen: Pair, *, purged: bool = True) -> DataKind:
    return DataKind(kind, *title, *purpose, *basis, *seen, days, clock, purged)


# title; purpose; basis; who sees it
# fmt: off
_KINDS = (
    _kind(Kind.IDENTITY, 3 * YEAR, Clock.LEFT,
          ("姓名、编号、性别、民族、出生日期、籍贯、学历", "name, number, sex, ethnic group, date of birth, native place, education"),
          ("党员名册与统计", "the roll and its statistics"),
          ("《中国共产党党员教育管理工作条例》", "Regulations on the Education and Management of Party Members (2019)"),
          ("本人、所在支部书记、组织管理员；名册部分：党小组组长、流入地支部书记、审计员", "yourself, the secretary of your branch, administrators; the line of the roll also: leader of your Party group, secretary of your host branch, auditors")),
    _kind(Kind.ID_NUMBER, YEAR, Clock.LEFT,
          ("身份证号（加密保存）", "ID number (sealed)"),
          ("组织关系介绍信与身份核对", "letters of introduction, and telling people apart"),
          ("组织关系介绍信格式", "form of the letter of introduction"),
          ("平时只显示掩码；负责人注明理由后可查看，每次查看都有记录", "masked; those responsible see it for a reason, and every look is logged")),
    _kind(Kind.CONTACT, 180, Clock.LEFT,
          ("手机、邮箱、居住地（市、区县）、工作单位、职业", "phone, e-mail, residence (city, district), employer, occupation"),
          ("联系与组织生活通知", "keeping in touch and calling to meetings"),
          ("《中国共产党党员教育管理工作条例》", "Regulations on the Education and Management of Party Members (2019)"),
          ("本人、所在支部书记、流入地支部书记、组织管理员；列表中只显示掩码", "yourself, secretaries of your branch and host branch, administrators; masked in lists")),
    _kind(Kind.PARTY_PATH, 3 * YEAR, Clock.LEFT,
          ("入党各阶段日期、培养联系人、入党介绍人", "dates of the way into the Party, training contacts, sponsors"),
          ("党籍与党龄", "membership and Party standing"),
          ("《中国共产党发展党员工作细则》", "Rules on recruiting Party members"),
          ("本人、所在支部书记、组织管理员", "yourself, the secretary of your branch, organisation administrators")),
    _kind(Kind.CAREER, 3 * YEAR, Clock.LEFT,
          ("学习、工作、奖励经历", "education, work and awards"),
          ("党员档案", "the member's file"),
          ("《中国共产党党员教育管理工作条例》", "Regulations on the Education and Management of Party Members (2019)"),
          ("本人、所在支部书记、组织管理员", "yourself, the secretary of your branch, organisation administrators")),
    _kind(Kind.POSTS, 10 * YEAR, Clock.OVER,
          ("党内职务", "posts"),
          ("职责与权限", "duties and rights"),
          ("《中国共产党支部工作条例（试行）》", "Regulations on the Work of Branches (trial)"),
          ("组织内公开", "open within the organisation"), purged=False),
    _kind(Kind.HISTORY, 3 * YEAR, Clock.LEFT,
          ("档案变更记录", "history of changes of the file"),
          ("更正可追溯", "corrections can be traced"),
          ("《个人信息保护法》第五十四至五十六条", "PIPL, arts. 54–56"),
          ("本人、所在支部书记、组织管理员", "yourself, the secretary of your branch, organisation administrators")),
    _kind(Kind.ATTENDANCE, 10 * YEAR, Clock.MADE,
          ("组织生活考勤、请假、异议", "attendance of organisational life, leave, objections"),
          ("组织生活记录", "the record of organisational life"),
          ("与支部会议记录的通行保存年限一致", "the customary retention of a branch's minutes"),
          ("本人、会议组织负责人、审计员；在流入地参加的，两个支部", "yourself, those responsible for the meeting, auditors; at a host, both branches"), purged=False),
    _kind(Kind.CONSENTS, 3 * YEAR, Clock.OVER,
          ("告知确认与单独同意", "consents to notices and separate consents"),
          ("证明处理有依据", "to show on what the processing rests"),
          ("《个人信息保护法》第十四、二十三、二十九条", "PIPL, arts. 14, 23, 29"),
          ("本人", "yourself"), purged=False),
    _kind(Kind.AWAY, 3 * YEAR, Clock.OVER,
          ("外出登记、去向（市、区县）、联系记录", "registrations of being away, declared places (city, district), contact log"),
          ("流动党员双向管理", "two branches looking after members away"),
          ("《中国共产党党员教育管理工作条例》第三十二至三十四条", "Regulations on the Education and Management of Party Members (2019), arts. 32–34"),
          ("本人、所在支部；经您单独同意，流入地支部", "yourself, your branch; with your separate consent the host branch"), purged=False),
    _kind(Kind.TRANSFERS, 10 * YEAR, Clock.OVER,
          ("组织关系转接与介绍信", "transfers of the organisational relationship, letters of introduction"),
          ("组织关系转接", "moving the relation"),
          ("《中国共产党党员教育管理工作条例》第二十五条", "Regulations on the Education and Management of Party Members (2019), art. 25"),
          ("本人、转出和转入两方的支部与党委", "yourself, branches and committees of both sides"), purged=False),
    _kind(Kind.RECORDINGS, 30, Clock.OVER,
          ("会议录制：声音、画面、共享的屏幕（只录事先同意的人）", "recordings of meetings: voice, picture, shared screen (of those only who agreed before)"),
          ("回看会议", "seeing a meeting again"),
          ("《个人信息保护法》第十三、二十九条，同意可随时撤回；期限可由组织另行设定", "PIPL, arts. 13 and 29, consent can be taken back at any time; the organisation may set another period"),
          ("参会名单上的人和会议组织负责人", "those on the list of the meeting and those responsible for it")),
    _kind(Kind.REPORTS, 5 * YEAR, Clock.MADE,
          ("思想汇报", "thought reports"),
          ("教育管理", "education and care"),
          ("《中国共产党党员教育管理工作条例》", "Regulations on the Education and Management of Party Members (2019)"),
          ("本人、联系人、支部书记", "yourself, your liaison, the secretary"), purged=False),
    _kind(Kind.DISCUSSIONS, 3 * YEAR, Clock.OVER,
          ("支部讨论中的发言、附件和修改前的内容，公告已读记录", "what was said in discussions, files, what words said before they were changed; who has read an announcement"),
          ("支部内讨论与公告传达", "discussion in the branch, and whether an announcement has arrived"),
          ("《中国共产党支部工作条例（试行）》", "Regulations on the Work of Branches (trial)"),
          ("能参加该讨论的党员；隐藏的、修改前的内容只有本人和讨论负责人，公告已读记录只有负责人", "whoever takes part there; what was hidden or changed: yourself and those who moderate; who has read an announcement: those who moderate")),
    _kind(Kind.NOTIFICATIONS, YEAR, Clock.MADE,
          ("站内通知", "notifications"),
          ("告知与您有关的事项", "telling you what concerns you"),
          ("本系统默认值", "our default"),
          ("本人", "yourself")),
    _kind(Kind.PAPERS, 3 * YEAR, Clock.LEFT,
          ("档案附件", "papers of the file"),
          ("档案依据", "what the file rests on"),
          ("《中国共产党党员教育管理工作条例》", "Regulations on the Education and Management of Party Members (2019)"),
          ("本人、所在支部书记、组织管理员", "yourself, the secretary of your branch, organisation administrators")),
    _kind(Kind.ACCOUNT, 7, Clock.OVER,
          ("账号、登录会话、失败登录", "account, sessions, failed log-ins"),
          ("登录与安全", "logging in, safely"),
          ("《网络安全法》第二十一条", "Cybersecurity Law, art. 21"),
          ("本人、安全管理员（不含密码）", "yourself, security administrators (no passwords)")),
    _kind(Kind.ACCESS, 3 * YEAR, Clock.MADE,
          ("查看与更改记录", "log of who looked at or changed what"),
          ("让您知道谁看过您的信息", "so that you know who saw your data"),
          ("《网络安全法》第二十一条（不少于六个月）；《个人信息保护法》第五十四条", "Cybersecurity Law, art. 21 (six months at least); PIPL, art. 54"),
          ("本人、审计员", "yourself, auditors")),
    _kind(Kind.DUES, 3 * YEAR, Clock.LEFT,
          ("党费交纳记录、交纳标准（不保存收入）", "payments of dues, and what is agreed (no income)"),
          ("党费管理，组织关系介绍信", "dues, and letters of introduction"),
          ("《中国共产党章程》第九条；党费收缴规定", "Constitution of the Communist Party of China, art. 9; rules on dues"),
          ("本人、所在支部书记、组织管理员、审计员", "yourself, the secretary of your branch, organisation administrators, auditors")),
    _kind(Kind.WORK, 3 * YEAR, Clock.LEFT,
          ("支部分配的工作与完成情况", "work the branch assigned you, and what came of it"),
          ("党员教育管理；六个月期限的计算", "looking after members, and the clock of six months"),
          ("《中国共产党章程》第九条", "Constitution of the Communist Party of China, art. 9"),
          ("本人、所在支部书记、组织管理员、审计员", "yourself, the secretary of your branch, organisation administrators, auditors")),
    _kind(Kind.REQUESTS, 3 * YEAR, Clock.OVER,
          ("更正申请与个人信息请求", "requests for correction, and requests about your data"),
          ("办理您的请求", "doing what you ask for"),
          ("《个人信息保护法》第四十四至五十条", "PIPL, arts. 44–50"),
          ("本人、所在支部书记、组织管理员", "yourself, the secretary of your branch, organisation administrators")),
)
# fmt: on

# What the first version said otherwise or did not have, for those who want to read what they were told then.
# fmt: off
_RECORDINGS_2026_1 = _kind(
    Kind.RECORDINGS, 30, Clock.MADE,
    ("会议录制（须事先同意）", "recordings of meetings (with consent before)"),
    ("回看会议", "seeing a meeting again"),
    ("《个人信息保护法》第十三条；期限可由组织另行设定", "PIPL, art. 13; the organisation may set another period"),
    ("参会名单上的人", "those on the list of the meeting"))
# fmt: on
_FIRST = tuple(
    _RECORDINGS_2026_1 if one.kind is Kind.RECORDINGS else one for one in _KINDS if one.kind not in (Kind.DUES, Kind.DISCUSSIONS, Kind.WORK)
)
_SECOND = tuple(one for one in _KINDS if one.kind is not Kind.WORK)
DEFAULT = RetentionRules("2026.3-privacy", _KINDS)
# Every version ever shown stays here.
RULES = {one.version: one for one in (RetentionRules("2026.1-privacy", _FIRST), RetentionRules("2026.2-privacy", _SECOND), DEFAULT)}
