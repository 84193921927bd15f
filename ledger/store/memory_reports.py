"""Attachments and thought reports in memory. The doors and their promises are in `ledger.attachmentports` and `ledger.reportports`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from ..attachments import Attachment
from ..refusals import Conflict
from ..reportports import ReportQuery
from ..reports import ReportState, ReportStep, ThoughtReport
from .memory_books import Books, places, refuse_twice


class MemoryAttachments:
    def __init__(self, books: Books) -> None:
        self._files = books.attachments
        self._contents = books.attachment_contents

    async def add(self, attachment: Attachment, content: bytes) -> None:
        refuse_twice([attachment], self._files.values(), "attachment_id")
        self._files[attachment.attachment_id] = attachment
        self._contents[attachment.attachment_id] = content

    async def get(self, attachment_id: str) -> Attachment | None:
        return self._files.get(attachment_id)

    async def content(self, attachment_id: str) -> bytes | None:
        return self._contents.get(attachment_id)

    async def of_owner(self, owner: str) -> list[Attachment]:
        return (await self.of_owners([owner])).get(owner, [])

    async def of_owners(self, owners: Collection[str]) -> dict[str, list[Attachment]]:
        found: dict[str, list[Attachment]] = {}
        for one in sorted(self._files.values(), key=lambda one: (one.added_at, one.attachment_id)):
            if one.owner in owners:
                found.setdefault(one.owner, []).append(one)
        return found

    async def remove(self, attachment_ids: Collection[str]) -> None:
        for one in attachment_ids:
            self._files.pop(one, None)
            self._contents.pop(one, None)


class MemoryReports:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._reports = books.reports

    async def get(self, report_id: str) -> ThoughtReport | None:
        return self._reports.get(report_id)

    async def add(self, report: ThoughtReport) -> None:
        refuse_twice([report], self._reports.values(), "report_id")
        self._reports[report.report_id] = report

    async def save(self, report: ThoughtReport, seen_revision: int) -> bool:
        stored = self._reports.get(report.report_id)
        if stored is None or stored.revision != seen_revision:
            return False
        self._reports[report.report_id] = report
        return True

    async def remove(self, report_id: str) -> None:
        self._reports.pop(report_id, None)
        for key in [key for key in self._books.report_steps if key[0] == report_id]:
            del self._books.report_steps[key]

    async def of_member(self, member_id: str) -> list[ThoughtReport]:
        found = [one for one in self._reports.values() if one.member_id == member_id]
        return sorted(found, key=lambda one: (one.created_at, one.report_id), reverse=True)

    async def search(self, query: ReportQuery) -> tuple[list[ThoughtReport], int]:
        here, members = places(self._books.organisations, query.reach), self._books.members
        found = [
            one
            for one in self._reports.values()
            if one.state in query.states and (one.member_id in query.member_ids or members[one.member_id].home_branch_id in here)
        ]
        found.sort(key=lambda one: (one.handed_in_at or one.created_at, one.report_id))
        start = (query.page - 1) * query.page_size
        return found[start : start + query.page_size], len(found)

    async def last_handed_in(self, member_ids: Collection[str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for one in self._reports.values():
            if one.member_id in member_ids and one.state is not ReportState.DRAFT and one.handed_in_at is not None:
                found[one.member_id] = max(found.get(one.member_id, 0.0), one.handed_in_at)
        return found

    async def steps(self, report_id: str) -> list[ReportStep]:
        return [step for key, step in sorted(self._books.report_steps.items()) if key[0] == report_id]

    async def add_step(self, step: ReportStep) -> None:
        if (step.report_id, step.number) in self._books.report_steps:
            raise Conflict
        self._books.report_steps[step.report_id, step.number] = step

    async def owed_since(self, member_ids: Collection[str]) -> dict[str, date]:
        return {one: self._books.report_duties[one] for one in member_ids if one in self._books.report_duties}

    async def set_owed_since(self, days: Mapping[str, date]) -> None:
        self._books.report_duties.update(days)
