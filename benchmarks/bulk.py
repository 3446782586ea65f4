"""Bulk import: JSON Lines to facts with all their projections, against the bare rows."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks.facts import Company
from benchmarks.timing import Bar, Contestant, Row, medians
from changelog_ledger import Ledger

FACTS = 100_000
LEAST_A_SECOND = 5_000

Rows = dict[str, tuple[int, list[tuple[object, ...]]]]
"""Columns and rows by table."""


def bulk(folder: Path, quick: bool) -> Iterator[Row]:
    """A hundred thousand facts into a new home; without snapshots, whose price is that of git."""
    facts = FACTS // 10 if quick else FACTS
    lines = list(islice((line for line in Company.of_facts(facts).lines() if '"snapshot"' not in line[:20]), facts))
    ours, raw = folder / "bulk" / "home", folder / "bulk" / "raw.db"
    _import(ours, lines)
    schema, rows = _read(ours / "ledger.db")
    contestants = [
        Contestant("raw sqlite3", lambda _: _insert(raw, schema, rows), lambda _: raw.unlink(missing_ok=True)),
        Contestant("library", lambda _: _import(ours, lines), lambda _: shutil.rmtree(ours)),
    ]
    taken = medians(contestants, 1 if quick else 3, warm_up=0)
    remark = f"{facts / taken['library']:,.0f} facts/s; raw: {sum(len(found) for _, found in rows.values()):,} rows"
    bar = Bar(f">= {LEAST_A_SECOND:,}/s", lambda _peer, seconds: facts / seconds >= LEAST_A_SECOND)
    yield Row(f"import of {facts:,} facts", "library", taken["library"], "raw sqlite3, same rows", taken["raw sqlite3"], bar, remark)


def _import(home: Path, lines: list[str]) -> None:
    with Ledger.init(home, host="bench") as ledger:
        recorded = ledger.import_facts(lines).recorded
    assert recorded >= len(lines)


def _read(database: Path) -> tuple[list[str], Rows]:
    """The schema and every row of a database."""
    with sqlite3.connect(database) as connection:
        schema = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'index'")]
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}
    return schema, {table: (len(found[0]), found) for table, found in rows.items() if found}


def _insert(database: Path, schema: list[str], rows: Rows) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous=EXTRA")
    for sql in schema:
        connection.execute(sql)
    for table, (columns, found) in rows.items():
        connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * columns)})', found)
    connection.commit()
    connection.close()
