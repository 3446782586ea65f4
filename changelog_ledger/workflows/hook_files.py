"""A stage's place in a hooks folder: which files are there, whose they are, and how they are replaced."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from changelog_ledger.model.hooks import BEFORE, Hook, HookState, Stage
from changelog_ledger.workflows.hook_script import PRE_COMMIT_MARK, Origin, origin_of

_LEGACY = ".legacy"
"""Where the pre-commit framework moves a hook that is there, and runs it first from then on."""

_OF_PRE_COMMIT = PRE_COMMIT_MARK.encode()


@dataclass(frozen=True, slots=True)
class Spot:
    """A stage's place in the hooks folder."""

    stage: Stage
    folder: Path

    @property
    def hook(self) -> Path:
        """The file that git runs."""
        return self.folder / self.stage

    @property
    def before(self) -> Path:
        """The hook that was there before ours."""
        return self.folder / f"{self.stage}{BEFORE}"

    @property
    def legacy(self) -> Path:
        """Where our script is when the pre-commit framework was installed after it."""
        return self.folder / f"{self.stage}{_LEGACY}"

    @property
    def ours(self) -> Path | None:
        """Our script, if it is there and is run."""
        if origin_at(self.hook) is not Origin.NOT_OURS:
            return self.hook
        return self.legacy if is_of_pre_commit(self.hook) and origin_at(self.legacy) is not Origin.NOT_OURS else None

    @property
    def is_half_done(self) -> bool:
        """Whether an installation was stopped when the hook that is there had its second name, and ours was not there yet."""
        return exists(self.before) and (not exists(self.hook) or is_same(self.hook, self.before))

    def shown(self, path: Path, state: HookState) -> Hook:
        """What is told about it."""
        return Hook(self.stage, str(path), state, str(self.before) if exists(self.before) else "")


def replace_script(path: Path, script: bytes) -> None:
    """All of it or nothing. The name beside it may be left over from a run that was killed; nobody else writes it while we hold the folder."""
    new = unfinished(path)
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, 0o755)
        stream.write(script)
        stream.flush()
        os.fsync(descriptor)
    new.replace(path)
    sync(path.parent)


def unfinished(path: Path) -> Path:
    """What a script is called while it is being written."""
    return path.with_name(f"{path.name}.ledger-new")


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Two installations at a time take turns."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def origin_at(path: Path) -> Origin:
    """Whose a hook is; a symlink is never ours, wherever it leads."""
    try:
        return origin_of(path.read_bytes()) if stat.S_ISREG(path.lstat().st_mode) else Origin.NOT_OURS
    except FileNotFoundError:
        return Origin.NOT_OURS


def is_of_pre_commit(path: Path) -> bool:
    """Whether the pre-commit framework has written it."""
    try:
        return _OF_PRE_COMMIT in path.read_bytes()
    except OSError:
        return False


def exists(path: Path) -> bool:
    """Whether there is anything of that name, be it a symlink that leads nowhere."""
    return os.path.lexists(path)


def is_same(one: Path, other: Path) -> bool:
    """Whether both are names of one file: then an installation was stopped in the middle."""
    return os.path.samestat(one.lstat(), other.lstat())
