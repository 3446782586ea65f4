"""The one list of formats. A format's module is imported when it is first used: reading ``/etc/hosts`` must not load a YAML parser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from changelog_ledger.errors import InvalidInput
from changelog_ledger.formats.grammar import Format

LINES = "lines"

_MODULES: Mapping[str, tuple[str, ...]] = {
    "accounts": ("passwd", "group", "shadow", "gshadow", "subid"),
    "blocks": ("nginx", "blocks"),
    "columns": ("hosts", "fstab", "services", "protocols"),
    "crontab": ("crontab", "user-crontab"),
    "ini": ("ini",),
    "json_documents": ("json",),
    "keyvalue": ("sshd", "ssh", "keyvalue"),
    "line_by_line": (LINES,),
    "properties": ("properties", "env"),
    "systemd": ("systemd",),
    "toml_documents": ("toml",),
    "yaml_documents": ("yaml",),
}
"""Module of this package: the formats that it holds in its ``FORMATS``."""

_HOME = {name: module for module, names in _MODULES.items() for name in names}


def known_formats() -> tuple[str, ...]:
    """The names that ``as_format`` takes, sorted."""
    return tuple(sorted(_HOME))


@cache
def format_named(name: str) -> Format:
    """The format called ``name``.

    :raises InvalidInput: if there is none; the hint lists those there are.
    """
    if name not in _HOME:
        raise InvalidInput(f"there is no format {name!r}", "known formats: " + ", ".join(known_formats()))
    formats: tuple[Format, ...] = import_module(f"changelog_ledger.formats.{_HOME[name]}").FORMATS
    return next(one for one in formats if one.name == name)
