"""What is still to be done about incidents, and what their users were told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from changelog_ledger.model.incident import Incident, OpenAction, Told
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.announcement import render_announcement_fields
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.incident_json import action_value
from changelog_ledger.reports.json_values import Document, schema
from changelog_ledger.reports.layout import Line, Span, brief, clipped, line
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import ago

_SHOWN = 5


def open_action_value(open_action: OpenAction) -> Document:
    """An open action with its incident, as a part of a document."""
    return {"incident": open_action.incident, "title": open_action.title} | action_value(open_action.action)


def needed_actions(actions: Sequence[OpenAction], today: date) -> Iterator[tuple[str, str]]:
    """What status says of them, as a word and a sentence: each that is overdue, then how many there are besides."""
    overdue = [each for each in actions if each.action.is_overdue(today)]
    for each in overdue[:_SHOWN]:
        yield "OVERDUE", _words(each)
    if len(overdue) > _SHOWN:
        yield "OVERDUE", f"{count(len(overdue) - _SHOWN, 'more action')}: ledger incident list"
    rest = [each for each in actions if each not in overdue]
    if rest:
        more = f", and {len(rest) - 1:,} more: ledger incident list" if len(rest) > 1 else ""
        yield "ACTION", f"{_words(rest[0])}{more}"


def action_lines(incidents: Sequence[Incident], style: Style, today: date) -> Iterator[Line]:
    """The open actions of incidents for a list, the earliest due first; nothing where there are none."""
    found = sorted((OpenAction(each.id, each.title, action) for each in incidents for action in each.open_actions), key=OpenAction.order)
    if found:
        yield ()
        yield line(Span("OPEN ACTIONS", Role.HEADING))
    for each in found:
        overdue = each.action.is_overdue(today)
        yield clipped(line("  ", Span("OVERDUE ", Role.WARNING) if overdue else "", _words(each)), style.columns)


def _words(open_action: OpenAction) -> str:
    action = open_action.action
    due = f"due {action.due.isoformat()}" if action.due else ""
    whose = ", ".join(filter(None, [brief(action.owner, 40), due]))
    return f"{printable(open_action.incident)} {action.number}. {brief(action.text, 120)}{f' ({whose})' if whose else ''}"


def last_told_words(incident: Incident, now: datetime) -> str:
    """When users were told last, and the beginning of it."""
    if not incident.told:
        return "Users were told nothing before."
    told = incident.told[-1]
    return f"Users were told last {ago(told.at, now)}: {brief(' '.join(told.text.split()), 200)}"


def told_document(incident: Incident, told: Told, *, recorded: bool) -> Document:
    """``incident tell --json``.

    :param incident: as it was before.
    """
    before = incident.told[-1] if incident.told else None
    return {
        "schema": schema("incident-told"),
        "incident": incident.id,
        "recorded": recorded,
        "told": _told(told),
        "told_last": _told(before) if before else None,
    }


def told_last_document(incident: Incident) -> Document:
    """``incident tell --last --json``."""
    return {"schema": schema("incident-told"), "incident": incident.id, "told_last": _told(incident.told[-1]) if incident.told else None}


def _told(told: Told) -> Document:
    return {"at": format_instant(told.at), "actor": told.actor or None, "text": told.text, "template": told.template or None}


def status_fields_document(fields: Mapping[str, str]) -> Document:
    """``incident tell --fields --json``."""
    return {"schema": schema("status-fields"), "fields": dict(fields)}


def render_status_fields(fields: Mapping[str, str], style: Style = PLAIN) -> str:
    """One field a line, with what it means."""
    return render_announcement_fields(fields, style)
