"""The state of a machine that no file shows: virtual files ``@state/NAME``, collected when a snapshot is taken.

Their path has no slash in front, in settings, in answers and in git alike, so none is ever taken for a file of the host. They have no times
and no owners of their own, they cannot be restored, and no glob that begins with ``/`` covers them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

STATE = "@state"
"""The folder of all of them; in a watch list: all that there are."""

STATE_MODE = 0o444
"""The permission bits that a manifest gives them: nobody can write to them."""


def is_state(path: str) -> bool:
    """Whether a path, or a glob over paths, is of the machine's state rather than of its files."""
    return path == STATE or path.startswith(f"{STATE}/")


def state_path(name: str) -> str:
    """The path under which what the collector ``name`` found is kept."""
    return f"{STATE}/{name}"


def without_state(paths: Iterable[str]) -> tuple[str, ...]:
    """Those that are files of the host, in their order."""
    return tuple(path for path in paths if not is_state(path))


class Availability(StrEnum):
    """How a collector ended."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Collector:
    """What a snapshot can say of a machine's state, and whether and how it could be collected just now.

    :ivar name: as in ``@state/NAME``.
    :ivar holds: one line of what it is.
    :ivar needs: what it reads or runs.
    :ivar watched: whether a snapshot of the watched paths would hold it.
    :ivar availability: ``unavailable`` where this machine has no such thing or lacks the program; ``failed`` where it should have worked.
    :ivar why: why it is not available; empty where it is.
    :ivar seconds: how long it took.
    :ivar size: bytes of the text.
    """

    name: str
    holds: str
    needs: str
    watched: bool
    availability: Availability
    why: str = ""
    seconds: float = 0.0
    size: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotExplanation:
    """What a snapshot of this machine would look at; nothing is recorded by asking.

    :ivar paths: the watched files, folders and globs.
    :ivar ignored: globs of what is left out of them.
    :ivar collectors: every collector there is, by name.
    """

    host: str
    paths: tuple[str, ...]
    ignored: tuple[str, ...]
    collectors: tuple[Collector, ...]
