"""Commands for a terminal: what is copied still runs."""

from __future__ import annotations

from rich.cells import cell_len

from changelog_ledger.reports.hints import Hint
from changelog_ledger.reports.layout import Line, Span, line
from changelog_ledger.reports.style import Role, Style


def hint_lines(hint: Hint, style: Style) -> list[Line]:
    """The command, broken with backslashes where it is too long."""
    rows = _command_rows(hint.in_zone(style.zone).words, style.columns - 4)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        lines.append(line("    " if number == 0 else "      ", row + (" \\" if number < len(rows) - 1 else "")))
    comment = f"  # {hint.purpose}" if hint.purpose else ""
    if comment and 6 + cell_len(rows[-1] + comment) <= style.columns:
        lines[-1] = (*lines[-1], Span(comment, Role.DIM))
    elif comment:
        lines.append(line("    ", Span(comment, Role.DIM)))
    return lines


def _command_rows(words: tuple[str, ...], room: int) -> list[str]:
    """A command in rows that leave space for the continuation sign; an argument that fits on no row becomes ``…``."""
    rows = [""]
    for unit in _with_options(words, room - 4):
        if rows[-1] and cell_len(rows[-1]) + 1 + cell_len(unit) > room - 4:
            rows.append("")
        rows[-1] += (" " if rows[-1] else "") + unit
    return rows


def _with_options(words: tuple[str, ...], room: int) -> list[str]:
    """The words, each option joined with its value, so that both stay on one row."""
    units: list[str] = []
    for word in words:
        fitting = word if cell_len(word) <= room else "…"
        if units and units[-1].startswith("--") and " " not in units[-1] and cell_len(units[-1]) + 1 + cell_len(fitting) <= room:
            units[-1] += f" {fitting}"
        else:
            units.append(fitting)
    return units
