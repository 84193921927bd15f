"""Facts: what happened, appended and never edited.

A fact belongs to one stream (`meeting:<id>`, later also `member:<id>` …), is numbered within it from 1 without gaps, and is chained: its
hash covers the hash before it. A correction is a new fact naming its author and reason. Idempotence: `key` is unique over the ledger, so
an outbox may deliver a fact as often as it likes. This file knows shapes only; the rules in `ledger/rules` give facts a meaning.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1
GENESIS = "0" * 64


class FactKind(StrEnum):
    """What a fact says. `body` keys are given beside each; every instant is epoch seconds (float, UTC), every length seconds."""

    MEETING_OPENED = "meetingOpened"  # {}
    MEETING_ENDED = "meetingEnded"  # {inferred?: bool}
    CONNECTION_JOINED = "connectionJoined"  # {connectionId, deviceId, device: phone|desktop}
    CONNECTION_LEFT = "connectionLeft"  # {connectionId, reason, inferred?: bool}
    MEDIA_STARTED = "mediaStarted"  # {connectionId, producerId, source}    packets of the producer are arriving
    MEDIA_STOPPED = "mediaStopped"  # {connectionId, producerId, source, inferred?: bool}
    MIC_MUTED = "micMuted"  # {connectionId, producerId, by: member id}
    MIC_UNMUTED = "micUnmuted"  # {connectionId, producerId}
    SPEECH_SEGMENT = "speechSegment"  # {connectionId, producerId, start, end}    `at` equals start
    HAND_RAISED = "handRaised"  # {}
    HAND_LOWERED = "handLowered"  # {by: member id}
    FLOOR_GIVEN = "floorGiven"  # {by: member id}
    FLOOR_WITHDRAWN = "floorWithdrawn"  # {by: member id}
    MEMBER_REMOVED = "memberRemoved"  # {by: member id, reason}
    CONSENT_RECORDED = "consentRecorded"  # {noticeVersion}
    RECORDING_STARTED = "recordingStarted"  # {recordingId}
    RECORDING_STOPPED = "recordingStopped"  # {recordingId, reason, inferred?: bool}
    RECORDING_AGREED = "recordingAgreed"  # {textVersion}    the member may be recorded from here on
    RECORDING_DECLINED = "recordingDeclined"  # {}    … and from here on not
    RECORDING_OBJECTED = "recordingObjected"  # {recordingId}
    PRESENCE_CONFIRMED = "presenceConfirmed"  # {start, end, how}    by the secretary: telephone, shared device, in the room
    ATTENDANCE_CORRECTED = "attendanceCorrected"  # {field, value, objectionId?}    see rules/attendance for the fields
    OBJECTION_RAISED = "objectionRaised"  # {objectionId, text}
    OBJECTION_DECIDED = "objectionDecided"  # {objectionId, accepted: bool, answer}
    LATE_ENTRY = "lateEntry"  # {note}    the meeting was recorded afterwards (补录)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact before it is appended. `member_id`: whom it is about (None: the whole meeting); `author`: who said it ("system": measured)."""

    key: str  # unique over the ledger, ≤ 200 ASCII characters
    stream: str
    kind: FactKind
    at: float
    member_id: str | None = None
    body: dict[str, Any] = field(default_factory=dict)
    author: str = "system"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """A fact as it stands in the ledger: `number` within its stream, when it was recorded, and the chain's hash up to and including it."""

    fact: Fact
    number: int
    recorded_at: float
    hash: str


def meeting_stream(meeting_id: str) -> str:
    return f"meeting:{meeting_id}"


def canonical(fact: Fact, number: int) -> bytes:
    """The bytes the chain covers: JSON with sorted keys, no spaces, UTF-8.

    `recorded_at` is left out: it may differ between two stores of the same facts.
    """
    shape = {
        "key": fact.key,
        "stream": fact.stream,
        "number": number,
        "kind": fact.kind.value,
        "at": fact.at,
        "memberId": fact.member_id,
        "body": fact.body,
        "author": fact.author,
        "reason": fact.reason,
        "schema": SCHEMA_VERSION,
    }
    return json.dumps(shape, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chain_hash(previous: str, fact: Fact, number: int) -> str:
    """SHA-256 over the previous hash and the fact's canonical bytes, in hex."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(fact, number)).hexdigest()
