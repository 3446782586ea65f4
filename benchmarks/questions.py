"""Questions to a ledger of a million facts and ten thousand hosts."""

from __future__ import annotations

import json
import sqlite3
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.company_home import company_home
from benchmarks.contest import LEDGER, command
from benchmarks.facts import BEGIN, END, Company
from benchmarks.timing import Bar, Contestant, Row, duration, medians
from changelog_ledger import Ledger
from changelog_ledger.model.topology import Target
from changelog_ledger.store.store import Store

FACTS, QUICK_FACTS = 1_000_000, 50_000
ASKED = 40
CANDIDATES = 5_000
SINCE, UNTIL = BEGIN + timedelta(days=180), BEGIN + timedelta(days=210)

_TIMES = """SELECT change_id, begins_at, ends_at FROM change_time
    WHERE target_kind = 'host' AND target_name = ? AND begins_at <= ? AND (ends_at IS NULL OR ends_at >= ?) ORDER BY begins_at DESC"""
_STATES = """SELECT change.id, change.state FROM change_time JOIN change ON change.id = change_time.change_id
    WHERE target_kind = 'host' AND target_name = ? AND change_time.begins_at <= ? AND (change_time.ends_at IS NULL OR change_time.ends_at >= ?)"""


def window(folder: Path, quick: bool) -> Iterator[Row]:
    """The changes of one host in thirty days: the store's question against SQL by hand."""
    home, company = company_home(folder, QUICK_FACTS if quick else FACTS)
    hosts = _asked(company)
    raw = sqlite3.connect(home / "ledger.db")
    bounds = (_microseconds(UNTIL), _microseconds(SINCE))
    store = Store.open(f"sqlite:///{home / 'ledger.db'}", "benchmark")
    with store.reading() as view:
        contestants = [
            Contestant("raw sqlite3, times", lambda _: [raw.execute(_TIMES, (host, *bounds)).fetchall() for host in hosts]),
            Contestant("raw sqlite3, changes", lambda _: [_read(raw, host, bounds) for host in hosts]),
            Contestant("store", lambda _: [view.changes.touching([Target.host(host)], SINCE, UNTIL) for host in hosts]),
        ]
        taken = {name: seconds / len(hosts) for name, seconds in medians(contestants, 5 if quick else 21).items()}
    store.close()
    raw.close()
    name = "one host's changes in 30 days" + _size(quick)
    yield Row(name, "store", taken["store"], "raw sqlite3, times", taken["raw sqlite3, times"], Bar.ratio(5.0))
    yield Row(name, "store", taken["store"], "raw sqlite3, changes", taken["raw sqlite3, changes"])


def what_changed(folder: Path, quick: bool) -> Iterator[Row]:
    """``what-changed`` for hosts with and without snapshots, for a service, with many candidates, and as a command."""
    home, company = company_home(folder, QUICK_FACTS if quick else FACTS)
    with Ledger.open(home) as ledger:
        begun = time.perf_counter()
        ledger.what_changed(f"host:{company.host(company.hosts // 2)}")
        remark = f"the process's first question: {duration(time.perf_counter() - begun)}"
        yield _asked_of(ledger, _asked(company), "host", "what-changed, host" + _size(quick), Bar.seconds(0.1), remark)
        yield _asked_of(ledger, company.with_snapshots, "host", "what-changed, host with snapshots" + _size(quick), Bar.seconds(0.1), "")
        services = [f"service-{number:03}" for number in range(min(5, max(1, company.hosts // 50)))]
        yield _asked_of(
            ledger, services, "service", "what-changed, service on 50 hosts, last month" + _size(quick), None, "", END - timedelta(days=30)
        )
        yield _many_candidates(ledger, quick)
    host = f"host:{company.with_snapshots[-1]}"
    taken = medians([Contestant("command", lambda _: command(*LEDGER, "--home", home, "what-changed", host))], 3 if quick else 11)
    yield Row("what-changed, host" + _size(quick), "command", taken["command"], bar=Bar.seconds(1.0))


def _asked_of(ledger: Ledger, names: Sequence[str], kind: str, operation: str, bar: Bar | None, remark: str, since: datetime | None = None) -> Row:
    """Every target once: what a second question would find in a cache is not what somebody at night finds."""
    taken = []
    for name in names:
        begun = time.perf_counter()
        report = ledger.what_changed(f"{kind}:{name}", since=since)
        taken.append(time.perf_counter() - begun)
        assert report.suspects, f"nothing found for {name}: the data are wrong"
    words = f"slowest {duration(max(taken))}" + (f"; {remark}" if remark else "")
    return Row(operation, "library", statistics.median(taken), bar=bar, remark=words)


def _many_candidates(ledger: Ledger, quick: bool) -> Row:
    """Services that depend on another one: their window has so many candidates that what is done for each of them is what counts."""
    taken = []
    for number in range(1 if quick else 10, 2 if quick else 15):
        begun = time.perf_counter()
        report = ledger.what_changed(f"service:service-{number:03}", since=END - timedelta(days=200), until=END)
        taken.append(time.perf_counter() - begun)
        assert quick or report.suspects_total >= CANDIDATES, f"only {report.suspects_total} candidates: the data are wrong"
    operation = f"what-changed, {'many' if quick else f'{CANDIDATES:,}'} candidates" + _size(quick)
    return Row(operation, "library", statistics.median(taken), bar=Bar.seconds(0.5), remark=f"slowest {duration(max(taken))}")


def _asked(company: Company) -> list[str]:
    return [company.host(number) for number in range(3, company.hosts, max(1, company.hosts // ASKED))][:ASKED]


def _read(raw: sqlite3.Connection, host: str, bounds: tuple[int, int]) -> list[tuple[str, object]]:
    return [(identity, json.loads(state)) for identity, state in raw.execute(_STATES, (host, *bounds))]


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _size(quick: bool) -> str:
    return f", {QUICK_FACTS if quick else FACTS:,} facts"
