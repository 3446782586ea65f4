"""Writing five known files into a tree of 20,000: the repository alone, without looking at any file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from git import Actor, IndexFile, Repo
from git.index.typ import BaseIndexEntry

from benchmarks import etc_tree
from benchmarks.contest import GitTree
from benchmarks.timing import Bar, Contestant, Row, medians
from changelog_ledger.snapshots.note import SnapshotNote
from changelog_ledger.snapshots.repository import BranchMove, SnapshotRepository
from changelog_ledger.snapshots.writer import CommitPlan, TreeChange, TreeFile

FILES, CHANGED = 20_000, 5
BRANCH = "refs/heads/host/bench"


def write(folder: Path, quick: bool) -> Iterator[Row]:
    """Ours against a bare ``git fast-import`` with the same settings for the disk, and GitPython's index."""
    source = GitTree(folder / "write" / "source", FILES)
    source.init()
    source.commit()
    paths = [path for path, _ in etc_tree.contents(FILES)][:: FILES // CHANGED]
    bare = _clone(source, folder / "write" / "bare.git")
    index = _Index(_clone(source, folder / "write" / "index.git"))
    ours = _Ours(folder / "write" / "ours.git", source, paths)
    contestants = [
        Contestant("git fast-import", lambda number: _fast_import(bare, _blobs(paths, number)), _settle),
        Contestant("library", lambda number: ours.write(_blobs(paths, number)), _settle),
        Contestant("GitPython's index", lambda number: index.write(_blobs(paths, number)), _settle),
    ]
    taken = medians(contestants, 5 if quick else 31)
    ours.close()
    name = f"write {CHANGED} known files into a tree of {FILES:,}"
    yield Row(name, "library", taken["library"], "git fast-import", taken["git fast-import"], Bar.ratio(1.5))
    yield Row(name, "library", taken["library"], "GitPython's index", taken["GitPython's index"])


def _settle(_round: int) -> None:
    os.sync()


def _blobs(paths: list[str], number: int) -> dict[str, bytes]:
    return dict.fromkeys(paths, b"value = %d\n" % number)


def _clone(source: GitTree, place: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", "--bare", str(source.root), str(place)], check=True)
    subprocess.run(["git", "-C", str(place), "update-ref", BRANCH, "HEAD"], check=True)
    return place


def _fast_import(repository: Path, blobs: dict[str, bytes]) -> None:
    changes = b"".join(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data) for path, data in blobs.items())
    head = b"commit %s\ncommitter bench <> 1700000000 +0000\ndata 3\nnow\nfrom %s^0\n" % (BRANCH.encode(), BRANCH.encode())
    settings = ("-c", "core.fsync=all", "-c", "fastimport.unpackLimit=0", "-c", "core.compression=1", "-c", "pack.compression=1")
    arguments = ["git", "-C", str(repository), *settings, "fast-import", "--quiet", "--done", "--date-format=raw", "--depth=0"]
    subprocess.run(arguments, input=head + changes + b"\ndone\n", check=True)


class _Index:
    """GitPython as its manual shows it: read the tree into an index, add blobs, write the tree, commit."""

    def __init__(self, repository: Path) -> None:
        self._repo = Repo(repository)

    def write(self, blobs: dict[str, bytes]) -> None:
        repo, tip = self._repo, self._repo.commit(BRANCH)
        index = IndexFile.from_tree(repo, tip)
        entries = []
        for path, data in blobs.items():
            result = subprocess.run(["git", "-C", repo.git_dir, "hash-object", "-w", "--stdin"], input=data, check=True, capture_output=True)
            entries.append(BaseIndexEntry((0o100644, bytes.fromhex(result.stdout.decode().strip()), 0, path)))
        index.add(entries, write=False)
        person = Actor("bench", "bench@example")
        commit = index.commit("now", parent_commits=[tip], head=False, author=person, committer=person, skip_hooks=True)
        repo.git.update_ref(BRANCH, commit.hexsha)


class _Ours:
    def __init__(self, place: Path, source: GitTree, paths: list[str]) -> None:
        self._repository = SnapshotRepository.create(place)
        with self._repository.writer("first") as writer:
            written = {"/" + path: TreeFile("100644", writer.blob((source.root / path).read_bytes())) for path, _ in etc_tree.contents(FILES)}
            self._tip = writer.commit(CommitPlan(None, _note("first"), TreeChange(written)))
        self._repository.advance([BranchMove("bench", None, self._tip)], writer.incoming)

    def write(self, blobs: dict[str, bytes]) -> None:
        name = f"round{self._tip}"
        with self._repository.writer(name) as writer:
            written = {"/" + path: TreeFile("100644", writer.blob(data)) for path, data in blobs.items()}
            commit = writer.commit(CommitPlan(self._tip, _note(name), TreeChange(written)))
        self._repository.advance([BranchMove("bench", self._tip, commit)], writer.incoming)
        self._tip = commit

    def close(self) -> None:
        self._repository.close()


def _note(identity: str) -> SnapshotNote:
    return SnapshotNote(identity, "bench", datetime.now(UTC))
