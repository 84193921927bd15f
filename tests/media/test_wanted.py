"""Layers wanted of a producer whose consumers are on several workers, as a story."""

from __future__ import annotations

from media.wanted import Wanted


def test_the_most_that_any_worker_wants_is_what_is_told() -> None:
    wanted = Wanted()
    wanted.produced("cam", 0, 2)
    assert wanted.say("cam", 0, 1) == 1  # at home nobody needs the largest
    assert wanted.begin("cam", 1) == 2  # a further worker has said nothing yet: everything
    assert wanted.begin("cam", 1) is None
    assert wanted.say("cam", 1, 0) == 1
    assert wanted.say("cam", 0, -1) == 0
    assert wanted.say("cam", 1, 2) == 2
    assert wanted.leave("cam", 1) == -1
    assert wanted.leave("cam", 1) is None


def test_what_is_said_of_what_is_gone_is_not_heard() -> None:
    wanted = Wanted()
    wanted.produced("cam", 0, 2)
    wanted.begin("cam", 1)
    wanted.leave("cam", 1)
    assert wanted.say("cam", 1, 0) is None
    wanted.forget("cam")
    assert (wanted.say("cam", 0, 1), wanted.begin("cam", 1), wanted.leave("cam", 1)) == (None, None, None)
