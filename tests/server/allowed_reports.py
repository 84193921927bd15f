"""Who gets through to the thought report of member 7, which has been handed in, and to its file: the member, and the branch's secretaries.

Neither administrators nor auditors, nor the branch where somebody else floats.
"""

from __future__ import annotations

from typing import Any

from tests.support.rest import ROLES

EVERYBODY = frozenset(ROLES)
PEOPLE = frozenset({"secretary", "deputy", "leader", "plain", "stranger", "otherSecretary", "hostSecretary", "applicant"})
READERS = frozenset({"secretary", "deputy"})
WRITER = frozenset({"plain"})

ALLOWED: dict[str, frozenset[str]] = {
    "reports.own": EVERYBODY,
    "reports.begin": PEOPLE,
    "reports.tray": EVERYBODY,
    "reports.due": EVERYBODY,
    "reports.report": READERS | WRITER,
    "reports.save": WRITER,
    "reports.discard": WRITER,
    "reports.hand_in": WRITER,
    "reports.take_back": WRITER,
    "reports.give_back": READERS,
    "reports.answer": READERS,
    "reports.attach": WRITER,
    "attachments.fetch": READERS | WRITER,
    "attachments.remove": WRITER,
}
BODIES: dict[str, Any] = {
    "reports.begin": {"title": "第一季度", "text": "草稿"},
    "reports.save": {"revision": 1, "title": "改", "text": "改"},
    "reports.hand_in": {"revision": 1},
    "reports.give_back": {"note": "请结合工作谈一谈"},
    "reports.answer": {"note": "写得很认真"},
}
