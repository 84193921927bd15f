"""The rows of the installation's upkeep in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import upkeep
from server.http.call import Route as R
from server.schemas import upkeep as s

ROUTES: tuple[R, ...] = (
    R("GET", "/system", upkeep.state, "Last runs of upkeep, names of the keys, version", who=A.RUN_INSTALLATION, answer=s.SystemState,
      refuses=("keyMissing",)),
    R("POST", "/system/runs", upkeep.begin, "Begin a purge, its dry run, a verification or a count of the keys",
      who=A.RUN_INSTALLATION, body=s.BeginUpkeep, answer=s.SystemState, refuses=("upkeepRunning", "dryRunFirst", "keyMissing")),
)  # fmt: skip
