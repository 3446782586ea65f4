"""The history of a git repository, as a bisection walks through it: commits along the first parents, each written out from git's objects.

The repository itself is only read: no index, no work tree, no hook and no filter of its has a part in it (see
:mod:`~changelog_ledger.sources.git_process`). A submodule is an empty folder, as ``git archive`` has it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from changelog_ledger.errors import InvalidInput, NotFound, RepositoryError
from changelog_ledger.gate.trailers import named_in
from changelog_ledger.model import globs
from changelog_ledger.model.bisection import By, Cause, LeftOut, Part, Point
from changelog_ledger.model.gate import Commit, Edit
from changelog_ledger.model.report import Basis
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.sources.git_names import is_refused
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.bisect_state import Question
from changelog_ledger.workflows.bisect_tree import Item, write_tree
from changelog_ledger.workflows.commit_times import moment
from changelog_ledger.workflows.moments import resolve_time
from changelog_ledger.workflows.workspace import Workspace

_LARGEST = 1 << 30
_TYPE, _REGULAR, _LINK, _SUBMODULE = 0o170000, 0o100000, 0o120000, 0o160000  # gitformat-pack(5)
_FOLDER_MODE = 0o700
_OTHER_ENDS = "see git fsck; choose --good and --bad on one side of that commit, after ledger bisect reset"


@dataclass(frozen=True)
class RepositoryHistory:
    """Commits of one repository, the good end first."""

    workspace: Workspace
    repository: GitRepository
    commits: tuple[Commit, ...]

    @property
    def rest_id(self) -> str:
        """A commit is written whole."""
        return ""

    @property
    def points(self) -> tuple[Point, ...]:
        """Its states."""
        return tuple(Point(each.id, moment(each.committed_at), each.subject, str(each.author), named_in(each.trailers)) for each in self.commits)

    def left_out(self, _before: int, _after: int) -> tuple[LeftOut, ...]:
        """None: git has all of a commit."""
        return ()

    def environment(self, position: int) -> Mapping[str, str]:
        """What a probe is told besides where the files are."""
        commit = self.commits[position]
        return {"LEDGER_COMMIT": commit.id, "LEDGER_AT": moment(commit.committed_at).isoformat().replace("+00:00", "Z")}

    def folder(self, root: str) -> str:
        """Where a probe runs: in the files, as ``git bisect run`` has it."""
        return root

    def parts(self, _before: int, _after: int) -> tuple[Part, ...]:
        """None: a search of a repository ends with a commit."""
        return ()

    def write(self, root: str, position: int) -> None:
        """Write the files of a commit below ``root``."""
        write_tree(root, dict(self._items(self.commits[position].id)))

    def write_some(self, root: str, before: int, after: int, subset: Sequence[int]) -> None:
        """There is nothing smaller than a commit.

        :raises InvalidInput: always.
        """
        raise InvalidInput("a search of a repository ends with a commit", "leave --by away")

    def causes(self, _before: int, _after: int, _subset: Sequence[int]) -> tuple[Cause, ...]:
        """None, as :meth:`parts`."""
        return ()

    def _items(self, commit: str) -> Iterator[tuple[str, Item]]:
        for edit in self.repository.edits_between("", commit):
            if edit.after is not None:
                entry = self._entry(edit, edit.after.mode, edit.after.blob)
                yield entry.path, Item(entry, partial(self._content, edit.after.blob))

    def _entry(self, edit: Edit, mode: int, blob: str) -> FileEntry:
        if is_refused(edit.path):
            raise _hostile(edit.path)
        path, uid, gid = f"/{edit.path}", os.geteuid(), os.getegid()
        match mode & _TYPE:
            case kind if kind == _LINK:
                text = os.fsdecode(self._content(blob))
                if "\0" in text:
                    raise RepositoryError(f"the link {edit.path} has a NUL in its text", _OTHER_ENDS)
                return FileEntry(path, FileType.SYMLINK, 0o777, uid, gid, "", "", link_to=text)
            case kind if kind == _SUBMODULE:
                return FileEntry(path, FileType.DIRECTORY, _FOLDER_MODE, uid, gid, "", "")
            case _:
                return FileEntry(path, FileType.FILE, 0o755 if mode & 0o100 else 0o644, uid, gid, "", "")

    def _content(self, blob: str) -> bytes:
        found = self.repository.content(blob, _LARGEST)
        if found is None:
            raise RepositoryError(f"the blob {blob} is larger than 1 GiB", "this is no repository of configuration")
        return found


def _hostile(path: str) -> RepositoryError:
    return RepositoryError(f"a commit has a file {path}, which git itself would not check out: nothing of it is written", _OTHER_ENDS)


def repository_history(workspace: Workspace, repository: GitRepository, question: Question) -> RepositoryHistory:
    """The commits between both ends that a question means.

    :raises RepositoryError: if a revision names no commit.
    :raises NotFound: if no good end is named, and there is no good mark or no commit so old.
    :raises InvalidInput: if the good end does not lie on the way to the bad one, or nothing lies between them.
    """
    if question.level is not By.BOTH:
        raise InvalidInput("--by is of snapshots", "a search of a repository ends with a commit: leave --by away")
    bad = repository.resolved(question.until or "HEAD")
    line = tuple(repository.commits([bad], first_parents_only=True))
    good = repository.resolved(question.since) if question.since else _last_good(workspace, line)
    positions = [number for number, commit in enumerate(line) if commit.id == good]
    if not positions:
        raise InvalidInput(
            f"{good[:12]} is not among the first parents of {bad[:12]}", "name a commit of the same branch: git log --first-parent --oneline"
        )
    first, *rest = line[positions[0] :]
    kept = [commit for commit in rest if not question.path or _touches(repository, commit, question.path)]
    if not kept:
        covered = f" that touches {question.path}" if question.path else ""
        raise InvalidInput(f"there is no commit{covered} after {good[:12]} up to {bad[:12]}", "name an earlier --good, or another --path")
    return RepositoryHistory(workspace, repository, (first, *kept))


def _last_good(workspace: Workspace, line: Sequence[Commit]) -> str:
    """The commit that was there when this machine was last seen working."""
    how = "say which commit was good: --good REV"
    try:
        at = resolve_time(workspace, Basis.LAST_GOOD, f"host:{workspace.settings.host}")
    except NotFound as error:
        raise NotFound(error.message, how) from error
    for commit, after in pairwise((*line, None)):
        if commit is not None and moment(commit.committed_at) <= at and (after is None or moment(after.committed_at) > at):
            return commit.id
    raise NotFound("no commit is as old as the last good mark", how)


def _touches(repository: GitRepository, commit: Commit, glob: str) -> bool:
    paths = (path for edit in repository.edits_of(commit) for path in edit.paths)
    return any(globs.matches(glob, name) for path in paths for name in (path, f"/{path}"))
