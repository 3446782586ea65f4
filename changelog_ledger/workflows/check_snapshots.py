"""Whether the files of an import's snapshots can be, before git sees any of them: a dry run finds it, and a bad line can be left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from changelog_ledger.errors import InvalidFact
from changelog_ledger.model.snapshot import FileType
from changelog_ledger.store.interchange import ReadLine, SnapshotLine
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.workspace import Workspace


def possible(workspace: Workspace, view: View, lines: Iterable[ReadLine], refuse: Callable[[InvalidFact], None]) -> Iterator[ReadLine]:
    """The lines without snapshots in which a file would have to be a directory too."""
    trees: dict[str, _Tree] = {}
    for read in lines:
        if isinstance(read.line, SnapshotLine):
            host = read.line.host
            if host not in trees:
                trees[host] = _tree_of(workspace, view, host)
            if why := trees[host].refusal(read.line):
                refuse(InvalidFact(*why, line=read.number))
                continue
        yield read


@dataclass
class _Tree:
    """The files of one host as the lines so far leave them.

    :ivar folders: how many files lie below each directory.
    """

    files: set[str] = field(default_factory=set)
    folders: Counter[str] = field(default_factory=Counter)

    def refusal(self, line: SnapshotLine) -> tuple[str, str] | None:
        """Message and hint if the line cannot be; then the tree is as before. Otherwise the line is part of it."""
        gone = [path for path, text in line.files.items() if text is None and path in self.files]
        new = [path for path, text in line.files.items() if text is not None and path not in self.files]
        self._alter(gone, new)
        why = next((why for path in new if (why := self._conflict(path))), None)
        if why is not None:
            self._alter(new, gone)
        return why

    def _conflict(self, path: str) -> tuple[str, str] | None:
        if self.folders[path]:
            return f"{path} is a directory, so it cannot be a file too", "remove the files below it first, with null"
        for above in _above(path):
            if above in self.files:
                return f"{above} is a file, so nothing can lie below it", "remove the file first, with null"
        return None

    def _alter(self, gone: Iterable[str], new: Iterable[str]) -> None:
        for path in gone:
            self.files.discard(path)
            self.folders.subtract(_above(path))
        for path in new:
            self.files.add(path)
            self.folders.update(_above(path))


def _tree_of(workspace: Workspace, view: View, host: str) -> _Tree:
    last = view.evidence.last_snapshot(host)
    tree = _Tree()
    if last is not None:
        entries = workspace.repository.manifest_of(last.commit).whole()
        tree._alter((), [entry.path for entry in entries if entry.type is not FileType.DIRECTORY])
    return tree


def _above(path: str) -> list[str]:
    """The directories that a path lies in, the top left out."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(2, len(parts))]
