"""How a change stands at this moment: late, stuck, and until when one can go back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.overview import Overview
from changelog_ledger.reports.escape import printable, printable_lines
from changelog_ledger.reports.layout import Line, Span, brief, flow, line
from changelog_ledger.reports.phrases import count, excerpt, shortlist
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import ago, clock, length, short_clock


def overdue_words(change: Change, now: datetime) -> str:
    """``OVERDUE for 2 h``, or empty."""
    since = change.overdue_from
    if since is None or not change.is_overdue(now):
        return ""
    return f"OVERDUE for {length(now - since)}"


def stuck_words(change: Change, now: datetime) -> str:
    """``STUCK for 2 h, started 4 h ago``, or empty."""
    since = change.stuck_from
    if since is None or change.started_at is None or not change.is_stuck(now):
        return ""
    return f"STUCK for {length(now - since)}, started {ago(change.started_at, now)}"


def close_words(change: Change, now: datetime) -> str:
    """What to do with a change that is stuck, or empty."""
    if not change.is_stuck(now):
        return ""
    return f"Is nobody at it any more? Close it: ledger change fail {printable(change.id)} --note TEXT   (or finish, or roll-back)"


def return_words(change: Change, now: datetime, zone: tzinfo) -> str:
    """``can go back until 03:30 (20 min left)``, ``too late …``; empty where it does not matter now or cannot be told."""
    last = change.last_return
    if last is None or not change.awaits_return(now):
        return ""
    if change.planned_start is not None and last < change.planned_start and change.backout_time is not None:
        return f"going back takes {length(change.backout_time)}, which is longer than its window"
    when = _time_of_day(last, now, zone)
    if now <= last:
        return f"can go back until {when} ({length(last - now)} left)"
    return f"too late to go back within the window since {when}"


def way_back_lines(change: Change, style: Style, now: datetime) -> Iterator[Line]:
    """What it goes back to, how long that takes, the written plan; or why there is no way back."""
    said = [
        f"to {printable(change.rollback_to)}" if change.rollback_to else "",
        f"retained until {clock(change.retain_until, style.zone, now)}" if change.retain_until else "",
        f"going back takes {length(change.backout_time)}" if change.backout_time else "",
        f"none: {printable(change.irreversible)}" if change.irreversible else "",
    ]
    words = ", ".join(filter(None, said))
    if not words and not change.backout:
        return
    yield ()
    yield line(Span("WAY BACK", Role.HEADING))
    for paragraph in filter(None, (words, *printable_lines(excerpt(change.backout)))):
        yield from flow(line(paragraph), style.columns, hang=4, first=2)


def returning_words(overview: Overview, zone: tzinfo) -> Iterator[str]:
    """Until when one can go back with what is under way: a sentence each."""
    for change in overview.returning:
        if change.status is Status.STARTED:
            yield f"{_named(change)}: {return_words(change, overview.made_at, zone)}"


def needed_words(overview: Overview) -> Iterator[tuple[str, str]]:
    """What needs somebody among the changes: a word and a sentence each, the most urgent first."""
    now = overview.made_at
    stuck = {change.id for change in overview.stuck}
    for change in overview.stuck:
        yield "STUCK", f"{_named(change)}, {stuck_words(change, now).removeprefix('STUCK ')}; close it: ledger change fail {printable(change.id)}"
    for change in overview.overdue:
        if change.id not in stuck:
            yield "OVERDUE", f"{_named(change)}, {overdue_words(change, now).removeprefix('OVERDUE ')}"
    for change in overview.awaiting_approval:
        yield "APPROVE", f"{_named(change)} waits for its approval{_starting(change, now)}"
    late = {change.id for change in overview.overdue_reviews}
    for change in overview.unreviewed:
        since = f" (finished {ago(change.finished_at, now)})" if change.finished_at else ""
        yield "REVIEW", f"{_named(change)} waits for its review{' for too long' if change.id in late else ''}{since}"
    for change in overview.unticked:
        left = [printable(item.name) for item in change.open_items]
        yield "CHECK", f"{_named(change)} ended with {count(len(left), 'item')} open: {shortlist(left)}"


def restarts_words(overview: Overview, zone: tzinfo) -> str:
    """``restart pending: 3 (web-01 nginx.service since Sun 03:12, …)``."""
    pending = overview.restarts_pending
    named = [f"{_restart_name(seen)} since {short_clock(seen.at, zone, overview.made_at)}" for seen in pending]
    return f"restart pending: {len(pending):,} ({shortlist(named, 3)})"


def _restart_name(seen: Observation) -> str:
    """``web-01 nginx.service``, ``web-01 kernel``."""
    subject = seen.data.get("subject")
    name = subject.partition(":")[2] or subject if isinstance(subject, str) else ""
    return f"{printable(seen.target.name)} {brief(name, 60)}".strip()


def _starting(change: Change, now: datetime) -> str:
    if change.planned_start is None:
        return ""
    words = "planned to start" if change.planned_start > now else "its planned start was"
    return f", {words} {ago(change.planned_start, now)}"


def _named(change: Change) -> str:
    return f"{printable(change.id)} {brief(change.title, 80)}"


def _time_of_day(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """``03:30``, with the day where it is not the one of ``now``."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else short_clock(moment, zone, now)
