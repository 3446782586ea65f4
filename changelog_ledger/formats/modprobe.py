"""modprobe.d(5): ``blacklist[nouveau]``, ``options/kvm_intel/nested``; and files of names, one a line: modules-load.d(5), shells(5)."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, logical_lines, words
from changelog_ledger.model.document import KeyPath, ListPolicy, Order

_COMMANDS = ("alias", "install", "remove", "softdep", "weakdep")


def read_modprobe(text: str) -> Parsed:
    """Commands by module: options keyed by their name, blacklisted modules a set, whatever else as it is written.

    :raises Unparsable: for a command that modprobe.d(5) does not know, or one without a module.
    """
    options: dict[str, list[Entry]] = {}
    others: list[Entry] = []
    starts: dict[str, int] = {}
    for line in logical_lines(text):
        command, *arguments = words(line)
        if not arguments:
            raise Unparsable("a command without a module", line.line)
        starts.setdefault(command.text, line.line)
        if command.text == "options":
            starts.setdefault(f"options {arguments[0].text}", line.line)
            options.setdefault(arguments[0].text, []).extend(map(_option, arguments[1:]))
        else:
            others.append(_command(command, arguments, line))
    by_module = tuple(Entry(module, tuple(values), starts[f"options {module}"]) for module, values in options.items())
    return tree([*_grouped(others, starts), *([Entry("options", by_module, starts["options"])] if options else [])])


def _option(word: Piece) -> Entry:
    name, _, value = word.text.partition("=")
    return Entry(name, value, word.line)


def _command(command: Piece, arguments: list[Piece], line: LogicalLine) -> Entry:
    module, *rest = arguments
    if command.text == "blacklist" and not rest:
        return Entry("blacklist", module.text, module.line)
    if command.text not in _COMMANDS:
        raise Unparsable("not a command of modprobe", line.line)
    return Entry(command.text, (Entry(module.text, " ".join(word.text for word in rest), module.line),), line.line)


def _grouped(entries: list[Entry], starts: dict[str, int]) -> Iterator[Entry]:
    """One entry a command, with all its modules."""
    for command in dict.fromkeys(entry.key for entry in entries):
        values = [entry.value for entry in entries if entry.key == command]
        if command == "blacklist":
            yield from (Entry(command, entry.value, entry.line, listed=True) for entry in entries if entry.key == command)
        else:
            yield Entry(command, tuple(module for value in values if isinstance(value, tuple) for module in value), starts[command])


def read_names(text: str) -> Parsed:
    """One name a line; their order means nothing. What follows a name (arguments of a module, the charset of a locale) belongs to it."""
    found = [(number, " ".join(line.split("#")[0].split())) for number, line in significant_lines(text, ("#", ";"))]
    lines: dict[KeyPath, int] = {(index,): number for index, (number, _) in enumerate(found)}
    return Parsed([name for _, name in found], lines)


FORMATS = (
    Format("modprobe", read_modprobe, (ListPolicy(("blacklist",), order=Order.SET),)),
    Format("names", read_names, (ListPolicy((), order=Order.SET),)),
)
