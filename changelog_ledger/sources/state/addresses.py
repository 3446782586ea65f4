"""Interfaces with MAC, MTU, whether they are up, and addresses (ip-address(8)); no counters, no lifetimes.

An IPv6 privacy address (RFC 8981) is replaced every day, so of it only the network is told. The host's end of a container's cable (``veth``)
comes and goes with the container and is left out, as are what runs inside and its addresses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import ip_interface
from typing import Any

from changelog_ledger.sources.state.probe import CollectionFailed, Probe
from changelog_ledger.sources.state.trees import Tree, text_of

_PASSING_KINDS = ("veth",)
_PASSING_NAMES = ("veth", "cali", "lxc", "vnet", "tap")


def addresses(probe: Probe) -> str:
    """See the module."""
    return text_of({link["ifname"]: _interface(link) for link in listed(probe.run("ip", "-json", "-details", "address", "show")) if _stays(link)})


def listed(output: str) -> list[dict[str, Any]]:
    """What ``ip -json`` prints; it leaves out what it has nothing to say of.

    :raises CollectionFailed: if it is no such list.
    """
    try:
        rows = json.loads(output or "[]")
    except ValueError as error:
        raise CollectionFailed(f"ip prints no JSON: {error}") from error
    return [row for row in rows if row]


def _stays(link: Mapping[str, Any]) -> bool:
    kind = link.get("linkinfo", {}).get("info_kind", "")
    return "ifname" in link and kind not in _PASSING_KINDS and not link["ifname"].startswith(_PASSING_NAMES)


def _interface(link: Mapping[str, Any]) -> Tree:
    flags = link.get("flags", [])
    kind = link.get("linkinfo", {}).get("info_kind") or link.get("link_type", "")
    return {
        "kind": str(kind),
        "mac": str(link.get("address", "")),
        "mtu": str(link.get("mtu", "")),
        "state": "down" if "UP" not in flags else "up" if "LOWER_UP" in flags else "up, no carrier",
        **({"master": str(link["master"])} if "master" in link else {}),
        "addresses": sorted({_address(entry) for entry in link.get("addr_info", []) if "local" in entry}),
    }


def _address(entry: Mapping[str, Any]) -> str:
    written = f"{entry['local']}/{entry.get('prefixlen', '')}"
    if entry.get("temporary"):
        return f"{ip_interface(written).network} (temporary)"
    return written
