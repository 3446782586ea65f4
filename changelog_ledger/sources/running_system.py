"""What the running system says of itself: which boot it is, and in which states its services are."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from shutil import which
from subprocess import DEVNULL, TimeoutExpired, run
from typing import NamedTuple

from changelog_ledger.sources.rooted import open_file, read_file

_PATH = "/usr/bin:/bin:/usr/local/bin"
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
        return datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
    finally:
        os.close(descriptor)


def service_states(properties: tuple[str, ...]) -> tuple[str, str]:
    """What ``systemctl show`` says of every loaded service, and why not if it does not."""
    program = which("systemctl", path=_PATH)
    if program is None:
        return "", "no systemd here"
    command = [program, "show", "--no-pager", "--timestamp=unix", f"--property={','.join(properties)}", "*.service"]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            done = run(command, stdin=DEVNULL, stdout=output, stderr=errors, env={"LC_ALL": "C", "PATH": _PATH}, timeout=_PATIENCE, check=False)
        except (TimeoutExpired, OSError):
            return "", "systemctl does not answer; states of services were not compared"
        output.seek(0)
        errors.seek(0)
        text = output.read(_MOST_BYTES).decode("utf-8", "replace")
        said = errors.read(300).decode("utf-8", "replace").strip().splitlines()
    if done.returncode and not text.strip():
        return "", f"states of services were not compared: {said[0] if said else 'systemctl failed'}"
    return text, ""
