"""``Key value`` lines: sshd_config(5) and ssh_config(5) with their Match and Host blocks, resolv.conf, login.defs, redis.conf, postgresql.conf …"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import NAME, Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy

_KEY_VALUE = re.compile(r"(?P<key>[^\s=\"'#]+)(?:\s*=\s*|\s+|$)(?P<value>.*)")
_TOKEN = re.compile(r"""\s+#.*|"(?:\\.|[^"\\])*"|'(?:''|\\.|[^'\\])*'|\s+|[^\s"']+|["']""")
_LONGEST_VALUE = 10_000
"""Longer ones are left as they are: a line of nothing but escaped quotes would take a time that grows with its square."""
_SPELLING = {"match": "Match", "host": "Host"}


def read_plain(text: str) -> Parsed:
    """Keys and values, separated by white space or ``=``. A ``#`` after white space, outside quotes, begins a comment."""
    return tree(_settings(text))


def read_sshd(text: str) -> Parsed:
    """sshd_config(5): ``sshd/PermitRootLogin``, ``sshd/Match[User bob]/PasswordAuthentication``."""
    return _prefixed("sshd", text)


def read_ssh(text: str) -> Parsed:
    """ssh_config(5): ``ssh/Host[*]/ForwardAgent``."""
    return _prefixed("ssh", text)


def _prefixed(prefix: str, text: str) -> Parsed:
    settings = tuple(_with_blocks(_settings(text)))
    return tree([Entry(prefix, settings, settings[0].line)] if settings else [])


def _settings(text: str) -> Iterator[Entry]:
    for number, line in significant_lines(text):
        found = _KEY_VALUE.fullmatch(line)
        if not found:
            raise Unparsable("not a key and a value", number)
        yield Entry(found["key"], without_comment(found["value"]), number)


def without_comment(value: str) -> str:
    """``value`` up to a comment, with single spaces between its words; what is quoted stays as it is."""
    if len(value) > _LONGEST_VALUE:
        return value.strip()
    pieces = []
    for found in _TOKEN.finditer(" " + value):
        token = found[0]
        if token.lstrip().startswith("#") and token[0].isspace():
            break
        pieces.append(" " if token.isspace() else token)
    return "".join(pieces).strip()


def _with_blocks(settings: Iterator[Entry]) -> Iterator[Entry]:
    """Everything after a ``Match`` or ``Host`` line belongs to it, up to the next."""
    head: Entry | None = None
    body: list[Entry] = []
    for setting in settings:
        if setting.key.lower() not in _SPELLING:
            body.append(setting)
            continue
        yield from _closed(head, body)
        head, body = setting, []
    yield from _closed(head, body)


def _closed(head: Entry | None, body: list[Entry]) -> list[Entry]:
    if head is None:
        return body
    name = Entry(NAME, str(head.value), head.line)
    return [Entry(_SPELLING[head.key.lower()], (name, *body), head.line, listed=True)]


_POLICIES = (ListPolicy(("*", "Match"), (NAME,)), ListPolicy(("*", "Host"), (NAME,)))
FORMATS = (
    Format("keyvalue", read_plain),
    Format("sshd", read_sshd, _POLICIES),
    Format("ssh", read_ssh, _POLICIES),
)
