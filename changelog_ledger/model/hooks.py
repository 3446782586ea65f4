"""Git hooks: at which stages the gate stands in a repository, and what became of each hook (githooks(5))."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BEFORE = ".before-ledger"
"""Ends the name of a hook that was there before ours: ours runs it first."""


class Stage(StrEnum):
    """When git calls a hook; the names are git's."""

    PRE_COMMIT = "pre-commit"
    PRE_MERGE_COMMIT = "pre-merge-commit"
    PREPARE_COMMIT_MSG = "prepare-commit-msg"
    COMMIT_MSG = "commit-msg"
    PRE_RECEIVE = "pre-receive"


WORK_STAGES = (Stage.PRE_COMMIT, Stage.PRE_MERGE_COMMIT, Stage.PREPARE_COMMIT_MSG, Stage.COMMIT_MSG)
"""Where people commit."""

SERVER_STAGES = (Stage.PRE_RECEIVE,)
"""Where they push to."""


class HookState(StrEnum):
    """What became of a hook."""

    WRITTEN = "written"
    REFRESHED = "refreshed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook of a repository.

    :ivar path: the absolute path of the gate's script, or of what is there in its place.
    :ivar before: the absolute path of the hook that was there and is run first; empty if there was none.
    """

    stage: Stage
    path: str
    state: HookState
    before: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """What ``ledger hook install`` or ``uninstall`` did.

    :ivar folder: the absolute path of the folder that git takes the repository's hooks from.
    :ivar hooks: one for each stage, in git's order; after ``uninstall`` only those where the gate stood.
    :ivar warnings: what a person should know though it worked.
    """

    folder: str
    hooks: tuple[Hook, ...]
    warnings: tuple[str, ...] = ()
