"""sudoers(5): ``Defaults/env_reset``, ``Cmnd_Alias/SERVICES[/bin/systemctl]``, ``rule[%deploy]/commands[1]``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, comma_items, logical_lines, members, words
from changelog_ledger.model.document import ListPolicy, Order

_ALIASES = ("User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias")
_COMMENT = re.compile(r"""\\.|"(?:[^"\\]|\\.){0,4000}"|(?P<comment>#(?!\d).*)""")
_INCLUDE = re.compile(r"[@#](?P<what>include|includedir)\s+(?P<path>.+)")
_PARAMETER = re.compile(r"(?P<negated>!*)\s*(?P<name>\w+)\s*(?:(?P<operator>[+-]?=)\s*(?P<value>.*))?")
_ALIAS = re.compile(r"(?:^|:)\s*(?P<name>[A-Z][A-Z0-9_]*)\s*=")
_RUN_AS = re.compile(r"\(([^()]*)\)\s*")
_TAG = re.compile(r"([A-Z_]+)\s*:\s*")
_LISTS = ("env_keep", "env_check", "env_delete")


def read(text: str) -> Parsed:
    """Defaults by scope and name, aliases as sets of members, and the rules in their order, because the last that fits counts.

    Flags are ``true`` or ``false``, as cvtsudoers(1) has it. Rules are known by their users. ``@includedir`` is a rule of that name: where it
    stands among the rules has a meaning. What several hosts of one rule are granted (``: HOST = …``) stays in the text of the command before.

    :raises Unparsable: at a line that is none of these.
    """
    entries = [entry for line in _lines(text) for entry in _entries(line)]
    return tree([*_merged(entries), *(entry for entry in entries if entry.key == "rule")])


def _lines(text: str) -> Iterator[LogicalLine]:
    """A ``#`` begins a comment, unless it begins an include or, before digits, a user by number."""
    return logical_lines("\n".join(line if _INCLUDE.match(line.lstrip()) else _without_comment(line) for line in text.split("\n")), ())


def _without_comment(line: str) -> str:
    cut = next((found.start() for found in _COMMENT.finditer(line) if found["comment"]), len(line))
    return line[:cut]


def _entries(line: LogicalLine) -> list[Entry]:
    keyword = line.text.split(maxsplit=1)[0]
    rest = line.part(len(keyword), len(line.text))
    if found := _INCLUDE.fullmatch(line.text):
        path = Entry("path", found["path"], line.line)
        return [Entry("rule", (Entry("users", f"@{found['what']}", line.line), path), line.line, listed=True)]
    if keyword == "Defaults" or (keyword.startswith("Defaults") and keyword[8] in "@:!>"):
        return [Entry(keyword, (parameter,), line.line) for item in comma_items(rest) for parameter in _parameter(item)]
    if keyword in _ALIASES:
        return [Entry(keyword, tuple(alias), line.line) for alias in _aliases(rest)]
    return [_rule(line)]


def _parameter(item: Piece) -> list[Entry]:
    found = _PARAMETER.fullmatch(item.text)
    if not found:
        raise Unparsable("not a parameter of Defaults", item.line)
    name, operator, value = found["name"], found["operator"], _unquoted(found["value"] or "")
    if not operator:
        return [Entry(name, "false" if len(found["negated"]) % 2 else "true", item.line)]
    if operator == "=" and name not in _LISTS:
        return [Entry(name, value, item.line)]
    key = name if operator == "=" else f"{name} {operator}"
    return members(key, [Piece(word, item.line) for word in value.split()], item.line)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _aliases(line: LogicalLine) -> Iterator[list[Entry]]:
    found = list(_ALIAS.finditer(line.text))
    if not found or found[0].start():
        raise Unparsable("an alias without a name", line.line)
    ends = [*(each.start() for each in found[1:]), len(line.text)]
    for each, end in zip(found, ends, strict=True):
        yield _alias(each["name"], line.part(each.end(), end))


def _alias(name: str, value: LogicalLine) -> list[Entry]:
    """Where members are negated (``ALL, !SHELLS``) their order has a meaning, so then the list is one text."""
    items = comma_items(value)
    if any(item.text.startswith("!") for item in items):
        return [Entry(name, ", ".join(item.text for item in items), value.line)]
    return members(name, items, value.line)


def _rule(line: LogicalLine) -> Entry:
    head, equals, _ = line.text.partition("=")
    who = words(LogicalLine(",".join(item.strip() for item in head.split(",")), line.starts[:1]))
    if not equals or len(who) != 2:
        raise Unparsable("neither Defaults, an alias nor a rule", line.line)
    subject = (Entry("users", who[0].text, line.line), Entry("hosts", who[1].text, line.line))
    return Entry("rule", (*subject, *_granted(line.part(len(head) + 1, len(line.text)))), line.line, listed=True)


def _granted(value: LogicalLine) -> list[Entry]:
    """As whom, with which tags, and the commands; a change of these within the list stays with its command."""
    position = 0
    granted: list[Entry] = []
    if found := _RUN_AS.match(value.text):
        granted.append(Entry("run as", found[1].strip(), value.line))
        position = found.end()
    while found := _TAG.match(value.text, position):
        granted.append(Entry("tags", found[1], value.line_at(position), listed=True))
        position = found.end()
    commands = value.part(position, len(value.text))
    return [*granted, *members("commands", comma_items(commands), value.line)]


def _merged(entries: list[Entry]) -> Iterator[Entry]:
    """One entry for all lines of a scope or kind of alias. ``=`` forgets what ``+=`` and ``-=`` did to the same list before it."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.key, []).append(entry)
    groups.pop("rule", None)
    for key, same in groups.items():
        body = [one for entry in same if isinstance(entry.value, tuple) for one in entry.value]
        assigned = {one.key: index for index, one in enumerate(body)}
        in_force = (one for index, one in enumerate(body) if index > assigned.get(one.key.partition(" ")[0], -1) or " " not in one.key)
        yield Entry(key, tuple(in_force), same[0].line)


_SETS = (
    *(ListPolicy((kind, "*"), order=Order.SET) for kind in _ALIASES),
    ListPolicy(("rule", "*", "tags"), order=Order.SET),
    *(ListPolicy(("*", name + operator), order=Order.SET) for name in _LISTS for operator in ("", " +=", " -=")),
)
FORMATS = (Format("sudoers", read, (ListPolicy(("rule",), ("users",)), *_SETS)),)
