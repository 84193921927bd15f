"""A scheduled branch meeting in a running installation, its members logged in, and clients to attend it with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.client import MeetingClient
from tests.support.installation import DEMO_PASSWORD, Installation
from tests.support.media_client import on_loopback
from tests.support.people import Person, found_branch, schedule

Json = dict[str, Any]
BRANCHES_UNDER = "demo-general"  # where the demo organisation takes further branches


@dataclass
class BranchMeeting:
    """`people` by name, the secretary first; `clients` is every client made, to be closed in the end."""

    base: str
    meeting_id: str
    notice: str
    people: dict[str, Person]
    clients: list[MeetingClient] = field(default_factory=list)

    @property
    def secretary(self) -> Person:
        return next(iter(self.people.values()))

    def client(self, name: str, **more: str) -> MeetingClient:
        client = MeetingClient(self.base, self.people[name].cookies(), **more)
        self.clients.append(client)
        return client

    async def join(self, client: MeetingClient) -> str:
        return await client.join(self.meeting_id, self.notice)

    async def sheet(self) -> Json:
        """The facts leave through an outbox: ask until the sheet knows of the end."""
        for _ in range(100):
            sheet = await self.secretary.call("GET", f"/api/meetings/{self.meeting_id}/sheet")
            if sheet["endedAt"] is not None and sheet["state"] == "ended":
                return sheet
            await asyncio.sleep(0.1)
        raise AssertionError("the sheet does not know of the end")


@asynccontextmanager
async def branch_meeting(installation: Installation, code: str, names: list[str]) -> AsyncIterator[BranchMeeting]:
    """A branch of its own with these members (the first is its secretary), and a meeting that is about to begin."""
    async with AsyncExitStack() as stack:
        admin = await stack.enter_async_context(Person(installation.base))
        await admin.log_in("admin", DEMO_PASSWORD)
        branch = await found_branch(admin, BRANCHES_UNDER, code, names)
        people = {name: await stack.enter_async_context(Person(installation.base)) for name in names}
        for name, (_, username, password) in branch.members.items():
            await people[name].log_in(username, password)
        secretary = people[names[0]]
        meeting = await schedule(secretary, branch.org_id)
        notice = await secretary.call("GET", "/api/notice")
        made = BranchMeeting(installation.base, meeting["meetingId"], notice["version"], people)
        stack.enter_context(on_loopback())
        try:
            yield made
        finally:
            for client in made.clients:
                await client.close()
