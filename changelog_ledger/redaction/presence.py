"""A first look at a content: which words are in it. Most files hold none that a secret needs."""

from __future__ import annotations

from changelog_ledger.redaction import words

_WORDS_APART = bytes(byte if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789" else 32 for byte in range(256))


class Presence:
    """A content in lower case, its words, and which of the needles of names are in it.

    :ivar words: runs of letters and digits, each once.
    :ivar packed: the same, in a row: shorter than the content, and what is not in it is not in the content.
    """

    def __init__(self, lowered: bytes) -> None:
        self.lowered = lowered
        self.words = frozenset(lowered.translate(_WORDS_APART).split())
        self.packed = b" ".join(self.words)
        self.names = tuple(needle for needle in words.NEEDLES if needle in self.packed)
