"""Firewall rules as iptables-save(8), ip6tables-save(8) and arptables-save(8) write them, and sets as ``ipset save`` does (ipset(8)).

``filter/INPUT/policy``, ``filter/INPUT/rule[3]``, ``nat/POSTROUTING/rule[0]``; ``set[blocked]/elements[192.0.2.7]``. A chain holds its policy and
its rules, so that a chain that comes or goes is one difference. Counters of packets and bytes are not in the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME, Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_CHAIN = re.compile(r":(?P<chain>\S+)\s+(?P<policy>\S+)(?:\s+\[\d+:\d+\])?")
_RULE = re.compile(r"(?:\[\d+:\d+\]\s+)?(?P<command>-[A-Za-z]|--[a-z-]+)\s+(?P<chain>\"[^\"]+\"|[^\s\"]+)(?:\s+(?P<rest>.*))?")
_APPEND, _NEW, _POLICY = ("-A", "--append"), ("-N", "--new-chain"), ("-P", "--policy")
_BUILT_IN_ONLY = "-"
"""In the place of a policy: the chain is a user's own and has none."""


@dataclass(slots=True)
class Chain:
    """A chain that is being read."""

    line: int
    policy: list[Entry] = field(default_factory=list)
    rules: list[Entry] = field(default_factory=list)

    def entries(self) -> tuple[Entry, ...]:
        """Its policy, if it is said, and its rules."""
        return (*self.policy[-1:], *self.rules)


@dataclass(slots=True)
class Table:
    """A table that is being read."""

    name: str
    line: int
    chains: dict[str, Chain] = field(default_factory=dict)

    def take(self, number: int, line: str) -> None:
        """Read a line of the table.

        :raises Unparsable: if it is neither a chain nor a command about one.
        """
        if found := _CHAIN.fullmatch(line):
            self._set_policy(number, found["chain"], found["policy"])
        elif found := _RULE.fullmatch(line):
            self._command(number, found)
        else:
            raise Unparsable("neither a chain nor a rule", number)

    def entry(self) -> Entry:
        """The table with its chains."""
        return Entry(self.name, tuple(Entry(name, chain.entries(), chain.line) for name, chain in self.chains.items()), self.line)

    def _command(self, number: int, found: re.Match[str]) -> None:
        if found["command"] in _POLICY:
            self._set_policy(number, found["chain"], found["rest"] or "")
        elif found["command"] in _NEW:
            self._chain(number, found["chain"])
        else:  # what inserts or deletes rules by place stays a command, among the rules of its chain
            rule = " ".join(filter(None, ("" if found["command"] in _APPEND else found["command"], found["rest"])))
            self._chain(number, found["chain"]).rules.append(Entry("rule", rule, number, listed=True))

    def _set_policy(self, number: int, chain: str, policy: str) -> None:
        known = self._chain(number, chain)
        if policy != _BUILT_IN_ONLY:
            known.policy.append(Entry("policy", policy.split(" [", 1)[0], number))

    def _chain(self, number: int, name: str) -> Chain:
        return self.chains.setdefault(name, Chain(number))


def read(text: str) -> Parsed:
    """What iptables-restore(8) takes: ``*table``, ``:CHAIN POLICY [packets:bytes]``, ``-A CHAIN rule``, ``COMMIT``.

    :raises Unparsable: for a line outside a table, and for a table that is not committed.
    """
    return tree(table.entry() for table in tables(significant_lines(text)))


def tables(lines: Iterator[tuple[int, str]]) -> Iterator[Table]:
    """The tables of a file, from its significant lines."""
    table: Table | None = None
    for number, line in lines:
        if line.startswith("*") and table is None and len(line.split()) == 1:
            table = Table(line[1:], number)
        elif table is None:
            raise Unparsable("a line outside a table", number)
        elif line == "COMMIT":
            yield table
            table = None
        else:
            table.take(number, line)
    if table is not None:
        raise Unparsable("a table that is never committed", table.line)


# --- ipset --------------------------------------------------------------------------------------------------------------------------------

_CREATE = re.compile(r"(?:create|-N|n)\s+(?P<name>\S+)\s+(?P<type>\S+)(?:\s+(?P<options>.*))?")
_ADD = re.compile(r"(?:add|-A|a)\s+(?P<name>\S+)\s+(?P<element>\S.*)")
_ITS_OWN = re.compile(r"(?<= timeout )[1-9]\d*|(?<= packets )\d+|(?<= bytes )\d+")
"""What the kernel counts in an element: the seconds that are left to it, packets and bytes. ``timeout 0``, for ever, is a setting."""
_FLAGS = ("counters", "comment", "skbinfo", "forceadd")


def read_ipset(text: str) -> Parsed:
    """``create`` and ``add`` commands, as ``ipset save`` writes them.

    :raises Unparsable: for another command, or an element of a set that was not created.
    """
    sets: dict[str, list[Entry]] = {}
    starts: dict[str, int] = {}
    for number, line in significant_lines(text):
        if found := _CREATE.fullmatch(line):
            if found["name"] in sets:
                raise Unparsable("a set that is created twice", number)
            sets[found["name"]] = [Entry(NAME, found["name"], number), Entry("type", found["type"], number), *_options(found["options"], number)]
            starts[found["name"]] = number
        elif (found := _ADD.fullmatch(line)) and found["name"] in sets:
            sets[found["name"]].append(Entry("elements", _ITS_OWN.sub("…", found["element"]), number, listed=True))
        else:
            raise Unparsable("not the creation of a set or an element of one", number)
    return tree(Entry("set", tuple(entries), starts[name], listed=True) for name, entries in sets.items())


def _options(written: str | None, number: int) -> Iterator[Entry]:
    words = iter((written or "").split())
    for word in words:
        yield Entry(word, "" if word in _FLAGS else next(words, ""), number)


FORMATS = (
    Format("iptables", read),
    Format("ipset", read_ipset, (ListPolicy(("set",), (NAME,), Order.SET), ListPolicy(("set", "*", "elements"), order=Order.SET))),
)
