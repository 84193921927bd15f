"""What is told about dues: due, overdue, and to the branch that somebody is behind. Never an amount, never a name."""

from __future__ import annotations

from ..notifying import Kind

DUES_DUE = Kind(
    "duesDue",
    "党费将到期",
    "Dues are due",
    "{month} 的党费请于 {day} 前交纳。",
    "Your dues of {month} are due by {day}.",
    "/my-dues",
)
DUES_OVERDUE = Kind(
    "duesOverdue",
    "党费已逾期",
    "Dues are overdue",
    "{month} 的党费应于 {day} 前交纳，尚无交纳记录。如已交纳或有困难，请与支部联系。",
    "There is no record of your dues of {month}, due by {day}. If you have paid, or something is in the way, speak to your branch.",
    "/my-dues",
)
DUES_OUTSTANDING = Kind(
    "duesOutstanding",
    "有人未按时交纳党费",
    "Dues are outstanding",
    "{org}有党员未按时交纳党费，请查看并提醒本人。",
    "Members of {org} are behind with their dues. Look at the list and remind them.",
    "/dues",
)
KINDS = (DUES_DUE, DUES_OVERDUE, DUES_OUTSTANDING)
