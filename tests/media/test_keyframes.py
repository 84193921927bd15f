"""One key frame for many askers, and which packets begin one."""

import pytest

from media.keyframes import MAX_TRIES, KeyframeThrottle, is_h264_keyframe, is_vp8_keyframe, picture_height


def test_ten_who_ask_at_once_cost_one_request() -> None:
    throttle: KeyframeThrottle[str] = KeyframeThrottle()
    assert [throttle.request("p", 1.0 + n / 100) for n in range(10)] == [True] + [False] * 9


def test_each_producer_has_its_own_clock() -> None:
    throttle: KeyframeThrottle[str] = KeyframeThrottle()
    assert [throttle.request(id, 1.0) for id in ("p", "q", "p")] == [True, True, False]


def test_a_key_frame_serves_all_who_asked_before_it() -> None:
    throttle: KeyframeThrottle[str] = KeyframeThrottle()
    throttle.request("p", 1.0)
    throttle.request("p", 1.1)
    throttle.satisfied("p")
    assert throttle.due(9.0) == []


def test_who_asks_right_after_a_key_frame_is_served_when_the_interval_passed() -> None:
    throttle: KeyframeThrottle[str] = KeyframeThrottle()
    throttle.request("p", 1.0)
    throttle.satisfied("p")
    assert throttle.request("p", 1.2) is False
    assert throttle.due(1.4) == []
    assert throttle.due(1.5) == ["p"]
    assert throttle.due(1.6) == []


def test_an_unanswered_request_is_repeated_a_few_times_then_dropped() -> None:
    throttle: KeyframeThrottle[str] = KeyframeThrottle()
    throttle.request("p", 0.0)
    repeats = [now for now in range(1, 20) if throttle.due(float(now)) == ["p"]]
    assert repeats == [1, 2, 3, 4]
    assert len(repeats) == MAX_TRIES - 1
    assert throttle.request("p", 20.0) is True


def test_over_a_long_way_a_request_is_told_twice_unless_the_key_frame_is_there() -> None:
    throttle: KeyframeThrottle[str] = KeyframeThrottle()
    assert throttle.request("p", 0.0, twice=True)
    assert [ms for ms in range(0, 900, 25) if throttle.due(ms / 1000) == ["p"]] == [50]
    throttle.satisfied("p")
    assert throttle.request("p", 2.0, twice=True)
    throttle.satisfied("p")
    assert throttle.due(2.1) == []


def test_a_closed_producer_is_forgotten() -> None:
    throttle: KeyframeThrottle[str] = KeyframeThrottle()
    throttle.request("p", 0.0)
    throttle.forget("p")
    assert throttle.due(5.0) == []


@pytest.mark.parametrize(
    ("name", "hexed", "expected"),
    [
        ("nothing", "", False),
        ("bare descriptor, key frame", "10 10", True),
        ("bare descriptor, delta frame", "10 11", False),
        ("continuation of a key frame", "00 10", False),
        ("second partition", "11 10", False),
        ("7-bit picture id", "90 80 05 10", True),
        ("15-bit picture id", "90 80 8005 10", True),
        ("15-bit picture id, delta", "90 80 8005 11", False),
        ("picture id, TL0PICIDX and TID as libwebrtc sends them", "90 e0 8005 07 20 10", True),
        ("the same, delta", "90 e0 8005 07 20 31", False),
        ("KEYIDX alone", "90 10 03 10", True),
        ("non-reference bit set", "b0 80 05 10", True),
        ("cut after the descriptor", "10", False),
        ("cut in the extension", "90", False),
        ("cut in the picture id", "90 80", False),
        ("cut behind the layers", "90 e0 8005 07 20", False),
    ],
)
def test_vp8_key_frames_are_told_from_the_rest(name: str, hexed: str, expected: bool) -> None:
    payload = bytes.fromhex(hexed)
    assert is_vp8_keyframe(payload) is expected
    assert is_vp8_keyframe(memoryview(b"\xaa\xbb" + payload), 2) is expected


@pytest.mark.parametrize(
    ("story", "payload", "expected"),
    [
        ("an IDR picture alone", "65b8", True),
        ("parameter sets alone", "6742e01f", True),
        ("another picture", "41b8", False),
        ("an aggregation with parameter sets", "7800046742e01f000468ce3c80", True),
        ("an aggregation whose second unit is an IDR picture", "78000209f0000365b801", True),
        ("an aggregation of other pictures", "78000241b8000241b9", False),
        ("the first fragment of an IDR picture", "7c85b8", True),
        ("a later fragment of it", "7c05b8", False),
        ("the first fragment of another picture", "7c81b8", False),
        ("a cut aggregation", "780004", False),
        ("an aggregation that lies about a length", "78ffff6742", True),
        ("nothing", "", False),
        ("one byte", "65", False),
    ],
)
def test_where_h264_may_begin(story: str, payload: str, expected: bool) -> None:
    assert is_h264_keyframe(bytes.fromhex(payload)) is expected


def test_the_height_of_a_vp8_key_frame() -> None:
    head = bytes.fromhex("90c080010100000 09d012a8002680190".replace(" ", ""))
    assert picture_height(head) == 360
    assert picture_height(head[:14]) == 0
    assert picture_height(b"") == 0
