"""Which paths differ: git's raw output (git-diff-index(1), "Raw output format", with ``-z``) → :class:`Edit`.

Renames are those of unaltered files only (``-M100%``): they are found by ids. Likeness would have git read both files whole, however large they
are (and fetch them, in a partial clone), and takes time that grows with the square of their number. A file that is renamed and altered is one
deleted and one added; both paths have to be covered either way.
"""

from __future__ import annotations

from collections.abc import Callable

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.gate import Edit, Side
from changelog_ledger.sources.git_process import Git, Process, text

OPTIONS = (
    "--raw",
    "-z",
    "--no-abbrev",
    "-M100%",
    "--no-rename-empty",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules=none",
    "-O/dev/null",
)
_SHOWN = 5
_PIECE = 65536


def staged(git: Git, tree: str) -> Process:
    """Start the comparison of the index with a tree; :func:`finish` has its answer.

    ``diff-index`` is plumbing: it reads no ``diff.*`` of the person's that alter what is shown, and does not refresh the index.
    What ``git add -N`` announces is not staged.
    """
    return git.start("diff-index", "--cached", "--ita-invisible-in-index", *OPTIONS, tree, "--", talks=False)


def finish(process: Process) -> tuple[Edit, ...]:
    """The edits, in the order of their paths.

    :raises RepositoryError: if paths are unmerged, or git fails.
    """
    tokens = iter(process.output().split(b"\0"))
    found: list[Edit] = []
    unmerged: list[str] = []
    for header in tokens:
        if not header:
            break
        edit, is_merged = _edit(header, tokens.__next__)
        if is_merged:
            found.append(edit)
        else:
            unmerged.append(edit.path)
    if unmerged:
        raise _unmerged(unmerged)
    return tuple(found)


class TreeEdits:
    """Compares trees, all through one ``git diff-tree --stdin``. Starts nothing until asked."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: Process | None = None
        self._rest = bytearray()

    def close(self) -> None:
        """End git."""
        if self._process is not None:
            self._process.close()
            self._process = None
            self._rest.clear()

    def between(self, old: str, new: str) -> tuple[Edit, ...]:
        """The edits that make the tree ``new`` of the tree ``old``; both are ids."""
        if self._process is None:
            self._process = self._git.start("diff-tree", "--stdin", "-r", *OPTIONS)
        try:
            # A line that is no id is said again, at once: so we know where the answer ends.
            self._process.stdin.write(f"{old} {new}\n.\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failure(self._process) from None
        return self._answer(self._process)

    def _answer(self, process: Process) -> tuple[Edit, ...]:
        self._until(process, b"\n")  # both ids
        found: list[Edit] = []
        while self._peek(process) == b":":
            found.append(_edit(self._until(process, b"\0"), lambda: self._until(process, b"\0"))[0])
        self._until(process, b"\n")
        return tuple(found)

    def _peek(self, process: Process) -> bytes:
        if not self._rest:
            self._more(process)
        return bytes(self._rest[:1])

    def _until(self, process: Process, end: bytes) -> bytes:
        searched = 0
        while (at := self._rest.find(end, searched)) < 0:
            searched = len(self._rest)
            self._more(process)
        found = bytes(self._rest[:at])
        del self._rest[: at + 1]
        return found

    def _more(self, process: Process) -> None:
        piece = process.stdout.read1(_PIECE)  # type: ignore[attr-defined]
        if not piece:
            raise self._failure(process)
        self._rest += piece

    def _failure(self, process: Process) -> RepositoryError:
        failure = process.failure()
        self.close()
        return failure


def _edit(header: bytes, following: Callable[[], bytes]) -> tuple[Edit, bool]:
    """One entry, and whether it is merged: ``:100644 100644 ID ID M``, then a path, or two if it is renamed."""
    old_mode, new_mode, old, new, status = header[1:].split(b" ")
    first = text(following())
    if status.startswith(b"R"):
        return Edit(text(following()), _side(old_mode, old), _side(new_mode, new), old_path=first), True
    return Edit(first, _side(old_mode, old), _side(new_mode, new)), status != b"U"


def _side(mode: bytes, blob: bytes) -> Side | None:
    return None if mode == b"000000" else Side(int(mode, 8), blob.decode("ascii"))


def _unmerged(paths: list[str]) -> RepositoryError:
    names = list(dict.fromkeys(paths))
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    count = "a path is" if len(names) == 1 else f"{len(names)} paths are"
    return RepositoryError(f"{count} unmerged: {shown}", "resolve the conflict, then 'git add' what you resolved")
