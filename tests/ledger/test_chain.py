"""The chain of facts: whatever an outbox repeats, reorders between streams or cuts into batches, one chain comes out; changes show."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ledger.actions.audit import first_broken
from ledger.facts import Fact, FactKind, RecordedFact
from ledger.store.chain import Head, chained

FACTS = [Fact(f"k{n}", f"meeting:{n % 3}", FactKind.HAND_RAISED, float(n), f"m{n % 4}", {"n": n}) for n in range(12)]
batches = st.lists(st.lists(st.sampled_from(FACTS), max_size=8), max_size=8)


def deliver(given_batches: list[list[Fact]]) -> tuple[dict[str, list[RecordedFact]], dict[str, Head]]:
    known: set[str] = set()
    heads: dict[str, Head] = {}
    streams: dict[str, list[RecordedFact]] = {}
    for batch in given_batches:
        recorded, new_heads = chained(batch, known, heads, 0.0)
        heads |= new_heads
        for one in recorded:
            known.add(one.fact.key)
            streams.setdefault(one.fact.stream, []).append(one)
    return streams, heads


@given(batches)
def test_every_key_is_chained_once_in_the_order_it_first_came(given_batches: list[list[Fact]]) -> None:
    streams, heads = deliver(given_batches)
    first_seen = list(dict.fromkeys(fact.key for batch in given_batches for fact in batch))
    for stream, recorded in streams.items():
        keys = [one.fact.key for one in recorded]
        assert keys == [key for key in first_seen if key in set(keys)]
        assert first_broken(recorded, heads[stream]) is None
    assert sum(map(len, streams.values())) == len(first_seen)


@given(batches, st.lists(st.integers(1, 8), max_size=8))
def test_where_batches_are_cut_changes_nothing(given_batches: list[list[Fact]], cuts: list[int]) -> None:
    flat = [fact for batch in given_batches for fact in batch]
    pieces: list[list[Fact]] = []
    rest = flat
    for cut in cuts:
        pieces, rest = [*pieces, rest[:cut]], rest[cut:]
    assert deliver([*pieces, rest]) == deliver(given_batches)


@given(st.integers(0, 3), st.sampled_from(["at", "member_id", "body", "author", "reason", "kind", "key"]))
def test_any_change_to_any_fact_breaks_the_chain_there(place: int, field: str) -> None:
    streams, heads = deliver([FACTS])
    recorded = list(streams["meeting:0"])
    changed = {"at": 99.0, "member_id": "x", "body": {}, "author": "x", "reason": "x", "kind": FactKind.HAND_LOWERED, "key": "x"}
    recorded[place] = replace(recorded[place], fact=replace(recorded[place].fact, **{field: changed[field]}))  # type: ignore[arg-type]
    assert first_broken(recorded, heads["meeting:0"]) == place + 1


@given(st.integers(0, 3))
def test_a_fact_taken_out_is_missed_also_at_the_end(place: int) -> None:
    streams, heads = deliver([FACTS])
    recorded = [one for number, one in enumerate(streams["meeting:0"]) if number != place]
    assert first_broken(recorded, heads["meeting:0"]) == place + 1
