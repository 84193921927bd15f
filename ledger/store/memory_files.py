"""Members' files, change requests and saved lists in memory. The doors and their promises are in `ledger.fileports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..memberfile import ID_NUMBER, ChangeRequest, FileChange, FileEntry, MemberFile, SavedList
from ..ports import Reach
from ..refusals import Conflict
from .memory_books import Books, places


class MemoryFiles:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def get(self, member_id: str) -> MemberFile | None:
        return self._books.files.get(member_id)

    async def many(self, member_ids: Collection[str]) -> dict[str, MemberFile]:
        return {key: self._books.files[key] for key in sorted(set(member_ids)) if key in self._books.files}

    async def save(self, files: Sequence[MemberFile]) -> None:
        kept = {**self._books.files, **{one.member_id: one for one in files}}
        indexes = [one.id_index for one in kept.values() if one.id_index]
        if len(set(indexes)) != len(indexes):
            raise Conflict
        self._books.files.update(kept)

    async def by_index(self, indexes: Collection[str]) -> list[MemberFile]:
        return [one for one in self._books.files.values() if one.id_index in set(indexes)]

    async def sealed_after(self, member_id: str, limit: int) -> list[MemberFile]:
        found = [one for key, one in sorted(self._books.files.items()) if key > member_id and one.id_sealed]
        return found[:limit]

    async def entry(self, entry_id: str) -> FileEntry | None:
        return self._books.entries.get(entry_id)

    async def entries(self, member_id: str) -> list[FileEntry]:
        found = [one for one in self._books.entries.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.kind, one.since, one.entry_id))

    async def save_entry(self, entry: FileEntry) -> None:
        self._books.entries[entry.entry_id] = entry

    async def remove_entry(self, entry_id: str) -> None:
        self._books.entries.pop(entry_id, None)

    async def append_changes(self, changes: Sequence[FileChange]) -> None:
        for one in changes:
            self._books.file_changes[len(self._books.file_changes)] = one

    async def changes(self, member_id: str, page: int = 1, page_size: int = 50) -> tuple[list[FileChange], int]:
        found = [one for one in reversed(self._books.file_changes.values()) if one.member_id == member_id]
        return found[(page - 1) * page_size : page * page_size], len(found)

    async def batch(self, batch: str) -> list[FileChange]:
        return [one for one in self._books.file_changes.values() if one.batch == batch]


class MemoryChangeRequests:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def get(self, request_id: str) -> ChangeRequest | None:
        return self._books.change_requests.get(request_id)

    async def save(self, request: ChangeRequest) -> None:
        self._books.change_requests[request.request_id] = request

    async def of_member(self, member_id: str) -> list[ChangeRequest]:
        return list(reversed([one for one in self._sorted() if one.member_id == member_id]))

    async def pending(self, reach: Reach, page: int = 1, page_size: int = 50) -> tuple[list[ChangeRequest], int]:
        here = places(self._books.organisations, reach)
        members = self._books.members
        found = [one for one in self._sorted() if one.open and members[one.member_id].home_branch_id in here]
        return found[(page - 1) * page_size : page * page_size], len(found)

    async def all_sealed(self) -> list[ChangeRequest]:
        return [one for one in self._sorted() if one.open and one.changes.get(ID_NUMBER)]

    def _sorted(self) -> list[ChangeRequest]:
        return sorted(self._books.change_requests.values(), key=lambda one: (one.at, one.request_id))


class MemorySavedLists:
    def __init__(self, books: Books) -> None:
        self._lists = books.saved_lists

    async def get(self, list_id: str) -> SavedList | None:
        return self._lists.get(list_id)

    async def of_account(self, account_id: str) -> list[SavedList]:
        found = [one for one in self._lists.values() if one.account_id == account_id]
        return sorted(found, key=lambda one: (one.name, one.list_id))

    async def add(self, saved: SavedList) -> None:
        self._lists[saved.list_id] = saved

    async def remove(self, list_id: str) -> None:
        self._lists.pop(list_id, None)
