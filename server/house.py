"""What every request is answered with: the store, the settings, the rules in force, and the few things the running rooms tell REST."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from ledger.actions.sessions import SessionLimits
from ledger.keyring import open_sealer
from ledger.mobilityrules import DEFAULT as MOBILITY
from ledger.mobilityrules import MobilityRules
from ledger.ports import Store
from ledger.rulebook import Rulebook
from ledger.sealing import Sealer
from server.bodies import Bodies
from server.certificatekey import CertificateKey, load_key
from server.rate_limits import LocalRateLimits, RateLimits
from server.settings import Settings


@dataclass(slots=True)
class House:
    """`present_count`: people in the room of an open meeting, None where this node does not hold it; `is_recorded` likewise. `demo`:
    accounts to try. `bodies`: large answers that are the same for many.
    `background`: work that goes on after its request was answered (`background.py`)."""

    settings: Settings
    store: Store
    rulebook: Rulebook = field(default_factory=Rulebook)
    rate_limits: RateLimits = field(default_factory=LocalRateLimits)
    now: Callable[[], float] = time.time
    present_count: Callable[[str], int | None] = lambda meeting_id: None
    is_recorded: Callable[[str], bool] = lambda meeting_id: False
    demo: tuple[dict[str, str], ...] = ()
    organisation_name: str = ""
    mobility: MobilityRules = MOBILITY
    bodies: Bodies = field(default_factory=Bodies)
    background: set[asyncio.Task[None]] = field(default_factory=set)
    _sealer: Sealer | None = None
    _signer: CertificateKey | None = None

    @property
    def sealer(self) -> Sealer:
        """Opened at the first use, or by a start that wants to know at once. Raises KeysUnusable."""
        if self._sealer is None:
            self._sealer = open_sealer(self.settings.key_source)
        return self._sealer

    @property
    def signer(self) -> CertificateKey:
        """Read at first use: who issues no certificates needs no key."""
        if self._signer is None:
            settings = self.settings
            file = settings.certificate_key_file or settings.var / "certificate.key"
            self._signer = load_key(settings.certificate_key, file, settings.certificate_former_keys)
        return self._signer

    @property
    def session_limits(self) -> SessionLimits:
        return SessionLimits(self.settings.session_idle_hours * 3600.0, self.settings.session_days * 86_400.0)


HOUSE = web.AppKey("house", House)
