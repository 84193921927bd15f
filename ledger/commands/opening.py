"""A store for the time of one command."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from ..ports import Store
from ..store.opening import open_store

Command = Callable[[argparse.Namespace, str], Awaitable[int]]
if TYPE_CHECKING:
    Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


async def with_store(url: str, use: Callable[[Store], Awaitable[int]]) -> int:
    store = open_store(url)
    try:
        return await use(store)
    finally:
        await store.close()
