"""The rules of ufw(8) as it keeps them in user.rules and user6.rules: ``rule[0]``, and beside them the tables in iptables' own language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.iptables import tables

_TUPLE = re.compile(r"### tuple ### (?P<tuple>.+)")
_COMMENT = re.compile(r" comment=(?P<hex>(?:[0-9a-fA-F]{2})+)$")
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_TARGETS = {"allow": "ACCEPT", "deny": "DROP", "reject": "REJECT"}
_WITHOUT = "(no commands)"
"""What stands for them: such a rule does nothing."""
_CHAINS = {"in": "input", "out": "output"}


@dataclass(slots=True)
class _Rule:
    """A ``### tuple ###`` line, and the commands of iptables that ufw made of it."""

    words: str
    line: int
    commands: list[str] = field(default_factory=list)

    def entry(self) -> Entry:
        """The rule as ufw says it. Commands that do not simply follow from that were edited by hand, or are hard to foresee: they stay with it."""
        said = _COMMENT.sub(lambda found: f" comment={_from_hex(found['hex'])!r}", self.words)
        usual = _usual(_COMMENT.sub("", self.words).split())
        follow = usual and self.commands == usual
        return Entry("rule", said if follow else "\n".join([said, *(self.commands or [_WITHOUT])]), self.line, listed=True)


def read(text: str) -> Parsed:
    """``### tuple ###`` lines with what follows them up to a blank line are rules, in their order; the rest is read as iptables-save's.

    Comments of rules, which ufw keeps as hexadecimal digits, are shown as text.

    :raises Unparsable: if there is no table, or a line that is not one of iptables.
    """
    rules: list[_Rule] = []
    found = [table.entry() for table in tables(_others(text, rules))]
    if not found:
        raise Unparsable("no table")
    return tree([*(rule.entry() for rule in rules), *found])


def _others(text: str, rules: list[_Rule]) -> Iterator[tuple[int, str]]:
    """The significant lines that belong to no rule; those that do go to ``rules``."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if found := _TUPLE.fullmatch(stripped):
            rules.append(_Rule(" ".join(found["tuple"].split()), number))
            inside = True
        elif not stripped or stripped.startswith("#"):
            inside = False
        elif inside and stripped.startswith("-A "):
            rules[-1].commands.append(stripped)
        else:
            inside = False
            yield number, stripped


def _from_hex(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "backslashreplace")


def _usual(words: list[str]) -> list[str]:
    """The commands that ufw writes for a plain rule: ``ACTION PROTOCOL PORT TO PORT FROM in|out``; none for any other."""
    if len(words) != 7 or words[0] not in _TARGETS or words[6] not in _CHAINS or (words[0] == "reject" and words[1] != "udp"):
        return []
    action, protocol, port, destination, source_port, source, direction = words
    if "," in port + source_port or ":" in port + source_port or not {protocol} <= {"tcp", "udp", "any"}:
        return []
    protocols = ("tcp", "udp") if protocol == "any" and (port, source_port) != ("any", "any") else (protocol,)
    chain = "ufw6-user" if ":" in destination + source else "ufw-user"
    return [
        " ".join(
            [
                f"-A {chain}-{_CHAINS[direction]}",
                *([f"-p {one}"] if one != "any" else []),
                *([f"-d {destination}"] if destination not in _EVERYWHERE else []),
                *([f"--dport {port}"] if port != "any" else []),
                *([f"-s {source}"] if source not in _EVERYWHERE else []),
                *([f"--sport {source_port}"] if source_port != "any" else []),
                f"-j {_TARGETS[action]}",
            ]
        )
        for one in protocols
    ]


FORMATS = (Format("ufw", read),)
