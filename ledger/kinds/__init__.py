"""Every kind of notification there is. A part of the ledger keeps its own in a file here and joins it with one line below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..notifying import Kind
from . import delivery, discussions, dues, floating, meetings, protection, reports, transfers, work


def joined(parts: Iterable[Iterable[Kind]]) -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for kind in (kind for part in parts for kind in part):
        if kind.code in found:
            raise ValueError(f"two kinds of notification are called {kind.code}")
        found[kind.code] = kind
    return MappingProxyType(found)


KINDS: Mapping[str, Kind] = joined(
    (
        meetings.KINDS,
        discussions.KINDS,
        delivery.KINDS,
        reports.KINDS,
        floating.KINDS,
        transfers.KINDS,
        dues.KINDS,
        protection.KINDS,
        work.KINDS,
    )
)  # fmt: skip
