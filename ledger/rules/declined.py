"""A step that may not be taken, as a value: a stable code, what it is about, and a sentence in both languages that says what to do.

Rules answer it instead of raising, so that a batch can go on past one bad line; an action turns it into a refusal. `family` is the
kind of refusal it becomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Family(StrEnum):
    CONFLICT = "conflict"  # the state of things does not allow it, or no longer
    INVALID = "invalid"  # what was entered cannot be
    FORBIDDEN = "forbidden"  # not for this side


@dataclass(frozen=True, slots=True)
class Declined:
    code: str
    params: tuple[tuple[str, Any], ...] = ()

    @property
    def family(self) -> Family:
        return SENTENCES[self.code][0]

    def sentence(self, locale: str) -> str:
        _, zh, en = SENTENCES[self.code]
        return (zh if locale == "zh" else en).format(**dict(self.params))


def declined(code: str, **params: Any) -> Declined:
    return Declined(code, tuple(sorted(params.items())))


_C, _I, _F = Family.CONFLICT, Family.INVALID, Family.FORBIDDEN
SENTENCES: dict[str, tuple[Family, str, str]] = {
    "changedMeanwhile": (_C, "记录已被他人更改，请刷新后重试。", "Somebody else has changed this meanwhile. Reload and try again."),
    "stepNotPossible": (
        _C,
        "当前状态下不能进行此操作，请刷新后查看。",
        "This step is not possible as things stand. Reload to see where they do.",
    ),
    "notYourStep": (_F, "此步骤由另一方办理。", "This step is for another side to take."),
    "reasonMissing": (_I, "请填写理由。", "Give a reason."),
    "registrationOpen": (
        _C,
        "该党员已有一条未结束的流动登记，请先办结。",
        "The member has an open floating registration. Close it first.",
    ),
    "contactMissing": (_I, "请填写联系方式。", "Say how the member can be reached."),
    "placeMissing": (_I, "请填写去向所在的市或区县。", "Name the city or district."),
    "dayOutOfOrder": (
        _I,
        "日期（{day}）早于前一步骤或晚于今天，请核对。",
        "The day ({day}) lies before the step before it or after today. Check it.",
    ),
    "rangeContradictsPlace": (_I, "流动范围与去向不一致，请核对。", "The range and the place contradict each other. Check them."),
    "hostIsHome": (_I, "接收支部不能是组织关系所在支部。", "The host cannot be the home branch itself."),
    "consentMissing": (
        _C,
        "党员尚未单独同意向接收方提供信息，请先由本人同意。",
        "The member has not given separate consent to share with the host. Ask the member first.",
    ),
    "transferConsentMissing": (
        _C,
        "党员尚未同意向接收方提供转接所需信息：请本人在转接页面确认；联系不上的，由支部注明依据后代为申请。",
        "The member has not yet consented to the receiving side being told. Ask the member to agree on the page of the transfer; "
        "where that cannot be, the branch applies by naming the duty it acts on.",
    ),
    "transferConsentNeeded": (
        _I,
        "请先阅读并单独同意向接收方提供转接所需信息。",
        "Read what the receiving side is told, and consent to it separately.",
    ),
    "transferOpen": (_C, "该党员正在转接组织关系，请先办结。", "A transfer of this member is under way. Close it first."),
    "notOnTheRoll": (
        _C,
        "此人现不在册或已停止党籍，不能转接。",
        "This person is not on the roll, or suspended, and cannot be transferred.",
    ),
    "committeeUnknown": (_I, "没有这个党委，或已撤销，请另选。", "There is no such committee, or it has been closed. Choose another."),
    "sameBranch": (_I, "转入支部与现支部相同，请另选支部。", "That is the branch the member belongs to. Choose another."),
    "branchUnknown": (_I, "没有这个支部，或支部已撤销，请另选支部。", "There is no such branch, or it has been closed. Choose another."),
    "branchElsewhere": (
        _I,
        "该支部不属于接收党委，请另选支部。",
        "That branch does not belong to the receiving committee. Choose another.",
    ),
    "branchFull": (_C, "该支部已满员（{limit} 人），请另选支部。", "That branch is full ({limit} members). Assign another."),
    "destinationMissing": (_I, "请填写转往的组织。", "Name the organisation the relation is to be moved to."),
    "senderMissing": (_I, "请填写开具介绍信的组织。", "Name the organisation that issued the letter."),
    "letterNumberMissing": (_I, "请填写介绍信编号。", "Give the number of the letter."),
    "duesUnsettled": (_C, "党费只交至 {until}，请先结清。", "Dues are paid up to {until} only. Settle them first."),
    "validDaysOutOfRange": (_I, "有效期应为 1 至 {limit} 天。", "The letter must be valid for 1 to {limit} days."),
    "letterNumberUsed": (_I, "介绍信编号 {number} 已使用过，请换一个编号。", "Letter number {number} has been used. Take another."),
    "receiptMissing": (_C, "尚未收到回执。", "There is no receipt yet."),
    "letterUnknown": (_I, "没有编号为 {number} 的介绍信，请核对。", "There is no letter with number {number}. Check it."),
    "letterVoid": (_C, "介绍信 {number} 已作废，请使用新的介绍信。", "Letter {number} is void. Use the new one."),
    "letterPresentedTwice": (
        _C,
        "介绍信 {number} 已经接收过，不能重复使用。",
        "Letter {number} has already been presented and cannot be used again.",
    ),
    "letterExpired": (
        _C,
        "介绍信 {number} 已于 {day} 到期，请由转出方重新开具。",
        "Letter {number} expired on {day}. Ask the sending committee to issue a new one.",
    ),
    "letterStillValid": (_C, "介绍信 {number} 有效至 {day}，尚未到期。", "Letter {number} is valid until {day}: it has not expired."),
    "letterFromTheFuture": (_I, "介绍信的日期晚于今天，请核对。", "The letter is dated after today. Check it."),
    "relationsOverlap": (
        _I,
        "组织关系记录重叠（支部 {branch}），请核对起止时间。",
        "Relations overlap (branch {branch}). Check when each begins and ends.",
    ),
    "relationGap": (
        _I,
        "组织关系记录中断（支部 {branch} 之前），请补全。",
        "The relation is interrupted before branch {branch}. Fill the gap.",
    ),
    "stageNotPossible": (
        _I,
        "类别与状态不符：已入党的不能改为申请人；申请人、积极分子、发展对象不适用留党察看和停止党籍。",
        "Stage and status do not go together: a member cannot become an applicant again, and probation or suspension are of members only.",
    ),
    "duesMonthsWrong": (
        _I,
        "月份（{first} 至 {last}）有误：先后颠倒、过早、过远，或一次超过 {limit} 个月。",
        "The months ({first} to {last}) are out of order, too early, too far ahead, or more than {limit} at once.",
    ),
    "duesDayWrong": (_I, "交纳日期（{day}）晚于今天或过早，请核对。", "The day of payment ({day}) is after today or too early. Check it."),
    "duesMonthPaid": (
        _C,
        "{member} {month} 的党费已有交纳记录。如有错误，请更正原记录。",
        "Dues of {month} are in the book of {member} already. If that line is wrong, correct it.",
    ),
    "duesNotOwed": (
        _C,
        "此人不在册，或其支部是临时党支部，不收党费。",
        "This person is not on the roll, or belongs to a temporary branch, where no dues are paid.",
    ),
    "workTitleMissing": (_I, "请写明分配的工作。", "Say what the work is."),
    "workNotAssignable": (
        _C,
        "只能给正常参加组织生活的党员分配工作。",
        "Work is assigned to members who take part in organisational life.",
    ),
    "workDuePast": (_I, "完成期限不能早于今天。", "The work cannot be due before today."),
    "workAnswered": (_C, "这项工作已经办结或收回，请刷新后查看。", "This work is not open any more. Reload to see what became of it."),
    "workOpen": (_C, "这项工作还没有答复，不能退回。", "This work has not been answered, so there is nothing to give back."),
    "duesLineReplaced": (_C, "这条记录已经更正过，请更正最新的一条。", "This line has been corrected already. Correct the latest one."),
    "certificateUnreadable": (
        _I,
        "无法识别此二维码，请让党员重新打开活动证页面。",
        "This code cannot be read. Ask the member to open the certificate again.",
    ),
}
