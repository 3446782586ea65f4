"""What is being committed besides what somebody staged: a merge, a revert, a cherry-pick (gitrevisions(7), ``MERGE_HEAD`` …)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from changelog_ledger.sources.git_objects import Objects, is_id

_TOLD = "GITHEAD_"
_HEADS = ("MERGE_HEAD", "REVERT_HEAD", "CHERRY_PICK_HEAD")


@dataclass(frozen=True, slots=True)
class InProgress:
    """What waits for its commit.

    :ivar merging: the commits that HEAD is merged with; more than one of an octopus; none if no merge.
    :ivar reverting: the commit that is taken back, or empty; ``picking``: the one that is cherry-picked.
    """

    merging: tuple[str, ...] = ()
    reverting: str = ""
    picking: str = ""


def in_progress(objects: Objects, directory: Callable[[], str], inherited: Mapping[str, str]) -> InProgress:
    """What is in progress.

    :param directory: the git directory; asked for only if something seems to be in progress.
    :param inherited: the environment: ``git merge`` writes ``MERGE_HEAD`` only after its hook ``pre-merge-commit``, and tells it the commits by the
        names of variables, ``GITHEAD_`` and the id (git-merge(1), builtin/merge.c).
    """
    if not any(objects.infos(_HEADS)):
        return InProgress(merging=_told(inherited))
    # A branch may be called REVERT_HEAD, and is then found under that name: what counts is git's own file.
    merging, reverting, picking = (_ids(Path(directory(), name)) for name in _HEADS)
    return InProgress(merging or _told(inherited), "".join(reverting[:1]), "".join(picking[:1]))


def _told(inherited: Mapping[str, str]) -> tuple[str, ...]:
    told = (name.removeprefix(_TOLD) for name in inherited if name.startswith(_TOLD))
    return tuple(commit for commit in told if is_id(commit))


def _ids(file: Path) -> tuple[str, ...]:
    try:
        lines = file.read_text("ascii", "replace").split()
    except OSError:
        return ()
    return tuple(line for line in lines if is_id(line))
