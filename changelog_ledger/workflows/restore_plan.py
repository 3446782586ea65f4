"""What a restore would do: the snapshot's entries against what is there now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from posixpath import dirname

from changelog_ledger.diff import differences
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.restore import Action, Aspect, RestorePlan, RestoreStep, Unrestored
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.model.times import shown_instant
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.paths import is_within
from changelog_ledger.snapshots.plan import has_content
from changelog_ledger.snapshots.restoring_owners import TargetOwners
from changelog_ledger.sources.files import CapturedFile, Survey, capture_one
from changelog_ledger.workflows.compare_files import version
from changelog_ledger.workflows.masking import masked
from changelog_ledger.workflows.restore_equality import Equality, Originals, looked_at
from changelog_ledger.workflows.restore_limits import Limits
from changelog_ledger.workflows.restore_wanted import Wanted, ancestors, checked, outermost, resolved_then
from changelog_ledger.workflows.workspace import Workspace

_CLOCK_TOLERANCE = timedelta(milliseconds=100)
"""File systems stamp by a clock that lags by a tick of the kernel."""


def plan_restore(workspace: Workspace, wanted: Wanted) -> RestorePlan:
    """Compare what was then with what is now.

    :raises InvalidInput: if a path is not absolute, or the way to it leads through a link or a file now.
    :raises NotFound: if the snapshot does not know one of the paths.
    """
    manifest = workspace.repository.manifest_of(wanted.snapshot.commit)
    wanted = replace(wanted, paths=outermost(resolved_then(manifest, checked(path)) for path in wanted.paths))
    limits = Limits(workspace, wanted, Originals(workspace, wanted.snapshot.commit))
    return _Planner(workspace, wanted, manifest, Equality(workspace, TargetOwners(wanted.root)), limits).plan()


@dataclass
class _Planner:
    """Gathers a plan; lives only as long as :func:`plan_restore` runs."""

    workspace: Workspace
    wanted: Wanted
    manifest: CommittedManifest
    equality: Equality
    limits: Limits
    steps: dict[str, RestoreStep] = field(default_factory=dict)
    left: dict[str, Unrestored] = field(default_factory=dict)
    equal: list[FileEntry] = field(default_factory=list)
    extra: dict[str, CapturedFile] = field(default_factory=dict)
    deltas: dict[str, tuple[Delta, ...]] = field(default_factory=dict)

    def plan(self) -> RestorePlan:
        """The whole plan."""
        then = dict(self._entries_then())
        self._refuse_unknown(then)
        for path in self.wanted.paths:
            self._prepare_way(path)
        found, present = looked_at(self.workspace, self.wanted.paths, self.wanted.root, is_copy=self.wanted.is_copy)
        for captured in present:
            path = captured.entry.path
            if path in then:
                self._compare(then.pop(path), captured)
            elif self._concerns(path):
                self._note_extra(captured)
        for entry in then.values():
            self._create(entry, found)
        self._judge_extra()
        self._refuse_full_directories()
        return self._assembled()

    # ---- then

    def _entries_then(self) -> Iterator[tuple[str, FileEntry]]:
        """Every entry of the snapshot at or below the paths."""
        for top in self.wanted.paths:
            entry = self.manifest.entry(top)
            if entry is not None and self.wanted.covers(top):
                yield top, entry
            for directory in self.manifest.below(top):
                yield from ((entry.path, entry) for entry in self.manifest.directory(directory).values() if self.wanted.covers(entry.path))

    def _refuse_unknown(self, then: dict[str, FileEntry]) -> None:
        when = f"the snapshot of {self.wanted.snapshot.host} of {shown_instant(self.wanted.snapshot.at)}"
        for top in self.wanted.paths:
            if any(is_within(path, top) for path in then):
                continue
            if not self._was_absent(top):
                raise NotFound(f"{when} does not know {top}", f"it was not watched then; what was: ledger cat {self.wanted.snapshot.host} /")
            if not self.wanted.delete:
                raise NotFound(f"{top} did not exist in {when}", "to remove what is there now, repeat it with --delete")

    def _was_absent(self, path: str) -> bool:
        """Whether the snapshot shows that there was nothing at ``path``: its directory was listed then, or was itself not there."""
        above = dirname(path)
        if above == path:
            return False
        entry = self.manifest.entry(above)
        if entry is not None and entry.type is not FileType.DIRECTORY:
            return entry.type is not FileType.UNKNOWN  # below a file there is nothing
        if entry is not None:
            return entry.skipped is None
        return not self.manifest.directory(above) and self._was_absent(above)

    # ---- now

    def _concerned(self, path: str) -> bool:
        return any(is_within(path, top) for top in self.wanted.paths)

    def _concerns(self, path: str) -> bool:
        return self._concerned(path) and self.wanted.covers(path)

    def _prepare_way(self, path: str) -> None:
        """The directories above: a link or a file among them is refused; what is missing is made as it was."""
        for directory in reversed(list(ancestors(path))):
            captured = capture_one(directory, root=self.wanted.root)
            if captured is None:
                self._make_as_it_was(directory)
            elif captured.entry.type is not FileType.DIRECTORY:
                now = captured.entry
                what = f"a symbolic link to {now.link_to}" if now.type is FileType.SYMLINK else f"a {now.type}"
                raise InvalidInput(
                    f"{directory} is {what} now, and was a directory then; nothing is written through it",
                    f"restore {directory} itself, or move away what is there",
                )

    def _make_as_it_was(self, directory: str) -> None:
        """A directory that nobody asked for, and that what was asked for lies in."""
        entry = self.manifest.entry(directory)
        if entry is not None and entry.type is FileType.DIRECTORY and directory not in self.steps:
            self._add(RestoreStep(Action.CREATE, directory, entry, None), None)

    def _compare(self, then: FileEntry, captured: CapturedFile) -> None:
        why = self.limits.why_not(then, captured)
        if why is not None:
            self.left[then.path] = why
            return
        aspects = self.equality.aspects(then, captured)
        if not aspects:
            self.equal.append(then)
            return
        target = self._permitted(then)
        if target != then and not (aspects := self.equality.aspects(target, captured)):
            return  # it differs in nothing but what may not be restored, and that is said
        replaces = Aspect.TYPE in aspects or Aspect.CONTENT in aspects
        if replaces and (why := self.limits.why_not_replaced(target, captured)) is not None:
            self.left[then.path] = why
            return
        action = Action.REPLACE if replaces else Action.METADATA
        self._add(RestoreStep(action, then.path, target, captured.entry, aspects, captured.signature), captured)

    def _create(self, then: FileEntry, found: Survey) -> None:
        """What the survey did not find: it is gone, or it is ignored by snapshots now."""
        hidden = None if self.wanted.is_copy else capture_one(then.path, root=self.wanted.root)
        why = self.limits.why_not(then, None) or self.limits.why_no_content(then)
        if hidden is not None:
            why = Unrestored(then.path, "snapshots ignore it now, so what is there could not be kept", "mend snapshot.ignore in ledger.toml")
        if any(is_within(then.path, unlisted) for unlisted in found.unreadable):
            why = Unrestored(then.path, "its directory cannot be read now", "run it as root")
        if why is not None:
            self.left[then.path] = why
            return
        self._add(RestoreStep(Action.CREATE, then.path, self._permitted(then), None), None)
        for directory in ancestors(then.path):
            if not self.wanted.covers(directory) and self._concerned(directory) and capture_one(directory, root=self.wanted.root) is None:
                self._make_as_it_was(directory)

    # ---- what did not exist then

    def _note_extra(self, captured: CapturedFile) -> None:
        path = captured.entry.path
        if self._was_absent(path):
            self.extra[path] = replace(captured, content=captured.content if self.wanted.delete else None)

    def _judge_extra(self) -> None:
        """Which of them are removed: not what was there already, nor what no snapshot could give back, nor a directory that holds such."""
        was_there = [path for path, captured in self.extra.items() if self._is_older(path, captured)]
        for path in [path for path in self.extra if any(is_within(path, old) for old in was_there)]:
            del self.extra[path]
        if not self.wanted.delete:
            return
        for path in was_there:
            self.left[path] = Unrestored(path, "it was there already when the snapshot was taken, which did not see it", "remove it by hand")
        for path, captured in self.extra.items():
            if self.limits.is_home(path):
                self.left[path] = Unrestored(path, "it is the ledger's own home")
            elif words := self.limits.unkeepable(captured.entry):
                self.left[path] = Unrestored(path, f"no snapshot can keep what is there now: {words}", "remove it by hand")
        holding = {above for path in self.left for above in (path, *ancestors(path))}
        for path in [path for path in self.extra if path not in holding]:
            captured = self.extra.pop(path)
            self._add(RestoreStep(Action.REMOVE, path, None, captured.entry, (), captured.signature), captured)
        self.extra = {path: captured for path, captured in self.extra.items() if path not in self.left}

    def _is_older(self, path: str, captured: CapturedFile) -> bool:
        """Whether nobody touched, moved or made it since (ctime, inode(7)): then snapshots ignored it, or looked elsewhere."""
        if dirname(path) in self.extra or captured.signature is None:
            return False
        before = self.wanted.snapshot.at - _CLOCK_TOLERANCE
        above = self.manifest.entry(dirname(path))
        return above is not None and above.type is FileType.DIRECTORY and captured.signature[1] < before.timestamp() * 10**9

    def _refuse_full_directories(self) -> None:
        """A directory where something else was: it is replaced only when all that is in it goes."""
        staying = {above for path in (*self.extra, *self.left) for above in ancestors(path)}
        for step in list(self.steps.values()):
            if step.action is Action.REPLACE and step.now is not None and step.now.type is FileType.DIRECTORY and step.path in staying:
                del self.steps[step.path]
                why = "a directory that is not empty is in its place"
                self.left[step.path] = Unrestored(step.path, why, "to remove it with what is in it, repeat it with --delete")

    def _permitted(self, then: FileEntry) -> FileEntry:
        entry, why = self.limits.permitted(then)
        if why is not None:
            self.left[then.path] = why
        return entry

    # ---- the differences

    def _add(self, step: RestoreStep, captured: CapturedFile | None) -> None:
        self.steps[step.path] = step
        if not step.only_time:
            self.deltas[step.path] = self._differences(step, captured)

    def _differences(self, step: RestoreStep, captured: CapturedFile | None) -> tuple[Delta, ...]:
        """From now to then, without secrets on either side."""
        now, then = None, None
        if captured is not None:
            text = captured.content
            if text is not None and captured.entry.type is FileType.FILE:
                text = masked(self.workspace, step.path, text).content
            now = version(step.path, text, captured.entry)
        if step.then is not None:
            stored = self.workspace.repository.read(self.manifest.commit or "", step.path) if has_content(step.then) else None
            then = version(step.path, stored, step.then)
        return differences(step.path, now, then)

    @cached_property
    def _busy_directories(self) -> set[str]:
        return {above for path in self.steps for above in ancestors(path)}

    def _shown(self, path: str) -> bool:
        """A directory that comes or goes together with something in it needs no line of its own."""
        step = self.steps.get(path)
        if step is None:
            return False
        entry = step.then or step.now
        is_implied = step.action in (Action.CREATE, Action.REMOVE) and entry is not None and entry.type is FileType.DIRECTORY
        return not (is_implied and path in self._busy_directories)

    def _assembled(self) -> RestorePlan:
        steps = tuple(self.steps[path] for path in sorted(self.steps))
        targets = [step.then for step in steps if step.then is not None]
        return RestorePlan(
            host=self.wanted.snapshot.host,
            snapshot=self.wanted.snapshot,
            paths=self.wanted.paths,
            root=self.wanted.root,
            is_copy=self.wanted.is_copy,
            steps=steps,
            left=tuple(self.left[path] for path in sorted(self.left)),
            extra=tuple(sorted(self.extra)),
            deltas=tuple(delta for path in sorted(self.deltas) if self._shown(path) for delta in self.deltas[path]),
            scope=tuple(sorted((*self.equal, *targets), key=lambda entry: entry.path)),
        )
