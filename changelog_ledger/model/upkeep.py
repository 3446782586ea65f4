"""What a home takes, and what ``gc`` made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """What a repository takes: bytes of all its files, packs, and objects in files of their own."""

    bytes: int
    packs: int
    loose: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a home's repository and database take.

    :ivar database: bytes.
    """

    repository: Room
    database: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What ``gc`` did, or would do.

    :ivar retention: whether the settings let snapshots expire at all.
    :ivar expired: how many snapshots retention dropped, by host.
    :ivar kept: how many snapshots there are afterwards.
    :ivar swept: how many leftovers of killed processes were removed.
    :ivar after: None for a dry run.
    """

    before: Sizes
    after: Sizes | None
    retention: bool
    expired: Mapping[str, int]
    kept: int
    swept: int = 0
