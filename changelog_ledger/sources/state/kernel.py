"""The kernel that runs: release, version, architecture, command line, loaded modules (proc(5)). Not whether it is tainted, nor by how much used."""

from __future__ import annotations

import os

from changelog_ledger.sources.state.probe import Probe
from changelog_ledger.sources.state.trees import text_of


def kernel(probe: Probe) -> str:
    """See the module."""
    modules = [line.split(" ", 1)[0] for line in probe.optional("/proc/modules").splitlines()]
    return text_of(
        {
            "release": probe.text("/proc/sys/kernel/osrelease").strip(),
            "version": probe.text("/proc/sys/kernel/version").strip(),
            "architecture": os.uname().machine,
            "command line": probe.text("/proc/cmdline").split(),
            "modules": sorted(modules),
        }
    )
