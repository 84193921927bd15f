"""Log-ins for a TURN server that end by themselves: coturn's `use-auth-secret`, the "REST API for access to TURN services" draft.

It decides what such a log-in looks like. It must never know who it is for: the name is an arbitrary id, because TURN servers log it.
"""

from __future__ import annotations

import base64
import hmac
from typing import Final

#: Longer than any meeting, so that no renewal of a relay in the middle of one comes too late.
LOG_IN_SECONDS: Final = 12 * 3600


def turn_log_in(secret: str, id: str, now: float) -> tuple[str, str]:
    """→ (username, credential): when it ends and whose it is, and the HMAC-SHA1 of that under the secret both servers know."""
    username = f"{int(now) + LOG_IN_SECONDS}:{id}"
    return username, base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()
