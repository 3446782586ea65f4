"""``change``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from changelog_ledger.cli.announce import announce
from changelog_ledger.cli.calendar import calendar, conflicts, zone_of
from changelog_ledger.cli.checklist import PROOFS, add_item, check, prove, reopen, waive, warn_of_masked, with_proofs
from changelog_ledger.cli.extend import extend
from changelog_ledger.cli.plan import templates, write_whole_plan
from changelog_ledger.cli.restore import roll_back
from changelog_ledger.cli.session import Session, at_option, id_if_spooled, json_option, override_option, pass_session, warn, write, write_json

if TYPE_CHECKING:
    from changelog_ledger.ledger import Ledger
    from changelog_ledger.model.change import Change

_LEVELS = ["none", "low", "medium", "high"]

_DETAILS: tuple[Callable[[Any], Any], ...] = (
    click.option("--path", "paths", metavar="GLOB", multiple=True, help="A path it touches, such as /etc/nginx/**; may be repeated. None: any path."),
    click.option(
        "--type",
        type=click.Choice(["standard", "normal", "emergency"]),
        default="normal",
        show_default=True,
        help="Authorised beforehand, assessed each time, or made in a hurry and reviewed afterwards.",
    ),
    click.option("--impact", type=click.Choice(_LEVELS), help="What users may notice."),
    click.option("--risk", type=click.Choice(_LEVELS[1:]), help="How likely it goes wrong."),
    click.option("--category", metavar="WORD", multiple=True, help="firewall, dns, certificate, ...; may be repeated."),
    click.option("--affects", metavar="SERVICE", multiple=True, help="A service that may notice it; may be repeated."),
    click.option("--item", "items", metavar="TEXT", multiple=True, help="A line of the checklist; may be repeated."),
    *PROOFS,
    click.option("--ticket", metavar="REF", default="", help="Where else it is known."),
    click.option("--rollback-to", metavar="SNAPSHOT", default="", help="A snapshot id, 'latest', host:RETAINED or packages:NAME=VERSION,..."),
    click.option("--retain-until", metavar="TIME", help="How long the retained host has to stay; it cannot be retired before."),
    click.option("--backout", metavar="TEXT", default="", help="The plan for going back, in words."),
    click.option("--backout-time", metavar="DURATION", help="How long going back takes: then it is said until when one still can."),
    click.option("--irreversible", metavar="WHY", default="", help="Why it cannot be taken back."),
    click.option("--contact", metavar="TEXT", default="", help="Whom users and partners may ask."),
    click.option("--downtime", metavar="DURATION", help="How long users are expected to be without what it affects: 30m."),
    click.option("--reason", metavar="TEXT", default="", help="Why it is made."),
)


def _with_details(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say more about a change."""
    for option in reversed(_DETAILS):
        command = option(command)
    return command


@click.group()
def change() -> None:
    """Plan, approve, start, finish, log and show changes."""


@change.command(
    "plan",
    epilog="""\b
Examples:
  ledger change plan 'Raise worker limit' --on host:web-01 --path '/etc/nginx/**'
  ledger change plan --template certificate-renewal --on host:web-01
  ledger change plan --dry-run 'Move the database' --on host:db-01 --downtime 30m
  ledger change plan 'Core switch update' --on host:sw-01 --start 2026-12-06T02:00+01:00 --for 2h \\
      --impact high --affects shop --item 'monitoring muted' --rollback-to latest
  ledger change plan 'New certificates' --on host:web-01 --zone Europe/Berlin --start 2026-12-06T02:00 --for 30m
  ledger change plan 'Kernel update' --on host:web-01 --in-window next --for 45m""",
)
@click.argument("title", required=False)
@click.option("--on", metavar="TARGET", multiple=True, help="A host, a service or all; may be repeated.")
@click.option("--template", metavar="NAME", default="", help="A standard change (change templates): it says all that is not said here.")
@click.option("--start", metavar="TIME", help="Planned start.")
@click.option("--end", metavar="TIME", help="Planned end.")
@click.option("--for", "duration", metavar="DURATION", help="Instead of --end: 90m, 2h, 1h30m.")
@click.option("--zone", metavar="ZONE", default="", help="As Europe/Berlin: a TIME without offset is what the clock there shows.")
@click.option("--in-window", metavar="ID", default="", help="Instead of --start: the next time a maintenance window is open; 'next' for any.")
@_with_details
@click.option("--dry-run", is_flag=True, help="Record nothing: show the change, its assessment and what speaks against it.")
@click.option("--json", "as_json", is_flag=True, help="The change as one JSON document, instead of its id.")
@click.pass_obj
def plan(session: Session, /, title: str | None, on: tuple[str, ...], template: str, dry_run: bool, as_json: bool, **options: Any) -> None:
    """Record what is to be done. Prints the change's id; what speaks against it goes to stderr."""
    if not template and (title is None or not on):
        raise click.UsageError("a plan has a TITLE and --on TARGET, or a --template that has them (see: ledger change templates)")
    with session.ledger() as ledger:
        with id_if_spooled():
            planned = (ledger.assess if dry_run else ledger.spool.plan)(title or "", on, template=template, **with_proofs(options))
        kept = () if dry_run or not any(item.command for item in planned.items) else ledger.find_change(planned.id).items
        if as_json or dry_run:
            write_whole_plan(session, ledger, planned, as_json=as_json)
    if planned.assessment and not dry_run:
        warn(planned.assessment.warnings)
    warn_of_masked(kept)
    if not as_json and not dry_run:
        write(planned.id)


@change.command("log", epilog="\b\nExample:\n  ledger change log 'Raised worker limit' --on host:web-01 --path /etc/nginx/nginx.conf --at 2h")
@click.argument("title")
@click.option("--on", metavar="TARGET", multiple=True, required=True, help="A host, a service or all; may be repeated.")
@click.option("--at", metavar="TIME", required=True, help="When it was made (or begun).")
@click.option("--until", metavar="TIME", help="When it was finished.")
@_with_details
@click.pass_obj
def log(session: Session, /, title: str, on: tuple[str, ...], at: str, until: str | None, **details: Any) -> None:
    """Record what has been done already; it is marked so. Prints the change's id."""
    with session.ledger() as ledger, id_if_spooled():
        logged = ledger.spool.log(title, on, at=at, until=until, **with_proofs(details))
    write(logged.id)


def _step(verb: str, summary: str, method: Callable[[Ledger], Callable[..., Change]]) -> click.Command:
    """One command of the lifecycle.

    :param method: which of the ledger's takes the step.
    """

    @click.command(verb, help=summary, epilog=f"\b\nExample:\n  ledger change {verb} CHG-7K3M9Q --note 'as agreed'")
    @click.argument("change_id", metavar="ID")
    @at_option
    @click.option("--note", metavar="TEXT", default="", help="A remark that stays with the step.")
    @pass_session
    def step(session: Session, /, change_id: str, at: str | None, note: str, **options: str) -> None:
        from changelog_ledger.reports import printable

        with session.ledger() as ledger:
            moved = method(ledger)(change_id, at=at, note=note, **options)
            needed, missing = ledger.approvals(moved) if verb == "approve" else (0, 0)
        warn(moved.notes[-1].remarks)
        stands = f"approved by {moved.notes[-1].actor}, {needed - missing} of {needed}" if missing else str(moved.status)
        write(printable(f"{moved.id} is {stands}: {moved.title}"))

    return override_option(step) if verb == "start" else step


for _verb, _summary, _method in (
    ("approve", "Approve a planned change.", lambda ledger: ledger.approve),
    ("start", "Start a planned or approved change.", lambda ledger: ledger.spool.start),
    ("finish", "Finish a started change: it succeeded.", lambda ledger: ledger.spool.finish),
    ("fail", "Record that a started change failed.", lambda ledger: ledger.spool.fail),
    ("cancel", "Cancel a change that has not started.", lambda ledger: ledger.cancel),
    ("review", "Record that a finished change was reviewed.", lambda ledger: ledger.review),
):
    change.add_command(_step(_verb, _summary, _method))
for _command in (extend, announce, roll_back, conflicts, calendar, templates, check, waive, reopen, add_item, prove):
    change.add_command(_command)


@change.command("note", epilog="\b\nExample:\n  ledger change note CHG-7K3M9Q 'partner informed by phone'")
@click.argument("change_id", metavar="ID")
@click.argument("text")
@pass_session
def note(session: Session, change_id: str, text: str) -> None:
    """Add a remark to a change."""
    with session.ledger() as ledger:
        noted = ledger.spool.note(change_id, text)
    write(f"noted on {noted.id}")


@change.command("list", epilog="\b\nExamples:\n  ledger change list --open\n  ledger change list --on service:shop --since 7d")
@click.option("--open", "open_only", is_flag=True, help="Only those planned, approved or under way.")
@click.option("--on", metavar="TARGET", help="Only those that name this target.")
@click.option("--since", metavar="TIME", help="Only those that began or ended after it.")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="How many at most; how many more there are is said.")
@json_option
@pass_session
def list_(session: Session, open_only: bool, on: str | None, since: str | None, limit: int, as_json: bool) -> None:
    """List changes, the newest first."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.changes(open_only=open_only, on=on, since=since, limit=limit)
        total = len(found) if len(found) < limit else ledger.count_changes(open_only=open_only, on=on, since=since)
        now = ledger.now()
    if as_json:
        write_json(reports.changes_document(found, total))
    else:
        write(reports.render_changes(found, session.style(), now, total))


@change.command("show", epilog="\b\nExample:\n  ledger change show CHG-7K3")
@click.argument("change_id", metavar="ID")
@json_option
@pass_session
def show(session: Session, change_id: str, as_json: bool) -> None:
    """Show a change: what, where, when, how far it got."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.find_change(change_id)
        zone = zone_of(ledger, found)
        now = ledger.now()
        waits_for = ledger.waits_for(found)
        incidents = ledger.incidents.linking(found.id)
    if as_json:
        write_json(reports.change_document(found, incidents))
    else:
        write(reports.render_change(found, session.style(), now, zone, waits_for, reports.linked_words(incidents, found.id)))
