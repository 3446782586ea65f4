"""The recent-changes log made short: the differences of one file, or of one change, as one entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.reports.phrases import count

_Key = Callable[[TimelineEntry, int], Hashable]

_MOST_OF_A_FILE = 3
"""More differences of one file than these, found by one snapshot, are one entry."""

_MOST_OF_A_CHANGE = 3
"""More differences that one change explains, found by one snapshot of a host, are one entry."""

_MOST_UNLOGGED = 10
"""Of what no change explains, so many entries of one snapshot stay: it is what one looks for."""


def fold_recent(entries: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """The log with long lists of differences as one entry each, which stands where the first of them stood.

    An entry that stands for several says so in ``folded``; it has the id of the first of them. Nothing else is left out.
    """
    lines: dict[int, TimelineEntry] = {}
    for found_together in _grouped(entries, range(len(entries)), _snapshot):
        for places in _lines(entries, found_together):
            lines[places[0]] = _summed([entries[place] for place in places])
    return tuple(lines[place] for place in sorted(lines))


def _lines(entries: Sequence[TimelineEntry], places: Sequence[int]) -> list[list[int]]:
    """Which entries of one snapshot share a line."""
    files = _grouped(entries, places, lambda entry, place: (entry.path, None if entry.path else place))
    lines = [line for file in files for line in ([file] if len(file) > _MOST_OF_A_FILE else [[place] for place in file])]
    most = _MOST_OF_A_CHANGE if entries[places[0]].explained_by else _MOST_UNLOGGED
    return [list(places)] if len(lines) > most else lines


def _snapshot(entry: TimelineEntry, place: int) -> Hashable:
    """The same for all differences that one snapshot found and one change explains, or none; its own for everything else."""
    return place if entry.kind != "drift" or entry.found_at is None else (entry.targets, entry.found_at, entry.explained_by)


def _grouped(entries: Sequence[TimelineEntry], places: Iterable[int], key_of: _Key) -> list[list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place in places:
        groups[key_of(entries[place], place)].append(place)
    return list(groups.values())


def _summed(entries: Sequence[TimelineEntry]) -> TimelineEntry:
    first = entries[0]
    if len(entries) == 1:
        return first
    paths = {entry.path for entry in entries}
    where = first.path if len(paths) == 1 else f"{len(paths):,} files below {_folder(paths)}"
    return replace(
        first,
        text=f"{count(len(entries), 'difference')} in {where}",
        path=first.path if len(paths) == 1 else "",
        detail="",
        actor=first.actor if all(entry.actor == first.actor for entry in entries) else "",
        folded=sum(entry.folded for entry in entries),
    )


def _folder(paths: Iterable[str]) -> str:
    """The deepest folder that holds all of them."""
    kept: list[str] = []
    for steps in zip(*(path.split("/")[:-1] for path in paths), strict=False):
        if len(set(steps)) > 1:
            break
        kept.append(steps[0])
    return "/".join(kept) or "/"
