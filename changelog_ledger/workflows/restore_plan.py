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
from changelog_ledger.snapshots.paths import ancestors, is_within_one_of
from changelog_ledger.snapshots.plan import has_content
from changelog_ledger.snapshots.restoring import full_directories, full_directory
from changelog_ledger.snapshots.restoring_owners import TargetOwners
from changelog_ledger.sources.files import CapturedFile, Survey, capture_one
from changelog_ledger.workflows.compare_files import format_for, version
from changelog_ledger.workflows.restore_equality import Equality, Originals, looked_at
from changelog_ledger.workflows.restore_limits import Limits
from changelog_ledger.workflows.restore_target import as_to_become, shown_entry, shown_file
from changelog_ledger.workflows.restore_wanted import Wanted, checked, known_then, outermost, resolved_then, was_absent
from changelog_ledger.workflows.workspace import Workspace

_CLOCK_TOLERANCE = timedelta(milliseconds=100)
"""File systems stamp by a clock that lags by a tick of the kernel."""


def plan_restore(workspace: Workspace, wanted: Wanted) -> RestorePlan:
    """Compare what was then with what is now.

    :raises InvalidInput: if a path is not absolute, or the way to it leads through a link or a file now.
    """
    manifest = workspace.repository.manifest_of(wanted.snapshot.commit)
    wanted = _resolved(workspace, wanted, manifest)
    limits = Limits(workspace, wanted, Originals(workspace, wanted.snapshot.commit))
    return _Planner(workspace, wanted, manifest, Equality(workspace, TargetOwners(wanted.root)), limits).plan()


def refuse_unknown(workspace: Workspace, wanted: Wanted) -> None:
    """Somebody named the paths: a slip of the pen must not end with "nothing to restore".

    :raises NotFound: if the snapshot does not know one of them, or it did not exist then and is not to be removed.
    """
    manifest = workspace.repository.manifest_of(wanted.snapshot.commit)
    paths = _resolved(workspace, wanted, manifest).paths
    known = known_then(manifest, paths)
    when = f"the snapshot of {wanted.snapshot.host} of {shown_instant(wanted.snapshot.at)}"
    for path in [path for path in paths if path not in known]:
        if not was_absent(manifest, path):
            raise NotFound(f"{when} does not know {path}", f"it was not watched then; what was: ledger cat {wanted.snapshot.host} /")
        if not wanted.delete:
            raise NotFound(f"{path} did not exist in {when}", "to remove what is there now, repeat it with --delete")


def _resolved(workspace: Workspace, wanted: Wanted, manifest: CommittedManifest) -> Wanted:
    text_of = Originals(workspace, wanted.snapshot.commit).content
    return replace(wanted, paths=outermost(resolved_then(manifest, checked(path), text_of) for path in wanted.paths))


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
    assumed: set[str] = field(default_factory=set)
    deltas: dict[str, tuple[Delta, ...]] = field(default_factory=dict)

    def plan(self) -> RestorePlan:
        """The whole plan."""
        then = dict(self._entries_then())
        self._leave_unknown()
        self._prepare_ways()
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
        for directory in self.manifest.directories():
            if is_within_one_of(directory, self._tops):
                yield from ((entry.path, entry) for entry in self.manifest.directory(directory).values() if self.wanted.covers(entry.path))

    @cached_property
    def _tops(self) -> frozenset[str]:
        return frozenset(self.wanted.paths)

    def _leave_unknown(self) -> None:
        """Paths of which the snapshot says nothing, not even that they were absent; where somebody named them they were refused before."""
        known = known_then(self.manifest, self.wanted.paths)
        for top in self.wanted.paths:
            if top not in known and not was_absent(self.manifest, top):
                self.left[top] = Unrestored(top, "the snapshot does not know it: it was not watched then", "restore it from a snapshot that does")

    # ---- now

    def _concerned(self, path: str) -> bool:
        return is_within_one_of(path, self._tops)

    def _concerns(self, path: str) -> bool:
        return self._concerned(path) and self.wanted.covers(path)

    def _prepare_ways(self) -> None:
        """The directories above: a link or a file among them is refused; what is missing is made as it was."""
        for directory in sorted({above for path in self.wanted.paths for above in ancestors(path)}):
            captured = capture_one(directory, root=self.wanted.root)
            if captured is None:
                self._make_as_it_was(directory)
            elif captured.entry.type is not FileType.DIRECTORY:
                what = "a symbolic link" if captured.entry.type is FileType.SYMLINK else f"a {captured.entry.type}"  # its text may hold a secret
                raise InvalidInput(
                    f"{directory} is {what} now, and was a directory then; nothing is written through it",
                    f"restore {directory} itself, or move away what is there",
                )

    def _make_as_it_was(self, directory: str) -> None:
        """A directory that nobody asked for, and that what was asked for lies in."""
        entry = self.manifest.entry(directory)
        if entry is not None and entry.type is FileType.DIRECTORY and directory not in self.steps:
            self._add(RestoreStep(Action.CREATE, directory, self._to_become(entry, None), None))

    def _compare(self, then: FileEntry, captured: CapturedFile) -> None:
        why = self.limits.why_not(then, captured)
        if why is not None:
            self.left[then.path] = why
            return
        aspects = self.equality.aspects(then, captured)
        kept = self._to_become(then, captured.entry)
        if not aspects:
            self.equal.append(kept)
            return
        target = self._permitted(kept)
        if target != kept and not (aspects := self.equality.aspects(target, captured)):
            return  # it differs in nothing but what may not be restored, and that is said
        if {Aspect.ATTRIBUTES, Aspect.TYPE}.intersection(aspects) and (words := self.limits.unkeepable_attributes(captured.entry)):
            self.left[then.path] = Unrestored(then.path, f"no snapshot can keep what is there now: {words}", "remove it, and restore again")
            return
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
        if is_within_one_of(then.path, found.unreadable):
            why = Unrestored(then.path, "its directory cannot be read now", "run it as root")
        if why is not None:
            self.left[then.path] = why
            return
        self._add(RestoreStep(Action.CREATE, then.path, self._permitted(self._to_become(then, None)), None))
        for directory in ancestors(then.path):
            if not self.wanted.covers(directory) and self._concerned(directory) and capture_one(directory, root=self.wanted.root) is None:
                self._make_as_it_was(directory)

    # ---- what did not exist then

    def _note_extra(self, captured: CapturedFile) -> None:
        path = captured.entry.path
        if was_absent(self.manifest, path):
            self.extra[path] = CapturedFile(shown_entry(self.workspace, captured), None, captured.signature)

    def _judge_extra(self) -> None:
        """Which of them are removed: not what was there already, nor what no snapshot could give back, nor a directory that holds such."""
        was_there = frozenset(path for path, captured in self.extra.items() if self._is_older(path, captured))
        for path in [path for path in self.extra if is_within_one_of(path, was_there)]:
            del self.extra[path]
        if not self.wanted.delete:
            return
        for path in was_there:
            self.left[path] = Unrestored(path, "it was there already when the snapshot was taken, which did not see it", "remove it by hand")
        for path, captured in self.extra.items():
            if self.limits.is_home(path):
                self.left[path] = Unrestored(path, "it is the ledger's own home")
            elif words := self.limits.unkeepable(captured.entry) or (captured.entry.detail if captured.entry.assumed else ""):
                self.left[path] = Unrestored(path, f"no snapshot can keep what is there now: {words}", "remove it by hand")
        holding = {above for path in self.left for above in (path, *ancestors(path))}
        for path in [path for path in self.extra if path not in holding]:
            captured = self.extra.pop(path)
            self._add(RestoreStep(Action.REMOVE, path, None, captured.entry, (), captured.signature))
        self.extra = {path: captured for path, captured in self.extra.items() if path not in self.left}

    def _is_older(self, path: str, captured: CapturedFile) -> bool:
        """Whether nobody touched, moved or made it since (ctime, inode(7)): then snapshots ignored it, or looked elsewhere."""
        if dirname(path) in self.extra or captured.signature is None:
            return False
        before = self.wanted.snapshot.at - _CLOCK_TOLERANCE
        above = self.manifest.entry(dirname(path))
        return above is not None and above.type is FileType.DIRECTORY and captured.signature[1] < before.timestamp() * 10**9

    def _refuse_full_directories(self) -> None:
        """A directory where something else was: it is replaced only when all that is in it goes, and else nothing in it goes."""
        staying = {above for path in (*self.extra, *self.left) for above in ancestors(path)}
        full = full_directories(self.wanted.root, tuple(self.steps.values()))
        for path in [path for path in self.steps if is_within_one_of(path, full)]:
            del self.steps[path]
            self.left[path] = full_directory(path)
        if self.wanted.delete:
            return
        for path in full & staying:
            why = "a directory that is not empty is in its place"
            self.left[path] = Unrestored(path, why, "to remove it with what is in it, repeat it with --delete")

    def _to_become(self, then: FileEntry, now: FileEntry | None) -> FileEntry:
        target = as_to_become(then, now, self.equality.owners)
        if target != then and then.type is not FileType.SYMLINK:
            self.assumed.add(then.path)
        return target

    def _permitted(self, then: FileEntry) -> FileEntry:
        entry, why = self.limits.permitted(then)
        if why is not None:
            self.left[then.path] = why
        return entry

    # ---- the differences

    def _add(self, step: RestoreStep, captured: CapturedFile | None = None) -> None:
        """Take a step in, with what it changes. Nothing is said of the content that a removal takes away, nor where the time alone differs."""
        is_told = step.action is not Action.REMOVE and not step.only_time
        text = None
        if captured is not None:
            now, text = shown_file(self.workspace, captured) if is_told else (shown_entry(self.workspace, captured), None)
            step = replace(step, now=now)
        self.steps[step.path] = step
        self.deltas[step.path] = self._differences(step, text) if is_told else ()

    def _differences(self, step: RestoreStep, text: bytes | None) -> tuple[Delta, ...]:
        """From now to then, without secrets on either side.

        :param text: what is there now, masked.
        """
        as_format = format_for(step.path, self.workspace.settings.format_rules)
        now = version(step.path, text, step.now, as_format) if step.now else None
        then = None
        if step.then is not None:
            stored = self.workspace.repository.read(self.manifest.commit or "", step.path) if has_content(step.then) else None
            then = version(step.path, stored, step.then, as_format)
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
            assumed=tuple(sorted(self.assumed)),
            scope=tuple(sorted((*self.equal, *targets), key=lambda entry: entry.path)),
        )
