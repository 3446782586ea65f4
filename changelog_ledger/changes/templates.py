"""Standard changes: what is planned from a template has what the template says, unless something else is said."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from changelog_ledger.changes.draft import Draft
from changelog_ledger.changes.planning import Details
from changelog_ledger.errors import NotFound
from changelog_ledger.model.change import Change, ChangeType, Level
from changelog_ledger.model.policy import Template
from changelog_ledger.model.topology import Target

_EXCLUDING = {"rollback_to": "irreversible", "irreversible": "rollback_to"}
"""What says of one of them that the other is not so."""


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
    )


def from_approved(change: Change, template: Template) -> Change:
    """The change that was planned from a template. What goes beyond that was not approved beforehand: it is a normal one."""
    goes_beyond = change.type is ChangeType.STANDARD and departures(change, template)
    return replace(change, template=template.name, type=ChangeType.NORMAL if goes_beyond else change.type)


def departures(change: Change, template: Template) -> tuple[str, ...]:
    """In which fields a change goes beyond what its template was approved for: other targets or paths, more impact or risk."""
    found = {
        "on": bool(template.on) and any(str(target) not in template.on and target.name not in template.on for target in change.on),
        "paths": "paths" in template.details and _leaves(change.paths, template.details["paths"]),
        "impact": _exceeds(change.impact, template.details.get("impact")),
        "risk": _exceeds(change.risk, template.details.get("risk")),
    }
    return tuple(name for name, departs in found.items() if departs)


def _leaves(paths: Sequence[str], approved: Sequence[str]) -> bool:
    """Whether some of the paths may lie outside those of a template; a change without any may touch all."""
    return not paths or not all(any(_within(path, glob) for glob in approved) for path in paths)


def _within(path: str, glob: str) -> bool:
    """The same glob, or one below a directory all of which is approved (``/etc/ssl/**``)."""
    folder = glob.removesuffix("**") if glob.startswith("/") and glob.endswith("/**") else ""
    return path == glob or (bool(folder) and not any(wild in folder for wild in "*?[") and path.startswith(folder))


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
