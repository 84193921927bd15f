"""Who gets through to a thread of the first branch, opened by member 7: its members, who floats there, and those who administer it.

Neither auditors nor whoever runs the installation, nor other branches.
"""

from __future__ import annotations

from typing import Any

from tests.support.rest import ROLES

EVERYBODY = frozenset(ROLES)
MEMBERS = frozenset({"secretary", "deputy", "leader", "plain"})
MODERATORS = frozenset({"secretary", "deputy", "orgAdmin"})

ALLOWED: dict[str, frozenset[str]] = {
    "discussions.branch": EVERYBODY,
    "discussions.search": EVERYBODY,
    "discussions.open_thread": MEMBERS,
    "discussions.people": MEMBERS | MODERATORS,
    "discussions.thread": MEMBERS | MODERATORS,
    "discussions.contribute": MEMBERS,
    "discussions.close": MODERATORS,
    "discussions.readers": MODERATORS,
    "discussions.hide": MODERATORS,
    "discussions.edit": frozenset({"plain"}),
    "discussions.versions": MODERATORS | {"plain"},
    "discussions.delete": frozenset({"plain"}),
    "discussions.attach": frozenset({"plain"}),
}
BODIES: dict[str, Any] = {
    "discussions.open_thread": {"orgId": "demo-first", "kind": "discussion", "title": "读书", "text": "本月读什么？"},
    "discussions.contribute": {"text": "同意"},
    "discussions.edit": {"text": "改过的话"},
    "discussions.close": {"closed": False},
    "discussions.hide": {"reason": "与主题无关"},
}
