"""A registration as one flat row and back; its report and places are columns of it. Declarations the same."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Row, Select, select

from ..dualmanagement import Declaration
from ..mobility import ContactStatus, DepartureReport, FloatingRegistration, FlowRange, FlowReason, Place, RegistrationState, Side
from .tables_mobility import floating_registrations, whereabouts

_OF_REPORT = (
    "left_on",
    "contact",
    "destination_unit",
    "industry",
    "former_occupation",
    "expected_return_on",
)
_APART = frozenset({"report", "destination", "state", "contact_status", "member_id"})
_PLAIN = tuple(field.name for field in fields(FloatingRegistration) if field.name not in _APART)


def write_registration(one: FloatingRegistration) -> dict[str, Any]:
    report = one.report
    return {
        "member_id": one.member_id,
        "state": one.state.value,
        "contact_status": one.contact_status.value,
        "reason": report.reason.value,
        "flow_range": report.flow_range.value,
        **{name: getattr(one, name) for name in _PLAIN},
        **{name: getattr(report, name) for name in _OF_REPORT},
        **_place("reported", report.destination),
        **_place("place", one.destination),
    }


def read_registration(row: Row[Any]) -> FloatingRegistration:
    values = row._mapping
    report = DepartureReport(
        values["member_id"],
        FlowReason(values["reason"]),
        FlowRange(values["flow_range"]),
        Place(values["reported_name"], values["reported_code"], values["reported_country"]),
        **{name: values[name] for name in _OF_REPORT},
    )
    return FloatingRegistration(
        member_id=values["member_id"],
        report=report,
        state=RegistrationState(values["state"]),
        contact_status=ContactStatus(values["contact_status"]),
        destination=Place(values["place_name"], values["place_code"], values["place_country"]),
        **{name: values[name] for name in _PLAIN},
    )


def select_registrations() -> Select[Any]:
    return select(floating_registrations)


def write_declaration(one: Declaration) -> dict[str, Any]:
    return {
        "registration_id": one.registration_id,
        **_place("place", one.place),
        "declared_at": one.declared_at,
        "side": one.side.value,
        "author": one.author,
        "moved": one.moved,
        "unit": one.unit,
        "contact": one.contact,
    }


def read_declaration(row: Row[Any]) -> Declaration:
    place = Place(row.place_name, row.place_code, row.place_country)
    return Declaration(row.registration_id, place, row.declared_at, Side(row.side), row.author, row.moved, row.unit, row.contact)


def select_declarations() -> Select[Any]:
    return select(whereabouts)


def _place(prefix: str, place: Place) -> dict[str, str]:
    return {f"{prefix}_name": place.name, f"{prefix}_code": place.code, f"{prefix}_country": place.country}
