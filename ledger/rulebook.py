"""The rulebook: every number the rules use, with the reason for it beside it, as one value with a version and a hash.

It decides nothing itself and knows no meeting: rules take it as an argument, so that last year's meeting can be computed again with last
year's rulebook. Bases are named as the source itself is called; where no published rule gives a number, the basis says that it is ours.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .model import MeetingForm


def _parameter(default: Any, unit: str, zh: str, en: str, basis_zh: str, basis_en: str) -> Any:
    texts = {"unit": unit, "title_zh": zh, "title_en": en, "basis_zh": basis_zh, "basis_en": basis_en}
    return field(default=default, metadata=texts)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of the rulebook as people read it. `unit`: share | seconds | days | years | points."""

    key: str
    value: float
    unit: str
    title_zh: str
    title_en: str
    basis_zh: str
    basis_en: str

    def spelled(self, locale: str) -> str:
        """The value with its unit, as it is put before people."""
        if self.unit == "share":
            return f"{self.value * 100:g}%"
        zh, en = {"seconds": (" 秒", " s"), "days": (" 天", " days"), "years": (" 年", " years"), "points": (" 分", " points")}[self.unit]
        return f"{self.value:g}{zh if locale == 'zh' else en}"


@dataclass(frozen=True, slots=True)
class PointRule:
    """What one attended meeting of a form is worth, and how much of it counts in a year."""

    kind: str
    form: MeetingForm
    points: float
    yearly_cap: float


def _attended(form: MeetingForm, points: float, cap: float) -> PointRule:
    return PointRule(kind=f"attended.{form.value}", form=form, points=points, yearly_cap=cap)


_POINT_RULES = (
    _attended(MeetingForm.BRANCH_GENERAL_MEETING, 2, 8),
    _attended(MeetingForm.BRANCH_COMMITTEE_MEETING, 1, 12),
    _attended(MeetingForm.PARTY_GROUP_MEETING, 1, 12),
    _attended(MeetingForm.PARTY_LECTURE, 2, 8),
    _attended(MeetingForm.THEMED_PARTY_DAY, 1, 12),
    _attended(MeetingForm.ORG_LIFE_MEETING, 2, 4),
    _attended(MeetingForm.DEMOCRATIC_EVALUATION, 2, 2),
)


@dataclass(frozen=True, slots=True)
class Rulebook:
    version: str = "2026.1"
    present_share: float = _parameter(
        0.8,
        "share",
        "到会认定比例：在会时间占正式会议时间的比例不低于此值，认定为到会",
        "Presence threshold: present from this share of the formal session on",
        "本系统默认值；上级组织可为本组织另行设定",
        "our default; the organisation may set its own",
    )
    partly_present_seconds: float = _parameter(
        1.0,
        "seconds",
        "部分到会的最短在会时间",
        "Shortest presence that counts as partly present",
        "本系统默认值：误点即退不算到会",
        "our default: opening the page by mistake is not taking part",
    )
    bridge_tolerance: float = _parameter(
        60.0,
        "seconds",
        "断线容忍时间：不超过此时间的中断计入在会时间，并单独标明",
        "Bridged gap: an interruption up to this length counts as presence and is marked",
        "本系统默认值：切换网络或重新连接一般在一分钟以内",
        "our default: changing networks or reconnecting takes less than a minute",
    )
    lateness_tolerance: float = _parameter(
        300.0,
        "seconds",
        "迟到容忍时间：会议开始后不超过此时间进入，不记迟到",
        "Lateness tolerance: joining up to this long after the opening is not late",
        "本系统默认值",
        "our default",
    )
    early_leaving_tolerance: float = _parameter(
        300.0,
        "seconds",
        "早退容忍时间：会议结束前不超过此时间离开，不记早退",
        "Early-leaving tolerance: leaving up to this long before the end is not early",
        "本系统默认值",
        "our default",
    )
    objection_window_days: float = _parameter(
        7.0,
        "days",
        "异议期：会议结束后本人可提出异议的天数",
        "Objection window: days after the end in which a member may object",
        "本系统默认值",
        "our default",
    )
    record_retention_years: float = _parameter(
        10.0,
        "years",
        "会议考勤记录保存年限",
        "Retention of the attendance record",
        "与支部会议记录的通行保存年限一致",
        "the customary retention of a branch's minutes",
    )
    recording_retention_days: float = _parameter(
        30.0,
        "days",
        "会议录制的保存天数，到期自动删除",
        "Retention of a recording of a meeting; then it is deleted",
        "本系统默认值：录制是办事的辅助，不是档案；个人信息的保存期限应为实现目的所必需的最短时间（个人信息保护法第十九条）",
        "our default: an aid and no record; personal information is kept for the shortest time its purpose needs (PIPL, art. 19)",
    )
    points_floor: float = _parameter(
        0.0,
        "points",
        "积分下限；每年重新起算，本人不设排名",
        "Lowest total of points; counted anew every year, never ranked",
        "本系统默认值：积分只增不扣，也不作为评价的唯一依据",
        "our default: nothing is taken away, and points are never the sole basis of an assessment",
    )
    point_rules: tuple[PointRule, ...] = _POINT_RULES
    notice_version: str = "2026-1"

    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter with its value and basis, in the order they are explained."""
        return tuple(Parameter(key=f.name, value=getattr(self, f.name), **f.metadata) for f in fields(self) if f.metadata)

    def content_hash(self) -> str:
        """SHA-256 over everything that can change a result; two rulebooks with one hash compute the same."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def notice(self, locale: str, present_share: float | None = None) -> tuple[str, ...]:
        """The paragraphs shown at the door before joining: what is measured, by which rule, who sees it, how long it is kept."""
        share = self.present_share if present_share is None else present_share
        values = asdict(self) | {"share": f"{share * 100:g}%"}
        return tuple(text.format(**values) for text in (_NOTICE_ZH if locale == "zh" else _NOTICE_EN))


_NOTICE_ZH = (
    "测量内容：您的设备进入和离开会议的时刻、音视频是否送达服务器、麦克风打开时的发言时段。"
    "不识别声音和面容，不定位，不录音录像（如需录制会另行告知）。",
    "认定规则：在会时间达到正式会议时间的 {share} 认定为到会；多台设备的时间合并计算一次；"
    "不超过 {bridge_tolerance:g} 秒的断线计入在会时间并标明。"
    "发言为零不等于缺席，网络故障本身不作不利认定。规则版本 {version}。",
    "谁能看到：您本人能看到自己的全部记录；会议组织的书记和管理人员、上级组织的审计人员能看到考勤表。"
    "您在其他支部参加组织生活的，所在支部和接收支部都能看到该次考勤。不排名，不公布积分榜。",
    "保存期限：考勤记录保存 {record_retention_years:g} 年。会议结束后 {objection_window_days:g} 天内您可以对自己的记录提出异议，"
    "由书记处理；更正会注明更正人和理由，原始记录保留。",
)
_NOTICE_EN = (
    "What is measured: when your devices join and leave, whether sound and picture reach the server, and when you speak "
    "with the microphone on. No voice or face recognition, no positioning, no recording (you would be told separately).",
    "By which rule: you are present from {share} of the formal session on; several devices count once; an interruption of up to "
    "{bridge_tolerance:g} seconds counts as presence and is marked. Not speaking is not absence, and a network failure by itself is not "
    "held against you. Rulebook {version}.",
    "Who sees it: you see all of your own record; the secretary and the administrators of the organisation that holds the meeting and its "
    "auditors see the sheet. If you take part away from your home branch, both branches see that attendance. "
    "No ranking and no league table.",
    "How long: the record is kept for {record_retention_years:g} years. Within {objection_window_days:g} days after the end you may object "
    "to your own record, and the secretary decides; a correction names its author and reason, and the original stays.",
)

DEFAULT = Rulebook()
RULEBOOKS = {DEFAULT.version: DEFAULT}  # every version ever used stays here, so that an old sheet can be made again
