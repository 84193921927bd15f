"""Who gets through to impact assessments and a breach: the security office, auditors to read, and members concerned to its notice."""

from __future__ import annotations

from typing import Any

SECURITY = frozenset({"securityAdmin"})
READERS = SECURITY | {"auditor", "partAuditor"}
_BREACH = {
    "title": "邮件误发",
    "foundAt": "2025-03-01T08:00:00+08:00",
    "kinds": ["contact"],
    "people": 3,
    "happened": "名册误发到外部邮箱",
    "harm": "电话号码可能被他人使用",
    "measures": "已要求删除",
    "advice": "留意陌生来电",
    "contact": "办公室",
}

ALLOWED: dict[str, frozenset[str]] = {
    "protection.assessment_list": READERS,
    "protection.assess": SECURITY,
    "protection.breach_list": READERS,
    "protection.report": SECURITY,
    "protection.breach": READERS,
    "protection.change": SECURITY,
    "protection.add_line": SECURITY,
    "protection.tell": SECURITY,
    "protection.notice": READERS | {"plain"},  # who was told of it
}
BODIES: dict[str, Any] = {
    "protection.assess": {
        "title": "会议考勤",
        "occasion": "sensitive",
        "kinds": ["attendance"],
        "necessity": "组织生活记录所必需",
        "impact": "本人可见，影响较小",
        "measures": "不识别声音和面容",
        "conclusion": "acceptable",
        "assessedOn": "2025-03-01",
        "nextReviewOn": "2026-03-01",
    },
    "protection.report": _BREACH,
    "protection.change": {**_BREACH, "revision": 1},
    "protection.add_line": {"kind": "note", "text": "已更换密码"},
    "protection.tell": {"orgIds": ["demo-second"]},
}
