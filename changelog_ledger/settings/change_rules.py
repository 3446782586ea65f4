"""How ``[changes]``, ``[[templates]]`` and ``[checklists]`` of ``ledger.toml`` are read. Whatever is not known is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.change import Item, Level
from changelog_ledger.model.policy import APPROVALS, TEMPLATE_DETAILS, Policy, Stance, Template
from changelog_ledger.model.times import parse_duration

_Word = TypeVar("_Word", Level, Stance)

REVIEWABLE = ("standard", "normal", "emergency", "succeeded", "failed", "rolled-back")
"""What ``review_after`` may name: types and outcomes of changes."""


def read_policy(value: Any) -> Policy:
    """``[changes]``.

    :raises ValueError: saying what is wrong with it.
    """
    table = _table(value)
    known = {entry.name: _POLICY[entry.name] for entry in fields(Policy)}
    return Policy(**{name: _read(known, name, given) for name, given in table.items()})


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
    return MappingProxyType({name.strip().lower(): _read({name: _items}, name, given) for name, given in _table(value).items()})


def _template(number: int, value: Any) -> Template:
    table = _table(value)
    called = f"table {number} ({table.get('name', 'without a name')})"
    if missing := [name for name in ("name", "title") if name not in table]:
        raise ValueError(f"{called}: needs a name and a title, and has no {missing[0]}")
    try:
        values = {name: _read(_TEMPLATE, name, given) for name, given in table.items()}
        own = {name: values.pop(name) for name in _OWN if name in values}
        return Template(**own, details=MappingProxyType(values))
    except ValueError as error:
        raise ValueError(f"{called}: {error}") from error


def _read(known: Mapping[str, Callable[[Any], Any]], name: str, given: Any) -> Any:
    if name not in known:
        raise ValueError(f"has an unknown field {name!r}")
    try:
        return known[name](given)
    except (ValueError, TypeError, InvalidInput) as error:
        raise ValueError(f"{name} = {given!r} will not do: {error}") from error


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no table")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no text that says something")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError('it has to be a list of texts, even of one: ["…"]')
    return tuple(_text(entry) for entry in value)


def _length(value: Any) -> timedelta:
    return parse_duration(_text(value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("it is true or false")
    return value


def _one_of(words: type[_Word]) -> Callable[[Any], _Word]:
    def read(value: Any) -> _Word:
        try:
            return words(_text(value))
        except ValueError as error:
            raise ValueError(f"it is one of {', '.join(words)}") from error

    return read


def _word(words: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"it is one of {', '.join(words)}")
        return _text(value)

    return read


def _approvals(value: Any) -> Mapping[Level, int]:
    numbers = {_one_of(Level)(name): number for name, number in _table(value).items()}
    if any(isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 20 for number in numbers.values()):
        raise ValueError("these are numbers from 0 to 20")
    return MappingProxyType(numbers)


def _reviewed(value: Any) -> tuple[str, ...]:
    if unknown := [word for word in _texts(value) if word not in REVIEWABLE]:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(REVIEWABLE)}")
    return tuple(value)


def _items(value: Any) -> tuple[Item, ...]:
    if not isinstance(value, list):
        raise TypeError('it has to be a list of items, even of one: ["…"]')
    return tuple(_item(entry) for entry in value)


def _item(value: Any) -> Item:
    if isinstance(value, str):
        return Item(_text(value))
    readers: Mapping[str, Callable[[Any], Any]] = {"text": _text, "command": _text, "paths": _texts}
    if "text" not in _table(value) or value.keys() - readers.keys():
        raise ValueError(f"an item has a text, and perhaps a command or paths that prove it, and nothing else; this one is {value!r}")
    table = {name: _read(readers, name, given) for name, given in value.items()}
    return Item(**table)


_POLICY: Mapping[str, Callable[[Any], Any]] = {
    "approvals": lambda value: MappingProxyType({**APPROVALS, **_approvals(value)}),
    "approvals_by_risk": _approvals,
    "not_approved": _one_of(Stance),
    "separate_approver": _flag,
    "checklist_from": _one_of(Level),
    "unticked": _one_of(Stance),
    "rollback_target": _one_of(Stance),
    "rollback_target_from": _one_of(Level),
    "outside_window": _one_of(Stance),
    "outside_maintenance": _one_of(Stance),
    "in_freeze": _one_of(Stance),
    "conflicts": _one_of(Stance),
    "review_after": _reviewed,
    "review_within": _length,
}

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "paths": _texts,
    "affects": _texts,
    "impact": _word([level.value for level in Level]),
    "risk": _word([level.value for level in Level if level is not Level.NONE]),
    "category": _texts,
    "items": _items,
    "backout_time": _length,
    "downtime": _length,
}
_OWN: Mapping[str, Callable[[Any], Any]] = {"name": _text, "title": _text, "on": _texts, "duration": _length}
_TEMPLATE = {**_OWN, **{name: _READERS.get(name, _text) for name in TEMPLATE_DETAILS}}
