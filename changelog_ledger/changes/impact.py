"""How far a planned change reaches, and what impact and risk that suggests. A suggestion with its grounds: what a person said is never overridden.

==========================  =====================================================================================================
ground (code)               suggests
==========================  =====================================================================================================
``all``                     high impact: it is made on everything
``dependents``              impact by what runs on its targets or depends on them, and by the services it says it affects: each counts 1
                            at distance 0 or 1, ½ farther away; together from 10 high, from 3 medium, else low
``downtime``                medium impact, high from 1 h
``size``                    medium impact from 10 hosts, high from 50
``any-path``                medium risk: it names no paths, or 20 and more, on 10 hosts or more
``history``                 of the last finished changes on its targets some failed or were rolled back: high risk if that is a third of them (and
                            two at least), medium from a tenth, else low
``freeze-near``             medium risk: a freeze begins within two days after it, in which nothing could be mended
``no-way-back``             risk as high as its impact, said or suggested: there is nothing to go back to, or it cannot be taken back
==========================  =====================================================================================================

The gravest ground decides. The thresholds are few and round on purpose: whoever reads a suggestion should be able to check it in the head.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.changes.words import length_words
from changelog_ledger.model.change import Change, Dependent, Freeze, Level, Remark
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Target, TargetKind

MOST_DEPENDENTS = 200
"""So many are kept with the plan, the nearest; its grounds count them all."""

LOOKED_BACK = 20
"""So many finished changes of the targets are looked at for what became of them."""

FREEZE_NEAR = timedelta(days=2)

_MANY, _SEVERAL = 10.0, 3.0
_FLEET, _GROUP = 50, 10
_MANY_PATHS = 20
_LONG = timedelta(hours=1)
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known of the place where a change is to be made.

    :ivar dependents: all that depends on its targets, the nearest first (:func:`dependents_of`).
    :ivar hosts: how many hosts it is made on: those named, and those that the named services run on; of ``all``, every host.
    :ivar services: how many services are known altogether.
    :ivar finished: how many of the latest changes on its targets were looked at, :data:`LOOKED_BACK` at most; ``failed`` how many of them failed or
        were rolled back.
    :ivar freezes: those on its targets that begin within :data:`FREEZE_NEAR` after it.
    """

    dependents: Sequence[Dependent] = ()
    hosts: int = 0
    services: int = 0
    finished: int = 0
    failed: int = 0
    freezes: Sequence[Freeze] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The impact and risk that are suggested, None where nothing suggests one.

    :ivar grounds: why, the gravest first.
    :ivar remarks: where that is more than what was said.
    """

    impact: Level | None = None
    risk: Level | None = None
    grounds: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ground:
    level: Level
    code: str
    text: str


_Rule = Callable[[Change, Surroundings], Iterator[_Ground]]


def suggest(change: Change, around: Surroundings) -> Suggestion:
    """What impact and risk the surroundings of a planned change suggest, and why."""
    impact = _gravest_first(ground for rule in _IMPACT for ground in rule(change, around))
    suggested = impact[0].level if impact else None
    noticed = max((level for level in (change.impact, suggested) if level), key=lambda level: level.rank, default=Level.LOW)
    risk = _gravest_first([*(ground for rule in _RISK for ground in rule(change, around)), *_no_way_back(change, noticed)])
    return Suggestion(
        impact=suggested,
        risk=risk[0].level if risk else None,
        grounds=tuple(Remark(ground.code, ground.text) for ground in (*impact, *risk)),
        remarks=(*_impact_remark(change.impact, impact), *_risk_remark(change.risk, risk)),
    )


def dependents_of(targets: Collection[Target], running: Collection[str], needed_by: Mapping[Target, Collection[str]]) -> tuple[Dependent, ...]:
    """What depends on ``targets``, the nearest first, owners left out; by the shortest way, and not the targets themselves. Cycles end.

    :param running: the services that run on the hosts among the targets: distance 0.
    :param needed_by: of each target on the way: the services that depend on it, one farther away than it is.
    """
    distances: dict[Target, int] = {}
    level = set(targets)
    following = {Target.service(name) for name in running} - level
    distances |= dict.fromkeys(following, 0)
    level |= following
    distance = 0
    while level:
        distance += 1
        reached = {Target.service(name) for target in level for name in needed_by.get(target, ())}
        level = reached - distances.keys() - set(targets)
        distances |= dict.fromkeys(level, distance)
    found = (Dependent(target, far) for target, far in distances.items())
    return tuple(sorted(found, key=lambda dependent: (dependent.distance, dependent.target)))


def freeze_is_near(freeze: Freeze, ends: datetime) -> bool:
    """Whether a freeze begins soon after a change that is over at ``ends``."""
    return freeze.lifted_at is None and ends <= freeze.start <= ends + FREEZE_NEAR


# ---- grounds for an impact


def _everything(change: Change, around: Surroundings) -> Iterator[_Ground]:
    if any(target.kind is TargetKind.ALL for target in change.on):
        yield _Ground(
            Level.HIGH, "all", f"it is made on everything: {_count(around.hosts, 'host')} and {_count(around.services, 'service')} are known"
        )


def _dependents(change: Change, around: Surroundings) -> Iterator[_Ground]:
    known = {dependent.target for dependent in around.dependents}
    affected = [target for target in change.affects if target not in known]
    near = [dependent for dependent in around.dependents if dependent.distance <= 1]
    weight = len(near) + len(affected) + (len(around.dependents) - len(near)) / 2
    if weight:
        level = Level.HIGH if weight >= _MANY else Level.MEDIUM if weight >= _SEVERAL else Level.LOW
        yield _Ground(level, "dependents", "; ".join(_who_depends(change, around.dependents, affected)))


def _downtime(change: Change, _around: Surroundings) -> Iterator[_Ground]:
    if change.downtime:
        level = Level.HIGH if change.downtime >= _LONG else Level.MEDIUM
        yield _Ground(level, "downtime", f"users are expected to be without it for {length_words(change.downtime)}")


def _size(change: Change, around: Surroundings) -> Iterator[_Ground]:
    if around.hosts >= _GROUP and not any(target.kind is TargetKind.ALL for target in change.on):
        yield _Ground(Level.HIGH if around.hosts >= _FLEET else Level.MEDIUM, "size", f"it is made on {_count(around.hosts, 'host')}")


# ---- grounds for a risk


def _any_path(change: Change, around: Surroundings) -> Iterator[_Ground]:
    if around.hosts >= _GROUP and (not change.paths or len(change.paths) >= _MANY_PATHS):
        named = f"it names {len(change.paths)} paths" if change.paths else "it names no paths, so any file may be touched"
        yield _Ground(Level.MEDIUM, "any-path", f"{named}, on {_count(around.hosts, 'host')}")


def _history(_change: Change, around: Surroundings) -> Iterator[_Ground]:
    if around.failed:
        share = around.failed / around.finished
        level = Level.HIGH if share >= 1 / 3 and around.failed > 1 else Level.MEDIUM if share >= 1 / 10 else Level.LOW
        looked_at = f"of the last {around.finished} finished changes here" if around.finished > 1 else "the last finished change here"
        failed = f" {around.failed}" if around.finished > 1 else ""
        what = f"{looked_at}{failed} failed or {'was' if around.failed == 1 else 'were'} rolled back"
        yield _Ground(level, "history", what)


def _freeze_near(_change: Change, around: Surroundings) -> Iterator[_Ground]:
    for freeze in around.freezes[:1]:
        text = f"the freeze {freeze.title!r} begins at {shown_instant(freeze.start)}, soon after it: little time to mend what it breaks"
        yield _Ground(Level.MEDIUM, "freeze-near", text)


def _no_way_back(change: Change, noticed: Level) -> Iterator[_Ground]:
    level = Level.LOW if noticed.rank < Level.LOW.rank else noticed
    if change.irreversible:
        yield _Ground(level, "no-way-back", f"it cannot be taken back: {change.irreversible}")
    elif not change.rollback_to and not change.backout and noticed.rank >= Level.MEDIUM.rank:
        yield _Ground(level, "no-way-back", f"nothing to go back to, at {noticed} impact")


_IMPACT: tuple[_Rule, ...] = (_everything, _dependents, _downtime, _size)
_RISK: tuple[_Rule, ...] = (_any_path, _history, _freeze_near)


# ---- what was said, compared


def _impact_remark(said: Level | None, grounds: Sequence[_Ground]) -> Iterator[Remark]:
    """Said too low; or not said where it would be high, for then it counts as low."""
    if not grounds:
        return
    suggested = grounds[0]
    if said is not None and said.rank < suggested.level.rank:
        yield Remark("impact-understated", f"{said} impact was said; {suggested.level} is suggested: {suggested.text}")
    elif said is None and suggested.level is Level.HIGH:
        yield Remark("impact-unsaid", f"nobody said its impact; high is suggested: {suggested.text}")


def _risk_remark(said: Level | None, grounds: Sequence[_Ground]) -> Iterator[Remark]:
    if grounds and said is not None and said.rank < grounds[0].level.rank:
        yield Remark("risk-understated", f"{said} risk was said; {grounds[0].level} is suggested: {grounds[0].text}")


# ---- words


def _who_depends(change: Change, dependents: Sequence[Dependent], affected: Sequence[Target]) -> Iterator[str]:
    if dependents:
        how = _verb(dependents, one=len(dependents) == 1)
        yield f"{_count(len(dependents), 'service')} {how} {_named(change.on)}: {_named([dependent.target for dependent in dependents])}"
    if affected:
        yield f"it affects {_named(affected)}"


def _verb(dependents: Sequence[Dependent], *, one: bool) -> str:
    run, depend = ("runs on", "depends on") if one else ("run on", "depend on")
    ways = [(run, any(each.distance == 0 for each in dependents)), (depend, any(each.distance > 0 for each in dependents))]
    return " or ".join(words for words, so in ways if so)


def _named(targets: Sequence[Target]) -> str:
    """The first few, and how many more."""
    more = f" and {len(targets) - _NAMED} more" if len(targets) > _NAMED else ""
    return ", ".join(map(str, targets[:_NAMED])) + more


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _gravest_first(grounds: Iterable[_Ground]) -> list[_Ground]:
    return sorted(grounds, key=lambda ground: -ground.level.rank)
