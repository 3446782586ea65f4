"""The rules in force: nftables (nft(8)), else those of iptables-save(8) and ip6tables-save; without counters, handles and times."""

from __future__ import annotations

import re

from changelog_ledger.sources.state.probe import NotAvailable, Probe

_STATEFUL = re.compile(r"\bcounter packets \d+ bytes \d+|\bexpires \w+|\blast used \w+| # handle \d+")
_CHAIN_COUNTERS = re.compile(r"\[\d+:\d+\]")
NO_RULES = "# no rules\n"


def firewall(probe: Probe) -> str:
    """See the module."""
    try:
        return _ruleset(probe.run("nft", "--stateless", "list", "ruleset"))
    except NotAvailable:
        return _saved(probe)


def _ruleset(output: str) -> str:
    lines = (_without_state(line) for line in output.splitlines() if not line.lstrip().startswith("#"))
    return "\n".join(lines).strip("\n") + "\n" if output.strip() else NO_RULES


def _without_state(line: str) -> str:
    return _STATEFUL.sub(lambda found: "counter" if found[0].startswith("counter") else "", line).rstrip()


def _saved(probe: Probe) -> str:
    """The tables of both families; those of IPv6 are called so: ``*ip6-filter``."""
    text = _tables(probe.run("iptables-save"))
    if probe.has("ip6tables-save"):
        text += re.sub(r"(?m)^\*", "*ip6-", _tables(probe.run("ip6tables-save")))
    return text or NO_RULES


def _tables(output: str) -> str:
    return "".join(f"{_CHAIN_COUNTERS.sub('[0:0]', line)}\n" for line in output.splitlines() if line.strip() and not line.startswith("#"))
