"""The facts of a meeting as chapters of its recording."""

from __future__ import annotations

from typing import Any

from ledger.facts import Fact, FactKind, RecordedFact
from ledger.rules.chapters import Chapter, chapters

K = FactKind


def fact(kind: FactKind, at: float, member: str | None = None, **body: Any) -> RecordedFact:
    return RecordedFact(Fact(f"{kind}{at}{member}", "meeting:M", kind, at, member, body), 1, at, "")


def speech(member: str, start: float, end: float) -> RecordedFact:
    return fact(K.SPEECH_SEGMENT, start, member, start=start, end=end)


def test_floor_hands_screens_and_the_opening_lie_on_the_recordings_clock() -> None:
    told = [
        fact(K.MEETING_OPENED, 105.0),
        fact(K.HAND_RAISED, 110.0, "li"),
        fact(K.FLOOR_GIVEN, 112.0, "li"),
        fact(K.MEDIA_STARTED, 113.0, "li", source="screen"),
        fact(K.MEDIA_STARTED, 113.0, "li", source="camera"),
        fact(K.MEDIA_STOPPED, 120.0, "li", source="screen"),
        fact(K.FLOOR_WITHDRAWN, 130.0, "li"),
        fact(K.FLOOR_GIVEN, 140.0, "wang"),
    ]
    assert chapters(told, 100.0, 150.0) == [
        Chapter(5.0, 0.0, "opened", None),
        Chapter(10.0, 0.0, "hand", "li"),
        Chapter(12.0, 18.0, "floor", "li"),
        Chapter(13.0, 7.0, "screen", "li"),
        Chapter(40.0, 10.0, "floor", "wang"),
    ]


def test_speech_with_breath_in_between_is_one_contribution_and_short_words_are_none() -> None:
    told = [speech("li", 100, 103), speech("wang", 102, 103), speech("li", 109, 112), speech("li", 130, 140)]
    assert chapters(told, 100.0, 200.0) == [Chapter(0.0, 12.0, "speech", "li"), Chapter(30.0, 10.0, "speech", "li")]


def test_what_lies_outside_is_cut_or_left_out() -> None:
    told = [fact(K.MEETING_OPENED, 10.0), speech("li", 90, 110), speech("li", 150, 190), speech("li", 300, 310)]
    assert chapters(told, 100.0, 160.0) == [Chapter(0.0, 10.0, "speech", "li"), Chapter(50.0, 10.0, "speech", "li")]
