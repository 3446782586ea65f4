"""Whose configuration a path of a repository is, by the policy's patterns.

===============================  ==================  ===========================================================
pattern                          path                place
===============================  ==================  ===========================================================
``hosts/{host}/**``              hosts/w1/etc/fstab  host:w1, ``/etc/fstab``
``services/{service}/*.yaml``    services/shop/a.yaml  service:shop, some path that ends in ``a.yaml``
``haproxy/**`` on service:edge,  haproxy/a.cfg       service:edge, ``/etc/haproxy/a.cfg``
root ``/etc/haproxy``
``*.tf``                         main.tf             nobody's: a change whose globs name the path, or on ``all``
===============================  ==================  ===========================================================

A pattern begins at the repository's root; ``*`` does not cross ``/``, ``**`` does. One whose last name has no wildcard may name a folder: then
all that is in it belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from changelog_ledger.errors import InvalidTarget
from changelog_ledger.model import globs
from changelog_ledger.model.gate import POLICY_FILE, Configuration, GatePolicy, Place
from changelog_ledger.model.topology import Target, TargetKind

_CAPTURE = re.compile(r"\{(host|service)\}")
_WILD = re.compile(r"[*?\[{]")


def place_of(policy: GatePolicy, path: str) -> Place | None:
    """Whose configuration ``path`` is; None if it is none, or generated. The policy itself is configuration, of nobody in particular."""
    if path in (POLICY_FILE, policy.file):
        return Place((), inner=path)
    if any(_matches(glob, path) for glob in policy.generated):
        return None
    return next((place for entry in policy.config if (place := _placed(entry, path)) is not None), None)


def leads_to_configuration(policy: GatePolicy, path: str) -> bool:
    """Whether a folder at this path would hold configuration: a link or a submodule in its place brings what no edit shows.

    What lies below a pattern that begins with ``**`` cannot be told by its path.
    """
    parts = path.split("/")
    return any(_begins(entry.pattern.split("/"), parts) for entry in policy.config)


def _begins(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    pairs = list(zip(pattern[:-1], parts, strict=False))
    return len(pairs) == len(parts) and all(segment != "**" and _matches(segment, part) for segment, part in pairs)


def _matches(pattern: str, path: str) -> bool:
    return globs.matches("/" + _CAPTURE.sub("*", pattern), path)


def _placed(entry: Configuration, path: str) -> Place | None:
    if not _matches(entry.pattern, path):
        return None
    pattern, parts = entry.pattern.split("/"), path.split("/")
    names, behind = _named(pattern, parts)
    targets = tuple(target for kind, name in names.items() if (target := _target(kind, name)) is not None)
    if entry.on is not None:
        targets = (*targets, entry.on)
    inner = "/".join(parts[behind:])
    is_known = entry.root != "/" or any(target.kind is TargetKind.HOST for target in targets)
    return Place(targets, inner or parts[-1], f"{entry.root.rstrip('/')}/{inner}" if inner and is_known else "")


def _named(pattern: Sequence[str], parts: Sequence[str]) -> tuple[dict[str, str], int]:
    """The names that stand for the captures, and how many names of the path come before what follows them.

    Before a ``**`` a name is counted from the beginning, behind it from the end: the policy's reader lets no pattern in where neither will do.
    """
    names: dict[str, str] = {}
    behind = _literal(pattern, parts)
    for number, segment in enumerate(pattern):
        if found := _CAPTURE.search(segment):
            at = number if "**" not in pattern[:number] else len(parts) - (len(pattern) - number)
            names[found[1]] = parts[at][found.start() : len(parts[at]) - (len(segment) - found.end())]
            behind = at + 1
    return names, behind


def _literal(pattern: Sequence[str], parts: Sequence[str]) -> int:
    """How many names at the pattern's beginning are plain ones, without that of the file itself."""
    plain = next((number for number, segment in enumerate(pattern) if not segment or _WILD.search(segment)), len(pattern))
    return min(plain, len(parts) - 1)


def _target(kind: str, name: str) -> Target | None:
    """The target; None where the name can name none: then nothing but a change that names the path covers it."""
    try:
        return Target.host(name) if kind == "host" else Target.service(name)
    except InvalidTarget:
        return None
