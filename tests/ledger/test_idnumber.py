"""The citizen identity number: what is one, what is not, and what is shown of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.idnumber import IdNumber, check_digit, demo_id_number, masked_id_number, read_id_number

TODAY = date(2026, 11, 26)


def test_the_example_of_the_standard_is_read() -> None:
    """GB 11643-1999, the example of annex A."""
    assert read_id_number("11010519491231002X", TODAY) == IdNumber("11010519491231002X", date(1949, 12, 31), "female", False)


@pytest.mark.parametrize("text", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５19491231００２Ｘ", "110105-19491231-002X"])
def test_spellings_of_people_are_the_same_number(text: str) -> None:
    found = read_id_number(text, TODAY)
    assert found is not None
    assert found.text == "11010519491231002X"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "110105194912310021",  # check digit
        "11010519491231002",  # short
        "110105491231002",  # fifteen signs, no longer issued
        "01010519491231002X",  # area
        "91010519491231002X",
        "110105194913310025",  # thirteenth month
        "11010519491231002Xx",
        "李" * 18,
    ],
)
def test_what_is_none_is_not_read(text: str) -> None:
    assert read_id_number(text, TODAY) is None


def test_nobody_is_born_tomorrow_or_before_everybody() -> None:
    for born in (date(2026, 11, 27), date(1899, 12, 31)):
        seventeen = f"110105{born:%Y%m%d}002"
        assert read_id_number(seventeen + check_digit(seventeen), TODAY) is None


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_wrong_digit_is_noticed(place: int, by: int) -> None:
    good = "11010519491231002X"
    digit = str((int(good[place]) + by) % 10)
    assert read_id_number(good[:place] + digit + good[place + 1 :], TODAY) is None


@given(st.integers(0, 15))
def test_two_neighbours_changed_over_are_noticed(place: int) -> None:
    good = "11010519491231002X"
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    assert (read_id_number(swapped, TODAY) is None) == (swapped != good)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 499), st.sampled_from(["female", "male"]))
def test_a_demo_number_is_whole_and_nobodys(born: date, sequence: int, sex: str) -> None:
    found = read_id_number(demo_id_number(born, sequence, sex), TODAY)
    assert found is not None
    assert (found.born_on, found.sex, found.demo) == (born, sex, True)


def test_a_mask_shows_who_but_not_what() -> None:
    assert masked_id_number("11010519491231002X") == "110***********002X"
