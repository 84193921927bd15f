"""Figures of several workers as figures of one: numbers add up, what is true of all is true, the rest is the first one's.

It must never know what a figure means; what must not be added is kept apart under "workers".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


def merged(figures: Sequence[Json]) -> Json:
    """One level of dicts inside is added up too (drops by reason)."""
    total: Json = {}
    for one in figures:
        for name, value in one.items():
            total[name] = value if name not in total else _sum(total[name], value)
    return total


def _sum(before: Any, value: Any) -> Any:
    if isinstance(before, bool) and isinstance(value, bool):
        return before and value
    if isinstance(before, int | float) and isinstance(value, int | float):
        return before + value
    if isinstance(before, dict) and isinstance(value, dict):
        return merged([before, value])
    return before
