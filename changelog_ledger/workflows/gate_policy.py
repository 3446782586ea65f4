"""The policy that an edit is judged by: the repository's, as it was before the edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from changelog_ledger.errors import SettingsError
from changelog_ledger.gate.places import place_of
from changelog_ledger.model.change import Remark
from changelog_ledger.model.gate import POLICY_FILE, PYPROJECT, GatePolicy, Judged, Side
from changelog_ledger.settings.gate_policy import LARGEST, POLICY_FILES, read_gate_policy
from changelog_ledger.sources.git_repository import GitRepository

_INDEX = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A policy, where it stood, and what is worth saying of it.

    :ivar policy: None where the repository has none: then nothing in it is the gate's business.
    """

    policy: GatePolicy | None
    remarks: tuple[Remark, ...] = ()


def policy_of_staged(repository: GitRepository) -> Found:
    """The policy of HEAD; where it has none, that of the index; where neither has, the file in the work tree.

    Whoever loosens the policy does so under the policy that holds until then. One that cannot be read binds nobody, else nobody could mend it.

    :raises SettingsError: if the first policy that is to be used cannot be read, and there is none to use in its place.
    """
    remarks: tuple[Remark, ...] = ()
    for revision in ("HEAD", _INDEX):
        if revision == "HEAD" and not repository.head():
            continue
        try:
            policy = policy_at(repository, revision)
        except SettingsError as error:
            if revision == _INDEX:
                raise
            remarks = (Remark("broken-policy", f"the policy of HEAD cannot be used: {error.message}; what is staged is judged by the staged one"),)
            continue
        if policy is not None:
            return Found(policy, remarks)
    found = _on_disk(repository)
    if found is not None:
        remarks = (*remarks, Remark("policy-not-committed", f"{POLICY_FILE} is not committed: others are not bound by it"))
    return Found(found, remarks)


def policy_of_commit(repository: GitRepository, commit: str, parents: tuple[str, ...]) -> GatePolicy | None:
    """The policy of a commit's first parent that has one that can be read, else its own; None: nothing of it is the gate's business."""
    for revision in (*parents, commit):
        try:
            policy = policy_at(repository, revision)
        except SettingsError:
            if revision == commit:
                raise
            continue
        if policy is not None:
            return policy
    return None


def policy_at(repository: GitRepository, revision: str) -> GatePolicy | None:
    """The policy that a revision (or the index, ``""``) holds; None if it holds none.

    :raises SettingsError: if it is too large, no file, or cannot be read.
    """
    for name in POLICY_FILES:
        side = repository.side(revision, name)
        if side is None or side.is_link or side.is_submodule:
            if side is not None and name == POLICY_FILE:
                raise SettingsError(f"{name} is no file", f"make it one: git rm --cached {name}, and add a plain file")
            continue
        content = repository.content(side.blob, LARGEST)
        if content is None:
            if name == PYPROJECT:
                continue
            raise SettingsError(f"{name} is larger than {LARGEST:,} bytes", "a policy is a page: shorten its list of patterns")
        policy = read_gate_policy(name, content) if name == POLICY_FILE or b"changelog-ledger" in content else None
        if policy is not None:
            return policy
    return None


def _on_disk(repository: GitRepository) -> GatePolicy | None:
    """The file in the work tree, if it is a plain one."""
    root = repository.top_level
    path = None if root is None else Path(root) / POLICY_FILE
    if path is None or path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SettingsError(f"{path} is larger than {LARGEST:,} bytes", "a policy is a page: shorten its list of patterns")
    return read_gate_policy(POLICY_FILE, content)


def without_own_file(repository: GitRepository, policy: GatePolicy, edits: Sequence[Judged]) -> tuple[Judged, ...]:
    """The same edits; of the policy's own file needs no change what brings the policy, or leaves it as it is (of a ``pyproject.toml`` the rest)."""
    return tuple(replace(judged, exempt=why) if (why := _why_its_own(repository, policy, judged)) else judged for judged in edits)


def _why_its_own(repository: GitRepository, policy: GatePolicy, judged: Judged) -> str:
    edit = judged.edit
    if edit.path != policy.file or edit.old_path or _is_somebodys(policy, edit.path):
        return ""
    if edit.before is None:
        return "it brings the policy"
    if edit.path == PYPROJECT and edit.after is not None:
        before, after = (_policy_in(repository, side) for side in (edit.before, edit.after))
        return "the policy in it stays as it is" if before is not None and before == after else ""
    return ""


def _is_somebodys(policy: GatePolicy, path: str) -> bool:
    """Whether the policy's own file is configuration by a pattern, too."""
    place = place_of(replace(policy, file=POLICY_FILE), path)
    return place is not None and bool(place.targets)


def _policy_in(repository: GitRepository, side: Side) -> GatePolicy | None:
    """The policy of one version of a ``pyproject.toml``; None where there is none that can be read."""
    content = None if side.is_link or side.is_submodule else repository.content(side.blob, LARGEST)
    try:
        return None if content is None else read_gate_policy(PYPROJECT, content)
    except SettingsError:
        return None
