"""Who is shown large: voices that last, not noises that are loud."""

from collections.abc import Callable

from media.activespeaker import DominantSpeaker

Voice = Callable[[float], float]  # time → dBov


def constant(dbov: float) -> Voice:
    return lambda now: dbov


def between(start: float, end: float, dbov: float = -25.0, otherwise: float = -90.0) -> Voice:
    return lambda now: dbov if start <= now < end else otherwise


def changes(voices: dict[str, Voice], seconds: float, speaker: DominantSpeaker | None = None) -> list[tuple[float, str]]:
    """Packets every 20 ms, a tick every 300 ms as in mediasoup → (time, new dominant id)."""
    observer = speaker or DominantSpeaker()
    told = []
    for frame in range(round(seconds * 50)):
        now = frame * 0.02
        for producer_id, voice in voices.items():
            observer.feed(producer_id, voice(now), now)
        if frame % 15 == 14 and (winner := observer.tick(now)) is not None:
            told.append((round(now, 1), winner))
    return told


def test_nobody_dominates_a_silent_room() -> None:
    assert changes({"a": constant(-127), "b": constant(-80)}, 5) == []


def test_the_first_voice_dominates_and_is_told_once() -> None:
    assert changes({"a": constant(-90), "b": between(1, 9)}, 5) == [(1.2, "b")]


def test_the_floor_passes_to_the_next_voice_within_two_seconds() -> None:
    told = changes({"a": between(0, 4), "b": between(4, 10)}, 9)
    assert [winner for _, winner in told] == ["a", "b"]
    assert 4 < told[1][0] < 6


def test_a_cough_does_not_take_the_floor() -> None:
    assert changes({"a": between(0, 10), "b": between(4, 4.2, dbov=-10)}, 10) == [(0.3, "a")]


def test_a_door_that_slams_in_a_pause_does_not_take_the_floor() -> None:
    def with_pause(now: float) -> float:
        return -90.0 if 4 <= now < 4.4 else -25.0

    assert changes({"a": with_pause, "b": between(4.1, 4.3, dbov=-5)}, 10) == [(0.3, "a")]


def test_a_level_like_a_fan_never_dominates() -> None:
    assert changes({"fan": constant(-55), "b": between(3, 6)}, 8) == [(3.3, "b")]


def test_one_who_leaves_gives_the_floor_free() -> None:
    observer = DominantSpeaker()
    assert changes({"a": between(0, 9)}, 1, observer) == [(0.3, "a")]
    observer.remove("a")
    assert observer.dominant is None
    assert [winner for _, winner in changes({"b": between(0, 9)}, 1, observer)] == ["b"]


def test_one_whose_packets_stop_loses_to_the_next_voice() -> None:
    observer = DominantSpeaker()
    changes({"a": constant(-20)}, 3, observer)
    told = []
    for frame in range(150, 400):
        now = frame * 0.02
        observer.feed("b", -25, now)
        if frame % 15 == 14 and (winner := observer.tick(now)) is not None:
            told.append(winner)
    assert told == ["b"]
