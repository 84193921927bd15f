"""Points of an organisation that has turned them on: entries derived from attendance, each naming its evidence and its rule.

Nothing is stored: the same facts and rulebook give the same entries. There is no ranking and no comparison between members here, and
nothing is given for logging in, for time on screen or for speaking. Exempt members are simply not asked for more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..model import MeetingForm, day_of
from ..rulebook import PointRule, Rulebook
from .attendance import MemberAttendance
from .corrections import AttendanceGrade

COUNTED = frozenset({AttendanceGrade.PRESENT})


@dataclass(frozen=True, slots=True)
class AttendedMeeting:
    """One meeting of a member's year. `fact_keys`: the facts that carry the evidence; `at`: the opening."""

    meeting_id: str
    title: str
    form: MeetingForm
    at: float
    record: MemberAttendance
    fact_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointEntry:
    """`points` after the yearly cap; `full_points` before it. The explanation is a whole sentence for the member."""

    entry_id: str
    member_id: str
    meeting_id: str
    at: float
    year: int
    kind: str
    points: float
    full_points: float
    rulebook_version: str
    fact_keys: tuple[str, ...]
    explanation_zh: str
    explanation_en: str


def point_entries(meetings: Iterable[AttendedMeeting], rulebook: Rulebook) -> tuple[PointEntry, ...]:
    """Entries in order of time. Each meeting gives at most one entry to a member; the cap of a kind holds per calendar year (in China)."""
    rules = {rule.form: rule for rule in rulebook.point_rules}
    once = {(m.record.member_id, m.meeting_id): m for m in meetings}
    entries: list[PointEntry] = []
    used: dict[tuple[str, int, str], float] = {}
    for one in sorted(once.values(), key=lambda m: (m.at, m.meeting_id, m.record.member_id)):
        rule = rules.get(one.form)
        if rule is None or one.record.grade not in COUNTED:
            continue
        place = (one.record.member_id, day_of(one.at).year, rule.kind)
        given = max(0.0, min(rule.points, rule.yearly_cap - used.get(place, 0.0)))
        used[place] = used.get(place, 0.0) + given
        entries.append(_entry(one, rule, given, rulebook))
    return tuple(entries)


def total_of(entries: Iterable[PointEntry], member_id: str, year: int, rulebook: Rulebook) -> float:
    return max(rulebook.points_floor, sum(e.points for e in entries if e.member_id == member_id and e.year == year))


def _entry(one: AttendedMeeting, rule: PointRule, given: float, rulebook: Rulebook) -> PointEntry:
    share = f"{one.record.share * 100:.0f}%"
    entry = PointEntry(
        entry_id=f"{one.meeting_id}:{one.record.member_id}:{rule.kind}",
        member_id=one.record.member_id,
        meeting_id=one.meeting_id,
        at=one.at,
        year=day_of(one.at).year,
        kind=rule.kind,
        points=given,
        full_points=rule.points,
        rulebook_version=rulebook.version,
        fact_keys=one.fact_keys,
        explanation_zh=f"参加“{one.title}”，在会 {share}，按规则 {rulebook.version} 计 {given:g} 分",
        explanation_en=f"attended “{one.title}”, present for {share}, {given:g} points by rulebook {rulebook.version}",
    )
    if given == rule.points:
        return entry
    return replace(
        entry,
        explanation_zh=f"{entry.explanation_zh}（本类全年以 {rule.yearly_cap:g} 分为限）",
        explanation_en=f"{entry.explanation_en} (this kind counts up to {rule.yearly_cap:g} points a year)",
    )
