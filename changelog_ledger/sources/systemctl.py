"""The running systemd, asked by its own command (systemctl(1)): the one place where it is run."""

from __future__ import annotations

from pathlib import Path

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe

_BOOTED = "/run/systemd/system"
_SECONDS = 30.0


def is_running() -> bool:
    """Whether this machine was booted with systemd (sd_booted(3))."""
    return Path(_BOOTED).is_dir()


def asked(probe: Probe, *arguments: str) -> str:
    """What it prints; nobody is asked for a password.

    :raises NotAvailable: if systemd does not run, or its command is not installed.
    :raises CollectionFailed: if it fails, takes too long or prints too much.
    """
    if not probe.exists(_BOOTED):
        raise NotAvailable("systemd does not run here")
    return probe.run("systemctl", "--no-ask-password", "--no-pager", *arguments)


def systemctl(*arguments: str) -> str:
    """Have it do something; why it did not, else nothing."""
    try:
        asked(Probe(seconds=_SECONDS), *arguments)
    except (NotAvailable, CollectionFailed) as reason:
        return str(reason)
    return ""
