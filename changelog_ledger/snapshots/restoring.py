"""Carrying out the steps of a restore: each file whole or not at all, and nothing outside of the root.

- Every path is reached from a descriptor of the root, component by component, without following a link (``O_NOFOLLOW``): a link that stands
  on the way, or is put there while we work, ends in an error and never outside.
- A file is written beside its place under a name that nobody can guess, gets its owner, attributes, mode and time, is flushed to the disk, and
  then takes the place of the old one (rename(2)): whoever looks sees the old file or the new one. Hard links of the old one keep the old content.
- What is there is compared with what the plan saw just before it is replaced, so an edit made meanwhile is not lost.

An error of one path is kept with the system's words, and the others go on.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from changelog_ledger.errors import LedgerError
from changelog_ledger.model.restore import Action, RestoreStep, Unrestored
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.model.temporaries import TEMPORARY_PREFIX
from changelog_ledger.snapshots.paths import ancestors, is_within_one_of, joined, split
from changelog_ledger.snapshots.restoring_calls import (
    Refused,
    at_work_in,
    directory_below,
    flush,
    has_other_names,
    names_in,
    pinned,
    refuse_if_changed,
    removed_on_failure,
    take_place,
    write_all,
)
from changelog_ledger.snapshots.restoring_metadata import dress, dress_link
from changelog_ledger.snapshots.restoring_owners import TargetOwners

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Content = Callable[[FileEntry], bytes]
"""Gives the bytes of a regular file of the snapshot, or the text of a link. Raises :class:`LedgerError` where it cannot."""


@dataclass
class Restorer:
    """Carries out steps below one root.

    :ivar root: the directory that stands for ``/``.
    :ivar content: where the bytes come from.
    :ivar entropy: gives that many random bytes.
    :ivar progress: called with 1 for every step.
    """

    root: str
    content: Content
    owners: TargetOwners
    entropy: Callable[[int], bytes]
    progress: Callable[[int], None]
    _problems: list[Unrestored] = field(default_factory=list, init=False)
    _changed_directories: set[str] = field(default_factory=set, init=False)

    def carry_out(self, steps: Sequence[RestoreStep], folders: Collection[FileEntry]) -> tuple[Unrestored, ...]:
        """Do it: remove, make directories, write, and last give the directories their metadata.

        :param folders: the snapshot's directories; those in which something was done get their metadata again.
        :returns: what could not be done, or not wholly.
        """
        self._problems, self._changed_directories = [], set()
        steps = self._without_halves(steps)
        for step in sorted(filter(_makes_room, steps), key=_depth, reverse=True):
            self._attempt(self._remove, step, counts=step.action is Action.REMOVE)
        in_the_way = {problem.path for problem in self._problems}
        waiting = [_with_room(step) for step in steps if step.action is not Action.REMOVE and step.path not in in_the_way]
        for step in sorted(filter(_makes_directory, waiting), key=_depth):
            self._attempt(self._make_directory, step, counts=False)
        self._write_all([step for step in waiting if step.then is not None and step.then.type is not FileType.DIRECTORY])
        self._finish_directories(waiting, folders)
        return tuple(self._problems)

    # ---- the order of things

    def _without_halves(self, steps: Sequence[RestoreStep]) -> Sequence[RestoreStep]:
        """The steps without those in a directory that cannot be replaced as a whole: what is in it stays then too."""
        full = full_directories(self.root, steps)
        halves = [step for step in steps if is_within_one_of(step.path, full)]
        self._problems += [full_directory(step.path) for step in halves]
        self.progress(len(halves)) if halves else None
        return [step for step in steps if not is_within_one_of(step.path, full)] if halves else steps

    def _write_all(self, steps: Iterable[RestoreStep]) -> None:
        """Files and links, directory by directory; each directory is swept of leftovers before and flushed to the disk after."""
        by_directory: dict[str, list[RestoreStep]] = {}
        for step in steps:
            by_directory.setdefault(split(step.path)[0], []).append(step)
        for directory, here in sorted(by_directory.items()):
            try:
                with directory_below(self.root, directory, make=True) as parent, at_work_in(parent):
                    for step in here:
                        self._attempt(partial(self._put, parent), step)
                    flush(parent)
            except (OSError, Refused) as error:
                self._problems += [Unrestored(step.path, _words(error), _hint(error)) for step in here]
            self._changed_directories.add(directory)

    def _finish_directories(self, steps: Sequence[RestoreStep], folders: Collection[FileEntry]) -> None:
        stepped = {step.path for step in steps if step.then is not None and step.then.type is FileType.DIRECTORY}
        failed = {problem.path for problem in self._problems}
        wanted = [entry for entry in folders if entry.path in stepped | self._changed_directories and entry.path not in failed]
        for entry in sorted(wanted, key=lambda entry: entry.path.count("/"), reverse=True):
            step = RestoreStep(Action.METADATA, entry.path, entry, entry)
            self._attempt(self._dress_directory, step, counts=entry.path in stepped)

    def _attempt(self, act: Callable[[RestoreStep], None], step: RestoreStep, *, counts: bool = True) -> None:
        try:
            act(step)
        except (OSError, OverflowError, LedgerError, Refused) as error:  # a number that no C integer holds: a manifest's, or a table's
            self._problems.append(Unrestored(step.path, _words(error), _hint(error)))
        if counts:
            self.progress(1)

    # ---- single steps

    def _remove(self, step: RestoreStep) -> None:
        directory, name = split(step.path)
        with directory_below(self.root, directory) as parent:
            if step.now is not None and step.now.type is FileType.DIRECTORY:
                with suppress(OSError), directory_below(self.root, step.path) as inside, at_work_in(inside):
                    pass  # leftovers are swept
                os.rmdir(name, dir_fd=parent)
            else:
                refuse_if_changed(parent, name, step.signature)
                os.unlink(name, dir_fd=parent)
        self._changed_directories.add(directory)

    def _make_directory(self, step: RestoreStep) -> None:
        directory, name = split(step.path)
        with directory_below(self.root, directory, make=True) as parent:
            os.mkdir(name, 0o700, dir_fd=parent)
            flush(parent)
        self._changed_directories.add(directory)

    def _put(self, parent: int, step: RestoreStep) -> None:
        """One file, link or FIFO."""
        name = split(step.path)[1]
        assert step.then is not None
        if step.then.type is FileType.SYMLINK:
            self._put_link(parent, name, step, step.then)
        elif step.action is Action.METADATA and (step.then.type is not FileType.FILE or not has_other_names(parent, name)):
            self._dress_in_place(parent, name, step, step.then)
        elif step.then.type is FileType.FIFO:
            self._put_fifo(parent, name, step, step.then)
        elif step.then.type is FileType.FILE:
            self._put_file(parent, name, step, step.then)
        else:
            raise Refused(f"a {step.then.type} cannot be made from a snapshot", "whoever uses it makes it")

    def _put_file(self, parent: int, name: str, step: RestoreStep, entry: FileEntry) -> None:
        data = self.content(entry)
        temporary = self._temporary()
        descriptor = os.open(temporary, _NEW_FILE, 0o600, dir_fd=parent)
        with removed_on_failure(parent, temporary):
            try:
                write_all(descriptor, data)
                said = dress(descriptor, entry, self.owners.of(entry))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            take_place(parent, temporary, name, step.signature)
        self._say(step.path, said)

    def _put_link(self, parent: int, name: str, step: RestoreStep, entry: FileEntry) -> None:
        """A link has an owner and a time, and no mode; it is made anew whatever of it differs."""
        temporary = self._temporary()
        target = os.fsdecode(self.content(entry)) if entry.redacted else entry.link_to  # the manifest has its text without secrets
        os.symlink(target, temporary, dir_fd=parent)
        with removed_on_failure(parent, temporary):
            said = dress_link(parent, temporary, entry, self.owners.of(entry))
            take_place(parent, temporary, name, step.signature)
        self._say(step.path, said)

    def _put_fifo(self, parent: int, name: str, step: RestoreStep, entry: FileEntry) -> None:
        temporary = self._temporary()
        os.mkfifo(temporary, 0o600, dir_fd=parent)
        with removed_on_failure(parent, temporary):
            with pinned(parent, temporary) as place:
                said = dress(place, entry, self.owners.of(entry))
            take_place(parent, temporary, name, step.signature)
        self._say(step.path, said)

    def _dress_in_place(self, parent: int, name: str, step: RestoreStep, entry: FileEntry) -> None:
        with pinned(parent, name, step.signature) as place:
            self._say(step.path, dress(place, entry, self.owners.of(entry)))

    def _dress_directory(self, step: RestoreStep) -> None:
        entry = step.then
        assert entry is not None
        with directory_below(self.root, step.path) as inside:
            said = dress(f"/proc/self/fd/{inside}", entry, self.owners.of(entry))
            flush(inside)
        self._say(step.path, said)

    def _say(self, path: str, said: Iterable[str]) -> None:
        self._problems += [Unrestored(path, words, "run it as root" if os.geteuid() else "") for words in said]

    def _temporary(self) -> str:
        return TEMPORARY_PREFIX + self.entropy(8).hex()


# ---- what is decided once


def full_directories(root: str, steps: Sequence[RestoreStep]) -> frozenset[str]:
    """The directories that something else is to replace, and that hold, however deep, a name of which no step says that it goes.

    Snapshots ignore it, or it was made meanwhile. What else is in them must not go either: it would be lost for nothing.
    """
    replaced = {step.path for step in steps if _is_directory_now(step) and step.action is Action.REPLACE and _makes_room(step)}
    if not replaced:
        return frozenset()
    known = {step.path for step in steps}
    inside = [step.path for step in steps if _is_directory_now(step) and is_within_one_of(step.path, replaced)]
    holding = {path for path in inside if any(joined(path, name) not in known for name in _names_in(root, path))}
    return frozenset(above for path in holding for above in (path, *ancestors(path)) if above in replaced)


def full_directory(path: str) -> Unrestored:
    """What is said of a path of such a directory."""
    why = "a directory is there that holds more than snapshots see, and stays whole"
    return Unrestored(path, why, "move away what is ignored in it, and repeat it")


def _is_directory_now(step: RestoreStep) -> bool:
    return step.now is not None and step.now.type is FileType.DIRECTORY


def _names_in(root: str, path: str) -> list[str]:
    try:
        with directory_below(root, path) as inside:
            return names_in(inside)
    except (OSError, Refused):  # it is gone, or a link: the step itself will tell
        return []


def _depth(step: RestoreStep) -> tuple[int, str]:
    return step.path.count("/"), step.path


def _makes_room(step: RestoreStep) -> bool:
    """Whether what is there has to go first: it is to be removed, or rename(2) would not put a file in a directory's place, or the reverse."""
    if step.action is Action.REMOVE:
        return True
    if step.now is None or step.then is None or step.action is not Action.REPLACE:
        return False
    return (step.now.type is FileType.DIRECTORY) != (step.then.type is FileType.DIRECTORY)


def _with_room(step: RestoreStep) -> RestoreStep:
    """The step after what stood in its way is gone."""
    return replace(step, signature=None) if _makes_room(step) else step


def _makes_directory(step: RestoreStep) -> bool:
    return step.then is not None and step.then.type is FileType.DIRECTORY and step.action in (Action.CREATE, Action.REPLACE)


def _words(error: BaseException) -> str:
    if isinstance(error, LedgerError):
        return error.message
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _hint(error: BaseException) -> str:
    if isinstance(error, LedgerError | Refused):
        return error.hint
    match getattr(error, "errno", None):
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "make room there, and restore it again"
        case errno.EROFS:
            return "the file system is mounted read-only: mount it writable, and restore it again"
        case errno.EPERM if os.geteuid() == 0:
            return "it may be immutable: lsattr shows it, chattr -i lifts it"
        case errno.EACCES | errno.EPERM:
            return "run it as root"
        case errno.ENOTEMPTY:
            return "what is in it is ignored by snapshots, or was made meanwhile"
    return ""
