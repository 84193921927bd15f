"""Who gets through to a recording of the first branch's meeting: those on its list and those responsible; only the secretaries delete it.

An auditor reads sheets and watches nothing.
"""

from __future__ import annotations

from typing import Any

SECRETARIES = frozenset({"secretary", "deputy"})
WATCHERS = SECRETARIES | {"orgAdmin", "leader", "plain", "otherSecretary"}

ALLOWED: dict[str, frozenset[str]] = {
    "recordings.of_meeting": WATCHERS,
    "recordings.recording": WATCHERS,
    "recordings.film": WATCHERS,
    "recordings.delete": SECRETARIES,
}
BODIES: dict[str, Any] = {"recordings.delete": {"reason": "有人要求删除"}}
