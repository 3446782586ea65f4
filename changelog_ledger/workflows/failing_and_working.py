"""Which hosts fail and which work: as somebody names them, or as marks and topology tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.peers import PeerComparison, PeerDifference, PeerLeftOut
from changelog_ledger.model.report import Basis, Report, Window
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.topology import Health, Host, Mark, Reach, Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.topology import hosts_within, known_host, known_service, resolve_target

_SOON = timedelta(days=1)
_HINT = "for example: ledger what-changed service:shop --failing web-03 --working web-01,web-02"


@dataclass(frozen=True, slots=True)
class Sides:
    """The hosts to be compared, each with its snapshot as of the question's end.

    :ivar basis: as in :class:`~changelog_ledger.model.peers.PeerComparison`.
    :ivar failing: sorted by name; ``working`` likewise.
    """

    failing: tuple[Snapshot, ...]
    working: tuple[Snapshot, ...]
    basis: str
    left_out: tuple[PeerLeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """The hosts that somebody named, by name.

    :ivar words: whether somebody named any at all.
    """

    failing: frozenset[str] = frozenset()
    working: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.failing or self.working)


def named_hosts(view: View, failing: Iterable[str] = (), working: Iterable[str] = ()) -> Named:
    """The hosts of both sides. Each word is a host, ``host:NAME``, ``service:NAME``, ``tag:T`` (its hosts), or several with commas between.

    A host that is named itself belongs to that side, even if the other one names a service or tag that it is part of.

    :raises NotFound: if there is no such host, service or tag.
    :raises InvalidInput: if a host is on both sides, or a side that was named has none.
    """
    sick, healthy = _meant(view, failing), _meant(view, working)
    sides = Named(sick.all - (healthy.itself - sick.itself), healthy.all - (sick.itself - healthy.itself))
    both = sorted(sides.failing & sides.working)
    if both:
        more = f" and {len(both) - 5:,} more" if len(both) > 5 else ""
        verb = "is" if len(both) == 1 else "are"
        raise InvalidInput(f"{', '.join(both[:5])}{more} {verb} on both sides: failing and working", "name each host on one side only")
    for given, left, side in ((failing, sides.failing, "failing"), (working, sides.working, "working")):
        if given and not left:
            raise InvalidInput(f"no host is left on the {side} side", _HINT)
    return sides


@dataclass(frozen=True, slots=True)
class _Meant:
    itself: frozenset[str]
    all: frozenset[str]


def _meant(view: View, words: Iterable[str]) -> _Meant:
    itself: set[str] = set()
    grouped: set[str] = set()
    for word in (part.strip() for text in words for part in text.split(",")):
        kind, colon, name = word.partition(":")
        if not word:
            continue
        if colon and kind == "tag":
            grouped |= _tagged(view, name)
        elif colon and kind == "service":
            grouped |= set(known_service(view, name).runs_on)
        elif colon:
            itself.add(known_host(view, Target.parse(word).name).name)
        else:
            target = resolve_target(view, word)
            hosts = itself if target.kind is TargetKind.HOST else grouped
            hosts |= {word} if target.kind is TargetKind.HOST else set(known_service(view, word).runs_on)
    return _Meant(frozenset(itself), frozenset(itself | grouped))


def _tagged(view: View, tag: str) -> set[str]:
    found = {host.name for host in view.topology.hosts() if tag in host.tags}
    if not found:
        raise InvalidInput(f"no host has the tag {tag}", "to see the tags: ledger host list")
    return found


def target_of(view: View, named: Named) -> Target | None:
    """What a question is about that names only who fails: the one host, else the service that all of them run, else the first of them."""
    if not named.failing:
        return None
    services = set.intersection(*(set(view.topology.services_on(host)) for host in named.failing))
    if len(named.failing) > 1 and len(services) == 1:
        return Target.service(min(services))
    return Target.host(min(named.failing))


def with_hosts(scope: Sequence[Reach], hosts: Collection[str]) -> tuple[Reach, ...]:
    """The scope, and every failing host: whatever happened there is in question."""
    start = scope[0].target
    more = sorted(set(hosts) - set(hosts_within(scope)))
    return (*scope, *(Reach(Target.host(host), 0, (start, Target.host(host))) for host in more))


def sides_of(view: View, asked: Target, named: Named, window: Window, now: datetime) -> Sides | None:
    """Who fails and who works, with their snapshots; None where nobody named any and the marks do not tell.

    Without named working hosts: the others of the same services, else those that share a tag, but for those marked bad. Without named failing ones:
    the question's host, else those marked bad. Without any: a service's hosts by their last marks, where there are some of both.

    :raises InvalidInput: if hosts were named and a side is left without one that has a snapshot.
    """
    if not named and asked.kind is not TargetKind.SERVICE:
        return None
    until = now if window.until_basis is Basis.ONSET else window.until  # who turned out to be bad after the first one is not healthy
    failing, working, basis = _chosen(view, asked, named, until)
    if not named and not (failing and working):
        return None
    marks = _last_marks(view, failing | working, until)
    bad = {host for host in working - named.working if host in marks and marks[host].state is Health.BAD}
    snapshots = _looks(view, failing | working, window, until)
    left_out = [PeerLeftOut(host, "marked bad") for host in sorted(bad)]
    left_out += [PeerLeftOut(host, "no snapshot by then") for host in sorted((failing | working) - bad - snapshots.keys())]
    sides = [tuple(snapshots[host] for host in sorted(side - bad) if host in snapshots) for side in (failing, working)]
    if not all(sides):
        if named:
            raise _too_few("working" if sides[0] else "failing", left_out)
        return None
    return Sides(sides[0], sides[1], basis, tuple(left_out))


def _looks(view: View, hosts: Collection[str], window: Window, until: datetime) -> dict[str, Snapshot]:
    """Each host as of the window's end; where that is the onset, by the look that found what had happened before it, if there was one soon."""
    found = view.evidence.last_snapshots(hosts, window.until)
    if window.until < until:
        later = view.evidence.snapshots_between(hosts, window.until, min(until, window.until + _SOON))
        found |= {snapshot.host: snapshot for snapshot in reversed(later)}
    return found


def _too_few(side: str, left_out: Sequence[PeerLeftOut]) -> InvalidInput:
    hint = f"name some with --{side} HOST,HOST"
    if not left_out:
        nobody = "no other host has the same services or tags" if side == "working" else "nobody is named, and no host is marked bad"
        return InvalidInput(f"no host is on the {side} side: {nobody}", hint)
    more = f"; and {len(left_out) - 5:,} more" if len(left_out) > 5 else ""
    why = "; ".join(f"{each.host}: {each.why}" for each in left_out[:5])
    return InvalidInput(f"no host with a snapshot is on the {side} side ({why}{more})", hint)


def _chosen(view: View, asked: Target, named: Named, until: datetime) -> tuple[set[str], set[str], str]:
    if named.failing and named.working:
        return set(named.failing), set(named.working), "given"
    if named.failing:
        return set(named.failing), *_peers(view, named.failing)
    own = {asked.name} if asked.kind is TargetKind.HOST else set()
    if asked.kind is TargetKind.SERVICE:
        own = set(known_service(view, asked.name).runs_on)
    marks = _last_marks(view, own - named.working, until)
    sick = {host for host, mark in marks.items() if mark.state is Health.BAD}
    if named.working:
        return sick or (own - named.working if asked.kind is TargetKind.HOST else set()), set(named.working), "given"
    return sick, {host for host, mark in marks.items() if mark.state is Health.GOOD}, "marks"


def _peers(view: View, failing: Collection[str]) -> tuple[set[str], str]:
    """The other hosts of the services of the failing ones, else those that share a tag with all of them."""
    services = view.topology.services_on_any(failing)
    found = {host for hosts in view.topology.hosts_of(services).values() for host in hosts} - set(failing)
    hosts = {host.name: host for host in view.topology.hosts()}
    in_use = {name for name, host in hosts.items() if host.retired_at is None}
    if found & in_use:
        return found & in_use, "same service"
    tags = set.intersection(*(_tags(hosts.get(host)) for host in failing))
    return {name for name in in_use - set(failing) if tags & _tags(hosts[name])}, "same tag"


def _tags(host: Host | None) -> set[str]:
    return set(host.tags) if host else set()


def _last_marks(view: View, hosts: Collection[str], until: datetime) -> dict[str, Mark]:
    """The last mark of each host that has one."""
    if not hosts:
        return {}
    found = view.marks.latest([Target.host(host) for host in sorted(hosts)], until)
    return {mark.target.name: mark for mark in found}


def in_report(comparison: PeerComparison, report: Report) -> Report:
    """The report with the comparison: evidence by the ids that it has there, with what explains it, and a warning about hosts left out."""
    names = {part: piece for piece in report.evidence for part in (piece.id, *piece.parts)}
    differences = tuple(_as_in_report(each, names) for each in comparison.differences)
    warnings = tuple(_left_out(comparison.left_out))
    return replace(report, peers=replace(comparison, differences=differences), warnings=(*report.warnings, *warnings))


def _left_out(hosts: Sequence[PeerLeftOut]) -> Iterator[Caveat]:
    """One warning a reason: there may be hundreds of hosts."""
    by_reason: dict[str, list[str]] = {}
    for each in hosts:
        by_reason.setdefault(each.why, []).append(each.host)
    for why, names in by_reason.items():
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        yield Caveat("peer-left-out", f"{', '.join(names[:5])}{more} {'is' if len(names) == 1 else 'are'} not compared: {why}")


def _as_in_report(found: PeerDifference, names: Mapping[str, Evidence]) -> PeerDifference:
    pieces = {names[part].id: names[part] for part in found.evidence if part in names}
    return replace(
        found, evidence=tuple(pieces), explained_by=tuple(dict.fromkeys(piece.explained_by for piece in pieces.values() if piece.explained_by))
    )
