"""apt, dpkg and unattended-upgrades of a host: their logs, read together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from changelog_ledger.model.ingestion import Gap, Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.observations.packages.apt_history import AptHistory, AptStanza
from changelog_ledger.observations.packages.apt_times import AptTimes
from changelog_ledger.observations.packages.debian import DebianHistory
from changelog_ledger.observations.packages.dpkg import DpkgLog
from changelog_ledger.observations.packages.transactions import seen
from changelog_ledger.observations.packages.unattended_upgrades import unattended_runs
from changelog_ledger.sources.packages.dpkg_lock import is_dpkg_idle
from changelog_ledger.workflows.host_logs import HostLogs

DPKG = "/var/log/dpkg.log"
APT = "/var/log/apt/history.log"
UNATTENDED = "/var/log/unattended-upgrades/unattended-upgrades.log"


def debian_packages(logs: HostLogs) -> Iterator[Seen]:
    """What apt and dpkg did, oldest first.

    Only ``dpkg.log`` is read on from where it was read last time: apt's history is a hundredth of it, and by all of it is known which of dpkg's runs
    are apt's.
    """
    dpkg = logs.opened(DPKG)
    now, is_idle = logs.workspace.now(), is_dpkg_idle(logs.root)
    log, history = DpkgLog(logs.local_times(dpkg)), AptHistory(logs.local_times())
    updater = logs.opened_whole(UNATTENDED)
    joined = DebianHistory(
        _times(logs),
        sorted(unattended_runs(updater.lines(), logs.local_times()), key=lambda run: run.at),
        now,
        dpkg.hold,
        logs.notes,
        is_idle=bool(is_idle),
        gaps=logs.gaps,
    )
    stanzas = history.stanzas(logs.opened_whole(APT).lines())
    for transaction in joined.transactions(stanzas, log.runs(dpkg.lines())):
        yield seen(transaction, logs.host)
    if log.latest is not None:
        dpkg.keep_clock(format_instant(log.latest))
    if joined.withheld.latest is not None:
        logs.withheld["dpkg"] = joined.withheld.latest
    logs.gaps += [*_strange(log.strange, "dpkg"), *_strange(history.strange, "apt")]


def _times(logs: HostLogs) -> AptTimes:
    """When apt ran: what cannot be read is told when its history is read a second time."""
    log = logs.opened_quietly(APT)

    def outcomes(stanza: AptStanza) -> frozenset[str]:
        with logs.workspace.store.reading() as view:
            found = view.evidence.observations([Target.host(logs.host)], stanza.at - timedelta(microseconds=1), stanza.at)
        return frozenset(str(each.data.get("outcome", "")) for each in found if each.data.get("manager") == "apt")

    return AptTimes(AptHistory(logs.local_times()).stanzas(log.lines()), log.parts, outcomes)


def _strange(strange: Mapping[str, int], program: str) -> Iterator[Gap]:
    for source, count in strange.items():
        yield Gap(source, f"{count:,} line{'' if count == 1 else 's'} that {program} does not write; the rest was read")
