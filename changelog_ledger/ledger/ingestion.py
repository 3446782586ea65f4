"""``ledger.ingest``: what other programs recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from changelog_ledger.ledger.arguments import Time, several
from changelog_ledger.workflows.moments import resolve_time
from changelog_ledger.workflows.since import has_been
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.model.ingestion import Ingested
    from changelog_ledger.model.topology import Target

Progress = Callable[[int], None]


def _nothing(_done: int) -> None:
    """No progress is wanted."""


class Ingestion:
    """The verbs of ``ledger ingest``. Each may be repeated as often as one likes: what is recorded already is passed over.

    Each raises :class:`InvalidTime` if ``since`` cannot be read or has not come yet. Those that read a host's own records raise :class:`NotFound` if
    ``root`` is not there, :class:`InvalidInput` if it is no directory, or is this machine's ``/`` and ``host`` another one, and :class:`Busy` if the
    same is being ingested for too long.
    """

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

    def git(
        self,
        repository: str | Path,
        *,
        on: str | Target | None = None,
        since: Time | None = None,
        branch: str = "",
        paths: Sequence[str] = (),
        as_changes: bool = False,
        dry_run: bool = False,
        progress: Progress = _nothing,
    ) -> Ingested:
        """The commits of a branch that touch configuration or infrastructure code, by first parents.

        :param repository: its folder, or one within it.
        :param on: what they are about; None: as the gate's policy, ``hosts/NAME`` and the ledger say, else ``all``.
        :param branch: the branch that is delivered; that of HEAD if empty.
        :param paths: globs of the files that count, instead of the policy's, or of what looks like infrastructure.
        :param as_changes: each commit as a change that succeeded, instead of an observation.
        :param dry_run: read every commit, record nothing.
        :param progress: told how many commits were read.
        :raises RepositoryError: if there is no repository, no such branch, or no commit.
        :raises NotFound: if there is no such target.
        """
        from changelog_ledger.workflows.ingest_git import ingest_git, wanted_commits

        which = wanted_commits(self._workspace, on, branch=branch, since=self._time(since), paths=several(paths))
        return ingest_git(self._workspace, str(repository), which, as_changes=as_changes, dry_run=dry_run, progress=progress)

    def delivery(
        self,
        format: str,  # noqa: A002
        source: str | Path | bytes | BinaryIO,
        *,
        on: str | Target | None = None,
        since: Time | None = None,
        dry_run: bool = False,
        progress: Progress = _nothing,
    ) -> Ingested:
        """What a deployment, orchestration or alerting tool wrote: observations, marks or planned changes.

        :param format: ``terraform``, ``kubernetes-events`` …: a command of ``ledger ingest``.
        :param source: the path of a file, its content as bytes, or an open stream of bytes.
        :param on: what everything is about; None: as the entries say, where the ledger knows that, else ``all``.
        :param dry_run: check everything, record nothing.
        :raises InvalidInput: if there is no such format, or nothing could be read.
        :raises NotFound: if there is no such file or target.
        """
        from changelog_ledger.workflows.ingest_deliveries import ingest_delivery, wish

        opened = str(source) if isinstance(source, str | Path) else source
        wanted = wish(self._workspace, on, self._time(since), dry_run=dry_run)
        return ingest_delivery(self._workspace, format, opened, wanted, progress=progress)

    def _time(self, time: Time | None) -> datetime | None:
        return None if time is None else has_been(self._workspace, resolve_time(self._workspace, time))
