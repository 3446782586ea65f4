"""Which item of a list before is which after: by name where the list's policy knows one, else by equality and place."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from changelog_ledger.diff.alignment import aligned, longest_rising
from changelog_ledger.diff.likeness import canonical, renamed
from changelog_ledger.model.document import ListPolicy, Node, Order

_POSITIONAL = ListPolicy(("**",))
_SMALL_GAP = 20
_MOST_RATIOS = 500
"""Texts that are compared at most for one list: a ratio's time can grow with the cube of the length."""
_COMPARED = 60
"""Characters of a text by which it is compared."""
_RESEMBLING = 0.6
KNOWN_AS = "(known as)"
"""The field in which parsers keep a name that follows from other fields of the same block: it does not stand in the file as such."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An item of a list: its index before and after (None where it is not there), its name, and whether it moved among the others."""

    origin: int | None
    index: int | None
    name: str | None = None
    moved: bool = False


def policy_at(path: Sequence[str | int], policies: Sequence[ListPolicy]) -> ListPolicy:
    """The first policy whose pattern fits the key path of a list; else items are told apart by value and place."""
    steps = tuple(str(step) for step in path)
    return next((policy for policy in policies if _fits(policy.pattern, steps)), _POSITIONAL)


def _fits(pattern: Sequence[str], steps: Sequence[str]) -> bool:
    if not pattern:
        return not steps
    if pattern[0] == "**":
        return any(_fits(pattern[1:], steps[skipped:]) for skipped in range(len(steps), -1, -1))
    return bool(steps) and pattern[0] in ("*", steps[0]) and _fits(pattern[1:], steps[1:])


def paired(before: list[Node], after: list[Node], policy: ListPolicy) -> list[Pair]:
    """Every item of both lists, each once."""
    field = _identity(before, after, policy.identity)
    if field:
        pairs = _by_name(before, after, field)
        return pairs if policy.order is not Order.ORDERED else _with_moves(pairs)
    if policy.order is not Order.ORDERED:
        return _as_set(before, after, policy.order)
    return _by_place(before, after)


def item_names(items: list[Node], policy: ListPolicy) -> list[str]:
    """What the items of one list are called; empty where they have no names. The second of one name is called ``name#2``."""
    field = _identity(items, [], policy.identity)
    seen: dict[str, int] = defaultdict(int)
    names = []
    for name in _names(items, field) if field else []:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


# --- lists whose items have names ---------------------------------------------------------------------------------------------------------


def _identity(before: list[Node], after: list[Node], fields: Sequence[str]) -> str:
    """The first field that every item of both sides has and that is unique on each; else the first that all have."""
    if not before or not after:
        items = before or after
        return next((field for field in fields if _names(items, field)), "")
    usable = [field for field in fields if _names(before, field) and _names(after, field)]
    unique = [field for field in usable if all(len(set(_names(side, field))) == len(side) for side in (before, after))]
    return next(iter(unique + usable), "")


def _names(items: list[Node], field: str) -> list[str]:
    """The names of all items, empty unless all have one."""
    names = [item.get(field) for item in items if isinstance(item, dict)]
    good = [name for name in names if isinstance(name, str)]
    return good if len(good) == len(items) else []


def _by_name(before: list[Node], after: list[Node], field: str) -> list[Pair]:
    old, new = _places(before, field), _places(after, field)
    pairs: list[Pair] = []
    for name in [*new, *(name for name in old if name not in new)]:
        pairs.extend(_same_name(name, old.get(name, []), new.get(name, []), before, after))
    return _with_renamed(pairs, before, after, field)


def _places(items: list[Node], field: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(_names(items, field)):
        places[name].append(index)
    return places


def _same_name(name: str, old: list[int], new: list[int], before: list[Node], after: list[Node]) -> list[Pair]:
    """Items that share a name are told apart by being equal, then by how much they are alike; the second is called ``name#2``."""
    couples = _equal_then_alike(old, new, before, after) if len(old) != 1 or len(new) != 1 else [(old[0], new[0])]
    nth_before, nth_after = ({place: nth for nth, place in enumerate(places)} for places in (old, new))
    pairs = []
    for origin, index in couples:
        nth = nth_after[index] if index is not None else nth_before[origin if origin is not None else -1]
        pairs.append(Pair(origin, index, name if nth == 0 else f"{name}#{nth + 1}"))
    return pairs


def _equal_then_alike(old: list[int], new: list[int], before: list[Node], after: list[Node]) -> list[tuple[int | None, int | None]]:
    couples: list[tuple[int | None, int | None]] = []
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for origin in old:
        waiting[canonical(before[origin])].append(origin)
    unequal = []
    for index in new:
        same = waiting[canonical(after[index])]
        if same:
            couples.append((same.popleft(), index))
        else:
            unequal.append(index)
    left = sorted(origin for same in waiting.values() for origin in same)
    alike = _most_alike(left, unequal, before, after)
    couples.extend(alike)
    taken = {old for old, _ in alike}, {new for _, new in alike}
    couples.extend((origin, None) for origin in left if origin not in taken[0])
    couples.extend((None, index) for index in unequal if index not in taken[1])
    return couples


def _most_alike(gone: list[int], come: list[int], before: list[Node], after: list[Node]) -> list[tuple[int, int]]:
    """Couples with the most equal fields first; in their order where there are too many to compare each with each."""
    if len(gone) > _SMALL_GAP or len(come) > _SMALL_GAP:
        return list(zip(gone, come, strict=False))
    scores = sorted((-_equal_fields(before[origin], after[index]), origin, index) for origin in gone for index in come)
    couples: dict[int, int] = {}
    for _, origin, index in scores:
        if origin not in couples and index not in couples.values():
            couples[origin] = index
    return list(couples.items())


def _equal_fields(one: Node, other: Node) -> int:
    return sum(other.get(key) == value for key, value in one.items()) if isinstance(one, dict) and isinstance(other, dict) else 0


def _with_renamed(pairs: list[Pair], before: list[Node], after: list[Node], field: str) -> list[Pair]:
    """Items that have gone and come as one pair, where they are the same one under another name."""
    gone = {pair.origin: _without(before[pair.origin], field) for pair in pairs if pair.origin is not None and pair.index is None}
    come = {pair.index: _without(after[pair.index], field) for pair in pairs if pair.index is not None and pair.origin is None}
    origins = _renamed(gone, come, before, after, field)
    taken = set(origins.values())
    return [
        replace(pair, origin=origins[pair.index]) if pair.origin is None and pair.index in origins else pair
        for pair in pairs
        if pair.index is not None or pair.origin not in taken
    ]


def _renamed(gone: dict[int, Node], come: dict[int, Node], before: list[Node], after: list[Node], field: str) -> dict[int, int]:
    """Where a single one has gone and a single one come, being equal but for the name is enough.

    A name that follows from another field may have taken that along, so then one other field may differ too.
    """
    if len(gone) == len(come) == 1:
        (origin, old), (index, new) = *gone.items(), *come.items()
        if old == new or (field == KNOWN_AS and _differ_in_one(old, new)):
            return {index: origin}
    if not gone or not come:
        return {}
    return renamed(gone, come, [_without(item, field) for item in before], [_without(item, field) for item in after])


def _without(item: Node, field: str) -> Node:
    return {key: value for key, value in item.items() if key != field} if isinstance(item, dict) else item


def _differ_in_one(one: Node, other: Node) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict) or one.keys() != other.keys():
        return False
    return sum(one[key] != other[key] for key in one) == 1 < len(one)


def _with_moves(pairs: list[Pair]) -> list[Pair]:
    """Mark as moved the fewest items without which the others stand in their old order."""
    both = sorted((pair for pair in pairs if pair.origin is not None and pair.index is not None), key=lambda pair: pair.index or 0)
    moved = set(both) - {both[position] for position in longest_rising([pair.origin or 0 for pair in both])}
    return [replace(pair, moved=True) if pair in moved else pair for pair in pairs]


# --- sets ---------------------------------------------------------------------------------------------------------------------------------


def _as_set(before: list[Node], after: list[Node], order: Order) -> list[Pair]:
    """Items of a set are known by their value. When just one has gone and one has come, it was changed."""
    old, new = _members(before, order), _members(after, order)
    both = [(old[key], new[key]) for key in new if key in old]
    gone = [old[key] for key in old if key not in new]
    come = [new[key] for key in new if key not in old]
    if len(gone) == len(come) == 1 and isinstance(before[gone[0]], str) and isinstance(after[come[0]], str):
        return [Pair(gone[0], come[0], _member_name(after[come[0]]))]
    pairs = [Pair(origin, index, _member_name(after[index])) for origin, index in both]
    pairs.extend(Pair(origin, None, _member_name(before[origin])) for origin in gone)
    pairs.extend(Pair(None, index, _member_name(after[index])) for index in come)
    return pairs


def _members(items: list[Node], order: Order) -> dict[tuple[str, int], int]:
    """Index by value, and by its count where repetition means something."""
    seen: dict[str, int] = defaultdict(int)
    members: dict[tuple[str, int], int] = {}
    for index, item in enumerate(items):
        key = canonical(item)
        seen[key] += 1 if order is Order.MULTISET else 0
        members.setdefault((key, seen[key]), index)
    return members


def _member_name(item: Node) -> str | None:
    return item if isinstance(item, str) else None


# --- lists without names ------------------------------------------------------------------------------------------------------------------


def _by_place(before: list[Node], after: list[Node]) -> list[Pair]:
    """Equal items in equal order stayed; equal ones elsewhere moved; what is left between two that stayed was changed, added or removed."""
    old, new = [canonical(item) for item in before], [canonical(item) for item in after]
    stayed = aligned(old, new)
    moved = _moves(old, new, stayed)
    changed = _changed(before, after, stayed, moved)
    couples = [*stayed, *moved, *changed]
    origins, indices = {origin for origin, _ in couples}, {index for _, index in couples}
    return [
        *(Pair(origin, index) for origin, index in (*stayed, *changed)),
        *(Pair(origin, index, moved=True) for origin, index in moved),
        *(Pair(origin, None) for origin in range(len(before)) if origin not in origins),
        *(Pair(None, index) for index in range(len(after)) if index not in indices),
    ]


def _moves(old: list[str], new: list[str], stayed: list[tuple[int, int]]) -> list[tuple[int, int]]:
    origins, indices = {origin for origin, _ in stayed}, {index for _, index in stayed}
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for origin, item in enumerate(old):
        if origin not in origins:
            waiting[item].append(origin)
    free = [index for index in range(len(new)) if index not in indices]
    return [(waiting[new[index]].popleft(), index) for index in free if waiting.get(new[index])]


def _changed(before: list[Node], after: list[Node], stayed: list[tuple[int, int]], moved: list[tuple[int, int]]) -> list[tuple[int, int]]:
    origins, indices = {origin for origin, _ in moved}, {index for _, index in moved}
    couples: list[tuple[int, int]] = []
    likeness = _Likeness()
    start, other_start = 0, 0
    for end, other_end in [*stayed, (len(before), len(after))]:
        gone = [origin for origin in range(start, end) if origin not in origins]
        come = [index for index in range(other_start, other_end) if index not in indices]
        couples.extend(_in_gap(gone, come, before, after, likeness))
        start, other_start = end + 1, other_end + 1
    return couples


def _in_gap(gone: list[int], come: list[int], before: list[Node], after: list[Node], likeness: _Likeness) -> list[tuple[int, int]]:
    """As many for as many were changed one by one; otherwise those that resemble each other, in their order, if they are few."""
    if len(gone) == len(come):
        return [(origin, index) for origin, index in zip(gone, come, strict=True) if _comparable(before[origin], after[index])]
    if not gone or not come or len(gone) > _SMALL_GAP or len(come) > _SMALL_GAP:
        return []
    couples = []
    next_place = 0
    for origin in gone:
        place = next((place for place in range(next_place, len(come)) if likeness.between(before[origin], after[come[place]])), None)
        if place is not None:
            couples.append((origin, come[place]))
            next_place = place + 1
    return couples


def _comparable(one: Node, other: Node) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one.keys() & other.keys()) * 2 >= max(len(one), len(other))
    return type(one) is type(other)


class _Likeness:
    """Whether items of one list resemble each other, by their beginnings; none does once enough of them have been compared."""

    def __init__(self) -> None:
        self._room = _MOST_RATIOS

    def between(self, one: Node, other: Node) -> bool:
        if isinstance(one, str) and isinstance(other, str):
            return self._room > 0 and self._ratio_is_high(one[:_COMPARED], other[:_COMPARED])
        return _comparable(one, other)

    def _ratio_is_high(self, one: str, other: str) -> bool:
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        if matcher.real_quick_ratio() < _RESEMBLING or matcher.quick_ratio() < _RESEMBLING:
            return False
        self._room -= 1
        return matcher.ratio() >= _RESEMBLING
