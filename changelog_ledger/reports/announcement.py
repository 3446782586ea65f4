"""``change announce``: what a template may name, and the JSON of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from changelog_ledger.model.change import Change
from changelog_ledger.reports.json_values import schema
from changelog_ledger.reports.layout import flow, line, padded, written
from changelog_ledger.reports.style import PLAIN, Style


def announcement_document(change: Change, text: str) -> dict[str, Any]:
    """``change announce --json``."""
    return {"schema": schema("announcement"), "change": change.id, "status": str(change.status), "text": text}


def announcement_fields_document(fields: Mapping[str, str]) -> dict[str, Any]:
    """``change announce --fields --json``."""
    return {"schema": schema("announcement-fields"), "fields": dict(fields)}


def render_announcement_fields(fields: Mapping[str, str], style: Style = PLAIN) -> str:
    """One field a line, with what it means."""
    room = max(map(len, fields)) + 3
    return written(
        [row for name, meaning in fields.items() for row in flow(line(padded(f"${name}", room), meaning), style.columns, hang=room, first=0)], style
    )
