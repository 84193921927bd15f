"""A real coturn on the loopback interface, for as long as it is needed."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.installation import free_port


@asynccontextmanager
async def relay(folder: Path, secret: str) -> AsyncIterator[int]:
    """→ its port. Log-ins are those of `use-auth-secret`."""
    program = shutil.which("turnserver")
    assert program, "coturn is missing: apt install coturn"
    port = free_port(socket.SOCK_DGRAM)
    arguments = ["-n", "--use-auth-secret", f"--static-auth-secret={secret}", "--realm=branchline", f"--listening-port={port}"]
    arguments += ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls"]
    arguments += ["--log-file=stdout", f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'users'}", "--relay-threads=1"]
    process = await asyncio.create_subprocess_exec(
        program, *arguments, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    for _ in range(50):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            break
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()
