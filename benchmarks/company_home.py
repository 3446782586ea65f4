"""The home with the company's year in it, made by the real import; it takes minutes, so it can be kept."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks.facts import VERSION, Company
from changelog_ledger import Ledger

_BATCH = 50_000
_COMPLETE = "complete"


def company_home(folder: Path, facts: int) -> tuple[Path, Company]:
    """The home in ``folder``; made there if there is none yet."""
    company = Company.of_facts(facts)
    place = folder / f"facts-{facts}-v{VERSION}"
    if not (place / _COMPLETE).exists():
        shutil.rmtree(place, ignore_errors=True)
        _fill(place / "home", company)
        (place / _COMPLETE).touch()
    return place / "home", company


def _fill(home: Path, company: Company) -> None:
    begun, done = time.perf_counter(), 0
    with Ledger.init(home, host=company.host(0)) as ledger:
        for batch in _batched(company.lines()):
            done += ledger.import_facts(batch).recorded
            sys.stderr.write(f"\rimporting: {done:,} facts, {done / (time.perf_counter() - begun):,.0f}/s ")
            sys.stderr.flush()
    sys.stderr.write("\n")


def _batched(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch
