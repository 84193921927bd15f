"""The tree of organisations as a process holds it, with what is asked of it again and again; and how many are on the roll of each.

Values only: read once for each state of their tables (`marks`), never changed, shared by all transactions that see the same state. What is
asked costs what it finds, and not how large the tree is; only a search by a part of a name looks at every organisation.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import islice

from ..model import BRANCH_KINDS, OrgKind, OrgUnit
from ..ports import OrgQuery, Reach


class Tree:
    """`units`: parents before children, siblings by code."""

    def __init__(self, units: Iterable[OrgUnit]) -> None:
        ordered = sorted(units, key=lambda unit: (unit.path.count("/"), unit.code))
        self.units = {unit.org_id: unit for unit in ordered}
        self.below: dict[str | None, list[OrgUnit]] = {}
        for unit in ordered:
            self.below.setdefault(unit.parent_id, []).append(unit)
        self._rank = {unit.org_id: rank for rank, unit in enumerate(ordered)}
        self._by_path = sorted(ordered, key=lambda unit: unit.path)
        self._paths = [unit.path for unit in self._by_path]

    def within(self, reach: Reach) -> list[OrgUnit]:
        if reach.everywhere:
            return list(self.units.values())
        found = {unit.org_id: unit for path in reach.paths for unit in self.subtree(path)}
        for org_id in reach.org_ids:
            if org_id in self.units:
                found[org_id] = self.units[org_id]
            found |= {unit.org_id: unit for unit in self.below.get(org_id, ()) if unit.kind is OrgKind.PARTY_GROUP}
        return sorted(found.values(), key=lambda unit: self._rank[unit.org_id])

    def subtree(self, path: str) -> Sequence[OrgUnit]:
        """A range of the paths: every one ends in "/", and "0" is the sign after "/"."""
        if not path:
            return ()
        return self._by_path[bisect_left(self._paths, path) : bisect_left(self._paths, path[:-1] + "0")]

    def is_whole(self, paths: Collection[str]) -> bool:
        tops = {unit.path for unit in self.below.get(None, ())}
        return bool(tops) and tops <= set(paths)

    def by_code(self, code: str) -> OrgUnit | None:
        return self._codes.get(code)

    def named(self, reach: Reach, text: str, kinds: Collection[OrgKind], limit: int) -> list[OrgUnit]:
        wanted = self._open(self._codes.values(), reach, text)
        return list(islice((unit for unit in wanted if unit.kind in kinds), limit))

    def search(self, query: OrgQuery) -> tuple[list[OrgUnit], int]:
        found = [
            unit
            for unit in self._open(self._branches_first, query.reach, query.text)
            if unit.org_id != query.but and (unit.kind in query.kinds or (query.tops and unit.parent_id is None))
        ]
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    def _open(self, units: Iterable[OrgUnit], reach: Reach, text: str) -> Iterator[OrgUnit]:
        here = None if reach.everywhere else {unit.org_id for unit in self.within(reach)}
        wanted, called = text.lower(), self._called
        for unit in units:
            if unit.closed_at is None and (here is None or unit.org_id in here) and (not wanted or wanted in called[unit.org_id]):
                yield unit

    @cached_property
    def _codes(self) -> Mapping[str, OrgUnit]:
        return {unit.code: unit for unit in sorted(self.units.values(), key=lambda unit: unit.code)}

    @cached_property
    def _branches_first(self) -> Sequence[OrgUnit]:
        return sorted(self._codes.values(), key=lambda unit: unit.kind not in BRANCH_KINDS)  # sorting is stable: by code within

    @cached_property
    def _called(self) -> Mapping[str, str]:
        """No text that is searched for has a line's end in it."""
        return {unit.org_id: f"{unit.name}\n{unit.code}".lower() for unit in self.units.values()}


@dataclass(frozen=True, slots=True)
class Roll:
    """How many are on it: by home, and by organisation with everything below it. `digest`: of all of that."""

    homes: Mapping[str, int]
    totals: Mapping[str, int]
    digest: str


def roll_of(tree: Tree, homes: Mapping[str, int]) -> Roll:
    totals = {org_id: homes.get(org_id, 0) for org_id in tree.units}
    for unit in reversed(tree.units.values()):
        if unit.parent_id in totals:
            totals[unit.parent_id] += totals[unit.org_id]
    return Roll(homes, totals, sha256(repr(sorted(homes.items())).encode()).hexdigest()[:32])
