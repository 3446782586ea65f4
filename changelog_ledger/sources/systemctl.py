"""The running systemd, asked by its own command (systemctl(1))."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_LIMIT = 30


def is_running() -> bool:
    """Whether this machine was booted with systemd (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def systemctl(*arguments: str) -> str:
    """Run it without asking anybody anything; its own words if that failed, else nothing."""
    try:
        done = subprocess.run(
            ["systemctl", "--no-ask-password", *arguments],
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    words = done.stderr.decode(errors="replace").strip().partition("\n")[0][:500]
    return (words or f"it ended with {done.returncode}") if done.returncode else ""
