"""Files of ours below a host's root: whose each is, and how it is written and removed. Nothing outside the root is ever touched."""

from __future__ import annotations

import os
import posixpath
import stat
from dataclasses import dataclass
from pathlib import Path

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.host_hooks import HostFile, HostFileState
from changelog_ledger.workflows.hook_files import sync, unfinished
from changelog_ledger.workflows.host_hook_texts import HostText, is_ours, is_untouched


@dataclass(frozen=True, slots=True)
class HostRoot:
    """The directory that stands for a host's ``/``."""

    top: Path

    def place(self, path: str) -> Path:
        """Where a path of the host lies.

        :raises InvalidInput: if a symlink of an image leads out of it: it means the image's own ``/``, and would lead us into ours.
        """
        found = self.top / path.lstrip("/")
        if not self._is_inside(found):
            hint = "make the link relative, or run this within the image (chroot)"
            raise InvalidInput(f"{found.parent} leads out of {self.top} by a symlink", hint)
        return found

    def has(self, path: str) -> bool:
        """Whether there is anything at that path, be it a symlink that leads nowhere."""
        place = self.top / path.lstrip("/")
        return self._is_inside(place) and os.path.lexists(place)

    def has_folder(self, path: str) -> bool:
        """Whether that path is a folder."""
        place = self.top / path.lstrip("/")
        return self._is_inside(place) and place.is_dir()

    def is_executable(self, path: str) -> bool:
        """Whether that path is a command."""
        return self.has(path) and os.access(self.place(path), os.X_OK)

    def content(self, path: str) -> bytes | None:
        """What a file holds; None if there is none. A symlink is nobody's text: empty."""
        place = self.top / path.lstrip("/")
        if not self._is_inside(place):
            return None
        try:
            return place.read_bytes() if stat.S_ISREG(place.lstat().st_mode) else b""
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _is_inside(self, place: Path) -> bool:
        # Not Path.resolve, which ends in a RuntimeError where links lead in circles.
        return place == self.top or Path(os.path.realpath(place.parent)).is_relative_to(self.top)

    def state(self, text: HostText) -> HostFileState:
        """What is at the place of a file of ours."""
        if text.target:
            return self._state_of_link(text)
        found = self.content(text.path)
        if found is None:
            return HostFileState.ABSENT
        if not is_ours(found):
            return HostFileState.FOREIGN
        if not is_untouched(found):
            return HostFileState.EDITED
        mode = stat.S_IMODE(self.place(text.path).stat().st_mode)
        return HostFileState.INSTALLED if (found, mode) == (text.content, text.mode) else HostFileState.OUTDATED

    def _state_of_link(self, text: HostText) -> HostFileState:
        if not self.has(text.path):
            return HostFileState.ABSENT
        return HostFileState.INSTALLED if self._leads_to(text) else HostFileState.FOREIGN

    def _leads_to(self, link: HostText) -> bool:
        """Whether there is a symlink that leads where ours does, in whatever words."""
        place = self.place(link.path)
        return place.is_symlink() and posixpath.normpath(posixpath.join(posixpath.dirname(link.path), str(place.readlink()))) == link.target

    def is_ours(self, text: HostText) -> bool:
        """Whether ``host-hooks install`` has put there what is there, altered or not."""
        if text.target:
            return self.state(text) is HostFileState.INSTALLED
        found = self.content(text.path)
        return found is not None and is_ours(found)

    def missing_folders(self, path: str) -> tuple[str, ...]:
        """Which folders above a file have to be made for it, the outermost first."""
        above = [str(folder) for folder in Path(path).parents if not self.has_folder(str(folder))]
        return tuple(reversed(above))

    def make_folder(self, path: str) -> None:
        """Make a folder that everybody may read."""
        folder = self.place(path)
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)
        sync(folder.parent)

    def remove_folders(self, paths: tuple[str, ...]) -> None:
        """Remove folders that were made for hooks, if nobody else has put anything there."""
        for path in sorted(paths, key=len, reverse=True):
            folder = self.place(path)
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def write(self, text: HostText) -> HostFile:
        """Put a file in its place: all of it or nothing."""
        before = self.state(text)
        place = self.place(text.path)
        if before is HostFileState.INSTALLED:
            return HostFile(text.part, text.path, HostFileState.UNCHANGED, target=text.target)
        if text.target:
            place.symlink_to(text.target)
            sync(place.parent)
            return HostFile(text.part, text.path, became(before), target=text.target)
        new = unfinished(place)
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.content)
            os.fchmod(descriptor, text.mode)
            stream.flush()
            os.fsync(descriptor)
        new.replace(place)
        sync(place.parent)
        return HostFile(text.part, text.path, became(before))

    def unlink(self, path: str) -> None:
        """Remove a file, if it is there."""
        place = self.place(path)
        unfinished(place).unlink(missing_ok=True)
        if os.path.lexists(place):
            place.unlink()
            sync(place.parent)


def became(before: HostFileState) -> HostFileState:
    """What becomes of a file by writing it."""
    states = {HostFileState.ABSENT: HostFileState.WRITTEN, HostFileState.INSTALLED: HostFileState.UNCHANGED}
    return states.get(before, HostFileState.REFRESHED)


def root_at(path: str) -> HostRoot:
    """The root at a directory.

    :raises InvalidInput: if there is no such directory.
    """
    top = Path(path).resolve()
    if not top.is_dir():
        raise InvalidInput(f"there is no directory {path} that could stand for /", "name an image or a mount with --root DIR")
    return HostRoot(top)
