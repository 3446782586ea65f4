"""``verify``, ``repair``, ``rebuild``, ``gc``."""

from __future__ import annotations

import sys

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, progress, write, write_json
from changelog_ledger.errors import EXIT_FINDING, EXIT_TAMPERING


@click.command(epilog="EXIT STATUS: 0 all is well; 1 something wants repair; 5 the record was altered.")
@click.option("--quick", is_flag=True, help="Walk the chain and look for the commits; leave tables and contents out.")
@json_option
@pass_session
def verify(session: Session, quick: bool, as_json: bool) -> int:
    """Check that the record is complete and unaltered."""
    from changelog_ledger import reports

    with session.ledger() as ledger, progress("facts") as done:
        findings = ledger.verify(quick=quick, progress=done)
    if as_json:
        write_json({"schema": reports.schema("verify"), "findings": [{"code": finding.code, "text": finding.text} for finding in findings]})
    elif not findings:
        write("all is well: the chain holds, every snapshot is there" + ("" if quick else ", the tables follow from the facts"))
    else:
        write("\n".join(reports.printable(f"{finding.code}: {finding.text}") for finding in findings))
    if any(finding.is_tampering for finding in findings):
        return EXIT_TAMPERING
    return EXIT_FINDING if findings else 0


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def repair(session: Session, yes: bool) -> None:
    """Adopt what a killed process left half done.

    Nothing recorded is altered.
    """
    if not yes and sys.stdin is not None and sys.stdin.isatty():
        click.confirm("Adopt commits without facts and remove what killed processes left?", abort=True, err=True)
    with session.ledger() as ledger:
        done = ledger.repair()
    for snapshot in done.adopted:
        write(f"adopted snapshot {snapshot.id} of {snapshot.host}")
    write(f"{len(done.adopted)} snapshots adopted, {done.swept} leftovers removed")


@click.command()
@pass_session
def rebuild(session: Session) -> None:
    """Make every derived table again from the facts and git."""
    with session.ledger() as ledger, progress("facts") as done:
        count = ledger.rebuild(progress=done)
    write(f"rebuilt from {count} facts")


@click.command(epilog="\b\nExamples:\n  ledger gc --dry-run        what would expire\n  ledger gc                  in a nightly job")
@click.option("--dry-run", is_flag=True, help="Say what would expire; alter nothing.")
@json_option
@pass_session
def gc(session: Session, dry_run: bool, as_json: bool) -> None:
    """Drop the snapshots that retention no longer keeps, and pack the rest.

    Without [retention] in ledger.toml every snapshot is kept. What a fact refers to is kept in any case. Snapshots may be taken meanwhile.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger, progress("collecting garbage") as done:
        collected = ledger.gc(dry_run=dry_run, progress=lambda _step, count: done(count))
    if as_json:
        write_json({"schema": reports.schema("gc"), **reports.gc_document(collected)})
    else:
        write(reports.render_gc(collected))
