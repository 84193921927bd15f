"""Doors to the store of members' files, change requests and saved lists. Promises as in `ports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

from .memberfile import ChangeRequest, FileChange, FileEntry, MemberFile, SavedList
from .privacy import DataRequest

if TYPE_CHECKING:
    from .ports import Reach


class Files(Protocol):
    async def get(self, member_id: str) -> MemberFile | None: ...

    async def many(self, member_ids: Collection[str]) -> dict[str, MemberFile]: ...

    async def save(self, files: Sequence[MemberFile]) -> None:
        """New or known. One index belongs to one member: `Conflict` otherwise."""
        ...

    async def by_index(self, indexes: Collection[str]) -> list[MemberFile]: ...

    async def sealed_after(self, member_id: str, limit: int) -> list[MemberFile]:
        """Files with a sealed ID number, by member id, from the one after `member_id` on: for going through all of them in batches."""
        ...

    async def entry(self, entry_id: str) -> FileEntry | None: ...

    async def entries(self, member_id: str) -> list[FileEntry]:
        """By kind, then by beginning."""
        ...

    async def save_entry(self, entry: FileEntry) -> None: ...

    async def remove_entry(self, entry_id: str) -> None: ...

    async def append_changes(self, changes: Sequence[FileChange]) -> None: ...

    async def changes(self, member_id: str, page: int = 1, page_size: int = 50) -> tuple[list[FileChange], int]:
        """Newest first."""
        ...

    async def batch(self, batch: str) -> list[FileChange]: ...

    async def left_before(self, instant: float, limit: int) -> list[str]:
        """Members off the roll whose status changed for the last time before the instant, and of whom anything is still held here."""
        ...

    async def forget(self, member_id: str) -> int:
        """Remove file, entries and history for good. Answers how many rows."""
        ...


class ChangeRequests(Protocol):
    async def get(self, request_id: str) -> ChangeRequest | None: ...

    async def save(self, request: ChangeRequest) -> None:
        """New or known."""
        ...

    async def of_member(self, member_id: str) -> list[ChangeRequest]:
        """Newest first."""
        ...

    async def pending(self, reach: Reach, page: int = 1, page_size: int = 50) -> tuple[list[ChangeRequest], int]:
        """Open ones of members whose home branch is within reach, oldest first, and how many there are."""
        ...

    async def remove_over(self, instant: float) -> int:
        """Those decided or withdrawn that were made before the instant."""
        ...

    async def all_sealed(self) -> list[ChangeRequest]:
        """Open ones that hold a sealed ID number."""
        ...


class SavedLists(Protocol):
    async def get(self, list_id: str) -> SavedList | None: ...

    async def of_account(self, account_id: str) -> list[SavedList]:
        """By name."""
        ...

    async def add(self, saved: SavedList) -> None: ...

    async def remove(self, list_id: str) -> None: ...


class DataRequests(Protocol):
    async def get(self, request_id: str) -> DataRequest | None: ...

    async def save(self, request: DataRequest) -> None:
        """New or known."""
        ...

    async def of_member(self, member_id: str) -> list[DataRequest]:
        """Newest first."""
        ...

    async def waiting(self, reach: Reach, page: int = 1, page_size: int = 50) -> tuple[list[DataRequest], int]:
        """Unanswered ones of members whose home branch is within reach, oldest first."""
        ...

    async def remove_answered(self, instant: float) -> int:
        """Those answered before the instant."""
        ...
