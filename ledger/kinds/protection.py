"""What members are told of a breach that concerns them: that there was one, and where to read what. Nothing of it leaves by mail."""

from __future__ import annotations

from ..notifying import Kind

BREACH = Kind(
    "breachNotice",
    "个人信息安全事件通知",
    "Notice of a breach of personal information",
    "发生了涉及您个人信息的安全事件，请查看发生了什么、已采取的措施和您可以怎样防范。",
    "There was a breach that concerns your personal information. Read what happened, what was done, and what you can do.",
    "/breach-notices/{id}",
    urgent=True,
)
KINDS = (BREACH,)
