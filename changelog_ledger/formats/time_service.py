"""Clocks: chrony.conf(5) and ntp.conf(5). ``server[ntp1.example]/maxpoll``, ``restrict[default]/flags[nomodify]``."""

from __future__ import annotations

from collections.abc import Callable

from changelog_ledger.formats.entries import NAME, Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.model.document import ListPolicy, Order

_SOURCES = ("server", "pool", "peer", "broadcast", "manycastclient")
_FLAGS = frozenset(
    (
        *("auto_offline", "burst", "copy", "iburst", "noselect", "nts", "offline", "prefer", "require", "trust", "xleave"),
        *("autokey", "preempt", "true", "xmtnonce"),
    )
)
"""Options of a source that take no value; all others take one."""
_FAMILIES = ("-4", "-6", "ipv4", "ipv6")
_RESTRICT_VALUES = ("mask", "ippeerlimit")
_REPEATED = ("allow", "deny", "cmdallow", "cmddeny", "bindaddress", "include", "confdir", "sourcedir", "hwtimestamp", "interface")
_WORD_SETS = ("enable", "disable", "statistics", "log")
_WORDS = {
    "iburst": "four quick measurements at the start",
    "makestep": "step the clock: above how many seconds, in how many first updates",
    "minpoll": "shortest interval of polls, as a power of two, seconds",
    "maxpoll": "longest interval of polls, as a power of two, seconds",
    "maxupdateskew": "worst estimate of the frequency that is used, ppm",
    "driftfile": "file that keeps the clock's drift",
    "rtcsync": "the hardware clock follows the system's",
}


def read_chrony(text: str) -> Parsed:
    """chrony.conf(5). Directives are read regardless of their case; comments begin a line with ``#``, ``%``, ``!`` or ``;``."""
    lines = ((number, line.split()) for number, line in significant_lines(text, ("#", "%", "!", ";")))
    return tree(entry for number, words in lines for entry in _directive(number, words))


def read_ntp(text: str) -> Parsed:
    """ntp.conf(5), with ``restrict`` and ``fudge`` by address; a ``#`` begins a comment wherever it stands."""
    lines = ((number, line.split("#")[0].split()) for number, line in significant_lines(text))
    return tree(entry for number, words in lines for entry in _directive(number, words))


def _directive(number: int, words: list[str]) -> list[Entry]:
    keyword, *values = [words[0].lower(), *words[1:]]
    family = values[:1] if values[:1] and values[0] in _FAMILIES else []
    if keyword in _BY_NAME and len(values) > len(family):
        name, *options = values[len(family) :]
        named = Entry(NAME, " ".join([*family, name]) if keyword == "restrict" else name, number)
        of_family = [Entry(family[0], "", number)] if family and keyword != "restrict" else []
        return [Entry(keyword, (named, *of_family, *_BY_NAME[keyword](number, options)), number, listed=True)]
    if keyword in _WORD_SETS:
        return [Entry(keyword, value, number, listed=True) for value in values] or [Entry(keyword, [], number)]
    return [Entry(keyword, " ".join(values), number)]


def _pairs(number: int, options: list[str]) -> list[Entry]:
    """Flags, and names each with the word after it."""
    waiting = iter(options)
    return [Entry(option, "" if option in _FLAGS else next(waiting, ""), number) for option in waiting]


def _restriction(number: int, options: list[str]) -> list[Entry]:
    """Values by name, and the flags as a set."""
    entries = []
    flags = []
    waiting = iter(options)
    for option in waiting:
        if option in _RESTRICT_VALUES:
            entries.append(Entry(option, next(waiting, ""), number))
        else:
            flags.append(option)
    return [*entries, Entry("flags", flags, number)]


_BY_NAME: dict[str, Callable[[int, list[str]], list[Entry]]] = {
    **dict.fromkeys((*_SOURCES, "fudge", "filegen"), _pairs),
    "restrict": _restriction,
}
_POLICIES = (
    *(ListPolicy((kind,), (NAME,), Order.SET) for kind in _BY_NAME),
    ListPolicy(("restrict", "*", "flags"), order=Order.SET),
    *(ListPolicy((kind,), order=Order.SET) for kind in (*_WORD_SETS, *_REPEATED)),
)
FORMATS = (Format("chrony", read_chrony, _POLICIES, words=_WORDS), Format("ntp", read_ntp, _POLICIES, words=_WORDS))
