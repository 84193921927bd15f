"""What is told about transfers: a step for somebody to take, one that was taken, a day that comes near or has passed."""

from __future__ import annotations

from ..notifying import Kind

TRANSFER_WAITS = Kind(
    "transferWaits",
    "组织关系转接待办理",
    "A transfer waits for you",
    "有一件组织关系转接等待{org}办理，请于 {until} 前处理。",
    "A transfer waits for {org}. Please take the next step by {until}.",
    "/transfers/{id}",
)
TRANSFER_MOVED_ON = Kind(
    "transferMovedOn",
    "组织关系转接有新进展",
    "Your transfer has moved on",
    "您的组织关系转接有新进展，请查看下一步由谁办理。",
    "Your transfer has moved on. See who takes the next step.",
    "/transfers/{id}",
)
TRANSFER_CAME_BACK = Kind(
    "transferCameBack",
    "组织关系转接未能继续",
    "Your transfer cannot go on as it is",
    "您的组织关系转接被退回或已终止，请查看理由。",
    "Your transfer was sent back or has ended. See the reason.",
    "/transfers/{id}",
)
TRANSFER_DONE = Kind(
    "transferDone",
    "组织关系已转入",
    "The relation has been moved",
    "组织关系已转入{org}，今后参加{org}的组织生活。",
    "The relation now belongs to {org}, where organisational life takes place from now on.",
    "/transfers/{id}",
)
TRANSFER_DUE_SOON = Kind(
    "transferDueSoon",
    "组织关系转接即将到期",
    "A transfer is due soon",
    "一件组织关系转接须在 {until} 前办理，请尽快处理。",
    "A transfer has to be dealt with by {until}.",
    "/transfers/{id}",
)
TRANSFER_OVERDUE = Kind(
    "transferOverdue",
    "组织关系转接已逾期",
    "A transfer is overdue",
    "一件组织关系转接已于 {until} 到期，仍未办理，请尽快处理。",
    "A transfer was due on {until} and still waits.",
    "/transfers/{id}",
)
LETTER_EXPIRING = Kind(
    "letterExpiring",
    "介绍信即将到期",
    "A letter of introduction expires soon",
    "组织关系介绍信有效期至 {until}，请在此前到转入地党组织报到。",
    "The letter of introduction is valid until {until}. Present it before then.",
    "/transfers/{id}",
    urgent=True,
)
LETTER_EXPIRED = Kind(
    "letterExpired",
    "介绍信已过期",
    "A letter of introduction has expired",
    "组织关系介绍信已于 {until} 到期，须由转出地党委重新开具。",
    "The letter of introduction expired on {until}. The sending committee has to issue a new one.",
    "/transfers/{id}",
)
TRANSFER_CONSENT_ASKED = Kind(
    "transferConsentAsked",
    "请确认组织关系转接的信息提供",
    "Your consent to a transfer is asked",
    "支部已为您申请转接组织关系。开具介绍信前需您单独同意向接收方提供信息，请查看。",
    "Your branch has applied to move your relation. Before a letter is issued you are asked to consent to the receiving side being told.",
    "/transfers/{id}",
)
TRANSFER_CONSENT_GIVEN = Kind(
    "transferConsentGiven",
    "本人已同意转接信息提供",
    "A member has consented to a transfer",
    "一名党员已同意向接收方提供转接所需信息，可以继续办理。",
    "A member has consented to the receiving side being told. The transfer can go on.",
    "/transfers/{id}",
)
TRANSFER_CONSENT_WITHDRAWN = Kind(
    "transferConsentWithdrawn",
    "本人撤回了转接信息提供的同意",
    "A member has withdrawn consent to a transfer",
    "一名党员撤回了对转接信息提供的同意，请与本人商定后续办理。",
    "A member has withdrawn consent to the receiving side being told. Settle with the member what is to be done.",
    "/transfers/{id}",
)
KINDS = (
    TRANSFER_CONSENT_ASKED,
    TRANSFER_CONSENT_GIVEN,
    TRANSFER_CONSENT_WITHDRAWN,
    TRANSFER_WAITS,
    TRANSFER_MOVED_ON,
    TRANSFER_CAME_BACK,
    TRANSFER_DONE,
    TRANSFER_DUE_SOON,
    TRANSFER_OVERDUE,
    LETTER_EXPIRING,
    LETTER_EXPIRED,
)
