"""Discussions in memory. The door and its promises are in `ledger.discussionports`."""

from __future__ import annotations

from collections.abc import Collection

from ..discussionports import ThreadQuery
from ..discussions import Contribution, ReadMark, Thread
from ..refusals import Conflict
from .memory_books import Books, refuse_twice


class MemoryDiscussions:
    def __init__(self, books: Books) -> None:
        self._threads = books.discussion_threads
        self._entries = books.contributions
        self._marks = books.read_marks

    async def get(self, thread_id: str) -> Thread | None:
        return self._threads.get(thread_id)

    async def add(self, thread: Thread) -> None:
        refuse_twice([thread], self._threads.values(), "thread_id")
        self._threads[thread.thread_id] = thread

    async def save(self, thread: Thread) -> None:
        self._threads[thread.thread_id] = thread

    async def search(self, query: ThreadQuery) -> tuple[list[Thread], int]:
        found = [one for one in self._threads.values() if one.org_id in query.org_ids and query.kind in (None, one.kind)]
        found.sort(key=lambda one: (one.last_at, one.thread_id), reverse=True)
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    async def entry(self, entry_id: str) -> Contribution | None:
        return self._entries.get(entry_id)

    async def add_entry(self, entry: Contribution) -> None:
        refuse_twice([entry], self._entries.values(), "entry_id")
        if any((one.thread_id, one.number) == (entry.thread_id, entry.number) for one in self._entries.values()):
            raise Conflict
        self._entries[entry.entry_id] = entry

    async def save_entry(self, entry: Contribution) -> None:
        self._entries[entry.entry_id] = entry

    async def entries(self, thread_id: str) -> list[Contribution]:
        return sorted((one for one in self._entries.values() if one.thread_id == thread_id), key=lambda one: one.number)

    async def marks_of(self, member_id: str, thread_ids: Collection[str]) -> dict[str, ReadMark]:
        return {key: self._marks[key, member_id] for key in thread_ids if (key, member_id) in self._marks}

    async def readers(self, thread_id: str) -> dict[str, ReadMark]:
        return {one.member_id: one for one in self._marks.values() if one.thread_id == thread_id}

    async def mark(self, mark: ReadMark) -> None:
        self._marks[mark.thread_id, mark.member_id] = mark
