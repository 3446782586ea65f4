"""``change conflicts`` and ``change calendar``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json

if TYPE_CHECKING:
    from datetime import tzinfo

    from changelog_ledger.ledger import Ledger
    from changelog_ledger.model.change import Change


@click.command(epilog="\b\nExamples:\n  ledger change conflicts\n  ledger change conflicts CHG-7K3M9Q --json")
@click.argument("change_id", metavar="[ID]", required=False)
@click.option("--limit", metavar="N", type=click.IntRange(min=1), default=200, show_default=True, help="How many to list; the others are counted.")
@json_option
@pass_session
def conflicts(session: Session, change_id: str | None, limit: int, as_json: bool) -> None:
    """List open changes that get in each other's way, the soonest first.

    Two changes do if they overlap in time and are made on the same target, or one on something that the other depends on.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.conflicts(change_id, limit=limit)
        now = ledger.now()
    if as_json:
        write_json(reports.conflicts_document(found))
    else:
        write(reports.render_conflicts(found, session.style(), now))


@click.command(
    epilog="""\b
Examples:
  ledger change calendar
  ledger change calendar --on service:shop --until 'in 12w'
  ledger change calendar --ics /srv/www/changes.ics""",
)
@click.option("--since", metavar="TIME", help="Where it begins; today if not given.")
@click.option("--until", metavar="TIME", help="Where it ends; four weeks later if not given.")
@click.option("--on", metavar="TARGET", help="Only what is about this target.")
@click.option("--ics", metavar="FILE", is_flag=False, flag_value="-", help="As iCalendar, to FILE or standard output: for calendar programs.")
@json_option
@pass_session
def calendar(session: Session, since: str | None, until: str | None, on: str | None, ics: str | None, as_json: bool) -> None:
    """Show what is to happen when: changes, freezes, maintenance windows."""
    from changelog_ledger import reports

    if ics and as_json:
        raise click.UsageError("give --ics or --json, not both")
    with session.ledger() as ledger:
        midnight = ledger.now().astimezone(session.zone()).replace(hour=0, minute=0, second=0, microsecond=0)
        found = ledger.calendar(since=since or midnight, until=until, on=on)
    if ics:
        _write_ics(reports.render_ics(found), ics)
    elif as_json:
        write_json(reports.calendar_document(found))
    else:
        write(reports.render_calendar(found, session.style()))


def zone_of(ledger: Ledger, change: Change) -> tzinfo | None:
    """The zone that a change was planned in; None for none, and for one that this machine does not know."""
    from changelog_ledger.errors import InvalidInput

    try:
        return ledger.zone(change.zone) if change.zone else None
    except InvalidInput:
        return None


def _write_ics(feed: str, place: str) -> None:
    """To a file whole or not at all, since a calendar program may read it at any time."""
    if place == "-":
        write(feed)
        return
    from changelog_ledger.errors import InvalidInput

    try:
        _replace(Path(place), feed.encode("utf-8"))
    except OSError as error:
        hint = "name a file in a folder that is there and may be written to, or - for standard output"
        raise InvalidInput(f"cannot write {place}: {error.strerror or error}", hint) from error


def _replace(place: Path, content: bytes) -> None:
    import os
    import tempfile

    target = Path(os.path.realpath(place))
    umask = os.umask(0o022)
    os.umask(umask)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask  # who serves the feed has to be able to read it
    descriptor, scratch = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as output:
            output.write(content)
        Path(scratch).chmod(mode)
        Path(scratch).replace(target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
