"""What package managers write about what is installed: text in, packages out. One function a manager; none raises on bad input.

dpkg-query(1) and deb-control(5), apk's installed database (``P:``, ``V:``, ``A:``), pacman's ``desc``, the core metadata of Python distributions
(PEP 566), npm's ``package.json``, the names of snapd's files, ``rpm -qa``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from changelog_ledger.model.packages import InstalledPackage, Inventory, InventoryPiece, RawInventory

_INSTALLED = ("installed", "half-configured", "triggers-awaited", "triggers-pending", "unpacked", "half-installed")
"""dpkg(1), "Package states": those in which files of the package are there. ``config-files`` and ``not-installed`` are not among them."""
_SNAP = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*(?:_[a-z0-9]+)?)_(?P<revision>x?\d+)\.snap$")

_Read = Callable[[InventoryPiece], Iterable[InstalledPackage]]


def inventory_of(raw: RawInventory) -> Inventory:
    """What a manager has installed."""
    read = _MANAGERS[raw.manager]
    return Inventory(raw.manager, tuple(sorted({package for piece in raw.pieces for package in read(piece)})), raw.whole)


def dpkg_packages(lines: Iterable[str]) -> Iterator[InstalledPackage]:
    """``/var/lib/dpkg/status``: paragraphs of ``Field: value``. The files of ``status.d`` have no status."""
    for fields in _paragraphs(lines, ("Package", "Status", "Version", "Architecture"), ": "):
        state = fields.get("Status", "").rpartition(" ")[2]
        if (state in _INSTALLED or "Status" not in fields) and fields.get("Package") and fields.get("Version"):
            yield InstalledPackage(fields["Package"], fields["Version"], fields.get("Architecture", ""))


def apk_packages(lines: Iterable[str]) -> Iterator[InstalledPackage]:
    """``/lib/apk/db/installed``: paragraphs of one letter, a colon and the value."""
    for fields in _paragraphs(lines, ("P", "V", "A"), ":"):
        if fields.get("P") and fields.get("V"):
            yield InstalledPackage(fields["P"], fields["V"], fields.get("A", ""))


def _paragraphs(lines: Iterable[str], names: tuple[str, ...], separator: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    for line in lines:
        text = line.rstrip("\r\n")
        if not text.strip():
            if fields:
                yield fields
            fields = {}
            continue
        name, found, value = text.partition(separator)
        if found and name in names:
            fields.setdefault(name, value.strip())
    if fields:
        yield fields


def pacman_package(lines: Iterable[str]) -> InstalledPackage | None:
    """``/var/lib/pacman/local/NAME-VERSION/desc``: ``%NAME%`` and so on, each with its value in the next line. None if it names no package."""
    values: dict[str, str] = {}
    heading = ""
    for line in lines:
        text = line.strip()
        if text.startswith("%") and text.endswith("%"):
            heading = text
        elif text:
            values.setdefault(heading, text)
    name, version = values.get("%NAME%", ""), values.get("%VERSION%", "")
    return InstalledPackage(name, version, values.get("%ARCH%", "")) if name and version else None


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


def rpm_packages(lines: Iterable[str]) -> Iterator[InstalledPackage]:
    """What ``rpm -qa`` says when asked for name, version with epoch and release, architecture. Keys that rpm keeps as packages are left out."""
    for line in lines:
        name, _, rest = line.rstrip("\n").partition("\t")
        version, _, architecture = rest.partition("\t")
        if name and version and name != "gpg-pubkey":
            yield InstalledPackage(name, version.removeprefix("0:"), "" if architecture == "(none)" else architecture)


def _one(package: InstalledPackage | None) -> tuple[InstalledPackage, ...]:
    return () if package is None else (package,)


_MANAGERS: dict[str, _Read] = {
    "dpkg": lambda piece: dpkg_packages(piece.text.split("\n")),
    "apk": lambda piece: apk_packages(piece.text.split("\n")),
    "pacman": lambda piece: _one(pacman_package(piece.text.split("\n"))),
    "pip": lambda piece: _one(python_distribution(piece.text.split("\n"), piece.place)),
    "npm": lambda piece: _one(npm_package(piece.text, piece.place)),
    "snap": lambda piece: _one(snap_revision(piece.name)),
    "flatpak": lambda piece: _one(flatpak_deployment(piece.name, piece.text)),
    "rpm": lambda piece: rpm_packages(piece.text.split("\n")),
}
