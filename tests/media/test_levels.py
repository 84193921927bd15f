"""Bars beside names: loud ones rise at once, fall gently, and vanish."""

from media.levels import LevelObserver


def speak(observer: LevelObserver, producer_id: str, dbov: float, start: float, seconds: float) -> float:
    for n in range(round(seconds / 0.02)):
        observer.feed(producer_id, dbov, start + n * 0.02)
    return start + seconds


def test_only_audible_ones_are_told() -> None:
    observer = LevelObserver()
    speak(observer, "loud", -20, 0.0, 0.2)
    speak(observer, "fan", -65, 0.0, 0.2)
    speak(observer, "silence", -127, 0.0, 0.2)
    assert observer.tick(0.2) == {"loud": -20.0}


def test_the_mean_is_of_power() -> None:
    observer = LevelObserver()
    observer.feed("p", -20, 0.0)
    observer.feed("p", -40, 0.02)
    assert observer.tick(0.04) == {"p": -23.0}


def test_a_bar_falls_within_a_third_of_a_second() -> None:
    observer = LevelObserver()
    speak(observer, "p", -20, 0.0, 0.2)
    bars = [observer.tick(0.2)]
    for n in range(1, 4):
        speak(observer, "p", -127, 0.1 * n + 0.1, 0.1)
        bars.append(observer.tick(0.1 * n + 0.2))
    assert bars == [{"p": -20.0}, {"p": -21.8}, {"p": -23.5}, {"p": -25.3}]
    assert observer.tick(1.0) == {}


def test_one_that_stops_sending_is_dropped() -> None:
    observer = LevelObserver()
    speak(observer, "p", -20, 0.0, 0.2)
    observer.tick(0.2)
    assert observer.tick(0.9) == {}


def test_a_removed_one_is_dropped_at_once() -> None:
    observer = LevelObserver()
    speak(observer, "p", -20, 0.0, 0.2)
    observer.remove("p")
    assert observer.tick(0.2) == {}
