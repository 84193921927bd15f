"""What a consumer may wish, as a table."""

from typing import Any

import pytest

from media.changes import checked
from media.plane import PlaneError


@pytest.mark.parametrize(
    "wish", [{}, {"tile": 0}, {"tile": 16384, "visible": False}, {"pinned": True, "screen": True, "moderator": True, "floor": False}]
)
def test_a_wish_is_taken(wish: dict[str, Any]) -> None:
    assert checked("consumer", {"wish": wish}) == {"wish": wish}


@pytest.mark.parametrize("wish", [None, [], {"tile": -1}, {"tile": 16385}, {"tile": True}, {"tile": 1.5}, {"visible": 1}, {"rank": 1}])
def test_a_wish_is_refused(wish: Any) -> None:
    with pytest.raises(PlaneError) as refusal:
        checked("consumer", {"wish": wish})
    assert refusal.value.code == "invalid_parameters"


@pytest.mark.parametrize("changes", [{"keyframe": False}, {"keyframe": 1}, {"paused": None}, {"lastN": 1}, None, [], {7: True}])
def test_a_change_of_a_consumer_is_refused(changes: Any) -> None:
    with pytest.raises(PlaneError) as refusal:
        checked("consumer", changes)
    assert refusal.value.code == "invalid_parameters"
