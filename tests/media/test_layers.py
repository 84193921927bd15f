"""Which layer each consumer gets: what is wanted, what is there, what fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.layers import (
    PAUSED,
    SQUEEZE_MARGIN,
    SQUEEZE_SECONDS,
    STAY_MARGIN,
    STOP_SECONDS,
    UP_WAIT_SECONDS,
    Cadence,
    Layer,
    LayerChoice,
    LayerMeter,
    SenderWishes,
    Trial,
    Wish,
    allocate,
    ideal,
    target,
)

THREE = (Layer(150_000, 180), Layer(500_000, 360), Layer(1_700_000, 720))
VOICE = (Layer(40_000, 0),)


def voice(id: str) -> Wish:
    return Wish(id, "audio", VOICE)


def picture(id: str, tile: int = 720, rank: int = 0, layers: tuple[Layer, ...] = THREE, visible: bool = True) -> Wish:
    return Wish(id, "video", layers, tile=tile, rank=rank, visible=visible)


@pytest.mark.parametrize(
    ("story", "wish", "now", "asked_of_sender"),
    [
        ("a large tile", picture("v"), 2, 2),
        ("a tile as large as the middle layer", picture("v", 360), 1, 1),
        ("a little larger than the small layer", picture("v", 200), 0, 0),
        ("a thumbnail", picture("v", 90), 0, 0),
        ("larger than everything", picture("v", 2160), 2, 2),
        ("outside the page", picture("v", visible=False), PAUSED, PAUSED),
        ("the largest is not alive", picture("v", layers=(*THREE[:2], Layer(0, 720))), 1, 2),
        ("the smallest is not alive", picture("v", 90, layers=(Layer(0, 180), *THREE[1:])), 1, 0),
        ("nothing is alive", picture("v", layers=(Layer(0, 180),)), PAUSED, 0),
        ("no layers", picture("v", layers=()), PAUSED, PAUSED),
        ("a voice", voice("a"), 0, 0),
    ],
)
def test_a_tile_wants_the_smallest_layer_that_is_enough(story: str, wish: Wish, now: int, asked_of_sender: int) -> None:
    assert (target(wish), ideal(wish)) == (now, asked_of_sender)


@pytest.mark.parametrize(
    ("story", "allowed", "wishes", "expected"),
    [
        ("everything fits", 9_000_000, [voice("a"), picture("v"), picture("w")], {"a": 0, "v": 2, "w": 2}),
        ("a voice is never paused", 10_000, [voice("a"), voice("b"), picture("v")], {"a": 0, "b": 0, "v": PAUSED}),
        (
            "300 kb/s: the voice and one small picture",
            300_000,
            [voice("a"), picture("v", rank=1), picture("w")],
            {"a": 0, "v": PAUSED, "w": 0},
        ),
        ("everybody's first layer before anybody's second", 500_000, [picture("v"), picture("w", rank=1)], {"v": 0, "w": 0}),
        ("then the more important one's second", 800_000, [picture("v"), picture("w", rank=1)], {"v": 1, "w": 0}),
        ("a pinned one before the loudest", 250_000, [picture("v"), picture("w", rank=9)._replace(pinned=True)], {"v": PAUSED, "w": 0}),
        (
            "the screen before the moderator",
            250_000,
            [picture("m")._replace(moderator=True), picture("s")._replace(screen=True)],
            {"m": PAUSED, "s": 0},
        ),
        ("a dead layer is stepped over", 9_000_000, [picture("v", layers=(THREE[0], Layer(0, 360), THREE[2]))], {"v": 2}),
        ("outside the page costs nothing", 200_000, [picture("v", visible=False), picture("w", rank=5)], {"v": PAUSED, "w": 0}),
        ("nobody", 100, [], {}),
    ],
)
def test_allocation(story: str, allowed: int, wishes: list[Wish], expected: dict[str, int]) -> None:
    assert allocate(allowed, wishes, {}).chosen == expected


def test_what_is_wanted_is_told_whatever_fits() -> None:
    allocation = allocate(100_000, [voice("a"), picture("v")], {})
    assert (allocation.bitrate, allocation.wanted) == (40_000, int(1_740_000 * 1.15))


def test_a_wavering_estimate_changes_nothing() -> None:
    choice = LayerChoice()
    wishes = [voice("a"), picture("v", 360)]
    assert choice.choose(700_000, wishes, 0.0) == {"a": 0, "v": 1}
    assert [choice.choose(allowed, wishes, 1.0 + n) for n, allowed in enumerate((540_000, 620_000, 530_000, 700_000))] == [{}] * 4


def test_down_at_once_up_after_a_while_with_room_to_spare() -> None:
    choice = LayerChoice()
    wishes = [voice("a"), picture("v", 360)]
    choice.choose(700_000, wishes, 0.0)
    assert choice.choose(300_000, wishes, 1.0) == {"v": 0}
    assert choice.choose(700_000, wishes, 1.0 + UP_WAIT_SECONDS - 0.1) == {}
    assert choice.choose(560_000, wishes, 1.0 + UP_WAIT_SECONDS) == {}  # it would fit, but barely
    assert choice.choose(700_000, wishes, 1.0 + UP_WAIT_SECONDS) == {"v": 1}


def test_the_smallest_picture_is_squeezed_in_for_a_moment_but_only_if_it_nearly_fits() -> None:
    choice = LayerChoice()
    wishes = [picture("v", 180)]
    choice.choose(500_000, wishes, 0.0)
    assert choice.choose(110_000, wishes, 1.0) == {}
    assert choice.choose(110_000, wishes, 1.0 + SQUEEZE_SECONDS - 0.1) == {}
    assert choice.choose(110_000, wishes, 1.0 + SQUEEZE_SECONDS) == {"v": PAUSED}
    assert choice.choose(110_000, wishes, 9.0) == {}  # who has nothing is not squeezed in
    choice.choose(500_000, wishes, 10.0)
    assert choice.choose(100_000, wishes, 11.0) == {"v": PAUSED}


def test_a_larger_layer_is_never_squeezed_in() -> None:
    choice = LayerChoice()
    wishes = [picture("v", 360)]
    choice.choose(700_000, wishes, 0.0)
    assert choice.choose(450_000, wishes, 1.0) == {"v": 0}


def test_a_picture_comes_back_after_the_path_did() -> None:
    choice = LayerChoice()
    wishes = [voice("a"), picture("v", 180)]
    choice.choose(500_000, wishes, 0.0)
    assert choice.choose(60_000, wishes, 1.0) == {"v": PAUSED}
    assert choice.choose(500_000, wishes, 5.0) == {"v": 0}


def test_a_tile_that_was_made_small_and_large_again_waits_for_nothing() -> None:
    choice = LayerChoice()
    assert choice.choose(9_000_000, [picture("v")], 0.0) == {"v": 2}
    assert choice.choose(9_000_000, [picture("v", 90)], 1.0) == {"v": 0}
    assert choice.choose(9_000_000, [picture("v")], 1.1) == {"v": 2}


def test_a_layer_that_died_is_left_and_taken_again_when_it_lives() -> None:
    choice = LayerChoice()
    choice.choose(9_000_000, [picture("v")], 0.0)
    assert choice.choose(9_000_000, [picture("v", layers=(*THREE[:2], Layer(0, 720)))], 1.0) == {"v": 1}
    assert choice.choose(9_000_000, [picture("v")], 1.1) == {"v": 2}


def test_a_meter_measures_and_notices_silence() -> None:
    meter = LayerMeter()
    rates = [meter.sample(min(n, 20) * 12_500, n * 0.1) for n in range(40)]
    assert rates[10] == pytest.approx(1_000_000)
    assert rates[29] > 0
    assert rates[31] == 0


def test_a_meter_follows_a_counter_that_began_anew() -> None:
    meter = LayerMeter()
    meter.sample(1000, 0.0)
    meter.sample(13_500, 0.1)
    assert meter.sample(0, 0.2) == 1_000_000
    assert meter.sample(12_500, 0.3) == pytest.approx(1_000_000)


def test_senders_are_told_to_stop_late_and_to_start_at_once() -> None:
    wishes = SenderWishes()
    assert wishes.update({"p": [2, 0]}, 0.0) == {}
    assert wishes.update({"p": [0]}, STOP_SECONDS - 0.1) == {}
    assert wishes.update({"p": [0]}, STOP_SECONDS) == {"p": 0}
    assert wishes.update({"p": [0, 1]}, STOP_SECONDS + 0.1) == {"p": 1}
    assert wishes.update({"p": []}, 20.0) == {}
    assert wishes.update({"p": [1]}, 20.0 + STOP_SECONDS) == {}
    assert wishes.update({"p": []}, 30.0) == {}
    assert wishes.update({"p": [PAUSED]}, 30.0 + STOP_SECONDS) == {"p": PAUSED}
    assert wishes.update({}, 50.0) == {}
    assert wishes.update({"p": [1]}, 51.0) == {}


layer_lists = st.lists(st.builds(Layer, st.sampled_from([0, 100_000, 400_000, 900_000]), st.sampled_from([180, 360, 720])), max_size=3)
wish_lists = st.lists(
    st.builds(
        Wish,
        st.sampled_from("abcdefgh"),
        st.sampled_from(["audio", "video"]),
        layer_lists,
        tile=st.integers(0, 1500),
        visible=st.booleans(),
        pinned=st.booleans(),
        screen=st.booleans(),
        rank=st.integers(0, 5),
    ),
    max_size=8,
    unique_by=lambda wish: wish.consumer_id,
)


@given(st.lists(st.tuples(st.integers(0, 6_000_000), wish_lists), max_size=12))
def test_whatever_is_wished_voices_flow_and_pictures_stay_within_what_is_allowed(rounds: list[tuple[int, list[Wish]]]) -> None:
    choice = LayerChoice()
    for second, (allowed, wishes) in enumerate(rounds):
        choice.choose(allowed, wishes, float(second))
        assert set(choice.chosen) == {wish.consumer_id for wish in wishes}
        costs = {"audio": 0, "video": 0}
        for wish in wishes:
            layer = choice.chosen[wish.consumer_id]
            assert layer <= target(wish)
            assert layer == 0 if wish.kind == "audio" else layer == PAUSED or wish.layers[layer].bitrate > 0
            costs[wish.kind] += wish.layers[layer].bitrate if 0 <= layer < len(wish.layers) else 0
        assert costs["video"] == 0 or sum(costs.values()) <= allowed / (SQUEEZE_MARGIN if choice.holds else STAY_MARGIN)


def test_a_still_screen_that_sends_a_picture_a_second_is_waited_for() -> None:
    meter = LayerMeter()
    alive = []
    octets = 0
    for tick in range(1, 120):
        octets += 5000 if tick % 12 == 0 else 0  # every 1.2 s
        alive.append(meter.sample(octets, tick / 10) > 0)
    assert all(alive[40:])
    silent = [meter.sample(octets, 12.0 + tick / 10) > 0 for tick in range(40)]
    assert silent[0]
    assert not silent[-1]


def test_a_layer_that_is_known_to_have_stopped_is_left_at_once_whatever_it_did_before() -> None:
    meter = LayerMeter()
    octets = 0
    for tick in range(60):
        octets += 5000 if tick < 20 or tick > 50 else 0  # three seconds of silence before
        meter.sample(octets, tick / 10)
    assert meter.sample(octets, 6.0) > 0
    assert meter.sample(octets, 6.1, stopped=True) == 0
    assert meter.sample(octets + 5000, 6.2) > 0


def test_a_layer_that_lets_most_pictures_out_is_starved_until_it_keeps_up_again() -> None:
    cadence = Cadence()
    counts = [0, 20, 27, 34, 44, 58]  # of a smaller layer with 20 a second
    seen = []
    for frames in counts:
        cadence.judge(frames, 1.0, 20.0)
        seen.append(cadence.starved)
    assert seen == [False, False, True, True, True, False]


def test_where_all_layers_are_slow_none_is_starved() -> None:
    cadence = Cadence()
    for frames in (0, 4, 5, 6):
        cadence.judge(frames, 1.0, 4.0)
        assert not cadence.starved


def test_a_layer_that_its_sender_stopped_is_believed_again_when_it_has_lasted_each_time_longer() -> None:
    trial = Trial()

    def lives(start: float, end: float, *, stopped: bool = True) -> float | None:
        """→ after how many seconds it is believed."""
        found = None
        for tick in range(round(start * 10), round(end * 10)):
            trial.watch(True, False, tick / 10)
            found = tick / 10 - start if trial.passed and found is None else found
        trial.watch(False, stopped, end)
        return found

    assert [lives(0, 10), lives(12, 35), lives(36, 60), lives(61, 125)] == [0, 20, None, 60]
    assert lives(130, 140, stopped=False) is None  # it had lasted: 20 s; and now nobody wanted it any more
    assert lives(150, 160) == 0
