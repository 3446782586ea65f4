"""Tell the users of an incident how it stands: the text from a template, recorded as it went out."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path

from changelog_ledger.changes.incident_review import checked_told, with_told
from changelog_ledger.changes.status_texts import LISTED_BY, TEXTS, ahead_of, named_services, status_text, usual_template
from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.incident import Incident, Told
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import TargetKind
from changelog_ledger.reports.escape import printable
from changelog_ledger.workflows.home_templates import missing_template, read_template, template_file
from changelog_ledger.workflows.record_incident import record_step
from changelog_ledger.workflows.workspace import Workspace


def tell_users(
    workspace: Workspace,
    identifier: str,
    *,
    template: str = "",
    text: str = "",
    next_update: datetime | None = None,
    zone: tzinfo = UTC,
    dry_run: bool = False,
) -> tuple[Told, Incident]:
    """The text for users, and the incident as it was before: what they were told last is its last one.

    :param template: ``NAME`` for ``templates/incident-NAME.txt`` in the home, else the built-in text of that name; what fits how far it got if empty.
    :param text: what to say instead of the template's sentence.
    :param dry_run: nothing is recorded.
    :raises NotFound: if there is no such incident or template.
    :raises InvalidInput: for a template that cannot be filled, and for too long a text.
    :raises InvalidTime: if the next update lies in the past.
    """
    now = workspace.now()
    if next_update is not None and next_update < now:
        raise InvalidTime(f"the next update at {shown_instant(next_update)} lies in the past", "give a time to come: --next-update 30m")
    with workspace.store.reading() as view:
        incident = view.incidents.named(identifier)
        hosts = [target.name for target in incident.targets if target.kind is TargetKind.HOST]
        services = named_services(incident) or tuple(sorted(view.topology.services_on_any(hosts)))
    name = template or usual_template(incident)
    words, called = _template(workspace.home, name)
    asked = checked_told(text.strip())
    said = status_text(
        incident, words, name=name, text=asked, services=services, next_update=next_update, zone=zone, called=called, written=printable
    )
    if ahead := ahead_of(incident, name):
        workspace.warn(f"the text {name} is ahead of the record: {ahead}")
    told = Told(now, workspace.actor, workspace.masked_text(checked_told(said.rstrip("\n"))), name)
    if not dry_run:
        record_step(workspace, incident.id, "tell", lambda before: with_told(before, told.text, at=told.at, actor=told.actor, template=told.template))
    return told, incident


def _template(home: Path, name: str) -> tuple[str, str]:
    """The text of the template, the home's own before the built-in one, and how to call it."""
    file = template_file(home, "incident", name)
    if file.is_file():
        return read_template(file), str(file)
    if name in TEXTS:
        return TEXTS[name], "the built-in template"
    raise missing_template(file, "incident", f"the built-in ones are {', '.join(TEXTS)}; {LISTED_BY}")
