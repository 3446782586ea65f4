"""``ledger.ingest``: what other programs recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.ledger.arguments import Time
from changelog_ledger.workflows.moments import resolve_time
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.model.ingestion import Ingested

Progress = Callable[[int], None]


def _nothing(_done: int) -> None:
    """No progress is wanted."""


class Ingestion:
    """The verbs of ``ledger ingest``. Each may be repeated as often as one likes: what is recorded already is passed over."""

    def __init__(self, workspace: Workspace) -> None:
        """Use ``Ledger.ingest``."""
        self._workspace = workspace

    def packages(self, *, root: str | Path = "/", host: str | None = None, since: Time | None = None, progress: Progress = _nothing) -> Ingested:
        """What package managers did: one observation a transaction, from their own logs, or by comparison with what was installed before.

        :param root: the directory that stands for the host's ``/``.
        :param host: whose logs they are; this machine if None.
        :param since: leave out what happened before.
        :param progress: told how many bytes were read.
        :raises NotFound: if there is no such host.
        """
        from changelog_ledger.workflows.ingest_packages import ingest_packages

        return ingest_packages(self._workspace, host, root=str(root), since=self._time(since), progress=progress)

    def processes(self, *, root: str | Path = "/", host: str | None = None, since: Time | None = None, progress: Progress = _nothing) -> Ingested:
        """Which processes still run code that was replaced or removed, whether another kernel is installed than runs, and what was restarted since.

        :param root: where ``proc`` and the package databases are found.
        :raises NotFound: if there is no such host.
        """
        from changelog_ledger.workflows.ingest_processes import ingest_processes

        return ingest_processes(self._workspace, host, root=str(root), since=self._time(since), progress=progress)

    def journal(
        self,
        *,
        root: str | Path = "/",
        host: str | None = None,
        since: Time | None = None,
        file: str | Path | None = None,
        progress: Progress = _nothing,
    ) -> Ingested:
        """Restarts, failures, reboots, crashes, clock jumps, logins and what was run as another user: from the journal, the authentication log,
        wtmp and auditd.

        :param file: journal entries as ``journalctl -o json`` writes them, instead of the host's own records.
        :raises NotFound: if there is no such host.
        """
        from changelog_ledger.workflows.ingest_journal import ingest_journal

        return ingest_journal(
            self._workspace, host, root=str(root), since=self._time(since), file=str(file) if file is not None else None, progress=progress
        )

    def _time(self, time: Time | None) -> datetime | None:
        return None if time is None else resolve_time(self._workspace, time)
