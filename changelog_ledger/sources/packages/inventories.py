"""What is installed, from the files that package managers keep below a root; only rpm is asked by its command.

A manager that is not there gives nothing and says nothing. What cannot be read is a gap, and the inventory is not whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.model.package_databases import APK_DATABASES, DPKG_STATUS, PACMAN_LOCAL, RPM_FOLDERS, RPM_FORMAT
from changelog_ledger.model.packages import InventoryPiece, RawInventory
from changelog_ledger.sources.packages.file_times import modified_at
from changelog_ledger.sources.packages.rpm_history import rpm_histories
from changelog_ledger.sources.rooted import link_text, list_directory, read_file
from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe

_LARGEST = 256 * 1024 * 1024
_HEADER = 64 * 1024
"""Bytes of a distribution's metadata in which its name and version are found; a README may follow."""
_RPM_SECONDS = 60.0
_RPM_LOGS = ("/var/log/zypp/history", "/var/log/dnf.rpm.log", "/var/log/dnf.log", "/var/log/yum.log")
_NODE = ("/usr/local/lib/node_modules", "/usr/lib/node_modules")
_WITH_NODE = frozenset(("npm", "corepack"))
"""What the packages of Node.js bring into ``/usr/lib/node_modules``: the distribution's manager tells of them."""
_SNAPS = "/var/lib/snapd/snaps"
_SNAP_MOUNTS = ("/snap", "/var/lib/snapd/snap")
_FLATPAK = "/var/lib/flatpak"
_PYTHON_FOLDERS = ("/usr/local/lib", "/usr/local/lib64", "/usr/lib", "/usr/lib64")
_INSTALLERS = frozenset(("pip", "uv", "pipx", "poetry", "pdm"))
"""What writes its name into INSTALLER (PEP 376). Where the distribution's packages live too, the others are its own: its manager tells of them."""


@dataclass(slots=True)
class _Reading:
    """The reading of one manager."""

    root: str
    gaps: list[Gap]
    whole: bool = True
    cut_off: bool = False
    pieces: list[InventoryPiece] = field(default_factory=list)

    def text(self, path: str, limit: int = _LARGEST) -> str | None:
        """A file's text; None if it is not there, or cannot be read, which is a gap."""
        try:
            return read_file(self.root, path, limit).decode("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.lacks(path, error.strerror or str(error))
            return None

    def names(self, path: str) -> list[str]:
        """What is in a directory; nothing if it is not there, or cannot be read, which is a gap."""
        try:
            return list_directory(self.root, path)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.lacks(path, error.strerror or str(error))
            return []

    def lacks(self, path: str, why: str) -> None:
        """Something could not be read."""
        self.whole = False
        self.gaps.append(Gap(path, f"{why}; what is installed there is not known"))

    def paragraphs(self, path: str) -> str | None:
        """The text of a database of paragraphs, each of which a blank line ends. One that does not end so was cut off, which is a gap."""
        text = self.text(path)
        if text and not text.endswith("\n\n"):
            self.cut_off = True
            self.gaps.append(Gap(path, "ends in the midst of an entry: it is cut off; what is installed was not looked at"))
        return text

    def exists(self, path: str) -> bool:
        """Whether something is at a path."""
        folder, _, name = path.rpartition("/")
        try:
            return name in list_directory(self.root, folder or "/")
        except OSError:
            return False

    def add(self, name: str, text: str | None, place: str = "") -> None:
        """A piece, if it could be read."""
        if text is not None:
            self.pieces.append(InventoryPiece(name, text, place))


def raw_inventories(root: str, gaps: list[Gap]) -> Iterator[RawInventory]:
    """What every manager has installed on the host whose ``/`` is at ``root``, one after the other."""
    for manager, read in _MANAGERS.items():
        reading = _Reading(root, gaps)
        database = read(reading)
        if database is not None:
            yield RawInventory(manager, tuple(reading.pieces), reading.whole, modified_at(root, database) if database else None, reading.cut_off)


def _dpkg(reading: _Reading) -> str | None:
    """dpkg(1): ``status``; an image without dpkg itself has a file a package in ``status.d``."""
    reading.add("status", reading.paragraphs(DPKG_STATUS))
    for name in reading.names(f"{DPKG_STATUS}.d"):
        if not name.endswith(".md5sums"):
            reading.add(name, reading.text(f"{DPKG_STATUS}.d/{name}", _HEADER))
    return DPKG_STATUS if reading.pieces else None


def _apk(reading: _Reading) -> str | None:
    for path in APK_DATABASES:
        reading.add("installed", reading.paragraphs(path))
        if reading.pieces:
            return path
    return None


def _pacman(reading: _Reading) -> str | None:
    names = reading.names(PACMAN_LOCAL)
    for name in names:
        if name != "ALPM_DB_VERSION":
            _add_description(reading, f"{PACMAN_LOCAL}/{name}/desc", name)
    return f"{PACMAN_LOCAL}/ALPM_DB_VERSION" if names else None


def _add_description(reading: _Reading, path: str, name: str) -> None:
    """A package of pacman's: ``desc`` names it, and ends with a newline. Where that is not so, pacman was cut off in writing it."""
    gaps = len(reading.gaps)
    text = reading.text(path, _HEADER)
    if text is not None and text.endswith("\n") and "%NAME%\n" in text and "%VERSION%\n" in text:
        reading.add(name, text)
    elif len(reading.gaps) == gaps:
        reading.lacks(path, "is not whole" if text is not None else "is missing")


def _pip(reading: _Reading) -> str | None:
    for place in _site_packages(reading):
        for name in reading.names(place):
            if name.endswith((".dist-info", ".egg-info")) and not name.startswith("~") and _is_nobody_elses(reading, place, name):
                reading.add(name, _metadata(reading, f"{place}/{name}"), place)
    return ""


def _site_packages(reading: _Reading) -> Iterator[str]:
    """site(3), "Site-packages": where ``pip install`` of a host's own Pythons puts what it installs."""
    for folder in _PYTHON_FOLDERS:
        for python in reading.names(folder):
            if python.startswith(("python3", "pypy3")):
                for kind in ("site-packages", "dist-packages"):
                    yield f"{folder}/{python}/{kind}"


def _metadata(reading: _Reading, path: str) -> str | None:
    if path.endswith(".dist-info"):
        return reading.text(f"{path}/METADATA", _HEADER)
    try:
        return read_file(reading.root, path, _HEADER).decode("utf-8", "replace")  # an egg-info may be one file
    except OSError:
        return reading.text(f"{path}/PKG-INFO", _HEADER)


def _is_nobody_elses(reading: _Reading, place: str, name: str) -> bool:
    if place.startswith("/usr/local/"):
        return True
    installer = reading.text(f"{place}/{name}/INSTALLER", 100) if name.endswith(".dist-info") else None
    return installer is not None and installer.strip().partition(" ")[0].lower() in _INSTALLERS


def _npm(reading: _Reading) -> str | None:
    for place in _NODE:
        for name in reading.names(place):
            if place == "/usr/lib/node_modules" and name in _WITH_NODE:
                continue
            scoped = [f"{name}/{each}" for each in reading.names(f"{place}/{name}")] if name.startswith("@") else [name]
            for package in scoped:
                if not package.startswith("."):
                    reading.add(package, reading.text(f"{place}/{package}/package.json", 4 * 1024 * 1024), place)
    return ""


def _snap(reading: _Reading) -> str | None:
    """The active revision of every snap; where no link says which it is, the last that was fetched."""
    revisions: dict[str, list[str]] = {}
    for file_name in reading.names(_SNAPS):
        name, _, revision = file_name.removesuffix(".snap").rpartition("_")
        if name and file_name.endswith(".snap"):
            revisions.setdefault(name, []).append(revision)
    for name, found in sorted(revisions.items()):
        current = next((text for mount in _SNAP_MOUNTS if (text := link_text(reading.root, f"{mount}/{name}/current"))), "")
        revision = current if current in found else max(found, key=lambda each: (len(each), each))
        reading.add(f"{name}_{revision}.snap", "")
    return ""


def _flatpak(reading: _Reading) -> str | None:
    """The active deployment of every application and runtime: ``app/NAME/ARCHITECTURE/BRANCH/active`` is a link to its commit."""
    for kind in ("app", "runtime"):
        for name in reading.names(f"{_FLATPAK}/{kind}"):
            for architecture in reading.names(f"{_FLATPAK}/{kind}/{name}"):
                for branch in reading.names(f"{_FLATPAK}/{kind}/{name}/{architecture}"):
                    path = f"{kind}/{name}/{architecture}/{branch}"
                    reading.add(path, link_text(reading.root, f"{_FLATPAK}/{path}/active"))
    return ""


def _rpm(reading: _Reading) -> str | None:
    """``rpm -qa``, where neither a history database nor a log tells what was done."""
    places = [place for place in RPM_FOLDERS if any(not name.startswith(".") for name in _quietly(reading.root, place))]
    if not places or rpm_histories(reading.root) or any(reading.exists(log) for log in _RPM_LOGS):
        return None
    place = f"{reading.root.rstrip('/')}{places[0]}".replace("%", "%%")  # rpm would take a % for a macro
    where = [] if reading.root == "/" else [f"--dbpath={place}"]
    try:
        reading.add("rpm", Probe(seconds=_RPM_SECONDS).run("rpm", *where, "--query", "--all", f"--queryformat={RPM_FORMAT}"))
    except NotAvailable:
        return None
    except CollectionFailed as error:
        reading.lacks(places[0], str(error))
        return None
    return ""


def _quietly(root: str, path: str) -> list[str]:
    try:
        return list_directory(root, path)
    except OSError:
        return []


_MANAGERS: dict[str, Callable[[_Reading], str | None]] = {
    "dpkg": _dpkg,
    "apk": _apk,
    "pacman": _pacman,
    "rpm": _rpm,
    "pip": _pip,
    "npm": _npm,
    "snap": _snap,
    "flatpak": _flatpak,
}
"""One function a manager: it adds what it reads, and gives the file that every change writes to (empty: nobody asks); None if it is not there."""
