"""When a failed delivery is tried again, and when a member may be disturbed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.model import CHINA
from ledger.rules.retrying import GIVE_UP_SECONDS, PAUSES, after_quiet, at_minute, next_try

DAY = 86_400.0


def at(text: str) -> float:
    return datetime.fromisoformat(f"2026-11-{text}+08:00").astimezone(UTC).timestamp()


def test_pauses_grow_and_end_with_giving_up() -> None:
    now, tries, instants = 0.0, 0, []
    while (due := next_try(tries + 1, 0.0, now)) is not None:
        tries, now = tries + 1, due
        instants.append(now)
    assert [round(b - a) for a, b in zip([0.0, *instants], instants, strict=False)][:7] == [60, 300, 900, 1800, 3600, 7200, 7200]
    assert GIVE_UP_SECONDS - PAUSES[-1] <= instants[-1] <= GIVE_UP_SECONDS
    assert sum(instant <= DAY for instant in instants) >= 12  # a server that is away for a day is asked again and again


@pytest.mark.parametrize(
    ("now", "quiet", "sent"),
    [
        ("26T12:00", ("22:00", "07:00"), "26T12:00"),
        ("26T22:00", ("22:00", "07:00"), "27T07:00"),
        ("26T21:59", ("22:00", "07:00"), "26T21:59"),
        ("26T03:30", ("22:00", "07:00"), "26T07:00"),
        ("26T07:00", ("22:00", "07:00"), "26T07:00"),
        ("26T12:30", ("12:00", "14:00"), "26T14:00"),
        ("26T23:00", ("12:00", "14:00"), "26T23:00"),
        ("26T12:00", ("00:00", "00:00"), "26T12:00"),
    ],
)
def test_quiet_hours_put_off_to_their_end(now: str, quiet: tuple[str, str], sent: str) -> None:
    start, end = (int(one[:2]) * 60 + int(one[3:]) for one in quiet)
    assert after_quiet(at(now), start, end, CHINA) == at(sent)


def test_a_time_of_day_is_today_s_or_tomorrow_s() -> None:
    assert at_minute(at("26T07:59"), 480, CHINA) == at("26T08:00")
    assert at_minute(at("26T08:00"), 480, CHINA) == at("26T08:00")
    assert at_minute(at("26T08:00:01"), 480, CHINA) == at("27T08:00")


@given(st.floats(1.7e9, 1.9e9), st.integers(0, 1439), st.integers(0, 1439))
def test_nothing_is_put_off_for_a_day_or_sent_within_the_quiet_hours(now: float, start: int, end: int) -> None:
    sent = after_quiet(now, start, end, CHINA)
    assert now <= sent < now + DAY
    assert after_quiet(sent, start, end, CHINA) == sent
