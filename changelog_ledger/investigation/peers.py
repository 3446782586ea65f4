"""Which key sets the failing hosts apart: the culprit found by comparison with healthy peers.

After Wang, Platt, Chen, Zhang and Wang, "Automatic Misconfiguration Troubleshooting with PeerPressure", OSDI'04 (and its forerunner: Wang et al.,
"STRIDER", LISA'03). Of ``N`` healthy hosts ``m``
have the suspected value of a key that takes ``c`` values in all; one of ``t`` suspected keys is sick::

    P(sick | value) = (N + c) / (N + c*t + c*m*(t - 1))

which follows from P(sick) = 1/t, P(value | sick) = 1/c, and P(value | healthy) = (m + 1)/(N + c), the mean of a Dirichlet distribution that begins
with every value being as likely. So a value that no healthy host has weighs much where they all agree (c = 2), and little where every host has one
of its own (c = N + 1): a key of high entropy says nothing by differing.

What is done here besides:

- ``t`` is held at :data:`SUSPECTS`. It does not alter the order of the keys, and a score then means the same in every question.
- Several failing hosts that share a value which healthy ones have not are unlikely to do so by chance: each of them (up to :data:`MOST_SHARING`)
  brings its own factor P(value | healthy). A failing host that has the healthy hosts' value speaks against the key.
- STRIDER's other half: what changed in the window, and only on the failing side, is :data:`CHANGED_THERE` times as suspect; less so where the file
  changes all the time. What was so before the window began, when it worked, is :data:`UNCHANGED` times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from changelog_ledger.investigation.material import HABIT
from changelog_ledger.investigation.peer_columns import Column
from changelog_ledger.model.peers import PeerDifference, PeerValue

SUSPECTS = 5
MOST_SHARING = 3
NOT_SHARING = 0.25
CHANGED_THERE = 6.0
UNCHANGED = 0.4
LAYOUT = 0.05
"""What a difference in comments or white space is worth beside one of a value."""

_WIDEST = 200
"""Characters of a value that are kept."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column in which the failing side stands apart.

    :ivar accused: the failing hosts with the suspected value, sorted; ``matching`` counts the working hosts that have it too (``m``).
    :ivar peers: the working hosts that have a say (``N``); ``cardinality`` counts the values (``c``).
    :ivar odds: of its being sick, before anything is known of changes.
    """

    column: Column
    accused: tuple[str, ...]
    matching: int
    peers: int
    cardinality: int
    odds: float


@dataclass(frozen=True, slots=True)
class Altered:
    """What is known of changes of a column's key within the window.

    :ivar failing: accused hosts on which it changed; ``working`` the others on which it did.
    :ivar habit: how often the file changed in the time before the window, on an accused host in the mean.
    """

    failing: tuple[str, ...] = ()
    working: tuple[str, ...] = ()
    habit: float = 0.0


def posterior(peers: int, matching: int, cardinality: int, suspects: int = SUSPECTS) -> float:
    """PeerPressure's probability that a key is sick, given its value: see the formula above.

    :param peers: N; ``matching``: m; ``cardinality``: c, at least 2; ``suspects``: t.
    """
    return (peers + cardinality) / (peers + cardinality * suspects + cardinality * matching * (suspects - 1))


def candidates(columns: Iterable[Column], failing: Collection[str], working: Collection[str]) -> tuple[tuple[Candidate, ...], int]:
    """The columns in which the failing side stands apart, the likeliest first; and how many of the others differ all the same."""
    found: list[Candidate] = []
    others = 0
    for column in columns:
        candidate = _candidate(column, failing, working)
        if candidate:
            found.append(candidate)
        else:
            others += 1
    return tuple(sorted(found, key=lambda each: (-each.odds, _place(each.column)))), others


def _place(column: Column) -> tuple[str, str, str, tuple[str, ...]]:
    return column.path, column.key or "", column.about, tuple(sorted(column.shown))


def _candidate(column: Column, failing: Collection[str], working: Collection[str]) -> Candidate | None:
    sick = {host: column.values[host] for host in failing if host in column.values}
    healthy = Counter(column.values[host] for host in working if host in column.values)
    peers = healthy.total()
    if not sick or not peers:
        return None
    accused = _accused(sick, healthy)
    matching = max(healthy[sick[host]] for host in accused)
    if 2 * matching >= peers:
        return None
    cardinality = max(2, len({*sick.values(), *healthy}))
    sharing = max(Counter(sick[host] for host in accused).values())
    odds = _odds(peers, matching, cardinality) * _by_sharing(sharing, (matching + 1) / (peers + cardinality))
    odds *= NOT_SHARING ** min(len(sick) - len(accused), MOST_SHARING)
    return Candidate(column, tuple(sorted(accused)), matching, peers, cardinality, odds * (LAYOUT if column.about == "layout" else 1.0))


def _accused(sick: Mapping[str, str], healthy: Mapping[str, int]) -> list[str]:
    """The failing hosts whose value no working host has, else those with the value that is likelier on their side than on any other."""
    alone = [host for host, value in sick.items() if not healthy.get(value)]
    if alone:
        return alone
    counted = Counter(sick.values())
    worst = min(counted, key=lambda value: (healthy[value] / counted[value], value))
    return [host for host, value in sick.items() if value == worst]


def _odds(peers: int, matching: int, cardinality: int) -> float:
    probability = posterior(peers, matching, cardinality)
    return probability / (1 - probability)


def _by_sharing(sharing: int, by_chance: float) -> float:
    """What it adds that so many failing hosts have the same value, each of which a healthy one would have with this chance."""
    return float(by_chance ** -(min(sharing, MOST_SHARING) - 1))


def difference(candidate: Candidate, altered: Altered | None, failing: Collection[str], working: Collection[str]) -> PeerDifference:
    """A candidate judged by its changes too; ``altered`` is None where nothing is known of them, since there is no window before it."""
    column = candidate.column
    odds = candidate.odds * _by_change(altered)
    sides = (_values(column, candidate.accused, failing), _values(column, (), working))
    reasons = (_standing_apart(candidate, *sides), *_about_values(candidate), *_about_changes(altered))
    return PeerDifference(column.path, column.key, column.about, *sides, candidate.accused, round(odds / (1 + odds), 3), reasons)


def rank(found: PeerDifference) -> tuple[float, str, str, str, str]:
    """What differences are ordered by: the likeliest comes first."""
    return -found.score, found.path, found.key or "", found.about, repr(found.failing)


def _by_change(altered: Altered | None) -> float:
    if altered is None:
        return 1.0
    if not altered.failing:
        return UNCHANGED
    return 1.0 if altered.working else max(1.0, CHANGED_THERE / (1 + altered.habit))


def _values(column: Column, first: Collection[str], hosts: Collection[str]) -> tuple[PeerValue, ...]:
    """The values of a side: those of the accused first, then the most frequent."""
    by_value: dict[str, list[str]] = {}
    for host in sorted(hosts):
        if host in column.values:
            by_value.setdefault(column.values[host], []).append(host)
    ordered = sorted(by_value.items(), key=lambda entry: (not set(first).intersection(entry[1]), -len(entry[1]), entry[0]))
    return tuple(PeerValue(_short(column.shown[token]), tuple(having)) for token, having in ordered)


def _short(value: str | None) -> str | None:
    if value is None or len(value) <= _WIDEST:
        return value
    return value[: _WIDEST - 1] + "…"


def _standing_apart(candidate: Candidate, sick: Sequence[PeerValue], healthy: Sequence[PeerValue]) -> str:
    """``web-03 alone has 512; 7 of 7 working hosts have 4096``."""
    accused = candidate.accused
    who = accused[0] if len(accused) == 1 else f"{len(accused)} failing hosts"
    alone = " alone" if not candidate.matching and len(accused) == 1 else ""
    about = candidate.column.about
    values = {value.value for value in sick if set(accused).intersection(value.hosts)}
    what = _words(next(iter(values)), about, one=len(accused) == 1) if len(values) == 1 else f"have {len(values)} other values"
    usual = healthy[0]
    theirs = _words(usual.value, about, one=len(usual.hosts) == 1)
    matching = candidate.matching
    also = f" ({matching} working {'one has' if matching == 1 else 'ones have'} it too)" if matching else ""
    noun = "host" if candidate.peers == 1 else "hosts"
    return f"{who}{alone} {what}{also}; {len(usual.hosts)} of {candidate.peers} working {noun} {theirs}"


def _words(value: str | None, about: str, *, one: bool) -> str:
    """What somebody has, or several have: ``has 512``, ``do not have this file``."""
    if value is None:
        return f"{'does' if one else 'do'} not have {'this file' if about == 'file' else 'it'}"
    return f"{'has' if one else 'have'} {'this file' if about == 'file' else _quoted(value)}"


def _quoted(value: str) -> str:
    line = value.replace("\n", " ⏎ ")
    return line if len(line) <= 60 else line[:59] + "…"


def _about_values(candidate: Candidate) -> tuple[str, ...]:
    healthy = candidate.cardinality
    return (f"it takes {healthy} values among {candidate.peers + len(candidate.accused)} hosts, so differing says little",) if healthy > 3 else ()


def _about_changes(altered: Altered | None) -> tuple[str, ...]:
    if altered is None:
        return ()
    if not altered.failing:
        return ("it was so before the window began",)
    number = len(altered.working)
    where = altered.failing[0] if len(altered.failing) == 1 else f"{len(altered.failing)} failing hosts"
    elsewhere = f"and on {number} working host{'s' * (number > 1)}" if number else "and on no working host"
    often = f"the file changed {altered.habit:.0f} times in the {HABIT.days} days before" if altered.habit >= 1 else ""
    return tuple(
        filter(
            None,
            (
                f"changed within the window on {where}, {elsewhere}",
                often,
            ),
        )
    )
