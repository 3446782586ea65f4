"""Standard changes: for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from changelog_ledger.model.change import Item
from changelog_ledger.model.policy import Template
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import Document, schema
from changelog_ledger.reports.layout import Line, Span, flow, line, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import length


def render_templates(templates: Sequence[Template], style: Style) -> str:
    """Every template: its name and title, then what it says besides, a field a line."""
    if not templates:
        return written([line("No template is described: [[templates]] in ledger.toml.")], style)
    lines = [each for template in templates for each in _template(template, style)]
    return written([*lines, line(Span(count(len(templates), "template"), Role.DIM))], style)


def templates_document(templates: Sequence[Template]) -> Document:
    """``change templates --json``: of each template what it says, durations in seconds."""
    return {"schema": schema("templates"), "templates": [_document(template) for template in templates]}


def _template(template: Template, style: Style) -> Iterator[Line]:
    yield from flow(line(Span(printable(template.name), Role.HEADING), f"  {printable(template.title)}"), style.columns, hang=2, first=0)
    said = {"on": template.on, "duration": template.duration, **template.details}
    for name, value in said.items():
        if words := _words(value):
            yield from flow(line(Span(f"{name}: ", Role.DIM), words), style.columns, hang=4, first=2)


def _words(value: Any) -> str:
    if isinstance(value, timedelta):
        return length(value)
    if isinstance(value, (tuple, list)):
        return ", ".join(printable(each.text if isinstance(each, Item) else str(each)) for each in value)
    return "" if value is None else printable(str(value))


def _document(template: Template) -> Document:
    seconds = None if template.duration is None else int(template.duration.total_seconds())
    fixed: Document = {"name": template.name, "title": template.title, "on": list(template.on), "duration_seconds": seconds}
    return fixed | {"details": {_named(name, value): _value(value) for name, value in template.details.items()}}


def _named(name: str, value: Any) -> str:
    return f"{name.removesuffix('_time')}_seconds" if isinstance(value, timedelta) else name


def _value(value: Any) -> Any:
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, (tuple, list)):
        return [
            {"text": each.text, "command": each.command or None, "paths": list(each.paths)} if isinstance(each, Item) else str(each) for each in value
        ]
    return str(value)
