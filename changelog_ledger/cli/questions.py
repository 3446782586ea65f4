"""``what-changed``, ``recent``, ``drift``, ``explain``, ``status``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.command(
    "what-changed",
    epilog="""\b
Examples:
  ledger what-changed host:web-01
  ledger what-changed service:shop --symptom 'customers get 502'
  ledger what-changed all --since 2h
  ledger what-changed web-01 --since last-good --until onset --format html > report.html""",
)
@click.argument("target", required=False)
@click.option("--since", metavar="TIME", help="Begin here; the last good mark if not given, else the first snapshot.")
@click.option("--until", metavar="TIME", help="End here; the onset if not given, else now.")
@click.option("--symptom", metavar="TEXT", default="", help="What was seen; compared with titles, paths, keys and values.")
@click.option("--limit", metavar="N", type=click.IntRange(1), default=10, show_default=True, help="How many suspects.")
@click.option("--format", "rendering", type=click.Choice(["text", "json", "markdown", "html"]), default="text", show_default=True)
@json_option
@pass_session
def what_changed(
    session: Session, target: str | None, since: str | None, until: str | None, symptom: str, limit: int, rendering: str, as_json: bool
) -> None:
    """What changed since it last worked, suspects first."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        report = ledger.what_changed(target, since=since, until=until, symptom=symptom, limit=limit)
    if as_json or rendering == "json":
        write_json(reports.report_document(report))
    elif rendering == "markdown":
        write(reports.render_markdown(report, session.zone()))
    elif rendering == "html":
        write(reports.render_html(report, session.zone()))
    else:
        write(reports.render_text(report, session.style()))


@click.command(epilog="\b\nExamples:\n  ledger recent\n  ledger recent service:shop --since 2d")
@click.argument("target", required=False)
@click.option("--since", metavar="TIME", help="Begin here; a week before the end if not given.")
@click.option("--until", metavar="TIME", help="End here; now if not given.")
@json_option
@pass_session
def recent(session: Session, target: str | None, since: str | None, until: str | None, as_json: bool) -> None:
    """The recent-changes log: changes, drift, observations, marks."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        entries = ledger.recent(target, since=since, until=until)
        now = ledger.now()
    if as_json:
        write_json(reports.timeline_document(entries, entries.suppressed))
    else:
        write(reports.render_recent(entries, session.style(), now) + reports.render_suppressed(entries.suppressed, session.style()))


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
        now = ledger.now()
    if as_json:
        write_json(reports.evidence_document("drift", evidence, evidence.suppressed))
    else:
        found = reports.render_evidence(evidence, session.style(), now) if evidence else "no unlogged evidence\n"
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
