"""Untrusted text within HTML."""

from __future__ import annotations

from html import escape

from changelog_ledger.reports.layout import brief

_LONGEST = 2000


def escaped(text: str, room: int = _LONGEST) -> str:
    """Text for an element or a quoted attribute: nothing hidden in it, nothing of it markup, and not endless."""
    return escape(brief(text, room), quote=True)
