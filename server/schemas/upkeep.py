"""What whoever runs the installation sees of it, and sets going."""

from __future__ import annotations

from typing import Literal

from .base import Instant, Shape

UpkeepName = Literal["purgeDry", "purge", "verify", "keys"]


class UpkeepRunView(Shape):
    """`figures`: counts by kind of data, by key (`key:<id>`), or of what was read. `ended_at` null: it is running."""

    what: UpkeepName
    by: str
    began_at: Instant
    ended_at: Instant | None
    figures: dict[str, int]
    problems: list[str]
    failed: bool


class SystemKey(Shape):
    key: str
    in_use: bool


class SystemState(Shape):
    """`keys_given`: they come from the environment and are turned there. `may_purge`: a dry run of the last hour has said what would go."""

    version: str
    runs: list[UpkeepRunView]
    running: bool
    may_purge: bool
    keys: list[SystemKey]
    keys_given: bool


class BeginUpkeep(Shape):
    what: UpkeepName
