"""The policy that an edit is judged by: the repository's, as it was before the edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from changelog_ledger.errors import SettingsError
from changelog_ledger.gate.places import place_of
from changelog_ledger.gate.strictness import introduced
from changelog_ledger.model.change import Remark
from changelog_ledger.model.gate import POLICY_FILE, PYPROJECT, Commit, GatePolicy, Judged, Side
from changelog_ledger.settings.gate_policy import LARGEST, POLICY_FILES, read_gate_policy
from changelog_ledger.sources.git_repository import GitRepository

_INDEX = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A policy, where it stood, and what is worth saying of it.

    :ivar policy: None where the repository has none: then nothing in it is the gate's business.
    :ivar is_new: whether what is judged brings it itself, and nothing was judged before.
    """

    policy: GatePolicy | None
    remarks: tuple[Remark, ...] = ()
    is_new: bool = False


def policy_of_staged(repository: GitRepository) -> Found:
    """The policy of HEAD; where it has none, that of what is merged into it, then of the index; where none has, the file in the work tree.

    Whoever loosens the policy does so under the policy that holds until then, and whoever brings one is not freed by it. One that cannot be read
    binds nobody, else nobody could mend it.

    :raises SettingsError: if the first policy that is to be used cannot be read, and there is none to use in its place.
    """
    remarks: tuple[Remark, ...] = ()
    if repository.head():
        policy, remarks = _readable(repository, "HEAD", "what is staged is judged by the staged one")
        if policy is not None:
            return Found(policy, remarks)
        for side in repository.in_progress().merging:
            policy, _ = _readable(repository, side, "")
            if policy is not None:
                return Found(policy, remarks)
    policy = policy_at(repository, _INDEX)
    if policy is not None:
        return Found(introduced(policy), remarks, is_new=True)
    found = _on_disk(repository)
    if found is not None:
        remarks = (*remarks, Remark("policy-not-committed", f"{POLICY_FILE} is not committed: others are not bound by it"))
    return Found(found, remarks)


def policies_in(repository: GitRepository, base: str, commits: Iterable[Commit]) -> Iterator[tuple[Commit, Found]]:
    """Each commit of a range with the policy that it is judged by.

    What descends from the base is judged by the policy of its parents that do, too: whoever altered it there was judged for that. For everything else
    the policy of the base holds: a history that begins before it, or elsewhere, could bring any policy of its own. Only where the base has none, a
    commit's parents are asked, then itself.

    :param base: the commit that the range is to be added to; empty for none.
    :param commits: parents before children.
    """
    known = {base: True}
    held, remarks = _readable(repository, base, "commits from elsewhere are judged as if there were none") if base else (None, ())
    for commit in commits:
        for parent in commit.parents:
            if base and parent not in known:  # another reference has it already
                known[parent] = repository.merge_base(base, parent) == base
        within = tuple(parent for parent in commit.parents if known.get(parent))
        known[commit.id] = bool(within)
        if commit.is_shallow:
            yield commit, Found(None)
        elif within or held is None:
            found = _of_parents(repository, commit, within or commit.parents)
            yield commit, found if within else replace(found, remarks=(*remarks, *found.remarks))
        else:
            yield commit, Found(_from_elsewhere(repository, held, commit))


def _of_parents(repository: GitRepository, commit: Commit, parents: Iterable[str]) -> Found:
    """The policy of the first of these parents that has one that can be read, else the commit's own."""
    remarks: tuple[Remark, ...] = ()
    for parent in parents:
        policy, said = _readable(repository, parent, f"{commit.id[:12]} is judged by another parent's, or its own")
        remarks += said
        if policy is not None:
            return Found(policy, remarks)
    own = policy_at(repository, commit.id)
    return Found(own and introduced(own), remarks, is_new=own is not None)


def _from_elsewhere(repository: GitRepository, held: GatePolicy, commit: Commit) -> GatePolicy:
    """The policy that holds; a policy of the commit's own in another file is configuration as well."""
    own, _ = _readable(repository, commit.id, "")
    return held if own is None or own.file == POLICY_FILE else replace(held, file=own.file)


def _readable(repository: GitRepository, commit: str, instead: str) -> tuple[GatePolicy | None, tuple[Remark, ...]]:
    """The policy of a commit; one that cannot be read is none, and it is said what happens ``instead``."""
    try:
        return policy_at(repository, commit), ()
    except SettingsError as error:
        name = commit if commit == "HEAD" else commit[:12]
        return None, (Remark("broken-policy", f"the policy of {name} cannot be used: {error.message}; {instead}"),)


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
    brought = tuple(replace(judged, exempt="it brings the policy") if _brings(policy, judged) else judged for judged in edits)
    return without_same_policy(repository, policy, brought)


def without_same_policy(repository: GitRepository, policy: GatePolicy, edits: Sequence[Judged]) -> tuple[Judged, ...]:
    """The same edits, where a policy held before them: what leaves it as it is (of a ``pyproject.toml`` the rest) needs no change."""
    return tuple(replace(judged, exempt=why) if (why := _why_the_same(repository, policy, judged)) else judged for judged in edits)


def _brings(policy: GatePolicy, judged: Judged) -> bool:
    return _is_its_own(policy, judged) and judged.edit.before is None


def _is_its_own(policy: GatePolicy, judged: Judged) -> bool:
    """Whether an edit is of the policy's file, which is nobody's configuration besides."""
    return judged.edit.path == policy.file and not judged.edit.old_path and not _is_somebodys(policy, judged.edit.path)


def _why_the_same(repository: GitRepository, policy: GatePolicy, judged: Judged) -> str:
    edit = judged.edit
    if judged.passes or not _is_its_own(policy, judged) or edit.before is None:
        return judged.exempt
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
