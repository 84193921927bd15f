"""Where rooms and receivers go, as tables."""

from __future__ import annotations

import pytest

from media.placing import BUSY_SHARE, SPREAD_RECEIVERS, Load, place_receiver, place_room
from media.plane import PlaneError
from media.tally import merged
from media.whereabouts import Whereabouts

FULL = SPREAD_RECEIVERS


@pytest.mark.parametrize(
    ("story", "loads", "chosen"),
    [
        ("nobody is there", {}, None),
        ("all idle: the first", {0: Load(), 1: Load()}, 0),
        ("the one with fewer rooms", {0: Load(rooms=1), 1: Load()}, 1),
        ("the one that works less", {0: Load(share=0.5), 1: Load(share=0.2, rooms=3)}, 1),
        ("receivers that just came count before they show", {0: Load(share=0.01, receivers=400), 1: Load(share=0.1)}, 1),
        ("the only one, however busy", {1: Load(share=0.99)}, 1),
    ],
)
def test_a_room_goes_to_the_worker_with_the_least_to_do(story: str, loads: dict[int, Load], chosen: int | None) -> None:
    assert place_room(loads) == chosen


@pytest.mark.parametrize(
    ("story", "loads", "members", "receivers", "chosen"),
    [
        ("a meeting stays at home", {0: Load(0.3), 1: Load()}, [0], {0: 40}, 0),
        ("a lecture is spread", {0: Load(0.3), 1: Load()}, [0], {0: FULL}, 1),
        ("a busy home sends on", {0: Load(BUSY_SHARE), 1: Load()}, [0], {0: 5}, 1),
        ("one that is there already before a further one", {0: Load(0.3), 1: Load(0.1), 2: Load()}, [0, 1], {0: FULL, 1: 9}, 1),
        ("all full: a further one", {0: Load(0.3), 1: Load(0.3), 2: Load()}, [0, 1], {0: FULL, 1: FULL}, 2),
        ("all full and no further one: the least busy", {0: Load(0.4), 1: Load(0.3)}, [0, 1], {0: FULL, 1: FULL}, 1),
        ("a further one that is busier does not help", {0: Load(0.3), 1: Load(0.9)}, [0], {0: FULL}, 0),
        ("home is gone", {1: Load()}, [0, 1], {1: 3}, 1),
        ("nobody is there", {}, [0], {}, None),
    ],
)
def test_a_receiver_stays_at_home_until_home_is_full(
    story: str, loads: dict[int, Load], members: list[int], receivers: dict[int, int], chosen: int | None
) -> None:
    assert place_receiver(loads, members, receivers, SPREAD_RECEIVERS) == chosen


def test_a_thousand_listeners_are_spread_evenly() -> None:
    receivers = {0: 0, 1: 0}
    for _ in range(1000):
        loads = {number: Load(receivers=count, rooms=number == 0) for number, count in receivers.items()}
        chosen = place_receiver(loads, [0, 1], receivers, SPREAD_RECEIVERS)
        assert chosen is not None
        receivers[chosen] += 1
    assert receivers[0] == pytest.approx(500, abs=5)


def test_what_closes_takes_everything_below_it_and_who_receives_from_it() -> None:
    where = Whereabouts()
    room = where.take("room", "router", 0)
    sender, receiver = where.take("send", "transport", 0, room), where.take("recv", "transport", 1, room, receives=True)
    where.take("mic", "producer", 0, sender)
    where.take("ear", "consumer", 1, receiver, source="mic")
    assert [place.id for place in where.drop(sender)] == ["send", "mic", "ear"]
    assert (list(room.below), list(receiver.below)) == (["recv"], [])
    assert where.drop(sender) == []
    assert [place.id for place in where.drop(room)] == ["room", "recv"]
    with pytest.raises(PlaneError, match="unknown_id"):
        where.find("recv")


def test_forgetting_an_old_thing_leaves_the_new_one_of_its_name() -> None:
    where = Whereabouts()
    old = where.take("room", "router", 0)
    where.drop(old)
    new = where.take("room", "router", 1)
    assert where.drop(old) == []
    assert where.get("room") is new
    with pytest.raises(PlaneError, match="duplicate_id"):
        where.take("room", "producer", 1)


def test_figures_add_up_and_what_is_true_of_all_is_true() -> None:
    one = {"type": "worker", "packetsIn": 3, "cpuSeconds": 0.5, "segmenting": True, "drops": {"a": 1}}
    two = {"type": "worker", "packetsIn": 4, "cpuSeconds": 0.25, "segmenting": False, "drops": {"a": 1, "b": 2}, "more": 1}
    assert merged([one, two]) == {
        "type": "worker",
        "packetsIn": 7,
        "cpuSeconds": 0.75,
        "segmenting": False,
        "drops": {"a": 2, "b": 2},
        "more": 1,
    }
    assert merged([]) == {}
