"""What pacman and apk did, from their logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from itertools import chain

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages import apk_log, pacman_log
from changelog_ledger.observations.packages.settled import settled
from changelog_ledger.observations.packages.transactions import seen
from changelog_ledger.workflows.host_logs import HostLogs

_PACMAN = "/var/log/pacman.log"
_APK = "/var/log/apk.log"


def pacman_packages(logs: HostLogs) -> Iterator[Seen]:
    """pacman's transactions."""
    log = logs.opened(_PACMAN)
    lines = log.lines()
    first = next(lines, None)
    if first is None:  # the zone is not even asked for
        return
    times = logs.local_times(log)
    for transaction in settled(pacman_log.transactions(chain((first,), lines), times, log.hold), logs.workspace.now(), logs.notes):
        yield seen(transaction, logs.host)
    logs.gaps += times.gaps(_PACMAN)


def apk_packages(logs: HostLogs) -> Iterator[Seen]:
    """apk's transactions."""
    log, times = logs.opened(_APK), LocalTimes(UTC)
    for transaction in settled(apk_log.transactions(log.lines(), log.hold, times), logs.workspace.now(), logs.notes):
        yield seen(transaction, logs.host)
    logs.gaps += times.gaps(_APK)
