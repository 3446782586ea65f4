"""Latent causes: what was changed long before, and took effect only when something was restarted, rebooted, failed over or expired.

A running program keeps the configuration and code it was started with. So an edit, an upgrade or a change acts when its program is next restarted, or
its host rebooted; and the first restart after it is the one that counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.investigation.candidates import Candidate, horizon
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.vocabulary import words_of
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.processes import closed_references
from changelog_ledger.model.topology import Target, TargetKind

_SOONEST = timedelta(seconds=30)
"""A restart sooner than this after an edit is part of the same piece of work, and makes nothing latent."""

_REBOOT = re.compile(r"\breboot(?:ed|s)?\b|\bbooted\b|\bpower[- ]?cycled?\b", re.IGNORECASE)
_RESTART = re.compile(r"\b(?:restart(?:ed|s)?|reload(?:ed|s)?|started|came back up)\b", re.IGNORECASE)
_FAILOVER = re.compile(r"\bfail(?:ed|s)?[- ]?over\b|\bswitch(?:ed)?[- ]?over\b|\bpromoted to (?:primary|master|leader)\b|\belected\b", re.IGNORECASE)
_EXPIRY = re.compile(r"\bexpir(?:ed|y|es)\b|\bno longer valid\b", re.IGNORECASE)
_AT_BOOT = re.compile(
    r"/(?:fstab|crypttab|mdadm|modules?|modprobe|sysctl|netplan|network|interfaces|grub|boot|initramfs|dracut|udev|systemd|rc\.local|selinux|apparmor|"
    r"default/grub|resolv\.conf|hostname|hosts|lvm|multipath|iscsi|nftables|iptables|firewalld|docker|containerd)"
    r"|\b(?:linux-image|kernel|systemd|libc6|glibc|udev|grub|initramfs|microcode|firmware|containerd|docker)",
    re.IGNORECASE,
)
_COMMON = frozenset(words_of("system daemon main process exit status restart reload start stop service unit agent local default server client"))

_ANY = 0.5
"""How much a reboot counts for what is not read at boot in particular: every program is started anew."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that gave effect to what had been changed before.

    :ivar sort: ``restart``, ``reboot``, ``failover``, ``expiry``.
    :ivar words: what was restarted, in words; empty for a reboot, which restarts everything.
    :ivar closes: references of pending restarts that it ended.
    """

    at: datetime
    target: Target
    sort: str
    text: str
    words: frozenset[str]
    closes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Awakened:
    """A candidate's trigger.

    :ivar fit: how surely it gave effect to the candidate, 0 to 1.
    """

    trigger: Trigger
    fit: float


def triggers(observations: Iterable[Observation], until: datetime) -> tuple[Trigger, ...]:
    """What can give effect to earlier changes among observations up to ``until``, the oldest first."""
    found = (_trigger(seen) for seen in observations if seen.at <= until)
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.at, each.text)))


def _trigger(seen: Observation) -> Trigger | None:
    sort = _sort(seen)
    if sort is None:
        return None
    return Trigger(seen.at, seen.target, sort, seen.summary, frozenset() if sort == "reboot" else _restarted(seen), closed_references(seen.data))


def _restarted(seen: Observation) -> frozenset[str]:
    """What was restarted, in words: of its unit, where that is named (hosts are often called as what they run); of the summary without the host."""
    unit = seen.data.get("unit")
    named = unit if isinstance(unit, str) else " ".join(re.findall(r"[\w@-]+(?=\.service\b)", seen.summary))
    return (words_of(named) | (words_of(seen.summary) - words_of(seen.target.name))) - _COMMON


def _sort(seen: Observation) -> str | None:
    """What sort of trigger an observation is; None for none."""
    said = f"{seen.what} {seen.summary}"
    if seen.what.startswith("package-") or seen.what.endswith("-pending"):
        return None
    for sort, pattern in (("reboot", _REBOOT), ("failover", _FAILOVER), ("expiry", _EXPIRY), ("restart", _RESTART)):
        if pattern.search(said):
            return sort
    return None


def awakened(candidates: Sequence[Candidate], material: Material) -> Mapping[str, Awakened]:
    """For each candidate that was latent: what gave it effect within the window, and before the horizon."""
    known = triggers((*material.history.observations, *material.observations), horizon(material))
    by_target: dict[Target, list[Trigger]] = {}
    for trigger in known:
        by_target.setdefault(trigger.target, []).append(trigger)
    found = {}
    for candidate in candidates:
        first = _first(candidate, _near(candidate, by_target, material))
        if first is not None and first.trigger.at > material.window.since:
            found[candidate.id] = first
    return found


def _near(candidate: Candidate, by_target: Mapping[Target, Sequence[Trigger]], material: Material) -> list[Trigger]:
    """The triggers on a candidate's hosts, and on the services it names or that run there."""
    places: set[Target] = set(candidate.targets)
    for target in candidate.targets:
        if target.kind is TargetKind.SERVICE:
            places |= {Target.host(host) for host in material.runs_on.get(target, frozenset())}
    hosts = {place.name for place in places if place.kind is TargetKind.HOST}
    places |= {service for service, runs_on in material.runs_on.items() if runs_on & hosts and service in by_target}
    near = [trigger for place in places for trigger in by_target.get(place, ())]
    return sorted(near, key=lambda trigger: (trigger.at, trigger.text))


def _first(candidate: Candidate, near: Sequence[Trigger]) -> Awakened | None:
    """The first trigger after a candidate that fits it; None if it was no more latent than its own restart."""
    if not near or any(_sort(seen) for seen in candidate.observations):  # a restart is not latent itself
        return None
    later = [trigger for trigger in near if trigger.at > candidate.acted_at]
    if not later:
        return None
    words, text, pending = _what(candidate)
    for trigger in later:
        fit = _fit(trigger, words, text, pending)
        if fit:
            return Awakened(trigger, fit) if trigger.at - candidate.acted_at > _SOONEST else None
    return None


def _what(candidate: Candidate) -> tuple[frozenset[str], str, frozenset[str]]:
    """What a candidate touched: words, text, and the references of restarts pending since."""
    texts = [piece.path or piece.summary for piece in candidate.evidence[:20]]
    if candidate.change is not None:
        texts += [candidate.title, *candidate.change.paths]
    pending = frozenset(str(seen.data.get("ref")) for seen in candidate.observations if seen.data.get("ref"))
    text = " ".join(texts)
    return words_of(text), text, pending


def _fit(trigger: Trigger, words: frozenset[str], text: str, pending: frozenset[str]) -> float:
    """How surely a trigger gave effect to something: 1 where it ended a pending restart or names the same program."""
    if trigger.closes & pending:
        return 1.0
    if trigger.sort == "reboot":
        return 1.0 if _AT_BOOT.search(text) else _ANY
    return 1.0 if trigger.words & words else 0.0
