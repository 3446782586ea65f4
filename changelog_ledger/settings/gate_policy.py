"""``.changelog-ledger.toml`` of a repository (or ``[tool.changelog-ledger]`` of its ``pyproject.toml``) becomes a frozen :class:`GatePolicy`.

Whatever is not known is refused by name: a typo must not open the gate.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from changelog_ledger.errors import InvalidInput, SettingsError
from changelog_ledger.model.change import OPEN, Status
from changelog_ledger.model.gate import POLICY_FILE, PYPROJECT, Actor, Away, Configuration, GatePolicy, Merges, Stand, Trailer
from changelog_ledger.model.topology import Target
from changelog_ledger.settings.readers import as_table, as_text, as_texts, one_of, read_field, shown

LARGEST = 256 * 1024
"""Bytes of a policy file: it is read from a repository that anybody may have written."""

_MOST_PATTERNS = 500
_LONGEST_PATTERN = 1_000
_CAPTURE = re.compile(r"\{(host|service)\}")
_KEY = re.compile(r"ed25519:[A-Za-z0-9+/]{43}=")


def read_gate_policy(name: str, content: bytes) -> GatePolicy | None:
    """The policy that a file holds; None if it says nothing of a gate.

    :param name: the file's name, ``.changelog-ledger.toml`` or ``pyproject.toml``; and what errors call it.
    :raises SettingsError: naming the file, the key and what is allowed.
    """
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of more digits than Python reads
        raise SettingsError(f"{name} is not TOML: {error}", "correct it and stage it: git add " + name) from error
    try:
        return _policy(document, name)
    except (ValueError, TypeError, RecursionError) as error:
        raise SettingsError(f"{name}: {error}", "what [gate] may hold: docs/reference/gate.md") from error


def _policy(document: Mapping[str, Any], name: str) -> GatePolicy | None:
    if name == PYPROJECT:
        document = as_table(as_table(document.get("tool", {})).get("changelog-ledger", {}))
    if unknown := sorted(document.keys() - {"gate"}):
        raise ValueError(f"has an unknown key {shown(unknown[0])}; it holds [gate] and nothing else")
    if "gate" not in document:
        return None
    table = as_table(document["gate"])
    return GatePolicy(**{key: read_field(_GATE, key, given) for key, given in table.items()}, file=name)


def _configurations(value: Any) -> tuple[Configuration, ...]:
    if not isinstance(value, list):
        raise TypeError('it has to be a list of patterns, even of one: ["hosts/{host}/**"]')
    if len(value) > _MOST_PATTERNS:
        raise ValueError(f"these are more than {_MOST_PATTERNS:,} patterns")
    return tuple(_configuration(entry) for entry in value)


def _configuration(value: Any) -> Configuration:
    if isinstance(value, str):
        return Configuration(pattern(value))
    table = as_table(value)
    if "paths" not in table:
        raise ValueError(f"a table has paths, and perhaps on and root; this one is {shown(value)}")
    fields = {key: read_field(_CONFIGURATION, key, given) for key, given in table.items()}
    return Configuration(fields.pop("paths"), **fields)


def pattern(value: Any) -> str:
    """A glob of paths in a repository, perhaps with ``{host}`` and ``{service}``.

    :raises ValueError: if it leaves the repository, or does not say plainly which part of a path is the name.
    """
    text = as_text(value)
    if wrong := _what_is_wrong(text):
        raise ValueError(f"{shown(text)}: {wrong}")
    return text


def _what_is_wrong(text: str) -> str:
    segments = text.split("/")
    *folders, last = segments
    captures = _CAPTURE.findall(text)
    if len(text) > _LONGEST_PATTERN:
        return f"it is longer than {_LONGEST_PATTERN:,} characters"
    if text.startswith("/") or {"", ".", ".."} & {*folders} or last in (".", "..") or {"\\", "\0"} & {*text}:
        return "a pattern is relative to the repository's root and stays below it: hosts/{host}/**"
    if len(set(captures)) != len(captures) or any(len(_CAPTURE.findall(segment)) > 1 for segment in segments):
        return "{host} and {service} may stand once each, and in one name between slashes only one of them"
    return next((wrong for number in range(len(segments)) if (wrong := _wrong_name(segments, number))), "")


def _wrong_name(segments: list[str], number: int) -> str:
    """What is wrong with one name of a pattern.

    Behind a ``**`` a name is counted from the end of a path, so what follows it has to be of one length.
    """
    around = _CAPTURE.sub("", segments[number])
    is_capture = around != segments[number]
    if "{" in around or "}" in around or (is_capture and any(sign in around for sign in "*?[")):
        return "beside {host} or {service} a name holds plain characters: hosts/{host}/**, {service}.yaml; other braces mean nothing"
    if not is_capture or "**" not in segments[:number]:
        return ""
    if "**" in segments[number + 1 :]:
        return "between two ** nobody can tell which name is meant"
    if not any(sign in segments[-1] for sign in "*?[{"):
        return "behind ** and a {host} the last name may be a folder, so nobody can tell which name is meant: end it in /*"
    return ""


def _target(value: Any) -> Target:
    return Target.parse(as_text(value))


def _root(value: Any) -> str:
    text = as_text(value)
    if not text.startswith("/") or {".", ".."} & {*text.split("/")} or "//" in text or {"\\", "\0"} & {*text}:
        raise ValueError("the root is a folder on the host, with its whole path: /etc/haproxy")
    return text


def _statuses(value: Any) -> tuple[Status, ...]:
    if unknown := [word for word in as_texts(value) if word not in tuple(OPEN)]:
        raise ValueError(f"{shown(unknown[0])} is none of {', '.join(OPEN)}")
    return tuple(Status(word) for word in value)


def _covering(value: Any) -> tuple[Status, ...]:
    if not (statuses := _statuses(value)):
        raise ValueError("nothing would ever be covered")
    return statuses


def _people(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((as_text(name), as_text(actor)) for name, actor in as_table(value).items())


def _globs(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and len(value) > _MOST_PATTERNS:
        raise ValueError(f"these are more than {_MOST_PATTERNS:,} patterns")
    return tuple(pattern(entry) for entry in as_texts(value))


def _keys(value: Any) -> tuple[str, ...]:
    if wrong := [key for key in as_texts(value) if not _KEY.fullmatch(key)]:
        raise InvalidInput(f"{shown(wrong[0])} is no key: ed25519: and 44 characters, as 'ledger hook grant' prints it")
    return tuple(value)


_CONFIGURATION: Mapping[str, Callable[[Any], Any]] = {"paths": pattern, "on": _target, "root": _root}
_GATE: Mapping[str, Callable[[Any], Any]] = {
    "config": _configurations,
    "generated": _globs,
    "covered_by": _covering,
    "within_window": _statuses,
    "actor": one_of(Actor),
    "people": _people,
    "exempt_authors": as_texts,
    "merges": one_of(Merges),
    "reverts": one_of(Stand),
    "comments_only": one_of(Stand),
    "format_only": one_of(Stand),
    "trailer": one_of(Trailer),
    "when_away": one_of(Away),
    "grant_keys": _keys,
}

POLICY_FILES = (POLICY_FILE, PYPROJECT)
"""Where a policy may stand; the first that holds one counts."""
