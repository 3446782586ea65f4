"""Sections that are opened more than once, as devices print them: every line says where it belongs, and what belongs together is gathered.

``neighbor 10.0.0.2 remote-as 65000`` and ``neighbor 10.0.0.2 description core`` become one ``neighbor[10.0.0.2]`` of two keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME
from changelog_ledger.formats.grammar import Parsed
from changelog_ledger.model.document import KeyPath, Node


@dataclass(slots=True)
class Section:
    """What stands in one section, keys in order of first appearance."""

    line: int = 1
    _keys: dict[str, _Key] = field(default_factory=dict)

    def add(self, key: str, value: str, line: int) -> None:
        """``key`` has ``value``; one that is added again makes a list."""
        self._key(key, line).values.append((value, line))

    def section(self, key: str, name: str, line: int) -> Section:
        """The section ``key[name]``, opened at ``line`` unless it is there; without a name, the section ``key``."""
        return self._key(key, line).sections.setdefault(name, Section(line))

    def _key(self, key: str, line: int) -> _Key:
        written = f'"{NAME}"' if key == NAME else key  # only hostile input has such a word; it must not pass for the section's own name
        return self._keys.setdefault(written, _Key(line))

    def parsed(self) -> Parsed:
        """The tree of this section as a whole file, with the line of every key."""
        lines: dict[KeyPath, int] = {}
        return Parsed(self._node((), lines), lines)

    def _node(self, path: KeyPath, lines: dict[KeyPath, int]) -> dict[str, Node]:
        return {key: held.node((*path, key), lines) for key, held in self._keys.items()}

    def named(self, name: str, path: KeyPath, lines: dict[KeyPath, int]) -> dict[str, Node]:
        """The section as an item of a list."""
        lines[path] = lines[(*path, NAME)] = self.line
        return {NAME: name, **self._node(path, lines)}

    def plain(self, path: KeyPath, lines: dict[KeyPath, int]) -> dict[str, Node]:
        """The section as a dict."""
        return self._node(path, lines)


@dataclass(slots=True)
class _Key:
    """What is said under one key: values, sections by name, or both."""

    line: int
    values: list[tuple[str, int]] = field(default_factory=list)
    sections: dict[str, Section] = field(default_factory=dict)

    def node(self, path: KeyPath, lines: dict[KeyPath, int]) -> Node:
        lines[path] = self.line
        if not self.sections:
            return self._values(path, lines)
        if not self.values and self.sections.keys() == {""}:
            return self.sections[""].plain(path, lines)
        # beside sections, a value is one more of which only the name is known (`vlan 1,10` beside `vlan 10` with its own lines)
        sections = [*self.sections.items(), *((value, Section(line)) for value, line in self.values)]
        return [section.named(name, (*path, index), lines) for index, (name, section) in enumerate(sections)]

    def _values(self, path: KeyPath, lines: dict[KeyPath, int]) -> Node:
        if len(self.values) == 1:
            return self.values[0][0]
        lines.update({(*path, index): line for index, (_, line) in enumerate(self.values)})
        return [value for value, _ in self.values]
