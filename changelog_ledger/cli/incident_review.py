"""``incident review``, ``incident action`` and ``incident tell``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, format_option, json_option, pass_session, write, write_json

if TYPE_CHECKING:
    from changelog_ledger.model.incident import IncidentAccount


@click.command(
    "review",
    epilog="""\b
Examples:
  ledger incident review INC-7K3M9Q --format markdown > rca.md
  ledger incident review INC-7K3M9Q --cause 'no alarm on the pool' --worked 'the roll-back took two minutes'
  ledger incident review INC-7K3M9Q --action 'alarm on the pool' --owner kim --due 2026-12-01 --done""",
)
@click.argument("incident_id", metavar="ID")
@format_option
@click.option("--summary", metavar="TEXT", help="What happened, in your words; composed from the record if not given.")
@click.option("--trigger", metavar="TEXT", help="What set it off, besides the confirmed suspect.")
@click.option("--cause", "causes", metavar="TEXT", multiple=True, help="What else it took; may be repeated. An empty text drops those before.")
@click.option("--worked", metavar="TEXT", multiple=True, help="What helped; may be repeated. An empty text drops those before.")
@click.option("--action", "actions", metavar="TEXT", multiple=True, help="What is to be done so that it does not come back; may be repeated.")
@click.option("--owner", "owners", metavar="NAME", multiple=True, help="Who does it: once for all actions, or once for each.")
@click.option("--due", "dues", metavar="DATE", multiple=True, help="Until when (2026-12-01): once for all actions, or once for each.")
@click.option("--done", is_flag=True, help="The review is finished.")
@pass_session
def review(
    session: Session,
    incident_id: str,
    rendering: str,
    summary: str | None,
    trigger: str | None,
    causes: tuple[str, ...],
    worked: tuple[str, ...],
    actions: tuple[str, ...],
    owners: tuple[str, ...],
    dues: tuple[str, ...],
    done: bool,
) -> None:
    """Write the root cause analysis of an incident from the record, and from what is said of it here.

    What is said is recorded; said nothing, nothing is. It can be written as often as you like, before and after the incident is over.
    """
    planned = list(zip(actions, _for_each("--owner", owners, actions), _for_each("--due", dues, actions), strict=True))
    with session.ledger() as ledger:
        ledger.incidents.review(incident_id, summary=summary, trigger=trigger, causes=causes, worked=worked, actions=planned, done=done)
        account = ledger.incidents.account(incident_id)
    write_review(session, account, rendering)


def write_review(session: Session, account: IncidentAccount, rendering: str) -> None:
    """Print a root cause analysis."""
    from changelog_ledger import reports

    match rendering:
        case "json":
            write_json(reports.incident_account_document(account))
        case "markdown":
            write(reports.render_review_markdown(account, session.zone()))
        case "html":
            write(reports.render_review_html(account, session.zone()))
        case _:
            write(reports.render_review_text(account, session.style()))


def _for_each(option: str, said: Sequence[str], actions: Sequence[str]) -> Sequence[str]:
    """What was said once for all actions, once for each, or not at all."""
    if not said:
        return [""] * len(actions)
    if not actions or len(said) not in (1, len(actions)):
        raise click.UsageError(f"{option} goes with --action: once for all of them, or once for each")
    return said if len(said) == len(actions) else [said[0]] * len(actions)


@click.command(
    "action",
    epilog="""\b
Examples:
  ledger incident action INC-7K3M9Q add 'alarm on the pool' --owner kim --due 2026-12-01
  ledger incident action INC-7K3M9Q done 2""",
)
@click.argument("incident_id", metavar="ID")
@click.argument("verb", type=click.Choice(["add", "done"]), metavar="add|done")
@click.argument("what", metavar="TEXT|NUMBER")
@click.option("--owner", metavar="NAME", default="", help="Who does it.")
@click.option("--due", metavar="DATE", default="", help="Until when: 2026-12-01.")
@pass_session
def action(session: Session, incident_id: str, verb: str, what: str, owner: str, due: str) -> None:
    """Record what is to be done so that an incident does not come back, or that it is done.

    Within its incident an action is known by its number, which is printed.
    """
    if verb == "add":
        with session.ledger() as ledger:
            added = ledger.incidents.add_action(incident_id, what, owner=owner, due=due)
        return write(f"{added.id} action {added.actions[-1].number}")
    if owner or due or not what.isdecimal():
        raise click.UsageError("done goes with the number of an action, and with nothing else")
    with session.ledger() as ledger:
        done = ledger.incidents.finish_action(incident_id, int(what))
    return write(f"{done.id} action {what} is done, {len(done.open_actions)} still open")


@click.command(
    "tell",
    epilog="""\b
Examples:
  ledger incident tell INC-7K3M9Q --next-update 30m
  ledger incident tell INC-7K3M9Q --template monitoring --text 'Orders go through again.' --dry-run
  ledger incident tell INC-7K3M9Q --last""",
)
@click.argument("incident_id", metavar="ID", required=False)
@click.option(
    "--template",
    metavar="NAME",
    default="",
    help="investigating, identified, monitoring, resolved, or templates/incident-NAME.txt of the home; what fits if not given.",
)
@click.option("--text", metavar="TEXT", default="", help="What to say instead of the template's sentence.")
@click.option("--next-update", metavar="TIME", help="When users are told more: a time, or 30m from now on.")
@click.option("--dry-run", is_flag=True, help="Print the text and record nothing.")
@click.option("--last", is_flag=True, help="Print what users were told last, and tell them nothing.")
@click.option("--fields", is_flag=True, help="List what a template may name.")
@json_option
@pass_session
def tell(
    session: Session,
    incident_id: str | None,
    template: str,
    text: str,
    next_update: str | None,
    dry_run: bool,
    last: bool,
    fields: bool,
    as_json: bool,
) -> None:
    """Write what users are told about an incident, for pasting, and record that they were told so.

    The built-in texts name services and nobody: no host, no person, no title.
    """
    if fields:
        return _write_fields(session, as_json)
    if incident_id is None:
        raise click.UsageError("Missing argument 'ID'.")
    if last:
        return _write_last(session, incident_id, as_json)
    from changelog_ledger import reports

    with session.ledger() as ledger:
        told, before = ledger.incidents.tell(incident_id, template=template, text=text, next_update=next_update, zone=session.zone(), dry_run=dry_run)
    if as_json:
        return write_json(reports.told_document(before, told, recorded=not dry_run))
    if sys.stdout.isatty():
        click.echo(f"{reports.last_told_words(before, told.at)}\n", err=True)
    return write(told.text)


def _write_fields(session: Session, as_json: bool) -> None:
    from changelog_ledger import reports

    with session.ledger() as ledger:
        known = ledger.incidents.status_fields()
    if as_json:
        write_json(reports.status_fields_document(known))
    else:
        write(reports.render_status_fields(known))


def _write_last(session: Session, incident_id: str, as_json: bool) -> None:
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.incidents.show(incident_id)
    if as_json:
        write_json(reports.told_last_document(found))
    else:
        write(found.told[-1].text if found.told else "Users were told nothing.")
