"""Speech segments: measured against speech of known length, and short stories of what is not speech."""

import json
import math
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.speech import FRAME_SECONDS, Event, SpeechDetector
from tests.support.speech import SILENCE, Recording, levels_of, record, without_dtx


def hear(detector: SpeechDetector, levels: Iterable[float | None], start: float = 0.0) -> list[Event]:
    """One packet per 20 ms that arrives when its frame ended; None: no packet, only a tick."""
    events: list[Event] = []
    for index, level in enumerate(levels):
        now = start + (index + 1) * FRAME_SECONDS
        events += detector.tick(now) if level is None else detector.feed(level, now)
    return events


def segments(events: Iterable[Event]) -> list[tuple[float, float]]:
    return [(round(event[2], 2), round(event[3], 2)) for event in events if event[0] == "ended"]


def heard(levels: Iterable[float | None]) -> list[tuple[float, float]]:
    detector = SpeechDetector()
    frames = list(levels)
    return segments([*hear(detector, frames), *detector.close(len(frames) * FRAME_SECONDS)])


def quiet(seconds: float, level: float = SILENCE) -> list[float]:
    return [level] * round(seconds / FRAME_SECONDS)


def voice(seconds: float, peak: float = -20.0) -> list[float]:
    """Syllables: levels that swing by 12 dB four times a second."""
    return [peak - 6 + 6 * math.sin(2 * math.pi * 4 * n * FRAME_SECONDS + 1.0) for n in range(round(seconds / FRAME_SECONDS))]


@pytest.fixture(scope="module", params=["en+f2", "en+m3", "cmn"])
def recording(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record(tmp_path_factory.mktemp("speech") / "talk.wav", count=3, voice=request.param)


@pytest.mark.parametrize(
    ("story", "gain_db", "noise_dbov", "tolerance"),
    [
        ("clean", 0, None, 0.01),
        ("12 dB quieter, as without gain control", -12, None, 0.01),
        ("20 dB quieter", -20, None, 0.015),
        ("12 dB louder and clipped by nothing", 6, None, 0.01),
        ("noise at -60 dBov", 0, -60, 0.01),
        ("noise at -50 dBov", 0, -50, 0.015),
        ("noise at -40 dBov, 15 dB below the voice", 0, -40, 0.03),
    ],
)
def test_speech_of_known_length_is_measured(
    story: str, gain_db: float, noise_dbov: float | None, tolerance: float, recording: Recording
) -> None:
    found = heard(levels_of(recording, gain_db, noise_dbov))
    assert len(found) == len(recording.utterances)
    assert sum(end - start for start, end in found) == pytest.approx(recording.spoken, rel=tolerance)
    for (start, end), (true_start, true_end) in zip(found, recording.utterances, strict=True):
        assert start == pytest.approx(true_start, abs=0.16)
        assert end == pytest.approx(true_end, abs=0.16)


def test_speech_is_measured_when_silence_is_not_sent(recording: Recording) -> None:
    found = heard(without_dtx(levels_of(recording)))
    assert len(found) == len(recording.utterances)
    assert sum(end - start for start, end in found) == pytest.approx(recording.spoken, rel=0.01)


@pytest.mark.parametrize(
    ("story", "loss", "delay", "burst_every"),
    [
        ("a tenth lost at random", 0.10, 0.0, 0),
        ("arrivals scattered over 40 ms", 0.0, 0.04, 0),
        ("a hold-up of 200 ms every two seconds, then all at once", 0.0, 0.0, 100),
        ("all of it", 0.05, 0.03, 100),
    ],
)
def test_speech_is_measured_over_a_bad_path(story: str, loss: float, delay: float, burst_every: int, recording: Recording) -> None:
    chance = random.Random(3)
    arrivals = []
    for index, level in enumerate(levels_of(recording)):
        now = (index + 1) * FRAME_SECONDS + chance.random() * delay
        if burst_every and index % burst_every < 10:
            now = (index - index % burst_every + 11) * FRAME_SECONDS
        if chance.random() >= loss:
            arrivals.append((now, level))
    detector = SpeechDetector()
    events = [event for now, level in sorted(arrivals) for event in detector.feed(level, now)]
    found = segments([*events, *detector.close(recording.seconds)])
    assert sum(end - start for start, end in found) == pytest.approx(recording.spoken, rel=0.02)


CHROMIUM: list[dict[str, Any]] = json.loads((Path(__file__).parent.parent / "vectors" / "chromium_levels.json").read_text())["recordings"]


@pytest.mark.parametrize("captured", CHROMIUM, ids=[captured["name"] for captured in CHROMIUM])
def test_speech_is_measured_as_a_real_browser_sends_it(captured: dict[str, Any]) -> None:
    """Gain control, noise suppression and echo cancellation on. Chromium sets the V bit in silence, too, unless DTX drops the packet."""
    detector = SpeechDetector()
    events: list[Event] = []
    for milliseconds, level, marked in captured["packets"]:
        events += detector.feed(-level, milliseconds / 1000, bool(marked))
    found = [end - start for start, end in segments([*events, *detector.close(60.0)])]
    assert found == [pytest.approx(length, abs=0.15) for length in captured["lengths"]]
    assert sum(found) == pytest.approx(sum(captured["lengths"]), rel=0.01)


@pytest.mark.parametrize(
    ("story", "levels", "expected"),
    [
        ("silence", quiet(10), []),
        ("steady noise at -50 dBov", quiet(10, -50), []),
        ("one long sentence", quiet(1) + voice(5) + quiet(2), [(1.0, 6.0)]),
        ("one short word", quiet(1) + voice(0.3) + quiet(2), [(1.0, 1.3)]),
        ("a voice from the very first packet", voice(3) + quiet(2), [(0.0, 3.0)]),
        ("a pause between words", quiet(1) + voice(2) + quiet(0.6) + voice(2) + quiet(2), [(1.0, 5.6)]),
        ("a pause to think", quiet(1) + voice(2) + quiet(1.2) + voice(2) + quiet(2), [(1.0, 3.0), (4.2, 6.2)]),
        ("a click of 40 ms", quiet(1) + quiet(0.04, -10) + quiet(2), []),
        ("typing", quiet(1) + (quiet(0.04, -25) + quiet(0.14)) * 20 + quiet(1), []),
        ("a breath long after speech", quiet(1) + voice(3) + quiet(2) + quiet(0.3, -52) + quiet(2), [(1.0, 4.0)]),
        ("a breath right before speech", quiet(1) + voice(3) + quiet(2) + quiet(0.3, -52) + quiet(0.14) + voice(2) + quiet(2),
         [(1.0, 4.0), (6.44, 8.44)]),
        ("a breath with a click in it before speech", quiet(1) + voice(3) + quiet(1.5) + quiet(0.12, -50) + quiet(0.04, -12)
         + quiet(0.12, -50) + quiet(0.6) + voice(2) + quiet(2), [(1.0, 4.0), (6.38, 8.38)]),
        ("a breath before the very first word", quiet(1) + quiet(0.3, -50) + quiet(0.6) + voice(3) + quiet(2), [(1.9, 4.9)]),
        ("what an echo canceller leaves of another voice", quiet(1) + voice(3) + voice(3, -58) + quiet(2), [(1.0, 4.0)]),
        ("the mouse click on mute", quiet(1) + voice(3) + quiet(0.5) + quiet(0.04, -20) + quiet(2), [(1.0, 4.0)]),
        ("a whisper", quiet(1, -75) + voice(2, -44) + quiet(2, -75), [(1.0, 3.0)]),
    ],
)  # fmt: skip
def test_what_counts_as_speech(story: str, levels: list[float], expected: list[tuple[float, float]]) -> None:
    assert heard(levels) == expected


@pytest.mark.parametrize("levels", [quiet(3, -80) + quiet(10, -45), quiet(10, -30)], ids=["starts later", "loud from the first packet"])
def test_a_fan_that_passed_for_a_voice_is_taken_back(levels: list[float]) -> None:
    assert sum(end - start for start, end in heard(levels)) < 0.1


def test_a_fan_does_not_hide_the_speech_over_it() -> None:
    assert heard(quiet(5, -48) + voice(3) + quiet(3, -48)) == [(5.0, 8.0)]


def test_beginning_and_end_are_told_as_soon_as_they_are_known() -> None:
    detector = SpeechDetector()
    told = []
    for index, level in enumerate(quiet(1) + voice(2) + quiet(2)):
        now = (index + 1) * FRAME_SECONDS
        told += [(round(now, 2), event[0]) for event in detector.feed(level, now)]
    assert told == [(1.12, "started"), (3.8, "ended")]


def test_segments_are_numbered() -> None:
    events = hear(SpeechDetector(), (quiet(1) + voice(1) + quiet(1)) * 3)
    assert [(event[0], event[1]) for event in events] == [
        (name, number) for number in (1, 2, 3) for name in ("started", "ended")
    ]  # fmt: skip


def test_mute_ends_the_segment_and_deafens_until_unmute() -> None:
    detector = SpeechDetector()
    hear(detector, quiet(1) + voice(2))
    assert segments(detector.mute(3.0)) == [(1.0, 3.0)]
    assert hear(detector, voice(3), start=3.0) == []
    detector.unmute(6.0)
    events = hear(detector, quiet(0.5) + voice(1) + quiet(1), start=6.0)
    assert segments(events) == [(6.5, 7.5)]


def test_mute_in_silence_says_nothing() -> None:
    detector = SpeechDetector()
    hear(detector, quiet(2))
    assert detector.mute(2.0) == []
    assert detector.close(3.0) == []


def test_a_producer_that_vanishes_stops_speaking_at_its_last_voice() -> None:
    detector = SpeechDetector()
    hear(detector, quiet(1) + voice(2))
    assert detector.tick(3.7) == []
    assert segments(detector.tick(3.9)) == [(1.0, 3.0)]
    assert detector.tick(9.0) == []


def test_a_bang_does_not_deafen() -> None:
    found = heard(quiet(1) + quiet(0.2, -2) + quiet(2) + voice(4, -34) + quiet(2))
    assert found[-1][0] == pytest.approx(3.2, abs=0.5)
    assert found[-1][1] == 7.2


def test_a_sender_that_never_marks_voice_is_heard_by_its_level() -> None:
    detector = SpeechDetector()
    events: list[Event] = []
    for index, level in enumerate(quiet(1) + voice(2) + quiet(2)):
        events += detector.feed(level, (index + 1) * FRAME_SECONDS, voice_flag=False)
    assert segments(events) == [(1.0, 3.0)]


def test_a_sender_that_marks_voice_is_believed_about_faint_sounds() -> None:
    def with_marks(mark_hum: bool) -> list[tuple[float, float]]:
        detector = SpeechDetector()
        events: list[Event] = []
        frames = [(level, True) for level in quiet(1) + voice(2)] + [(level, mark_hum) for level in quiet(0.5, -56)]
        for index, (level, mark) in enumerate(frames + [(SILENCE, False)] * 60):
            events += detector.feed(level, (index + 1) * FRAME_SECONDS, voice_flag=mark)
        return segments(events)

    assert with_marks(mark_hum=False) == [(1.0, 3.0)]
    assert with_marks(mark_hum=True) == [(1.0, 3.5)]


@given(st.lists(st.tuples(st.floats(-127, 0), st.floats(0.0, 2.0), st.sampled_from([None, True, False])), max_size=200))
def test_whatever_is_fed_segments_are_whole_and_in_order(packets: list[tuple[float, float, bool | None]]) -> None:
    detector = SpeechDetector()
    events: list[Event] = []
    now = 0.0
    for level, pause, mark in packets:
        now += pause
        events += detector.feed(level, now, mark)
    events += detector.close(now)
    assert [(event[0], event[1]) for event in events] == [
        (name, number) for number in range(1, len(events) // 2 + 1) for name in ("started", "ended")
    ]
    previous = -1.0
    for event in events:
        if event[0] == "ended":
            assert previous <= event[2] <= event[3] <= now
            previous = event[3]
