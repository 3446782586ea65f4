"""Where package managers keep what is installed, and how it is written: the one reading of each database. Text in, values out; none raises.

dpkg-query(1) and deb-control(5); apk-v2(5), "installed database"; alpm's local database, ``NAME-VERSION-RELEASE/desc``; ``rpm --query --all``.
A database is read at every snapshot, so each is read in one sweep of a regular expression rather than line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from changelog_ledger.model.packages import InstalledPackage

DPKG_FOLDER = "/var/lib/dpkg"
DPKG_STATUS = f"{DPKG_FOLDER}/status"
APK_DATABASES = ("/usr/lib/apk/db/installed", "/lib/apk/db/installed")
"""Of apk 3, and of those before; where ``/usr`` is merged the same file."""
PACMAN_LOCAL = "/var/lib/pacman/local"
RPM_FOLDERS = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
"""Of today's distributions, and of those before; one may be a link to the other."""
RPM_FORMAT = r"%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{ARCH}\n"
"""What ``rpm --queryformat`` is asked for; :func:`rpm_packages` reads the answer."""

_GONE = ("not-installed", "config-files", "")
"""dpkg(1), "Package states": those in which no file of the package is there. In all others some are, or may be. The last: a status that says none."""
_DPKG_FIELD = re.compile(r"^(Package|Status|Version|Architecture|Multi-Arch): *(.*)", re.MULTILINE)
_APK_FIELD = re.compile(r"^([PVA]): *(.*)", re.MULTILINE)


class DpkgPackage(NamedTuple):
    """A package of which dpkg has files in place.

    :ivar wanted: ``install``, ``hold`` …; ``state``: ``installed``, ``half-configured`` …; both empty where no status is kept (``status.d``).
    :ivar shared: whether it may be installed for several architectures at once (``Multi-Arch: same``).
    """

    name: str
    version: str
    architecture: str
    wanted: str
    state: str
    shared: bool


def dpkg_packages(text: str) -> Iterator[DpkgPackage]:
    """``/var/lib/dpkg/status``: paragraphs of ``Field: value``. What was removed and left its configuration is not installed."""
    for fields in _paragraphs(text, _DPKG_FIELD):
        name, version, status = fields.get("Package"), fields.get("Version"), fields.get("Status")
        if name and version and (status is None or status.rpartition(" ")[2] not in _GONE):
            wanted, _, rest = (status or "").partition(" ")
            shared = fields.get("Multi-Arch") == "same"
            yield DpkgPackage(name, version, fields.get("Architecture", ""), wanted, rest.rpartition(" ")[2], shared)


def apk_packages(text: str) -> Iterator[InstalledPackage]:
    """``installed``: paragraphs of one letter, a colon and the value."""
    for fields in _paragraphs(text, _APK_FIELD):
        if fields.get("P") and fields.get("V"):
            yield InstalledPackage(fields["P"], fields["V"], fields.get("A", ""))


def _paragraphs(text: str, field: re.Pattern[str]) -> Iterator[dict[str, str]]:
    """The fields of each paragraph."""
    lines = text.replace("\r\n", "\n") if "\r" in text else text
    for paragraph in lines.split("\n\n"):
        yield dict(field.findall(paragraph))


def pacman_package(text: str) -> InstalledPackage | None:
    """``desc``: ``%NAME%`` and so on, each with its value in the next line. None if it names no package."""
    values: dict[str, str] = {}
    heading = ""
    for row in text.split("\n"):
        word = row.strip()
        if word.startswith("%") and word.endswith("%"):
            heading = word
        elif word:
            values.setdefault(heading, word)
    name, version = values.get("%NAME%", ""), values.get("%VERSION%", "")
    return InstalledPackage(name, version, values.get("%ARCH%", "")) if name and version else None


def pacman_folder(name: str) -> InstalledPackage | None:
    """A package by its folder's name alone, ``NAME-VERSION-RELEASE``, without the architecture; None if it is none.

    For who has no time to open a file for each.
    """
    package, *version = name.rsplit("-", 2)
    return InstalledPackage(package, "-".join(version)) if len(version) == 2 and package else None


def rpm_packages(text: str) -> Iterator[InstalledPackage]:
    """What rpm says to :data:`RPM_FORMAT`. Keys that it keeps as packages (``gpg-pubkey``) are left out; no epoch is written for epoch 0."""
    for row in text.split("\n"):
        name, _, rest = row.partition("\t")
        version, _, architecture = rest.partition("\t")
        if name and version and name != "gpg-pubkey":
            yield InstalledPackage(name, version.removeprefix("0:"), "" if architecture == "(none)" else architecture)
