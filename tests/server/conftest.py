"""What the tests of the shell share: one prepared database for the session, and a service over a copy of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.rest import Prepared, Service, prepare, service


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return asyncio.run(prepare(tmp_path_factory.mktemp("prepared")))


@pytest.fixture
async def rest(prepared: Prepared, tmp_path: Path) -> AsyncIterator[Service]:
    async with service(prepared, tmp_path) as running:
        yield running
