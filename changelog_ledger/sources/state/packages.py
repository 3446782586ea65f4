"""What is installed: name, version and architecture, from the package manager's own database: dpkg, apk and pacman are read, rpm is asked.

``dpkg/openssl`` is ``3.0.15-1 amd64``; a package that may be installed for several architectures at once is ``libc6:amd64``, as dpkg writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from changelog_ledger.model.package_databases import (
    APK_DATABASES,
    DPKG_STATUS,
    PACMAN_LOCAL,
    RPM_FOLDERS,
    RPM_FORMAT,
    apk_packages,
    dpkg_packages,
    pacman_folder,
    rpm_packages,
)
from changelog_ledger.model.packages import InstalledPackage
from changelog_ledger.sources.state.probe import NotAvailable, Probe
from changelog_ledger.sources.state.trees import Tree, one_or_list, text_of

Found = Iterator[tuple[str, str]]


def packages(probe: Probe) -> str:
    """See the module."""
    tree: dict[str, Tree] = {}
    for manager, read in _MANAGERS:
        found: dict[str, list[str]] = {}
        for name, version in read(probe):
            found.setdefault(name, []).append(version)
        if found:
            tree[manager] = {name: one_or_list(versions) for name, versions in found.items()}
    if not tree:
        raise NotAvailable("there is no package manager that is known")
    return text_of(tree)


def _dpkg(probe: Probe) -> Found:
    for each in dpkg_packages(probe.optional(DPKG_STATUS)):
        marks = [each.wanted] if each.wanted == "hold" else []
        marks += [each.state] if each.state not in ("", "installed") else []
        name = each.name + (f":{each.architecture}" if each.shared else "")
        yield name, " ".join([each.version, each.architecture, *(f"({mark})" for mark in marks)])


def _rpm(probe: Probe) -> Found:
    if any(probe.exists(place) for place in RPM_FOLDERS) and probe.has("rpm"):
        yield from _said(rpm_packages(probe.run("rpm", "--query", "--all", f"--queryformat={RPM_FORMAT}")))


def _apk(probe: Probe) -> Found:
    yield from _said(apk_packages(next((text for place in APK_DATABASES if (text := probe.optional(place))), "")))


def _pacman(probe: Probe) -> Found:
    """A directory for each package; without its architecture, for which a file of each would have to be opened."""
    entries = probe.names(PACMAN_LOCAL) if probe.exists(PACMAN_LOCAL) else ()
    yield from _said(package for entry in entries if (package := pacman_folder(entry)))


def _said(packages: Iterable[InstalledPackage]) -> Found:
    for each in packages:
        yield each.name, f"{each.version} {each.architecture}".rstrip()


_MANAGERS: tuple[tuple[str, Callable[[Probe], Found]], ...] = (("dpkg", _dpkg), ("rpm", _rpm), ("apk", _apk), ("pacman", _pacman))
