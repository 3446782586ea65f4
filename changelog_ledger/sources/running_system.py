"""What the running system says of itself: which boot it is, and in which states its services are."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import NamedTuple

from changelog_ledger.sources.rooted import open_file, read_file
from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.systemctl import asked

_LATEST = 7e9
"""Seconds since 1970, in the year 2191: a file system may say anything of a file."""
_PATIENCE = 30.0
_MOST_BYTES = 32 * 1024 * 1024


class Boot(NamedTuple):
    """A boot: its id (random(4)), without dashes as the journal writes it, and when it was, in seconds since 1970 (proc_stat(5), ``btime``)."""

    id: str
    time: int


def boot_now(root: str) -> Boot | None:
    """The boot that the ``proc`` below ``root`` is of; None where there is none."""
    try:
        identity = read_file(root, "/proc/sys/kernel/random/boot_id", 64).decode("ascii", "replace").strip().replace("-", "")
        status = read_file(root, "/proc/stat").decode("ascii", "replace")
    except OSError:  # an image, or no Linux
        return None
    times = [line.split()[1] for line in status.splitlines() if line.startswith("btime ") and len(line.split()) > 1]
    return Boot(identity, int(times[0])) if identity and times and times[0].isdigit() else None


def written_at(root: str, path: str) -> datetime | None:
    """When a file below ``root`` was last written; None if that cannot be seen."""
    try:
        descriptor = open_file(root, path)
    except OSError:  # whoever reads it says why not
        return None
    try:
        return datetime.fromtimestamp(max(0.0, min(os.fstat(descriptor).st_mtime, _LATEST)), UTC)
    finally:
        os.close(descriptor)


def service_states(properties: tuple[str, ...]) -> tuple[str, str]:
    """What ``systemctl show`` says of every loaded service, and why not if it does not."""
    probe = Probe(seconds=_PATIENCE, largest_output=_MOST_BYTES)
    try:
        return asked(probe, "show", "--timestamp=unix", f"--property={','.join(properties)}", "*.service"), ""
    except NotAvailable as reason:
        return "", str(reason)
    except CollectionFailed as reason:
        return "", f"states of services were not compared: {reason}"
