"""Restoring: what is to be done with each path, what is left alone and why, and how it came out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from changelog_ledger.model.change import Change
    from changelog_ledger.model.evidence import Delta
    from changelog_ledger.model.report import Warning as Caveat
    from changelog_ledger.model.snapshot import FileEntry, Snapshot


class Action(StrEnum):
    """What a restore does with one path.

    ``create``: it is not there now. ``replace``: its content or type is another. ``metadata``: only mode, owner, attributes or time are others, the
    content is not touched. ``remove``: it did not exist then.
    """

    CREATE = "create"
    REPLACE = "replace"
    METADATA = "metadata"
    REMOVE = "remove"


class Aspect(StrEnum):
    """In what a path differs from how it was."""

    TYPE = "type"
    CONTENT = "content"
    MODE = "mode"
    OWNER = "owner"
    ATTRIBUTES = "attributes"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class RestoreStep:
    """What is to be done with one path.

    :ivar then: how it is to become; None where it is to be removed. What may not be restored (setuid without leave) is taken out already.
    :ivar now: how it is; None where it is not there.
    :ivar aspects: in what the two differ; empty where one of them is not there.
    :ivar signature: ``mtime_ns, ctime_ns, size, inode, mode, uid, gid`` of what is there now: something else is not overwritten.
    """

    action: Action
    path: str
    then: FileEntry | None
    now: FileEntry | None
    aspects: tuple[Aspect, ...] = ()
    signature: tuple[int, ...] | None = None

    @property
    def only_time(self) -> bool:
        """Whether nothing but the modification time is another."""
        return self.aspects == (Aspect.TIME,)


@dataclass(frozen=True, slots=True)
class Unrestored:
    """A path that is not as it was then, and why.

    :ivar hint: what can be done about it, or empty.
    """

    path: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What a restore does.

    :ivar snapshot: how it was: what is restored.
    :ivar paths: the files and folders that were asked for.
    :ivar root: the directory that stands for ``/``; files are written below it.
    :ivar is_copy: whether ``root`` is a place to look at them, and not the host itself.
    :ivar steps: in the order of the paths.
    :ivar left: what is left alone though it differs, or may.
    :ivar extra: paths that did not exist then and stay, since nobody asked to remove them.
    :ivar deltas: what the steps change in the files' contents, from now to then, without secrets.
    :ivar assumed: paths of whose mode, owner or attributes nobody saw all: they stay as they are, and what is made anew is closed to others.
    :ivar scope: every entry of the snapshot at or below ``paths``, as it is to become.
    :ivar warnings: what else goes back with it, of a change that is taken back.
    """

    host: str
    snapshot: Snapshot
    paths: tuple[str, ...]
    root: str
    is_copy: bool
    steps: tuple[RestoreStep, ...]
    left: tuple[Unrestored, ...]
    extra: tuple[str, ...]
    deltas: tuple[Delta, ...]
    scope: tuple[FileEntry, ...]
    assumed: tuple[str, ...] = ()
    warnings: tuple[Caveat, ...] = ()

    @property
    def overwrites(self) -> tuple[RestoreStep, ...]:
        """The steps that change or remove what is there now."""
        return tuple(step for step in self.steps if step.action is not Action.CREATE)


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """How a restore came out.

    :ivar unrestored: what is not as it was then: left alone, failed, or different again afterwards.
    :ivar proven: how many paths were looked at afterwards and found equal to the snapshot.
    :ivar before: the snapshot of what was there before, ``after`` of what is there now; None for a dry run and a copy.
    :ivar unseen: why there is no snapshot of what is there now, or empty.
    :ivar change: the change that the differences are attributed to, or empty.
    """

    plan: RestorePlan
    unrestored: tuple[Unrestored, ...]
    proven: int = 0
    dry_run: bool = False
    before: Snapshot | None = None
    after: Snapshot | None = None
    unseen: str = ""
    change: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything is as it was then (of a dry run: would be)."""
        return not self.unrestored

    @property
    def failed(self) -> tuple[Unrestored, ...]:
        """What should have been restored and is not; without what the plan had left alone."""
        return tuple(entry for entry in self.unrestored if entry not in self.plan.left)


@dataclass(frozen=True, slots=True)
class RollBack:
    """How taking back a change came out.

    :ivar change: as it stands afterwards.
    :ivar restored: the restore of this machine's files; None where nothing could be restored from here.
    :ivar recorded: whether it is recorded as rolled back; not for a dry run, nor where something could not be restored or other hosts are yet to be.
    :ivar advice: what is left for people to do: commands for packages and other machines, the written backout plan.
    :ivar warnings: what was changed in the same files since, which goes back too (or, where nothing was restored from here, collides).
    """

    change: Change
    restored: RestoreResult | None = None
    recorded: bool = True
    advice: tuple[str, ...] = ()
    warnings: tuple[Caveat, ...] = ()
