"""The same thing on hosts that were not asked about: an update that installed itself here seldom did so here alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from changelog_ledger.investigation.clusters import FLEET_WIDE, signature_of
from changelog_ledger.model.evidence import Evidence, Observation
from changelog_ledger.model.report import Report, Suspect, SuspectKind
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View

MOST_LOOKED_AT = 3
"""Of so many suspects, the likeliest, it is asked where else they were seen."""

MOST_HOSTS = 200
"""Hosts that are looked at: those that run the same services, else all of a small fleet."""


def with_elsewhere(view: View, report: Report, observations: Collection[Observation]) -> Report:
    """The report; of its likeliest unlogged observations it says on which hosts beyond its scope the same was seen within the hour."""
    by_id = {piece.id: piece for piece in report.evidence}
    seen_by_id = {seen.id: seen for seen in observations}
    beyond: dict[str, tuple[Target, ...]] = {}
    suspects = []
    for suspect in report.suspects:
        first = _first_observation(suspect, by_id, seen_by_id)
        looks = first is not None and suspect.rank <= MOST_LOOKED_AT
        suspects.append(replace(suspect, elsewhere=_elsewhere(view, report, first, beyond)) if first is not None and looks else suspect)
    return replace(report, suspects=tuple(suspects))


def _first_observation(suspect: Suspect, by_id: Mapping[str, Evidence], observations: Mapping[str, Observation]) -> Observation | None:
    """What the suspect begins with, if that is something observed on a host."""
    if suspect.kind is not SuspectKind.UNLOGGED or not suspect.evidence:
        return None
    piece = by_id.get(suspect.evidence[0])
    return observations.get(piece.id) if piece is not None and piece.target.kind is TargetKind.HOST else None


def _elsewhere(view: View, report: Report, seen: Observation, beyond: dict[str, tuple[Target, ...]]) -> tuple[str, ...]:
    """The names of other hosts where the same was seen, sorted."""
    host = seen.target.name
    if host not in beyond:
        within = {reach.target for reach in report.scope}
        beyond[host] = tuple(target for target in _peers(view, host) if target not in within)
    if not beyond[host]:
        return ()
    theirs = view.evidence.observations(beyond[host], seen.at - FLEET_WIDE, min(seen.at + FLEET_WIDE, report.made_at), what=[seen.what])
    wanted = signature_of(seen)
    return tuple(sorted({other.target.name for other in theirs if signature_of(other) == wanted}))


def _peers(view: View, host: str) -> tuple[Target, ...]:
    services = view.topology.services_on(host)
    names = {peer for hosts in view.topology.hosts_of(services).values() for peer in hosts} if services else set()
    if not names:
        names = set(view.topology.host_names(MOST_HOSTS + 1))
        names = names if len(names) <= MOST_HOSTS else set()
    return tuple(Target.host(name) for name in sorted(names - {host})[:MOST_HOSTS])
