"""What an adoption did, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from changelog_ledger.model.adoption import Adoption
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import schema, time_value
from changelog_ledger.reports.layout import flow, line, written
from changelog_ledger.reports.phrases import count, shortlist
from changelog_ledger.reports.style import PLAIN, Style


def render_adoption(adoption: Adoption, style: Style = PLAIN) -> str:
    """What is new, and what was odd about the history."""
    lines = [row for words in (_news(adoption, style), *_remarks(adoption)) for row in flow(line(words), style.columns, hang=4, first=0)]
    return written(lines, style)


def adoption_document(adoption: Adoption) -> dict[str, Any]:
    """``adopt --json``."""
    return {
        "schema": schema("adopt"),
        "commits": adoption.commits,
        "snapshots": adoption.snapshots,
        "recovered": adoption.recovered,
        "hosts": list(adoption.hosts),
        "added": list(adoption.added),
        "first": time_value(adoption.first),
        "last": time_value(adoption.last),
        "bent": adoption.bent,
        "shallow": adoption.is_cut,
        "left_out": dict(adoption.left_out),
    }


def _news(adoption: Adoption, style: Style) -> str:
    if not adoption.snapshots:
        return f"nothing new in {count(adoption.commits, 'commit')}"
    days = [f"{moment.astimezone(style.zone):%Y-%m-%d}" for moment in (adoption.first, adoption.last) if moment]
    span = f", {' to '.join(days)}" if days else ""
    of = f" of {_hosts(adoption.hosts)}" if adoption.hosts else ""
    return f"adopted {count(adoption.snapshots, 'snapshot')}{of} from {count(adoption.commits, 'commit')}{span}"


def _remarks(adoption: Adoption) -> Iterator[str]:
    if adoption.added:
        yield f"new in the ledger: {_hosts(adoption.added)}"
    if adoption.recovered:
        yield f"{adoption.recovered:,} of them were left in git by an earlier run that had died"
    if adoption.bent:
        time = "has a time" if adoption.bent == 1 else "have times"
        yield f"{count(adoption.bent, 'commit')} {time} out of order: put next to the neighbours, with what the clock said in the snapshot's reason"
    if adoption.is_cut:
        yield "the repository is shallow: its history begins in the middle"
    if adoption.left_out:
        yield f"left out: {shortlist([printable(f'{path} ({why})') for path, why in adoption.left_out.items()])}"


def _hosts(names: tuple[str, ...]) -> str:
    return shortlist([printable(name) for name in names])
