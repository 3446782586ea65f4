"""What makes an answer less certain. Said first, never left out (law 1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from changelog_ledger.investigation.candidates import spoken
from changelog_ledger.investigation.material import Material
from changelog_ledger.model.report import Basis, HostFreshness, Warning  # noqa: A004 - the contract's own word
from changelog_ledger.model.times import shown_instant

STALE = timedelta(hours=24)
"""A last look older than this before the window's end leaves too much unknown."""

_MOST_NAMED = 5


def warnings_of(material: Material) -> tuple[Warning, ...]:
    """Every warning, the gravest sort first."""
    return (*_about_facts(material), *_about_snapshots(material), *_about_marks(material))


def _about_facts(material: Material) -> Iterator[Warning]:
    if not (material.deltas or material.suppressed or material.observations or material.changes):
        yield Warning("nothing-recorded", f"nothing at all is recorded of {material.target} in this time: that is no proof that nothing changed")


def _about_snapshots(material: Material) -> Iterator[Warning]:
    hosts = sorted(material.freshness, key=lambda freshness: freshness.host)
    without = [freshness.host for freshness in hosts if freshness.last_at is None]
    if without:
        yield Warning("no-snapshots", f"no snapshot of {_listed(without)}: what changed in files there is unknown")
    if not hosts:
        yield Warning("no-snapshots", "no host in scope is watched: what changed in files is unknown")
    for freshness in hosts:
        yield from _about_host(freshness, material)
    yield from _about_retention(material)


def _about_host(freshness: HostFreshness, material: Material) -> Iterator[Warning]:
    if freshness.last_at is None:
        return
    window = material.window
    end = "the onset" if window.until_basis is Basis.ONSET else "now" if window.until_basis is Basis.NOW else "the window's end"
    age = window.until - freshness.last_at
    if freshness.last_at <= window.since and window.since < window.until:
        text = f"the last look at {freshness.host} was {spoken(max(age, timedelta(0)))} before {end}, and none since {shown_instant(window.since)}"
        yield Warning("stale-snapshot", f"{text}; what changed after is unknown")
    elif age > STALE:
        yield Warning("stale-snapshot", f"the last look at {freshness.host} was {spoken(age)} before {end}; what changed after is unknown")
    if freshness.first_at is not None and freshness.first_at > window.since:
        what = f"the first snapshot of {freshness.host} was at {shown_instant(freshness.first_at)}, within the window"
        yield Warning("first-snapshot-in-window", f"{what}: what changed before is unknown")
    if freshness.unread:
        yield Warning("partial-snapshot", f"the last snapshot of {freshness.host} could not read {_listed(list(freshness.unread))}")
    if freshness.left_out:
        named = _listed([f"{left.path} ({left.detail})" for left in freshness.left_out], freshness.left_out_count)
        yield Warning("left-out", f"the snapshots of {freshness.host} leave out the content of {named}")


def _about_retention(material: Material) -> Iterator[Warning]:
    if material.expired:
        number = sum(material.expired.values())
        gone = "1 snapshot" if number == 1 else f"{number:,} snapshots"
        what = "what changed and changed back between those that are kept does not show, and times are less exact"
        yield Warning("expired-snapshots", f"{gone} of {_listed(sorted(material.expired))} within the window expired by retention: {what}")


def _about_marks(material: Material) -> Iterator[Warning]:
    window = material.window
    if window.since_basis is Basis.FIRST_SNAPSHOT:
        begins = "at the first snapshot" if any(freshness.first_at for freshness in material.freshness) else "a week before its end"
        text = f"nobody marked {material.target} good before, so the window begins {begins}"
        yield Warning("no-good-mark", f"{text}; say when it last worked: ledger good {material.target} --at TIME")
    future = sorted(mark.at for mark in material.marks if mark.at > material.now)
    if future:
        which, was = ("a mark lies", "was") if len(future) == 1 else (f"{len(future)} marks lie", "were")
        yield Warning("future-mark", f"{which} in the future (the first at {shown_instant(future[0])}) and {was} not used")


def _listed(names: list[str], count: int = 0) -> str:
    """Some names, and how many more there are.

    :param count: how many there are, where ``names`` are not all.
    """
    more = max(len(names), count) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
