"""Globs over host paths, compiled once for a whole walk."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

PathTest = Callable[[str, str], bool]
"""Takes an absolute host path and its last component; says whether a pattern matches."""

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\]|.", re.DOTALL)
_TRANSLATED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def path_test(patterns: Sequence[str]) -> PathTest:
    """A test whether any of ``patterns`` matches a path as a whole.

    ``*`` and ``?`` stay within a component, ``**`` crosses any number, ``[a-z]`` and ``[!a-z]`` are classes. A pattern without a slash
    (``*.swp``) or one that begins with ``**/`` and has no further slash looks at the last component only.
    """
    names = [pattern.removeprefix("**/") for pattern in patterns if "/" not in pattern.removeprefix("**/")]
    paths = [pattern for pattern in patterns if "/" in pattern.removeprefix("**/")]
    name_matches = _expression(names).fullmatch
    path_matches = _expression([pattern if pattern.startswith(("/", "**")) else "**/" + pattern for pattern in paths]).fullmatch
    if not paths:  # by far the most common, and half the price
        return lambda _path, name: name_matches(name) is not None
    return lambda path, name: name_matches(name) is not None or path_matches(path) is not None


def escaped(path: str) -> str:
    """The pattern that matches this path only."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def is_glob(path: str) -> bool:
    """Whether ``path`` holds a wildcard."""
    return any(character in path for character in "*?[")


def _expression(patterns: Sequence[str]) -> re.Pattern[str]:
    if not patterns:
        return re.compile(r"(?!)")  # matches nothing
    return re.compile("|".join(f"(?:{_translated(pattern)})" for pattern in patterns), re.DOTALL)


def _translated(pattern: str) -> str:
    return "".join(_translated_token(token) for token in _TOKEN.findall(pattern))


def _translated_token(token: str) -> str:
    if token in _TRANSLATED:
        return _TRANSLATED[token]
    if token.startswith("[") and len(token) > 2:
        negated = token[1] in "!^"
        members = token[2 if negated else 1 : -1].replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]").replace("^", r"\^")
        return f"[{'^/' if negated else ''}{members}]"
    return re.escape(token)
