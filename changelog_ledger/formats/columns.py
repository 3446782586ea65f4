"""Files of columns: hosts(5), fstab(5), services(5), protocols(5)."""

from __future__ import annotations

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import KeyPath, ListPolicy, Node, Order

_ALIASES = ListPolicy(("**", "aliases"), order=Order.SET)
_FSTAB_FIELDS = ("device", "mount_point", "type", "options", "dump", "pass")


def read_hosts(text: str) -> Parsed:
    """hosts(5), keyed by canonical name: ``db/address``, ``db/aliases``. What a name resolves to is what people look for.

    A name that stands in an IPv4 and an IPv6 line (``localhost``) is two keys: ``localhost`` and ``localhost (IPv6)``. One with several
    addresses of a kind has a list, whose items are known by them.
    """
    return tree(_host(number, line.split("#")[0].split()) for number, line in significant_lines(text))


def _host(number: int, words: list[str]) -> Entry:
    if len(words) < 2:
        raise Unparsable("an address without a name", number)
    address, name, *aliases = words
    key = f"{name} (IPv6)" if ":" in address else name
    return Entry(key, (Entry("address", address, number), Entry("aliases", aliases, number)), number)


def read_fstab(text: str) -> Parsed:
    """fstab(5), a list that is keyed by mount point: ``[/var]/options[noatime]``."""
    root: list[Node] = []
    lines: dict[KeyPath, int] = {}
    for index, (number, line) in enumerate(significant_lines(text)):
        mount = _mount(number, line.split("#")[0].split() if " #" in line else line.split())
        root.append(mount)
        lines[(index,)] = number
        lines.update({(index, field): number for field in mount})
        lines.update({(index, "options", item): number for item in range(len(mount.get("options", ())))})
    return Parsed(root, lines)


def _mount(number: int, words: list[str]) -> dict[str, Node]:
    if not 3 <= len(words) <= len(_FSTAB_FIELDS):
        raise Unparsable(f"{len(words)} fields in a file system table", number)
    mount: dict[str, Node] = dict(zip(_FSTAB_FIELDS, words, strict=False))
    return mount | ({"options": [option for option in words[3].split(",") if option]} if len(words) > 3 else {})


def read_services(text: str) -> Parsed:
    """services(5): ``ssh/tcp/port``, ``ssh/tcp/aliases``."""
    services: dict[str, list[Entry]] = {}
    starts: dict[str, int] = {}
    for number, line in significant_lines(text):
        name, protocol = _service(number, line.split("#")[0].split())
        services.setdefault(name, []).append(protocol)
        starts.setdefault(name, number)
    return tree(Entry(name, tuple(protocols), starts[name]) for name, protocols in services.items())


def _service(number: int, words: list[str]) -> tuple[str, Entry]:
    if len(words) < 2 or "/" not in words[1]:
        raise Unparsable("not a service, port and protocol", number)
    port, _, protocol = words[1].partition("/")
    return words[0], Entry(protocol, (Entry("port", port, number), Entry("aliases", words[2:], number)), number)


def read_protocols(text: str) -> Parsed:
    """protocols(5), and what looks like it: ``tcp/number``, ``tcp/aliases``."""
    return tree(_protocol(number, line.split("#")[0].split()) for number, line in significant_lines(text))


def _protocol(number: int, words: list[str]) -> Entry:
    if len(words) < 2:
        raise Unparsable("a name without a number", number)
    return Entry(words[0], (Entry("number", words[1], number), Entry("aliases", words[2:], number)), number)


FORMATS = (
    Format("hosts", read_hosts, (_ALIASES, ListPolicy(("*",), ("address",)))),
    Format("fstab", read_fstab, (ListPolicy((), ("mount_point",)), ListPolicy(("*", "options"), order=Order.SET))),
    Format("services", read_services, (_ALIASES,)),
    Format("protocols", read_protocols, (_ALIASES,)),
)
