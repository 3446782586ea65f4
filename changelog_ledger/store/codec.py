"""Changes as JSON and back: the form in which facts carry them and the ``change`` table keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from sys import intern
from typing import Any

from changelog_ledger.model.change import Assessment, Change, ChangeType, Dependent, Item, ItemState, Level, Note, Proposal, Remark, Status
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.store.rows import shared_target

_TIMES = ("recorded_at", "planned_start", "planned_end", "approved_at", "started_at", "finished_at", "reviewed_at", "retain_until")
_LENGTHS = ("backout_time", "downtime")
"""Kept as whole seconds."""
_TEXTS = (
    "ref", "actor", "outcome", "ticket", "rollback_to", "backout", "reason", "description", "zone", "template", "parent", "irreversible", "contact",
)  # fmt: skip
_LISTS = ("paths", "category")


def change_to_json(change: Change) -> dict[str, Any]:
    """A change as a JSON object; what is empty is left out."""
    value: dict[str, Any] = {"id": change.id, "title": change.title, "status": str(change.status), "type": str(change.type)}
    value["on"] = [str(target) for target in change.on]
    value |= {name: format_instant(moment) for name in _TIMES if (moment := getattr(change, name)) is not None}
    value |= {name: int(length.total_seconds()) for name in _LENGTHS if (length := getattr(change, name)) is not None}
    value |= {name: text for name in _TEXTS if (text := getattr(change, name))}
    value |= {name: list(items) for name in _LISTS if (items := getattr(change, name))}
    value |= {name: str(level) for name in ("impact", "risk") if (level := getattr(change, name)) is not None}
    if change.affects:
        value["affects"] = [str(target) for target in change.affects]
    if change.items:
        value["items"] = [item_to_json(item) for item in change.items]
    if change.notes:
        value["notes"] = [note_to_json(note) for note in change.notes]
    if change.assessment:
        value["assessment"] = assessment_to_json(change.assessment)
    if change.logged_after:
        value["logged_after"] = True
    return value


def change_from_json(value: Mapping[str, Any]) -> Change:
    """The change that :func:`change_to_json` wrote."""
    # few of its many fields are there; parsed names are new strings each time, by which Python finds a parameter only after comparing with all others
    rest = {intern(name): read(said) for name, said in value.items() if said is not None and (read := _READERS.get(name))}
    return Change(
        id=value["id"],
        title=value["title"],
        status=_status(value["status"]),
        type=_type(value["type"]),
        on=_targets(value.get("on", ())),
        **rest,
    )


def item_to_json(item: Item) -> dict[str, Any]:
    """A checklist item; what is empty is left out."""
    said = {"because": item.because, "command": item.command, "paths": list(item.paths)}
    return {"text": item.text, "state": str(item.state)} | {name: words for name, words in said.items() if words}


def _item_from_json(value: Mapping[str, Any]) -> Item:
    return Item(value["text"], ItemState(value["state"]), value.get("because", ""), value.get("command", ""), tuple(value.get("paths", ())))


def note_to_json(note: Note) -> dict[str, Any]:
    """A note; what is empty is left out."""
    value: dict[str, Any] = {"at": format_instant(note.at), "actor": note.actor, "text": note.text}
    if note.step:
        value["step"] = note.step
    if note.remarks:
        value["remarks"] = _remarks_to_json(note.remarks)
    return value


def note_from_json(value: Mapping[str, Any]) -> Note:
    """The note that :func:`note_to_json` wrote."""
    return Note(parse_instant(value["at"]), value["actor"], value["text"], value.get("step", ""), _remarks_from_json(value, "remarks"))


def _remarks_to_json(remarks: Iterable[Remark]) -> list[dict[str, str]]:
    return [{"code": remark.code, "text": remark.text} for remark in remarks]


def _remarks_from_json(value: Mapping[str, Any], name: str) -> tuple[Remark, ...]:
    return tuple(Remark(remark["code"], remark["text"]) for remark in value.get(name, ()))


def assessment_to_json(assessment: Assessment) -> dict[str, Any]:
    """What was known of a change's reach when it was planned."""
    value: dict[str, Any] = {"made_at": format_instant(assessment.made_at)}
    value |= {name: str(level) for name in ("impact", "risk") if (level := getattr(assessment, name)) is not None}
    value["dependents"] = [{"target": str(found.target), "distance": found.distance, "owner": found.owner} for found in assessment.dependents]
    value["reasons"] = _remarks_to_json(assessment.reasons)
    value["proposals"] = [
        {"text": each.text, "support": each.support, "of": each.of, "paths": list(each.paths), "given": each.given} for each in assessment.proposals
    ]
    return value


def _assessment_from_json(value: Mapping[str, Any]) -> Assessment:
    return Assessment(
        made_at=parse_instant(value["made_at"]),
        dependents=tuple(Dependent(Target.parse(found["target"]), found["distance"], found["owner"]) for found in value["dependents"]),
        impact=_level(value, "impact"),
        risk=_level(value, "risk"),
        reasons=_remarks_from_json(value, "reasons"),
        proposals=tuple(
            Proposal(found["text"], found["support"], found["of"], tuple(found["paths"]), found.get("given", "")) for found in value["proposals"]
        ),
    )


def _targets(texts: Iterable[str]) -> tuple[Target, ...]:
    return tuple(map(_target, texts))


def _level(value: Mapping[str, Any], name: str) -> Level | None:
    return Level(value[name]) if value.get(name) else None


@lru_cache(maxsize=4096)
def _target(text: str) -> Target:
    target = Target.parse(text)
    return shared_target(target.kind, target.name)


_status, _type = lru_cache(Status), lru_cache(ChangeType)
"""An enum finds its member in Python code; there are few to find, in thousands of changes."""

_READERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_TIMES, lambda text: parse_instant(text) if text else None),
    **dict.fromkeys(_LENGTHS, lambda seconds: timedelta(seconds=seconds)),
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(_LISTS, tuple),
    **dict.fromkeys(("impact", "risk"), lru_cache(lambda text: Level(text) if text else None)),
    "affects": _targets,
    "items": lambda items: tuple(map(_item_from_json, items)),
    "notes": lambda notes: tuple(map(note_from_json, notes)),
    "assessment": _assessment_from_json,
    "logged_after": bool,
}
"""How the fields of a change are read that need not be there."""
