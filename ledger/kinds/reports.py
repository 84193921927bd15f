"""What is told about thought reports: due, overdue, handed in, returned, answered. Never a word of what stands in one."""

from __future__ import annotations

from ..notifying import Kind

REPORT_DUE = Kind(
    "reportDue",
    "思想汇报将到期",
    "A thought report is due",
    "您的思想汇报请在 {day} 前提交。",
    "Your thought report is due by {day}.",
    "/reports",
)
REPORT_OVERDUE = Kind(
    "reportOverdue",
    "思想汇报已逾期",
    "A thought report is overdue",
    "您的思想汇报应在 {day} 前提交，现已逾期。如有困难，请与支部书记联系。",
    "Your thought report was due by {day}. If something is in the way, speak to your secretary.",
    "/reports",
)
REPORTS_OUTSTANDING = Kind(
    "reportsOutstanding",
    "有人逾期未交思想汇报",
    "Thought reports are outstanding",
    "{org}有党员的思想汇报逾期，请查看并联系本人。",
    "Thought reports of members of {org} are overdue. Look at the list and get in touch.",
    "/reports/branch",
)
REPORT_HANDED_IN = Kind(
    "reportHandedIn",
    "收到思想汇报",
    "A thought report came in",
    "{name}提交了思想汇报，请阅读并答复。",
    "{name} has handed in a thought report. Read and answer it.",
    "/reports/{id}",
)
REPORT_RETURNED = Kind(
    "reportReturned",
    "思想汇报需要修改",
    "A thought report came back",
    "您的思想汇报已退回，请按意见修改后再次提交。",
    "Your thought report came back for revision. Change it and hand it in again.",
    "/reports/{id}",
)
REPORT_ANSWERED = Kind(
    "reportAnswered",
    "思想汇报已有答复",
    "A thought report is answered",
    "您的思想汇报已经有了答复。",
    "Your thought report has been answered.",
    "/reports/{id}",
)
KINDS = (REPORT_DUE, REPORT_OVERDUE, REPORTS_OUTSTANDING, REPORT_HANDED_IN, REPORT_RETURNED, REPORT_ANSWERED)
