"""Time zone, whether the clock is synchronised, and by which server: ``/etc/localtime`` (localtime(5)), adjtimex(2), timedatectl(1).

A server of a pool is told by the pool's name where systemd-timesyncd says it; of chrony and ntpd the configuration does, and which of their
sources is the best at the moment changes by itself.
"""

from __future__ import annotations

from changelog_ledger.sources.state.probe import CollectionFailed, Probe
from changelog_ledger.sources.state.trees import text_of

_ZONES = "/zoneinfo/"
_TIMESYNC = "/run/systemd/timesync"  # systemd-timesyncd.service(8) has it while it runs: to ask where it does not would start it, or fail
_TIME_ERROR = 5  # what adjtimex(2) answers where the clock is not synchronised
_LARGER_THAN_TIMEX = 1024


def clock(probe: Probe) -> str:
    """See the module."""
    tree = {"zone": _zone(probe), "synchronised": _synchronised()}
    server = _server(probe)
    return text_of({**tree, **({"server": server} if server else {})})


def _zone(probe: Probe) -> str:
    target = probe.link("/etc/localtime")
    if _ZONES in target:
        return target.partition(_ZONES)[2]
    return probe.optional("/etc/timezone").strip() or ("its own" if probe.exists("/etc/localtime") else "UTC")


def _synchronised() -> str:
    """Asking (``modes`` = 0) takes no right; who fences this process in (``SystemCallFilter=``, systemd.exec(5)) may forbid it all the same."""
    import ctypes
    import os

    buffer = ctypes.create_string_buffer(_LARGER_THAN_TIMEX)
    try:
        answer = int(ctypes.CDLL(None, use_errno=True).adjtimex(buffer))
    except (OSError, AttributeError):  # another C library
        return "unknown"
    if answer < 0:
        raise CollectionFailed(f"adjtimex: {os.strerror(ctypes.get_errno())}")
    return "no" if answer == _TIME_ERROR else "yes"


def _server(probe: Probe) -> str:
    if not probe.exists(_TIMESYNC) or not probe.has("timedatectl"):  # another time service, or none
        return ""
    return probe.run("timedatectl", "show-timesync", "--property=ServerName", "--value").strip()
