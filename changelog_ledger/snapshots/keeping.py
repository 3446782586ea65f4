"""Keeping the repository small: commits are let go of, and what is left goes into one pack.

A host's commits are a chain, and facts name them, so none can be rewritten. What git calls *shallow* lets go of some all the same: a commit that
the file ``shallow`` lists counts as one without parents, for every walk of git (gitrepository-layout(5)). The commits that the branch then no
longer reaches, but that are to stay, are the parents of a commit without files, ``refs/kept/HOST``: one ref a host, however many there are.

First comes the ref, then ``shallow``, then the objects go: whatever is interrupted leaves too much, never too little.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.topology import checked_name
from changelog_ledger.model.upkeep import Room
from changelog_ledger.snapshots.objects import checked_id
from changelog_ledger.snapshots.plumbing import Plumbing
from changelog_ledger.snapshots.refs import HOSTS

KEPT = "refs/kept/"
_SHALLOW = "shallow"
CANDIDATE = "candidate"
_ATTEMPTS = 3


def room(repository: Path) -> Room:
    """What the repository takes at this moment."""
    size = sum(_size(file) for file in repository.rglob("*"))
    return Room(size, sum(1 for _ in _packs(repository).glob("*.pack")), sum(1 for _ in _loose(repository)))


# ---- letting go


class Parting(NamedTuple):
    """How git is to forget commits.

    :ivar keepers: by host, the commits to be held from now on.
    :ivar held_by: the refs that hold commits so far.
    :ivar shallow: all commits that are to count as having no parents.
    """

    keepers: Mapping[str, Sequence[str]]
    held_by: Mapping[str, str]
    shallow: frozenset[str]


def parting(plumbing: Plumbing, repository: Path, unwanted: Mapping[str, Collection[str]]) -> Parting:
    """How git can forget commits, by host, so that whatever else the hosts' refs reach stays reachable; also when their branches grow meanwhile.

    :raises RepositoryError: if git fails.
    """
    names = {kind + checked_name(host) for host in unwanted for kind in (HOSTS, KEPT)}
    refs = {name: commit for name, commit in all_refs(plumbing).items() if name in names}
    parents = _parents(plumbing, refs.values())
    shallow, keepers = _read_shallow(repository), dict[str, Sequence[str]]()
    for host, commits in unwanted.items():
        tip, keeper = refs.get(HOSTS + host), refs.get(KEPT + host)
        held = parents[keeper] if keeper else ()
        gone = set(commits) - {tip}
        left = _reached(parents, (*held, tip) if tip else held) - gone
        cut = {commit for commit in left if not gone.isdisjoint(parents[commit])}
        followed = {parent for commit in left - cut for parent in parents[commit]}
        shallow = (shallow | cut) - gone
        if set(held) != (heads := left - followed - {tip}):
            keepers[host] = sorted(heads)
    return Parting(keepers, refs, frozenset(shallow))


def let_go(plumbing: Plumbing, repository: Path, decided: Parting) -> None:
    """Have git forget. The caller has the repository alone, and has swept it.

    :raises RepositoryError: if git fails.
    """
    _write_keepers(plumbing, decided.keepers, decided.held_by)
    _write_shallow(repository, decided.shallow)


def all_refs(plumbing: Plumbing) -> Mapping[str, str]:
    """Every ref and its object."""
    lines = plumbing.run("for-each-ref", "--format=%(objectname) %(refname)").decode().splitlines()
    return {name: target for target, name in (line.split(" ", 1) for line in lines)}


def _parents(plumbing: Plumbing, starts: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The parents of all that is reachable, as git sees them: none of what is shallow."""
    if not starts:
        return {}
    output = plumbing.run("rev-list", "--parents", "--stdin", stdin="".join(f"{start}\n" for start in starts).encode())
    return {commit: tuple(parents) for commit, *parents in (line.split() for line in output.decode().splitlines())}


def _reached(parents: Mapping[str, tuple[str, ...]], starts: Iterable[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        commit = waiting.pop()
        if commit not in reached:
            reached.add(commit)
            waiting += parents[commit]
    return reached


def _write_keepers(plumbing: Plumbing, keepers: Mapping[str, Sequence[str]], refs: Mapping[str, str]) -> None:
    """One commit a host that has the commits to be held as its parents, all by one git process; none where there is nothing to hold."""
    commits = [_keeper(host, heads) for host, heads in keepers.items() if heads]
    if commits:
        plumbing.run("fast-import", "--quiet", "--force", "--done", "--date-format=raw", stdin="".join([*commits, "done\n"]).encode())
    gone = [f"delete {KEPT}{host} {refs[KEPT + host]}\n" for host, heads in keepers.items() if not heads]
    if gone:
        plumbing.run("update-ref", "--stdin", stdin="".join(gone).encode())


def _keeper(host: str, heads: Sequence[str]) -> str:
    """The same for the same commits, whenever it is made."""
    name = KEPT + checked_name(host)
    message = f"snapshots of {host} that are kept"
    merged = "".join(f"merge {checked_id(head)}\n" for head in heads[1:])
    begin = f"reset {name}\n\ncommit {name}\ncommitter ledger <> 0 +0000\ndata {len(message)}\n{message}\n"
    return f"{begin}from {checked_id(heads[0])}\n{merged}deleteall\n\n"


def _read_shallow(repository: Path) -> set[str]:
    try:
        return set((repository / _SHALLOW).read_text("ascii").split())
    except FileNotFoundError:
        return set()


def _write_shallow(repository: Path, commits: Collection[str]) -> None:
    """By way of ``shallow.lock``, as git does it."""
    if commits == _read_shallow(repository):
        return
    lock = repository / f"{_SHALLOW}.lock"
    descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{checked_id(commit)}\n" for commit in sorted(commits)))
        file.flush()
        os.fsync(file.fileno())
    lock.replace(repository / _SHALLOW)
    _synced(repository)


# ---- one pack


class Repacking:
    """What the refs reach, packed anew and well beside the repository, then put in the place of all that was there.

    The long part needs no lock: :meth:`begin` only reads. :meth:`finish` adds what was written since. Each pack is proved complete by itself
    before anything is removed. Not ``git repack``: that would need the repository alone from beginning to end.
    """

    def __init__(self, plumbing: Plumbing, repository: Path) -> None:
        self._plumbing = plumbing
        self._repository = repository
        self._candidate = repository / CANDIDATE
        self._apart = Plumbing(str(repository), str(self._candidate))
        self._packed: frozenset[str] = frozenset()

    def begin(self) -> None:
        """Pack what is reachable now.

        :raises RepositoryError: if something is missing, or there is no room for it; nothing was altered.
        """
        self.abandon()
        (self._candidate / "pack").mkdir(parents=True, mode=0o700)
        (self._candidate / "info").mkdir(mode=0o700)
        self._add(self._reachable())

    def finish(self) -> None:
        """Pack what has come since, and remove whatever else there is. The caller has the repository alone, and has swept it.

        :raises RepositoryError: if something is missing; nothing was removed.
        """
        for _ in range(_ATTEMPTS):  # once, unless a git process has outlived the killed command that started it
            now = self._reachable()
            if now == self._packed:
                break
            self._add(now)
        else:
            raise RepositoryError("refs are being moved while nobody should move any", "see which git process runs there, then try again")
        self._replace()

    def abandon(self) -> None:
        """Remove what was begun."""
        shutil.rmtree(self._candidate, ignore_errors=True)

    def _reachable(self) -> frozenset[str]:
        return frozenset(all_refs(self._plumbing).values())

    def _add(self, tips: frozenset[str]) -> None:
        alternates = self._candidate / "info" / "alternates"
        alternates.write_text("../objects\n")  # relative to the object directory, gitrepository-layout(5)
        # Nothing is reused: fast-import makes no deltas, and pack-objects would not look for one between two objects of the same pack.
        options = ("--revs", "--quiet", "--non-empty", "--no-reuse-object", "--delta-base-offset", "--compression=6")
        self._apart.run("pack-objects", *options, str(self._candidate / "pack" / "pack"), stdin=self._new(tips))
        alternates.unlink()
        self.prove(tips)
        self._packed = tips

    def prove(self, tips: frozenset[str]) -> None:
        """Walk all that the tips reach, and that was not proved before, in the new packs alone; every file is looked for.

        :raises RepositoryError: naming what is missing.
        """
        self._apart.run("rev-list", "--objects", "--quiet", "--stdin", stdin=self._new(tips))

    def _new(self, tips: frozenset[str]) -> bytes:
        return "".join([*(f"{tip}\n" for tip in sorted(tips)), *(f"^{tip}\n" for tip in sorted(self._packed))]).encode()

    def _replace(self) -> None:
        packs, new = _packs(self._repository), self._candidate / "pack"
        old = list(packs.iterdir())
        made = sorted(new.iterdir(), key=lambda file: file.suffix == ".idx")  # a pack is there as soon as its index is
        for file in made:
            _sync_file(file)
            file.replace(packs / file.name)
        _synced(packs)
        names = {file.name for file in made}
        for file in sorted((file for file in old if file.name not in names), key=_order):
            file.unlink(missing_ok=True)
        for file in _loose(self._repository):
            file.unlink(missing_ok=True)
        for cache in (self._repository / "objects" / "info").glob("commit-graph*"):  # would name commits that are gone
            shutil.rmtree(cache) if cache.is_dir() else cache.unlink()
        self.abandon()


def _order(file: Path) -> int:
    """What points to others goes first: the index of many packs, that of one, the pack."""
    return 0 if file.name.startswith("multi-pack-index") else 1 if file.suffix == ".idx" else 2


def _packs(repository: Path) -> Path:
    return repository / "objects" / "pack"


def _loose(repository: Path) -> Iterator[Path]:
    return (repository / "objects").glob("[0-9a-f][0-9a-f]/*")


def _size(file: Path) -> int:
    try:
        status = file.lstat()
    except FileNotFoundError:  # a writer's temporary file
        return 0
    return 0 if stat.S_ISDIR(status.st_mode) else status.st_size


def _sync_file(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _synced(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
