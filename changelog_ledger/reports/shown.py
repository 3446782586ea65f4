"""What ``ledger show`` prints, whatever the id is of: each kind as its own command shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from changelog_ledger.model.change import Change, Freeze
from changelog_ledger.model.incident import Incident
from changelog_ledger.model.shown import Shown, ShownEvidence
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.reports.calendar_text import render_freezes, render_windows
from changelog_ledger.reports.change_json import change_document
from changelog_ledger.reports.change_text import render_change
from changelog_ledger.reports.evidence_text import render_evidence
from changelog_ledger.reports.incident_json import incident_document
from changelog_ledger.reports.incident_text import render_incident
from changelog_ledger.reports.json_document import evidence_document, snapshots_document
from changelog_ledger.reports.json_values import Document, schema
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, written
from changelog_ledger.reports.lists import render_snapshots
from changelog_ledger.reports.schedule_json import freezes_document, windows_document
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import in_words

_LONGEST = 8
"""Lines of a value at most: 200 packages fill no screen; ``--json`` has all."""


def shown_document(shown: Shown) -> Document:
    """``show --json``: the one thing, under the name of its kind."""
    match shown:
        case Change():
            kind, value = "change", change_document(shown)["change"]
        case ShownEvidence():
            kind, value = "evidence", evidence_document("show", [shown.evidence])["evidence"][0] | {"data": dict(shown.data)}
        case Snapshot():
            kind, value = "snapshot", snapshots_document([shown])["snapshots"][0]
        case Freeze():
            kind, value = "freeze", freezes_document([shown])["freezes"][0]
        case Incident():
            kind, value = "incident", incident_document(shown)["incident"]
        case _:
            kind, value = "window", windows_document([shown])["windows"][0]
    return {"schema": schema("show"), "kind": kind, kind: value}


def render_shown(shown: Shown, style: Style, now: datetime) -> str:
    """The one thing, for a terminal."""
    match shown:
        case Change():
            return render_change(shown, style, now)
        case ShownEvidence():
            return render_evidence([shown.evidence], style, now) + written(_data(shown, style, now), style)
        case Snapshot():
            return render_snapshots([shown], style, now)
        case Freeze():
            return render_freezes([shown], style, now)
        case Incident():
            return render_incident(shown, style, now)
        case _:
            return render_windows([shown], style, now)


def _data(shown: ShownEvidence, style: Style, now: datetime) -> Iterator[Line]:
    """What an observation's record says besides, a name and its value."""
    if not shown.data:
        return
    yield ()
    yield line(Span("The record says", Role.HEADING))
    for name, value in sorted(shown.data.items()):
        text = in_words(value, style.zone, now) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        yield from flow(line(Span(f"{brief(name, 24)}  ", Role.DIM), brief(text, _LONGEST * style.columns)), style.columns, hang=4, first=2)
