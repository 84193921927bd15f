"""Every text people were ever told about their data, by kind and version: what is measured, what a host or the receiving side of a
transfer sees, and the table of retention. Whoever consented to an earlier version can read what it said.

It only gathers: the texts are where they are used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .mobilityrules import DEFAULT as MOBILITY
from .retention import DEFAULT as RETENTION
from .retention import RULES, DataKind
from .rulebook import RULEBOOKS, Rulebook
from .sharingnotice import NOTICES, TRANSFER_NOTICES, TRANSFER_VERSION


class NoticeKind(StrEnum):
    MEASURING = "measuring"
    SHARING = "sharing"
    TRANSFER = "transfer"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class NoticeVersion:
    """`current`: the one shown to whoever is asked today. A text is in paragraphs, or a table of `kinds`."""

    kind: NoticeKind
    version: str
    current: bool
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    kinds: tuple[DataKind, ...] = ()


def notice_versions(rulebook: Rulebook, rulebooks: Iterable[Rulebook] = tuple(RULEBOOKS.values())) -> list[NoticeVersion]:
    """By kind, the current one first, then the earlier ones, latest first. `rulebook`: the one in force; several can share a notice."""
    measuring = {one.notice_version: one for one in rulebooks} | {rulebook.notice_version: rulebook}
    sharing, moving, kept = MOBILITY.consent_version, TRANSFER_VERSION, RETENTION.version
    found = [
        *(_measuring(one, version == rulebook.notice_version) for version, one in measuring.items()),
        *(NoticeVersion(NoticeKind.SHARING, one.version, one.version == sharing, one.zh, one.en) for one in NOTICES.values()),
        *(NoticeVersion(NoticeKind.TRANSFER, one.version, one.version == moving, one.zh, one.en) for one in TRANSFER_NOTICES.values()),
        *(NoticeVersion(NoticeKind.RETENTION, one.version, one.version == kept, kinds=one.kinds) for one in RULES.values()),
    ]
    latest = sorted(found, key=lambda one: one.version, reverse=True)
    order = list(NoticeKind)
    return sorted(latest, key=lambda one: (order.index(one.kind), not one.current))


def _measuring(rulebook: Rulebook, current: bool) -> NoticeVersion:
    return NoticeVersion(NoticeKind.MEASURING, rulebook.notice_version, current, rulebook.notice("zh"), rulebook.notice("en"))
