"""Globs over key paths as differences show them: ``**/serial``, ``items[*]/updated_at``, ``metadata/managedFields/**``.

========  ==================================================================================================
glob      fits
========  ==================================================================================================
``*``     any part of one step, quoted or not, or of one name in brackets
``**``    any number of steps; ``**/x`` is ``x`` at any depth, ``x/**`` is ``x`` and everything in it
``/``     the separator of steps, whatever the format writes there: ``/`` or ``.``
========  ==================================================================================================

Everything else, brackets included, means itself.
"""

from __future__ import annotations

import re

_PIECES = re.compile(r"\*\*/|/\*\*\Z|\*\*|\*|\[[^\[\]]*\]|/|[^*/\[]+|\[")
_QUOTED = r'"(?:\\.|[^"\\])*+"'
_PATTERNS = {
    "**/": r"(?:.*[/.])?",
    "/**": r"(?:[/.\[].*)?",
    "**": ".*",
    "*": rf"(?:{_QUOTED}|[^/.\[\]]*)",
    "/": "[/.]",
}


def key_pattern(glob: str) -> str:
    """A regular expression whose ``fullmatch`` says of a key whether ``glob`` fits it."""
    return "(?s:" + "".join(_pattern(piece) for piece in _PIECES.findall(glob)) + ")"


def _pattern(piece: str) -> str:
    """Within brackets a star takes whatever stands in a name: it may hold separators."""
    if piece.startswith("[") and piece.endswith("]"):
        inside = rf"(?:{_QUOTED}|[^\[\]]*)".join(re.escape(literal) for literal in re.split(r"\*+", piece[1:-1]))
        return rf"\[{inside}\]"
    return _PATTERNS.get(piece) or re.escape(piece)
