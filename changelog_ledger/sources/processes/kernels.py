"""The kernel that runs, and those that are installed.

Images lie at ``/boot/vmlinuz-RELEASE`` (Debian, Red Hat, SUSE) or ``/usr/lib/modules/RELEASE/vmlinuz`` (Arch, Fedora); where an image's name tells no
release (Alpine's ``vmlinuz-lts``) its modules do. ``/run/reboot-required`` is what packages of Debian and Ubuntu leave (update-notifier's
``notify-reboot-required``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from changelog_ledger.model.processes import InstalledKernels
from changelog_ledger.sources.rooted import list_directory, read_file

_RELEASE = re.compile(r"\d+\.\d+[\w.+~-]*", re.ASCII)
_IMAGES = ("vmlinuz-", "vmlinux-", "Image-")
_NO_IMAGE = (".old", ".bak", ".sig", ".hmac", ".efi.signed", ".dpkg-new", ".dpkg-tmp", ".rpmsave", ".rpmnew")
_MODULES = ("/usr/lib/modules", "/lib/modules")
_REQUIRED = ("/run/reboot-required", "/var/run/reboot-required")


def read_kernels(root: str = "/") -> InstalledKernels:
    """What is there; what is not there or cannot be read is simply left out: without a kernel's image nothing is said about kernels."""
    required = next(((path, at) for path in _REQUIRED if (at := _changed(root, path)) is not None), None)
    return InstalledKernels(
        running=_text(root, "/proc/sys/kernel/osrelease").strip(),
        installed=_images(root) or _modules(root),
        reboot_required=required[1] if required else None,
        required_by=tuple(sorted(set(_text(root, f"{required[0]}.pkgs").split()))) if required else (),
    )


def _images(root: str) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for name in _names(root, "/boot"):
        release = next((name.removeprefix(lead) for lead in _IMAGES if name.startswith(lead)), "")
        if _RELEASE.fullmatch(release) and not release.endswith(_NO_IMAGE):
            _note(found, release, _changed(root, f"/boot/{name}"))
    for folder in _MODULES:
        for release in _names(root, folder):
            if _RELEASE.fullmatch(release):
                _note(found, release, _changed(root, f"{folder}/{release}/vmlinuz"))
    return found


def _modules(root: str) -> dict[str, datetime]:
    """The releases whose modules a package brought: what depmod(8) left behind of a removed one has no ``modules.order``."""
    found: dict[str, datetime] = {}
    for folder in _MODULES:
        for release in _names(root, folder):
            if _RELEASE.fullmatch(release):
                _note(found, release, _changed(root, f"{folder}/{release}/modules.order"))
    return found


def _note(found: dict[str, datetime], release: str, at: datetime | None) -> None:
    if at is not None:
        found.setdefault(release, at)


def _names(root: str, folder: str) -> list[str]:
    try:
        return list_directory(root, folder)
    except OSError:  # most hosts lack one of the folders
        return []


def _changed(root: str, path: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(Path(root, path.lstrip("/")).stat().st_ctime), UTC)
    except OSError:
        return None


def _text(root: str, path: str) -> str:
    try:
        return read_file(root, path, 64 * 1024).decode("utf-8", "backslashreplace")
    except OSError:
        return ""
