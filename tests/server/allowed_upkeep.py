"""Who gets through to the upkeep of the installation: who runs it, and nobody else."""

from __future__ import annotations

from typing import Any

SYSTEM = frozenset({"systemAdmin"})

ALLOWED: dict[str, frozenset[str]] = {"upkeep.state": SYSTEM, "upkeep.begin": SYSTEM}
BODIES: dict[str, Any] = {"upkeep.begin": {"what": "purge"}}  # a conflict, since it was not tried before: nothing is set going
