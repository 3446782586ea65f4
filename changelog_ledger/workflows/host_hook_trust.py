"""Who else than root could alter what root runs and writes to at every package run: they would be root.

Looked at are the home, the command, what its ``#!`` line calls (execve(2)), and every folder on the way to them, links followed as the host would.
A folder with the sticky bit that everybody may write to, as ``/tmp``, is not enough: what is not there yet, or was cleaned away, anybody makes.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from changelog_ledger.errors import InvalidInput
from changelog_ledger.reports.escape import shell_word
from changelog_ledger.settings import FILE_NAME
from changelog_ledger.workflows.host_hook_files import HostRoot
from changelog_ledger.workflows.host_hook_texts import SCRIPT, SEARCHED

_MOST_LINKS = 40
"""As path_resolution(7) has it."""

_MOST_INTERPRETERS = 4
"""An interpreter may be a script in turn (execve(2))."""

_OWN_CODE = str(Path(__file__).resolve().parents[1])

_ELSEWHERE = {
    "home": "make one where only root writes: sudo ledger --home /var/lib/changelog-ledger init",
    "command": "install it where only root writes: sudo python3 -m venv /opt/changelog-ledger; "
    "sudo /opt/changelog-ledger/bin/pip install changelog-ledger; then --command /opt/changelog-ledger/bin/ledger",
    "script": "the hooks cannot be there as long as others write there",
}


@dataclass(frozen=True, slots=True)
class Component:
    """One step on the way to a path.

    :ivar path: as the host has it, free of links.
    :ivar leads: it is a folder above, not what was asked for.
    """

    path: str
    owner: int
    mode: int
    leads: bool = True


@dataclass(frozen=True, slots=True)
class Weakness:
    """Somebody else than root could alter this.

    :ivar what: ``home``, ``command`` or ``script``: what it would let them alter.
    """

    what: str
    message: str
    hint: str


def refuse_weak(root: HostRoot, command: str, home: str) -> None:
    """Refuse what others than root could alter.

    :raises InvalidInput: naming the first component that is not root's alone, and what mends it.
    """
    for weakness in weaknesses(root, command, home):
        raise InvalidInput(weakness.message, weakness.hint)


def weaknesses(root: HostRoot, command: str, home: str) -> Iterator[Weakness]:
    """The first weak component of the script's, the home's and the command's.

    In an image that somebody else than root makes, the maker's own uid stands for root's; on the host that it becomes, the script looks again.

    :raises InvalidInput: if one may not look, or links lead in circles.
    """
    owners = frozenset({0} if root.top == Path("/") else {0, os.geteuid()})
    told: set[str] = set()
    for weakness in _every(root, command, home, owners):
        if weakness.what not in told:
            yield weakness
        told.add(weakness.what)


def components(root: HostRoot, path: str) -> Iterator[Component]:
    """The folders on the way to a path and what lies there, the outermost first, as far as there is anything; links are followed within the root.

    :raises InvalidInput: if one may not look, or links lead in circles.
    """
    here, ahead, links = "", path.split("/")[::-1], 0
    top = root.top.stat()
    yield Component("/", top.st_uid, top.st_mode)
    while ahead:
        name = ahead.pop()
        if name == "..":
            here = here.rpartition("/")[0]
        if name in ("", ".", ".."):
            continue
        found = _looked_at(root, f"{here}/{name}")
        if found is None:
            return
        if not stat.S_ISLNK(found.st_mode):
            here = f"{here}/{name}"
            yield Component(here, found.st_uid, found.st_mode, leads=any(ahead))
            continue
        links += 1
        if links > _MOST_LINKS:
            raise InvalidInput(f"the links on the way to {path} lead in circles", "name a path that leads somewhere")
        target = str(_place(root, f"{here}/{name}").readlink())
        here = "" if target.startswith("/") else here
        ahead.extend(target.split("/")[::-1])


# ---- what root relies on


def _relied_on(root: HostRoot, command: str, home: str) -> Iterator[tuple[str, str]]:
    yield "script", SCRIPT
    yield "home", home
    yield "home", f"{home}/{FILE_NAME}"
    called = tuple(dict.fromkeys(_called(root, command)))
    yield from (("command", path) for path in called)
    if root.top == Path("/") and sys.executable in called:
        yield "command", str(_OWN_CODE)


def _called(root: HostRoot, path: str, depth: int = 0) -> Iterator[str]:
    """A command, and what interprets it."""
    yield path
    if depth < _MOST_INTERPRETERS:
        for interpreter in _interpreters(root, _head(root, path)):
            yield from _called(root, interpreter, depth + 1)


def _interpreters(root: HostRoot, head: bytes) -> Iterator[str]:
    first, _, rest = head.partition(b"\n")
    words = os.fsdecode(first[2:]).split() if first.startswith(b"#!") else []
    if not words:
        return
    yield words[0]
    name = words[0].rpartition("/")[2]
    if name == "env":  # env(1): options, variables, then the command
        yield from _searched(root, next((word for word in words[1:] if not word.startswith("-") and "=" not in word), ""))
    if name in ("sh", "bash", "dash") and rest.startswith(b"'''exec'"):  # what pip writes where the interpreter's path is long or has blanks
        yield from _handed_on(os.fsdecode(rest.partition(b"\n")[0]))


def _searched(root: HostRoot, name: str) -> Iterator[str]:
    """Where a name would be found on the script's own path."""
    if "/" in name:
        yield name
    elif name:
        yield from (f"{folder}/{name}" for folder in SEARCHED.split(":") if root.has(f"{folder}/{name}"))


def _handed_on(line: str) -> Iterator[str]:
    try:
        words = shlex.split(line)
    except ValueError:
        return
    yield from (word for word in words[1:2] if word.startswith("/"))


def _head(root: HostRoot, path: str) -> bytes:
    """A file's beginning; nothing if there is none."""
    *_, last = components(root, path)
    if not stat.S_ISREG(last.mode):
        return b""
    try:
        with _place(root, last.path).open("rb") as stream:
            return stream.read(4096)
    except PermissionError as error:
        raise _unseen(_place(root, last.path)) from error


# ---- what is weak


def _every(root: HostRoot, command: str, home: str, owners: frozenset[int]) -> Iterator[Weakness]:
    for what, path in _relied_on(root, command, home):
        yield from _first_weak(root, what, path, owners)
    yield from _first_foreign_entry(root, home, owners)


def _first_weak(root: HostRoot, what: str, path: str, owners: frozenset[int]) -> Iterator[Weakness]:
    for component in components(root, path):
        why = _why_weak(component, owners)
        if why:
            yield Weakness(what, _message(root, what, path, component, why), _hint(root, what, component, owners))
            return


def _first_foreign_entry(root: HostRoot, home: str, owners: frozenset[int]) -> Iterator[Weakness]:
    """What lies in a home that was given to root, without all that is in it, is still somebody else's."""
    *_, last = components(root, home)
    if last.leads or not stat.S_ISDIR(last.mode):
        return
    try:
        entries = sorted(_place(root, last.path).iterdir())
    except PermissionError as error:
        raise _unseen(_place(root, last.path)) from error
    for entry in entries:
        owner = entry.lstat().st_uid
        if owner not in owners:
            yield Weakness(
                "home", f"{entry} belongs to uid {owner}, and root relies on what is in its home", f"sudo chown -R root: {_word(entry.parent)}"
            )
            return


def _why_weak(component: Component, owners: frozenset[int]) -> str:
    if component.owner not in owners:
        return f"belongs to uid {component.owner}"
    if component.mode & (stat.S_IWGRP | stat.S_IWOTH):
        whom = "everybody" if component.mode & stat.S_IWOTH else "its group"
        return f"can be written by {whom} (mode {stat.S_IMODE(component.mode):04o})"
    return ""


def _message(root: HostRoot, what: str, path: str, component: Component, why: str) -> str:
    place = _place(root, component.path)
    relied = "" if component.path == path else f"{what} {path}: "
    return f"{relied}{place} {why}: somebody else than root could alter what root does at every package run"


def _hint(root: HostRoot, what: str, component: Component, owners: frozenset[int]) -> str:
    """What mends it. A folder above may be needed by those who write there: a ``/tmp`` that is root's alone is of no use."""
    if component.mode & stat.S_ISVTX and component.owner in owners:
        return _ELSEWHERE[what]
    place = _word(_place(root, component.path))
    whole = "-R " if what == "home" and not component.leads else ""
    mends = [f"sudo chown {whole}root: {place}"] if component.owner not in owners else []
    if component.mode & (stat.S_IWGRP | stat.S_IWOTH):
        mends.append(f"sudo chmod go-w {place}")
    mend = "; ".join(mends)
    return f"{_ELSEWHERE[what]}; or, if nobody else needs that folder: {mend}" if component.leads and component.owner not in owners else mend


def _looked_at(root: HostRoot, path: str) -> os.stat_result | None:
    place = _place(root, path)
    try:
        return place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise _unseen(place) from error


def _unseen(place: Path) -> InvalidInput:
    return InvalidInput(f"you may not look at {place}, so nobody can tell whose it is", "run it with sudo")


def _place(root: HostRoot, path: str) -> Path:
    return root.top / path.lstrip("/")


def _word(place: Path) -> str:
    return shell_word(str(place))
