"""What redaction takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Fingerprint = Callable[[bytes], str]
"""A keyed digest of a secret, short lower-case hex (at least two characters)."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """Content that may go to git.

    :ivar content: the same number of lines as the original, except for a binary file that is secret as a whole.
    :ivar secrets: how many values were masked; 0 means that ``content`` is the original.
    """

    content: bytes
    secrets: int
