"""Which files hook the ledger into a host: those of the package managers, and of the clock, that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from changelog_ledger.errors import NotFound
from changelog_ledger.model.host_hooks import Part
from changelog_ledger.workflows import host_hook_clock as clock
from changelog_ledger.workflows import host_hook_texts as texts
from changelog_ledger.workflows.host_hook_files import HostRoot

_FOLDERS = {
    Part.APT: "/etc/apt/apt.conf.d",
    Part.DNF: "/etc/dnf/plugins/post-transaction-actions.d or /etc/dnf/libdnf5-plugins/actions.d",
    Part.PACMAN: "/etc/pacman.conf",
    Part.APK: "/etc/apk",
    Part.TIMER: "systemd or /etc/cron.d",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be called, and where.

    :ivar root: the directory that stands for the host's ``/``.
    :ivar command: the absolute path of the ledger's command, as the host has it.
    :ivar home: the absolute path of the home, as the host has it.
    :ivar only: these parts; all that the host has if empty.
    """

    root: str
    command: str
    home: str
    only: tuple[Part, ...]
    interval: clock.Interval


def wanted_texts(root: HostRoot, wish: Wish) -> tuple[texts.HostText, ...]:
    """The script, and what calls it on this host.

    :raises NotFound: if the host has nothing of what is asked for.
    """
    found = [text for text in fitting_texts(root, wish) if not wish.only or text.part in wish.only]
    parts = {text.part for text in found}
    for part in wish.only:
        if part not in parts:
            raise NotFound(f"there is no {part} below {wish.root}", f"it would be known by {_FOLDERS[part]}; leave out --only for what there is")
    if not found:
        raise NotFound(f"below {wish.root} there is no package manager and no clock that could call the ledger", "name a host's root with --root DIR")
    return (texts.script_text(wish.command, wish.home), *found)


def fitting_texts(root: HostRoot, wish: Wish) -> Iterator[texts.HostText]:
    """Whatever could call the script on this host."""
    if root.has_folder("/etc/apt/apt.conf.d"):
        yield from texts.apt_texts()
    if root.has_folder("/etc/dnf/plugins/post-transaction-actions.d"):
        yield from texts.dnf_texts()
    if root.has_folder("/etc/dnf/libdnf5-plugins/actions.d"):
        yield from texts.dnf5_texts()
    if root.has("/etc/pacman.conf"):
        yield from texts.pacman_texts()
    if root.has_folder("/etc/apk"):
        yield from texts.apk_texts()
    if _has_systemd(root):
        yield from clock.systemd_texts(wish.interval)
    elif root.has_folder("/etc/cron.d"):
        yield from clock.cron_texts(wish.interval)


def every_text(wish: Wish) -> tuple[texts.HostText, ...]:
    """Every file that could be ours, on whatever host."""
    return (
        texts.script_text(wish.command, wish.home),
        *texts.apt_texts(),
        *texts.dnf_texts(),
        *texts.dnf5_texts(),
        *texts.pacman_texts(),
        *texts.apk_texts(),
        *clock.systemd_texts(wish.interval),
        *clock.cron_texts(wish.interval),
    )


def _has_systemd(root: HostRoot) -> bool:
    """Whether systemd is installed: in an image nothing runs yet."""
    return root.has_folder("/etc/systemd/system") and any(root.has(path) for path in ("/usr/lib/systemd/systemd", "/lib/systemd/systemd"))
