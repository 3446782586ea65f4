"""Maintenance windows of an import: what recurs must be a rule that comes true, in a zone that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from changelog_ledger.errors import InvalidFact, InvalidInput
from changelog_ledger.model.topology import Target
from changelog_ledger.store.interchange import MaintenanceLine, ReadLine


def recurring_rightly(lines: Iterable[ReadLine], refuse: Callable[[InvalidFact], None]) -> Iterator[ReadLine]:
    """The lines, those of maintenance windows in one spelling; without those that no window can be made of."""
    for read in lines:
        if not isinstance(read.line, MaintenanceLine):
            yield read
            continue
        try:
            yield replace(read, line=_checked(read.line))
        except InvalidInput as error:
            refuse(InvalidFact(error.message, error.hint, line=read.number))


def _checked(line: MaintenanceLine) -> MaintenanceLine:
    from changelog_ledger.changes.calendar import new_window
    from changelog_ledger.workflows.zones import zone_named

    window = new_window(
        id=line.id,
        title=line.title,
        start=line.start,
        length=timedelta(seconds=line.seconds),
        zone_name=line.zone,
        zone=zone_named(line.zone),
        on=[Target.parse(text) for text in line.on],
        rule=line.rule,
    )
    return line.model_copy(update={"start": window.start, "rule": window.rule, "title": window.title})
