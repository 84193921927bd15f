"""What a rule found odd in the facts, as a value with a stable code and a sentence in both languages. It never stops a computation.

A complaint says what was done about it, because a reader of the sheet must be able to judge the number beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Complaint:
    """`fact_number`: the fact it is about (0: none in particular). `params` are plain values that fill the sentence."""

    code: str
    member_id: str | None = None
    fact_number: int = 0
    params: tuple[tuple[str, Any], ...] = ()

    def sentence(self, locale: str) -> str:
        zh, en = SENTENCES[self.code]
        return (zh if locale == "zh" else en).format(number=self.fact_number, **dict(self.params))


def in_order(complaints: set[Complaint]) -> tuple[Complaint, ...]:
    """One order for the same complaints, whatever order the facts came in."""
    return tuple(sorted(complaints, key=lambda c: (c.fact_number, c.code, c.member_id or "", repr(c.params))))


SENTENCES: dict[str, tuple[str, str]] = {
    "keyReused": (
        "第 {number} 号事实与较早的事实键相同而内容不同，未采用",
        "fact {number} repeats the key of an earlier one with other content; not used",
    ),
    "factMalformed": ("第 {number} 号事实内容不完整，未采用", "fact {number} is incomplete; not used"),
    "openedTwice": ("会议进行中再次记录了开始（第 {number} 号），以首次为准", "opened again while open (fact {number}); the first counts"),
    "endedTwice": ("会议结束被重复记录（第 {number} 号）", "the end was recorded more than once (fact {number})"),
    "endedWithoutOpened": ("只记录了会议结束而没有开始（第 {number} 号），未采用", "an end without an opening (fact {number}); not used"),
    "neverOpened": ("没有会议开始的记录，按会议登记的时间计算", "no opening recorded; the times registered for the meeting are used"),
    "neverEnded": ("没有会议结束的记录，按最后一次记录推定", "no end recorded; inferred from the last fact"),
    "joinedTwice": ("同一连接重复进入（第 {number} 号），以首次为准", "the same connection joined twice (fact {number}); the first counts"),
    "leftWithoutJoined": (
        "连接离开但没有进入记录（第 {number} 号），未采用",
        "a connection left without having joined (fact {number}); not used",
    ),
    "neverLeft": ("连接没有离开记录，按会议结束推定", "a connection never left; the end of the session is inferred"),
    "clockWentBack": (
        "离开时刻早于进入时刻（第 {number} 号），该连接计零秒",
        "left before it joined by its own clock (fact {number}); counted as zero seconds",
    ),
    "notOnTheList": ("不在会议名单上的人员有在会记录", "somebody not on the list has a record of presence"),
    "leaveAfterStart": ("请假在会议开始后提出，已由书记批准", "leave was asked for after the opening and approved all the same"),
    "speechMalformed": ("发言时段无效（第 {number} 号），未采用", "an invalid stretch of speech (fact {number}); not used"),
    "speechWithoutConnection": (
        "发言时段找不到对应的连接（第 {number} 号），未采用",
        "speech on an unknown connection (fact {number}); not used",
    ),
    "confirmationMalformed": ("确认的时段无效（第 {number} 号），未采用", "an invalid confirmed stretch (fact {number}); not used"),
    "correctionMalformed": (
        "更正的项目或数值无效（第 {number} 号），未采用",
        "a correction with an invalid field or value (fact {number}); not used",
    ),
    "correctionWithoutReason": (
        "更正没有署名或理由（第 {number} 号），未采用",
        "a correction without author or reason (fact {number}); not used",
    ),
    "correctionBeyondSession": (
        "更正的时间超过会议时间（第 {number} 号），按会议时间计",
        "a corrected time longer than the session (fact {number}); cut to the session",
    ),
    "objectionAfterWindow": ("异议在异议期之后提出（第 {number} 号）", "an objection after the window (fact {number})"),
    "decidedWithoutObjection": (
        "对不存在的异议作出了决定（第 {number} 号），未采用",
        "a decision about an unknown objection (fact {number}); not used",
    ),
    "decidedTwice": ("异议被重复决定（第 {number} 号），以首次为准", "an objection decided again (fact {number}); the first counts"),
}
