"""What is told about deliveries: an endpoint that takes nothing any more."""

from __future__ import annotations

from ..notifying import Kind

WEBHOOK_DISABLED = Kind(
    "webhookDisabled",
    "回调已停用",
    "A webhook is disabled",
    "{org}的一个回调连续多日没有成功，已自动停用，请检查后重新启用。",
    "A webhook of {org} has taken nothing for days and is disabled. Look at it and turn it on again.",
    "/webhooks",
)
KINDS = (WEBHOOK_DISABLED,)
