"""What takes longest is begun first: of several workers none is then left over with it when the others have done."""

from __future__ import annotations

import pytest

#: Files of more than some ten seconds, longest first; one that waits stands beside one that computes.
LONGEST_FIRST = (
    "server/test_schemathesis.py",
    "server/test_access.py",
    "contracts/test_transfer_story.py",
    "server/test_two_nodes.py",
    "server/test_clock_jump.py",
    "server/test_stopping.py",
    "server/test_live_vanished.py",
    "server/test_roster.py",
    "e2e/test_pages.py",
    "e2e/test_bad_luck.py",
    "e2e/test_firefox.py",
    "e2e/test_mobile_member.py",
    "e2e/test_meeting.py",
    "e2e/test_layers.py",
    "e2e/test_python_meeting.py",
    "e2e/test_recording.py",
    "e2e/test_two_workers.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get("/".join(item.path.parts[-2:]), len(places)))
