"""How ``[changes]``, ``[[templates]]`` and ``[checklists]`` of ``ledger.toml`` are read. Whatever is not known is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from changelog_ledger.model.change import Item, Level
from changelog_ledger.model.policy import APPROVALS, TEMPLATE_DETAILS, Policy, Stance, Template
from changelog_ledger.settings.readers import as_duration, as_flag, as_table, as_text, as_texts, one_of, read_field, word_of

REVIEWABLE = ("standard", "normal", "emergency", "succeeded", "failed", "rolled-back")
"""What ``review_after`` may name: types and outcomes of changes."""


def read_policy(value: Any) -> Policy:
    """``[changes]``.

    :raises ValueError: saying what is wrong with it.
    """
    table = as_table(value)
    known = {entry.name: _POLICY[entry.name] for entry in fields(Policy)}
    return Policy(**{name: read_field(known, name, given) for name, given in table.items()})


def read_templates(value: Any) -> tuple[Template, ...]:
    """``[[templates]]``.

    :raises ValueError: saying what is wrong with which of them.
    """
    if not isinstance(value, list):
        raise TypeError("each has to be a table of its own, under a heading [[templates]]")
    found = tuple(_template(number, table) for number, table in enumerate(value, 1))
    names = [template.name for template in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"names {twice!r} twice")
    return found


def read_checklists(value: Any) -> Mapping[str, tuple[Item, ...]]:
    """``[checklists]``: a list of items for ``default`` or for a category of changes.

    :raises ValueError: saying what is wrong with which of them.
    """
    return MappingProxyType({name.strip().lower(): read_field({name: _items}, name, given) for name, given in as_table(value).items()})


def _template(number: int, value: Any) -> Template:
    table = as_table(value)
    called = f"table {number} ({table.get('name', 'without a name')})"
    if missing := [name for name in ("name", "title") if name not in table]:
        raise ValueError(f"{called}: needs a name and a title, and has no {missing[0]}")
    try:
        values = {name: read_field(_TEMPLATE, name, given) for name, given in table.items()}
        own = {name: values.pop(name) for name in _OWN if name in values}
        return Template(**own, details=MappingProxyType(values))
    except ValueError as error:
        raise ValueError(f"{called}: {error}") from error


def _approvals(value: Any) -> Mapping[Level, int]:
    numbers = {one_of(Level)(name): number for name, number in as_table(value).items()}
    if any(isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 20 for number in numbers.values()):
        raise ValueError("these are numbers from 0 to 20")
    return MappingProxyType(numbers)


def _reviewed(value: Any) -> tuple[str, ...]:
    if unknown := [word for word in as_texts(value) if word not in REVIEWABLE]:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(REVIEWABLE)}")
    return tuple(value)


def _items(value: Any) -> tuple[Item, ...]:
    if not isinstance(value, list):
        raise TypeError('it has to be a list of items, even of one: ["…"]')
    return tuple(_item(entry) for entry in value)


def _item(value: Any) -> Item:
    if isinstance(value, str):
        return Item(as_text(value))
    readers: Mapping[str, Callable[[Any], Any]] = {"text": as_text, "command": as_text, "paths": as_texts}
    if "text" not in as_table(value) or value.keys() - readers.keys():
        raise ValueError(f"an item has a text, and perhaps a command or paths that prove it, and nothing else; this one is {value!r}")
    table = {name: read_field(readers, name, given) for name, given in value.items()}
    return Item(**table)


_POLICY: Mapping[str, Callable[[Any], Any]] = {
    "approvals": lambda value: MappingProxyType({**APPROVALS, **_approvals(value)}),
    "approvals_by_risk": _approvals,
    "not_approved": one_of(Stance),
    "separate_approver": as_flag,
    "checklist_from": one_of(Level),
    "unticked": one_of(Stance),
    "rollback_target": one_of(Stance),
    "rollback_target_from": one_of(Level),
    "outside_window": one_of(Stance),
    "outside_maintenance": one_of(Stance),
    "in_freeze": one_of(Stance),
    "conflicts": one_of(Stance),
    "review_after": _reviewed,
    "review_within": as_duration,
}

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "paths": as_texts,
    "affects": as_texts,
    "impact": word_of([level.value for level in Level]),
    "risk": word_of([level.value for level in Level if level is not Level.NONE]),
    "category": as_texts,
    "items": _items,
    "backout_time": as_duration,
    "downtime": as_duration,
}
_OWN: Mapping[str, Callable[[Any], Any]] = {"name": as_text, "title": as_text, "on": as_texts, "duration": as_duration}
_TEMPLATE = {**_OWN, **{name: _READERS.get(name, as_text) for name in TEMPLATE_DETAILS}}
