"""Changes as JSON and back: the form in which facts carry them and the ``change`` table keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from changelog_ledger.model.change import Change, ChangeType, Item, ItemState, Level, Note, Status
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.model.topology import Target

_TIMES = ("recorded_at", "planned_start", "planned_end", "approved_at", "started_at", "finished_at", "reviewed_at")
_TEXTS = ("ref", "actor", "outcome", "ticket", "rollback_to", "backout", "reason", "description")
_LISTS = ("paths", "category")


def change_to_json(change: Change) -> dict[str, Any]:
    """A change as a JSON object; what is empty is left out."""
    value: dict[str, Any] = {"id": change.id, "title": change.title, "status": str(change.status), "type": str(change.type)}
    value["on"] = [str(target) for target in change.on]
    value |= {name: format_instant(moment) for name in _TIMES if (moment := getattr(change, name)) is not None}
    value |= {name: text for name in _TEXTS if (text := getattr(change, name))}
    value |= {name: list(items) for name in _LISTS if (items := getattr(change, name))}
    value |= {name: str(level) for name in ("impact", "risk") if (level := getattr(change, name)) is not None}
    if change.affects:
        value["affects"] = [str(target) for target in change.affects]
    if change.items:
        value["items"] = [_item_to_json(item) for item in change.items]
    if change.notes:
        value["notes"] = [_note_to_json(note) for note in change.notes]
    if change.logged_after:
        value["logged_after"] = True
    return value


def change_from_json(value: Mapping[str, Any]) -> Change:
    """The change that :func:`change_to_json` wrote."""
    return Change(
        id=value["id"],
        title=value["title"],
        status=Status(value["status"]),
        type=ChangeType(value["type"]),
        on=_targets(value, "on"),
        affects=_targets(value, "affects"),
        impact=_level(value, "impact"),
        risk=_level(value, "risk"),
        items=tuple(Item(item["text"], ItemState(item["state"]), item.get("because", "")) for item in value.get("items", ())),
        notes=tuple(Note(parse_instant(note["at"]), note["actor"], note["text"], note.get("step", "")) for note in value.get("notes", ())),
        logged_after=value.get("logged_after", False),
        paths=tuple(value.get("paths", ())),
        category=tuple(value.get("category", ())),
        recorded_at=_instant(value, "recorded_at"),
        planned_start=_instant(value, "planned_start"),
        planned_end=_instant(value, "planned_end"),
        approved_at=_instant(value, "approved_at"),
        started_at=_instant(value, "started_at"),
        finished_at=_instant(value, "finished_at"),
        reviewed_at=_instant(value, "reviewed_at"),
        **{name: value.get(name, "") for name in _TEXTS},
    )


def _item_to_json(item: Item) -> dict[str, str]:
    value = {"text": item.text, "state": str(item.state)}
    return value | {"because": item.because} if item.because else value


def _note_to_json(note: Note) -> dict[str, str]:
    value = {"at": format_instant(note.at), "actor": note.actor, "text": note.text}
    return value | {"step": note.step} if note.step else value


def _targets(value: Mapping[str, Any], name: str) -> tuple[Target, ...]:
    return tuple(Target.parse(text) for text in value.get(name, ()))


def _level(value: Mapping[str, Any], name: str) -> Level | None:
    return Level(value[name]) if value.get(name) else None


def _instant(value: Mapping[str, Any], name: str) -> datetime | None:
    return parse_instant(value[name]) if value.get(name) else None
