"""Standard changes: what is planned from a template has what the template says, unless something else is said."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.changes.planning import Details
from changelog_ledger.errors import NotFound
from changelog_ledger.model.change import Change, ChangeType, Level
from changelog_ledger.model.policy import Template
from changelog_ledger.model.topology import Target

_EXCLUDING = {"rollback_to": "irreversible", "irreversible": "rollback_to"}
"""What says of one of them that the other is not so."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that is to be planned, as it was asked for.

    :ivar on: targets, perhaps as text.
    :ivar template: the template that it was made from, or empty.
    :ivar in_window: the maintenance window that it is to start in, or empty.
    """

    title: str
    on: Sequence[str | Target]
    start: datetime | None = None
    end: datetime | None = None
    duration: timedelta | None = None
    details: Details = field(default_factory=Details)
    template: str = ""
    in_window: str = ""


def find_template(name: str, templates: Sequence[Template]) -> Template:
    """The template of this name.

    :raises NotFound: with the names most like it.
    """
    names = [template.name for template in templates]
    if name in names:
        return templates[names.index(name)]
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        raise NotFound(f"there is no template {name!r}", f"did you mean {' or '.join(near)}?")
    raise NotFound(f"there is no template {name!r}", "ledger change templates lists them; add one as [[templates]] in ledger.toml")


def from_template(draft: Draft, template: Template) -> Draft:
    """What was asked for, and the template's word on all that was not. An emergency stays one."""
    said = draft.details
    filled = {name: _value(name, value) for name, value in template.details.items() if _is_unsaid(said, name)}
    kind = ChangeType.STANDARD if said.type == ChangeType.NORMAL else said.type
    takes = template.duration if (draft.start or draft.in_window) and not draft.end else None
    return replace(
        draft,
        title=draft.title.strip() or template.title,
        on=draft.on or template.on,
        duration=takes if draft.duration is None else draft.duration,
        details=replace(said, type=kind, **filled),
        template=template.name,
    )


def departures(change: Change, template: Template) -> tuple[str, ...]:
    """In which fields a change goes beyond what its template was approved for: other targets or paths, more impact or risk."""
    found = {
        "on": bool(template.on) and any(str(target) not in template.on and target.name not in template.on for target in change.on),
        "paths": "paths" in template.details and not set(change.paths) <= set(template.details["paths"]),
        "impact": _exceeds(change.impact, template.details.get("impact")),
        "risk": _exceeds(change.risk, template.details.get("risk")),
    }
    return tuple(name for name, departs in found.items() if departs)


def _exceeds(level: Level | None, approved: str | None) -> bool:
    """More than the template says; where it says nothing, more than low."""
    return level is not None and level.rank > (Level(approved) if approved else Level.LOW).rank


def _is_unsaid(said: Details, name: str) -> bool:
    return _is_empty(getattr(said, name)) and not (name in _EXCLUDING and getattr(said, _EXCLUDING[name]))


def _is_empty(value: Any) -> bool:
    """A length of nothing (``--downtime 0m``) is said, too."""
    return value is None or (not isinstance(value, timedelta) and not value)


def _value(name: str, value: Any) -> Any:
    """``affects`` is text in a template; a bare name is a service's."""
    if name != "affects":
        return value
    return tuple(Target.parse(text) if ":" in text else Target.service(text) for text in value)
