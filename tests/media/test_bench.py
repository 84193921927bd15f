"""The benchmark itself: it runs, delivers everything, and says what it promises on its last line."""

import asyncio
import json
import sys

import pytest


@pytest.mark.slow
async def test_forwarding_ends_with_one_json_object() -> None:
    arguments = ["-m", "bench", "forwarding", "--consumers", "3", "--rate", "110", "--seconds", "1", "--json", "--no-janus"]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    result = json.loads(output.decode().splitlines()[-1])
    assert process.returncode == 0
    assert {"us_per_packet_out", "limit_us", "delivered", "latency_p50_ms", "latency_p99_ms"} <= result.keys()
    assert result["delivered"] == 1.0
    assert min(result["limit_us"], result["us_per_packet_out"]) > 0
    assert result["drops"] == {}
