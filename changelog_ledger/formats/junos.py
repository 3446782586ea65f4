"""Configurations of Junos, as ``show configuration`` prints them: braces, or ``set`` commands (``| display set``).

``interfaces[ge-0/0/0]/unit["0"]/family[inet]/address``, ``policy-options/policy-statement[CORE-IN]/term[default]/then/community``

Both styles are brought to the words of ``set`` commands first, so they give the same keys. Where Junos itself writes one statement as two
commands (``traceoptions { file bgp.log size 10m; }``) they differ, and a change of style shows.
"""

from __future__ import annotations

from changelog_ledger.formats.entries import NAME
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed
from changelog_ledger.formats.junos_commands import Words, commands
from changelog_ledger.formats.junos_statements import (
    BARE,
    CONTAINERS,
    IN_THEIR_ORDER,
    NAMED,
    NAMED_IN_THEIR_ORDER,
    ONLY_BELOW,
    VALUE_OR_SECTION,
    VALUES_ONLY,
)
from changelog_ledger.formats.sections import Section
from changelog_ledger.model.document import ListPolicy, Order

_MARKED = {"deactivate": "inactive", "protect": "protected"}
"""The command, and the key that says so: in the section that it is about, or with the words of the statement in the section of that."""


def read(text: str) -> Parsed:
    """A configuration in either style.

    :raises Unparsable: for unbalanced braces or quotes, a statement that is never ended, or another command than ``set`` or ``deactivate``.
    """
    root = Section()
    for command in commands(text):
        if command.verb == "set":
            _set(root, command.words)
        else:
            _mark(root, _MARKED[command.verb], command.words)
    return root.parsed()


def _set(root: Section, words: Words) -> None:
    """What is left below the sections that the words name is a key and its value."""
    section, parent, left = _descended(root, words)
    if not left:
        return
    key, line = left[0]
    value_line = left[1][1] if len(left) > 1 else line
    if parent in BARE and len(left) == 1 and (key[0].isdigit() or ":" in key):
        section.add(BARE[parent], key, line)
    elif parent == "then" and len(left) == 1:
        section.add("action", key, line)
    else:
        section.add(key, " ".join(word for word, _ in left[1:]) or key, value_line)


def _mark(root: Section, mark: str, words: Words) -> None:
    """That a statement is inactive or protected. Commands name only the key of a statement that has one value."""
    section, _, left = _descended(root, words)
    about = left if left and left[0][0] in VALUE_OR_SECTION else left[:1]
    section.add(mark, " ".join(word for word, _ in about) or mark, words[-1][1])


def _descended(root: Section, words: Words) -> tuple[Section, str, Words]:
    """Down through the sections that the words name: the last of them, its key, and the words that are left."""
    section, key, place, depth = root, "", 0, 0
    while place < len(words) and depth < MAXIMUM_DEPTH:
        length = _length_of_section(key, words, place)
        if not length:
            break
        key, depth = words[place][0], depth + 1
        names = words[place + 1 : place + length]
        section = section.section(key, " ".join(name for name, _ in names), (names or words[place:])[0][1])
        place += length
    return section, key, words[place:]


def _length_of_section(parent: str, words: Words, place: int) -> int:
    """How many words open a section here: 1 for a container, more where a name follows, 0 for a key and its value."""
    word = words[place][0]
    left = len(words) - place
    if parent in VALUES_ONLY or (parent == "filter" and word != "term"):
        return 0
    following = words[place + 1][0] if left > 1 else ""
    if word == "filter" and following in ("input", "output", "input-list", "output-list"):
        return 1
    if word == "from-zone" and left > 3 and words[place + 2][0] == "to-zone":
        return 4
    if word in NAMED and following and parent in ONLY_BELOW.get(word, (parent,)):
        return 3 if word == "interfaces" and following == "interface-range" and left > 2 else 2
    if word in VALUE_OR_SECTION and left > 2:
        return 2
    return 1 if word in CONTAINERS or (word == "address-book" and following) else 0


_POLICIES = (
    *(ListPolicy(("**", key), (NAME,)) for key in NAMED_IN_THEIR_ORDER),
    *(ListPolicy(("**", key)) for key in IN_THEIR_ORDER),
    ListPolicy(("**",), (NAME,), Order.SET),
)
FORMATS = (Format("junos", read, _POLICIES),)
