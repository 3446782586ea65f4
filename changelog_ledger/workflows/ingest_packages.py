"""``ingest packages``: what every package manager of a host did.

A manager is one line in :data:`READERS`: a function that opens its logs by :class:`HostLogs`, has ``observations/packages/`` read them, and gives
what was seen, oldest first. It gives nothing where the manager is not there; what cannot be read it adds to ``logs.gaps``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from changelog_ledger.model.ingestion import Ingested, Seen
from changelog_ledger.workflows.debian_packages import debian_packages
from changelog_ledger.workflows.host_logs import HostLogs
from changelog_ledger.workflows.host_records import host_below
from changelog_ledger.workflows.other_packages import apk_packages, pacman_packages
from changelog_ledger.workflows.package_inventories import PackageInventories
from changelog_ledger.workflows.record_seen import Progress, record_seen
from changelog_ledger.workflows.rpm_packages import dnf_packages, zypper_packages
from changelog_ledger.workflows.workspace import Workspace

Reader = Callable[[HostLogs], Iterator[Seen]]

READERS: tuple[Reader, ...] = (
    debian_packages,  # apt, dpkg, unattended-upgrades
    dnf_packages,  # dnf, yum
    zypper_packages,
    pacman_packages,
    apk_packages,
)
"""One manager a line."""


def ingest_packages(
    workspace: Workspace, host: str | None = None, *, root: str = "/", since: datetime | None = None, progress: Progress = lambda _done: None
) -> Ingested:
    """Record what package managers did on a host: one observation a transaction.

    :param root: the directory that stands for the host's ``/``.
    :param since: leave out what happened before.
    :param progress: told how many bytes of logs were read.
    :raises NotFound: if there is no such host or directory.
    :raises Busy: if another ingestion of the host's packages goes on for too long.
    """
    name = host_below(workspace, host, root)
    with workspace.locks.ingestion("packages", name):
        return _ingested(HostLogs(workspace, name, root, since, progress))


def _ingested(logs: HostLogs) -> Ingested:
    seen = (each for reader in READERS for each in reader(logs))
    inventories = PackageInventories(logs)
    found = _with_what_is_missing(logs, inventories.after(logs.watched(seen)))
    result = record_seen(logs.workspace, logs.host, found, since=logs.since, gaps=logs.gaps, notes=logs.notes)
    inventories.keep()  # first: what a log told is told again if its cursor was not kept
    logs.keep_cursors()
    return result


def _with_what_is_missing(logs: HostLogs, seen: Iterator[Seen]) -> Iterator[Seen]:
    yield from seen
    logs.miss("package manager's records")
