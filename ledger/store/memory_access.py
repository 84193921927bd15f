"""The log of access in memory. The door and its promises are in `ledger.ports`."""

from __future__ import annotations

from collections.abc import Sequence

from ..accesschain import EMPTY, Head, LoggedAccess, chained_lines
from ..model import Access
from ..ports import MOST_COUNTED, AccessQuery
from .memory_books import Books


class MemoryAccessLog:
    def __init__(self, books: Books) -> None:
        self._lines = books.access
        self._head = books.access_head

    async def append(self, entries: Sequence[Access]) -> None:
        for one in chained_lines(await self.head(), entries):
            self._lines[one.line] = one
            self._head["head"] = (one.line, one.hash)

    async def head(self) -> Head:
        return self._head.get("head", EMPTY)

    async def after(self, line: int, limit: int) -> list[LoggedAccess]:
        return [one for number, one in sorted(self._lines.items()) if number > line][:limit]

    async def last_of(self, action: str) -> LoggedAccess | None:
        return next((one for _, one in sorted(self._lines.items(), reverse=True) if one.access.action == action), None)

    async def last_before(self, instant: float) -> LoggedAccess | None:
        last = None
        for _, one in sorted(self._lines.items()):
            if one.access.at >= instant:
                break
            last = one
        return last

    async def remove_up_to(self, line: int) -> int:
        gone = [number for number in self._lines if number <= line]
        for number in gone:
            del self._lines[number]
        return len(gone)

    async def search(self, query: AccessQuery) -> tuple[list[Access], int]:
        found = [one.access for _, one in sorted(self._lines.items(), reverse=True) if self._matches(one.access, query)]
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], min(len(found), MOST_COUNTED)

    @staticmethod
    def _matches(line: Access, query: AccessQuery) -> bool:
        return (
            (query.reach.everywhere or line.path.startswith(query.reach.paths) or (query.unplaced and line.path == ""))
            and (query.subjects is None or line.subject in query.subjects or _is_shared(line, query))
            and query.account_id in (None, line.account_id)
        )


def _is_shared(line: Access, query: AccessQuery) -> bool:
    return line.subject in query.shared and line.action in query.shared_actions
