"""The book of dues in memory. The door and its promises are in `ledger.duesports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..dues import DuesEntry, DuesStanding, DuesTerms
from ..duesports import DuesFilter, DuesQuery
from ..model import ATTENDING, Member
from .memory_books import Books, places, refuse_twice


class MemoryDuesBook:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def entry(self, entry_id: str) -> DuesEntry | None:
        return self._books.dues_entries.get(entry_id)

    async def add(self, entries: Sequence[DuesEntry]) -> None:
        refuse_twice(entries, self._books.dues_entries.values(), "entry_id", "corrects")
        self._books.dues_entries.update((one.entry_id, one) for one in entries)

    async def entries(self, member_ids: Collection[str]) -> dict[str, list[DuesEntry]]:
        found: dict[str, list[DuesEntry]] = {}
        for one in sorted(self._books.dues_entries.values(), key=lambda one: (one.entered_at, one.entry_id)):
            if one.member_id in member_ids:
                found.setdefault(one.member_id, []).append(one)
        return found

    async def set_terms(self, terms: DuesTerms) -> None:
        refuse_twice([terms], self._books.dues_terms.values(), "terms_id", "corrects")
        self._books.dues_terms[terms.terms_id] = terms

    async def terms(self, member_ids: Collection[str]) -> dict[str, list[DuesTerms]]:
        found: dict[str, list[DuesTerms]] = {}
        for one in sorted(self._books.dues_terms.values(), key=lambda one: (one.set_at, one.terms_id)):
            if one.member_id in member_ids:
                found.setdefault(one.member_id, []).append(one)
        return found

    async def standings(self, member_ids: Collection[str]) -> dict[str, DuesStanding]:
        kept = self._books.dues_standings
        return {one: kept[one] for one in member_ids if one in kept}

    async def keep_standing(self, member_id: str, standing: DuesStanding | None) -> None:
        self._books.dues_standings.pop(member_id, None)
        if standing is not None:
            self._books.dues_standings[member_id] = standing

    async def search(self, query: DuesQuery) -> tuple[list[str], dict[DuesFilter, int]]:
        found = {one: self._found(replace(query, filter=one)) for one in DuesFilter}
        start = (query.page - 1) * query.page_size
        return found[query.filter][start : start + query.page_size], {one: len(ids) for one, ids in found.items()}

    def _found(self, query: DuesQuery) -> list[str]:
        here, kept = places(self._books.organisations, query.reach), self._books.dues_standings
        found = [one for one in self._books.members.values() if one.home_branch_id in here and self._meant(one, query)]
        found.sort(key=lambda one: (kept[one.member_id].paid_until if one.member_id in kept else "~", one.number))
        return [one.member_id for one in found]

    def _meant(self, member: Member, query: DuesQuery) -> bool:
        text, standing = query.text.lower(), self._books.dues_standings.get(member.member_id)
        if member.status not in ATTENDING or not (text in member.name.lower() or member.number.lower().startswith(text)):
            return False
        if query.filter is DuesFilter.ALL:
            return True
        if standing is None or query.filter is DuesFilter.UNKNOWN:
            return (standing is None) == (query.filter is DuesFilter.UNKNOWN)
        return standing.paid_until < (query.last_quarter_month if standing.quarterly else query.last_month)

    async def forget(self, member_id: str) -> int:
        books = self._books
        before = len(books.dues_entries) + len(books.dues_terms)
        books.dues_standings.pop(member_id, None)
        books.dues_entries = {key: one for key, one in books.dues_entries.items() if one.member_id != member_id}
        books.dues_terms = {key: one for key, one in books.dues_terms.items() if one.member_id != member_id}
        return before - len(books.dues_entries) - len(books.dues_terms)
