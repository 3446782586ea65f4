"""What the gate let in is expected on the host, and recognized by its bytes when a snapshot finds it there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from posixpath import basename
from typing import TYPE_CHECKING

from changelog_ledger.errors import NotFound
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.state import is_state
from changelog_ledger.store.plain import plain_text
from changelog_ledger.workflows.keyed_digest import expected_digest
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.model.gate import Expected
    from changelog_ledger.model.snapshot import Snapshot
    from changelog_ledger.snapshots.committed import CommittedManifest

_REMOVED = ""
"""The digest of what is to be gone."""


def expected_among(workspace: Workspace, snapshot: Snapshot, deltas: Iterable[Delta]) -> dict[str, str]:
    """Which of the files that a snapshot found different arrived as the gate had let them in, and under which change, by path on the host.

    The newest edit that fits counts. Where the host had what the gate had let in already, it has to be newer than that: going back to what
    was let in longer ago is nothing that the gate has seen. A host that lags behind goes forward, as many edits at once as it likes.
    Edits that were let in after the snapshot are not asked: what was there before nobody can have expected.
    """
    paths = tuple(dict.fromkeys(delta.path for delta in deltas if delta.op is not Op.METADATA and not is_state(delta.path)))
    said = workspace.snapshot_books.expected_at(snapshot.host, snapshot.at) if paths else ()
    if not said:
        return {}
    by_name: dict[str, list[Expected]] = {}  # a deployment of thousands of files meets the edits of years
    for edit in said:
        by_name.setdefault(basename(edit.path), []).append(edit)
    now, before = (_Contents(workspace, commit, workspace.repository.manifest_of(commit)) for commit in (snapshot.commit, snapshot.previous))
    found = ((path, _under(now, before, path, tuple(_speaking(by_name, path)))) for path in paths)
    return {path: change for path, change in found if change}


def _speaking(by_name: Mapping[str, Iterable[Expected]], path: str) -> Iterator[Expected]:
    """The edits whose path a host's path ends in, by whole names; of a removal it has to be the whole path, for there are no bytes to tell by.

    :param by_name: edits by the last name of their path.
    """
    whole = plain_text(path)
    for edit in by_name.get(basename(whole), ()):
        if whole == f"/{edit.path}" or (edit.digest != _REMOVED and whole.endswith(f"/{edit.path}")):
            yield edit


@dataclass(frozen=True)
class _Contents:
    """What a host had when a snapshot was taken; nothing at all before the first (no commit)."""

    workspace: Workspace
    commit: str | None
    manifest: CommittedManifest

    def digest(self, path: str) -> str | None:
        """The keyed digest of what is at a path: empty if nothing is there, None if that cannot be told."""
        entry = self.manifest.entry(path)
        if entry is None or self.commit is None:
            return _REMOVED
        if entry.redacted:
            return entry.fingerprint
        if entry.link_to:
            return expected_digest(self.workspace, os.fsencode(entry.link_to))
        try:
            return expected_digest(self.workspace, self.workspace.repository.read(self.commit, path))
        except NotFound:  # no regular file, or its content is left out
            return None


def _under(now: _Contents, before: _Contents, path: str, edits: Sequence[Expected]) -> str:
    """The change of the newest edit that says what is there now, if none since says what was there before; empty if there is none.

    :param edits: the newest first.
    """
    arrived = now.digest(path) if edits else None
    newest = next((edit for edit in edits if edit.digest == arrived), None)
    if newest is None:
        return ""
    had = before.digest(path)
    since = takewhile(lambda edit: edit is not newest, edits)
    return "" if any(edit.digest == had for edit in since) else newest.change
