"""What past changes teach: "in 9 of 10 past changes of haproxy.cfg the firewall changed too".

An association rule (Agrawal, Imieliński, Swami 1993) from what a new change declares to what changed along with it before. It is proposed if

- it held in :data:`SUPPORT` past changes or more (its support),
- that is :data:`CONFIDENCE` of those with the same declared path or category or more (its confidence),
- and :data:`LIFT` times as often as in the other past changes, so that what changes with everything is proposed for nothing.

What a change touched is grouped by area (:mod:`~changelog_ledger.changes.areas`); a path that belongs to no area stands for itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from changelog_ledger.changes.areas import area_called, area_of
from changelog_ledger.model import globs
from changelog_ledger.model.change import Change, Proposal

SUPPORT = 5
CONFIDENCE = 0.7
LIFT = 1.5
MOST_PROPOSALS = 5

MOST_TOUCHED = 500
"""A change that touched more paths than that (the upgrade of a system) says nothing about what belongs together."""

_MOST_PATHS = 10
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change that succeeded.

    :ivar touched: the paths that it altered, and those that it declared by name.
    :ivar category: its words.
    :ivar here: whether it was made on one of the new change's targets.
    """

    id: str
    touched: frozenset[str]
    category: frozenset[str] = frozenset()
    here: bool = False


def past_change(change: Change, found: Iterable[str], *, here: bool) -> PastChange:
    """A change as something to learn from.

    :param found: the paths of the differences that belong to it.
    """
    declared = (path for path in change.paths if path.startswith("/") and not _WILD.search(path))
    return PastChange(change.id, frozenset((*found, *declared)), frozenset(change.category), here)


def propose(change: Change, past: Sequence[PastChange]) -> tuple[Proposal, ...]:
    """Checklist items that past changes suggest for a new one: the surest first, :data:`MOST_PROPOSALS` at most.

    :param past: changes that succeeded. Those on the same targets are asked first; where they are too few, all of them.
    """
    known = [each for each in past if len(each.touched) <= MOST_TOUCHED]
    along = {each.id: _along(change, each) for each in known}
    found: dict[str, Proposal] = {}
    for given, alike in _alike(change, known):
        for proposal in _associated(given, alike, known, along):
            before = found.get(proposal.text)
            if before is None or _surest_first(proposal) < _surest_first(before):
                found[proposal.text] = proposal
    wanted = (proposal for proposal in found.values() if not _is_listed(change, proposal))
    return tuple(sorted(wanted, key=_surest_first)[:MOST_PROPOSALS])


def _alike(change: Change, past: Sequence[PastChange]) -> Iterator[tuple[str, frozenset[str]]]:
    """For each path and category that the new change declares: what it is called, and the past changes that have it too."""
    for glob in change.paths:
        yield glob, frozenset(each.id for each in past if any(globs.matches(glob, path) for path in each.touched))
    for word in change.category:
        yield f"category {word}", frozenset(each.id for each in past if word in each.category)


def _along(change: Change, past: PastChange) -> Mapping[str, tuple[str, ...]]:
    """What a past change touched besides what the new one declares: by area or path, with the paths."""
    declared = globs.any_of(change.paths)
    own = {area_of(glob) for glob in change.paths} | {area_called(word) for word in change.category}
    found: dict[str, tuple[str, ...]] = {name: () for word in past.category if (name := area_called(word)) and name not in own}
    for path in sorted(past.touched):
        area = area_of(path)
        if not declared.fullmatch(path) and (area is None or area not in own):
            name = area or path
            found[name] = (*found.get(name, ()), path)
    return found


def _associated(
    given: str, alike: Collection[str], past: Sequence[PastChange], along: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> Iterator[Proposal]:
    """What changed along with one thing that is given, often enough."""
    here = [each.id for each in past if each.here]
    everywhere = [each.id for each in past]
    asked = next((among for pool in (here, everywhere) if len(among := [each for each in pool if each in alike]) >= SUPPORT), [])
    counted = Counter(name for identity in asked for name in along[identity])
    others = [[each for each in pool if each not in alike] for pool in (here, everywhere)]
    for name, support in counted.items():
        usual = max((sum(name in along[each] for each in pool) / len(pool) for pool in others if len(pool) >= SUPPORT), default=0.0)
        confidence = support / len(asked)
        if support >= SUPPORT and confidence >= CONFIDENCE and confidence >= LIFT * usual:
            paths = Counter(path for identity in asked for path in along[identity].get(name, ()))
            often = sorted(paths, key=lambda path: (-paths[path], path))[:_MOST_PATHS]
            yield Proposal(name, support, len(asked), tuple(often), given)


def _is_listed(change: Change, proposal: Proposal) -> bool:
    """Whether the checklist has such an item already: by name, by area, or by the paths that prove it."""
    for item in change.items:
        words = {area_called(word) for word in re.findall(r"\w+", item.text)}
        proved = bool(item.paths) and any(globs.covers(item.paths, path) for path in proposal.paths)
        if proposal.text in words or proposal.text in item.text or proved:
            return True
    return False


def _surest_first(proposal: Proposal) -> tuple[float, int, str]:
    return (-proposal.confidence, -proposal.support, proposal.text)
