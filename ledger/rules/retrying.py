"""When a failed delivery is tried again, and when a member may be disturbed. Instants in, instants out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

#: Seconds after the first, second … failure; the last one repeats.
PAUSES = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0)
#: A mail server may be away over a long weekend.
GIVE_UP_SECONDS = 5 * 86_400.0
DAY_MINUTES = 24 * 60


def next_try(tries: int, created_at: float, now: float) -> float | None:
    """After `tries` failures; None: given up."""
    pause = PAUSES[min(max(tries, 1), len(PAUSES)) - 1]
    return None if now + pause > created_at + GIVE_UP_SECONDS else now + pause


def after_quiet(at: float, quiet_from: int, quiet_until: int, zone: timezone) -> float:
    """`at` itself outside the quiet hours, else their end. They may pass midnight; equal ends: there are none."""
    minute = _minute(at, zone)
    quiet = quiet_from <= minute < quiet_until if quiet_from <= quiet_until else minute >= quiet_from or minute < quiet_until
    return at_minute(at, quiet_until, zone) if quiet else at


def at_minute(at: float, minute: int, zone: timezone) -> float:
    """The next instant, at or after `at`, at which the clock shows this minute of the day."""
    moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
    wanted = moment.replace(hour=minute // 60 % 24, minute=minute % 60, second=0, microsecond=0)
    return (wanted if wanted >= moment else wanted + timedelta(days=1)).timestamp()


def _minute(at: float, zone: timezone) -> int:
    moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return moment.hour * 60 + moment.minute
