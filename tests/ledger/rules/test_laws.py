"""Laws of attendance over any set of facts: order and repetition change nothing, a device never costs presence, presence ≤ session."""

import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.facts import Fact, FactKind, RecordedFact
from ledger.rulebook import DEFAULT
from ledger.rules.attendance import measure, present_at
from tests.ledger.story import T, expected

instants = st.integers(-200, 1200).map(lambda s: T + s / 2)
members = st.sampled_from(["li", "wang"])
ids = st.sampled_from(["c1", "c2", "c3"])


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from([k for k in FactKind if k is not FactKind.ATTENDANCE_CORRECTED]))
    at, other = draw(instants), draw(instants)
    connection = draw(ids)
    body: dict[str, Any] = {
        "connectionId": connection,
        "deviceId": f"d{connection[-1]}",
        "producerId": f"p-{connection}",
        "start": at,
        "end": other,
        "inferred": draw(st.booleans()),
        "objectionId": draw(st.sampled_from(["o1", "o2"])),
        "accepted": draw(st.booleans()),
    }
    for missing in draw(st.sets(st.sampled_from(sorted(body)), max_size=1)):
        del body[missing]
    about = None if kind in (FactKind.MEETING_OPENED, FactKind.MEETING_ENDED) else draw(members)
    return Fact("", "meeting:mt", kind, at, about, body)


def numbered(found: list[Fact]) -> list[RecordedFact]:
    return [RecordedFact(replace(fact, key=f"k{n}"), n, T, "") for n, fact in enumerate(found, start=1)]


histories = st.lists(facts(), max_size=25).map(numbered)


@given(histories, st.randoms(use_true_random=False), st.integers(0, 5))
@settings(max_examples=150)
def test_order_and_repetition_change_nothing(recorded: list[RecordedFact], chance: random.Random, repeats: int) -> None:
    shuffled = recorded + chance.choices(recorded, k=repeats) if recorded else []
    chance.shuffle(shuffled)
    assert measure(shuffled, DEFAULT, expected("li")) == measure(recorded, DEFAULT, expected("li"))
    assert present_at(shuffled, T + 100) == present_at(recorded, T + 100)


@given(histories)
@settings(max_examples=150)
def test_presence_and_speech_stay_within_the_session_and_the_parts_make_the_whole(recorded: list[RecordedFact]) -> None:
    meeting, complaints = measure(recorded, DEFAULT, expected("li", "wang"))
    for record in meeting.members.values():
        assert 0 <= record.speech.speaking_seconds <= record.present_seconds <= meeting.session.seconds
        parts = record.bridged_seconds + sum(seconds for _, seconds in record.evidence)
        assert abs(parts - record.present_seconds) < 1e-6
        assert abs(sum(i.end - i.start for i in record.intervals) - record.present_seconds) < 1e-6
        assert 0 <= record.share <= 1
        assert record.speech.with_floor_seconds <= min(record.speech.speaking_seconds, record.speech.floor_seconds) + 1e-6
    assert all(c.sentence("zh") and c.sentence("en") for c in complaints)


@given(histories, instants, instants)
@settings(max_examples=150)
def test_another_device_never_takes_presence_away(recorded: list[RecordedFact], one: float, other: float) -> None:
    start, end = sorted((one, other))
    ids_of = {"connectionId": "extra", "deviceId": "extra"}
    joined = Fact("extra-1", "meeting:mt", FactKind.CONNECTION_JOINED, start, "li", ids_of)
    left = Fact("extra-2", "meeting:mt", FactKind.CONNECTION_LEFT, end, "li", ids_of)
    ended = any(r.fact.kind is FactKind.MEETING_ENDED for r in recorded)
    until = None if ended else T + 700  # otherwise the new device itself would move an end that is only inferred
    before, _ = measure(recorded, DEFAULT, expected("li"), until=until)
    after, _ = measure([*recorded, RecordedFact(joined, 100, T, ""), RecordedFact(left, 101, T, "")], DEFAULT, expected("li"), until=until)
    if before.session == after.session:
        assert after.members["li"].present_seconds >= before.members["li"].present_seconds - 1e-6
        assert after.members["li"].devices >= before.members["li"].devices


@given(histories, st.lists(st.booleans(), min_size=25, max_size=25))
@settings(max_examples=60)
def test_any_part_of_the_facts_is_measured_without_an_exception(recorded: list[RecordedFact], kept: list[bool]) -> None:
    part = [one for one, keep in zip(recorded, kept, strict=False) if keep]
    meeting, _ = measure(part, DEFAULT, until=T + 300)
    assert set(meeting.members) <= {"li", "wang"}
