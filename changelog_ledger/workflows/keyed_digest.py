"""The digest that stands for content which may hold a secret: who lacks the home's key learns nothing by it, not even by guessing."""

from __future__ import annotations

import hmac

from changelog_ledger.workflows.workspace import Workspace

SHOWN_DIGITS = 12
"""So many digits of a digest stand where a secret stood, as its fingerprint."""


def keyed_digest(workspace: Workspace, secret: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) with the home's key, hex: shows *that* a secret changed, and nothing else to whoever lacks the key."""
    return hmac.digest(workspace.fingerprint_key, secret, "sha256").hex()


def expected_digest(workspace: Workspace, content: bytes) -> str:
    """The digest by which content that the gate let in is recognized on a host.

    :param content: a file's bytes; of a symlink, its text.
    :raises HomeError: if the home's key is gone.
    """
    return keyed_digest(workspace, content)
