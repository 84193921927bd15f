"""A store in memory with the small organisation of `records` in it, and actors by the number of a member or the name of an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ledger.access import Actor, actor_for
from ledger.ports import Store
from ledger.store.memory import MemoryStore
from tests.ledger.records import NOON, fill

Who = Callable[[str], Awaitable[Actor]]


@pytest.fixture
async def store() -> MemoryStore:
    filled = MemoryStore()
    await fill(filled)
    return filled


@pytest.fixture
def who(store: Store) -> Who:
    async def find(name: str) -> Actor:
        async with store.reading() as uow:
            account = await uow.accounts.get(name) or await uow.accounts.get(f"acc-{name}")
            assert account is not None
            return await actor_for(uow, account, None, NOON)

    return find
