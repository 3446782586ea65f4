"""What users are told about an incident: the built-in texts, what is in them, and which one fits.

The built-in texts name services and nothing else: no host, no person, no title (it is written for those who mend it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from types import MappingProxyType

from changelog_ledger.changes.announcing import written_instant
from changelog_ledger.changes.message_templates import filled_template
from changelog_ledger.model.incident import Incident, LinkKind
from changelog_ledger.model.topology import TargetKind

LISTED_BY = "ledger incident tell --fields"
"""The command that lists the fields."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "services": "the services that are affected; those on affected hosts where only hosts are named",
        "text": "what is said with --text; else the sentence that fits the template",
        "began": "when it began, in the reader's zone",
        "detected": "when it was noticed",
        "mitigated": "from when on users could work again; empty until then",
        "resolved": "when it was over; empty until then",
        "next_update": "when users are told more; empty if that is not said",
        "state": "open, acknowledged, mitigated, resolved or reviewed",
        "told_last": "what users were told last; empty the first time",
        "id": "the incident's id",
        "ref": "the name that another system has for it",
        "severity": "SEV1 to SEV4; internal: in no built-in text",
        "title": "its title; internal",
        "symptom": "what was seen; internal",
        "targets": "the hosts and services that are affected; internal",
        "commander": "who leads; internal",
    }
)
"""What a template may name, and what it means. What is marked as internal is there for those who ask for it."""


class StatusTemplate(StrEnum):
    """The built-in texts, by how far it got."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        StatusTemplate.INVESTIGATING: "We are looking into a problem that some of you may notice.",
        StatusTemplate.IDENTIFIED: "The cause is known, and we are working on a fix.",
        StatusTemplate.MONITORING: "You should be able to work again. We keep watching it.",
        StatusTemplate.RESOLVED: "The problem is solved.",
    }
)

_OPEN = """\
{state}: $services

$text

Since:       $began
Next update: $next_update
Reference:   $id $ref
"""
_WORKING = """\
Monitoring: $services

$text

Began:        $began
Working from: $mitigated
Next update:  $next_update
Reference:    $id $ref
"""
_OVER = """\
Resolved: $services

$text

Began:     $began
Resolved:  $resolved
Reference: $id $ref
"""
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        StatusTemplate.INVESTIGATING: _OPEN.format(state="Investigating"),
        StatusTemplate.IDENTIFIED: _OPEN.format(state="Identified"),
        StatusTemplate.MONITORING: _WORKING,
        StatusTemplate.RESOLVED: _OVER,
    }
)
"""The built-in templates."""


def usual_template(incident: Incident) -> StatusTemplate:
    """The built-in text that fits how far it got."""
    if incident.state.is_over:
        return StatusTemplate.RESOLVED
    if incident.mitigated_at is not None:
        return StatusTemplate.MONITORING
    known = incident.links_of(LinkKind.CONFIRMED) or incident.trigger
    return StatusTemplate.IDENTIFIED if known else StatusTemplate.INVESTIGATING


def ahead_of(incident: Incident, name: str) -> str:
    """What a built-in text says that is not recorded of the incident; empty where nothing is ahead of the record."""
    if name == StatusTemplate.RESOLVED and not incident.state.is_over:
        return f"it says that the problem is solved, and {incident.id} is {incident.state}"
    if name == StatusTemplate.MONITORING and incident.users_out_until is None:
        return f"it says that users can work again, and {incident.id} is {incident.state}"
    return ""


def status_text(
    incident: Incident,
    template: str,
    *,
    name: str,
    text: str = "",
    services: Sequence[str] = (),
    next_update: datetime | None = None,
    zone: tzinfo,
    called: str = "the template",
    written: Callable[[str], str] = str,
) -> str:
    """The text for users.

    :param template: what to fill; ``name`` says which it is.
    :param text: what to say instead of the usual sentence.
    :param services: those that are affected.
    :param written: how one line of a value has to be written.
    :param called: how to call the template in an error.
    :raises InvalidInput: if the template names a field that there is not.
    """
    values = _values(incident, text or _SENTENCES.get(name, _SENTENCES[usual_template(incident)]), services, next_update, zone)
    fields = {field: "\n".join(map(written, value.split("\n"))) for field, value in values.items()}
    return filled_template(template, fields, called, LISTED_BY)


def named_services(incident: Incident) -> tuple[str, ...]:
    """The services among its targets."""
    return tuple(target.name for target in incident.targets if target.kind is TargetKind.SERVICE)


def _values(incident: Incident, text: str, services: Sequence[str], next_update: datetime | None, zone: tzinfo) -> dict[str, str]:
    def at(moment: datetime | None) -> str:
        return written_instant(moment, zone) if moment else ""

    return {
        "services": ", ".join(services) or "our services",
        "text": text,
        "began": at(incident.began_at),
        "detected": at(incident.detected_at),
        "mitigated": at(incident.mitigated_at),
        "resolved": at(incident.resolved_at),
        "next_update": at(next_update),
        "state": str(incident.state),
        "told_last": incident.told[-1].text if incident.told else "",
        "id": incident.id,
        "ref": incident.ref,
        "severity": f"SEV{incident.severity}",
        "title": incident.title,
        "symptom": incident.symptom,
        "targets": ", ".join(map(str, incident.targets)),
        "commander": incident.commander,
    }
