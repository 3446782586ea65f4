"""What a killed writer leaves behind, and removing it. None of it is ever part of a recorded snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from changelog_ledger.snapshots.plumbing import Plumbing

_SCRATCH = "refs/incoming/"


class LeftoverKind(StrEnum):
    """A scratch ref whose branches were never moved; a lock, which stops writers; a temporary pack or a crash report, which take room only."""

    INCOMING = "incoming"
    LOCK = "lock"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something to be swept.

    :ivar name: a ref, or a file's path below the repository.
    :ivar since: when it was last written, UTC; a writer that is still alive may own what is younger than its own start.
    """

    kind: LeftoverKind
    name: str
    since: datetime
    commit: str = ""


def leftovers(plumbing: Plumbing, repository: Path) -> tuple[Leftover, ...]:
    """Everything of that kind in the repository, oldest first."""
    found = [*_scratch_refs(plumbing, repository), *_files(repository)]
    return tuple(sorted(found, key=lambda leftover: (leftover.since, leftover.name)))


def sweep(plumbing: Plumbing, repository: Path, unwanted: Iterable[Leftover]) -> None:
    """Remove them; locks first, since they would stop the removal of refs. What is gone already is no error.

    :raises RepositoryError: if git fails.
    """
    chosen = list(unwanted)
    for leftover in chosen:
        if leftover.kind is not LeftoverKind.INCOMING:
            (repository / leftover.name).unlink(missing_ok=True)
    script = "".join(f"delete {leftover.name} {leftover.commit}\n" for leftover in chosen if leftover.kind is LeftoverKind.INCOMING)
    if script:
        plumbing.run("update-ref", "--stdin", stdin=script.encode())


def _scratch_refs(plumbing: Plumbing, repository: Path) -> Iterator[Leftover]:
    lines = plumbing.run("for-each-ref", "--format=%(objectname) %(refname)", _SCRATCH).decode().splitlines()
    for commit, name in (line.split(" ", 1) for line in lines):
        file = repository / name
        since = _modified(file if file.exists() else repository / "packed-refs")
        if since is not None:
            yield Leftover(LeftoverKind.INCOMING, name, since, commit)


def _files(repository: Path) -> Iterator[Leftover]:
    locks = [*repository.glob("*.lock"), *(repository / "refs").rglob("*.lock")]
    objects = repository / "objects"
    temporary = [*objects.glob("pack/tmp_*"), *objects.glob("pack/*.keep"), *objects.glob("??/tmp_obj_*"), *repository.glob("fast_import_crash_*")]
    temporary += [file for file in (repository / _SCRATCH).glob("*") if _is_empty(file)]  # a ref that a power cut emptied
    for kind, files in ((LeftoverKind.LOCK, locks), (LeftoverKind.TEMPORARY, temporary)):
        for file in files:
            since = _modified(file)
            if since is not None:
                yield Leftover(kind, str(file.relative_to(repository)), since)


def _is_empty(file: Path) -> bool:
    try:
        return file.lstat().st_size == 0
    except FileNotFoundError:
        return False


def _modified(file: Path) -> datetime | None:
    """None if it has just gone: then it belongs to a living writer."""
    try:
        return datetime.fromtimestamp(file.lstat().st_mtime, UTC)
    except FileNotFoundError:
        return None
