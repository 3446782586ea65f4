"""What a process finds around it: the clock, the log, and who is acting."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from datetime import UTC, datetime


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def logged_warning(text: str) -> None:
    """What went wrong without stopping anything, to :mod:`logging`: where nobody has set it up, that is stderr."""
    import logging

    logging.getLogger("changelog_ledger").warning("%s", text)


def actor_of(environment: Mapping[str, str]) -> str:
    """Who is acting: ``$LEDGER_ACTOR``, else the user behind sudo, else the login name."""
    named = environment.get("LEDGER_ACTOR") or environment.get("SUDO_USER")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id (a container): the number is still true
        return f"uid-{os.getuid()}"
