"""The rules in force: nftables (nft(8)) and those of the older ip_tables; without counters, handles and times.

The two are apart in the kernel, and a packet has to pass both. ``nft`` shows what ``iptables-nft`` made and nothing of ``iptables-legacy``
(xtables-nft(8), xtables-legacy(8)); whether there is any of that, ``/proc/net/ip_tables_names`` says. Where ``nft`` is not installed,
iptables-save(8) is asked, whichever of the two it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe

_STATEFUL = re.compile(r"\bcounter packets \d+ bytes \d+|\bexpires \w+|\blast used \w+| # handle \d+")
_CHAIN_COUNTERS = re.compile(r"\[\d+:\d+\]")
_FAMILIES = {"ip": "", "ip6": "ip6-"}
"""Of the programs' and files' names, and what stands before the names of their tables: ``*ip6-filter``."""
_LEGACY = "legacy-"
NO_RULES = "# no rules\n"


def firewall(probe: Probe) -> str:
    """See the module."""
    if probe.has("nft"):
        return _ruleset(probe.run("nft", "--stateless", "list", "ruleset")) + _legacy(probe) or NO_RULES
    return _saved(probe) or NO_RULES


def _ruleset(output: str) -> str:
    lines = (_without_state(line) for line in output.splitlines() if not line.lstrip().startswith("#"))
    return "\n".join(lines).strip("\n") + "\n" if output.strip() else ""


def _without_state(line: str) -> str:
    return _STATEFUL.sub(lambda found: "counter" if found[0].startswith("counter") else "", line).rstrip()


def _saved(probe: Probe) -> str:
    """The tables of both families, as the machine's own iptables shows them; where that is the one of nftables, then those of the other."""
    if not probe.has("iptables-save"):
        if legacy := _legacy(probe):
            return legacy
        raise NotAvailable("neither nft nor iptables-save is installed")
    text = "".join(_tables(probe, f"{family}tables-save", mark) for family, mark in _FAMILIES.items() if probe.has(f"{family}tables-save"))
    return text + (_legacy(probe, _LEGACY) if _is_of_nftables(probe, "ip") else "")


def _legacy(probe: Probe, mark: str = "") -> str:
    """The rules that ``nft`` does not know of.

    :raises CollectionFailed: if there are any and no program can tell them.
    """
    return "".join(_tables(probe, _teller(probe, family), mark + mine) for family, mine in _loaded(probe))


def _loaded(probe: Probe) -> Iterator[tuple[str, str]]:
    """The families of which the kernel has tables of the older kind."""
    for family, mark in _FAMILIES.items():
        if probe.optional(f"/proc/net/{family}_tables_names").strip():
            yield family, mark


def _teller(probe: Probe, family: str) -> str:
    if probe.has(f"{family}tables-legacy-save"):
        return f"{family}tables-legacy-save"
    if probe.has(f"{family}tables-save") and not _is_of_nftables(probe, family):
        return f"{family}tables-save"
    raise CollectionFailed(f"the kernel has tables of {family}_tables, and {family}tables-legacy-save is not installed to tell their rules")


def _is_of_nftables(probe: Probe, family: str) -> bool:
    """``iptables v1.8.9 (nf_tables)``; the other is ``(legacy)``, and said nothing before there were two."""
    return probe.has(f"{family}tables") and "(nf_tables)" in probe.run(f"{family}tables", "--version")


def _tables(probe: Probe, program: str, mark: str) -> str:
    lines = (line for line in probe.run(program).splitlines() if line.strip() and not line.startswith("#"))
    return "".join(f"{_CHAIN_COUNTERS.sub('[0:0]', _marked(line, mark))}\n" for line in lines)


def _marked(line: str, mark: str) -> str:
    return f"*{mark}{line[1:]}" if line.startswith("*") else line
