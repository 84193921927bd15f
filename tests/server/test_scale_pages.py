"""The large benchmark asks for every list there is: its pages are held against the table of routes."""

from __future__ import annotations

import re
from typing import get_origin

from bench.scalepages import AUDITING, BRANCH, GUARDING, NO_LISTS, RUNNING, TOP, people
from server.http.routes import ROUTES

PAGES = (*TOP, *BRANCH, *AUDITING, *RUNNING, *GUARDING)


def lists() -> set[str]:
    """The GETs that answer with a list of something."""
    asked = [route for route in ROUTES if route.method == "GET" and route.answer is not None]
    return {
        route.path
        for route in asked
        if route.answer and any(get_origin(field.annotation) is list for field in route.answer.model_fields.values())
    }


def measured(path: str) -> bool:
    template = re.compile("/api" + re.sub(r"\{\w+\}", r"[^/]+", path))
    return any(template.fullmatch(page.partition("?")[0]) for page in PAGES)


def test_every_list_is_measured_or_is_said_to_be_none() -> None:
    assert {path for path in lists() if not measured(path)} <= NO_LISTS.keys()


def test_what_is_said_to_be_none_does_answer_with_a_list() -> None:
    assert NO_LISTS.keys() - lists() == set()


def test_pages_are_asked_for_by_twenty_people_with_sessions_of_their_own() -> None:
    readers = people(10_000, 20)
    assert [one.whose for one in readers].count("top") == 8
    assert len({one.username for one in readers if one.whose == "branch"}) == 9
    assert len(readers) == 20
    assert not [address for one in readers for _, address in one.addresses() if "{" in address]
