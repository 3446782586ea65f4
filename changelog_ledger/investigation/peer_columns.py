"""The versions of a file that a fleet has, turned into columns: one key each, and who has which value of it.

A column compares what can be compared: a host without the block (or the file) that a key lies in has no say about that key. Items of a list without
names are columns of their own, those that stand in for each other (``nameserver 10.0.0.2`` here, ``nameserver 10.0.0.9`` there) in one.

What is each host's own is put out of sight first. A key is either each host's own or the same for all: whichever way of reading leaves fewer
different values is taken, so an address that every host gives itself is one value, and one that all of them should share is one too. Where both
leave as many, that in which the working hosts agree: of two other hosts each has its own, and this one has another's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from changelog_ledger.investigation.own_mask import readable
from changelog_ledger.model.document import Node
from changelog_ledger.model.peers import Setting, SettingKind

ABSENT = ""
"""The token of a key that is not there."""

_MOST_SLOTS = 50
_ORDER = "\0order"
_FIRST_WORD = re.compile(r"\s*([^\s=:]+)[\s=:]")

Masking = Callable[[str], tuple[str, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A version of a file.

    :ivar hosts: those that have it, sorted; they differ in nothing but what is their own.
    :ivar settings: None where the hosts have no such file.
    :ivar masked: puts out of sight what is the first host's own; None where the text is the same on hosts to whom that is foreign.
    :ivar texts: how many different texts these hosts have, before anything is put out of sight.
    """

    hosts: tuple[str, ...]
    settings: tuple[Setting, ...] | None
    masked: Masking | None = None
    texts: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A key, and who has which value of it.

    :ivar key: None for the file as a whole; what of it is each host's own reads ``<own name>``.
    :ivar about: as in :class:`~changelog_ledger.model.peers.PeerDifference`.
    :ivar values: a token by host; equal tokens are equal values. Hosts that have no say are not among them.
    :ivar shown: the value of a token, in words; None for :data:`ABSENT`. Where each host's own was put out of sight, it is so here.
    """

    path: str
    key: str | None
    about: str
    values: Mapping[str, str]
    shown: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file, and how many keys differ in nothing but what is each host's own, by what that is.

    :ivar own_keys: the keys that were compared without what is each host's own; None among them stands for the whole file.
    """

    columns: tuple[Column, ...] = ()
    own: Mapping[tuple[str, ...], int] | None = None
    own_keys: frozenset[str | None] = frozenset()


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one version has at a key: as it is, and with its hosts' own out of sight.

    :ivar shown: in words; ``shared`` without its hosts' own.
    """

    raw: str
    masked: str
    shown: str | None
    shared: str | None
    kinds: frozenset[str] = frozenset()


_NOTHING = _Cell(ABSENT, ABSENT, None, None)
_Row = dict[int, _Cell]
"""A cell by the number of the version."""

_Reading = tuple[dict[int, str], dict[str, str | None], tuple[str, ...]]


def columns_of(path: str, variants: Sequence[Variant], working: Collection[str] = ()) -> Columns:
    """The columns of a file in which not all hosts are equal.

    :param working: the hosts that work: what they agree on is the better reading.
    """
    healthy = frozenset(number for number, each in enumerate(variants) if not set(each.hosts).isdisjoint(working))
    work = _Work(variants, {number: each for number, each in enumerate(variants) if each.settings is not None}, healthy)
    rows = [*work.file(), *work.keys()]
    told, own = [], dict[tuple[str, ...], int]()
    own_keys: set[str | None] = set()
    for key, about, row in rows:
        tokens, shown, kinds = work.read(row)
        own_keys |= {key} if kinds else set()
        if len(set(tokens.values())) > 1:
            told.append(_Told(key, about, tokens, shown))
        elif kinds:
            own[kinds] = own.get(kinds, 0) + 1
    merged = _merged(told)
    merged += [] if own_keys else work.layout(merged)  # what is each host's own may be all that differs there
    return Columns(tuple(_column(path, each, variants) for each in merged), own, frozenset(own_keys))


@dataclass(frozen=True, slots=True)
class _Told:
    """A column by versions."""

    key: str | None
    about: str
    tokens: Mapping[int, str]
    shown: Mapping[str, str | None]

    @property
    def parting(self) -> tuple[tuple[int, int], ...]:
        """Which versions are equal to which: the same for two columns that always differ together."""
        numbers: dict[str, int] = {}
        return tuple((number, numbers.setdefault(token, len(numbers))) for number, token in sorted(self.tokens.items()))


def _column(path: str, told: _Told, variants: Sequence[Variant]) -> Column:
    values = {host: token for number, token in told.tokens.items() for host in variants[number].hosts}
    return Column(path, told.key, told.about, values, told.shown)


def _spread(tokens: Iterable[tuple[int, str]], healthy: Collection[int]) -> tuple[int, int]:
    """How many values there are, and how many among the versions of working hosts."""
    told = list(tokens)
    return len({token for _, token in told}), len({token for number, token in told if number in healthy})


def _merged(told: Sequence[_Told]) -> list[_Told]:
    """Items of one list (lines of one file) that come and go together, as one."""
    items = [each for each in told if each.about == "list"]
    ordered = sorted(items, key=lambda each: (each.key or "", each.parting))
    merged = [_joined(list(group)) for _, group in groupby(ordered, key=lambda each: (each.key, each.parting))]
    return [each for each in told if each.about != "list"] + merged


def _joined(group: Sequence[_Told]) -> _Told:
    if len(group) == 1:
        return group[0]
    tokens = {number: json.dumps([each.tokens[number] for each in group]) for number in group[0].tokens}
    shown: dict[str, str | None] = {}
    for number, token in tokens.items():
        there = [text for each in group if (text := each.shown[each.tokens[number]]) is not None]
        shown[token] = "\n".join(there) if there else None
    return _Told(group[0].key, "list", tokens, shown)


@dataclass(frozen=True, slots=True)
class _Work:
    """One file, and its versions on the hosts that have it; ``healthy`` are those of working hosts."""

    variants: Sequence[Variant]
    present: Mapping[int, Variant]
    healthy: frozenset[int]

    def read(self, row: _Row) -> _Reading:
        """The tokens, read as they are or masked; what they are in words; and what masking alone made equal."""
        if self._is_own([(number, cell) for number, cell in row.items()]):
            kinds = tuple(sorted({kind for cell in row.values() for kind in cell.kinds}))
            return {number: cell.masked for number, cell in row.items()}, {cell.masked: cell.shared for cell in row.values()}, kinds
        return {number: cell.raw for number, cell in row.items()}, {cell.raw: cell.shown for cell in row.values()}, ()

    def _is_own(self, cells: Sequence[tuple[int, _Cell]]) -> bool:
        """Whether masking leaves fewer values, among all or else among the working hosts.

        It has to be masked where hosts of one version differ in it: then no host's value speaks for the others.
        """
        if any(self.variants[number].texts > 1 and cell.raw != cell.masked for number, cell in cells):
            return True
        raw, masked = (((number, cell.raw) for number, cell in cells), ((number, cell.masked) for number, cell in cells))
        return _spread(masked, self.healthy) < _spread(raw, self.healthy)

    def file(self) -> Iterator[tuple[str | None, str, _Row]]:
        if len(self.present) < len(self.variants):
            there = _Cell("there", "there", "the file is there", "the file is there")
            yield None, "file", {number: there if number in self.present else _NOTHING for number in range(len(self.variants))}

    def keys(self) -> Iterator[tuple[str | None, str, _Row]]:
        """One row a key, from the outside in."""
        found: dict[str, dict[int, Setting]] = {}
        shown: dict[str, str] = {}
        above: dict[str, str] = {}
        for number, variant in self.present.items():
            for setting in variant.settings or ():
                key = _out_of_sight(setting.key, variant)
                key += _ORDER if setting.kind is SettingKind.ORDER else ""
                found.setdefault(key, {})[number] = setting
                shown.setdefault(key, readable(_out_of_sight(setting.key, variant)))
                above.setdefault(key, _out_of_sight(setting.above, variant))
        for key, settings in found.items():
            if key + _ORDER not in found or not _are_empty_lists(settings):
                holder = _holder(above[key], found, above)
                yield from self._at(shown[key], settings, self.present.keys() if holder is None else {*holder, *settings})

    def _at(self, key: str, settings: Mapping[int, Setting], having_a_say: Collection[int]) -> Iterator[tuple[str | None, str, _Row]]:
        kinds = {setting.kind for setting in settings.values()}
        if SettingKind.ORDER in kinds:
            yield key or None, "order", self._order(settings)
            return
        if kinds == {SettingKind.LIST}:
            yield from ((key or None, "list", row) for row in self._items(settings))
            if len(settings) == len(having_a_say):
                return
        row = {number: self._cell(settings[number]) if number in settings else _NOTHING for number in having_a_say}
        if kinds == {SettingKind.VALUE}:
            row = {number: self._masked(number, cell) for number, cell in row.items()}
        yield key or None, "value", row

    def _masked(self, number: int, cell: _Cell) -> _Cell:
        masking = self.present[number].masked
        if masking is None or not cell.raw:
            return cell
        text, kinds = masking(cell.raw)
        return replace(cell, masked=text, kinds=kinds, shared=readable(masking(cell.shown or "")[0])) if kinds else cell

    def _cell(self, setting: Setting) -> _Cell:
        """A block says that it is there; what is in it is said by its own keys."""
        if setting.kind is SettingKind.VALUE:
            return _cell_of(_token(setting.value), _text(setting.value))
        return _cell_of(setting.kind.value, _text(setting.value))

    def _order(self, settings: Mapping[int, Setting]) -> _Row:
        """The order of the items that all of them have."""
        lists = {
            number: [_out_of_sight(str(item), self.present[number]) for item in each.value]
            for number, each in settings.items()
            if isinstance(each.value, list) and each.value
        }
        common = set.intersection(*map(set, lists.values())) if lists else set()
        orders = {number: [item for item in items if item in common] for number, items in lists.items()}
        return {number: _cell_of(_token(items), readable(", ".join(items))) for number, items in orders.items()}

    def _items(self, settings: Mapping[int, Setting]) -> Iterator[_Row]:
        """What not every version of a list has, and the order of what all of them have."""
        lists: dict[int, list[_Cell]] = {}
        for number, setting in settings.items():
            items = setting.value if isinstance(setting.value, list) else []
            lists[number] = [self._masked(number, _item_cell(item)) for item in items]
        by_mask = self._is_own([(number, cell) for number, cells in lists.items() for cell in cells])
        names = {number: _numbered(cell.masked if by_mask else cell.raw for cell in cells) for number, cells in lists.items()}
        shown = {name: cell for number in lists for name, cell in zip(names[number], lists[number], strict=True)}
        having: dict[str, set[int]] = {}
        for number, all_names in names.items():
            for name in all_names:
                having.setdefault(name, set()).add(number)
        partial = {name: frozenset(numbers) for name, numbers in having.items() if len(numbers) < len(lists)}
        for slot in _slots(partial):
            yield {number: _slot_cell(number, slot, partial, shown, by_mask=by_mask) for number in lists}
        if by_mask and not partial:
            yield {number: _Cell(str(number), "", "", "", frozenset().union(*(cell.kinds for cell in cells))) for number, cells in lists.items()}
        order = {number: [name for name in all_names if len(having[name]) == len(lists)] for number, all_names in names.items()}
        words = {name: _words(cell, by_mask=by_mask) or "" for name, cell in shown.items()}
        yield {number: _cell_of(_token(each), "\n".join(words[name] for name in each)) for number, each in order.items()}

    def layout(self, told: Sequence[_Told]) -> list[_Told]:
        """Versions that no key tells apart: they differ in comments, white space or the like, and that is said."""
        alike: dict[tuple[str | None, ...], list[int]] = {}
        for number in self.present:
            alike.setdefault(tuple(each.tokens.get(number) for each in told), []).append(number)
        tokens = {
            number: f"{rank}"
            for numbers in alike.values()
            if len(numbers) > 1
            for rank, number in enumerate(sorted(numbers, key=lambda each: (-len(self.variants[each].hosts), self.variants[each].hosts)), 1)
        }
        if not tokens:
            return []
        return [_Told(None, "layout", tokens, {token: f"comments or white space, form {token}" for token in tokens.values()})]


def _holder(above: str, found: Mapping[str, Mapping[int, Setting]], all_above: Mapping[str, str]) -> Collection[int] | None:
    """The versions that have the block which a key lies in; None where that is the file. Who lacks a whole list has a say about its items."""
    while above and above + _ORDER in found:
        above = all_above[above + _ORDER]
    return found.get(above) if above else None


def _are_empty_lists(settings: Mapping[int, Setting]) -> bool:
    return all(setting.kind is SettingKind.LIST and not setting.value for setting in settings.values())


def _out_of_sight(text: str, variant: Variant) -> str:
    return variant.masked(text)[0] if variant.masked and text else text


def _item_cell(item: Node) -> _Cell:
    return _cell_of(_token(item), _text(item))


def _cell_of(token: str, shown: str) -> _Cell:
    """A value in which nothing is any host's own, as far as is known yet."""
    return _Cell(token, token, shown, shown)


def _words(cell: _Cell, *, by_mask: bool) -> str | None:
    return cell.shared if by_mask else cell.shown


def _numbered(texts: Iterable[str]) -> list[str]:
    """Each text, its repetitions numbered."""
    seen: dict[str, int] = {}
    named = []
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
        named.append(text if seen[text] == 1 else f"{text}\0{seen[text]}")
    return named


def _slots(partial: Mapping[str, frozenset[int]]) -> list[tuple[str, ...]]:
    """Items grouped so that no version has two of a group: what begins with the same word and never stands beside the other stands in for it."""
    slots: dict[str, list[tuple[list[str], set[int]]]] = {}
    for name, numbers in sorted(partial.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        groups = slots.setdefault(_first_word(name), [])
        free = next((group for group in groups[:_MOST_SLOTS] if group[1].isdisjoint(numbers)), None)
        if free is None:
            groups.append(([name], set(numbers)))
        else:
            free[0].append(name)
            free[1].update(numbers)
    return [tuple(names) for groups in slots.values() for names, _ in groups]


def _first_word(name: str) -> str:
    found = _FIRST_WORD.match(name)
    return found[1] if found else ""


def _slot_cell(number: int, slot: Sequence[str], having: Mapping[str, frozenset[int]], shown: Mapping[str, _Cell], *, by_mask: bool) -> _Cell:
    name = next((each for each in slot if number in having[each]), None)
    if name is None:
        return _NOTHING
    words = _words(shown[name], by_mask=by_mask)
    if not by_mask or not shown[name].kinds:
        return _cell_of(name, words or "")
    return _Cell(f"{name}\0{number}", name, words, words, shown[name].kinds)


def _token(value: Node | list[str]) -> str:
    """Equal for equal values, and never :data:`ABSENT`."""
    return f"={value}" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _text(value: Node) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
