"""Transfers in memory. The door and its promises are in `ledger.transferports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..mobility import Newcomer, OrgRelationTransfer, Side, TransferState
from ..refusals import Conflict
from ..transferports import Letterhead, Part, TransferLine, TransferQuery
from .memory_books import Books, places


class MemoryTransfers:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._transfers = books.transfers

    async def get(self, transfer_id: str) -> OrgRelationTransfer | None:
        return self._transfers.get(transfer_id)

    async def add(self, transfer: OrgRelationTransfer, lines: Sequence[TransferLine]) -> None:
        if transfer.transfer_id in self._transfers:
            raise Conflict
        self._keep(transfer)
        self._books.transfer_lines[transfer.transfer_id] = tuple(lines)

    async def save(self, transfer: OrgRelationTransfer, seen_revision: int, line: TransferLine) -> bool:
        stored = self._transfers.get(transfer.transfer_id)
        if stored is None or stored.revision != seen_revision:
            return False
        self._keep(transfer)
        lines = self._books.transfer_lines
        lines[transfer.transfer_id] = (*lines[transfer.transfer_id], line)
        return True

    async def of_member(self, member_id: str) -> list[OrgRelationTransfer]:
        found = [one for one in self._transfers.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.applied_at, one.transfer_id))

    async def open_of(self, member_ids: Collection[str]) -> dict[str, OrgRelationTransfer]:
        wanted = set(member_ids)
        return {one.member_id: one for one in self._transfers.values() if one.is_open and one.member_id in wanted}

    async def by_code(self, verification_code: str) -> OrgRelationTransfer | None:
        lettered = ((one, letter) for one in self._transfers.values() for letter in one.letters if letter.verification_code)
        return next((one for one, letter in lettered if letter.verification_code == verification_code), None)

    async def numbers_of(self, committee_id: str, starting: str = "") -> list[str]:
        own = [one for one in self._transfers.values() if one.from_committee_id == committee_id]
        return sorted(letter.number for one in own for letter in one.letters if letter.number.startswith(starting))

    async def numbers_from(self, outside: str) -> list[str]:
        taken = [one for one in self._transfers.values() if one.from_outside and one.outside == outside]
        return sorted(letter.number for one in taken for letter in one.letters)

    async def save_newcomer(self, transfer_id: str, newcomer: Newcomer) -> None:
        self._transfers[transfer_id] = replace(self._transfers[transfer_id], newcomer=newcomer)

    async def history(self, transfer_id: str) -> list[TransferLine]:
        return list(self._books.transfer_lines.get(transfer_id, ()))

    async def search(self, query: TransferQuery) -> tuple[list[OrgRelationTransfer], int]:
        reached = [(part, places(self._books.organisations, part.reach)) for part in query.parts]
        found = [one for one in self._transfers.values() if any(_is_in(one, *each) for each in reached) and self._fits(one, query)]
        ordered = sorted(found, key=lambda one: (one.state_since, one.transfer_id), reverse=not query.oldest_first)
        start = (query.page - 1) * query.page_size
        return ordered[start : start + query.page_size], len(found)

    async def counts(self, queries: Sequence[TransferQuery]) -> list[int]:
        return [(await self.search(query))[1] for query in queries]

    async def in_states(self, states: Collection[TransferState], after: str = "", limit: int = 500) -> list[OrgRelationTransfer]:
        found = [one for one in self._transfers.values() if one.state in states and one.transfer_id > after]
        return sorted(found, key=lambda one: one.transfer_id)[:limit]

    async def letterhead(self, org_id: str) -> Letterhead | None:
        return self._books.letterheads.get(org_id)

    async def save_letterhead(self, letterhead: Letterhead) -> None:
        self._books.letterheads[letterhead.org_id] = letterhead

    def _keep(self, transfer: OrgRelationTransfer) -> None:
        """What the unique columns do."""
        others = [one for one in self._transfers.values() if one.transfer_id != transfer.transfer_id]
        if transfer.is_open and any(one.is_open and one.member_id == transfer.member_id for one in others):
            raise Conflict
        numbers = [(one.from_committee_id, letter.number) for one in (*others, transfer) for letter in one.letters if one.from_committee_id]
        codes = [letter.verification_code for one in (*others, transfer) for letter in one.letters if letter.verification_code]
        if len(set(numbers)) < len(numbers) or len(set(codes)) < len(codes):
            raise Conflict
        self._transfers[transfer.transfer_id] = transfer

    def _fits(self, one: OrgRelationTransfer, query: TransferQuery) -> bool:
        ending = one.letter is not None and query.letter_until is not None and one.letter.last_valid_day <= query.letter_until
        return (
            (query.waiting_since is None or one.state_since < query.waiting_since)
            and (query.letter_until is None or ending)
            and (not query.text or self._is_named(one, query.text.casefold()))
        )

    def _is_named(self, one: OrgRelationTransfer, text: str) -> bool:
        member = self._books.members.get(one.member_id)
        newcomer = (one.newcomer.name, one.newcomer.number) if one.newcomer else ()
        words = (member.name if member else "", *newcomer, one.outside, *(letter.number for letter in one.letters))
        numbered = member is not None and member.number.casefold().startswith(text)
        return numbered or any(text in word.casefold() for word in words)


def _is_in(one: OrgRelationTransfer, part: Part, here: set[str]) -> bool:
    org_id = {
        Side.HOME: one.from_branch_id,
        Side.HOST: one.to_branch_id,
        Side.HOME_COMMITTEE: one.from_committee_id,
        Side.HOST_COMMITTEE: one.to_committee_id,
    }[part.side]
    return org_id in here and one.state in part.states and (bool(one.letters) or not part.lettered)
