"""``what-changed``, ``recent``, ``drift``, ``explain``, ``status``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.command(
    "what-changed",
    epilog="""\b
Examples:
  ledger what-changed host:web-01
  ledger what-changed service:shop --symptom 'customers get 502'
  ledger what-changed all --since 2h
  ledger what-changed service:shop --failing web-03 --working web-01,web-02
  ledger what-changed --failing web-03              against the other hosts of its services
  ledger what-changed web-01 --explain              how each score comes about
  ledger what-changed web-01 --since last-good --until onset --format html > report.html""",
)
@click.argument("target", required=False)
@click.option("--since", metavar="TIME", help="Begin here; the last good mark if not given, else the first snapshot.")
@click.option("--until", metavar="TIME", help="End here; the onset if not given, else now.")
@click.option("--symptom", metavar="TEXT", default="", help="What was seen; compared with titles, paths, keys and values.")
@click.option("--limit", metavar="N", type=click.IntRange(1), default=10, show_default=True, help="How many suspects.")
@click.option(
    "--failing", metavar="HOSTS", multiple=True, help="Hosts that fail: names, service:NAME, tag:T, with commas between. What sets them apart?"
)
@click.option(
    "--working", metavar="HOSTS", multiple=True, help="Hosts that work, likewise; the others of the services of the failing ones if not given."
)
@click.option("--explain", is_flag=True, help="Show how each score comes about: every reason, its value, its weight, and the sum.")
@click.option("--format", "rendering", type=click.Choice(["text", "json", "markdown", "html"]), default="text", show_default=True)
@json_option
@pass_session
def what_changed(
    session: Session,
    target: str | None,
    since: str | None,
    until: str | None,
    symptom: str,
    limit: int,
    failing: tuple[str, ...],
    working: tuple[str, ...],
    explain: bool,
    rendering: str,
    as_json: bool,
) -> None:
    """What changed since it last worked, suspects first."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        report = ledger.what_changed(target, since=since, until=until, symptom=symptom, limit=limit, failing=failing, working=working)
    if as_json or rendering == "json":
        write_json(reports.report_document(report))
    elif rendering == "markdown":
        write(reports.render_markdown(report, session.zone(), explain=explain))
    elif rendering == "html":
        write(reports.render_html(report, session.zone(), explain=explain))
    else:
        write(reports.render_text(report, session.style(), explain=explain))


@click.command(
    epilog="""\b
Examples:
  ledger recent
  ledger recent service:shop --since 2d
  ledger recent --unlogged --since last-good
  ledger recent --category firewall --outcome failed --since 30d
  ledger recent all --format atom > /var/www/changes.atom""",
)
@click.argument("target", required=False)
@click.option("--since", metavar="TIME", help="Begin here; a week before the end if not given.")
@click.option("--until", metavar="TIME", help="End here; now if not given.")
@click.option("--category", metavar="WORD", help="Only changes of this category, and what they explain.")
@click.option("--actor", metavar="NAME", help="Only what this person did, and what their changes explain.")
@click.option(
    "--outcome",
    type=click.Choice(["succeeded", "failed", "rolled-back", "cancelled"]),
    help="Only changes that ended so, and what they explain.",
)
@click.option("--unlogged", is_flag=True, help="Only what no change explains.")
@click.option(
    "--kind",
    type=click.Choice(["change", "drift", "observation", "presence", "mark", "snapshot", "freeze", "incident"]),
    help="Only entries of this kind.",
)
@click.option(
    "--all/--fold",
    "whole",
    default=None,
    help="Each difference by itself (so is JSON), or those of one file or change in one line (so is all else), whichever is not the default.",
)
@click.option("--format", "rendering", type=click.Choice(["text", "json", "markdown", "rss", "atom"]), default="text", show_default=True)
@json_option
@pass_session
def recent(
    session: Session, /, target: str | None, since: str | None, until: str | None, whole: bool | None, rendering: str, as_json: bool, **wanted: Any
) -> None:
    """The recent-changes log: changes, drift, observations, marks."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.recent(target, since=since, until=until, **wanted)
        now, about = ledger.now(), _about(target, ledger.host_name, wanted)
    rendering = "json" if as_json else rendering
    each = whole if whole is not None else rendering == "json"
    entries = found if each else reports.fold_recent(found)
    if rendering == "json":
        write_json(reports.timeline_document(entries, found.suppressed))
    elif rendering == "markdown":
        write(reports.render_recent_markdown(entries, session.zone(), now, found.suppressed))
    elif rendering == "atom":
        write(reports.render_recent_atom(entries, about, now))
    elif rendering == "rss":
        write(reports.render_recent_rss(entries, about, now))
    else:
        write(reports.render_recent(entries, session.style(), now) + reports.render_suppressed(found.suppressed, session.style()))


def _about(target: str | None, host: str, wanted: Mapping[str, Any]) -> str:
    """What a feed is about: another question is another feed."""
    filters = [name if value is True else f"{name} {value}" for name, value in sorted(wanted.items()) if value]
    return ", ".join([target or host, *filters, f"as {host} recorded it"])


@click.command(epilog="\b\nExamples:\n  ledger drift\n  ledger drift host:web-01 --since 7d")
@click.argument("target", required=False)
@click.option("--since", metavar="TIME", help="Begin here; the last good mark if not given, else the first snapshot.")
@json_option
@pass_session
def drift(session: Session, target: str | None, since: str | None, as_json: bool) -> None:
    """Evidence that no change explains."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        evidence = ledger.drift(target, since=since)
        now, about = ledger.now(), ledger.host_name
    if as_json:
        write_json(reports.evidence_document("drift", evidence, evidence.suppressed))
    else:
        nothing = "no unlogged evidence\n" if target else f"no unlogged evidence about {about}; about all hosts: ledger drift all\n"
        found = reports.render_evidence(evidence, session.style(), now) if evidence else nothing
        write(found + reports.render_suppressed(evidence.suppressed, session.style()))


@click.command(epilog="\b\nExample:\n  ledger explain EV-8Q2K5Z CHG-9XW1PA")
@click.argument("evidence")
@click.argument("change")
@pass_session
def explain(session: Session, evidence: str, change: str) -> None:
    """Attribute a piece of evidence to a change by hand."""
    from changelog_ledger.reports import printable

    with session.ledger() as ledger:
        identity, found = ledger.explain(evidence, change)
    write(printable(f"{identity} is explained by {found.id} {found.title}"))


@click.command()
@json_option
@pass_session
def status(session: Session, as_json: bool) -> None:
    """Open changes, drift, stale hosts, keys, sizes."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        overview = ledger.status()
    if as_json:
        write_json(reports.overview_document(overview))
    else:
        write(reports.render_status(overview, session.style()))
