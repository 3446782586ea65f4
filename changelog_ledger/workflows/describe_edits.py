"""What an edit of a repository alters, in the words of its format and without a secret. Loaded only for edits that no change covers."""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from dataclasses import replace

from changelog_ledger.diff import differences
from changelog_ledger.errors import LedgerError
from changelog_ledger.gate.form import why_not_form
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.gate import Edit, Judged
from changelog_ledger.redaction import redact
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.compare_files import format_for, version
from changelog_ledger.workflows.keyed_digest import SHOWN_DIGITS
from changelog_ledger.workflows.secret_rules import BUILT_IN, ruleset
from changelog_ledger.workflows.workspace import Workspace

LARGEST = 5 * 1024 * 1024
"""Bytes of a file that is read to see what is in it."""


def described(repository: GitRepository, workspace: Workspace | None, judged: Judged) -> Judged:
    """An edit with its deltas; at least one, whatever it is.

    :param workspace: the home, whose rules and key mask secrets; None where it is away: then the built-in rules do, with a key of this moment.
    """
    edit = judged.edit
    path = next((place.host_path for place in judged.places if place.host_path), "/" + edit.path)
    found = _whole(edit) or _content(repository, workspace, edit, path)
    return replace(judged, deltas=tuple(found))


def _whole(edit: Edit) -> list[Delta]:
    """What is said of an edit without reading any content."""
    before, after = edit.before, edit.after
    path = "/" + edit.path
    if (before and before.is_submodule) or (after and after.is_submodule):
        return [Delta(path, None, Op.OPAQUE, before and before.blob, after and after.blob, note="submodule")]
    if before and after and before.blob == after.blob and not edit.old_path:
        return [Delta(path, None, Op.METADATA, {"mode": f"{before.mode:o}"}, {"mode": f"{after.mode:o}"}, note="mode")]
    return []


def _content(repository: GitRepository, workspace: Workspace | None, edit: Edit, path: str) -> list[Delta]:
    contents = [None if side is None else repository.content(side.blob, LARGEST) for side in (edit.before, edit.after)]
    for side, content in zip((edit.before, edit.after), contents, strict=True):
        if side is not None and content is None:
            blobs = edit.before and edit.before.blob, edit.after and edit.after.blob
            return [Delta(path, None, Op.OPAQUE, *blobs, note="too large to be looked into")]
    if (edit.before and edit.before.is_link) or (edit.after and edit.after.is_link):
        before, after = (None if content is None else os.fsdecode(content) for content in contents)
        return [Delta(path, None, Op.CHANGED, before, after, note="symlink")]
    versions = _versions(workspace, path, contents)
    found = [_unless_it_means_something(delta, *versions) for delta in differences(path, *versions)]
    if edit.before and edit.after and edit.before.mode != edit.after.mode:
        found.append(Delta(path, None, Op.METADATA, {"mode": f"{edit.before.mode:o}"}, {"mode": f"{edit.after.mode:o}"}, note="mode"))
    if edit.old_path:
        found.insert(0, Delta(path, None, Op.MOVED, edit.old_path, edit.path, note="renamed"))
    return found or [Delta(path, None, Op.OPAQUE, note="differs only in what is redacted")]


def _unless_it_means_something(delta: Delta, before: FileVersion | None, after: FileVersion | None) -> Delta:
    """A delta of comments or form; where they may mean something it says so instead."""
    if before is None or after is None or delta.op is not Op.OPAQUE or delta.key is not None:
        return delta
    why = why_not_form(before, after)
    return replace(delta, note=f"{why} ({delta.note})") if why else delta


def _versions(workspace: Workspace | None, path: str, contents: Sequence[bytes | None]) -> tuple[FileVersion | None, FileVersion | None]:
    key, rules = _key(workspace), ruleset(workspace.settings) if workspace else BUILT_IN
    as_format = format_for(path, workspace.settings.format_rules) if workspace else None

    def masked(content: bytes | None) -> FileVersion | None:
        if content is None:
            return None
        known = redact(path, content, lambda secret: hmac.digest(key, secret, "sha256").hex()[:SHOWN_DIGITS], rules)
        return version(path, known.content, None, as_format)

    return masked(contents[0]), masked(contents[1])


def _key(workspace: Workspace | None) -> bytes:
    """The home's key; where it is not at hand one of this moment: its fingerprints say that a secret differs, and nothing besides."""
    if workspace is not None:
        try:
            return workspace.fingerprint_key
        except (LedgerError, OSError):
            return os.urandom(32)
    return os.urandom(32)
