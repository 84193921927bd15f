"""What the store in memory holds, and what its repositories share: unique columns and reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from ..accesschain import LoggedAccess
from ..assignedwork import AssignedWork
from ..attachments import Attachment
from ..delivery import Delivery, DeliveryPreferences, WebhookEndpoint
from ..discussions import Contribution, ContributionVersion, ReadMark, Thread
from ..dualmanagement import ConsentRequest, Declaration, HostEvaluation, LifeDay, Measured, RegistrationLine, ThreadEntry
from ..dues import DuesEntry, DuesStanding, DuesTerms
from ..facts import RecordedFact
from ..memberfile import ChangeRequest, FileChange, FileEntry, MemberFile, SavedList
from ..mobility import (
    ActivityCertificate,
    ContactEntry,
    FloatingRegistration,
    Liaison,
    LostContactCase,
    OrgRelation,
    OrgRelationTransfer,
    SeparateConsent,
)
from ..model import (
    Account,
    Attendee,
    Consent,
    FailedAttempts,
    LeaveRequest,
    Meeting,
    Member,
    Objection,
    OrgKind,
    OrgUnit,
    Post,
    RoleGrant,
    Session,
)
from ..notifying import KeptNotification
from ..ports import Reach
from ..privacy import DataRequest
from ..protection import Assessment, Breach, BreachLine
from ..recordings import MeetingRecording, RecordingFile
from ..refusals import Conflict
from ..reports import ReportStep, ThoughtReport
from ..transferports import Letterhead, TransferLine
from .chain import Head


@dataclass(slots=True)
class Books:
    """Everything the store holds. Lists inside are replaced, never changed, so that a copy of a dictionary is a copy of its content."""

    organisations: dict[str, OrgUnit] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    grants: dict[RoleGrant, None] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    attempts: dict[str, FailedAttempts] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    attendees: dict[str, tuple[Attendee, ...]] = field(default_factory=dict)
    leaves: dict[tuple[str, str], LeaveRequest] = field(default_factory=dict)
    objections: dict[str, Objection] = field(default_factory=dict)
    consents: dict[tuple[str, str, float], Consent] = field(default_factory=dict)
    streams: dict[str, tuple[RecordedFact, ...]] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)
    keys: dict[str, None] = field(default_factory=dict)
    access: dict[int, LoggedAccess] = field(default_factory=dict)
    access_head: dict[str, Head] = field(default_factory=dict)
    anchored: dict[str, int] = field(default_factory=dict)
    files: dict[str, MemberFile] = field(default_factory=dict)
    entries: dict[str, FileEntry] = field(default_factory=dict)
    file_changes: dict[int, FileChange] = field(default_factory=dict)
    change_requests: dict[str, ChangeRequest] = field(default_factory=dict)
    saved_lists: dict[str, SavedList] = field(default_factory=dict)
    transfers: dict[str, OrgRelationTransfer] = field(default_factory=dict)
    transfer_lines: dict[str, tuple[TransferLine, ...]] = field(default_factory=dict)
    letterheads: dict[str, Letterhead] = field(default_factory=dict)
    recordings: dict[str, MeetingRecording] = field(default_factory=dict)
    recording_files: dict[str, list[RecordingFile]] = field(default_factory=dict)
    data_requests: dict[str, DataRequest] = field(default_factory=dict)
    notifications: dict[str, KeptNotification] = field(default_factory=dict)
    registrations: dict[str, FloatingRegistration] = field(default_factory=dict)
    registration_lines: dict[str, tuple[RegistrationLine, ...]] = field(default_factory=dict)
    declarations: dict[str, tuple[Declaration, ...]] = field(default_factory=dict)
    sharing_consents: dict[tuple[str, str, str, float], SeparateConsent] = field(default_factory=dict)
    consent_requests: dict[str, ConsentRequest] = field(default_factory=dict)
    liaisons: dict[tuple[str, str, date], Liaison] = field(default_factory=dict)
    contacts: dict[str, ContactEntry] = field(default_factory=dict)
    lost_cases: dict[str, LostContactCase] = field(default_factory=dict)
    activity_certificates: dict[str, ActivityCertificate] = field(default_factory=dict)
    org_relations: dict[str, tuple[OrgRelation, ...]] = field(default_factory=dict)
    thread_entries: dict[str, ThreadEntry] = field(default_factory=dict)
    host_evaluations: dict[str, HostEvaluation] = field(default_factory=dict)
    life_days: dict[str, tuple[LifeDay, ...]] = field(default_factory=dict)
    measured_meetings: dict[str, Measured] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    attachment_contents: dict[str, bytes] = field(default_factory=dict)
    reports: dict[str, ThoughtReport] = field(default_factory=dict)
    report_steps: dict[tuple[str, int], ReportStep] = field(default_factory=dict)
    report_duties: dict[str, date] = field(default_factory=dict)
    dues_entries: dict[str, DuesEntry] = field(default_factory=dict)
    dues_terms: dict[str, DuesTerms] = field(default_factory=dict)
    assigned_works: dict[str, AssignedWork] = field(default_factory=dict)
    dues_standings: dict[str, DuesStanding] = field(default_factory=dict)
    assessments: dict[str, Assessment] = field(default_factory=dict)
    breaches: dict[str, Breach] = field(default_factory=dict)
    breach_lines: dict[tuple[str, int], BreachLine] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    delivery_preferences: dict[str, DeliveryPreferences] = field(default_factory=dict)
    webhooks: dict[str, WebhookEndpoint] = field(default_factory=dict)
    leases: dict[str, tuple[str, float]] = field(default_factory=dict)
    discussion_threads: dict[str, Thread] = field(default_factory=dict)
    contributions: dict[str, Contribution] = field(default_factory=dict)
    contribution_versions: dict[tuple[str, int], ContributionVersion] = field(default_factory=dict)
    read_marks: dict[tuple[str, str], ReadMark] = field(default_factory=dict)

    def copy(self) -> Books:
        return Books(**{one.name: dict(getattr(self, one.name)) for one in fields(self)})


def refuse_twice(records: Iterable[Any], existing: Iterable[Any], *names: str) -> None:
    """What a unique column does."""
    for name in names:
        taken = {getattr(one, name) for one in existing} - {None}
        for record in records:
            value = getattr(record, name)
            if value in taken:
                raise Conflict
            taken |= {value} - {None}


def places(units: dict[str, OrgUnit], reach: Reach) -> set[str]:
    """Ids of the organisations within reach."""
    return {unit.org_id for unit in units.values() if reach.everywhere or _is_within(unit, reach)}


def _is_within(unit: OrgUnit, reach: Reach) -> bool:
    group_of_named = unit.kind is OrgKind.PARTY_GROUP and unit.parent_id in reach.org_ids
    return unit.org_id in reach.org_ids or group_of_named or unit.path.startswith(reach.paths)
