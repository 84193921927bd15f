"""Members' files, change requests and saved lists in memory. The doors and their promises are in `ledger.fileports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..memberfile import ID_NUMBER, ChangeRequest, FileChange, FileEntry, MemberFile, SavedList
from ..model import LOOKED_AFTER
from ..ports import Reach
from ..privacy import DataRequest
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
            self._books.file_changes[max(self._books.file_changes, default=0) + 1] = one

    async def changes(self, member_id: str, page: int = 1, page_size: int = 50) -> tuple[list[FileChange], int]:
        found = [one for one in reversed(self._books.file_changes.values()) if one.member_id == member_id]
        return found[(page - 1) * page_size : page * page_size], len(found)

    async def batch(self, batch: str) -> list[FileChange]:
        return [one for one in self._books.file_changes.values() if one.batch == batch]

    async def left_before(self, instant: float, limit: int) -> list[str]:
        last: dict[str, float] = {}
        for one in self._books.file_changes.values():
            if one.field == "status":
                last[one.member_id] = max(one.at, last.get(one.member_id, one.at))
        members = self._books.members
        return [key for key in sorted(last) if key in members and members[key].status not in LOOKED_AFTER and last[key] < instant][:limit]

    async def forget(self, member_id: str) -> int:
        entries = [key for key, one in self._books.entries.items() if one.member_id == member_id]
        changes = [key for key, one in self._books.file_changes.items() if one.member_id == member_id]
        for key in entries:
            del self._books.entries[key]
        for line in changes:
            del self._books.file_changes[line]
        return len(entries) + len(changes) + (self._books.files.pop(member_id, None) is not None)


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

    async def remove_over(self, instant: float) -> int:
        gone = [key for key, one in self._books.change_requests.items() if not one.open and one.at < instant]
        for key in gone:
            del self._books.change_requests[key]
        return len(gone)

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


class MemoryDataRequests:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def get(self, request_id: str) -> DataRequest | None:
        return self._books.data_requests.get(request_id)

    async def save(self, request: DataRequest) -> None:
        self._books.data_requests[request.request_id] = request

    async def of_member(self, member_id: str) -> list[DataRequest]:
        found = [one for one in self._books.data_requests.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (-one.raised_at, one.request_id))

    async def waiting(self, reach: Reach, page: int = 1, page_size: int = 50) -> tuple[list[DataRequest], int]:
        here = places(self._books.organisations, reach)
        members = self._books.members
        found = [
            one for one in self._books.data_requests.values() if one.answered_at is None and members[one.member_id].home_branch_id in here
        ]
        found.sort(key=lambda one: (one.raised_at, one.request_id))
        return found[(page - 1) * page_size : page * page_size], len(found)

    async def remove_answered(self, instant: float) -> int:
        gone = [key for key, one in self._books.data_requests.items() if one.answered_at is not None and one.answered_at < instant]
        for key in gone:
            del self._books.data_requests[key]
        return len(gone)
