"""Routes of IPv4 and IPv6 in every table, and the rules that choose the table (ip-route(8), ip-rule(8)).

The table ``local``, and multicast and broadcast, follow from the addresses. What ages (``expires``, the cache) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from changelog_ledger.sources.state.addresses import listed
from changelog_ledger.sources.state.probe import Probe
from changelog_ledger.sources.state.trees import Tree, one_or_list, text_of

_FAMILIES = {"IPv4": "-4", "IPv6": "-6"}
_FOLLOWING = ("local", "broadcast", "multicast", "anycast")
_SAID = ("gateway", "dev", "protocol", "scope", "prefsrc", "metric", "mtu", "advmss", "initcwnd")
_WORDS = {"gateway": "via", "protocol": "proto", "prefsrc": "src"}
_PASSING = ("veth", "cali", "lxc", "vnet", "tap")


def routes(probe: Probe) -> str:
    """See the module."""
    return text_of({family: _family(probe, option) for family, option in _FAMILIES.items()})


def _family(probe: Probe, option: str) -> Tree:
    tables: dict[str, dict[str, list[str]]] = {}
    for route in listed(probe.run("ip", "-json", option, "route", "show", "table", "all")):
        table = str(route.get("table", "main"))
        if table != "local" and route.get("type") not in _FOLLOWING and "dst" in route and not str(route.get("dev", "")).startswith(_PASSING):
            tables.setdefault(table, {}).setdefault(str(route["dst"]), []).append(_route(route))
    rules: dict[str, list[str]] = {}
    for rule in listed(probe.run("ip", "-json", option, "rule", "show")):
        rules.setdefault(str(rule.get("priority", "")), []).append(_rule(rule))
    return {
        "routes": {table: {to: one_or_list(ways) for to, ways in found.items()} for table, found in tables.items()},
        "rules": {priority: one_or_list(said) for priority, said in rules.items()},
    }


def _route(route: Mapping[str, Any]) -> str:
    kind = [route["type"]] if route.get("type", "unicast") != "unicast" else []
    over = [f"nexthop {' '.join(_words(hop))}" for hop in sorted(route.get("nexthops", []), key=str)]
    return " ".join([*kind, *_words(route), *over])


def _words(route: Mapping[str, Any]) -> Iterator[str]:
    for key in _SAID:
        if key in route:
            yield f"{_WORDS.get(key, key)} {route[key]}"
    if isinstance(route.get("via"), dict):  # a next hop of the other family
        yield f"via {route['via'].get('host', '')}"
    if route.get("weight", 1) != 1:
        yield f"weight {route['weight']}"
    if "onlink" in route.get("flags", []):
        yield "onlink"


def _rule(rule: Mapping[str, Any]) -> str:
    return " ".join(key if value is None else f"{key} {value}" for key, value in sorted(rule.items()) if key not in ("priority", "flags"))
