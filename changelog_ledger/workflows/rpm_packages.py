"""What DNF, yum and zypper did: from the history databases, and where these are gone from the logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby

from changelog_ledger.model.ingestion import Gap, Seen
from changelog_ledger.observations.packages import dnf_history, dnf_log, yum_log, zypp_history
from changelog_ledger.observations.packages.settled import settled
from changelog_ledger.observations.packages.transactions import Transaction, seen
from changelog_ledger.sources.packages.file_times import modified_at
from changelog_ledger.sources.packages.rpm_history import HistoryUnreadable, rpm_histories, rpm_history
from changelog_ledger.workflows.host_logs import HostLogs

_ZYPP = "/var/log/zypp/history"
_DNF_LOGS = ("/var/log/dnf.rpm.log", "/var/log/dnf.log")
_YUM = "/var/log/yum.log"
_DATED = re.compile(r"-(\d{4})-?(\d{2})-?(\d{2})")


def dnf_packages(logs: HostLogs) -> Iterator[Seen]:
    """DNF's and yum's transactions, each once: the databases tell all that the logs tell and more, so the logs are read only where there is none.

    A database that is there and cannot be read (only somebody else may, or it is damaged) is a gap, and the logs are not read instead: what they tell
    is known by other references, so all of it would be recorded again when the database can be read.
    """
    histories = rpm_histories(logs.root)
    for path in histories:
        logs.found_record()
        yield from _history(logs, path)
    if not histories:
        for transaction in settled(_from_logs(logs), logs.workspace.now(), logs.notes):
            yield seen(transaction, logs.host)


def zypper_packages(logs: HostLogs) -> Iterator[Seen]:
    """What libzypp did. Its history is read from the beginning each time: what was there before an upgrade is told by the lines before."""
    lines = logs.opened_whole(_ZYPP).lines()
    first = next(lines, None)
    if first is None:
        return
    times = logs.local_times()
    for transaction in settled(zypp_history.transactions(chain((first,), lines), times), logs.workspace.now(), logs.notes):
        yield seen(transaction, logs.host)
    logs.gaps += times.gaps(_ZYPP)


def _history(logs: HostLogs, path: str) -> Iterator[Seen]:
    try:
        for transaction in dnf_history.transactions(rpm_history(logs.root, path), path, logs.workspace.now()):
            yield seen(transaction, logs.host)
    except HistoryUnreadable as error:
        logs.gaps.append(Gap(path, f"{error}; {'read it as root' if error.is_forbidden else 'its transactions are missing from there on'}"))


def _from_logs(logs: HostLogs) -> Iterator[Transaction]:
    for path in _DNF_LOGS:
        log = logs.opened_whole(path)
        lines = log.lines()
        first = next(lines, None)
        if first is not None:
            times = logs.local_times()
            yield from dnf_log.transactions(chain((first,), lines), times)
            logs.gaps += times.gaps(path)
            break
    yield from _from_yum_log(logs)


def _from_yum_log(logs: HostLogs) -> Iterator[Transaction]:
    for source, lines in groupby(logs.opened_whole(_YUM).lines(), key=lambda line: line.source):
        times = logs.local_times()
        yield from yum_log.transactions(lines, times, _written_before(logs, source))
        logs.gaps += times.gaps(source)


def _written_before(logs: HostLogs, source: str) -> datetime:
    """By the host's clock: when a file was last written to, or what its name says (``yum.log-20240101``), whichever is earlier: a copy is young."""
    seconds = modified_at(logs.root, source)
    moment = logs.workspace.now() if seconds is None else datetime.fromtimestamp(max(0.0, min(seconds, 7e9)), UTC)
    local = moment.astimezone(logs.zone.zone).replace(tzinfo=None)
    if dated := _DATED.search(source.rpartition("/")[2]):
        try:
            return min(local, datetime.fromisoformat("-".join(dated.groups())) + timedelta(days=1))
        except ValueError:  # a number that is no date
            return local
    return local
