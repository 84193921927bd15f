"""A member on the road, for the stories and tables about mobility: days by hand, and records with nothing left to fill in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from ledger.mobility import DepartureReport, FloatingRegistration, FlowRange, FlowReason, Place, SeparateConsent, SharingPurpose, Side
from ledger.mobilityrules import DEFAULT
from ledger.rules.declined import Declined
from ledger.rules.floating import FloatingStep, NameHost, RegistrationStep, ReportIn, ReportInHow, register, step_registration

LEFT = date(2026, 3, 10)
SHENZHEN = Place("深圳市南山区", "440305")
BERLIN = Place("Berlin", country="DE")
REPORT = DepartureReport("li", FlowReason.WORK, FlowRange.OUT_OF_PROVINCE, SHENZHEN, LEFT, "13800000000")
NAME_HOST = NameHost("host-committee", "host-branch")
REPORT_IN = ReportIn("host-committee", "host-branch", ReportInHow.CERTIFICATE)

T = TypeVar("T")


def instant(day: date, hour: int = 4) -> float:
    """Noon in China of a day, unless another hour (UTC) is given."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp()


CONSENT = SeparateConsent("li", "host-committee", SharingPurpose.HOST_MANAGEMENT, "2026-1", instant(LEFT))


def done(found: T | Declined) -> T:
    assert not isinstance(found, Declined), found
    return found


def code(found: Any) -> str:
    assert isinstance(found, Declined), found
    return found.code


def departed(**changes: Any) -> FloatingRegistration:
    found = register(replace(REPORT, **changes), "r1", "home-branch", (), Side.MEMBER, instant(LEFT))
    return done(found).registration


def take(registration: FloatingRegistration, step: FloatingStep, side: Side, day: date = LEFT, **more: Any) -> RegistrationStep | Declined:
    return step_registration(registration, step, side, instant(day), DEFAULT, **({"consents": [CONSENT]} | more))


def awaiting(day: date = LEFT) -> FloatingRegistration:
    return done(take(departed(), NAME_HOST, Side.HOME, day)).registration


def reported_in(day: date = LEFT) -> FloatingRegistration:
    return done(take(awaiting(), REPORT_IN, Side.HOST, day)).registration
