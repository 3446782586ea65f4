"""What package managers keep besides their logs: transactions in a database, and what is installed now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class InstalledPackage:
    """One installed package.

    :ivar place: which of several installations it belongs to (the ``site-packages`` it lies in); empty where a host has one.
    """

    name: str
    version: str
    architecture: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one package manager has installed.

    :ivar manager: ``dpkg``, ``rpm``, ``pip`` …
    :ivar packages: sorted, each once.
    :ivar whole: whether all of it could be read. What is missing from a partial one may still be installed.
    """

    manager: str
    packages: tuple[InstalledPackage, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class InventoryPiece:
    """A piece of what a manager keeps of what is installed, before it is understood: a file of its database, a program's output.

    :ivar name: of the file or directory: ``requests-2.32.3.dist-info``.
    :ivar place: as :attr:`InstalledPackage.place`.
    """

    name: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class RawInventory:
    """What one manager keeps of what is installed, as it was read.

    :ivar whole: whether all of it could be read.
    :ivar cut_off: its database ends in the midst of an entry: a writing or a copy of it did not come to its end, so nothing follows from it.
    :ivar modified: when the database was last written to, in seconds since 1970; None if nobody asks.
    """

    manager: str
    pieces: tuple[InventoryPiece, ...]
    whole: bool = True
    modified: float | None = None
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class RpmItem:
    """One package of a transaction in a history database.

    :ivar verb: what was done, one of ``install``, ``upgrade``, ``downgrade``, ``reinstall``, ``remove``; for the version that had to go ``upgraded``,
        ``downgraded``, ``reinstalled``, ``obsoleted`` or, where the database does not say which, ``replaced``.
    :ivar version: with epoch and release, as ``rpm`` writes it: ``1:3.0.7-27.el9``.
    :ivar reason: ``user``, ``dependency``, ``weak-dependency``, ``group``, ``clean``; empty if unknown.
    """

    name: str
    version: str
    architecture: str
    verb: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RpmTransaction:
    """One transaction of a history database (DNF 4, DNF 5, yum).

    :ivar manager: ``dnf`` or ``yum``.
    :ivar began: seconds since 1970; ``ended`` likewise, None if it did not end.
    :ivar user: the login name of who asked; empty where nobody was logged in (a timer).
    :ivar command: the command line.
    :ivar outcome: ``succeeded``, ``failed``, ``interrupted`` or ``unknown``.
    """

    manager: str
    began: int
    ended: int | None
    user: str
    command: str
    outcome: str
    items: tuple[RpmItem, ...]
    error: str = ""


def package_names(data: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the packages that an observation speaks of: those of a transaction are tables with a ``name``, a pending restart's are text.

    :param data: an observation's; one without ``packages``, or with something else there, names none.
    """
    said = data.get("packages")
    each_named = [each.get("name") if isinstance(each, Mapping) else each for each in said] if isinstance(said, list) else []
    return tuple(name for name in each_named if isinstance(name, str) and name)
