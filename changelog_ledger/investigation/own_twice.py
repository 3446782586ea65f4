"""What ought to be one host's own and is found on two: a machine that was cloned, an address that was given twice.

Where a failing host has what a working one has, it is the working one's: that it is there once more may be the trouble.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from changelog_ledger.investigation.own_identifiers import ADDRESS, HARDWARE, NAME, Identifier
from changelog_ledger.investigation.own_mask import readable
from changelog_ledger.investigation.peer_columns import Column

_NEVER_TWICE = (NAME, ADDRESS, HARDWARE)
"""Machines made from one image have the same file systems, and no trouble by it."""

_OWN = "\0own"


def without_stolen(own: Mapping[str, Sequence[Identifier]], working: Collection[str]) -> dict[str, tuple[Identifier, ...]]:
    """What is each host's own, by host; of the others without the names and addresses that exactly one of the working hosts has.

    What several working hosts have (an address of every bridge) is no identity. A host's name in the ledger is its own, whoever else says so.

    :param own: identifiers by host, those of the working hosts among them.
    """
    holders = Counter(text for host in working for text in {each.text.lower() for each in own.get(host, ()) if each.kind in _NEVER_TWICE})
    stolen = {text for text, number in holders.items() if number == 1}
    return {host: tuple(own[host]) if host in working else tuple(each for each in own[host] if _is_kept(each, host, stolen)) for host in own}


def _is_kept(identifier: Identifier, host: str, stolen: Collection[str]) -> bool:
    text = identifier.text.lower()
    return identifier.kind not in _NEVER_TWICE or text not in stolen or text == host.lower()


def another_hosts(path: str, kind: str, contents: Mapping[str, str], working: Collection[str]) -> Column | None:
    """A file of which every host has its own content, where others have that of a working host; None where nobody does.

    Where working hosts have it of each other, nobody's trouble comes of that, and nothing is said.

    :param contents: what tells equal contents, by host.
    """
    owners = {content: host for host, content in contents.items() if host in working}
    healthy = [host for host in contents if host in working]
    twice = {host: owners[content] for host, content in contents.items() if host not in working and content in owners}
    if not twice or len(healthy) < 2 or len(owners) < len(healthy):
        return None
    values = {host: twice.get(host, _OWN) for host in contents}
    return Column(path, None, "value", values, {_OWN: readable(f"\0{kind}\0")} | {owner: f"that of {owner}" for owner in twice.values()})
