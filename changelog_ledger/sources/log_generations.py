"""How far each generation of a log was read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from changelog_ledger.sources.log_streams import LogStream

HEAD = 4096
"""Bytes of a generation's beginning that it is known by. The first line of a log bears a time, so a few hundred would do."""


@dataclass(frozen=True, slots=True)
class Generation:
    """What was written to a log between two rotations.

    :ivar head: digest of its first ``head_length`` bytes.
    :ivar offset: bytes that were read, uncompressed; whole lines.
    :ivar tail: digest of the ``tail_length`` bytes before ``offset``: a file that was rewritten is noticed.
    :ivar size: bytes of the file, compressed or not, when it was read to its end; -1 if it was not, or something in it could not be read.
    :ivar modified: the file's modification time then, in nanoseconds.
    """

    head: str
    head_length: int
    offset: int
    tail: str = ""
    tail_length: int = 0
    size: int = -1
    modified: int = 0


@dataclass(frozen=True, slots=True)
class LogCursor:
    """Where a log was read to. An empty one for a log that was never read.

    :ivar generations: those that were there; one that was rotated away is forgotten.
    :ivar clock: the reader's word to itself (:meth:`LogFiles.keep_clock`).
    """

    generations: tuple[Generation, ...] = ()
    clock: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {"generations": [asdict(each) for each in self.generations], "clock": self.clock}

    @classmethod
    def of(cls, document: Any) -> Self:
        """From JSON values; an empty one if they are no cursor's."""
        try:
            generations = tuple(Generation(**each) for each in document["generations"])
            sound = all(isinstance(each.offset, int) and isinstance(each.head, str) and each.offset >= 0 < each.head_length for each in generations)
            return cls(generations, str(document["clock"])) if sound else cls()
        except (TypeError, KeyError):
            return cls()


def resumed(beginning: bytes, known: Iterable[Generation]) -> Generation | None:
    """The generation that begins so; None if it is new."""
    fitting = [each for each in known if len(beginning) >= each.head_length and digest(beginning[: each.head_length]) == each.head]
    return max(fitting, key=lambda each: (each.head_length, each.offset), default=None)


def generation_of(beginning: bytes, offset: int, stream: LogStream, *, whole: bool) -> Generation:
    """A generation of which ``offset`` bytes were read.

    :param whole: nothing of the file was left but an incomplete last line.
    """
    head = beginning[: min(HEAD, offset)]
    tail = stream.tail
    size, modified = stream.signature if whole else (-1, 0)
    return Generation(digest(head), len(head), offset, digest(tail), len(tail), size, modified)


def digest(content: bytes) -> str:
    """What a piece of a log is known by."""
    return hashlib.sha256(content).hexdigest()[:32]
