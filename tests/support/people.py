"""People of a test: a logged-in person over REST, and what a story needs of the ledger (a branch, its members, a meeting)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

Json = dict[str, Any]
PASSWORD = "correct-horse-battery"


class Refused(Exception):
    """The server's typed refusal: status and code."""

    def __init__(self, status: int, refusal: Json) -> None:
        super().__init__(f"{status} {refusal.get('code')}: {refusal}")
        self.status = status
        self.code = str(refusal.get("code"))


class Person:
    """One log-in. Every call goes over HTTP with the session cookie and the CSRF token, as the browser does it."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.me: Json = {}
        self.username = ""
        self.password = ""

    async def __aenter__(self) -> Person:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def log_in(self, username: str, password: str) -> Person:
        self.username, self.password = username, password
        self.me = await self.call("POST", "/api/session", {"username": username, "password": password})
        if self.me.get("mustChangePassword"):
            self.password = PASSWORD
            self.me = await self.call("PUT", "/api/account/password", {"currentPassword": password, "newPassword": PASSWORD})
        return self

    async def call(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"X-CSRF-Token": self.me["csrfToken"]} if self.me else {}
        async with self._http.request(method, self.base + path, json=body, headers=headers) as answer:
            shape: Json = await answer.json()
            if answer.status >= 400:
                raise Refused(answer.status, shape["refusal"])
            return shape

    async def fetch(self, path: str) -> bytes:
        async with self._http.get(self.base + path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self._http.cookie_jar}


@dataclass
class Branch:
    """A branch with log-ins: name → (member id, username, one-time password)."""

    org_id: str
    members: dict[str, tuple[str, str, str]]


async def found_branch(admin: Person, parent_id: str, code: str, names: list[str]) -> Branch:
    """A branch below `parent_id`; the first of `names` is its secretary."""
    org = await admin.call("POST", "/api/organisations", {"parentId": parent_id, "kind": "branch", "name": f"支部 {code}", "code": code})
    members: dict[str, tuple[str, str, str]] = {}
    for index, name in enumerate(names):
        body = {"number": f"{code}-{index:03d}", "name": name, "stage": "full", "homeBranchId": org["orgId"]}
        member = await admin.call("POST", "/api/members", body)
        if index == 0:
            post = {"orgId": org["orgId"], "kind": "secretary", "since": "2024-01-01"}
            await admin.call("POST", f"/api/members/{member['memberId']}/posts", post)
        account = await admin.call("POST", f"/api/members/{member['memberId']}/account", {"username": f"{code}.{index}"})
        members[name] = (member["memberId"], account["username"], account["password"])
    return Branch(org["orgId"], members)


async def schedule(secretary: Person, org_id: str, title: str = "支部党员大会") -> Json:
    start = datetime.now(UTC) + timedelta(minutes=1)
    body = {
        "orgId": org_id,
        "form": "BRANCH_GENERAL_MEETING",
        "title": title,
        "plannedStart": start.isoformat(),
        "plannedEnd": (start + timedelta(hours=1)).isoformat(),
    }
    return await secretary.call("POST", "/api/meetings", body)
