"""The sheet, the own record, facts, objections, corrections: as the rules made them, with names instead of account ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.actions.attendance import OwnRecord, RecentRecord, SheetForReader
from ledger.facts import RecordedFact
from ledger.model import Objection
from ledger.rules.attendance import MemberAttendance, PresenceInterval
from ledger.rules.corrections import AttendanceGrade, CorrectedField, Correction
from ledger.sheet import AttendanceSheet, SheetRow
from server.http.views.moments import iso, iso_or_none
from server.schemas import accounts as a
from server.schemas import attendance as s

Names = Mapping[str, str]


def sheet(found: SheetForReader, locale: str) -> s.SheetView:
    own, counts = found.sheet, found.sheet.counts
    members = {row.member_id: row.name for row in own.rows}
    return s.SheetView.model_validate(
        {
            **_head(own),
            "org_name": own.org_name,
            "form": own.form.value,
            "state": own.state.value,
            "planned_start": iso(own.planned_start),
            "planned_end": iso(own.planned_end),
            "chair_name": own.chair_name,
            **{name: getattr(counts, name) for name in counts.__dataclass_fields__},
            "absent_names": list(own.names(AttendanceGrade.ABSENT)),
            "excused_names": list(own.names(AttendanceGrade.EXCUSED)),
            "rows": [_row(row, found.names, locale) for row in own.rows],
            "complaints": [one.sentence(locale) for one in own.complaints if one.member_id is None],
            "schema_version": own.schema_version,
            "last_fact_number": own.last_fact_number,
            "last_fact_hash": own.last_fact_hash,
            "objections_until": iso_or_none(found.objections_until),
            "objections": [objection(one, members.get(one.member_id, ""), found.names) for one in found.objections],
            "may_correct": found.may_correct,
        }
    )


def own_record(found: OwnRecord, locale: str) -> s.OwnRecord:
    name = found.row.name
    return s.OwnRecord.model_validate(
        {
            **_head(found.sheet),
            "row": _row(found.row, found.names, locale),
            "facts": [fact(one, found.names) for one in found.facts],
            "objection": objection(found.objection, name, found.names) if found.objection else None,
            "objections_until": iso_or_none(found.objections_until),
            "may_object": found.may_object,
        }
    )


def recent(found: RecentRecord, now: float) -> a.RecentRecord:
    record, until = found.row.record, found.objections_until
    return a.RecentRecord(
        meeting_id=found.meeting.meeting_id,
        title=found.meeting.title,
        org_name=found.org.name,
        started_at=iso(found.meeting.opened_at or found.meeting.planned_start),
        present_seconds=record.present_seconds,
        share=record.share,
        grade=found.row.grade.value,
        speaking_seconds=record.speech.speaking_seconds,
        objection_open_until=iso(until) if until is not None and now <= until else None,
        may_see_sheet=found.may_see_sheet,
    )


def fact(recorded: RecordedFact, names: Names) -> s.FactView:
    one = recorded.fact
    return s.FactView(
        number=recorded.number,
        kind=one.kind.value,
        at=iso(one.at),
        recorded_at=iso(recorded.recorded_at),
        member_id=one.member_id,
        author_name=names.get(one.author, ""),
        reason=one.reason,
        body=one.body,
        hash=recorded.hash,
    )


def objection(one: Objection, name: str, names: Names) -> s.ObjectionView:
    return s.ObjectionView(
        objection_id=one.objection_id,
        member_id=one.member_id,
        name=name,
        text=one.text,
        raised_at=iso(one.raised_at),
        decision=one.decision.value,
        decided_by_name=names.get(one.decided_by) if one.decided_by else None,
        decided_at=iso_or_none(one.decided_at),
        answer=one.answer,
    )


def _head(sheet: AttendanceSheet) -> dict[str, Any]:
    return {
        "meeting_id": sheet.meeting_id,
        "title": sheet.title,
        "opened_at": iso_or_none(sheet.opened_at),
        "ended_at": iso_or_none(sheet.ended_at),
        "session_seconds": sheet.session.seconds,
        "present_share": sheet.present_share,
        "bridge_seconds": sheet.bridge_tolerance,
        "rulebook_version": sheet.rulebook_version,
    }


def _row(row: SheetRow, names: Names, locale: str) -> dict[str, Any]:
    record = row.record
    return {
        "member_id": row.member_id,
        "number": row.number,
        "name": row.name,
        "branch_name": row.branch_name,
        "stage": row.stage.value,
        "capacity": row.capacity.value,
        "exempt": row.exempt,
        "grade": record.grade.value,
        "leave": row.leave.value if row.leave else None,
        "leave_reason": row.leave_reason,
        "first_join": iso_or_none(record.first_join),
        "last_leave": iso_or_none(record.last_leave),
        "present_seconds": record.present_seconds,
        "share": record.share,
        "late_seconds": record.late_seconds,
        "early_seconds": record.early_seconds,
        "connections": record.connections,
        "devices": record.devices,
        "speaking_seconds": record.speech.speaking_seconds,
        "speeches": record.speech.speeches,
        "floor_seconds": record.speech.floor_seconds,
        "evidence": record.evidence_seconds(),
        "intervals": [_interval(one) for one in record.intervals],
        "corrections": [_correction(one, record, names) for one in record.corrections],
        "objection": row.objection.value if row.objection else None,
        "complaints": [one.sentence(locale) for one in row.complaints],
    }


def _interval(one: PresenceInterval) -> dict[str, Any]:
    return {
        "start": iso(one.start),
        "end": iso(one.end),
        "bridged_seconds": one.bridged_seconds,
        "evidence": one.evidence.value,
        "inferred_end": one.inferred_end,
    }


def _correction(one: Correction, record: MemberAttendance, names: Names) -> dict[str, Any]:
    measured = {
        CorrectedField.PRESENT_SECONDS: record.measured_present_seconds,
        CorrectedField.SPEAKING_SECONDS: record.speech.measured_speaking_seconds,
        CorrectedField.GRADE: record.measured_grade.value,
    }.get(one.field)
    return {
        "field": one.field.value,
        "measured": measured,
        "value": one.value,
        "author_name": names.get(one.author, ""),
        "reason": one.reason,
        "at": iso(one.at),
    }
