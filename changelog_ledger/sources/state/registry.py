"""The one list of collectors, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model import globs
from changelog_ledger.model.state import STATE, state_path
from changelog_ledger.sources.state.addresses import addresses
from changelog_ledger.sources.state.certificates import certificates
from changelog_ledger.sources.state.clock import clock
from changelog_ledger.sources.state.firewall import firewall
from changelog_ledger.sources.state.kernel import kernel
from changelog_ledger.sources.state.listening_ports import listening_ports
from changelog_ledger.sources.state.mounts import mounts
from changelog_ledger.sources.state.os_release import os_release
from changelog_ledger.sources.state.packages import packages
from changelog_ledger.sources.state.probe import Probe
from changelog_ledger.sources.state.resolvers import resolvers
from changelog_ledger.sources.state.routes import routes
from changelog_ledger.sources.state.sysctl import sysctl
from changelog_ledger.sources.state.systemd import services, timers
from changelog_ledger.sources.state.users import users


@dataclass(frozen=True, slots=True)
class Source:
    """A collector.

    :ivar name: as in ``@state/NAME``.
    :ivar holds: one line of what it is.
    :ivar needs: what it reads or runs.
    :ivar collect: gives the text; raises ``NotAvailable`` or ``CollectionFailed``.
    """

    name: str
    holds: str
    needs: str
    collect: Callable[[Probe], str]


SOURCES = (
    Source("addresses", "interfaces with MAC, MTU, up or down, addresses", "ip", addresses),
    Source("certificates", "server certificates: subject, issuer, serial number, end, names", "files in the usual places", certificates),
    Source("firewall", "the rules in force", "nft, iptables-save; as root", firewall),
    Source("kernel", "the kernel that runs, its command line and modules", "/proc", kernel),
    Source("listening-ports", "who listens: protocol, address, port, program", "/proc; as root for the programs of others", listening_ports),
    Source("mounts", "what is mounted where, and how", "/proc", mounts),
    Source("os-release", "the distribution and its version", "/etc/os-release", os_release),
    Source("packages", "what is installed: name, version, architecture", "the database of dpkg, apk or pacman; rpm", packages),
    Source("resolvers", "name servers and search domains in effect", "/etc/resolv.conf; resolvectl", resolvers),
    Source("routes", "routes and the rules that choose their table", "ip", routes),
    Source("services", "units of systemd: enablement and state", "systemctl", services),
    Source("sysctl", "settings of the kernel as they are", "/proc/sys", sysctl),
    Source("time", "time zone, whether the clock is synchronised, server", "/etc/localtime; timedatectl", clock),
    Source("timers", "timers of systemd: when, and what they start", "systemctl", timers),
    Source("users", "accounts and groups; whether locked, never a hash", "getent, /etc/shadow", users),
)
"""Every collector there is."""


def chosen(watch: Iterable[str], ignore: Iterable[str] = ()) -> tuple[Source, ...]:
    """The collectors that the ``@state`` entries of a watch list name (``@state`` itself: all), without those that are ignored.

    :raises InvalidInput: if an entry names none.
    """
    wanted: set[str] = set()
    for pattern in watch:
        found = {source.name for source in SOURCES if globs.matches(pattern, state_path(source.name))}
        if not found:
            raise InvalidInput(
                f"nothing is called {pattern}", f"there is {STATE} for everything, and: {', '.join(state_path(each.name) for each in SOURCES)}"
            )
        wanted |= found
    left_out = [pattern for pattern in ignore if pattern.startswith(STATE)]
    return tuple(source for source in SOURCES if source.name in wanted and not any(globs.matches(glob, state_path(source.name)) for glob in left_out))
