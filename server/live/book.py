"""The ledger as the running rooms see it: `MeetingBook` over the ledger's store and actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from ledger.access import OPERATOR, actor_for
from ledger.actions import recordings
from ledger.actions.attendance import append_facts
from ledger.actions.calendar import Entry, entry_of
from ledger.actions.meetings import mark_ended, mark_opened
from ledger.facts import Fact, FactKind, RecordedFact, meeting_stream
from ledger.model import Capacity, Meeting, MeetingState, PostKind
from ledger.model import Stage as MemberStage
from ledger.ports import MeetingQuery, Reach, Store, UnitOfWork
from ledger.refusals import FactMalformed, Forbidden, MeetingNotOpen, MeetingNotScheduled, NotFound
from ledger.rulebook import Rulebook
from ledger.rules.attendance import measure
from rooms.ids import Post, RecordingRule, Role
from server.live.heartbeat import OpenConnection
from server.live.outbox import Unacceptable
from server.live.ports import Booked, Seat, Stage, Visitor

POSTS: dict[PostKind, Post] = {
    PostKind.SECRETARY: "secretary",
    PostKind.DEPUTY_SECRETARY: "deputySecretary",
    PostKind.COMMITTEE_MEMBER: "committeeMember",
    PostKind.GROUP_LEADER: "groupLeader",
}
log = structlog.get_logger(__name__)


class LedgerBook:
    """`owed`: facts still on their way to the store. What they say is true already: a server that starts while the database takes
    nothing must not find a meeting closed that was opened a minute ago."""

    def __init__(
        self,
        store: Store,
        rulebook: Rulebook,
        now: Callable[[], float] = time.time,
        owed: Callable[[], Sequence[Fact]] = tuple,
    ) -> None:
        self._store = store
        self._rulebook = rulebook
        self._now = now
        self._owed = owed

    async def booked(self, meeting_id: str) -> Booked | None:
        owed = self._owed_of(meeting_id)
        async with self._store.reading() as uow:
            meeting = await uow.meetings.get(meeting_id)
            if meeting is None:
                return None
            stage, opened_at = stage_of(meeting, owed)
            org = await uow.organisations.get(meeting.org_id)
            facts = await self._facts(uow, meeting_id, owed) if stage == "open" else []
        last = max((fact.fact.at for fact in facts), default=None)
        rule: RecordingRule = org.recording_rule.value if org else "never"
        return Booked(meeting_id, meeting.title, stage, meeting.lobby, opened_at, meeting.planned_end, last, rule)

    def _owed_of(self, meeting_id: str) -> list[Fact]:
        """Asked before the store is: what is delivered in between is then there twice, by the same key, and not missed."""
        return [fact for fact in self._owed() if fact.stream == meeting_stream(meeting_id)]

    async def _facts(self, uow: UnitOfWork, meeting_id: str, owed: Sequence[Fact]) -> list[RecordedFact]:
        """Stored, and then owed."""
        stored = await uow.facts.of_stream(meeting_stream(meeting_id))
        return [*stored, *(RecordedFact(fact, len(stored) + place, self._now(), "") for place, fact in enumerate(owed, start=1))]

    async def seat(self, meeting_id: str, visitor: Visitor) -> Seat | None:
        async with self._store.reading() as uow:
            account = await uow.accounts.get(visitor.account_id)
            if account is None or account.disabled:
                return None
            actor = await actor_for(uow, account, None, self._now())
        try:
            entry = await entry_of(self._store, actor, meeting_id)
        except Forbidden:
            return Seat(visitor.member_id or "", visitor.name, "participant", "member", may_enter=False)
        except NotFound:
            return None
        kinds = [post.kind for post in actor.posts if post.org_id == entry.meeting.org_id]
        return Seat(entry.member.member_id, entry.member.name, _role(entry), _post(entry, kinds), may_enter=True)

    async def deliver(self, facts: Sequence[Fact]) -> None:
        """Opening first, so that a sheet never shows facts of a meeting that is not open yet; ending last, so that the sheet of one
        that has ended always knows when."""
        for fact in facts:
            if fact.kind is FactKind.MEETING_OPENED:
                await self._turn(fact)
        try:
            await append_facts(self._store, facts, self._now())
        except FactMalformed as malformed:
            raise Unacceptable(str(malformed)) from malformed
        for fact in facts:
            if fact.kind is FactKind.MEETING_ENDED:
                await self._turn(fact)
            elif fact.kind in (FactKind.RECORDING_STARTED, FactKind.RECORDING_STOPPED):
                await self._recording(fact)

    async def _recording(self, fact: Fact) -> None:
        """A recording's record follows its facts; told twice, it changes once."""
        recording_id = fact.body["recordingId"]
        try:
            if fact.kind is FactKind.RECORDING_STARTED:
                await recordings.begun(self._store, recording_id, fact.stream.partition(":")[2], fact.at, fact.author)
            else:
                await recordings.stopped(self._store, self._rulebook, recording_id, fact.at, fact.body["reason"])
        except NotFound as gone:
            log.warning("recording_not_kept", recording=recording_id, code=gone.code)

    async def _turn(self, fact: Fact) -> None:
        """The meeting's own state follows its opening and ending; a repeated delivery finds it turned already."""
        meeting_id = fact.stream.partition(":")[2]
        try:
            if fact.kind is FactKind.MEETING_OPENED:
                await mark_opened(self._store, OPERATOR, meeting_id, fact.at)
            elif fact.kind is FactKind.MEETING_ENDED:
                await mark_ended(self._store, OPERATOR, meeting_id, fact.at)
        except (MeetingNotScheduled, MeetingNotOpen, NotFound) as turned:
            log.warning("meeting_not_turned", meeting=meeting_id, kind=fact.kind.value, code=turned.code)

    async def open_meetings(self) -> list[str]:
        opened = [fact.stream.partition(":")[2] for fact in self._owed() if fact.kind is FactKind.MEETING_OPENED]
        async with self._store.reading() as uow:
            query = MeetingQuery(reach=Reach(everywhere=True), states=frozenset({MeetingState.OPEN}), page_size=10_000)
            meetings, _ = await uow.meetings.search(query)
        return list(dict.fromkeys([*(meeting.meeting_id for meeting in meetings), *opened]))

    async def presence_before(self, meeting_id: str) -> dict[str, tuple[float, float]]:
        owed = self._owed_of(meeting_id)
        async with self._store.reading() as uow:
            meeting = await uow.meetings.get(meeting_id)
            facts = await self._facts(uow, meeting_id, owed) if meeting else []
        found, _ = measure(facts, self._rulebook, until=max((fact.fact.at for fact in facts), default=None))
        return {member_id: (one.present_seconds, one.speech.measured_speaking_seconds) for member_id, one in found.members.items()}

    async def left_open(self, meeting_id: str, since: float | None) -> list[OpenConnection]:
        owed = self._owed_of(meeting_id)
        async with self._store.reading() as uow:
            return without_end(meeting_id, await self._facts(uow, meeting_id, owed), since)


def stage_of(meeting: Meeting, owed: Sequence[Fact]) -> tuple[Stage, float | None]:
    """(stage, when it was opened), by what is stored and what is on its way."""
    stage: Stage = meeting.state.value
    opened_at = meeting.opened_at
    for fact in owed:
        if fact.kind is FactKind.MEETING_OPENED and stage == "scheduled":
            stage, opened_at = "open", fact.at
        elif fact.kind is FactKind.MEETING_ENDED and stage == "open":
            stage = "ended"
    return stage, opened_at


def without_end(meeting_id: str, recorded: Sequence[RecordedFact], since: float | None) -> list[OpenConnection]:
    """A crash may come between a joining and the next beat: then the last thing said of the meeting is the last sign of life."""
    facts = [one.fact for one in recorded]
    left = {fact.body.get("connectionId") for fact in facts if fact.kind is FactKind.CONNECTION_LEFT}
    last = max((fact.at for fact in facts), default=0.0)
    joined = [fact for fact in facts if fact.kind is FactKind.CONNECTION_JOINED and (since is None or fact.at >= since)]
    return [
        OpenConnection(meeting_id, fact.member_id or "", fact.body["connectionId"], last)
        for fact in joined
        if fact.body["connectionId"] not in left
    ]


def _role(entry: Entry) -> Role:
    if entry.may_moderate:
        return "moderator"
    return "observer" if entry.capacity is Capacity.OBSERVER else "participant"


def _post(entry: Entry, kinds: Sequence[PostKind]) -> Post:
    """What the tile says under the name: the weightiest post held here, else how the member takes part."""
    for kind in PostKind:
        if kind in kinds:
            return POSTS[kind]
    if entry.capacity is Capacity.OBSERVER:
        return "observer"
    if entry.capacity is Capacity.HOST_MEMBER:
        return "hostMember"
    return "probationary" if entry.member.stage is MemberStage.PROBATIONARY else "member"
