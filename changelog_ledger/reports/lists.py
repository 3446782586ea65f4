"""The other lists for a terminal: snapshots, hosts, services, and the state of the home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from changelog_ledger.model.change import Status
from changelog_ledger.model.overview import Overview
from changelog_ledger.model.report import HostFreshness
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.topology import Host, Service
from changelog_ledger.reports.change_text import places
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.incident_status import needed_actions
from changelog_ledger.reports.layout import Line, Span, brief, clipped, field, flow, line, padded, shortened, written
from changelog_ledger.reports.phrases import count, shortlist
from changelog_ledger.reports.standing import needed_words, restarts_words, return_words, returning_words
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import ago, clock, day_of, in_words, short_clock
from changelog_ledger.reports.values import file_place, place

_MANY_PACKS = 200  # git looks for an object in one after the other
_OPEN_SHOWN = 5
_INCIDENTS_SHOWN = 5


def render_snapshots(snapshots: Sequence[Snapshot], style: Style, now: datetime) -> str:
    """Snapshots, oldest first."""
    if not snapshots:
        return written([line("No snapshot yet. Take one with: ledger snapshot HOST")], style)
    ordered = sorted(snapshots, key=lambda snapshot: (snapshot.at, snapshot.id))
    lines = [each for snapshot in ordered for each in _snapshot(snapshot, style, now)]
    return written([*lines, line(Span(count(len(ordered), "snapshot"), Role.DIM))], style)


def _snapshot(snapshot: Snapshot, style: Style, now: datetime) -> Iterator[Line]:
    taken = f"{printable(snapshot.id)}  {clock(snapshot.at, style.zone, now)}"
    found = "the same as before" if snapshot.unchanged else count(snapshot.files, "file")
    why = (
        f"{snapshot.phase.value if snapshot.phase else 'for'} {printable(snapshot.change)}"
        if snapshot.change
        else printable(snapshot.reason.partition("\n")[0])
    )
    by = f"by {printable(snapshot.actor)}" if snapshot.actor else ""
    yield from flow(line(taken, "  ", Span(", ".join(filter(None, [found, why, by])), Role.DIM)), style.columns, hang=4, first=0)
    for lacking in filter(None, (_unread(snapshot), _left_out(snapshot))):
        yield from flow(line(Span("PARTIAL", Role.WARNING), f" {lacking}"), style.columns, hang=6, first=4)


def _unread(snapshot: Snapshot) -> str:
    return f"could not read {shortlist([printable(path) for path in snapshot.unread])}" if snapshot.unread else ""


def _left_out(snapshot: Snapshot) -> str:
    named = [f"{printable(left.path)} ({printable(left.detail)})" for left in snapshot.left_out]
    return f"left out {shortlist(named, count=snapshot.left_out_count)}" if named else ""


def render_hosts(hosts: Sequence[Host], freshness: Sequence[HostFreshness], style: Style, now: datetime) -> str:
    """Hosts, one line each: when they were last looked at, and their tags."""
    if not hosts:
        return written([line("No host yet. Add one with: ledger host add NAME")], style)
    looks = {look.host: look for look in freshness}
    room = min(30, max(len(host.name) for host in hosts))
    lines = [clipped(_host_row(host, looks.get(host.name), room, now), style.columns) for host in sorted(hosts, key=lambda each: each.name)]
    return written([*lines, line(Span(count(len(hosts), "host"), Role.DIM))], style)


def _host_row(host: Host, look: HostFreshness | None, room: int, now: datetime) -> Line:
    tags = ", ".join(printable(tag) for tag in host.tags)
    return line(padded(shortened(printable(host.name), room), room), "  ", *_look(host, look, now), Span(f"  {tags}" if tags else "", Role.DIM))


def _look(host: Host, look: HostFreshness | None, now: datetime) -> Line:
    if host.retired_at:
        return line(Span("retired", Role.DIM))
    if look is None or look.last_at is None:
        return line(Span("never snapshotted", Role.WARNING))
    partial = Span(f", PARTIAL ({count(len(look.unread), 'path')} unread)" if look.unread else "", Role.WARNING)
    return line(f"snapshot {ago(look.last_at, now)}", partial)


def render_host(host: Host, look: HostFreshness | None, services: Sequence[Service], style: Style, now: datetime) -> str:
    """One host: tags, attributes, its services, and when it was looked at."""
    lines: list[Line] = [line(Span(f"host:{printable(host.name)}", Role.HEADING))]
    running = [printable(service.name) for service in services if host.name in service.runs_on]
    facts = [("Tags", ", ".join(printable(tag) for tag in host.tags)), ("Services", ", ".join(running))]
    facts += [(shortened(printable(name), 10), printable(value)) for name, value in sorted(host.attributes.items())]
    if host.retired_at:
        facts.append(("Retired", clock(host.retired_at, style.zone, now)))
    if look and look.last_at:
        facts.append(("Snapshots", f"{look.snapshots:,}, the last {clock(look.last_at, style.zone, now)}, {ago(look.last_at, now)}"))
        facts.append(("Unread", ", ".join(printable(path) for path in look.unread)))
    else:
        facts.append(("Snapshots", f"never snapshotted: ledger snapshot {printable(host.name)}"))
    for label, words in facts:
        lines += field(label, words, style) if words else []
    return written(lines, style)


def render_services(services: Sequence[Service], style: Style = PLAIN) -> str:
    """Services with the hosts they run on and what they depend on."""
    if not services:
        return written([line("No service yet. Add one with: ledger service add NAME --runs-on HOST")], style)
    lines: list[Line] = []
    for service in sorted(services, key=lambda each: each.name):
        lines += _service(service, style)
    return written(lines, style)


def render_service(service: Service, style: Style = PLAIN) -> str:
    """One service."""
    return written(_service(service, style), style)


def _service(service: Service, style: Style) -> list[Line]:
    hosts = ", ".join(printable(host) for host in service.runs_on) or "no host is named"
    needs = places(service.depends_on)
    return [
        line(Span(f"service:{printable(service.name)}", Role.HEADING)),
        *field("Runs on", hosts, style),
        *(field("Depends on", needs, style) if needs else []),
    ]


def render_status(overview: Overview, style: Style = PLAIN) -> str:
    """What ``ledger status`` tells: what needs somebody first, then sizes."""
    return written([*_urgent(overview, style), *_open(overview, style), *_sizes(overview, style)], style)


def _urgent(overview: Overview, style: Style) -> Iterator[Line]:
    for role, word, words in _needs(overview, style):
        yield from flow(line(Span(word, role), " " * (9 - len(word)) + words), style.columns, hang=9, first=0)
    if not any(_needs(overview, style)):
        yield line(Span("Nothing is overdue, unlogged, stale or waiting.", Role.EXPLAINED))


def _needs(overview: Overview, style: Style) -> Iterator[tuple[Role, str, str]]:
    """What needs somebody, as a word and a sentence."""
    now = overview.made_at
    for incident in overview.open_incidents[:_INCIDENTS_SHOWN]:
        yield Role.UNLOGGED, "INCIDENT", f"{printable(incident.id)} {brief(incident.title, 80)}, {incident.state}, P{incident.priority}"
    if len(overview.open_incidents) > _INCIDENTS_SHOWN:
        yield Role.UNLOGGED, "INCIDENT", f"{len(overview.open_incidents) - _INCIDENTS_SHOWN:,} more: ledger incident list --open"
    yield from ((Role.WARNING, word, words) for word, words in needed_actions(overview.open_actions, day_of(now, style.zone)))
    yield from ((Role.WARNING, "RETURN", words) for words in returning_words(overview, style.zone))
    for warning in overview.warnings:
        yield Role.WARNING, "WARNING", printable(in_words(warning.text, style.zone, now))
    if overview.spooled:
        yield Role.WARNING, "SPOOL", f"{count(overview.spooled, 'fact')} not in the database yet: ledger spool merge"
    if overview.unlogged:
        yield Role.UNLOGGED, "UNLOGGED", f"{count(overview.unlogged, 'piece')} of evidence that no change explains: ledger drift all"
    yield from ((Role.WARNING, word, words) for word, words in needed_words(overview))
    if overview.restarts_pending:
        yield Role.WARNING, "RESTART", restarts_words(overview, style.zone)
    if overview.stale:
        looks = [f"{printable(look.host)} ({ago(look.last_at, now) if look.last_at else 'never'})" for look in overview.stale]
        yield Role.WARNING, "STALE", f"last snapshot too old: {shortlist(looks, 5)}; on the host itself: ledger snapshot"
    if overview.never_snapshotted:
        unseen = shortlist([printable(host) for host in overview.never_snapshotted], 5)
        yield Role.WARNING, "UNSEEN", f"never snapshotted: {unseen}; on the host itself: ledger snapshot"


def _open(overview: Overview, style: Style) -> Iterator[Line]:
    if overview.newest_unlogged:
        yield ()
        yield line(Span("NEWEST UNLOGGED", Role.HEADING))
    for piece in overview.newest_unlogged:
        what = f"{file_place(piece)} {printable(piece.key or '')}".strip() or printable(piece.summary)
        when = short_clock(piece.seen_at, style.zone, overview.made_at)
        yield clipped(line(f"  {printable(piece.id)}  {when}  {place(piece.target)}  {what}"), style.columns)
    yield ()
    yield line(Span("OPEN CHANGES", Role.HEADING), "" if overview.open_changes else "  none")
    for change in overview.open_changes[:_OPEN_SHOWN]:
        begins = f"{short_clock(change.begins, style.zone, overview.made_at)}  " if change.begins else ""
        yield clipped(line(f"  {printable(change.id)}  {padded(change.status.value, 8)}  {begins}{printable(change.title)}"), style.columns)
        if change.status is not Status.STARTED and change in overview.returning:
            words = return_words(change, overview.made_at, style.zone)
            yield line("              ", Span(words, Role.WARNING))
    if len(overview.open_changes) > _OPEN_SHOWN:
        yield line(f"  … {len(overview.open_changes) - _OPEN_SHOWN:,} more: ledger change list --open")


def _sizes(overview: Overview, style: Style) -> Iterator[Line]:
    database = f"{overview.database}, {size_text(overview.database_bytes)}, {count(overview.facts, 'fact')}"
    yield ()
    yield from field("Home", printable(overview.home), style)
    yield from field("Database", database, style)
    packs = f" in {overview.packs:,} packs; make it small with: ledger gc" if overview.packs > _MANY_PACKS else ""
    yield from field("Repository", size_text(overview.repository_bytes) + packs, style)
    yield from field("Watched", f"{count(overview.hosts, 'host')}, {count(overview.services, 'service')}", style)
    for number, key in enumerate(overview.keys):
        yield from field("" if number else "Keys", printable(key), style)


def size_text(number: int | None) -> str:
    """``48.2 MB``; powers of ten, as disks are sold."""
    if number is None:
        return "size unknown"
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} bytes"
