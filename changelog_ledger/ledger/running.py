"""A command as a change, whole, for who has no ledger open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.errors import LedgerError
from changelog_ledger.workflows.surroundings import logged_warning

if TYPE_CHECKING:
    from changelog_ledger.store.store import Progress


def run(
    change: str,
    command: Sequence[str],
    *,
    home: str | Path | None = None,
    host: str | None = None,
    root: str | Path = "/",
    override: str = "",
    strict: bool = False,
    progress: Progress = lambda _done: None,
    warn: Callable[[str], None] = logged_warning,
) -> int:
    """Open the ledger, run a command as a change as :meth:`Ledger.run` does, close it. The command's exit code.

    :param home: as for :meth:`Ledger.open`; so are ``progress`` and ``warn``.
    :param strict: whether a ledger that is missing, cannot be used or is away is an error. Otherwise the command runs without it: a warning says so.
    """
    from changelog_ledger.ledger.ledger import Ledger

    try:
        ledger = Ledger.open(home, progress=progress, warn=warn)
    except (LedgerError, OSError) as error:
        if strict:
            raise
        from changelog_ledger.workflows.run_command import run_unrecorded

        return run_unrecorded(change, command, error, warn)
    with ledger:
        return ledger.run(change, command, host=host, root=root, override=override, strict=strict)
