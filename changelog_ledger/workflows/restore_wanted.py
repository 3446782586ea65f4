"""What is asked of a restore: which paths of which snapshot, and where to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from posixpath import dirname

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.snapshot import FileType, Snapshot
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.paths import is_within, joined

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
    unique = tuple(dict.fromkeys(paths))
    return tuple(path for path in unique if not any(is_within(path, other) for other in unique if other != path))


def ancestors(path: str) -> Iterator[str]:
    """The directories above a path, the nearest first, without the root."""
    directory = dirname(path)
    while directory != "/":
        yield directory
        directory = dirname(directory)


def checked(path: str) -> str:
    """A path as somebody typed it, without doubled and trailing slashes.

    :raises InvalidInput: if it is not absolute, is ``/`` itself, or has ``..`` or a NUL.
    """
    steps = [step for step in path.split("/") if step not in ("", ".")]
    if not path.startswith("/") or ".." in steps or "\0" in path or not steps:
        raise InvalidInput(f"cannot restore {path!r}", "name the absolute path of a file or folder below /, without '..': /etc/nginx")
    return "/" + "/".join(steps)


def resolved_then(manifest: CommittedManifest, path: str) -> str:
    """``path`` with the links that stood on its way then replaced, the last component left as it is: a snapshot knows ``/lib/x`` as ``/usr/lib/x``.

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
        done = "/" if entry.link_to.startswith("/") else done
        waiting = [*entry.link_to.strip("/").split("/"), *waiting]
    return joined(done, waiting[0])
