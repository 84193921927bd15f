"""The document at /api/openapi.json: complete, consistent, and true to the table it is made from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ledger.access import Action
from server.answers import ANSWERS
from server.http.listing import table
from server.http.routes import ROUTES
from server.openapi import document, refusals_of
from tests.support.rest import Service

Json = dict[str, Any]


def operations(found: Json) -> dict[str, Json]:
    return {operation["operationId"]: operation for path in found["paths"].values() for operation in path.values()}


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in value.values()))
    return set().union(*(references(inner) for inner in value)) if isinstance(value, list) else set()


async def test_it_is_served_to_anybody(rest: Service) -> None:
    found = await rest.by().ask("GET", "/api/openapi.json")
    assert found["openapi"].startswith("3.1")
    assert set(operations(found)) == {route.name for route in ROUTES}


def test_every_reference_leads_somewhere() -> None:
    found = document()
    assert {f"#/components/schemas/{name}" for name in found["components"]["schemas"]} >= references(found)


def test_every_route_says_who_and_what_it_may_refuse() -> None:
    described = operations(document())
    for route in ROUTES:
        operation = described[route.name]
        statuses = {str(ANSWERS[code][0]) for code in refusals_of(route)}
        assert set(operation["responses"]) == statuses | {"200"}
        assert operation["description"]
        assert (operation["security"] == []) == (route.who == "anyone")
        if isinstance(route.who, Action):
            assert f"`{route.who.value}`" in operation["description"]


def test_changes_need_the_csrf_token_and_paths_their_parameters() -> None:
    described = operations(document())
    for route in ROUTES:
        operation = described[route.name]
        if route.changes and route.who != "anyone":
            assert operation["security"] == [{"session": [], "csrf": []}]
        named = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
        assert named == re.findall(r"{(\w+)}", route.path)


def test_every_answer_is_one_shape_or_one_file() -> None:
    for route in ROUTES:
        assert (route.answer is None) == bool(route.files), route.name
        assert not (route.upload and route.body), route.name
        assert set(route.refuses) <= set(ANSWERS), route.name


def test_the_page_for_people_has_the_same_table() -> None:
    assert table() in (Path(__file__).parents[2] / "docs" / "api.md").read_text()
