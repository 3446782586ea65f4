"""``host-hooks install``, ``uninstall`` and ``status``: what makes package managers and the clock call the ledger.

Nothing of anybody else's is altered: every file is one of our own, in a folder that its program reads such files from.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.host_hooks import HookCall, HostFile, HostFileState, HostHooks, Part
from changelog_ledger.reports.escape import shell_word
from changelog_ledger.settings import FILE_NAME
from changelog_ledger.sources.systemctl import is_running, systemctl
from changelog_ledger.workflows import host_hook_clock as clock
from changelog_ledger.workflows import host_hook_texts as texts
from changelog_ledger.workflows.hook_files import alone_in
from changelog_ledger.workflows.host_hook_files import HostRoot, became, root_at
from changelog_ledger.workflows.host_hook_fitting import Wish, every_text, wanted_texts
from changelog_ledger.workflows.host_hook_notes import calls_noted
from changelog_ledger.workflows.host_hook_trust import refuse_weak, weaknesses

__all__ = ["Wish", "host_hooks_status", "install_host_hooks", "installed_call", "uninstall_host_hooks"]

_TIMER_UNIT = f"{clock.UNIT}.timer"


def install_host_hooks(wish: Wish, *, dry_run: bool = False) -> HostHooks:
    """Write the files that make package managers and the clock call the ledger. Twice is as once; what an older version wrote becomes new.

    :raises InvalidInput: for a file of somebody else's in a place of ours, one of ours that somebody has edited, a home or a command that somebody
        else than root could alter, or somebody who is not root; nothing is written then.
    :raises NotFound: if the host has nothing of what is asked for.
    """
    root = root_at(wish.root)
    wanted = wanted_texts(root, wish)
    texts.checked_path(wish.command, "the command")
    texts.checked_path(wish.home, "the home")
    refuse_weak(root, wish.command, wish.home)
    _refuse_others(root, wish, wanted)
    warnings = tuple(_remarks(root, wish, wanted))
    missing = tuple(dict.fromkeys(folder for text in wanted for folder in root.missing_folders(text.path)))
    wanted = (texts.script_text(wish.command, wish.home, tuple(dict.fromkeys((*_made(root), *missing)))), *wanted[1:])
    if dry_run:
        return HostHooks(wish.root, wish.command, wish.home, tuple(_planned(root, text) for text in wanted), dry_run=True, warnings=warnings)
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
    ours = [text for text in every_text(wish) if (text.part in wish.only or not wish.only) and root.is_ours(text)]
    for text in ours:
        if root.state(text) is HostFileState.EDITED and not force:
            why = f"somebody has edited {root.place(text.path)} since ledger host-hooks install wrote it"
            raise InvalidInput(why, f"put your lines elsewhere, then {_command(wish, 'uninstall')} --force")
    if wish.only and not _is_called(root, wish):
        ours += [text for text in every_text(wish) if text.part is None and root.is_ours(text)]
    files = tuple(HostFile(text.part, text.path, HostFileState.REMOVED, target=text.target) for text in ours)
    if files and not dry_run:
        _refuse_anybody(root)
        with alone_in(root.place("/etc")):
            _remove(root, ours)
    return HostHooks(wish.root, wish.command, wish.home, files, dry_run=dry_run)


def host_hooks_status(wish: Wish) -> HostHooks:
    """What is installed, what somebody has edited, what install would write anew, and how the last calls went."""
    root = root_at(wish.root)
    wish = replace(wish, interval=_installed_interval(root) or wish.interval)
    try:
        wanted = wanted_texts(root, wish)
    except NotFound:
        wanted = ()
    expected = {text.path: text for text in wanted}
    if texts.SCRIPT in expected:
        expected[texts.SCRIPT] = texts.script_text(wish.command, wish.home, _made(root))
    stray = {text.path: text for text in every_text(wish) if text.path not in expected and root.is_ours(text)}
    shown = tuple((expected | stray).values())
    files = tuple(HostFile(text.part, text.path, root.state(text), target=text.target) for text in shown)
    calls, unseen = _calls(root, wish)
    installed = [text for text in shown if root.is_ours(text)]
    warnings = (*unseen, *(_warnings(root, wish) if installed else ()))
    again = _install_command(replace(wish, only=_installed_parts(shown, installed)), installed) if installed else ""
    return HostHooks(wish.root, wish.command, wish.home, files, calls, warnings=warnings, install_command=again)


def installed_call(root: str) -> tuple[str, str] | None:
    """The command and the home that the installed script names; None if there is no script of ours.

    :raises InvalidInput: if there is no such root.
    """
    script = root_at(root).content(texts.SCRIPT) or b""
    return texts.called_in(script) if texts.is_ours(script) else None


# ---- what is there


def _installed_interval(root: HostRoot) -> clock.Interval | None:
    """Whatever interval was asked for is no reason to call a file outdated."""
    return clock.interval_in(root.content(clock.TIMER) or b"", root.content(clock.CRONTAB) or b"")


def _calls(root: HostRoot, wish: Wish) -> tuple[tuple[HookCall, ...], tuple[str, ...]]:
    """How the last calls went; a word instead where one may not look."""
    try:
        return tuple(calls_noted(root, wish.home)), ()
    except PermissionError:
        return (), (f"how the calls went is noted in {wish.home}, where you may not look: sudo {_command(wish, 'status').removeprefix('sudo ')}",)


def _warnings(root: HostRoot, wish: Wish) -> Iterator[str]:
    """Why the script refuses to call the ledger, or would have been refused to be installed."""
    try:
        for weakness in weaknesses(root, wish.command, wish.home):
            yield f"{weakness.message}; {weakness.hint}"
    except InvalidInput as error:
        yield f"{error.message}; {error.hint}"


def _is_called(root: HostRoot, wish: Wish) -> bool:
    """Whether the script is called by a part that stays."""
    return any(text.part is not None and text.part not in wish.only and root.is_ours(text) for text in every_text(wish))


def _made(root: HostRoot) -> tuple[str, ...]:
    return texts.made_in(root.content(texts.SCRIPT) or b"")


def _planned(root: HostRoot, text: texts.HostText) -> HostFile:
    content = None if text.target else os.fsdecode(text.content)
    return HostFile(text.part, text.path, became(root.state(text)), content, text.target)


# ---- what is to be typed


def _command(wish: Wish, verb: str) -> str:
    return f"sudo ledger host-hooks {verb}" if wish.root == "/" else f"ledger host-hooks {verb} --root {shell_word(wish.root)}"


def _install_command(wish: Wish, wanted: Sequence[texts.HostText]) -> str:
    """What installs just that, with all that was asked for."""
    words = [_command(wish, "install"), "--home", shell_word(wish.home), "--command", shell_word(wish.command)]
    words += [word for part in wish.only for word in ("--only", part.value)]
    if Part.TIMER in _parts(wanted):
        words += ["--interval", wish.interval.text]
    return " ".join(words)


def _installed_parts(shown: Sequence[texts.HostText], installed: Sequence[texts.HostText]) -> tuple[Part, ...]:
    """Which parts must have been asked for; none if all that there are are installed."""
    return () if _parts(installed) in ((), _parts(shown)) else _parts(installed)


def _parts(found: Sequence[texts.HostText]) -> tuple[Part, ...]:
    return tuple(dict.fromkeys(text.part for text in found if text.part is not None))


# ---- what is refused


def _refuse_others(root: HostRoot, wish: Wish, wanted: Sequence[texts.HostText]) -> None:
    for text in wanted:
        state = root.state(text)
        if state is HostFileState.FOREIGN:
            raise InvalidInput(f"{root.place(text.path)} is not ours: nothing is written", f"move it away, then {_install_command(wish, wanted)}")
        if state is HostFileState.EDITED:
            why = f"somebody has edited {root.place(text.path)} since ledger host-hooks install wrote it"
            raise InvalidInput(why, f"put your lines elsewhere, then {_command(wish, 'uninstall')} --force; {_install_command(wish, wanted)}")


def _refuse_anybody(root: HostRoot) -> None:
    if root.top == Path("/") and os.geteuid():
        raise InvalidInput(
            "only root may hook the ledger into this machine", "run it with sudo, and name the home: sudo ledger --home DIR host-hooks install"
        )


def _remarks(root: HostRoot, wish: Wish, wanted: Sequence[texts.HostText]) -> Iterator[str]:
    if not root.has(f"{wish.home}/{FILE_NAME}"):
        yield f"there is no ledger at {wish.home} yet: until ledger --home {shell_word(wish.home)} init has made one, the hooks do nothing"
    if not root.is_executable(wish.command):
        yield f"there is no command {wish.command} yet: until there is, the hooks do nothing"
    if root.top != Path("/") and os.geteuid():
        yield "what you make here belongs to you: the hooks refuse to work until it is root's (uid 0) on the host that this becomes"
    if any(text.path == clock.CRONTAB for text in wanted):
        yield "there is no systemd: cron calls the ledger"
    elif not wish.only and not any(text.part is Part.TIMER for text in wanted):
        yield "there is neither systemd nor /etc/cron.d: nothing calls the ledger by the clock"


# ---- systemd


def _has_timer(wanted: Sequence[texts.HostText]) -> bool:
    return any(text.path in (clock.TIMER, clock.LINK) for text in wanted)


def _start_timer(root: HostRoot, wanted: Sequence[texts.HostText]) -> Iterator[str]:
    """Start the timer where systemd runs; its link has enabled it, as ``systemctl enable`` would."""
    if _has_timer(wanted) and root.top == Path("/") and is_running():
        said = systemctl("daemon-reload") or systemctl("restart", _TIMER_UNIT)
        if said:
            yield f"the timer is enabled and could not be started: {said}"


def _remove(root: HostRoot, ours: Sequence[texts.HostText]) -> None:
    made = _made(root)
    runs = _has_timer(ours) and root.top == Path("/") and is_running()
    if runs:
        systemctl("stop", _TIMER_UNIT)
    for text in sorted(ours, key=lambda text: text.part is None):  # the script last: whoever still calls it finds it
        root.unlink(text.path)
    if any(text.part is None for text in ours):
        root.remove_folders(made)
    if runs:
        systemctl("daemon-reload")
