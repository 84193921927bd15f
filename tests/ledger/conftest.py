"""A store in memory with the small organisation of `records` in it, and actors by user name."""

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
    async def find(username: str) -> Actor:
        async with store.reading() as uow:
            account = (await uow.accounts.by_usernames([username]))[username]
            return await actor_for(uow, account, None, NOON)

    return find
