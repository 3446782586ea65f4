"""What is asked of a restore: which paths of which snapshot, and where to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from posixpath import dirname

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.snapshot import FileEntry, FileType, Snapshot
from changelog_ledger.model.state import is_state
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.paths import ancestors, is_within_one_of, joined

_MOST_LINKS = 40  # as the kernel, path_resolution(7)


@dataclass(frozen=True)
class Wanted:
    """What is to be restored.

    :ivar paths: absolute host paths of files and folders.
    :ivar covers: says of a path at or below them whether it is meant.
    :ivar root: the directory that stands for ``/``.
    :ivar is_copy: whether ``root`` is a place to look at the files, and not the host itself.
    :ivar delete: remove what did not exist then.
    :ivar privileged: restore setuid, setgid and file capabilities.
    """

    snapshot: Snapshot
    paths: tuple[str, ...]
    root: str
    is_copy: bool = False
    delete: bool = False
    privileged: bool = False
    covers: Callable[[str], bool] = lambda _path: True


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths in their order, without those that lie at or below another one."""
    unique = dict.fromkeys(paths)
    return tuple(path for path in unique if path == "/" or not is_within_one_of(dirname(path), unique))


def checked(path: str) -> str:
    """A path as somebody typed it, without doubled and trailing slashes.

    :raises InvalidInput: if it is not absolute, is ``/`` itself, has ``..`` or a NUL, or is of the machine's state.
    """
    if is_state(path):
        raise InvalidInput(
            f"{path} is the state of the machine at that time, and no file that could be written back",
            "to see it: ledger cat HOST " + path + " --at TIME; to bring it back, restore the files that made it so",
        )
    steps = [step for step in path.split("/") if step not in ("", ".")]
    if not path.startswith("/") or ".." in steps or "\0" in path or not steps:
        raise InvalidInput(f"cannot restore {path!r}", "name the absolute path of a file or folder below /, without '..': /etc/nginx")
    return "/" + "/".join(steps)


def known_then(manifest: CommittedManifest, paths: Collection[str]) -> frozenset[str]:
    """Those of ``paths`` at or below which a snapshot has something."""
    tops = frozenset(paths)
    holding = {above for directory in manifest.directories() for above in (directory, *ancestors(directory))}
    return frozenset(path for path in tops if path in holding or manifest.entry(path) is not None)


def was_absent(manifest: CommittedManifest, path: str) -> bool:
    """Whether a snapshot shows that there was nothing at ``path``: its directory was listed then, or was itself not there."""
    above = dirname(path)
    if above == path:
        return False
    entry = manifest.entry(above)
    if entry is not None and entry.type is not FileType.DIRECTORY:
        return entry.type is not FileType.UNKNOWN  # below a file there is nothing
    if entry is not None:
        return entry.skipped is None
    return not manifest.directory(above) and was_absent(manifest, above)


def resolved_then(manifest: CommittedManifest, path: str, text_of: Callable[[FileEntry], bytes]) -> str:
    """``path`` with the links that stood on its way then replaced, the last component left as it is: a snapshot knows ``/lib/x`` as ``/usr/lib/x``.

    :param text_of: gives the text of a link in which the manifest has masked a secret; raises :class:`LedgerError` where it cannot.
    :raises InvalidInput: if the links led in a circle.
    """
    done, waiting, links = "/", path.strip("/").split("/"), 0
    while len(waiting) > 1:
        step = waiting.pop(0)
        if step in ("", "."):
            continue
        here = dirname(done) if step == ".." else joined(done, step)
        entry = None if step == ".." else manifest.entry(here)
        if entry is None or entry.type is not FileType.SYMLINK:
            done = here
            continue
        links += 1
        if links > _MOST_LINKS:
            raise InvalidInput(f"the links on the way to {path} led in a circle", f"restore the link itself: {here}")
        target = os.fsdecode(text_of(entry)) if entry.redacted else entry.link_to
        done = "/" if target.startswith("/") else done
        waiting = [*target.strip("/").split("/"), *waiting]
    return joined(done, waiting[0])
