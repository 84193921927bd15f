"""The scribe: what happened in the room and on the media plane, turned into facts of the ledger. One of the two translators.

Every fact has a key that names what it is about, so that delivering it again changes nothing, and that a crash recovery closing the same
thing (heartbeat.py) says it only once. Chat is nobody's record and leaves no fact.
"""

from __future__ import annotations

from functools import singledispatchmethod
from typing import Any

from ledger.facts import Fact, FactKind, meeting_stream
from rooms import events as e
from rooms.events import Happening
from server.live.heartbeat import connection_left_key, media_stopped_key, recording_stopped_key, speech_key

Json = dict[str, Any]


class Scribe:
    """`run` is unique for each time a room is taken up, so that its revisions name facts."""

    def __init__(self, meeting_id: str, run: str) -> None:
        self._meeting_id = meeting_id
        self._run = run
        self._starts: dict[str, int] = {}  # producer → how often its media has started

    def fact(
        self,
        key: str,
        kind: FactKind,
        at: float,
        member_id: str | None = None,
        body: Json | None = None,
        *,
        author: str = "system",
        reason: str | None = None,
    ) -> Fact:
        return Fact(f"{self._meeting_id}:{key}", meeting_stream(self._meeting_id), kind, at, member_id, body or {}, author, reason)

    def of_event(self, event: e.Event) -> list[Fact]:
        """The facts of one event of the room, mostly none or one."""
        return self._of(event.what, f"{self._run}.{event.revision}")

    @singledispatchmethod
    def _of(self, what: Happening, number: str) -> list[Fact]:
        return []

    @_of.register
    def _(self, what: e.RoomOpened, number: str) -> list[Fact]:
        return [self.fact("opened", FactKind.MEETING_OPENED, what.at, author=what.by or "system")]

    @_of.register
    def _(self, what: e.RoomEnded, number: str) -> list[Fact]:
        abandoned: dict[str, Any] = {"inferred": True} if what.by is None else {}
        return [self.fact("ended", FactKind.MEETING_ENDED, what.at, body=abandoned, author=what.by or "system")]

    @_of.register
    def _(self, what: e.PeerJoined, number: str) -> list[Fact]:
        body = {"connectionId": what.peer.peer_id, "deviceId": what.peer.device_id, "device": what.peer.device}
        return [self.fact(f"{what.peer.peer_id}:joined", FactKind.CONNECTION_JOINED, what.peer.joined_at, what.member_id, body)]

    @_of.register
    def _(self, what: e.PeerLeft, number: str) -> list[Fact]:
        body = {"connectionId": what.peer_id, "reason": what.reason}
        return [self.fact(connection_left_key(what.peer_id), FactKind.CONNECTION_LEFT, what.at, what.member_id, body)]

    @_of.register
    def _(self, what: e.MemberRemoved, number: str) -> list[Fact]:
        reason = what.reason or None
        return [
            self.fact(f"removed:{number}", FactKind.MEMBER_REMOVED, what.at, what.member_id, {"by": what.by}, author=what.by, reason=reason)
        ]

    @_of.register
    def _(self, what: e.ProducerAdded, number: str) -> list[Fact]:
        if what.producer.source != "microphone" or what.producer.paused:
            return []
        return [self._microphone(what.peer_id, what.member_id, what.producer.producer_id, False, what.member_id, what.at, number)]

    @_of.register
    def _(self, what: e.ProducerPausedSet, number: str) -> list[Fact]:
        if what.source != "microphone":
            return []
        return [self._microphone(what.peer_id, what.member_id, what.producer_id, what.paused, what.by, what.at, number)]

    def _microphone(self, peer: str, member: str, producer: str, muted: bool, by: str, at: float, number: str) -> Fact:
        kind = FactKind.MIC_MUTED if muted else FactKind.MIC_UNMUTED
        body = {"connectionId": peer, "producerId": producer} | ({"by": by} if muted else {})
        return self.fact(f"{producer}:mic:{number}", kind, at, member, body)

    @_of.register
    def _(self, what: e.HandRaised, number: str) -> list[Fact]:
        return [self.fact(f"hand:{number}", FactKind.HAND_RAISED, what.at, what.member_id)]

    @_of.register
    def _(self, what: e.HandLowered, number: str) -> list[Fact]:
        return [self.fact(f"hand:{number}", FactKind.HAND_LOWERED, what.at, what.member_id, {"by": what.by})]

    @_of.register
    def _(self, what: e.FloorGiven, number: str) -> list[Fact]:
        return [self.fact(f"floor:{number}", FactKind.FLOOR_GIVEN, what.at, what.member_id, {"by": what.by})]

    @_of.register
    def _(self, what: e.FloorWithdrawn, number: str) -> list[Fact]:
        return [self.fact(f"floor:{number}", FactKind.FLOOR_WITHDRAWN, what.at, what.member_id, {"by": what.by})]

    @_of.register
    def _(self, what: e.RecordingStarted, number: str) -> list[Fact]:
        body = {"recordingId": what.recording_id}
        return [self.fact(f"recording:{what.recording_id}:started", FactKind.RECORDING_STARTED, what.at, body=body, author=what.by)]

    @_of.register
    def _(self, what: e.RecordingStopped, number: str) -> list[Fact]:
        body = {"recordingId": what.recording_id, "reason": what.reason}
        key = recording_stopped_key(what.recording_id)
        return [self.fact(key, FactKind.RECORDING_STOPPED, what.at, body=body, author=what.by or "system")]

    @_of.register
    def _(self, what: e.RecordingAgreed, number: str) -> list[Fact]:
        body = {"textVersion": what.version}
        key = f"recording:agreed:{number}"
        return [self.fact(key, FactKind.RECORDING_AGREED, what.at, what.member_id, body, author=what.member_id)]

    @_of.register
    def _(self, what: e.RecordingDeclined, number: str) -> list[Fact]:
        key = f"recording:declined:{number}"
        return [self.fact(key, FactKind.RECORDING_DECLINED, what.at, what.member_id, author=what.member_id)]

    @_of.register
    def _(self, what: e.RecordingObjected, number: str) -> list[Fact]:
        body = {"recordingId": what.recording_id}
        key = f"recording:objected:{number}"
        return [self.fact(key, FactKind.RECORDING_OBJECTED, what.at, what.member_id, body, author=what.member_id)]

    def consent(self, member_id: str, notice_version: str, at: float) -> Fact:
        key = f"consent:{member_id}:{notice_version}"
        return self.fact(key, FactKind.CONSENT_RECORDED, at, member_id, {"noticeVersion": notice_version}, author=member_id)

    def media_flow(self, peer: str, member: str, producer: str, source: str, flowing: bool, at: float) -> Fact:
        if flowing:
            self._starts[producer] = self._starts.get(producer, 0) + 1
        number = self._starts.get(producer, 0)
        kind = FactKind.MEDIA_STARTED if flowing else FactKind.MEDIA_STOPPED
        key = f"{producer}:started:{number}" if flowing else media_stopped_key(producer, number)
        return self.fact(key, kind, at, member, {"connectionId": peer, "producerId": producer, "source": source})

    def speech(self, peer: str, member: str, producer: str, segment: str, start: float, end: float) -> Fact:
        body = {"connectionId": peer, "producerId": producer, "start": start, "end": end}
        return self.fact(speech_key(producer, segment), FactKind.SPEECH_SEGMENT, start, member, body)
