"""Whether a text is the configuration of a network device, told by what the devices themselves write at its beginning.

Such files are kept under the name of the device (Oxidized, RANCID), which says nothing. Two things have to fit, so that a page of
documentation with an example in it is not taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = 20_000
"""Characters in which the signs have to be. Oxidized and RANCID put what ``show version`` says first, as comments."""
_TAIL = 1_000


@dataclass(frozen=True, slots=True)
class _Likeness:
    """A format, how its first line begins, and what else has to be there; one of ``words`` is looked for first, since that is quick."""

    name: str
    words: Sequence[str]
    first: str
    signs: Sequence[str]


def _likeness(name: str, words: str, first: str, *signs: str) -> _Likeness:
    return _Likeness(name, tuple(words.split("|")), first, signs)  # compiled when tried: most runs see no such file


_HOSTNAME = r"^(?:hostname|switchname) \S+$"
_IOS_BEGINS = r"!(?!!? IOS XR)|version \d|Building configuration|Current configuration|Using \d|hostname "
_LIKENESSES = (
    _likeness("junos", "## Last ", r"[#/]", r"^## Last (?:commit|changed): ", r"^(?:set )?(?:version|groups|system)\b"),
    _likeness("junos", "version ", r"[#/]|(?:set )?version \d|groups \{", r"^(?:set )?version \"?\d\d\.\d[A-Z][\w.:-]*\"?;?$"),
    _likeness("junos", "host-name", r"[#/]|(?:groups|system) \{", r"^system \{$", r"^\s+host-name [\w.-]+;"),
    _likeness("junos", "set system host-name", r"[#/]|set [a-z]", r"^set system host-name [\w.-]+$", r"^set interfaces \S+ unit \d"),
    _likeness("vyos", "set system host-name '", r"[#/]|set [a-z]", r"^set system host-name '", r"^set interfaces \w+ \w+"),
    _likeness("vyos", "-config-version", r"[\w-]+ \{|/\*", r"^(?:interfaces|system|service) \{$", r"(?:vyatta|vyos)-config-version"),
    _likeness("vyos", "host-name", r"[\w-]+ \{|/\*", r"^system \{$", r"^    host-name [^\s;]+$", r"^    (?:ethernet|bonding|bridge|switch) \w+ \{$"),
    _likeness("fortios", "#config-version=", r"#config-version=", r"^config \w"),
    _likeness("fortios", "config system global", r"#|config ", r"^config system global$", r"^end$"),
    _likeness("routeros", "RouterOS", r"#", r"^# .*by RouterOS \d", r"^/[a-z]"),
    _likeness("nxos", "hostname|switchname", r"!|version \d", r"^version \d+\.\d+\(", _HOSTNAME),
    _likeness("eos", "EOS-4.", r"!", r"^! ?(?:device: \S+ .*EOS-4|.*\bEOS-4)", _HOSTNAME),
    _likeness("asa", "ASA Version", r"[:!]|ASA Version|$", r"^ASA Version \d", _HOSTNAME),
    _likeness("ios", "hostname", _IOS_BEGINS, r"^version 1\d\.\d+\S*$", _HOSTNAME),
    _likeness("ios", "RANCID-CONTENT-TYPE: cisco", r"!RANCID-CONTENT-TYPE: cisco$", _HOSTNAME),
)


def device_format(text: str) -> str | None:
    """The format of a network device's configuration, None for anything else."""
    head = text[:_HEAD]
    wanted = [one for one in _LIKENESSES if any(word in head or word in text[-_TAIL:] for word in one.words)]
    if not wanted:
        return None
    first = next((line for line in head.split("\n") if line.strip()), "").strip()
    shown = (head + "\n" + text[-_TAIL:] if len(text) > _HEAD else head).replace("\r\n", "\n")
    return next((one.name for one in wanted if _is_like(first, shown, one)), None)


def _is_like(first: str, shown: str, likeness: _Likeness) -> bool:
    return bool(re.match(likeness.first, first)) and all(re.search(sign, shown, re.MULTILINE) for sign in likeness.signs)
