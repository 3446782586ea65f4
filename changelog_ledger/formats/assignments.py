"""Lists of assignments as dicts: ``environment: [A=b]`` of Compose is ``environment: {A: b}``, and reads ``environment.A``.

Compose takes both spellings for these keys (https://docs.docker.com/reference/compose-file/services/), ``docker inspect`` and the OCI runtime
specification write ``Env`` and ``env`` as such lists.
"""

from __future__ import annotations

import re

from changelog_ledger.formats.grammar import Parsed, moved
from changelog_ledger.formats.written import text_as_written
from changelog_ledger.model.document import KeyPath, Node

_LISTS = frozenset({"environment", "labels", "annotations", "sysctls", "env", "Env"})
_ARGUMENTS = ("build", "args")
_ASSIGNMENT = re.compile(r"([A-Za-z_][\w./-]*)(?:=(.*))?", re.DOTALL)


def with_assignments(parsed: Parsed) -> Parsed:
    """The tree, with a dict for each such list whose items are all assignments (or bare names), none of them twice.

    A name without a value has an empty text, one with an empty value the text ``""``: the former is taken from elsewhere.
    """
    names: dict[KeyPath, list[str]] = {}
    root = _walk(parsed.root, (), names)
    if not names:
        return parsed
    return moved(parsed, root, lambda path: _renamed(path, names))


def _renamed(path: KeyPath, names: dict[KeyPath, list[str]]) -> KeyPath:
    if path and path[:-1] in names and isinstance(path[-1], int):
        return (*path[:-1], names[path[:-1]][path[-1]])
    return path


def _walk(node: Node, path: KeyPath, names: dict[KeyPath, list[str]]) -> Node:
    if isinstance(node, dict):
        return {key: _walk(value, (*path, key), names) if not isinstance(value, str) else value for key, value in node.items()}
    if isinstance(node, str):
        return node
    if path and (path[-1] in _LISTS or path[-2:] == _ARGUMENTS):
        assigned = _assigned(node)
        if assigned:
            names[path] = list(assigned)
            return dict(assigned)
    return [_walk(item, (*path, index), names) if not isinstance(item, str) else item for index, item in enumerate(node)]


def _assigned(items: list[Node]) -> dict[str, str]:
    """The assignments by name; none if an item is something else, a name comes twice, or nothing is assigned."""
    found = [_ASSIGNMENT.fullmatch(item) for item in items if isinstance(item, str)]
    values = {one[1]: "" if one[2] is None else text_as_written(one[2], lambda text: not text) for one in found if one}
    return values if len(values) == len(items) and any(one and one[2] is not None for one in found) else {}
