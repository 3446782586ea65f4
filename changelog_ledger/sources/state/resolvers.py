"""The name servers and search domains that are in effect: resolv.conf(5), and behind a stub what systemd-resolved asks, for each link.

Not which of several servers is asked at the moment: that changes by itself.
"""

from __future__ import annotations

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.state.trees import Tree, text_of

_RESOLVED = "/run/systemd/resolve"


def resolvers(probe: Probe) -> str:
    """See the module."""
    tree: dict[str, Tree | list[str] | str] = {"resolv.conf": _resolv(probe.text("/etc/resolv.conf"))}
    if probe.exists(_RESOLVED):
        upstream = probe.optional(f"{_RESOLVED}/resolv.conf")
        tree["systemd-resolved"] = {**_resolv(upstream), "links": _links(probe)}
    return text_of(tree)


def _resolv(text: str) -> Tree:
    """The order of servers and domains counts, so it is said."""
    found: dict[str, list[str]] = {"nameserver": [], "search": [], "options": []}
    for line in text.splitlines():
        key, *values = line.split("#")[0].split(";")[0].split() or [""]
        if key in ("search", "domain"):  # the last one counts
            found["search"] = values
        elif key == "options":
            found[key] += sorted(values)
        elif key == "nameserver":
            found[key] += values[:1]
    return {key: " ".join(values) for key, values in found.items() if values}


def _links(probe: Probe) -> Tree:
    """``resolvectl dns`` prints ``Link 2 (eth0): 192.0.2.1``, and ``Global: …``."""
    found: dict[str, dict[str, str]] = {}
    for what in ("dns", "domain"):
        try:
            output = probe.run("resolvectl", "--no-pager", what)
        except (NotAvailable, CollectionFailed):  # the daemon is not running, or its tool is not installed: its file has said what it could
            continue
        for line in output.splitlines():
            link, _, values = line.partition(":")
            if values.strip() and not link.strip().endswith(("(docker0)",)):
                found.setdefault(link.partition("(")[2].rstrip(")") or link.strip(), {})[what] = " ".join(values.split())
    return found
