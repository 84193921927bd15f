"""Instants as the wire spells them: ISO 8601 in China's zone, to the millisecond."""

from __future__ import annotations

from datetime import date, datetime

from ledger.model import CHINA


def iso(instant: float) -> str:
    return datetime.fromtimestamp(instant, CHINA).isoformat(timespec="milliseconds")


def iso_or_none(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)


def day_or_none(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
