"""The table of all figures: what it reads from results, and when it says that a limit was missed."""

from __future__ import annotations

import pytest

from bench.__main__ import NAMES
from bench.table import RUNS, Row, outcome


@pytest.mark.parametrize(
    ("value", "at_most", "expected"),
    [
        (4.9, True, "aim"),
        (5.0, True, "aim"),
        (7.9, True, "limit"),
        (8.1, True, "missed"),
        (None, True, "missed"),
        (9.0, False, "aim"),
        (6.0, False, "limit"),
        (4.0, False, "missed"),
    ],
)
def test_a_figure_reaches_its_aim_its_limit_or_neither(value: float | None, at_most: bool, expected: str) -> None:
    bounds = (8.0, 5.0) if at_most else (5.0, 8.0)
    row = Row("figure", lambda result: value, *bounds, "µs", at_most)
    assert outcome(row, value) == expected


def test_a_figure_that_a_result_lacks_is_none() -> None:
    assert [row.read({}) for run in RUNS for row in run.rows if row.what.startswith(("downlink", "speaking"))] == [None, None]


def test_every_benchmark_is_in_the_table() -> None:
    assert {run.name for run in RUNS} == set(NAMES)
