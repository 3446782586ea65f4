"""``good``, ``bad``, ``observe``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, at_option, pairs, pass_session, write


@click.command(epilog="\b\nExamples:\n  ledger good host:web-01\n  ledger good service:shop --at 2026-11-20T18:00+01:00 --source 'smoke test'")
@click.argument("target")
@at_option
@click.option("--source", metavar="TEXT", default="", help="Who or what saw it: a check, a person.")
@pass_session
def good(session: Session, target: str, at: str | None, source: str) -> None:
    """Record that a host or service was seen working."""
    from changelog_ledger.reports.times import clock

    with session.ledger() as ledger:
        mark = ledger.spool.good(target, at=at, source=source)
        now = ledger.now()
    write(f"{mark.target} was good at {clock(mark.at, session.zone(), now)}")


@click.command(epilog="\b\nExample:\n  ledger bad service:shop --at 15m --symptom 'customers get 502'")
@click.argument("target")
@at_option
@click.option("--symptom", metavar="TEXT", default="", help="What was seen; what-changed compares it with what changed.")
@pass_session
def bad(session: Session, target: str, at: str | None, symptom: str) -> None:
    """Record that a host or service was seen broken."""
    from changelog_ledger.reports.times import clock

    with session.ledger() as ledger:
        mark = ledger.spool.bad(target, at=at, symptom=symptom)
        now = ledger.now()
    write(f"{mark.target} was bad at {clock(mark.at, session.zone(), now)}; ask: ledger what-changed {mark.target}")


@click.command(epilog="\b\nExample:\n  ledger observe 'fan 3 replaced' --on host:hv-03 --kind hardware --data ticket=4711")
@click.argument("text")
@click.option("--on", "target", metavar="TARGET", required=True, help="The host or service it was seen on.")
@at_option
@click.option("--kind", metavar="KIND", default="note", show_default=True, help="package-upgraded, service-restarted, reboot, deploy, ...")
@click.option("--data", metavar="K=V", multiple=True, help="A detail, may be repeated.")
@pass_session
def observe(session: Session, text: str, target: str, at: str | None, kind: str, data: tuple[str, ...]) -> None:
    """Record something seen that is no file difference."""
    details = pairs(data, "--data")
    with session.ledger() as ledger:
        seen = ledger.spool.observe(text, target, at=at, kind=kind, data=details)
    write(f"recorded {seen.id} on {seen.target}")
