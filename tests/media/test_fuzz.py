"""Tens of thousands of hostile datagrams from a seed; `python -m bench fuzz` throws a million."""

from __future__ import annotations

import pytest

from tests.support.fuzzing import Fuzz


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_thrown_nobody_else_notices(seed: int) -> None:
    outcome = Fuzz(seed).run(20_000)
    assert outcome.bugs == {}
    assert outcome.amplified == 0
    assert outcome.honest_heard == outcome.honest_sent
    assert {"srtp_tag", "srtp_replay", "unknown_protocol", "media_unchecked_address", "rtp_malformed", "red_malformed"} <= set(
        outcome.drops
    )
