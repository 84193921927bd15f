"""The rulebook of mobile members: every number of registrations, transfers and clocks, with its basis, as one value with a version.

Kept apart from `rulebook.Rulebook` so that a change of a deadline leaves the hash under last year's attendance sheets alone. It decides
nothing. A number that no central rule gives is said to be ours, since people are warned by it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any


def _clause(default: int, unit: str, zh: str, en: str, basis_zh: str, basis_en: str) -> Any:
    texts = {"unit": unit, "title_zh": zh, "title_en": en, "basis_zh": basis_zh, "basis_en": basis_en}
    return field(default=default, metadata=texts)


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of the rulebook as people read it. `unit`: days | months | members | switch."""

    key: str
    value: int
    unit: str
    title_zh: str
    title_en: str
    basis_zh: str
    basis_en: str

    def spelled(self, locale: str) -> str:
        if self.unit == "switch":
            return ("是" if self.value else "否") if locale == "zh" else ("yes" if self.value else "no")
        zh, en = {"days": (" 天", " days"), "months": (" 个月", " months"), "members": (" 人", " members")}[self.unit]
        return f"{self.value}{zh if locale == 'zh' else en}"

    def basis(self, locale: str) -> str:
        return self.basis_zh if locale == "zh" else self.basis_en


_OURS = ("本系统默认值", "our default")
_REGS_25 = ("《中国共产党党员教育管理工作条例》第二十五条", "Regulations on the Education and Management of Party Members (2019), art. 25")
_REGS_FLOATING = (
    "《中国共产党党员教育管理工作条例》第三十二至三十四条",
    "Regulations on the Education and Management of Party Members (2019), arts. 32–34",
)
_REGS_LOST = (
    "《中国共产党党员教育管理工作条例》关于失联党员的规定",
    "Regulations on the Education and Management of Party Members (2019), on lost contact",
)
_OPINION_2006 = ("2006 年关于流动党员管理工作的意见", "Opinion of 2006 on the management of floating members")
_RULES_2024 = ("2024 年关于流动党员的规定", "central rules of 2024 on floating members")
_CONSTITUTION_9 = ("《中国共产党章程》第九条", "Constitution of the Communist Party of China, art. 9")
_LETTER = ("组织关系介绍信格式：有效期不超过九十天", "form of the letter of introduction: valid for 90 days at most")


@dataclass(frozen=True, slots=True)
class MobilityRules:
    version: str = "2026.1-mobility"
    floating_months: int = _clause(
        6,
        "months",
        "流动党员定义：连续不能参加组织关系所在支部活动的月数",
        "Away from home branch life for this long: a floating member",
        *_RULES_2024,
    )
    remote_life_interrupts: int = _clause(
        0,
        "switch",
        "远程参加组织关系所在支部的活动是否中断上述月数",
        "Taking part in home branch life remotely interrupts these months",
        "规定未提及远程参加，本系统默认不中断，并单独列出",
        "the rules do not speak of taking part remotely; our default is that it does not, and it is shown beside",
    )
    report_in_days: int = _clause(30, "days", "报到期限", "Days to report in at the host", *_OURS)
    contact_months: int = _clause(
        3,
        "months",
        "联系周期：每个周期至少一次",
        "Contact: at least once in each period of",
        "多地规定，每季度至少一次",
        "local rules: once a quarter",
    )
    contact_abroad_months: int = _clause(6, "months", "境外联系周期", "Contact abroad: at least once in each period of", *_REGS_FLOATING)
    yearly_report_months: int = _clause(
        12, "months", "向组织关系所在支部汇报的周期", "Report to the home organisation in each period of", *_OPINION_2006
    )
    annual_check_months: int = _clause(12, "months", "活动证查验周期", "Annual check of the activity certificate", *_OPINION_2006)
    thought_report_probationary_months: int = _clause(
        3, "months", "预备党员思想汇报周期", "Thought reports of probationary members", *_OURS
    )
    thought_report_applicant_months: int = _clause(6, "months", "入党申请人思想汇报周期", "Thought reports of applicants", *_OURS)
    thought_report_active_applicant_months: int = _clause(
        3, "months", "入党积极分子思想汇报周期", "Thought reports of active applicants", *_OURS
    )
    thought_report_candidate_months: int = _clause(
        3, "months", "发展对象思想汇报周期", "Thought reports of candidates for admission", *_OURS
    )
    thought_report_floating_months: int = _clause(6, "months", "流动党员思想汇报周期", "Thought reports of floating members", *_OURS)
    thought_report_full_months: int = _clause(
        0, "months", "其他正式党员思想汇报周期（0 为不安排）", "Thought reports of other full members (0: none)", *_OURS
    )
    remind_days: int = _clause(14, "days", "到期前提醒天数", "Reminder before a due day", *_OURS)
    escalate_days: int = _clause(30, "days", "逾期后报上级天数", "Escalation to the superior after a due day", *_OURS)
    lapse_months: int = _clause(
        6,
        "months",
        "无正当理由连续不参加组织生活、不交党费、不做所分配工作的月数",
        "Without organisational life, dues and assigned work, without proper reason",
        *_CONSTITUTION_9,
    )
    lapse_warn_days: int = _clause(30, "days", "上述期限届满前预警天数", "Warning before that", *_OURS)
    suspension_months: int = _clause(
        6, "months", "失联后查找满此月数，可提出停止党籍", "Lost contact after search: suspension may be put forward", *_REGS_LOST
    )
    removal_months: int = _clause(
        24, "months", "停止党籍后满此月数仍失联，可提出除名", "After suspension: removal may be put forward", *_REGS_LOST
    )
    graduate_months: int = _clause(24, "months", "毕业生组织关系保留的最长月数", "A graduate's relation stays at most", *_REGS_FLOATING)
    fixed_place_months: int = _clause(
        6, "months", "在固定地点满此月数，应转接组织关系", "At a fixed place for this long: move the relation", *_REGS_25
    )
    letter_valid_days: int = _clause(90, "days", "介绍信有效期上限", "Letter of introduction: valid days at most", *_LETTER)
    home_decision_days: int = _clause(15, "days", "转出方审核、审批期限", "Days for the sending side to check and decide", *_OURS)
    host_decision_days: int = _clause(
        15, "days", "转入方接收、编入支部、回执期限", "Days for the receiving side to assign and answer", *_OURS
    )
    closing_days: int = _clause(15, "days", "收到回执后办结期限", "Days to close after the receipt", *_OURS)
    branch_full_at: int = _clause(
        50, "members", "支部党员人数上限", "A branch is full from this many members", "支部一般不超过五十人", "generally at most 50"
    )
    consent_version: str = "2026-2"

    def clauses(self) -> tuple[Clause, ...]:
        return tuple(Clause(key=f.name, value=getattr(self, f.name), **f.metadata) for f in fields(self) if f.metadata)

    def clause(self, key: str) -> Clause:
        return next(clause for clause in self.clauses() if clause.key == key)

    def content_hash(self) -> str:
        """SHA-256 over everything that can change a result."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


DEFAULT = MobilityRules()
MOBILITY_RULES = {DEFAULT.version: DEFAULT}  # every version ever used stays here
