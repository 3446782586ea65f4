"""Commits that went past the gate are on record: as observations on what they alter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from changelog_ledger.model.fact import Fact
from changelog_ledger.model.gate import Judged, Verdict
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.workflows.workspace import Workspace

KIND = "unlogged-commit"
_NAMED = 20


def record_unlogged(workspace: Workspace, commits: Sequence[Verdict]) -> tuple[Fact, ...]:
    """Record commits with edits that nothing covers, each once for each target that it alters; seen again it adds nothing.

    What is on no target, or on one that the ledger does not know, is recorded on everything.
    """
    if not commits:
        return ()
    with workspace.store.reading() as view:
        targets = {target for verdict in commits for judged in verdict.refused for place in judged.places for target in place.targets}
        known = view.topology.known_among(targets)
    facts = [_fact(workspace, verdict, target, edits) for verdict in commits for target, edits in sorted(_by_target(verdict.refused, known).items())]
    return workspace.store.append(facts)


def _by_target(edits: Iterable[Judged], known: Iterable[Target]) -> Mapping[Target, Mapping[str, str]]:
    """For each target its edited files: the path in the repository, and the one on the target, as far as that is known."""
    there = frozenset(known)
    found: dict[Target, dict[str, str]] = {}
    for judged in edits:
        for place in judged.places:
            for target in [target for target in place.targets if target in there] or [EVERYTHING]:
                found.setdefault(target, {})[judged.edit.path] = place.host_path or "/" + judged.edit.path
    return found


def _fact(workspace: Workspace, commit: Verdict, target: Target, edits: Mapping[str, str]) -> Fact:
    files = sorted(edits)
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    who = commit.author.name if commit.author else "nobody known"
    summary = f"commit {commit.commit[:12]} by {who} alters {files[0]}{more}, and no change covers it: {commit.subject[:80]}"
    paths = [edits[file] for file in files[:_NAMED]]
    data = {"commit": commit.commit, "author": str(commit.author or ""), "files": files[:_NAMED], "paths": paths}
    body = {"what": KIND, "on": str(target), "summary": " ".join(summary.split()), "data": data}
    return workspace.fact("observation", body, at=commit.committed_at, ref=f"commit:{commit.commit}:{target}")
