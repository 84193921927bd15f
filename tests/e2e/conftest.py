"""What every browser story needs: a whole installation with the demo organisation, and Playwright."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Playwright, async_playwright

from tests.support.installation import Installation, Wire


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    running = Installation(tmp_path)
    await running.prepare()
    await running.start()
    yield running
    assert await running.stop() == 0, running.output.read_text()[-4000:]


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest.fixture
async def wire(installation: Installation) -> AsyncIterator[Wire]:
    """The network between one browser and the server, to be cut."""
    running = Wire(installation.port)
    await running.start()
    yield running
    await running.stop()
