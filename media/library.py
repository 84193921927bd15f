"""The compiled library, where there is one: found, declared, and refused when it is not of this version.

It decides nothing but whether it fits; `media.express` and `media.through` say what for.
"""

from __future__ import annotations

import ctypes
import logging
from pathlib import Path
from typing import Any, Final

from media import express, through

logger = logging.getLogger("media")

LIBRARY: Final = Path(__file__).with_name("libexpress.so")
#: Of OpenSSL 3 and 1.1; both have all that is asked for.
LIBCRYPTOS: Final = ("libcrypto.so.3", "libcrypto.so.1.1")
VERSION: Final = 3


def load(path: Path = LIBRARY) -> Any | None:
    """The library, ready; None where there is none that fits."""
    if not path.exists():
        return None
    try:
        library = ctypes.CDLL(str(path))
        fits = express.declare(library) and through.declare(library)
    except (OSError, AttributeError) as error:
        logger.warning("%s is not used: %s", path.name, error)
        return None
    if not fits or not any(library.express_open(name.encode()) == VERSION for name in LIBCRYPTOS):
        logger.warning("%s is not used: %s", path.name, "no libcrypto" if fits else "compiled for another version")
        return None
    return library
