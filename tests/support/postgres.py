"""A throw-away PostgreSQL cluster for tests: made in a temporary folder, listening on a Unix socket only, gone at the end.

Debian keeps the server's programs out of the PATH, under /usr/lib/postgresql/<version>/bin. The server refuses to run as root, so that then
everything is done as the user `postgres`. Durability is switched off: nobody needs this cluster after a crash.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PORT = 54_329  # names the socket file; nothing listens on the network
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "listen_addresses=")


def programs() -> Path:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    assert on_path, "PostgreSQL is needed for the contract tests: apt install postgresql"
    return Path(on_path).parent


@contextmanager
def cluster(kept: Path | None = None) -> Iterator[str]:
    """The URL of an empty database in a fresh cluster; further ones can be created from it by `CREATE DATABASE`.

    `kept`: the folder of a cluster that stays, and is used again if it is there. Its path has to be short: the socket lies in it.
    """
    folder = kept or Path(tempfile.mkdtemp(prefix="branchline-pg-"))
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    if not (data / "PG_VERSION").is_file():
        _run(str(programs() / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
    server = subprocess.Popen(
        [*_as_postgres(), str(programs() / "postgres"), "-D", str(data), "-k", str(folder), "-p", str(PORT), *FAST],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        _wait(folder)
        yield f"postgresql://postgres@/postgres?host={folder}&port={PORT}"
    finally:
        server.send_signal(signal.SIGINT)  # "fast": does not wait for clients that a failed test left connected
        server.wait(timeout=30)
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _as_postgres() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _run(*command: str) -> None:
    subprocess.run([*_as_postgres(), *command], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _wait(folder: Path) -> None:
    ready = [*_as_postgres(), str(programs() / "pg_isready"), "-q", "-h", str(folder), "-p", str(PORT)]
    for _ in range(100):
        if subprocess.run(ready, check=False, cwd="/").returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start within ten seconds")
