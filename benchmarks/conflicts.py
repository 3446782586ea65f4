"""Ten thousand open changes: which of them get in each other's way? The ledger's answer against a self-join of the same database."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.timing import Bar, Contestant, Row, medians
from changelog_ledger import Ledger

OPEN, QUICK_OPEN = 10_000, 1_000
HOSTS_A_SERVICE = 10
BEGIN = datetime(2030, 1, 1, tzinfo=UTC)

_JOIN = """SELECT DISTINCT one.change_id, other.change_id FROM open_change AS one JOIN open_change AS other
    ON one.target_kind = other.target_kind AND one.target_name = other.target_name AND one.change_id < other.change_id
    AND one.begins_at < other.ends_at AND other.begins_at < one.ends_at"""
"""The same targets only: neither a service's hosts nor dependencies, and no change is read. Less than what the ledger answers."""


def conflicts(folder: Path, quick: bool) -> Iterator[Row]:
    """A year of maintenance as companies have it, and everything at once."""
    number = QUICK_OPEN if quick else OPEN
    for name, spread in (("spread over a year", timedelta(days=365)), ("all in one night", timedelta(hours=2))):
        home = folder / f"conflicts-{spread.days}"
        with Ledger.init(home, host="here") as ledger:
            ledger.import_facts(_lines(number, spread))
        raw = sqlite3.connect(home / "ledger.db")
        with Ledger.open(home) as ledger:
            found = ledger.conflicts()
            contestants = [
                Contestant("self-join in SQLite, same target only", lambda _, raw=raw: raw.execute(_JOIN).fetchall()),
                Contestant("ledger", lambda _, ledger=ledger: ledger.conflicts()),
            ]
            taken = medians(contestants, 3 if quick else 7)
        raw.close()
        remark = f"{len(found.listed)} listed, {'at least ' if found.at_least else ''}{found.more:,} more"
        peer = taken["self-join in SQLite, same target only"]
        yield Row(f"conflicts among {number:,} open changes, {name}", "conflicts", taken["ledger"], "self-join", peer, Bar.seconds(0.2), remark)


def _lines(number: int, spread: timedelta) -> Iterator[str]:
    """Hosts, services that depend on each other in chains of three, and changes of an hour or two on either."""
    dice = random.Random(number)
    hosts = [f"host-{index:05}" for index in range(number // 2)]
    services = [hosts[first : first + HOSTS_A_SERVICE] for first in range(0, len(hosts), HOSTS_A_SERVICE)]
    yield from (json.dumps({"kind": "host", "name": host}) for host in hosts)
    for index, runs_on in enumerate(services):
        below = [f"service:service-{index - 1:05}"] if index % 3 else []
        yield json.dumps({"kind": "service", "name": f"service-{index:05}", "runs_on": runs_on, "depends_on": below})
    for index in range(number):
        start = BEGIN + dice.random() * spread
        on = f"service:service-{dice.randrange(len(services)):05}" if dice.random() < 0.2 else f"host:{dice.choice(hosts)}"
        end = start + timedelta(minutes=dice.choice((30, 60, 120)))
        times = {"planned_start": start.isoformat(), "planned_end": end.isoformat()}
        yield json.dumps({"kind": "change", "ref": f"C{index}", "title": f"Change {index}", "on": [on], "paths": ["/etc/nginx/**"], **times})
