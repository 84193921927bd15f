"""Every test that asks for `store` runs over all three twins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ledger.ports import Store
from tests.ledger.transferring import Desk, fill_both
from tests.support.postgres import cluster
from tests.support.stores import KINDS, fresh_store


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.fixture(scope="session")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, store_folder: Path) -> AsyncIterator[Store]:
    url = request.getfixturevalue("cluster_url") if request.param == "postgresql" else None
    async with fresh_store(request.param, store_folder, url) as opened:
        yield opened


@pytest.fixture
async def desk(store: Store) -> Desk:
    """A transfer of m-a4, to be taken through its steps."""
    await fill_both(store)
    return Desk(store)
