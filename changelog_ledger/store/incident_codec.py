"""Incidents as JSON and back: the form in which facts carry them and the ``incident`` table keeps them.

A step's fact says what it set and what it added. What grows (links, notes, texts that users were told, actions) is added to what is there, so that
two people who write at the same time are both right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from changelog_ledger.model.change import Level
from changelog_ledger.model.incident import Action, FixPath, Incident, IncidentKind, Link, LinkKind, Told, Trace
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.store.codec import note_from_json, note_to_json

_TIMES = ("recorded_at", "began_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at", "reviewed_at")
_TEXTS = ("ref", "actor", "symptom", "commander", "fix", "summary", "trigger")
_LISTS = ("causes", "worked")
_GROWING = ("links", "notes", "told", "actions")
"""What steps add to."""
_TRACE = ("host", "path", "key", "shape", "subject")


def incident_to_json(incident: Incident) -> dict[str, Any]:
    """An incident as a JSON object; what is empty is left out."""
    value: dict[str, Any] = {"id": incident.id, "title": incident.title, "on": [str(target) for target in incident.targets]}
    value |= {"impact": str(incident.impact), "urgency": str(incident.urgency)}
    value |= {name: format_instant(moment) for name in _TIMES if (moment := getattr(incident, name)) is not None}
    value |= {name: text for name in _TEXTS if (text := getattr(incident, name))}
    value |= {name: list(texts) for name in _LISTS if (texts := getattr(incident, name))}
    if incident.kinds:
        value["kinds"] = [str(kind) for kind in incident.kinds]
    if incident.path is not None:
        value["path"] = str(incident.path)
    grown = {
        "links": [link_to_json(link) for link in incident.links],
        "notes": [note_to_json(note) for note in incident.notes],
        "told": [told_to_json(told) for told in incident.told],
        "actions": [action_to_json(action) for action in incident.actions],
    }
    return value | {name: pieces for name, pieces in grown.items() if pieces}


def incident_from_json(value: Mapping[str, Any]) -> Incident:
    """The incident that :func:`incident_to_json` wrote."""
    return Incident(
        id=value["id"],
        title=value["title"],
        targets=tuple(Target.parse(text) for text in value["on"]),
        began_at=parse_instant(value["began_at"]),
        detected_at=parse_instant(value["detected_at"]),
        recorded_at=parse_instant(value["recorded_at"]),
        acknowledged_at=_instant(value, "acknowledged_at"),
        mitigated_at=_instant(value, "mitigated_at"),
        resolved_at=_instant(value, "resolved_at"),
        reviewed_at=_instant(value, "reviewed_at"),
        impact=Level(value["impact"]),
        urgency=Level(value["urgency"]),
        kinds=tuple(IncidentKind(kind) for kind in value.get("kinds", ())),
        path=FixPath(value["path"]) if value.get("path") else None,
        links=tuple(_link_from_json(link) for link in value.get("links", ())),
        notes=tuple(note_from_json(note) for note in value.get("notes", ())),
        told=tuple(Told(parse_instant(told["at"]), told["actor"], told["text"], told.get("template", "")) for told in value.get("told", ())),
        actions=tuple(_action_from_json(action) for action in value.get("actions", ())),
        causes=tuple(value.get("causes", ())),
        worked=tuple(value.get("worked", ())),
        **{name: value.get(name, "") for name in _TEXTS},
    )


def link_to_json(link: Link) -> dict[str, Any]:
    """A link; what is empty is left out."""
    value: dict[str, Any] = {"kind": str(link.kind), "what": link.what, "at": format_instant(link.at), "actor": link.actor}
    value |= {name: text for name in ("because", "title") if (text := getattr(link, name))}
    if link.happened_at is not None:
        value["happened_at"] = format_instant(link.happened_at)
    if link.traces:
        value["traces"] = [{name: text for name in _TRACE if (text := getattr(trace, name))} for trace in link.traces]
    return value


def _link_from_json(value: Mapping[str, Any]) -> Link:
    return Link(
        LinkKind(value["kind"]),
        value["what"],
        parse_instant(value["at"]),
        value["actor"],
        value.get("because", ""),
        value.get("title", ""),
        _instant(value, "happened_at"),
        tuple(Trace(**{name: trace.get(name, "") for name in _TRACE}) for trace in value.get("traces", ())),
    )


def told_to_json(told: Told) -> dict[str, Any]:
    """What users were told."""
    return {"at": format_instant(told.at), "actor": told.actor, "text": told.text} | ({"template": told.template} if told.template else {})


def action_to_json(action: Action) -> dict[str, Any]:
    """An action; what is empty is left out."""
    value: dict[str, Any] = {"number": action.number, "text": action.text}
    value |= {name: text for name in ("owner", "done_by") if (text := getattr(action, name))}
    value |= {"due": action.due.isoformat()} if action.due is not None else {}
    return value | ({"done_at": format_instant(action.done_at)} if action.done_at is not None else {})


def _action_from_json(value: Mapping[str, Any]) -> Action:
    due = date.fromisoformat(value["due"]) if value.get("due") else None
    return Action(value["number"], value["text"], value.get("owner", ""), due, _instant(value, "done_at"), value.get("done_by", ""))


def step_body(before: Incident, after: Incident, verb: str) -> dict[str, Any]:
    """The body of the fact of a step that led from one state of an incident to another: what it set (null where it took something back) and added."""
    old, new = incident_to_json(before), incident_to_json(after)
    plain = {name: value for name, value in new.items() if name not in _GROWING and old.get(name) != value}
    gone = {name: None for name in old if name not in new and name not in _GROWING}
    body: dict[str, Any] = {"incident": before.id, "verb": verb}
    body |= {"set": plain | gone} if plain or gone else {}
    return body | {name: pieces for name in _GROWING if (pieces := _added(name, old.get(name, ()), new.get(name, ())))}


def with_step(state: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """An incident's JSON after a step; what a step set to null is gone."""
    merged = {name: value for name, value in {**state, **body.get("set", {})}.items() if value is not None}
    for name in _GROWING:
        if added := body.get(name):
            merged[name] = _grown(name, state.get(name, ()), added)
    return merged


def _added(name: str, known: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Notes and texts come behind those before, and may be told twice; links and actions are known by what they say."""
    return list(now[len(known) :]) if name in ("notes", "told") else [each for each in now if each not in known]


def _grown(name: str, known: Sequence[Mapping[str, Any]], added: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Links are known by what they link, actions by their number: a later one takes the place of an earlier one. The rest is added."""
    match name:
        case "links":
            again = {link["what"] for link in added}
            return [*(link for link in known if link["what"] not in again), *added]
        case "actions":
            by_number = {action["number"]: action for action in (*known, *added)}
            return [by_number[number] for number in sorted(by_number)]
    return [*known, *added]


def _instant(value: Mapping[str, Any], name: str) -> datetime | None:
    return parse_instant(value[name]) if value.get(name) else None
