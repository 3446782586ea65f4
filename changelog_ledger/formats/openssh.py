"""sshd_config(5) and ssh_config(5): ``sshd/PermitRootLogin``, ``sshd/AllowUsers[carol]``, ``sshd/Match[User bob]/PasswordAuthentication``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from changelog_ledger.formats.entries import NAME, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.formats.keyvalue import settings
from changelog_ledger.formats.logical_lines import LogicalLine, comma_items, members, words
from changelog_ledger.formats.openssh_keywords import SSH, SSHD
from changelog_ledger.model.document import ListPolicy, Order

_WORD_SETS = ("AllowUsers", "AllowGroups", "DenyUsers", "DenyGroups", "AcceptEnv")
"""Their words mean the same in any order and however many lines they stand in."""
_PREFERENCES = (
    *("Ciphers", "MACs", "KexAlgorithms", "HostKeyAlgorithms", "CASignatureAlgorithms", "PubkeyAcceptedAlgorithms"),
    *("HostbasedAcceptedAlgorithms", "PubkeyAcceptedKeyTypes", "GSSAPIKexAlgorithms", "PreferredAuthentications"),
)
"""Names parted by commas, the first preferred."""
_REPEATED_SETS = ("Port", "ListenAddress", "HostKey", "HostCertificate", "LocalForward", "RemoteForward", "DynamicForward")
_BLOCKS = ("Match", "Host")
_CRITERIA = {
    name.lower(): name
    for name in (
        *("User", "Group", "Host", "LocalAddress", "LocalPort", "RDomain", "Address", "OriginalHost", "LocalUser", "LocalNetwork"),
        *("Exec", "Tagged", "Version", "SessionType", "Command", "all", "canonical", "final"),
    )
}


def read_sshd(text: str) -> Parsed:
    """sshd_config(5). Keywords are spelt as in the manual, whatever their case in the file; ``Subsystem`` is keyed by its name.

    A keyword that is written again has a list, although for most the first value wins.
    """
    return _read("sshd", SSHD, text)


def read_ssh(text: str) -> Parsed:
    """ssh_config(5): ``ssh/Host[*]/ForwardAgent``. The order of blocks means something: the first value wins."""
    return _read("ssh", SSH, text)


def _read(prefix: str, spelling: Mapping[str, str], text: str) -> Parsed:
    spelt = (Entry(spelling.get(entry.key.lower(), entry.key), entry.value, entry.line) for entry in settings(text))
    entries = tuple(_with_blocks(spelt))
    return tree([Entry(prefix, entries, entries[0].line)] if entries else [])


def _with_blocks(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Everything after a ``Match`` or ``Host`` line belongs to it, up to the next."""
    head: Entry | None = None
    body: list[Entry] = []
    for entry in entries:
        if entry.key not in _BLOCKS:
            body.append(entry)
            continue
        yield from _closed(head, body)
        head, body = entry, []
    yield from _closed(head, body)


def _closed(head: Entry | None, body: list[Entry]) -> list[Entry]:
    read = _body(body)
    if head is None:
        return read
    name = Entry(NAME, _criteria(head) if head.key == "Match" else str(head.value), head.line)
    return [Entry(head.key, (name, *read), head.line, listed=True)]


def _criteria(head: Entry) -> str:
    """``User bob Address 10.0.0.0/8``, the names of criteria spelt as in the manual."""
    pieces = str(head.value).split()
    names = {piece.lower() for piece in pieces[::2]} <= _CRITERIA.keys()
    return " ".join(_CRITERIA[piece.lower()] if names and index % 2 == 0 else piece for index, piece in enumerate(pieces))


def _body(body: list[Entry]) -> list[Entry]:
    keys = [entry.key for entry in body]
    again = {key for key in _PREFERENCES if keys.count(key) > 1}
    return [one for entry in body for one in _setting(entry, again)]


def _setting(entry: Entry, again: set[str]) -> list[Entry]:
    """Of lists of preferences the first that is written counts, so where there are two they are not run together (``again``)."""
    value = LogicalLine(str(entry.value), ((0, entry.line),))
    if entry.key in _WORD_SETS:
        return members(entry.key, words(value), entry.line)
    if entry.key in _PREFERENCES and entry.key not in again:
        return members(entry.key, comma_items(value), entry.line)
    if entry.key == "Subsystem":
        return [Entry(entry.key, (_subsystem(value, entry.line),), entry.line)]
    return [entry]


def _subsystem(value: LogicalLine, line: int) -> Entry:
    name, _, command = value.text.partition(" ")
    return Entry(name, command.strip(), line)


_BY_NAME = tuple(ListPolicy(("*", block), (NAME,)) for block in _BLOCKS)
_SETS = tuple(ListPolicy(("**", key), order=Order.SET) for key in (*_WORD_SETS, *_REPEATED_SETS))
FORMATS = (Format("sshd", read_sshd, (*_BY_NAME, *_SETS)), Format("ssh", read_ssh, (*_BY_NAME, *_SETS)))
