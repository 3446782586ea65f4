"""What package managers write about what is installed: text in, packages out. One function a manager; none raises on bad input.

dpkg's, apk's, pacman's and rpm's databases as :mod:`~changelog_ledger.model.package_databases` reads them; the core metadata of Python distributions
(PEP 566), npm's ``package.json``, the names of snapd's files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from changelog_ledger.model import package_databases
from changelog_ledger.model.packages import InstalledPackage, Inventory, InventoryPiece, RawInventory

_SNAP = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*(?:_[a-z0-9]+)?)_(?P<revision>x?\d+)\.snap$")

_Read = Callable[[InventoryPiece], Iterable[InstalledPackage]]


def inventory_of(raw: RawInventory) -> Inventory:
    """What a manager has installed."""
    read = _MANAGERS[raw.manager]
    return Inventory(raw.manager, tuple(sorted({package for piece in raw.pieces for package in read(piece)})), raw.whole)


def python_distribution(lines: Iterable[str], place: str) -> InstalledPackage | None:
    """``METADATA`` or ``PKG-INFO``: ``Name:`` and ``Version:`` of its header.

    The name is the normal one (PEP 503), for pip takes all spellings for one.
    """
    fields: dict[str, str] = {}
    for line in lines:
        if not line.strip():
            break
        name, found, value = line.partition(":")
        if found:
            fields.setdefault(name.strip().lower(), value.strip())
    name, version = fields.get("name", ""), fields.get("version", "")
    return InstalledPackage(re.sub(r"[-_.]+", "-", name).lower(), version, "", place) if name and version else None


def npm_package(text: str, place: str) -> InstalledPackage | None:
    """``package.json`` of a globally installed package."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    name, version = document.get("name"), document.get("version")
    return InstalledPackage(name, version, "", place) if isinstance(name, str) and isinstance(version, str) and name and version else None


def snap_revision(file_name: str) -> InstalledPackage | None:
    """``NAME_REVISION.snap``, as snapd names what it mounts; ``x1`` is the revision of one that was installed from a file."""
    found = _SNAP.match(file_name)
    return InstalledPackage(found["name"], found["revision"]) if found else None


def flatpak_deployment(name: str, commit: str) -> InstalledPackage | None:
    """``app/NAME/ARCHITECTURE/BRANCH`` and the commit that is active there."""
    parts = name.split("/")
    if len(parts) != 4 or not all(parts) or not commit:
        return None
    return InstalledPackage(f"{parts[1]}//{parts[3]}", commit[:12], parts[2])


def _of_dpkg(piece: InventoryPiece) -> Iterator[InstalledPackage]:
    for each in package_databases.dpkg_packages(piece.text):
        yield InstalledPackage(each.name, each.version, each.architecture)


def _one(package: InstalledPackage | None) -> tuple[InstalledPackage, ...]:
    return () if package is None else (package,)


_MANAGERS: dict[str, _Read] = {
    "dpkg": _of_dpkg,
    "apk": lambda piece: package_databases.apk_packages(piece.text),
    "pacman": lambda piece: _one(package_databases.pacman_package(piece.text)),
    "pip": lambda piece: _one(python_distribution(piece.text.split("\n"), piece.place)),
    "npm": lambda piece: _one(npm_package(piece.text, piece.place)),
    "snap": lambda piece: _one(snap_revision(piece.name)),
    "flatpak": lambda piece: _one(flatpak_deployment(piece.name, piece.text)),
    "rpm": lambda piece: package_databases.rpm_packages(piece.text),
}
