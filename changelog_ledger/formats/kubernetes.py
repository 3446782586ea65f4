"""Kubernetes objects by kind, namespace and name, wherever they stand: each in a document of its own, or in the ``items`` of a ``List``.

What is in the key is not in the tree again, so that an object with another name is one difference: ``Deployment/shop/web`` became
``Deployment/shop/www``. A cluster knows objects by nothing else (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from changelog_ledger.formats.grammar import Parsed, moved
from changelog_ledger.model.document import KeyPath, Node

_ITEMS = "items"
_NAME: KeyPath = ("metadata", "name")
_NAMING: frozenset[KeyPath] = frozenset({("kind",), ("metadata", "namespace"), _NAME})


def object_name(root: Node) -> str:
    """``kind/namespace/name`` of a Kubernetes object, empty for anything else."""
    metadata = root.get("metadata") if isinstance(root, dict) and "apiVersion" in root else None
    if not isinstance(root, dict) or not isinstance(metadata, dict):
        return ""
    parts = [root.get("kind"), *([metadata["namespace"]] if "namespace" in metadata else []), metadata.get("name")]
    names = [part for part in parts if isinstance(part, str) and part and "/" not in part]
    return "/".join(names) if len(names) == len(parts) else ""


def _kind(root: Node) -> str:
    kind = root.get("kind", "") if isinstance(root, dict) and "apiVersion" in root else ""
    return kind if isinstance(kind, str) else ""


def objects_by_name(documents: Sequence[Parsed]) -> Parsed | None:
    """The documents as a dict of objects, even a single one, so that a second object in a file changes nothing for the first.

    Among several, one without a name (``ClusterConfiguration``, ``RoleList``) is known by its kind. Documents without content (``---`` twice) are
    left out; None unless all others are such objects, none of them twice.
    """
    objects = [with_items_by_name(document) for document in documents if document.root != ""]
    names = [object_name(document.root) or (_kind(document.root) if len(objects) > 1 else "") for document in objects]
    if not names or not all(names) or len(set(names)) < len(names):
        return None
    nameless = [
        Parsed(_without_name(document.root), _lines(document.lines), document.aliases) if "/" in name else document
        for name, document in zip(names, objects, strict=True)
    ]
    return together({name: document.root for name, document in zip(names, nameless, strict=True)}, names, nameless)


def together(root: Node, steps: Sequence[str | int], documents: Sequence[Parsed]) -> Parsed:
    """Several documents as one, with ``root``, in which each stands at its step."""
    placed = list(zip(steps, documents, strict=True))
    lines = {(step, *path): line for step, document in placed for path, line in document.lines.items()}
    return Parsed(root, lines, {(step, *path): (step, *origin) for step, document in placed for path, origin in document.aliases.items()})


def with_objects_by_name(document: Parsed) -> Parsed:
    """A document that is an object, or a ``List`` of them, with its objects by name; any other as it is."""
    return objects_by_name([document]) or with_items_by_name(document)


def with_items_by_name(document: Parsed) -> Parsed:
    """A ``List`` (``kubectl get -o yaml``) with its items as a dict; any other document as it is."""
    root = document.root
    items = root.get(_ITEMS) if isinstance(root, dict) and "apiVersion" in root else None
    names = _names(items) if isinstance(items, list) else []
    if not isinstance(root, dict) or not isinstance(items, list) or not names:
        return document
    by_name: dict[str, Node] = {name: _without_name(item) for name, item in zip(names, items, strict=True)}
    without = Parsed(root, _lines(document.lines, [(_ITEMS, place) for place in range(len(items))]), document.aliases)
    return moved(without, {**root, _ITEMS: by_name}, lambda path: _by_name(path, names))


def _names(roots: Sequence[Node]) -> list[str]:
    """Their names, none unless each is an object with a name of its own."""
    names = [object_name(root) for root in roots]
    return names if all(names) and len(set(names)) == len(names) else []


def _by_name(path: KeyPath, names: Sequence[str]) -> KeyPath:
    if len(path) > 1 and path[0] == _ITEMS and isinstance(path[1], int):
        return (_ITEMS, names[path[1]], *path[2:])
    return path


def _without_name(root: Node) -> Node:
    metadata = root.get("metadata") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(metadata, dict):
        return root
    others = {key: value for key, value in metadata.items() if key not in ("name", "namespace")}
    return {key: others if key == "metadata" else value for key, value in root.items() if key != "kind"}


def _lines(lines: Mapping[KeyPath, int], objects: Sequence[KeyPath] = ((),)) -> dict[KeyPath, int]:
    """The lines without those of what has gone into the keys of the ``objects``; these are now where the names are written."""
    kept = dict(lines)
    for path in objects:
        for naming in _NAMING:
            line = kept.pop((*path, *naming), None)
            if naming == _NAME and line is not None:
                kept[path] = line
    return kept
