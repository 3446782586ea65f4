"""How an ingestion went: nothing of what is said is cut off."""

from __future__ import annotations

from datetime import UTC, datetime

from changelog_ledger.model.ingestion import Ingested
from changelog_ledger.reports.ingestion import render_ingested
from changelog_ledger.reports.style import Style

NOTE = "there is no /etc/localtime that can be read; local times are read as UTC, which they may not be, as somebody wrote at length here"


def test_a_long_note_is_wrapped_and_not_cut_off() -> None:
    style = Style.plain(60)
    text = render_ingested(Ingested(0, 2, notes=(NOTE,)), style, datetime(2025, 6, 2, tzinfo=UTC))
    first, *rows = text.splitlines()
    assert first == "Nothing new; 2 known already."
    assert " ".join(" ".join(rows).split()) == NOTE
    assert max(map(len, rows)) <= 60
    assert all(row.startswith("  ") for row in rows[1:])
