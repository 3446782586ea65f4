"""Postfix: main.cf, postconf(5), and master.cf, master(5).

``smtpd_recipient_restrictions[2]``, ``mynetworks[10.0.0.0/8]``; ``[smtp/inet]/options/smtpd_tls_security_level``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import KNOWN_AS, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.records import records
from changelog_ledger.model.document import ListPolicy, Order

Line = tuple[int, str]
Logical = list[Line]
"""A logical line: its physical ones, stripped, each with its number."""


def logical_lines(text: str) -> Iterator[Logical]:
    """A line that begins with white space goes on with the one before; blank lines and comments may stand between.

    :raises Unparsable: if the first line goes on with nothing.
    """
    pieces: Logical = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if line[0].isspace():
            if not pieces:
                raise Unparsable("a continuation of nothing", number)
            pieces.append((number, stripped))
        else:
            yield from [pieces] if pieces else []
            pieces = [(number, stripped)]
    yield from [pieces] if pieces else []


def joined(pieces: Logical) -> str:
    """The text of a logical line."""
    return " ".join(piece for _, piece in pieces)


# --- main.cf ------------------------------------------------------------------------------------------------------------------------------

_PARAMETER = re.compile(r"(?P<key>[^\s=]+)\s*=\s*(?P<value>.*)")
_SETS = frozenset(
    (
        *("debug_peer_list", "inet_interfaces", "inet_protocols", "mydestination", "mynetworks", "proxy_interfaces", "relay_domains"),
        *("permit_mx_backup_networks", "smtpd_authorized_verp_clients", "smtpd_authorized_xclient_hosts", "smtpd_authorized_xforward_hosts"),
        *("smtpd_client_event_limit_exceptions", "smtpd_discard_ehlo_keywords", "smtp_discard_ehlo_keywords", "smtpd_restriction_classes"),
        *("virtual_alias_domains", "virtual_mailbox_domains", "notify_classes", "proxy_read_maps", "proxy_write_maps"),
        *("smtpd_sasl_security_options", "smtp_sasl_security_options", "smtpd_sasl_tls_security_options", "smtp_sasl_tls_security_options"),
        *("smtpd_tls_protocols", "smtpd_tls_mandatory_protocols", "smtp_tls_protocols", "smtp_tls_mandatory_protocols"),
        *("smtpd_tls_exclude_ciphers", "smtp_tls_exclude_ciphers", "smtpd_tls_mandatory_exclude_ciphers", "smtp_tls_mandatory_exclude_ciphers"),
    )
)
"""Lists whose order means nothing."""
_ORDERED = re.compile(r"\w+_(?:restrictions|maps|checks|milters)|masquerade_domains|postscreen_dnsbl_sites|smtp_sasl_mechanism_filter")
_WORD = re.compile(r"\s*(?:(?P<comma>,)|(?P<open>\{)|(?P<close>\})|(?P<text>(?:\$\{|[^\s,{}])(?:\$\{|[^\s,{])*))")
_WITH_ARGUMENT = re.compile(
    r"check_\w+|(?:reject|permit)_(?:rbl|rhsbl|dnswl|rhswl)_\w+|reject_unlisted_\w+_for|warn_if_reject|sleep|(?:reject_)?multi_\w+_checks"
)
_RESTRICTION = re.compile(r"\w+|\$.+")


def read_main(text: str) -> Parsed:
    """``name = value``. Restrictions, maps and milters are lists, a restriction with its argument one item; so are networks and domains.

    :raises Unparsable: for a line without ``=``.
    """
    known: set[str] = set()
    return tree(entry for pieces in logical_lines(text) for entry in _parameter(pieces, known))


def _parameter(pieces: Logical, known: set[str]) -> Iterator[Entry]:
    """Of a parameter that is set again, the last value counts: ``= loopback-only`` among the items of a list says that."""
    number, first = pieces[0]
    found = _PARAMETER.fullmatch(first)
    if not found:
        raise Unparsable("not a parameter and its value", number)
    key = found["key"]
    value = [(number, found["value"]), *pieces[1:]]
    items = _items(key, value) if key in _SETS or _ORDERED.fullmatch(key) else None
    again = key in known
    known.add(key)
    if items is not None and again:
        yield Entry(key, f"= {joined(value)}", number, listed=True)
    elif items is None:
        yield Entry(key, " ".join(piece for _, piece in value if piece), number)
    elif not items:
        yield Entry(key, [], number)
    else:
        yield from (Entry(key, item, line, listed=True) for line, item in items)


def _items(key: str, value: Logical) -> list[Line] | None:
    """The items of a list; None where braces are not balanced, which leaves the value a text."""
    words = [word for number, piece in value for word in _split(number, piece)]
    grouped = _in_braces(words)
    if grouped is not None and key.endswith("_restrictions"):
        return _with_arguments(grouped)
    return grouped if grouped is None else [item for item in grouped if item[1] != ","]


def _split(number: int, piece: str) -> Iterator[Line]:
    return ((number, found[0].strip()) for found in _WORD.finditer(piece))


def _in_braces(words: Sequence[Line]) -> list[Line] | None:
    """Items and commas; what stands in braces is one item, as it is written but for blanks."""
    items: list[Line] = []
    inside: list[str] = []
    depth = start = 0
    for number, word in words:
        depth += {"{": 1, "}": -1}.get(word, 0)
        if depth < 0:
            return None
        if depth or word == "}":
            start = start if inside else number
            inside.append(word)
        else:
            items.append((number, word))
        if inside and not depth:
            items.append((start, " ".join(inside).replace(" ,", ",")))
            inside = []
    return None if depth else items


def _with_arguments(words: Sequence[Line]) -> list[Line]:
    """``check_client_access hash:/etc/postfix/access`` is one restriction; ``warn_if_reject`` goes with the one behind it.

    What does not look like a restriction's name, and has no comma before it, is an argument too.
    """
    restrictions: list[Line] = []
    begins, wants = True, False
    for number, word in words:
        if word == ",":
            begins = True
        elif wants or not (begins or _RESTRICTION.fullmatch(word)):
            line, before = restrictions[-1]
            restrictions[-1] = (line, f"{before} {word}")
            begins = False
        else:
            restrictions.append((number, word))
            begins = False
        wants = bool(_WITH_ARGUMENT.fullmatch(word)) or (wants and word == ",")
    return restrictions


# --- master.cf ----------------------------------------------------------------------------------------------------------------------------

_COLUMNS = ("service", "type", "private", "unpriv", "chroot", "wakeup", "maxproc", "command")
_ARGUMENT = re.compile(r"\{[^{}]*\}|\S+")


@dataclass(slots=True)
class _Arguments:
    """What stands behind a command of master.cf."""

    options: list[Entry] = field(default_factory=list)
    attributes: list[Entry] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)

    def entries(self, number: int) -> Iterator[Entry]:
        """Blocks for what there is."""
        if self.options:
            yield Entry("options", tuple(self.options), self.options[0].line)
        yield from self.attributes
        if self.others:
            yield Entry("arguments", joined(self.others), self.others[0][0])


def read_master(text: str) -> Parsed:
    """Services, known as ``smtp/inet``: their eight columns, and their ``-o name=value`` by name.

    :raises Unparsable: for a service with fewer columns.
    """
    return records((pieces[0][0], tuple(_service(pieces))) for pieces in logical_lines(text))


def _service(pieces: Logical) -> Iterator[Entry]:
    words = [(number, word[0]) for number, piece in pieces for word in _ARGUMENT.finditer(piece)]
    number = pieces[0][0]
    if len(words) < len(_COLUMNS):
        raise Unparsable("a service with too few columns", number)
    columns = words[: len(_COLUMNS)]
    yield Entry(KNOWN_AS, f"{columns[0][1]}/{columns[1][1]}", number)
    yield from (Entry(name, word, line) for name, (line, word) in zip(_COLUMNS, columns, strict=True))
    yield from _arguments(words[len(_COLUMNS) :]).entries(number)


def _arguments(words: Sequence[Line]) -> _Arguments:
    """Options; or attributes, and behind ``argv=`` another command whose ``-o`` is not Postfix's: pipe(8), spawn(8)."""
    found = _Arguments()
    delivers = any(word.startswith("argv=") for _, word in words)
    waiting = iter(range(len(words)))
    for at in waiting:
        line, word = words[at]
        name, equals, value = word.partition("=")
        if name == "argv" and equals:
            found.attributes.append(Entry(name, " ".join([value, *(rest for _, rest in words[at + 1 :])]), line))
            break
        if delivers and equals:
            found.attributes.append(Entry(name, value, line))
        elif word == "-o" and at + 1 < len(words):
            found.options.append(_option(*words[next(waiting)]))
        else:
            found.others.append((line, word))
    return found


def _option(line: int, written: str) -> Entry:
    name, _, value = written.strip("{} ").partition("=") if written.startswith("{") else written.partition("=")
    return Entry(name.strip(), value.strip(), line)


_MASTER_WORDS = {
    "private": "for Postfix itself only",
    "unpriv": "runs without root's rights",
    "chroot": "runs within the queue directory",
    "wakeup": "seconds between two wake-ups",
    "maxproc": "most processes at a time",
}
FORMATS = (
    Format("postfix", read_main, tuple(ListPolicy((name,), order=Order.SET) for name in sorted(_SETS))),
    Format("postfix-master", read_master, (ListPolicy((), (KNOWN_AS,), Order.SET),), words=_MASTER_WORDS),
)
