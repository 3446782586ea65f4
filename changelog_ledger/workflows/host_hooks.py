"""``host-hooks install``, ``uninstall`` and ``status``: what makes package managers and the clock call the ledger.

Nothing of anybody else's is altered: every file is one of our own, in a folder that its program reads such files from.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.host_hooks import HostFile, HostFileState, HostHooks, Part
from changelog_ledger.settings import FILE_NAME
from changelog_ledger.sources.systemctl import is_running, systemctl
from changelog_ledger.workflows import host_hook_clock as clock
from changelog_ledger.workflows import host_hook_texts as texts
from changelog_ledger.workflows.hook_files import alone_in
from changelog_ledger.workflows.host_hook_files import HostRoot, became, root_at
from changelog_ledger.workflows.host_hook_notes import calls_noted

_WANTS = "/etc/systemd/system/timers.target.wants"
_LINK = f"{_WANTS}/{clock.UNIT}.timer"
_TIMER_UNIT = f"{clock.UNIT}.timer"

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


def install_host_hooks(wish: Wish, *, dry_run: bool = False) -> HostHooks:
    """Write the files that make package managers and the clock call the ledger. Twice is as once; what an older version wrote becomes new.

    :raises InvalidInput: for a file of somebody else's in a place of ours, one of ours that somebody has edited, a home that is not the caller's,
        or somebody who is not root; nothing is written then.
    :raises NotFound: if the host has nothing of what is asked for.
    """
    root = root_at(wish.root)
    wanted = _wanted(root, wish)
    _refuse_unfit(root, wish)
    _refuse_others(root, wanted)
    warnings = tuple(_remarks(root, wish, wanted))
    made = _made(root)
    missing = tuple(dict.fromkeys(folder for text in wanted for folder in root.missing_folders(text.path)))
    wanted = (texts.script_text(wish.command, wish.home, tuple(dict.fromkeys((*made, *missing, *_missing_wants(root, wanted))))), *wanted[1:])
    if dry_run:
        files = tuple(HostFile(text.part, text.path, became(root.state(text))) for text in wanted)
        return HostHooks(wish.root, wish.command, wish.home, files, dry_run=True, warnings=warnings)
    _refuse_anybody(root)
    with alone_in(root.place("/etc")):
        for folder in missing:
            root.make_folder(folder)
        files = tuple(root.write(text) for text in wanted)  # the script first: whoever calls it finds it
        started = tuple(_start_timer(root, wanted))
    return HostHooks(wish.root, wish.command, wish.home, files, warnings=(*warnings, *started))


def uninstall_host_hooks(wish: Wish, *, force: bool = False, dry_run: bool = False) -> HostHooks:
    """Remove what :func:`install_host_hooks` wrote, and nothing else; the tree is as it was before.

    :param force: remove our files though somebody has edited them.
    :raises InvalidInput: if somebody has edited a file of ours, or for somebody who is not root; nothing is removed then.
    """
    root = root_at(wish.root)
    ours = [text for text in _every(wish) if (text.part in wish.only or not wish.only) and _is_ours(root, text)]
    for text in ours:
        if root.state(text) is HostFileState.EDITED and not force:
            why = f"somebody has edited {root.place(text.path)} since ledger host-hooks install wrote it"
            raise InvalidInput(why, "put your lines elsewhere, then ledger host-hooks uninstall --force")
    if wish.only and not _is_called(root, wish):
        ours += [text for text in _every(wish) if text.part is None and _is_ours(root, text)]
    files = tuple(HostFile(text.part, text.path, HostFileState.REMOVED) for text in ours)
    if files and not dry_run:
        _refuse_anybody(root)
        with alone_in(root.place("/etc")):
            _remove(root, ours)
    return HostHooks(wish.root, wish.command, wish.home, files, dry_run=dry_run)


def host_hooks_status(wish: Wish) -> HostHooks:
    """What is installed, what somebody has edited, what install would write anew, and how the last calls went."""
    root = root_at(wish.root)
    wish = replace(wish, interval=_installed_interval(root, wish))
    try:
        wanted = _wanted(root, wish)
    except NotFound:
        wanted = ()
    expected = {text.path: text for text in wanted}
    if texts.SCRIPT in expected:
        expected[texts.SCRIPT] = texts.script_text(wish.command, wish.home, _made(root))
    stray = {text.path: text for text in _every(wish) if text.path not in expected and _is_ours(root, text)}
    files = tuple(HostFile(text.part, text.path, root.state(text)) for text in (expected | stray).values())
    return HostHooks(wish.root, wish.command, wish.home, files, tuple(calls_noted(root, wish.home)))


def _installed_interval(root: HostRoot, wish: Wish) -> clock.Interval:
    """Whatever interval was asked for is no reason to call a file outdated."""
    for interval in clock.EVERY_INTERVAL:
        for text in (*clock.systemd_texts(interval)[1:], *clock.cron_texts(interval)):
            if root.content(text.path) == text.content:
                return interval
    return wish.interval


# ---- what belongs to this host


def _wanted(root: HostRoot, wish: Wish) -> tuple[texts.HostText, ...]:
    found = [text for text in _fitting(root, wish) if not wish.only or text.part in wish.only]
    parts = {text.part for text in found}
    for part in wish.only:
        if part not in parts:
            raise NotFound(f"there is no {part} below {wish.root}", f"it would be known by {_FOLDERS[part]}; leave out --only for what there is")
    if not found:
        raise NotFound(f"below {wish.root} there is no package manager and no clock that could call the ledger", "name a host's root with --root DIR")
    return (texts.script_text(wish.command, wish.home), *found)


def _fitting(root: HostRoot, wish: Wish) -> Iterator[texts.HostText]:
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


def _has_systemd(root: HostRoot) -> bool:
    """Whether systemd is installed: in an image nothing runs yet."""
    return root.has_folder("/etc/systemd/system") and any(root.has(path) for path in ("/usr/lib/systemd/systemd", "/lib/systemd/systemd"))


def _every(wish: Wish) -> tuple[texts.HostText, ...]:
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


def _is_ours(root: HostRoot, text: texts.HostText) -> bool:
    found = root.content(text.path)
    return found is not None and texts.is_ours(found)


def _is_called(root: HostRoot, wish: Wish) -> bool:
    """Whether the script is called by a part that stays."""
    return any(text.part is not None and text.part not in wish.only and _is_ours(root, text) for text in _every(wish))


def _made(root: HostRoot) -> tuple[str, ...]:
    return texts.made_in(root.content(texts.SCRIPT) or b"")


# ---- what is refused


def _refuse_others(root: HostRoot, wanted: Sequence[texts.HostText]) -> None:
    for text in wanted:
        state = root.state(text)
        if state is HostFileState.FOREIGN:
            raise InvalidInput(f"{root.place(text.path)} is not ours: nothing is written", "move it away, then ledger host-hooks install")
        if state is HostFileState.EDITED:
            why = f"somebody has edited {root.place(text.path)} since ledger host-hooks install wrote it"
            raise InvalidInput(why, "put your lines elsewhere, then ledger host-hooks uninstall --force, ledger host-hooks install")


def _refuse_anybody(root: HostRoot) -> None:
    if root.top == Path("/") and os.geteuid():
        raise InvalidInput(
            "only root may hook the ledger into this machine", "run it with sudo, and name the home: sudo ledger --home DIR host-hooks install"
        )


def _refuse_unfit(root: HostRoot, wish: Wish) -> None:
    """Root runs the command and writes to the home at every package run: whoever else may write there would be root."""
    texts.checked_path(wish.command, "the command")
    texts.checked_path(wish.home, "the home")
    home = Path(wish.home)
    if root.top == Path("/") and home.is_dir():
        found = home.stat()
        if found.st_uid != 0 or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            hint = "make one of root's: sudo ledger --home /var/lib/changelog-ledger init"
            raise InvalidInput(f"the home {home} can be written by somebody else than root, and root would write to it at every package run", hint)


def _remarks(root: HostRoot, wish: Wish, wanted: Sequence[texts.HostText]) -> Iterator[str]:
    if not root.has(f"{wish.home}/{FILE_NAME}"):
        yield f"there is no ledger at {wish.home} yet: until ledger --home {wish.home} init has made one, the hooks do nothing"
    if not root.is_executable(wish.command):
        yield f"there is no command {wish.command} yet: until there is, the hooks do nothing"
    elif root.place(wish.command).stat().st_uid not in (0, os.geteuid()):
        yield f"{wish.command} belongs to somebody else than root, and root runs it at every package run"
    paths = {text.path for text in wanted}
    if "/etc/cron.d/changelog-ledger" in paths:
        yield "there is no systemd: cron calls the ledger"
    elif not wish.only and not any(text.part is Part.TIMER for text in wanted):
        yield "there is neither systemd nor /etc/cron.d: nothing calls the ledger by the clock"


# ---- systemd


def _missing_wants(root: HostRoot, wanted: Sequence[texts.HostText]) -> tuple[str, ...]:
    return root.missing_folders(_LINK) if _has_timer(wanted) else ()


def _has_timer(wanted: Sequence[texts.HostText]) -> bool:
    return any(text.path.endswith(f"/{_TIMER_UNIT}") for text in wanted)


def _start_timer(root: HostRoot, wanted: Sequence[texts.HostText]) -> Iterator[str]:
    """Enable the timer by its link, as ``systemctl enable`` would, which needs no running systemd; and start it where that runs."""
    if not _has_timer(wanted):
        return
    for folder in root.missing_folders(_LINK):
        root.make_folder(folder)
    root.link(_LINK, f"/etc/systemd/system/{_TIMER_UNIT}")
    if root.top == Path("/") and is_running():
        said = systemctl("daemon-reload") or systemctl("restart", _TIMER_UNIT)
        if said:
            yield f"the timer is enabled and could not be started: {said}"


def _remove(root: HostRoot, ours: Sequence[texts.HostText]) -> None:
    made = _made(root)
    runs = _has_timer(ours) and root.top == Path("/") and is_running()
    if runs:
        systemctl("stop", _TIMER_UNIT)
    if _has_timer(ours):
        root.unlink(_LINK)
    for text in sorted(ours, key=lambda text: text.part is None):  # the script last: whoever still calls it finds it
        root.unlink(text.path)
    if any(text.part is None for text in ours):
        root.remove_folders(made)
    if runs:
        systemctl("daemon-reload")
