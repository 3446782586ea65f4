"""``incident``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from changelog_ledger.cli.incident_review import action, review, tell
from changelog_ledger.cli.session import Session, at_option, id_if_spooled, json_option, pass_session, write, write_json

if TYPE_CHECKING:
    from changelog_ledger.ledger import Ledger
    from changelog_ledger.model.incident import Incident

LEVELS = click.Choice(["none", "low", "medium", "high"])
URGENCIES = click.Choice(["low", "medium", "high"])
KINDS = click.Choice(["configuration", "code", "network", "back-end", "hardware", "customer-side", "provider"])
PATHS = click.Choice(["hotfix", "patch", "next-release", "planned-maintenance", "customer-fix"])
LINKS = click.Choice(["confirmed", "cleared", "contributing", "fix", "related"])


@click.group()
def incident() -> None:
    """Open, update, link, resolve and show incidents: trouble that somebody takes care of."""


@incident.command(
    "open",
    epilog="""\b
Examples:
  ledger incident open 'Shop answers 502' --on service:shop --symptom 'customers get 502' --impact high
  ledger incident open 'Mail is late' --on service:mail --on host:mx-01 --began 40m --commander kim""",
)
@click.argument("title")
@click.option("--on", metavar="TARGET", multiple=True, required=True, help="What is affected: a host, a service or all; may be repeated.")
@click.option("--symptom", metavar="TEXT", help="What is seen; what-changed compares it with what changed.")
@click.option("--impact", type=LEVELS, help="How many are hit and how hard; medium if not given.")
@click.option("--urgency", type=URGENCIES, help="How soon it must end; medium if not given.")
@click.option("--kind", "kinds", type=KINDS, multiple=True, help="Where the cause lies, as far as it is known; may be repeated.")
@click.option("--commander", metavar="NAME", help="Who leads.")
@click.option("--began", metavar="TIME", help="When it began; if not given, when a target was first seen bad, else when it was detected.")
@click.option("--detected", metavar="TIME", help="When somebody noticed; now if not given.")
@click.option("--ref", metavar="REF", default="", help="The name that another system has for it.")
@pass_session
def open_(session: Session, /, title: str, on: tuple[str, ...], began: str | None, detected: str | None, ref: str, **said: Any) -> None:
    """Record that there is trouble. Its targets are marked bad from its beginning on, unless they are marked so already.

    If the database is away, the incident goes to the spool (exit 75), and its id is printed: it keeps it.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger, id_if_spooled():
        opened = ledger.spool.open_incident(title, on, began=began, detected=detected, ref=ref, **(said | {"kinds": said["kinds"] or None}))
    write(reports.render_opened(opened, session.style()))


@incident.command(
    "update",
    epilog="""\b
Examples:
  ledger incident update INC-7K3M9Q --acknowledged --commander kim
  ledger incident update INC-7K3M9Q --mitigated --note 'traffic moved to the other site'
  ledger incident update INC-7K3M9Q --path hotfix --fix CHG-9XW1PA
  ledger incident update INC-7K3M9Q --reopen --because '502 again since 14:03'""",
)
@click.argument("incident_id", metavar="ID")
@click.option("--title", metavar="TEXT", help="A better one.")
@click.option("--symptom", metavar="TEXT", help="What is seen.")
@click.option("--impact", type=LEVELS, help="How many are hit and how hard.")
@click.option("--urgency", type=URGENCIES, help="How soon it must end.")
@click.option("--kind", "kinds", type=KINDS, multiple=True, help="Where the cause lies; may be repeated, and takes the place of those before.")
@click.option("--commander", metavar="NAME", help="Who leads.")
@click.option("--acknowledged", "acknowledged_at", metavar="TIME", is_flag=False, flag_value="now", help="Somebody is at it; now without TIME.")
@click.option("--mitigated", "mitigated_at", metavar="TIME", is_flag=False, flag_value="now", help="Users can work again; now without TIME.")
@click.option("--path", type=PATHS, help="By which way the fix reaches its users.")
@click.option("--fix", metavar="CHANGE", default="", help="The change that carries the fix.")
@click.option("--note", metavar="TEXT", default="", help="Something to remember. Alone, it can wait in the spool if the database is away.")
@click.option("--reopen", is_flag=True, help="It is back, after it was resolved; say why with --because, and nothing else.")
@click.option("--because", metavar="TEXT", default="", help="Why it is reopened.")
@pass_session
def update(session: Session, /, incident_id: str, fix: str, note: str, reopen: bool, because: str, **said: Any) -> None:
    """Record what is known of an incident by now."""
    given = {name: value for name, value in said.items() if value not in (None, ())}
    if reopen != bool(because) or (reopen and (given or note or fix)):
        raise click.UsageError("--reopen goes with --because TEXT, and both with nothing else")
    with session.ledger() as ledger:
        if reopen:
            updated = ledger.incidents.reopen(incident_id, because)
        elif note and not given and not fix:
            updated = ledger.spool.note_incident(incident_id, note)
        else:
            updated = ledger.incidents.update(incident_id, note=note, fix=fix, **given)
    _say(f"{updated.id} is {updated.state}: {updated.title}")


@incident.command(
    "link",
    epilog="""\b
Examples:
  ledger incident link INC-7K3M9Q suspect:1 --as confirmed --because 'put back, and it works'
  ledger incident link INC-7K3M9Q EV-8Q2K5Z --as cleared
  ledger incident link INC-7K3M9Q CHG-9XW1PA --as fix
  ledger incident link INC-7K3M9Q https://tracker.example/4711 --as related""",
)
@click.argument("incident_id", metavar="ID")
@click.argument("what")
@click.option("--as", "kind", type=LINKS, required=True, help="What it was: later rankings learn from confirmed and cleared.")
@click.option("--because", metavar="TEXT", default="", help="How that is known.")
@pass_session
def link(session: Session, incident_id: str, what: str, kind: str, because: str) -> None:
    """Record what something has to do with an incident.

    WHAT is a change (its id or reference), a piece of evidence (EV-...), another incident, a suspect by its number in what-changed for the time
    before the incident (suspect:1), an address, or words. What was linked before as something else is superseded; the record keeps both.
    """
    with session.ledger() as ledger:
        before = ledger.incidents.show(incident_id)
        linked = ledger.incidents.link(before.id, what, kind, because=because)
        if linked.links == before.links:
            return _say(f"{_meant(what, _suspect_now(ledger, linked, what) or what)} is {_LINKED_AS[kind]} {linked.id} already")
    newest = linked.links[-1]
    return _say(f"{_meant(what, newest.what)} is {_LINKED_AS[kind]} {linked.id}" + (f": {newest.title}" if newest.title else ""))


_LINKED_AS = {
    "confirmed": "confirmed in",
    "cleared": "cleared in",
    "contributing": "contributing to",
    "fix": "the fix of",
    "related": "related to",
}


def _meant(what: str, found: str) -> str:
    """What was linked. The number of a suspect moves with what is recorded, so it is said which it is now."""
    return f"{what}, which is {found} now," if _is_number(what) and found != what else found


def _is_number(what: str) -> bool:
    return what.strip().lower().startswith("suspect:")


def _suspect_now(ledger: Ledger, incident: Incident, what: str) -> str:
    """The id of a suspect that is named by its number; empty for anything else."""
    if not _is_number(what):
        return ""
    suspect = ledger.incidents.suspect(incident.id, int(what.strip().partition(":")[2]))
    return suspect.change or suspect.evidence[0]


@incident.command(
    "resolve",
    epilog="""\b
Examples:
  ledger incident resolve INC-7K3M9Q --by CHG-9XW1PA
  ledger incident resolve INC-7K3M9Q --at 20m --note 'went away by itself'""",
)
@click.argument("incident_id", metavar="ID")
@at_option
@click.option("--by", metavar="CHANGE", default="", help="The change that ended it.")
@click.option("--note", metavar="TEXT", default="", help="A remark that stays with the step.")
@pass_session
def resolve(session: Session, incident_id: str, at: str | None, by: str, note: str) -> None:
    """Record that the trouble is over. Its targets are marked good, except those that another open incident is on."""
    with session.ledger() as ledger:
        resolved = ledger.incidents.resolve(incident_id, at=at, by=by, note=note)
    _say(f"{resolved.id} is {resolved.state}: {resolved.title}")


@incident.command("list", epilog="\b\nExamples:\n  ledger incident list --open\n  ledger incident list --on service:shop --since 90d --json")
@click.option("--open", "open_only", is_flag=True, help="Only those that are not resolved.")
@click.option("--on", metavar="TARGET", help="Only those that name this target.")
@click.option("--since", metavar="TIME", help="Only those that were going on after it.")
@json_option
@pass_session
def list_(session: Session, open_only: bool, on: str | None, since: str | None, as_json: bool) -> None:
    """List incidents, the one that began last first."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.incidents.list(open_only=open_only, on=on, since=since)
        now = ledger.now()
    if as_json:
        write_json(reports.incidents_document(found))
    else:
        write(reports.render_incidents(found, session.style(), now))


@incident.command("show", epilog="\b\nExamples:\n  ledger incident show INC-7K3\n  ledger incident show INC-7K3 --timeline")
@click.argument("incident_id", metavar="ID")
@click.option("--timeline", "with_timeline", is_flag=True, help="What happened, in order, from when it last worked.")
@json_option
@pass_session
def show(session: Session, incident_id: str, with_timeline: bool, as_json: bool) -> None:
    """Show an incident: what, where, how far it got, what it links."""
    from changelog_ledger import reports

    if with_timeline:
        with session.ledger() as ledger:
            account = ledger.incidents.account(incident_id)
        return write_json(reports.incident_account_document(account)) if as_json else write(reports.render_timeline(account, session.style()))
    with session.ledger() as ledger:
        found = ledger.incidents.show(incident_id)
        came_back = ledger.incidents.came_back(found)
        now = ledger.now()
    if as_json:
        write_json(reports.incident_document(found, came_back))
    else:
        write(reports.render_incident(found, session.style(), now, came_back))
    return None


for _command in (review, action, tell):
    incident.add_command(_command)


def _say(text: str) -> None:
    from changelog_ledger.reports import printable

    write(printable(text))
