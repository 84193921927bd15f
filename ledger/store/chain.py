"""Numbering and chaining new facts, the same for every store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ..facts import GENESIS, Fact, RecordedFact, chain_hash

Head = tuple[int, str]
EMPTY: Head = (0, GENESIS)


def chained(
    facts: Sequence[Fact], known_keys: Collection[str], heads: Mapping[str, Head], recorded_at: float
) -> tuple[list[RecordedFact], dict[str, Head]]:
    """What is to be stored, and the new head of each stream it touches. Known keys, and repeats within the batch, are passed over."""
    seen = set(known_keys)
    new_heads: dict[str, Head] = {}
    recorded: list[RecordedFact] = []
    for fact in facts:
        if fact.key in seen:
            continue
        seen.add(fact.key)
        # A column of instants gives back floats: 5 would be hashed as "5" and read as 5.0.
        fact = replace(fact, at=float(fact.at))
        number, previous = new_heads.get(fact.stream) or heads.get(fact.stream, EMPTY)
        head = (number + 1, chain_hash(previous, fact, number + 1))
        recorded.append(RecordedFact(fact, head[0], recorded_at, head[1]))
        new_heads[fact.stream] = head
    return recorded, new_heads
