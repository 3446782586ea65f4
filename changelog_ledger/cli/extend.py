"""``change extend``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, in_readers_words, json_option, pass_session, warn, write, write_json


@click.command(
    "extend",
    epilog="""\b
Examples:
  ledger change extend CHG-7K3M9Q --on host:web-02
  ledger change extend CHG-7K3M9Q --path '/etc/haproxy/**' --because 'the limit is set there too'
  ledger change extend CHG-7K3M9Q --for 1h                        it goes on for an hour from now""",
)
@click.argument("change_id", metavar="ID")
@click.option("--on", metavar="TARGET", multiple=True, help="A host, a service or all that it is made on as well; may be repeated.")
@click.option(
    "--path", "paths", metavar="GLOB", multiple=True, help="A path that it touches as well; may be repeated. A change without any covers all."
)
@click.option("--end", metavar="TIME", help="Its new planned end: later than the one it has.")
@click.option("--for", "duration", metavar="DURATION", help="Instead of --end: how long it goes on from now, or from a planned start to come.")
@click.option("--because", metavar="TEXT", default="", help="Why; it stays with the note.")
@click.option("--override", metavar="REASON", default="", help="Why beyond what was approved, or in spite of a freeze or a conflict; it stays too.")
@json_option
@pass_session
def extend(
    session: Session,
    change_id: str,
    on: tuple[str, ...],
    paths: tuple[str, ...],
    end: str | None,
    duration: str | None,
    because: str,
    override: str,
    as_json: bool,
) -> None:
    """Add targets, paths or time to an open change."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        before = ledger.find_change(change_id)
        extended = ledger.extend(change_id, on=on, paths=paths, end=end, duration=duration, because=because, override=override)
    added = [note for note in extended.notes[len(before.notes) :] if note.step == "extended"]
    warn(remark for note in added for remark in note.remarks)
    if as_json:
        write_json(reports.change_document(extended))
    elif added:
        write(reports.printable(f"{extended.id} is extended: {in_readers_words(added[-1].text)}"))
    else:
        write(reports.printable(f"{extended.id} covers that already, nothing was recorded: {extended.title}"))
