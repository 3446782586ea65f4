"""The distribution, as os-release(5) says it: ``/etc/os-release``, else ``/usr/lib/os-release``."""

from __future__ import annotations

from changelog_ledger.sources.state.probe import NotAvailable, Probe


def os_release(probe: Probe) -> str:
    """See the module."""
    try:
        text = probe.text("/etc/os-release")
    except NotAvailable:
        text = probe.text("/usr/lib/os-release")
    return "\n".join(sorted(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))) + "\n"
