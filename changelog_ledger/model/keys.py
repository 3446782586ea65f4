"""The keys of a home, as far as they may be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyOverview:
    """Whom originals are sealed for, and what can be opened here. Nothing in it is secret.

    :ivar recipients: the age recipients that the next originals are sealed for.
    :ivar own: the public half of the home's present key, or empty: this home can seal and not open.
    :ivar older: the public halves of the home's earlier keys, newest first: they open what was sealed before a rotation.
    :ivar fingerprints: a short digest of the fingerprint key: two homes with the same show the same secret by the same fingerprint.
    :ivar grants: the public half of the key that grants for offline work are signed with, or empty: none was issued yet.
    """

    recipients: tuple[str, ...]
    own: str
    older: tuple[str, ...]
    fingerprints: str
    grants: str = ""
