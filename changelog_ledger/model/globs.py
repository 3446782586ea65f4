"""Globs over paths: which paths a change declares.

========================  ==================================================================================
glob                      covers
========================  ==================================================================================
``/etc/nginx/**``         everything below ``/etc/nginx``, and the directory itself: who makes files there may have to make it
``/etc/nginx``            that path and, if it is a directory, everything below it (no wildcard in the last name)
``/etc/nginx/*.conf``     names in that directory only: ``*``, ``?`` and ``[a-c]``, ``[!x]`` do not cross ``/``
``/etc/*/``               what is below any directory of ``/etc`` (a trailing slash names a directory)
``nginx/*.conf``          at any depth: a glob without a leading slash is a suffix, of a host path or a repository path
``@state/**``             the machine's state, and nothing else; no glob with a leading slash covers any of it, not even ``/**``
========================  ==================================================================================

A repository path (``hosts/web-01/etc/hosts``) is taken as if it began with ``/``: an absolute glob begins at the repository's root.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from changelog_ledger.model.state import is_state

_PIECE = re.compile(r"\*+|\?|\[!?\]?[^\]/]*\]|[^*?\[]+|\[")
_WILD = re.compile(r"[*?\[]")


def covers(globs: Iterable[str], path: str | None) -> bool:
    """Whether one of ``globs`` matches ``path``. No globs cover everything, and so does any glob where there is no path to speak of (None)."""
    globs = tuple(globs)
    return not globs or path is None or any(matches(glob, path) for glob in globs)


def declares(globs: Iterable[str], path: str | None) -> bool:
    """Whether a change that declares ``globs`` may alter ``path``: as :func:`covers`, and the machine's state unless a glob is about state.

    Who declares ``/etc/nginx/**`` says which files will change. That a package appears, or a port is listened on, is what such work is made for; who
    wants to be held to some of it declares ``@state/routes``.
    """
    globs = tuple(globs)
    speaks_of_state = path is None or not is_state(path) or any(is_state(glob) for glob in globs)
    return covers(globs, path) if speaks_of_state else True


def matches(glob: str, path: str) -> bool:
    """Whether one glob matches one path (see the table above)."""
    if is_state(path):
        return _compiled(glob).fullmatch("/" + path if not glob.startswith("/") and not is_state(glob) else path) is not None
    return _compiled(glob).fullmatch(path if path.startswith("/") else "/" + path) is not None


def any_of(globs: Iterable[str]) -> re.Pattern[str]:
    """One pattern whose ``fullmatch`` says of an absolute path whether any of ``globs`` covers it: for long lists that are asked often."""
    return re.compile("|".join(_compiled(glob).pattern for glob in globs) or "(?!)")


def literal(path: str) -> str:
    """The glob that matches this path and no other file, whatever signs are in its name."""
    return re.sub(r"[*?[]", r"[\g<0>]", path)


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    """A glob as a regular expression.

    Blocks between ``**`` and pieces between ``*`` are atomic groups: the leftmost fit of each is as good as any other, so no glob,
    however many stars it has, makes the matcher go back.
    """
    names_directory = glob.endswith("/")
    segments = [segment for segment in glob.split("/") if segment]
    if is_state(glob):  # such a path has no slash in front
        return re.compile("(?s:" + _blocks(segments).removeprefix("/") + _tail(segments, names_directory) + ")")
    if not glob.startswith("/"):
        segments.insert(0, "**")
    return re.compile("(?s:" + _blocks(segments) + _tail(segments, names_directory) + ")")


def _tail(segments: list[str], names_directory: bool) -> str:
    """What may follow the last segment: whatever is below it, where it names a directory (or may: a name without wildcards)."""
    if not segments:
        return "/.*"
    if segments[-1] == "**":
        return ""
    if not _WILD.search(segments[-1]):
        return "(?:/.*+)?"
    return "/.+" if names_directory else ""


def _blocks(segments: list[str]) -> str:
    """The segments joined; each run after a ``**`` is searched for at the leftmost place."""
    runs: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(segment)
    fixed = ["".join("/" + _segment(segment) for segment in run) for run in runs]
    if len(fixed) == 1:
        return fixed[0]
    middle = "".join(f"(?>(?:/[^/]++)*?{run}(?=/|$))" for run in fixed[1:-1] if run)
    last = f"(?:/[^/]++)*?{fixed[-1]}" if fixed[-1] else "(?:/.*+)?"
    return (fixed[0] + "(?=/|$)" if fixed[0] else "") + middle + last


def _segment(segment: str) -> str:
    """One name between slashes."""
    out = ""
    pending: str | None = None  # what follows the latest star, None before the first
    for piece in _PIECE.findall(segment):
        if piece.startswith("*"):
            out += f"(?>[^/]*?{pending})" if pending else ""
            pending = ""
        elif pending is None:
            out += _piece(piece)
        else:
            pending += _piece(piece)
    if pending is None:
        return out
    return f"{out}[^/]*{pending}" if pending else f"{out}[^/]*+"


def _piece(piece: str) -> str:
    """A literal, ``?`` or a character class."""
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and len(piece) > 2 and piece.endswith("]"):
        body = piece[1:-1]
        negated = body.startswith("!")
        inside = (body[1:] if negated else body).replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]").replace("^", r"\^")
        inside = re.sub(r"([&~|])(?=\1)", r"\\\1", inside)
        return _checked_class(f"[{'^/' if negated else ''}{inside}]", piece)
    return re.escape(piece)


def _checked_class(expression: str, written: str) -> str:
    """A class as it is, or the characters themselves where it is none (``[z-a]``)."""
    try:
        re.compile(expression)
    except re.error:
        return re.escape(written)
    return expression
