"""``ledger.host_hooks``: what makes package managers and the clock call the ledger."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.ledger.arguments import Duration, length_of
from changelog_ledger.model.host_hooks import Occasion, Part
from changelog_ledger.workflows.find_home import find_home, working_folder
from changelog_ledger.workflows.surroundings import actor_of, logged_warning, system_clock

if TYPE_CHECKING:
    from changelog_ledger.model.host_hooks import HookStep, HostHooks
    from changelog_ledger.workflows.host_hook_fitting import Wish

INTERVAL = "15m"
"""How often the clock calls if nothing else is asked for."""


class HostHooksTopic:
    """The verbs of ``ledger host-hooks``. They need no ledger: one may be gone, or not made yet.

    :param home: the home that is recorded to, as the host has it; found as :meth:`Ledger.open` does if None.
    :param clock: what :meth:`run` takes the time from.
    :param warn: told what went wrong without stopping anything.
    """

    def __init__(
        self, home: str | Path | None = None, *, clock: Callable[[], datetime] = system_clock, warn: Callable[[str], None] = logged_warning
    ) -> None:
        """Where a ledger is open it is ``ledger.host_hooks``."""
        self._home = home
        self._clock = clock
        self._warn = warn

    def install(
        self,
        *,
        root: str | Path = "/",
        command: str | Path | None = None,
        only: Sequence[str] = (),
        interval: Duration = INTERVAL,
        dry_run: bool = False,
    ) -> HostHooks:
        """Make the package managers of a host, and its clock, call the ledger. Twice is as once.

        :param root: the directory that stands for the host's ``/``: an image, a mount.
        :param command: the ledger's command, as the host has it; the one that belongs to this Python if None.
        :param only: ``apt``, ``dnf``, ``pacman``, ``apk``, ``timer``; whatever the host has if empty.
        :param interval: how often the clock calls; it must divide an hour or a day.
        :param dry_run: write nothing, and say what would be written.
        :raises InvalidInput: for a file of somebody else's in a place of ours, one of ours that somebody has edited, a home or a command
            that somebody else than root could alter, or somebody who is not root; nothing is written then.
        :raises NotFound: if the host has nothing of what is asked for, or there is no command.
        """
        from changelog_ledger.workflows.host_hooks import install_host_hooks

        return install_host_hooks(self._wish(root, command, only, interval), dry_run=dry_run)

    def uninstall(self, *, root: str | Path = "/", only: Sequence[str] = (), force: bool = False, dry_run: bool = False) -> HostHooks:
        """Take them out again; nothing else is altered.

        :param force: though somebody has edited them.
        :raises InvalidInput: if somebody has edited a file of ours, or for somebody who is not root; nothing is removed then.
        """
        from changelog_ledger.workflows.host_hooks import installed_call, uninstall_host_hooks

        command, home = installed_call(str(root)) or ("/", self._home or "/")
        return uninstall_host_hooks(self._wish(root, command, only, INTERVAL, home=home), force=force, dry_run=dry_run)

    def status(self, *, root: str | Path = "/", command: str | Path | None = None) -> HostHooks:
        """What is installed, edited or outdated, and how the last calls went.

        :param command: what the hooks should call; what the installed script calls if None. Likewise for the home where none was named.
        """
        from changelog_ledger.workflows.host_hooks import host_hooks_status, installed_call

        called, home = installed_call(str(root)) or (None, None)
        return host_hooks_status(self._wish(root, command or called, (), INTERVAL, home=self._home or home))

    def run(self, occasion: str, *, root: str | Path = "/") -> Iterator[HookStep]:
        """Do what a package manager (``before``, ``after``, ``packages``) or the clock (``timer``) calls for; each step is told when it is over.

        :raises InvalidInput: for another occasion.
        :raises HomeError: if there is no ledger.
        """
        from changelog_ledger.workflows.run_host_hooks import run_host_hooks
        from changelog_ledger.workflows.workspace import open_workspace

        called = _occasion(occasion)
        workspace = open_workspace(self._place(), actor=actor_of(os.environ), now=self._clock, entropy=os.urandom, warn=self._warn)
        try:
            yield from run_host_hooks(workspace, called, str(root))
        finally:
            workspace.close()

    def _place(self, home: str | Path | None = None) -> Path:
        named = home or self._home
        return find_home(str(named) if named else None, os.environ, working_folder())

    def _wish(self, root: str | Path, command: str | Path | None, only: Sequence[str], interval: Duration, *, home: str | Path | None = None) -> Wish:
        from changelog_ledger.workflows.host_hook_clock import interval_of
        from changelog_ledger.workflows.host_hook_fitting import Wish

        minutes = length_of(interval).total_seconds() / 60
        return Wish(str(root), str(command or _own_command()), str(self._place(home)), tuple(map(_part, only)), interval_of(minutes))


def _part(name: str) -> Part:
    if name not in list(Part):
        raise InvalidInput(f"there is no {name!r} that the ledger can be hooked into", f"there are {', '.join(Part)}")
    return Part(name)


def _occasion(name: str) -> Occasion:
    if name not in list(Occasion):
        raise InvalidInput(f"there is no occasion {name!r}", f"there are {', '.join(Occasion)}")
    return Occasion(name)


def _own_command() -> str:
    """The command beside this Python (a virtual environment's), else the one on the PATH."""
    beside = Path(sys.executable).with_name("ledger")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("ledger")
    if found is None:
        raise NotFound("there is no command ledger beside this Python or on the PATH", "name it: --command /usr/local/bin/ledger")
    return str(Path(found).absolute())
