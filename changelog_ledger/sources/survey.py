"""The first half of a capture: which paths there are, by one ``lstat`` each. No file is opened.

A survey of 20,000 paths has to cost less than ``git status``, so it keeps plain tuples in plain dicts, one dict a directory: a directory
in which nothing happened is then recognised by a single comparison of two dicts.
"""

from __future__ import annotations

import errno
import glob
import os
import posixpath
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType

from changelog_ledger.errors import InvalidInput, SnapshotError
from changelog_ledger.model.temporaries import is_temporary
from changelog_ledger.sources.patterns import PathTest, is_glob, path_test

Signature = tuple[int, int, int, int, int, int, int]
"""``mtime_ns, ctime_ns, size, inode, mode, uid, gid`` of an ``lstat``. While it is the same (and old enough), so is the content."""

Signatures = Mapping[str, Mapping[str, Signature]]
"""Signatures by directory and name."""

signature_of: Callable[[os.stat_result], Signature] = attrgetter("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino", "st_mode", "st_uid", "st_gid")

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_PSEUDO = frozenset(
    (
        *("proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "tracefs", "debugfs", "securityfs", "configfs", "pstore", "bpf"),
        *("mqueue", "hugetlbfs", "efivarfs", "binfmt_misc", "fusectl", "rpc_pipefs", "nsfs", "autofs"),
    )
)
_TYPE_BITS = 0o170000
_MOST_LINKS = 40  # as the kernel, path_resolution(7)


@dataclass(frozen=True, slots=True)
class Survey:
    """What is there, as of one walk.

    :ivar root: the directory that was taken for ``/``.
    :ivar directories: signatures by host directory and name. A directory appears here only if it could be listed or holds a watched path.
    :ivar missing: watched paths and globs that matched nothing.
    :ivar tops: the watched paths as they were resolved, and those that are missing: the capture speaks of what is at or below them.
    :ivar unreadable: host paths that could not be listed or looked at, with the system's words. What lies below is unknown, not removed.
    """

    root: str
    directories: Signatures
    missing: tuple[str, ...] = ()
    tops: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.directories.values()))


def survey(watch: Sequence[str], *, root: str = "/", ignore: Sequence[str] = (), known: Signatures = MappingProxyType({})) -> Survey:
    """Walk the watched paths.

    Symbolic links are entries and are never followed, except links on the way *to* a watched path: those are resolved as if ``root`` were
    ``/`` and are entries too, so ``/lib/systemd`` is recorded as ``/lib`` (a link) and ``/usr/lib/systemd``. Pseudo file systems
    (``proc``, ``sysfs`` …) mounted below a watched path are not entered. What a restore is writing is left out.

    :param watch: absolute host paths of files or directories; globs may be among them.
    :param root: the directory that stands for ``/``.
    :param ignore: globs of host paths (see :func:`changelog_ledger.sources.patterns.path_test`); an ignored directory is not entered.
    :param known: signatures of an earlier survey with the same ``ignore``, so its names are not tested again. Where nothing differs its own
        dicts are used again, so that later comparisons cost nothing.
    :raises InvalidInput: if a watched path is not absolute or contains ``..`` or a NUL.
    :raises SnapshotError: if ``root`` is no directory.
    """
    base = os.path.realpath(root)
    if not Path(base).is_dir():
        raise SnapshotError(f"the root {root!r} is no directory", "give the directory under which the host's files lie, for example a mounted image")
    walk = _Walk("" if base == "/" else base, path_test(ignore) if ignore else None, _pseudo_mounts(), known)
    for pattern in watch:
        walk.watch(_checked(pattern))
    return Survey(
        base,
        {directory: _reused(names, known.get(directory)) for directory, names in walk.directories.items()},
        tuple(walk.missing),
        tuple(sorted(walk.tops)),
        walk.unreadable,
    )


def _reused(names: dict[str, Signature], known: Mapping[str, Signature] | None) -> Mapping[str, Signature]:
    return known if known is not None and known == names else names


def _checked(pattern: str) -> str:
    if not pattern.startswith("/") or "\0" in pattern or ".." in pattern.split("/"):
        raise InvalidInput(f"cannot watch {pattern!r}", "name an absolute path without '..', for example /etc/nginx or /etc/*.conf")
    return posixpath.normpath("/" + pattern.lstrip("/"))


class _Walk:
    """Gathers a survey; lives only as long as :func:`survey` runs."""

    def __init__(self, prefix: str, ignored: PathTest | None, pseudo: frozenset[str], known: Signatures) -> None:
        self.prefix = prefix
        self.ignored = ignored
        self.pseudo = pseudo
        self.known = known
        self.directories: dict[str, dict[str, Signature]] = {}
        self.listed: set[str] = set()
        self.missing: list[str] = []
        self.tops: set[str] = set()
        self.unreadable: dict[str, str] = {}

    def watch(self, pattern: str) -> None:
        """Take in one watched path or glob, and everything below."""
        paths = self._expanded(pattern) if is_glob(pattern) else [pattern]
        self.tops.update(paths)
        found = [self._take(path) for path in paths]
        if not any(found):
            self.missing.append(pattern)
        elif paths == [pattern]:
            self._take_where_it_leads(pattern)

    def _expanded(self, pattern: str) -> list[str]:
        fixed = posixpath.dirname(pattern[: min(pattern.index(wild) for wild in "*?[" if wild in pattern)])  # the folder that it begins in
        try:
            folder = self._resolved(fixed, kept=0).rstrip("/")  # by links as they lead from the root, which glob would not know
        except OSError:  # it is not there: nothing matches
            return []
        rest = pattern[len(fixed.rstrip("/")) :]
        matches = glob.glob(glob.escape(self.prefix + folder) + rest, recursive=True, include_hidden=True)  # noqa: PTH207 - bytes of names must survive
        return sorted(match[len(self.prefix) :] for match in matches)

    def _take(self, path: str) -> bool:
        try:
            actual = self._resolved(path)
            signature = signature_of(os.lstat(self.prefix + actual))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            self.unreadable[path] = _words(error)
            return True
        name = posixpath.basename(actual)
        if self._is_left_out(actual, name):
            return True
        if actual != "/":
            self._note(actual, signature)
        if stat.S_ISDIR(signature[4]):
            self._descend(actual)
        return True

    def _take_where_it_leads(self, path: str) -> None:
        """A link that somebody names is watched with what it leads to; one that is merely found is an entry and nothing more."""
        try:
            here = self._resolved(path)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(here), os.readlink(self.prefix + here)))  # noqa: PTH115
            if not any(f"{self.prefix}{target}/".startswith(f"{mount}/") for mount in self.pseudo):
                self._take(self._resolved(here, kept=0))
        except OSError:  # it is no link, or it leads nowhere: then it is what was taken already
            return

    def _note(self, path: str, signature: Signature) -> None:
        directory, name = posixpath.split(path)
        self.tops.add(path)
        self.directories.setdefault(directory, {})[name] = signature

    def _resolved(self, path: str, kept: int = 1) -> str:
        """``path`` with the links on the way replaced.

        :param kept: how many components at its end are left as they are.
        """
        done, waiting, links = "", path.strip("/").split("/"), 0
        while len(waiting) > kept:
            step = waiting.pop(0)
            if step in ("", "."):
                continue
            if step == "..":
                done = posixpath.dirname(done).rstrip("/")
                continue
            here = f"{done}/{step}"
            status = os.lstat(self.prefix + here)
            if not stat.S_ISLNK(status.st_mode):
                done = here
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            self._note(here, signature_of(status))
            target = os.readlink(self.prefix + here)  # noqa: PTH115 - Path would normalise it
            done = "" if target.startswith("/") else done
            waiting = [*target.strip("/").split("/"), *waiting]
        return "/".join([done, *waiting]) or "/"

    def _descend(self, top: str) -> None:
        waiting = [top]
        while waiting:
            path = waiting.pop()
            if path in self.listed:
                continue
            self.listed.add(path)
            try:
                waiting += self._list(path)
            except FileNotFoundError:
                continue  # gone since its parent was listed: as if it had never been there
            except OSError as error:
                self.unreadable[path] = _words(error)

    def _list(self, path: str) -> list[str]:
        """Note what is in a directory; answers the directories in it that are to be listed next."""
        ahead = "" if path == "/" else path
        # A descriptor, not the path: each lstat then looks up one component only, and the directory cannot be swapped for a link.
        descriptor = os.open(self.prefix + path, _OPEN_DIRECTORY)
        try:
            names = self._signatures(descriptor, ahead)
        finally:
            os.close(descriptor)
        for name in names.keys() - self.known.get(path, {}).keys():  # what is known was tested when it was found
            if self._is_left_out(f"{ahead}/{name}", name):
                del names[name]
        self.directories.setdefault(path, {}).update(names)
        inner = [f"{ahead}/{name}" for name, signature in names.items() if signature[4] & _TYPE_BITS == stat.S_IFDIR]
        return [here for here in inner if self.prefix + here not in self.pseudo] if self.pseudo else inner

    def _is_left_out(self, path: str, name: str) -> bool:
        return is_temporary(name) or (self.ignored is not None and self.ignored(path, name))

    def _signatures(self, descriptor: int, ahead: str) -> dict[str, Signature]:
        try:  # one comprehension is a fifth faster than a loop that minds each error, and errors are rare
            with os.scandir(descriptor) as entries:
                return {entry.name: signature_of(entry.stat(follow_symlinks=False)) for entry in entries}
        except OSError:
            return self._signatures_one_by_one(descriptor, ahead)

    def _signatures_one_by_one(self, descriptor: int, ahead: str) -> dict[str, Signature]:
        found: dict[str, Signature] = {}
        for name in os.listdir(descriptor):
            try:
                found[name] = signature_of(os.lstat(name, dir_fd=descriptor))
            except FileNotFoundError:
                continue  # gone since it was listed: as if it had never been there
            except OSError as error:
                self.unreadable[f"{ahead}/{name}"] = _words(error)
        return found


def _words(error: OSError) -> str:
    return error.strerror or str(error)


def _pseudo_mounts() -> frozenset[str]:
    """Where pseudo file systems are mounted, by ``/proc/self/mountinfo`` (proc(5)); nothing where there is no procfs."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
    except OSError:  # outside Linux, or a bare chroot: then the walk simply enters whatever it finds
        return frozenset()
    return frozenset(
        _unescaped(before.split()[4]) for before, _, after in (line.partition(" - ") for line in lines) if after.split(" ")[0] in _PSEUDO
    )


def _unescaped(mount_point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        mount_point = mount_point.replace(code, character)
    return mount_point
