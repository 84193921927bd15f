"""What is told about assigned work: that there is some, that it is due, and to the branch that it was answered. Never what it is."""

from __future__ import annotations

from ..notifying import Kind

WORK_ASSIGNED = Kind(
    "workAssigned",
    "支部给您分配了工作",
    "Your branch has assigned you work",
    "{org}给您分配了一项工作，请于 {day} 前完成。",
    "{org} has assigned you a piece of work, due by {day}.",
    "/file#work",
)
WORK_GIVEN_BACK = Kind(
    "workGivenBack",
    "所分配的工作请继续完成",
    "Assigned work is open again",
    "{org}退回了您对一项工作的答复，请查看理由并于 {day} 前完成。",
    "{org} has given back your answer about a piece of work. Read why; it is due by {day}.",
    "/file#work",
)
WORK_DUE = Kind(
    "workDue",
    "所分配的工作将到期",
    "Assigned work is due",
    "支部分配给您的工作请于 {day} 前完成；如有困难，请说明理由。",
    "Work your branch has assigned you is due by {day}. If something is in the way, say so.",
    "/file#work",
)
WORK_OVERDUE = Kind(
    "workOverdue",
    "所分配的工作已逾期",
    "Assigned work is overdue",
    "支部分配给您的工作应于 {day} 前完成，尚未答复。已完成请报告，有困难请说明理由。",
    "Work your branch has assigned you was due by {day} and has no answer. Say that it is done, or what is in the way.",
    "/file#work",
)
WORK_ANSWERED = Kind(
    "workAnswered",
    "党员答复了所分配的工作",
    "Assigned work was answered",
    "{org}分配的一项工作已有答复，请查看。",
    "Work that {org} has assigned was answered. Have a look.",
    "/members/{id}#work",
)
KINDS = (WORK_ASSIGNED, WORK_GIVEN_BACK, WORK_DUE, WORK_OVERDUE, WORK_ANSWERED)
