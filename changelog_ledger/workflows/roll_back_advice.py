"""What is left for people when a change is taken back: commands for packages, a retained server, the written backout plan."""

from __future__ import annotations

import shlex

from changelog_ledger.model.change import Change
from changelog_ledger.model.rollback_target import PACKAGES, RETAINED
from changelog_ledger.model.times import shown_instant
from changelog_ledger.store.queries import View


def advice_of(view: View, change: Change) -> tuple[str, ...]:
    """What a person has to do, one line each, in the order in which it is done."""
    said: list[str] = []
    if change.rollback_to.startswith(PACKAGES):
        said += _packages(change.rollback_to.removeprefix(PACKAGES).split(","))
    elif change.rollback_to.startswith(RETAINED):
        said.append(_retained(view, change))
    if change.backout:
        said.append(f"backout plan: {change.backout}")
    if change.irreversible:
        said.append(f"it was planned as one that cannot be taken back: {change.irreversible}")
    return tuple(said)


def _packages(wanted: list[str]) -> list[str]:
    """The commands of apt-get(8) and dnf(8) that install older versions."""
    pairs = [entry.partition("=") for entry in wanted]
    apt = " ".join(shlex.quote(entry) for entry in wanted)
    dnf = " ".join(shlex.quote(f"{name}-{version}") for name, _, version in pairs)
    return [f"on Debian or Ubuntu: apt-get install --allow-downgrades {apt}", f"on Fedora or RHEL: dnf downgrade {dnf}"]


def _retained(view: View, change: Change) -> str:
    """Which server, and what for; whether it is still there."""
    name = change.rollback_to.removeprefix(RETAINED)
    host = view.topology.host(name)
    if host is not None and host.retired_at is not None:
        return f"it goes back to {change.rollback_to}, which is RETIRED since {shown_instant(host.retired_at)}: find another way"
    services = [target.name for target in change.affects]
    work = f" for {', '.join(services)}" if services else ""
    until = f" (retained until {shown_instant(change.retain_until)})" if change.retain_until else ""
    return f"it goes back to {change.rollback_to}{until}: bring that back into service{work}"
