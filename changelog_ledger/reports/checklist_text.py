"""Checklists for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.model.change import Change, Item, ItemState
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.layout import Line, Span, brief, flow, line
from changelog_ledger.reports.phrases import count, excerpt, shortlist
from changelog_ledger.reports.style import Role, Style

_BOXES = {ItemState.OPEN: "[ ]", ItemState.DONE: "[x]", ItemState.WAIVED: "[-]"}
_STATES = {ItemState.OPEN: "open", ItemState.DONE: "ticked", ItemState.WAIVED: "waived"}
_NAMED = 4
_ITEM_CELLS = 100


def checklist_lines(change: Change, style: Style) -> Iterator[Line]:
    """The checklist with its heading: each item numbered, and why it is ticked or waived."""
    if not change.items:
        return
    unticked = len(change.open_items)
    yield ()
    yield line(Span("CHECKLIST", Role.HEADING), f"  {unticked} of {count(len(change.items), 'item')} open" if unticked else "  nothing open")
    for number, item in enumerate(change.items, 1):
        role = Role.WARNING if item.state is ItemState.OPEN else Role.DIM
        said = f" {printable(excerpt(item.text))}{_because(item)}"
        yield from flow(line(f"{number}. ", Span(_BOXES[item.state], role), said), style.columns, hang=9, first=2 if number < 10 else 1)
        if item.command and item.state is ItemState.OPEN:
            yield from flow(line(Span(f"$ {printable(excerpt(item.command))}", Role.DIM)), style.columns, hang=11, first=9)


def render_items_left(change: Change) -> str:
    """One line: ``CHG-7K3M9Q: 2 of 11 items open: DNS, monitoring``."""
    left = [printable(item.name) for item in change.open_items]
    if not left:
        return f"{printable(change.id)}: nothing open on its checklist"
    return f"{printable(change.id)}: {len(left)} of {count(len(change.items), 'item')} open: {shortlist(left, _NAMED)}"


def render_item_step(before: Item, after: Item) -> str:
    """One line: ``ticked: firewalls: open what is new``; what it was before, where it was not open."""
    text = brief(after.text, _ITEM_CELLS)
    was = f" ({brief(before.because, _ITEM_CELLS)})" if before.because else ""
    if before == after:
        return f"{_STATES[after.state]} already: {text}{was}"
    before_that = f"; it was {_STATES[before.state]}{was}" if before.state is not ItemState.OPEN else ""
    return f"{_STATES[after.state]}: {text}{before_that}"


def _because(item: Item) -> str:
    if item.state is ItemState.WAIVED:
        return f", waived: {printable(excerpt(item.because))}"
    return f", {printable(excerpt(item.because))}" if item.because and item.state is ItemState.DONE else ""
