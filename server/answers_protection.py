"""The sentences of refusals about impact assessments, breaches and upkeep; joined into the one table in `answers.py`."""

from __future__ import annotations

ANSWERS: dict[str, tuple[int, str, str]] = {
    "reviewTooEarly": (422, "评估日期不能晚于今天，下次评估日期（{day}）应晚于评估日期。",
                       "The day of the assessment cannot be after today, and the next review ({day}) comes after it."),
    "assessmentFollowed": (409, "这项评估已有新的评估，请从最新的一项继续。", "Another assessment has taken its place. Go on from the latest one."),
    "breachTold": (409, "已经通知党员，内容不能再改；请用补充记录说明。", "Members have been told in these words. Add a line instead of changing them."),
    "breachClosed": (409, "此事件已经办结。", "This breach has been closed."),
    "upkeepRunning": (409, "另一项维护正在进行，请等它完成。", "Something else is running. Wait until it has ended."),
    "dryRunFirst": (409, "请先试运行，看清数量后一小时内执行。", "Try it first; a dry run is good for an hour."),
    "foundInTheFuture": (422, "发现时间晚于现在，请核对。", "The time at which it was found is after now. Check it."),
}  # fmt: skip
