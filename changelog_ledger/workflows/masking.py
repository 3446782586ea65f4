"""The one place where content is masked and its original sealed, before anything of it reaches git, the database or a screen.

The rules are imported when there is something to mask: they take a moment to load, and most snapshots find nothing new.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.plan import Taken, needs
from changelog_ledger.snapshots.writer import Writer
from changelog_ledger.workflows.keyed_digest import SHOWN_DIGITS, keyed_digest
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.redaction import Redacted

REDACTION_VERSION = "6"
"""Part of the stat cache's key: when the rules change, every file is looked at again."""


def masked(workspace: Workspace, path: str, content: bytes) -> Redacted:
    """The content of the file at ``path`` without its secrets."""
    from changelog_ledger.redaction import redact
    from changelog_ledger.workflows.secret_rules import ruleset

    return redact(path, content, lambda secret: keyed_digest(workspace, secret)[:SHOWN_DIGITS], ruleset(workspace.settings))


def masked_prose(workspace: Workspace, text: str) -> str:
    """Free text without what looks like a secret."""
    from changelog_ledger.redaction.prose import redact_text
    from changelog_ledger.workflows.secret_rules import ruleset

    return redact_text(text, lambda secret: keyed_digest(workspace, secret)[:SHOWN_DIGITS], ruleset(workspace.settings))


def is_original(workspace: Workspace, entry: FileEntry, content: bytes) -> bool:
    """Whether ``content`` is exactly what the host had when ``entry`` was made: the bytes of a file, the text of a link."""
    if entry.redacted:
        return hmac.compare_digest(keyed_digest(workspace, content), entry.fingerprint)
    if entry.type is FileType.SYMLINK:
        return content == os.fsencode(entry.link_to)
    return sha256(content).hexdigest() == entry.sha256


def masked_file(workspace: Workspace, entry: FileEntry, content: bytes) -> tuple[FileEntry, bytes]:
    """Entry and content without secrets, and without a plain digest of what holds one: a short one could be guessed from it."""
    is_link = entry.type is FileType.SYMLINK
    found = masked(workspace, "" if is_link else entry.path, content)  # a link's text is no key, whatever the link is called
    if not found.secrets:
        return entry, content
    link_to = os.fsdecode(found.content) if is_link else ""
    return replace(entry, redacted=found.secrets, sha256="", fingerprint=keyed_digest(workspace, content), link_to=link_to), found.content


def without_secret_attributes(workspace: Workspace, entry: FileEntry) -> FileEntry:
    """Attributes are in the manifest as they are, so where one holds a secret none is kept, and a restore leaves them alone."""
    secret = [name for name, value in entry.attributes if masked(workspace, "", b64decode(value)).secrets]
    if not secret:
        return entry
    detail = ", ".join(filter(None, [entry.detail, f"extended attributes not kept, for there is a secret in {', '.join(secret)}"]))
    return replace(entry, attributes=(), assumed=("attributes",), detail=detail)


@dataclass(frozen=True)
class FileStore:
    """Stores one file after the other: masked text as a blob, the original sealed beside it."""

    workspace: Workspace
    writer: Writer

    def stored(self, entry: FileEntry, content: bytes | None, before: FileEntry | None) -> Taken:
        """What :func:`~changelog_ledger.snapshots.plan.needs` asks for of one file.

        :param entry: as the host has it; ``sha256`` is that of ``content``.
        :param content: a regular file's bytes, a link's text; None where there is none.
        :param before: what the previous commit says of the path.
        :raises HomeError: if there is nobody to seal for.
        """
        text = content
        if content is not None:
            entry, text = masked_file(self.workspace, entry, content)
            entry = replace(entry, sealed_for=self._sealed_for) if entry.redacted else entry
        entry = without_secret_attributes(self.workspace, entry)
        wanted = needs(before, entry)
        blob = self.writer.blob(text) if wanted.content and text is not None else None
        sealed = self.writer.blob(self._sealed(content)) if wanted.seal and content is not None else None
        return Taken(entry, blob, sealed)

    def _sealed(self, content: bytes) -> bytes:
        from changelog_ledger.snapshots.sealing import seal

        return seal(content, self._recipients)

    @cached_property
    def _recipients(self) -> tuple[str, ...]:
        return self.workspace.recipients

    @cached_property
    def _sealed_for(self) -> str:
        return sealed_for(self._recipients)


def sealed_for(recipients: tuple[str, ...]) -> str:
    """What the manifest says of the recipients, in short: when they change, originals are sealed anew."""
    return sha256("\n".join(sorted(recipients)).encode()).hexdigest()[:8]
