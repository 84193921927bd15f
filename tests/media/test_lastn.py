"""Who is heard, who is seen."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.lastn import HEARD, MIN_SHOWN_SECONDS, Candidate, LastN, Loudness


def loudness(*ids: str) -> Loudness:
    made = Loudness()
    for id in ids:
        made.add(id)
    return made


def speak(ranks: Loudness, start: float, seconds: float, **levels: float) -> float:
    """Levels in dBov, a packet each 20 ms, a tick each 100 ms. → when it ended."""
    for n in range(round(seconds * 50)):
        for id, level in levels.items():
            ranks.feed(id, level)
        if n % 5 == 4:
            ranks.tick(start + (n + 1) * 0.02)
    return start + seconds


@pytest.mark.parametrize(
    ("story", "levels", "expected"),
    [
        ("silence keeps the order of coming", {}, ["a", "b", "c", "d", "e"]),
        ("noise moves nobody", {"e": -65.0}, ["a", "b", "c", "d", "e"]),
        ("one voice comes first", {"e": -30.0}, ["e", "a", "b", "c", "d"]),
        ("a clearly louder one before it", {"d": -40.0, "e": -30.0}, ["e", "d", "a", "b", "c"]),
        ("equal voices stay as they are", {"d": -31.0, "e": -30.0}, ["d", "e", "a", "b", "c"]),
    ],
)
def test_the_order_follows_the_voices(story: str, levels: dict[str, float], expected: list[str]) -> None:
    ranks = loudness("a", "b", "c", "d", "e")
    speak(ranks, 0.0, 1.0, **levels)
    assert ranks.order == expected


def test_each_hears_three_that_are_not_its_own() -> None:
    ranks = loudness("a", "b", "c", "d", "e")
    speak(ranks, 0.0, 1.0, e=-30.0)
    assert ranks.heard() == ["e", "a", "b"]
    assert ranks.heard({"e"}) == ["a", "b", "c"]
    assert loudness("a", "b").heard({"a"}) == ["b"]


def test_a_voice_is_heard_from_its_first_tick() -> None:
    ranks = loudness("a", "b", "c", "d")
    now = speak(ranks, 0.0, 2.0, a=-30.0, b=-30.0)
    assert ranks.heard() == ["a", "b", "c"]
    speak(ranks, now, 0.1, a=-30.0, b=-30.0, d=-45.0)
    assert ranks.heard() == ["a", "b", "d"]


def test_a_cough_takes_nobodys_place_for_long_and_a_breath_loses_none() -> None:
    ranks = loudness("a", "b", "c", "d")
    now = speak(ranks, 0.0, 2.0, a=-30.0, b=-30.0, c=-30.0)
    now = speak(ranks, now, 0.1, a=-30.0, b=-30.0, d=-28.0)  # c takes a breath, d coughs
    assert ranks.heard() == ["a", "b", "c"]


def test_who_stopped_speaking_makes_room_after_seconds() -> None:
    ranks = loudness("a", "b", "c", "d")
    now = speak(ranks, 0.0, 2.0, a=-30.0, b=-30.0, c=-30.0)
    now = speak(ranks, now, 1.5, a=-30.0, b=-30.0, d=-32.0)
    assert ranks.heard() == ["a", "b", "d"]


def test_mute_takes_effect_at_once() -> None:
    ranks = loudness("a", "b", "c", "d")
    speak(ranks, 0.0, 1.0, a=-10.0, d=-30.0)
    ranks.mute("a")
    assert ranks.order == ["d", "b", "c", "a"]


def test_who_left_is_not_ranked_and_strangers_change_nothing() -> None:
    ranks = loudness("a", "b")
    ranks.remove("a")
    ranks.remove("a")
    ranks.feed("a", -1.0)
    ranks.feed("stranger", -1.0)
    ranks.mute("stranger")
    assert ranks.tick(1.0) is False
    assert ranks.order == ["b"]


def test_even_conversation_does_not_flicker() -> None:
    """Six who talk alike for a minute (seeded, 6 dB of spread): the three heard change rarely."""
    chance = random.Random(4)
    ids = ["a", "b", "c", "d", "e", "f"]
    ranks = loudness(*ids)
    changes, before = 0, ranks.heard()
    for n in range(3000):
        for id in ids:
            ranks.feed(id, -33.0 + chance.random() * 6)
        if n % 5 == 4:
            ranks.tick(n * 0.02)
            changes += ranks.heard() != before
            before = ranks.heard()
    assert changes == 0


# --- pictures ---------------------------------------------------------------------------------------------------------------------------


def pictures(count: int, **flags: str) -> list[Candidate]:
    """p0…: by loudness; `pinned="p3"` and so on set a flag."""
    made = [Candidate(f"p{n}", loudness=n) for n in range(count)]
    for name, id in flags.items():
        made = [Candidate(**(entry._asdict() | {name: True})) if entry.producer_id == id else entry for entry in made]
    return made


@pytest.mark.parametrize(
    ("story", "limit", "candidates", "expected"),
    [
        ("fewer than can be shown", 4, pictures(2), ["p0", "p1"]),
        ("the loudest", 3, pictures(6), ["p0", "p1", "p2"]),
        (
            "chosen ones first, in their order",
            5,
            pictures(9, floor="p5", moderator="p6", screen="p7", pinned="p8"),
            ["p8", "p7", "p6", "p5", "p0"],
        ),
        ("more chosen than places", 1, pictures(9, floor="p5", pinned="p8"), ["p8"]),
        ("none", 0, pictures(3), []),
    ],
)
def test_who_is_seen(story: str, limit: int, candidates: list[Candidate], expected: list[str]) -> None:
    assert LastN(limit).choose(candidates, 0.0) == expected


def test_a_new_speaker_takes_the_place_of_the_quietest_after_a_while() -> None:
    shown = LastN(3)
    shown.choose(pictures(6), 0.0)
    speaking = [entry._replace(loudness=0 if entry.producer_id == "p5" else entry.loudness + 1) for entry in pictures(6)]
    assert shown.choose(speaking, MIN_SHOWN_SECONDS - 0.1) == ["p0", "p1", "p2"]
    assert shown.choose(speaking, MIN_SHOWN_SECONDS) == ["p5", "p0", "p1"]


def test_pictures_outside_the_first_voices_do_not_change_places() -> None:
    shown = LastN(5)
    shown.choose(pictures(8), 0.0)
    quiet = [entry._replace(loudness=3 if entry.producer_id == "p7" else entry.loudness + 3) for entry in pictures(8)]
    assert set(shown.choose(quiet, 60.0)) == {"p0", "p1", "p2", "p3", "p4"}


def test_a_place_that_becomes_free_is_filled_at_once() -> None:
    shown = LastN(3)
    shown.choose(pictures(5), 0.0)
    assert shown.choose(pictures(5)[1:], 0.1) == ["p1", "p2", "p3"]


@given(
    st.lists(
        st.lists(
            st.builds(
                Candidate, st.sampled_from("abcdefgh"), st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 9)
            ),
            max_size=8,
            unique_by=lambda entry: entry.producer_id,
        ),
        max_size=20,
    ),
    st.integers(0, 6),
)
def test_whoever_comes_and_goes_all_places_are_used_and_none_twice(rounds: list[list[Candidate]], limit: int) -> None:
    shown = LastN(limit)
    for second, candidates in enumerate(rounds):
        found = shown.choose(candidates, float(second))
        assert len(found) == len(set(found)) == min(limit, len(candidates))
        assert set(found) <= {entry.producer_id for entry in candidates}
        pinned = [entry.producer_id for entry in candidates if entry.pinned]
        assert len(set(found) & set(pinned)) == min(limit, len(pinned))


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(-127, 0), st.sampled_from(["feed", "feed", "add", "remove", "mute", "tick"])))
)
def test_the_order_names_everybody_once(steps: list[tuple[str, float, str]]) -> None:
    ranks, there = Loudness(), set[str]()
    for now, (id, level, action) in enumerate(steps):
        if action == "feed":
            ranks.feed(id, level)
        elif action == "tick":
            ranks.tick(now * 0.1)
        elif action == "mute":
            ranks.mute(id)
        elif action == "add":
            ranks.add(id)
            there.add(id)
        else:
            ranks.remove(id)
            there.discard(id)
        assert sorted(ranks.order) == sorted(there)
        assert len(ranks.heard()) == min(HEARD, len(there))
