"""Key paths as people write them: ``http/server[shop.example]/listen``, ``services.web.image``, ``containers[nginx].image``, ``routes[2]``."""

from __future__ import annotations

import json
import re

from changelog_ledger.model.document import KeyPath, Node

_SEPARATORS = {"path": "/", "structured": "/", "dotted": "."}
_NEEDS_QUOTES = re.compile(r'[\[\]\x00-\x1f\x7f]|^[\s"]|\s$|^$')
_LOOKS_LIKE_A_PLACE = re.compile(r"\d+")


def key_text(path: KeyPath, names: tuple[str | None, ...], style: str) -> str | None:
    """A key path in one text, from which it can be told apart from every other.

    :param names: for each step the name of a list item, or None.
    :param style: a document's ``key_style``.
    :returns: None for the root. Keys that hold the separator or a bracket, or begin with a quote, are quoted as in JSON.
    """
    separator = _SEPARATORS[style]
    pieces = [_step(step, name, separator) for step, name in zip(path, names, strict=True)]
    return "".join(pieces).removeprefix(separator) if pieces else None


def _step(step: str | int, name: str | None, separator: str) -> str:
    if isinstance(step, int):
        return f"[{step if name is None else _name(name)}]"
    quoted = separator in step or _NEEDS_QUOTES.search(step)
    return separator + (json.dumps(step, ensure_ascii=False) if quoted else step)


def _name(name: str) -> str:
    """A name that could be taken for a place is quoted: ``[2]`` is the third item, ``["2"]`` the one called 2."""
    return json.dumps(name, ensure_ascii=False) if _NEEDS_QUOTES.search(name) or _LOOKS_LIKE_A_PLACE.fullmatch(name) else name


def node_at(root: Node, path: KeyPath) -> Node:
    """What is at a path; a step to an item of a list that is none here (written once, it is a lone value or a lone block) is passed over."""
    node = root
    for step in path:
        if isinstance(step, str):
            node = node[step] if isinstance(node, dict) else node
        elif isinstance(node, list):
            node = node[step]
    return node
