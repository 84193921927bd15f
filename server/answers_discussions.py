"""The sentences of refusals about discussions; joined into the one table in `answers.py`."""

from __future__ import annotations

ANSWERS: dict[str, tuple[int, str, str]] = {
    "contributionEmpty": (422, "内容为空。", "There is nothing in it."),
    "contributionTooLong": (422, "内容过长，最多 {limit} 字。", "That is too long: {limit} characters at most."),
    "threadNotHere": (422, "讨论在支部或党小组内进行；上级组织可以发布公告。", "Discussions are held in branches and Party groups; above them there are announcements."),
    "threadClosed": (409, "讨论已经关闭，不能再回复。", "This discussion has been closed."),
    "tooLateToEdit": (409, "只能在发布后 {hours} 小时内、讨论未关闭时修改，最多 {times} 次。",
                      "Words can be changed for {hours} hours, {times} times at most, while the discussion is open."),
    "tooLateToDelete": (409, "只能在发布后 {minutes} 分钟内、没有人回复时撤回。", "Words can be taken back for {minutes} minutes, and an opening only while nobody has answered."),
}  # fmt: skip
