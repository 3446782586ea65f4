"""What is installed: name, version and architecture, from the package manager's own database: dpkg, apk and pacman are read, rpm is asked.

``dpkg/openssl`` is ``3.0.15-1 amd64``; a package that may be installed for several architectures at once is ``libc6:amd64``, as dpkg writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from changelog_ledger.sources.state.probe import NotAvailable, Probe
from changelog_ledger.sources.state.trees import Tree, one_or_list, text_of

_DPKG = "/var/lib/dpkg/status"
_APK = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
_PACMAN = "/var/lib/pacman/local"
_RPM = ("/var/lib/rpm", "/usr/lib/sysimage/rpm")
_RPM_FORMAT = "%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\n"
_FIELD = re.compile(r"^(Package|Status|Version|Architecture|Multi-Arch): (.*)$", re.MULTILINE)

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
    """dpkg-query(1), deb-control(5). What was removed and left its configuration is not installed."""
    if not probe.exists(_DPKG):
        return
    for paragraph in probe.text(_DPKG).split("\n\n"):
        fields = dict(_FIELD.findall(paragraph))
        wanted, _, status = fields.get("Status", "").split(" ") if fields.get("Status", "").count(" ") == 2 else ("", "", "")
        if status in ("", "not-installed", "config-files") or "Package" not in fields:
            continue
        architecture = fields.get("Architecture", "")
        name = fields["Package"] + (f":{architecture}" if fields.get("Multi-Arch") == "same" else "")
        marks = [wanted] if wanted == "hold" else []
        marks += [status] if status != "installed" else []
        yield name, " ".join([fields.get("Version", ""), architecture, *(f"({mark})" for mark in marks)])


def _rpm(probe: Probe) -> Found:
    if not any(probe.exists(place) for place in _RPM) or not probe.has("rpm"):
        return
    for line in probe.run("rpm", "--query", "--all", f"--queryformat={_RPM_FORMAT}").splitlines():
        name, _, rest = line.partition("\t")
        version, _, architecture = rest.partition("\t")
        yield name, f"{version.removeprefix('0:')} {architecture}"


def _apk(probe: Probe) -> Found:
    """apk-v2(5): paragraphs of ``P:`` name, ``V:`` version, ``A:`` architecture."""
    place = next((place for place in _APK if probe.exists(place)), None)
    for paragraph in probe.text(place).split("\n\n") if place else ():
        fields = {line[0]: line[2:] for line in paragraph.splitlines() if line[1:2] == ":"}
        if "P" in fields:
            yield fields["P"], f"{fields.get('V', '')} {fields.get('A', '')}"


def _pacman(probe: Probe) -> Found:
    """A directory for each package: ``name-version-release``."""
    for entry in probe.names(_PACMAN) if probe.exists(_PACMAN) else ():
        name, *version = entry.rsplit("-", 2)
        if len(version) == 2:
            yield name, "-".join(version)


_MANAGERS: tuple[tuple[str, Callable[[Probe], Found]], ...] = (("dpkg", _dpkg), ("rpm", _rpm), ("apk", _apk), ("pacman", _pacman))
