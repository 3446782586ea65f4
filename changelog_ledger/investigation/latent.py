"""Latent causes: what was changed long before, and took effect only when something was restarted, rebooted, failed over or expired.

A running program keeps the configuration and code it was started with. So an edit, an upgrade or a change acts when its program is next restarted, or
its host rebooted; a job acts with what it finds when it runs, a standby with what it has when it takes over, a certificate until it expires. The
first trigger that surely was of that program is the one that counts; of those that perhaps were, each only if those before it were not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from changelog_ledger.investigation.candidates import Candidate, horizon
from changelog_ledger.investigation.inverted_index import InvertedIndex
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.subjects import subjects_of_things
from changelog_ledger.investigation.vocabulary import word_set, words_of
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.packages import package_names
from changelog_ledger.model.processes import closed_references
from changelog_ledger.model.topology import EVERYTHING, Target, TargetKind

_SOONEST = timedelta(seconds=30)
"""A restart sooner than this after an edit is part of the same piece of work, and makes nothing latent."""

LONG_BEFORE = timedelta(days=7)
"""What happened longer before the trouble than this is equally far from it."""

_REBOOT = re.compile(r"\breboot(?:ed|s)?\b|\bbooted\b|\bpower[- ]?cycled?\b", re.IGNORECASE)
_RESTART = re.compile(r"\b(?:restart(?:ed|s)?|reload(?:ed|s)?|started|came back up)\b", re.IGNORECASE)
_FAILOVER = re.compile(r"\bfail(?:ed|s)?[- ]?over\b|\bswitch(?:ed)?[- ]?over\b|\bpromoted to (?:primary|master|leader)\b|\belected\b", re.IGNORECASE)
_EXPIRY = re.compile(r"\bexpir(?:ed|y|es)\b|\bno longer valid\b|\bvalidity\b.*\bended\b", re.IGNORECASE)
_JOB = re.compile(r"\b(?:nightly|cron|timer|batch|job|backup|import|export)\b.*\bstarted\b", re.IGNORECASE)
_RESTARTING = re.compile(
    r"""^(?:[\w.-]+:\ *)?(?:rolling\ |planned\ |scheduled\ |emergency\ )*(?:
    (?P<restart>re-?start|reload|bounce)
    |(?P<reboot>re-?boot|power[-\ ]?cycle)
    |(?P<failover>fail[-\ ]?over|switch[-\ ]?over|promote(?=\b.*\b(?:primary|master|leader)\b))
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""A change whose work this is says so at the beginning of its title; "… and reload" and "no restart needed" are said of other work."""

_PATH_AT_BOOT = re.compile(
    r"/(?:fstab|crypttab|mdadm|modules?|modprobe|sysctl|netplan|network|interfaces|grub|boot|initramfs|dracut|udev|systemd|rc\.local|selinux|apparmor|"
    r"default/grub|resolv\.conf|hostname|hosts|lvm|multipath|iscsi|nftables|iptables|firewalld|docker|containerd)"
)
_NAME_AT_BOOT = re.compile(r"\b(?:linux-image|kernel|systemd|libc6|glibc|udev|grub|initramfs|microcode|firmware|containerd|docker)")
"""What is read at boot, in small letters: to search for two beginnings in one pattern, or in letters of any size, takes three times as long."""

_COMMON = word_set(
    "system daemon main process exit status restart reload start stop service unit agent local default server client app change config"
)

_SAME_FIELD = 0.7
"""How much a restart counts for what is of the same field, but of another name: ``networking`` for netplan."""

_ANY = 0.5
"""How much a reboot counts for what is not read at boot in particular: every program is started anew."""

_UNKNOWN = 0.15
"""How much a restart counts for something where of either it is not known of which field it is."""

_EXPIRING = frozenset({"certificates", "secrets", "access", "directory services", "encryption in transit"})
"""Fields of what has an end of its validity."""

_OF_WHATEVER = frozenset({"failover", "job"})
"""Sorts that may concern what they do not name: another machine takes over everything, a job starts programs anew."""

_NEGLIGIBLE = 0.05


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that gave effect to what had been changed before.

    :ivar sort: ``restart``, ``reboot``, ``failover``, ``expiry``, ``job``.
    :ivar words: what was restarted, in words; empty for a reboot, which restarts everything. ``subjects``: their fields.
    :ivar closes: references of pending restarts that it ended.
    """

    at: datetime
    target: Target
    sort: str
    text: str
    words: frozenset[str]
    subjects: frozenset[str]
    closes: frozenset[str] = frozenset()


class Awakening(NamedTuple):
    """One trigger of something that was changed before it.

    :ivar chance: how likely it was this one that gave it effect, 0 to 1.
    """

    trigger: Trigger
    chance: float


class _Sleeper(NamedTuple):
    """What a candidate touched.

    :ivar pending: references of restarts that are pending since.
    """

    words: frozenset[str]
    subjects: frozenset[str]
    text: str
    pending: frozenset[str]


def triggers(observations: Iterable[Observation], changes: Iterable[Change], until: datetime) -> tuple[Trigger, ...]:
    """What can give effect to earlier changes among observations and changes up to ``until``, the oldest first."""
    seen = [found for each in observations if each.at <= until and (found := _trigger(each)) is not None]
    logged = [found for change in changes if (sort := restarting(change, until)) is not None for found in _logged_triggers(change, sort)]
    return tuple(sorted((*seen, *logged), key=_in_time))


def _in_time(trigger: Trigger) -> tuple[datetime, Target, str, str]:
    """The order of triggers: those of the same second are ordered by what they are, not by chance."""
    return trigger.at, trigger.target, trigger.sort, trigger.text


def triggered(observations: Iterable[Observation], changes: Iterable[Change], until: datetime) -> frozenset[Target]:
    """Where something among observations and changes up to ``until`` can give effect to earlier changes."""
    seen = {each.target for each in observations if each.at <= until and _sort(each) is not None}
    return frozenset(seen.union(*(change.on for change in changes if restarting(change, until) is not None)))


def _trigger(seen: Observation) -> Trigger | None:
    sort = _sort(seen)
    if sort is None:
        return None
    words = frozenset() if sort == "reboot" else _restarted(seen)
    return Trigger(seen.at, seen.target, sort, seen.summary, words, subjects_of_things(words), closed_references(seen.data))


def restarting(change: Change, until: datetime) -> str | None:
    """What sort of trigger a change is that had begun by ``until``, None for none: a logged restart wakes what an observed one does."""
    if change.started_at is None or change.started_at > until or change.status is Status.CANCELLED:
        return None
    return _restarting(change.title)


@lru_cache(maxsize=16384)
def _restarting(title: str) -> str | None:
    """Asked of every change more than once."""
    found = _RESTARTING.match(title)
    return found.lastgroup if found else None


def _logged_triggers(change: Change, sort: str) -> Iterator[Trigger]:
    """One on each target of a change, when it was begun."""
    assert change.started_at is not None  # a plan is no trigger
    for target in change.on:
        words = frozenset() if sort == "reboot" else words_of(_RESTARTING.sub("", change.title)) - words_of(target.name) - _COMMON
        yield Trigger(change.started_at, target, sort, change.title, words, subjects_of_things(words))


def _restarted(seen: Observation) -> frozenset[str]:
    """What was restarted, in words: of its unit where that is named, else of what stands before the verb, without the host's own name."""
    unit = seen.data.get("unit")
    if isinstance(unit, str) and unit:
        return words_of(unit) - _COMMON
    named = " ".join(re.findall(r"[\w@.-]+(?=\.(?:service|socket|timer)\b)", seen.summary))
    if named:
        return words_of(named) - _COMMON
    return words_of(_RESTART.split(seen.summary)[0]) - words_of(seen.target.name) - _COMMON


def _sort(seen: Observation) -> str | None:
    """What sort of trigger an observation is; None for none."""
    return _sort_of(seen.what, seen.summary)


@lru_cache(maxsize=16384)
def _sort_of(what: str, summary: str) -> str | None:
    said = f"{what} {summary}"
    if what.startswith("package-") or what.endswith("-pending"):
        return None
    for sort, pattern in _SORTS:
        if pattern.search(said):
            return sort
    return None


_SORTS = (("reboot", _REBOOT), ("failover", _FAILOVER), ("expiry", _EXPIRY), ("job", _JOB), ("restart", _RESTART))


def known_triggers(material: Material) -> Triggers:
    """Everything that may have given effect to something before the horizon of a question."""
    observations = (*material.history.observations, *material.observations)
    return Triggers(triggers(observations, material.changes_ever(), horizon(material)), material.runs_on)


def waking_since(material: Material) -> datetime:
    """From when on it matters for what is suspected anyway what gave it effect: longer before the trouble that makes it no nearer."""
    return max(material.window.since, horizon(material) - LONG_BEFORE)


def awakened(candidates: Iterable[Candidate], known: Triggers, since: datetime) -> dict[str, tuple[Awakening, ...]]:
    """For each candidate that may have been latent: what may have given it effect after ``since``, the oldest first."""
    found = {}
    for candidate in candidates:
        near = known.near(candidate.targets)
        if _is_trigger(candidate) or not near.any_after(max(candidate.acted_at, since)):
            continue
        within = tuple([each for each in _awakenings(candidate, near) if each.trigger.at > since])
        if within:
            found[candidate.id] = within
    return found


def _is_trigger(candidate: Candidate) -> bool:
    """Whether it is a restart or the like, which is not latent itself."""
    if candidate.change is not None:
        return restarting(candidate.change, candidate.began_at) is not None
    return any(_sort(seen) is not None for seen in candidate.observations)


class Triggers:
    """Triggers, the oldest first, looked up by where they were."""

    def __init__(self, known: Iterable[Trigger], runs_on: Mapping[Target, frozenset[str]]) -> None:
        self._by_target: dict[Target, list[Trigger]] = {}
        for trigger in known:
            self._by_target.setdefault(trigger.target, []).append(trigger)
        self._runs_on = runs_on
        self._on_host: dict[str, list[Target]] = {}
        for service, hosts in runs_on.items():
            for host in hosts if service in self._by_target else ():
                self._on_host.setdefault(host, []).append(service)
        self._near: dict[tuple[Target, ...], _Near] = {}

    def near(self, targets: tuple[Target, ...]) -> _Near:
        """The triggers on the hosts of some targets, on the services among them or that run there, and those of everything.

        What was changed everywhere may have been given effect anywhere.
        """
        known = self._near.get(targets)
        if known is None:
            places = (trigger for place in self._places(targets) for trigger in self._by_target.get(place, ()))
            known = self._near[targets] = _Near(sorted(places, key=_in_time))
        return known

    def _places(self, targets: Iterable[Target]) -> set[Target]:
        if EVERYTHING in targets:
            return set(self._by_target)
        places = {*targets, EVERYTHING}
        hosts = {place.name for place in places if place.kind is TargetKind.HOST}
        for place in targets:
            if place.kind is TargetKind.SERVICE:
                hosts |= self._runs_on.get(place, frozenset())
        places |= {Target(TargetKind.HOST, host) for host in hosts}
        return places.union(*(self._on_host.get(host, ()) for host in hosts))


class _Near:
    """The triggers of one neighbourhood, the oldest first, looked up by what they may give effect to: thousands of restarts fit nothing."""

    def __init__(self, known: Sequence[Trigger]) -> None:
        self._known = known
        self._times = [trigger.at for trigger in known]
        self._index = InvertedIndex(map(_wakes, known))

    def any_after(self, moment: datetime) -> bool:
        """Whether there is any after a moment."""
        return bool(self._times) and self._times[-1] > moment

    def fitting(self, sleeper: _Sleeper, moment: datetime) -> Iterator[Trigger]:
        """Those after a moment that may fit something, and none that :func:`_fit` finds to fit is left out."""
        return (self._known[number] for number in self._index.having(_woken_by(sleeper), bisect_right(self._times, moment)))


_WHATEVER = ""
"""What is looked up to find what may give effect to anything, beside words, subjects and references: none of them is empty."""

_EVERY = " "
"""What every other trigger is found by as well, for things of which it is not known of which field they are."""


def _wakes(trigger: Trigger) -> Set[str]:
    """What a trigger is found by: every word, subject and reference of what it may have given effect to, see :func:`_fit`."""
    if trigger.sort == "reboot" or trigger.sort in _OF_WHATEVER or not trigger.words:
        return {_WHATEVER}
    if not trigger.subjects:
        return {_WHATEVER, *trigger.words, *trigger.closes}
    expiring = _EXPIRING if trigger.sort == "expiry" else frozenset()
    return {_EVERY, *trigger.words, *trigger.subjects, *trigger.closes, *expiring}


def _woken_by(sleeper: _Sleeper) -> Set[str]:
    """What is looked up for something: one word may be another's subject, so that more is found than fits."""
    every = () if sleeper.subjects else (_EVERY,)
    return {_WHATEVER, *every, *sleeper.words, *sleeper.subjects, *sleeper.pending}


def _awakenings(candidate: Candidate, near: _Near) -> Iterator[Awakening]:
    """The triggers after a candidate that fit it, each with the chance that it was this one: that it fits, and none before it did.

    :param near: those on its hosts and services.
    """
    sleeper, left = _sleeper(candidate), 1.0
    for trigger in near.fitting(sleeper, candidate.acted_at):
        fit = _fit(trigger, sleeper)
        if fit and trigger.at - candidate.acted_at > _SOONEST:
            yield Awakening(trigger, left * fit)
        left *= 1 - fit
        if left < _NEGLIGIBLE:
            return


def _sleeper(candidate: Candidate) -> _Sleeper:
    """What a candidate touched: of packages their names, of files their paths."""
    texts = [name for seen in candidate.observations for name in package_names(seen.data)]
    texts += [piece.path if piece.path else piece.summary.partition(" ")[0] for piece in candidate.evidence[:20]]
    if candidate.change is not None:
        texts += [candidate.title, *candidate.change.paths]
    words = frozenset().union(*map(words_of, texts)) - _COMMON
    pending = frozenset(str(seen.data.get("ref")) for seen in candidate.observations if seen.data.get("ref"))
    return _Sleeper(words, subjects_of_things(words), " ".join(texts), pending)


def _fit(trigger: Trigger, sleeper: _Sleeper) -> float:
    """How surely a trigger gave effect to something: 1 where it ended a pending restart or names the same program."""
    if trigger.closes & sleeper.pending or trigger.words & sleeper.words:
        return 1.0
    if trigger.sort == "reboot":
        return 1.0 if _is_read_at_boot(sleeper.text) else _ANY
    if trigger.subjects & sleeper.subjects or (trigger.sort == "expiry" and sleeper.subjects & _EXPIRING):
        return _SAME_FIELD
    if trigger.sort in _OF_WHATEVER or not trigger.words:
        return _ANY
    return 0.0 if trigger.subjects and sleeper.subjects else _UNKNOWN


@lru_cache(maxsize=1024)
def _is_read_at_boot(text: str) -> bool:
    """Whether what is spoken of is read at boot. Asked of one thing for each reboot after it, one after the other."""
    small = text.lower()
    return bool(_PATH_AT_BOOT.search(small) or _NAME_AT_BOOT.search(small))
