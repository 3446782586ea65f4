"""Running configurations of Cisco IOS and IOS-XE, NX-OS, ASA and Arista EOS: commands, and sections by indentation.

``interface[GigabitEthernet0/1]/ip address``, ``router bgp["65000"]/neighbor[10.0.0.2]/remote-as``, ``ip access-list extended[WEB]/entry[2]``

A command that is negated has its whole line as its value, under the key that it has otherwise: ``shutdown`` becomes ``no shutdown``. A device
keeps most of its commands in an order of its own, so order means something only where policies say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from changelog_ledger.formats.cisco_commands import COMMANDS, DIRECTED, NAMED_BY_WORDS, USER_OPTIONS, Command, Kind
from changelog_ledger.formats.cisco_lines import Line, command_lines
from changelog_ledger.formats.entries import NAME
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.sections import Section
from changelog_ledger.model.document import ListPolicy, Order

_VLAN_RANGE = re.compile(r"\d+(?:[,-]\d+)+")
_KEYWORD = re.compile(r"[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class _Open:
    """A section that further lines may belong to."""

    indent: int
    key: str
    section: Section


def read(text: str, end_of_banner: str = "delimiter") -> Parsed:
    """A running configuration.

    :raises Unparsable: for a banner or certificate without end, or sections nested too deeply.
    """
    root = Section()
    stack = [_Open(-1, "", root)]
    for line, following in _with_next(command_lines(text, end_of_banner)):
        while stack[-1].indent >= line.indent:
            stack.pop()
        if len(stack) > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line.number)
        if line.block is not None:
            stack[-1].section.add(line.text, line.block, line.number)
            continue
        has_lines = following is not None and following.indent > line.indent
        opened = _place(line, stack[-1], is_top=len(stack) == 1, has_lines=has_lines)
        if opened and has_lines:
            stack.append(opened)
    return root.parsed()


def _with_next(lines: Iterator[Line]) -> Iterator[tuple[Line, Line | None]]:
    line = next(lines, None)
    while line is not None:
        following = next(lines, None)
        yield line, following
        line = following


def _place(line: Line, parent: _Open, *, is_top: bool, has_lines: bool) -> _Open | None:
    """Put a command where it belongs; the section that it opens, if it does."""
    words = line.text.split()
    if _opens_rules(parent.key) and _is_rule(words):
        _add_rule(parent.section, line.text, line.number)
        return None
    negated = words[0] == "no" and len(words) > 1
    command = _command(words[1:] if negated else words, is_top=is_top)
    if negated:
        _place_negated(line, words[1:], command, parent.section)
        return None
    if command and command.kind in (Kind.TOP_SECTION, Kind.SECTION):
        name = _after(line.text, len(command.words))
        if command.key == "vlan" and not has_lines and _VLAN_RANGE.fullmatch(name):
            _add_members(parent.section, "vlans", name, line.number)
            return None
        return _open_route_map(line, name, parent) if command.key == "route-map" else _open(line, command.key, name, parent)
    if command and command.kind in _PLACED:
        return _place_named(line, command, words, parent)
    if has_lines:
        name = words[-1] if len(words) > 1 else ""
        return _open(line, line.text.removesuffix(name).strip(), name, parent)
    _add(parent.section, line.text, command, line.number)
    return None


def _open(line: Line, key: str, name: str, parent: _Open) -> _Open:
    return _Open(line.indent, key, parent.section.section(key, name, line.number))


def _open_route_map(line: Line, name: str, parent: _Open) -> _Open:
    """``route-map NAME permit 10`` is entry 10 of NAME, whatever it does."""
    title, action, number = (*name.split(), "", "", "")[:3]
    opened = _open(line, "route-map", f"{title} {number}".rstrip(), parent)
    if action:
        opened.section.add("action", action if len(name.split()) <= 3 else name, line.number)
    return opened


_PLACED = (Kind.NAMED, Kind.ROUTE, Kind.RULES)


def _place_named(line: Line, command: Command, words: list[str], parent: _Open) -> _Open:
    """``KEY NAME REST``: the rest is about what is so named."""
    skipped = len(command.words) + _length_of_name(command, words[len(command.words) :])
    opened = _open(line, command.key, " ".join(words[len(command.words) : skipped]), parent)
    rest = _after(line.text, skipped)
    if rest and command.kind is Kind.ROUTE:
        opened.section.add("next-hop", rest, line.number)
    elif rest and command.kind is Kind.RULES and _is_rule(rest.split()):
        _add_rule(opened.section, rest, line.number)
    elif rest and command.key == "username":
        _add_options(opened.section, rest, line.number)
    elif rest:
        _add(opened.section, rest, _command(rest.split(), is_top=False), line.number)
    return opened


def _length_of_name(command: Command, words: list[str]) -> int:
    """How many words a name has: a route's is its VRF, and its prefix in one word (``10.0.0.0/8``) or with its mask in two."""
    if command.kind is not Kind.ROUTE:
        return command.names
    skipped = 2 if words[:1] == ["vrf"] else command.names
    return skipped + (1 if "/" in "".join(words[skipped : skipped + 1]) else 2)


def _place_negated(line: Line, words: list[str], command: Command | None, section: Section) -> None:
    """``no …``: under the key of what it negates, unless any text may stand there."""
    if command and command.kind is Kind.NAMED and len(words) > len(command.words) + command.names:
        skipped = len(command.words) + command.names
        within = section.section(command.key, " ".join(words[len(command.words) : skipped]), line.number)
        inner = words[skipped:]
        within.add(_key(inner, _command(inner, is_top=False)), line.text, line.number)
    elif command and command.kind in (Kind.VALUE, Kind.MEMBERS):
        section.add(_key(words, command), line.text, line.number)
    elif command:
        section.add(f"no {command.key}", _after(line.text, 1 + len(command.words)) or line.text, line.number)
    else:
        section.add(_key(words, None), line.text, line.number)


# --- one command --------------------------------------------------------------------------------------------------------------------------


def _command(words: list[str], *, is_top: bool) -> Command | None:
    """The command of most words that ``words`` begin with."""
    for command in COMMANDS.get(words[0], ()):
        length = len(command.words)
        if tuple(words[:length]) == command.words and _fits(command, words[length:], is_top=is_top):
            return command
    return None


def _fits(command: Command, rest: list[str], *, is_top: bool) -> bool:
    if command.kind is Kind.TOP_SECTION:
        return is_top
    if command.kind is Kind.ROUTE:
        return len(rest) > 2 or (len(rest) == 2 and "/" in rest[0])
    if len(rest) < command.names:
        return False
    return command.kind is not Kind.NAMED or command.key in NAMED_BY_WORDS or rest[command.names - 1][0].isdigit()


def _add(section: Section, text: str, command: Command | None, line: int) -> None:
    """A command and its value; where it has none, it is its own value."""
    words = text.split()
    key = _key(words, command)
    length = len(key.split())
    if command and command.kind is Kind.MEMBERS:
        _add_members(section, key, _after(text, length).removeprefix("add "), line)
    elif key in DIRECTED and words[-1] in ("in", "out") and len(words) > length + 1:
        section.add(f"{key} {words[-1]}", " ".join(words[length:-1]), line)
    elif key == "ip address" and words[-1] == "secondary":
        section.add("ip address secondary", " ".join(words[2:-1]), line)
    else:
        section.add(key, _after(text, length) or text, line)


def _add_members(section: Section, key: str, members: str, line: int) -> None:
    for member in members.split(","):
        section.add(key, member.strip(), line)


def _key(words: list[str], command: Command | None) -> str:
    """A known command's words; else the first two if they look like keywords and something follows."""
    if command:
        return command.key
    two = len(words) > 2 and _KEYWORD.fullmatch(words[0]) and _KEYWORD.fullmatch(words[1])
    return " ".join(words[: 2 if two else 1])


def _after(text: str, words: int) -> str:
    """What follows the first words, as written."""
    pieces = text.split(None, words)
    return pieces[words] if len(pieces) > words else ""


def _add_options(section: Section, text: str, line: int) -> None:
    """``privilege 15 secret 9 $9$…``: every option with what follows it."""
    option, values = "", list[str]()
    for word in text.split():
        # a secret's own text is never taken for the next option
        if word in USER_OPTIONS and not (option in ("secret", "password") and len(values) < 1):
            _add_option(section, option, values, line)
            option, values = word, []
        else:
            values.append(word)
    _add_option(section, option, values, line)


def _add_option(section: Section, option: str, values: list[str], line: int) -> None:
    if option or values:
        section.add(option or values[0], " ".join(values if option else values[1:]) or option or values[0], line)


# --- rules --------------------------------------------------------------------------------------------------------------------------------


def _opens_rules(key: str) -> bool:
    return "access-list" in key or "prefix-list" in key


_ACTIONS = frozenset(("permit", "deny", "remark", "extended", "standard", "dynamic", "evaluate", "line"))


def _is_rule(words: list[str]) -> bool:
    return words[0].isdigit() or words[0] in _ACTIONS or (words[0] == "seq" and len(words) > 2)


def _add_rule(section: Section, text: str, line: int) -> None:
    """A rule is known by its sequence number, from which its place follows; without one, by its place."""
    words = text.split(None, 2)
    if words[0] == "seq":
        section.add(f"seq {words[1]}", words[2], line)
    elif words[0].isdigit() and len(words) > 1:
        section.add(words[0], text.split(None, 1)[1], line)
    else:
        section.add("entry", text, line)


_IN_THEIR_ORDER = (
    *("entry", "ip name-server", "name-server", "dns-server", "default-router", "server", "server name", "server-private"),
    *("nat", "banner motd", "banner login", "banner exec", "banner asdm"),
)
_POLICIES = (
    *(ListPolicy(("**", key)) for key in _IN_THEIR_ORDER),
    ListPolicy(("**", "class"), (NAME,)),
    ListPolicy(("**",), (NAME,), Order.SET),
)
"""Lists in which the first that fits wins, or that are tried in turn; ASA's ``nat`` rules and lines of banners; a policy map's classes."""

FORMATS = (
    Format("ios", read, _POLICIES),
    Format("nxos", read, _POLICIES),
    Format("eos", partial(read, end_of_banner="EOF"), _POLICIES),
    Format("asa", partial(read, end_of_banner="line"), _POLICIES),
)
