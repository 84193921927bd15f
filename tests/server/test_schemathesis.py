"""Schemathesis against the running service: whatever is sent, no server error, and every answer is one that the document describes.

Each role makes one pass over all operations, with requests that fit the document and requests that do not, at ids that exist and ids that
do not. They are made up once for all roles, because that takes longer than sending them. The service runs in a thread of its own over a
copy of the prepared database; the number of examples bounds the time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from server.http.door import COOKIE, csrf_token
from server.http.routes import ROUTES
from server.openapi import document
from tests.support.rest import Prepared, service

#: Role → how many of the requests made up for each operation. Who may do little is refused by the same few lines everywhere.
EXAMPLES: dict[str | None, int] = {"orgAdmin": 6, "secretary": 8, "plain": 6, "auditor": 3, None: 2}
#: The session must outlive the run; these would end the very one that is used.
LEFT_OUT = ("session.log_out", "session.change_password")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BOUNDED = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def running(prepared: Prepared, folder: Path) -> Iterator[str]:
    """A service in a thread with a loop of its own. → its base address"""
    started = threading.Event()
    found: dict[str, Any] = {}

    async def run() -> None:
        stop = asyncio.Event()
        async with service(prepared, folder) as rest:
            found.update(base=rest.base, stop=stop, loop=asyncio.get_running_loop())
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert started.wait(10)
        yield found["base"]
    finally:
        found["loop"].call_soon_threadsafe(found["stop"].set)
        thread.join(10)


def headers_of(prepared: Prepared, role: str | None) -> dict[str, str]:
    if role is None:
        return {}
    token = prepared.tokens[role]
    return {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": csrf_token(token)}


def cases(operation: Any, ids: dict[str, str]) -> st.SearchStrategy[Any]:
    """Requests that fit, at things that exist and at whatever; and requests that do not fit."""
    wanted = {one["name"] for one in operation.definition.raw["parameters"] if one["in"] == "path"}
    known = {name: ids[name] for name in wanted}
    fitting = [operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known or None)]
    if wanted:
        fitting.append(operation.as_strategy(GenerationMode.POSITIVE))
    takes_input = len(operation.definition.raw["parameters"]) > len(wanted) or "requestBody" in operation.definition.raw
    misfits = [operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=known or None)] if takes_input else []
    return st.one_of(*fitting, *misfits)


@pytest.fixture(scope="module")
def made_up(prepared: Prepared) -> list[list[Any]]:
    """Of each operation its requests."""
    found = [one.ok() for one in schemathesis.openapi.from_dict(document()).get_all_operations()]
    return [some(cases(one, prepared.ids)) for one in found if one.definition.raw["operationId"] not in LEFT_OUT]


def some(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """As many as anybody sends, or as many as there are."""
    found: list[Any] = []
    given(strategy)(settings(BOUNDED, max_examples=max(EXAMPLES.values()))(lambda case: found.append(case)))()
    return found


@contextmanager
def connected() -> Iterator[requests.Session]:
    """One connection, over which no cookie is kept: who asks is said by the headers alone."""
    with requests.Session() as session:
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield session


@pytest.mark.slow
@pytest.mark.parametrize("role", EXAMPLES, ids=str)
def test_no_input_makes_an_error_or_an_undescribed_answer(
    role: str | None, prepared: Prepared, made_up: list[list[Any]], tmp_path: Path
) -> None:
    headers = headers_of(prepared, role)
    tried: set[str] = set()
    with running(prepared, tmp_path) as base, connected() as session:
        for case in (one for several in made_up for one in several[: EXAMPLES[role]]):
            answer = case.call(base_url=base, headers=headers, session=session)
            tried.add(case.operation.definition.raw["operationId"])
            case.validate_response(answer, checks=CHECKS, headers=headers)
    assert tried == {route.name for route in ROUTES} - set(LEFT_OUT)
