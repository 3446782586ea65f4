"""Host paths and where they lie in a commit's tree.

``/etc/nginx/nginx.conf`` lies at ``etc/nginx/nginx.conf``. A component that git treats as its own (``.git`` in any spelling that some file
system takes for it, ``.gitmodules`` …), a top-level ``.ledger``, and one that begins with ``%`` has its first byte written as ``%XX``:
``/srv/.git/config`` lies at ``srv/%2Egit/config``. So every path has exactly one place and every place one path.

What is no file of the host but its state (:mod:`changelog_ledger.model.state`) has a path without a slash in front, and lies where that says:
``@state/routes``. A folder of the host that is really called ``/@state`` lies at ``%40state``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.state import STATE, is_state

MANIFESTS = b".ledger/manifest"
SEALED = b".ledger/sealed"
_MANIFEST_FILE = b"=manifest"
_STATE = STATE.encode()

# Nearly every path is plain; only one that matches here is looked at component by component.
_SUSPECT = re.compile(rb"[%~\0\x80-\xff]|//|/\.{0,2}(?:/|\Z)|\.[gG]|\A/\.[lL]|\A/@")
_ESCAPED = re.compile(rb"%([0-9A-F]{2})")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")


def tree_path(host_path: str) -> bytes:
    """Where a file of the host, or a part of its state, lies in the tree.

    :raises InvalidInput: if it is not absolute, is ``/`` itself, or has an empty, ``.`` or ``..`` component or a NUL.
    """
    raw = os.fsencode(host_path)
    if is_state(host_path):
        return b"/".join(_escaped(component, top=False) for component in _components(b"/" + raw, host_path))
    if not _SUSPECT.search(raw) and raw.startswith(b"/"):
        return raw[1:]
    if not raw.startswith(b"/"):
        raise _refused(host_path)
    return b"/".join(_escaped(component, top=not index) for index, component in enumerate(_components(raw, host_path)))


def host_path(path: bytes) -> str:
    """The inverse of :func:`tree_path`."""
    ahead = "" if path == _STATE or path.startswith(_STATE + b"/") else "/"
    if b"%" not in path:
        return ahead + os.fsdecode(path)
    return ahead + os.fsdecode(b"/".join(map(_unescaped, path.split(b"/"))))


def manifest_path(directory: str) -> bytes:
    """Where the manifest of one directory of the host lies; ``/`` has one too.

    A directory that is itself called ``=manifest`` (anything that begins with ``=``) is escaped, so that it collides with no manifest.
    """
    if directory == "/":
        return MANIFESTS + b"/" + _MANIFEST_FILE
    components = tree_path(directory).split(b"/")
    return b"/".join((MANIFESTS, *(_hidden(component) if component[:1] == b"=" else component for component in components), _MANIFEST_FILE))


def manifest_directory(path: bytes) -> str | None:
    """The host directory whose manifest lies at ``path``, None if it is no manifest."""
    if not path.startswith(MANIFESTS + b"/") or not path.endswith(b"/" + _MANIFEST_FILE):
        return None
    return host_path(path[len(MANIFESTS) + 1 : -len(_MANIFEST_FILE)].removesuffix(b"/"))


def sealed_path(host_path: str) -> bytes:
    """Where the sealed original of a file lies."""
    return SEALED + b"/" + tree_path(host_path)


def split(path: str) -> tuple[str, str]:
    """Directory and name. ``/`` is the nameless entry of itself."""
    directory, _, name = path.rpartition("/")
    return directory or "/", name


def joined(directory: str, name: str) -> str:
    """The inverse of :func:`split`."""
    return f"/{name}" if directory == "/" else f"{directory}/{name}"


def is_within(path: str, top: str) -> bool:
    """Whether ``path`` is ``top`` or lies below it; the machine's state does not lie below ``/``."""
    return path == top or (top == "/" and path.startswith("/")) or path.startswith(top + "/")


def ancestors(path: str) -> Iterator[str]:
    """The directories above a path, the nearest first, without the root."""
    directory, _ = split(path)
    while directory != "/":
        yield directory
        directory, _ = split(directory)


def is_within_one_of(path: str, tops: Container[str]) -> bool:
    """The same for many: asks once for each directory above ``path``, however many ``tops`` there are."""
    while path not in tops:
        if path in ("/", STATE):
            return False
        path = split(path)[0]
    return True


def _escaped(component: bytes, *, top: bool) -> bytes:
    # HFS+ ignores some characters that are no ASCII, NTFS knows files by short names such as git~1 (CVE-2014-9390).
    folded = _NOT_ASCII.sub(b"", component).lower()
    is_gits_own = folded.startswith(b".git") or (folded.startswith(b"gi") and b"~" in folded)
    if is_gits_own or component.startswith(b"%") or (top and folded in (b".ledger", _STATE)):
        return _hidden(component)
    return component


def _components(raw: bytes, written: str) -> list[bytes]:
    """The names of an absolute path."""
    components = raw[1:].split(b"/")
    if any(component in (b"", b".", b"..") or b"\0" in component for component in components):
        raise _refused(written)
    return components


def _hidden(component: bytes) -> bytes:
    return b"%%%02X" % component[0] + component[1:]


def _unescaped(component: bytes) -> bytes:
    code = _ESCAPED.match(component)
    return bytes.fromhex(code[1].decode()) + component[3:] if code else component


def _refused(path: str) -> InvalidInput:
    return InvalidInput(f"{path!r} is no absolute path of a file", "write it from / on, without empty, '.' and '..' components")
