"""What makes an answer less certain. Said first, never left out (law 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from changelog_ledger.investigation.material import Material
from changelog_ledger.model.report import Basis, HostFreshness, Warning  # noqa: A004 - the contract's own word
from changelog_ledger.model.times import length

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
    yield from _about_age(hosts, material)
    yield from _about_first_snapshots(hosts, material)
    yield from _about_contents(hosts)
    yield from _about_retention(material)


def _about_age(hosts: Sequence[HostFreshness], material: Material) -> Iterator[Warning]:
    """Hosts that were not looked at for long, those of a sort in one sentence: there may be hundreds."""
    window = material.window
    until = min(window.until, material.now)
    never: dict[str, timedelta] = {}
    late: dict[str, timedelta] = {}
    for freshness in hosts:
        if freshness.last_at is None:
            continue
        age = max(until - freshness.last_at, timedelta(0))
        if freshness.last_at <= window.since and window.since < window.until:
            never[freshness.host] = age
        elif age > material.stale_after:
            late[freshness.host] = age
    begin = "it last worked" if window.since_basis is Basis.LAST_GOOD else "the window began"
    for ages, besides in ((never, f", and none since {begin}"), (late, "")):
        if ages:
            yield Warning("stale-snapshot", f"{_looks(ages)} before {_end(material)}{besides}; what changed after is unknown")


def _looks(ages: Mapping[str, timedelta]) -> str:
    """``the last look at web-01 was 1 day 12 h``, or at several."""
    noun, verb = ("look", "was") if len(ages) == 1 else ("looks", "were")
    said = {length(age) for age in ages.values()}
    return f"the last {noun} at {_listed(list(ages))} {verb} {'' if len(said) == 1 else 'at least '}{length(min(ages.values()))}"


def _end(material: Material) -> str:
    window = material.window
    if window.until_basis is Basis.ONSET:
        return "the onset"
    return "now" if window.until_basis is Basis.NOW or window.until > material.now else "the window's end"


def _about_first_snapshots(hosts: Sequence[HostFreshness], material: Material) -> Iterator[Warning]:
    since = material.window.since
    after = {freshness.host: freshness.first_at - since for freshness in hosts if freshness.first_at is not None and freshness.first_at > since}
    if not after:
        return
    what = "the first snapshot of" if len(after) == 1 else "the first snapshots of"
    least = length(min(after.values()))
    when = f"{'was' if len(after) == 1 else 'were'} {least}{' or more' if len(set(after.values())) > 1 else ''} after the window began"
    yield Warning("first-snapshot-in-window", f"{what} {_listed(list(after))} {when}: what changed before is unknown")


def _about_contents(hosts: Sequence[HostFreshness]) -> Iterator[Warning]:
    """What snapshots do not tell: hosts of which the same is to be said in one sentence."""
    unread: dict[str, list[str]] = {}
    left_out: dict[str, list[str]] = {}
    for freshness in hosts:
        if freshness.unread:
            unread.setdefault(_listed(list(freshness.unread)), []).append(freshness.host)
        if freshness.left_out:
            named = _listed([f"{left.path} ({left.detail})" for left in freshness.left_out], freshness.left_out_count)
            left_out.setdefault(named, []).append(freshness.host)
    for paths, names in unread.items():
        yield Warning("partial-snapshot", f"the last snapshot{'s' * (len(names) > 1)} of {_listed(names)} could not read {paths}")
    for paths, names in left_out.items():
        yield Warning("left-out", f"the snapshots of {_listed(names)} leave out the content of {paths}")


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
    if window.until > material.now:
        ahead = length(window.until - material.now)
        yield Warning("future-end", f"the window ends {ahead} in the future: what will happen until then is not known")
    future = sorted(mark.at for mark in material.marks if mark.at > material.now)
    if future:
        which, was = ("a mark lies", "was") if len(future) == 1 else (f"{len(future)} marks lie", "were")
        yield Warning("future-mark", f"{which} in the future (the first by {length(future[0] - material.now)}) and {was} not used")


def _listed(names: list[str], count: int = 0) -> str:
    """Some names, and how many more there are.

    :param count: how many there are, where ``names`` are not all.
    """
    more = max(len(names), count) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
