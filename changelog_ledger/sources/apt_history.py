"""Whether apt has closed its history: a transaction without ``End-Date`` is still being made.

apt 2.6 writes it before it runs the hooks of ``DPkg::Post-Invoke``. Nothing promises that, and somebody may call us in the midst of a transaction.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

PATH = "var/log/apt/history.log"
_TAIL = 64 * 1024
_PAUSE = 0.2


def wait_until_closed(root: str, seconds: float) -> bool:
    """Wait until the last transaction of the history is closed, not longer than ``seconds``; whether it is. Where there is no history it is."""
    end = time.monotonic() + seconds
    while not _is_closed(Path(root, PATH)):
        if time.monotonic() >= end:
            return False
        time.sleep(_PAUSE)
    return True


def _is_closed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            tail = file.read(_TAIL)
    except OSError:
        return True
    return tail.rfind(b"Start-Date:") <= tail.rfind(b"End-Date:")
