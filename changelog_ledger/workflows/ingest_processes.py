"""``ingest processes``: which restarts and reboots are pending, and which no longer are.

The data's way: processes and kernels of this moment → the packages of what is outdated, what the ledger knows of the host → what was seen → facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from changelog_ledger.model.ingestion import Ingested, PackageAction, Seen
from changelog_ledger.model.processes import InstalledKernels, ProcessTable
from changelog_ledger.model.topology import Target
from changelog_ledger.observations.processes.endings import endings, reboot
from changelog_ledger.observations.processes.kernels import image_paths, newest_of_flavour, pending_reboots
from changelog_ledger.observations.processes.outdated import OutdatedSubject, outdated_subjects
from changelog_ledger.observations.processes.pending import Look, pending_restarts
from changelog_ledger.observations.processes.standing import standing_of
from changelog_ledger.sources.packages.owners import owning_packages
from changelog_ledger.sources.processes.kernels import read_kernels
from changelog_ledger.sources.processes.outdated import PASSING
from changelog_ledger.sources.processes.table import read_processes
from changelog_ledger.workflows.host_records import host_below
from changelog_ledger.workflows.record_seen import Progress, record_seen
from changelog_ledger.workflows.workspace import Workspace

_TRANSACTIONS = tuple(f"package-{action}" for action in PackageAction)
_LONGEST_TRANSACTION = timedelta(hours=6)
"""A transaction that began so long before a process may have replaced its code yet."""


def ingest_processes(
    workspace: Workspace,
    host: str | None = None,
    *,
    root: str = "/",
    since: datetime | None = None,
    progress: Progress = lambda _done: None,
    passing: Sequence[str] = PASSING,
) -> Ingested:
    """Record which restarts and reboots of a host are pending, and which that were are not any more.

    :param root: the directory that stands for ``/``: its ``proc``, package databases and kernels are read.
    :param since: what is dated before is left out.
    :param progress: called with 1 for each process.
    :param passing: beginnings of paths of which nothing is told, for they are meant to go away.
    :raises NotFound: if there is no such host or directory.
    :raises Busy: if another ingestion of the host's processes goes on for too long.
    """
    name = host_below(workspace, host, root)
    with workspace.locks.ingestion("processes", name):
        found = read_processes(root, passing=passing, progress=progress)
        kernels = read_kernels(root)
        look = _look(workspace, name, root, found.table, kernels)
        restarted = reboot(name, found.table, kernels.running, look.standing)
        seen: list[Seen] = [*([restarted] if restarted else []), *endings(look), *pending_restarts(look), *pending_reboots(look, kernels)]
        return record_seen(workspace, name, seen, since=since, gaps=found.gaps, notes=found.notes)


def _look(workspace: Workspace, host: str, root: str, table: ProcessTable, kernels: InstalledKernels) -> Look:
    subjects = outdated_subjects(table) if table.boot_id else ()
    paths = [path for subject in subjects if not subject.first.container for path in subject.paths]
    images = image_paths(newest_of_flavour(kernels))
    packages = owning_packages(root, [*images, *paths]) if paths or images else {}
    began = _began(subjects, table)
    with workspace.store.reading() as view:
        standing = tuple(standing_of(seen) for seen in view.evidence.pending_restarts([host]))
        transactions = (
            view.evidence.observations([Target.host(host)], began - _LONGEST_TRANSACTION, workspace.now(), what=_TRANSACTIONS)
            if began and packages
            else ()
        )
    return Look(host, workspace.now(), table, packages, transactions, standing)


def _began(subjects: Sequence[OutdatedSubject], table: ProcessTable) -> datetime | None:
    """When the oldest began of what is looked for: transactions before that replaced nothing of it."""
    return min((subject.first.started_at for subject in subjects), default=table.booted_at)
