"""REST over a copy of one prepared SQLite file: the demo organisation, a log-in for every role, and things to act on.

Preparing takes half a second and is done once; a test gets its own copy. Roles are named after what they are in the first branch.
"""

from __future__ import annotations

import itertools
import shutil
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, FormData, web
from yarl import URL

from ledger.access import OPERATOR, actor_for
from ledger.actions import (
    accounts,
    attachments,
    changerequests,
    corrections,
    discussions,
    files,
    leave,
    meetings,
    memberlists,
    reports,
    sessions,
    transferapplying,
    transfers,
    work,
)
from ledger.actions.mydata import consent_id, raise_request
from ledger.delivery import PING, Channel, Delivery, DeliveryState, WebhookEndpoint
from ledger.demo import DEMO_PASSWORD, load_demo
from ledger.discussions import Contribution, ThreadKind
from ledger.dualmanagement import ThreadEntryKind
from ledger.keyring import KeySource, open_sealer
from ledger.kinds.protection import BREACH as BREACH_NOTICE
from ledger.memberfile import EntryKind
from ledger.mobility import SeparateConsent, SharingPurpose, TransferDuty
from ledger.model import Account, MeetingForm, RoleGrant, RoleKind, Session, day_of
from ledger.ports import Store
from ledger.privacy import DataRequestKind
from ledger.protection import Breach
from ledger.recordings import MeetingRecording, RecordingState
from ledger.retention import Kind as RetentionKind
from ledger.rules.transfersteps import Approve, Dispatch, IssueLetter, PassHomeCheck, PresentLetter
from ledger.sharingnotice import TRANSFER_VERSION
from ledger.store.migrating import migrate
from ledger.store.opening import open_store
from server.house import House
from server.http.door import COOKIE, csrf_token
from server.rest import rest_app
from server.settings import Settings

Json = dict[str, Any]
TEST_KEYS = "test:" + b64encode(b"0123456789abcdef" * 2).decode()
TEST_SEALER = open_sealer(KeySource(TEST_KEYS))
#: role → (account of the demo or of our own, the member behind it, the role granted)
OWN: dict[str, tuple[str | None, RoleKind | None]] = {
    "orgAdmin": (None, RoleKind.ORG_ADMIN),
    "systemAdmin": (None, RoleKind.SYSTEM_ADMIN),
    "securityAdmin": (None, RoleKind.SECURITY_ADMIN),
    "partAuditor": (None, RoleKind.AUDITOR),  # of the floating branch only
    "stranger": ("demo-member-15", None),  # a member of the second branch
    "otherSecretary": ("demo-member-14", None),  # secretary of the second branch, observer at the past meeting
    "hostSecretary": ("demo-member-20", None),  # secretary of the branch where member 9 floats
    "plain": ("demo-member-7", None),  # a member of the first branch and nothing else
}
DEMO = {"secretary": "secretary", "deputy": "deputy", "leader": "member1", "auditor": "auditor", "applicant": "applicant"}
ROLES = (*DEMO, *OWN)
SCOPES = {RoleKind.ORG_ADMIN: "demo-committee", RoleKind.AUDITOR: "demo-float"}
_copies = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """`ids`: what paths need, for the route table: meetingId and so on."""

    file: Path
    tokens: dict[str, str]
    ids: dict[str, str]
    now: float


async def prepare(folder: Path) -> Prepared:
    file, now = folder / "prepared.db", time.time()
    url = f"sqlite:///{file}"
    await migrate(url)
    store = open_store(url)
    try:
        await load_demo(store, now, TEST_SEALER)
        for role, (member_id, granted) in OWN.items():
            await _account(store, role, member_id, granted)
        tokens = {role: await _session(store, _account_id(role), now) for role in ROLES}
        return Prepared(file, tokens, await _things(store, now), now)
    finally:
        await store.close()


def _account_id(role: str) -> str:
    return f"demo-{DEMO[role]}" if role in DEMO else f"account-{role}"


async def _account(store: Store, role: str, member_id: str | None, granted: RoleKind | None) -> None:
    async with store.writing() as uow:
        model = await uow.accounts.get("demo-secretary")
        assert model is not None
        await uow.accounts.add([Account(_account_id(role), role.lower(), model.password_hash, member_id)])
        if granted:
            await uow.accounts.grant([RoleGrant(_account_id(role), granted, SCOPES.get(granted))])


async def _session(store: Store, account_id: str, now: float) -> str:
    token = f"token-of-{account_id}"
    async with store.writing() as uow:
        await uow.sessions.add(Session(sessions.token_hash(token), account_id, now, now + 86_400, now))
    return token


async def _things(store: Store, now: float) -> dict[str, str]:
    """A meeting to come with a request for leave, the one held with an objection, and an account to manage."""
    general = MeetingForm.BRANCH_GENERAL_MEETING
    coming = meetings.ScheduleMeeting(
        "demo-first", general, "下月支部党员大会", now + 86_400, now + 90_000, observer_ids=("demo-member-14",)
    )
    meeting = await meetings.schedule_meeting(store, OPERATOR, coming, now)
    async with store.writing() as uow:
        past = next(one for one in await uow.meetings.listing("demo-member-7") if one.opened_at is not None)
        plain = await uow.accounts.get("account-plain")
        assert plain is not None
        actor = await actor_for(uow, plain, None, now)
    await leave.ask_leave(store, actor, leave.AskLeave(meeting.meeting_id, "出差"), now)
    proposal = changerequests.Propose({"workUnit": "某公司"}, note="换了工作")
    request = await changerequests.propose(store, TEST_SEALER, actor, proposal, now)
    draft = files.SaveEntry("demo-member-7", EntryKind.WORK, date(2020, 1, 1), "某公司")
    entry = await files.write_entry(store, OPERATOR, draft, now)
    secretary = replace(OPERATOR, account=replace(OPERATOR.account, account_id="demo-secretary"))
    saved = await memberlists.save_list(store, secretary, "青年", {"ageTo": "35"}, now)
    asked = await raise_request(store, actor, DataRequestKind.EXPLANATION, "为什么保存十年", now)
    objection = await corrections.raise_objection(store, actor, corrections.RaiseObjection(past.meeting_id, "我一直在线"), now)
    made = await accounts.create_account(store, OPERATOR, accounts.CreateAccount("wei.wenbo", "demo-member-12"), now)
    report = await reports.begin(store, actor, reports.BeginReport("0" * 32, date(2026, 12, 31), "第四季度", "近期学习体会"), now)
    file = await attachments.add(store, actor, f"report:{report.report_id}", "笔记.txt", "学习笔记".encode(), now)
    await reports.hand_in(store, actor, report.report_id, report.revision, now)
    hook, owed = WebhookEndpoint("hook-1", "demo-first", "https://hooks.example.org/in", (PING,), "", now, "demo-admin"), "d" * 32
    async with store.writing() as uow:
        await uow.webhooks.add(hook)
        failed = Delivery(owed, Channel.WEBHOOK, "hook-1", PING, (), "{}", now, now, DeliveryState.FAILED, 3, now, now, "http 500")
        await uow.deliveries.add([failed])
        taken = MeetingRecording("take-1", meeting.meeting_id, RecordingState.READY, now, "demo-member-1", now + 60, "stopped", now + 9e6)
        await uow.recordings.add(replace(taken, seconds=60.0, composed_bytes=4, progress=1.0))
    opened = discussions.OpenThread("demo-first", ThreadKind.ANNOUNCEMENT, "十二月安排", "请阅读")
    announced = await discussions.open_thread(store, OPERATOR, opened, now)
    async with store.writing() as uow:
        said = Contribution("e" * 32, announced.thread_id, 2, actor.account_id, actor.member_id, "收到", now)
        await uow.discussions.add_entry(said)
        await uow.discussions.save(replace(announced, entries=2))
    return {
        "threadId": announced.thread_id,
        "contributionId": said.entry_id,
        "webhookId": hook.endpoint_id,
        "deliveryId": owed,
        "recordingId": "take-1",
        "reportId": report.report_id,
        "attachmentId": file.attachment_id,
        "meetingId": meeting.meeting_id,
        "pastId": past.meeting_id,
        "token": meeting.invite_token,
        "objectionId": objection.objection_id,
        "orgId": "demo-first",
        "memberId": "demo-member-7",
        "postId": "demo-post-6",
        "accountId": made.account.account_id,
        "requestId": request.request_id,
        "entryId": entry.entry_id,
        "listId": saved.list_id,
        **await _transfer(store, now),
        "dataRequestId": asked.request_id,
        **await _away(store),
        "duesEntryId": await _dues(store),
        "workId": await _work(store, now),
        "breachId": await _breach(store, now),
    }


async def _transfer(store: Store, now: float) -> dict[str, str]:
    """Of member 7 from the first branch to the second, within the one committee; assigned there, and no receipt yet."""
    to = transferapplying.Whither("", "demo-second")
    command = transferapplying.ApplyForTransfer("demo-member-7", to, "搬家", duty=TransferDuty.UNIT_CHANGED)
    case = await transferapplying.apply_for_transfer(store, OPERATOR, command, now)
    transfer_id = case.transfer.transfer_id
    for step in (PassHomeCheck("2099-01"), Approve(), IssueLetter("DEMO-1", 30, ""), Dispatch(), PresentLetter("DEMO-1")):
        taken = transfers.TakeStep(transfer_id, case.transfer.revision, step)
        case = await transfers.take_step(store, OPERATOR, taken, now)
    await transfers.assign_branch(store, OPERATOR, transfers.Assign(transfer_id, case.transfer.revision, "demo-second"), now)
    consent = SeparateConsent("demo-member-7", "demo-committee", SharingPurpose.TRANSFER, TRANSFER_VERSION, now)
    async with store.writing() as uow:
        await uow.sharing_consents.save(consent)
    return {"transferId": transfer_id, "consentId": consent_id(consent), "code": case.transfer.letters[0].verification_code}


async def _away(store: Store) -> dict[str, str]:
    """The demo's member 9, who floats with consent at the branch of "hostSecretary"; a task and an evaluation are open there."""
    async with store.reading() as uow:
        registration = (await uow.registrations.open_of(["demo-member-9"]))["demo-member-9"]
        key = registration.registration_id
        task = next(one for one in await uow.threads.of_registration(key) if one.kind is ThreadEntryKind.TASK)
        evaluation = (await uow.threads.evaluations(key))[0]
    return {"registrationId": key, "taskId": task.entry_id, "evaluationId": evaluation.evaluation_id}


async def _dues(store: Store) -> str:
    """The line of member 7, who is behind, in the demo's book of dues."""
    async with store.reading() as uow:
        return (await uow.dues.entries(["demo-member-7"]))["demo-member-7"][0].entry_id


async def _work(store: Store, now: float) -> str:
    """Open work of member 7."""
    command = work.AssignWork("demo-member-7", "整理党员活动室", day_of(now))
    return (await work.assign_work(store, OPERATOR, command, now)).work_id


async def _breach(store: Store, now: float) -> str:
    """A breach of which member 7 has been told, and nobody else."""
    kept = Breach("breach-1", "误发", now - 60, (RetentionKind.CONTACT,), 1, "误发", "骚扰", "已收回", "留意", "办公室", now, "operator")
    async with store.writing() as uow:
        await uow.protection.add_breach(kept)
        await uow.notifications.add([BREACH_NOTICE.to("demo-member-7", "breach:breach-1", now, "breach:breach-1")])
    return kept.breach_id


class Caller:
    """One browser or program. Without a role: nobody. Changes carry the CSRF token of the session, unless told otherwise."""

    def __init__(self, base: str, token: str | None) -> None:
        self._base = base
        self._token = token
        self.http = ClientSession(cookie_jar=CookieJar(unsafe=True))
        if token is not None:
            self.http.cookie_jar.update_cookies({COOKIE: token}, URL(base))

    async def send(self, method: str, path: str, body: Any = None, **options: Any) -> ClientResponse:
        headers = dict(options.pop("headers", {}))
        if self._token is not None and method != "GET":
            headers.setdefault("X-CSRF-Token", csrf_token(self._token))
        if isinstance(body, FormData | bytes | BytesIO):
            options["data"] = body
        elif body is not None:
            options["json"] = body
        answer = await self.http.request(method, self._base + path, headers=headers, allow_redirects=False, **options)
        await answer.read()
        return answer

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Json:
        answer = await self.send(method, path, body, **options)
        shape: Json = await answer.json()
        assert answer.status == 200, shape
        return shape

    async def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        """(status, code)"""
        answer = await self.send(method, path, body, **options)
        assert answer.status >= 400, await answer.text()
        refusal = (await answer.json())["refusal"]
        assert refusal["message"]["zh"]
        assert refusal["message"]["en"]
        return answer.status, refusal["code"]


class Service:
    def __init__(self, base: str, house: House, prepared: Prepared, file: Path) -> None:
        self.base = base
        self.file = file
        self.house = house
        self.ids = prepared.ids
        self.tokens = prepared.tokens
        self.now = prepared.now
        self._callers: list[Caller] = []

    def by(self, role: str | None = None) -> Caller:
        caller = Caller(self.base, self.tokens[role] if role else None)
        self._callers.append(caller)
        return caller

    async def log_in(self, username: str, password: str = DEMO_PASSWORD) -> tuple[Caller, Json]:
        caller = self.by()
        me = await caller.ask("POST", "/api/session", {"username": username, "password": password})
        caller.http.headers["X-CSRF-Token"] = me["csrfToken"]
        return caller, me

    async def close(self) -> None:
        for caller in self._callers:
            await caller.http.close()


@asynccontextmanager
async def service(prepared: Prepared, folder: Path, *, beside: Service | None = None, **settings: Any) -> AsyncIterator[Service]:
    """The routes over a copy of the prepared file, on a real port of loopback; `beside`: another node over the copy of that one."""
    copy = folder / f"copy-{next(_copies)}.db" if beside is None else beside.file
    if beside is None:
        shutil.copy(prepared.file, copy)
    values = {"var": folder, "web_dist": folder / "dist", "access_log": False, "keys": TEST_KEYS, **settings}
    house = House(Settings(**values), open_store(f"sqlite:///{copy}"))
    runner = web.AppRunner(rest_app(house), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    running = Service(f"http://127.0.0.1:{runner.addresses[0][1]}", house, prepared, copy)
    try:
        yield running
    finally:
        await running.close()
        await runner.cleanup()
        await house.store.close()
        if beside is None:
            copy.unlink()
