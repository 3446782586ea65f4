"""Limits and access of users by PAM: limits.conf(5) and access.conf(5)."""

from __future__ import annotations

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import KeyPath, Node

_TYPES = {"soft": "soft", "hard": "hard", "-": "soft and hard"}
_WORDS = {
    "nofile": "open files",
    "nproc": "processes",
    "core": "size of core dumps, KB",
    "memlock": "locked memory, KB",
    "as": "address space, KB",
    "fsize": "size of files, KB",
    "stack": "size of the stack, KB",
    "data": "size of data, KB",
    "rss": "resident memory, KB",
    "cpu": "processor time, minutes",
    "maxlogins": "logins of the user at a time",
    "maxsyslogins": "logins of all at a time",
    "rtprio": "highest real-time priority",
}


def read_limits(text: str) -> Parsed:
    """limits.conf(5): ``alice/soft/nofile``, ``@dev/soft and hard/nproc`` for a type of ``-``. A line of two fields forbids all limits.

    :raises Unparsable: if a line has another number of fields, or another type.
    """
    domains: dict[str, dict[str, list[Entry]]] = {}
    starts: dict[tuple[str, ...], int] = {}
    for number, line in significant_lines(text):
        domain, kind, limit = _limit(number, line.split("#")[0].split())
        domains.setdefault(domain, {}).setdefault(kind, []).append(limit)
        starts.setdefault((domain,), number)
        starts.setdefault((domain, kind), number)
    return tree(Entry(domain, _kinds(domain, kinds, starts), starts[domain,]) for domain, kinds in domains.items())


def _kinds(domain: str, kinds: dict[str, list[Entry]], starts: dict[tuple[str, ...], int]) -> tuple[Entry, ...]:
    return tuple(Entry(kind, tuple(limits), starts[domain, kind]) for kind, limits in kinds.items())


def _limit(number: int, words: list[str]) -> tuple[str, str, Entry]:
    if len(words) == 2 and words[1] == "-":
        return words[0], _TYPES["-"], Entry("(no limits)", "", number)
    if len(words) != 4 or words[1] not in _TYPES:
        raise Unparsable("not a domain, type, item and value", number)
    domain, kind, item, value = words
    return domain, _TYPES[kind], Entry(item, value, number)


def read_access(text: str) -> Parsed:
    """access.conf(5): rules as a list, of which the first that fits counts: ``[2]``, ``+ : alice : 10.0.0.0/8``.

    :raises Unparsable: if a line is not a permission, users and origins.
    """
    rules: list[Node] = []
    lines: dict[KeyPath, int] = {}
    for number, line in significant_lines(text):
        lines[(len(rules),)] = number
        rules.append(_rule(number, line.split(":", 2)))
    return Parsed(rules, lines)


def _rule(number: int, fields: list[str]) -> str:
    if len(fields) != 3 or fields[0].strip() not in ("+", "-"):
        raise Unparsable("not a permission, users and origins", number)
    return " : ".join(" ".join(field.split()) for field in fields)


FORMATS = (Format("limits", read_limits, words=_WORDS), Format("access", read_access))
