"""The name servers and search domains that are in effect: resolv.conf(5), and behind a stub what systemd-resolved asks, for each link.

Not which of several servers is asked at the moment: that changes by itself.
"""

from __future__ import annotations

from changelog_ledger.sources.state.probe import Probe
from changelog_ledger.sources.state.trees import Tree, text_of

_RESOLVED = "/run/systemd/resolve"


def resolvers(probe: Probe) -> str:
    """See the module."""
    tree: dict[str, Tree | list[str] | str] = {"resolv.conf": _resolv(probe.text("/etc/resolv.conf"))}
    if probe.exists(_RESOLVED):
        upstream = probe.optional(f"{_RESOLVED}/resolv.conf")
        tree["systemd-resolved"] = {**_resolv(upstream), **({"links": _links(probe)} if probe.has("resolvectl") else {})}
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
    """``resolvectl dns`` prints ``Link 2 (eth0): 192.0.2.1``, and ``Global: …``. Not to be answered is no empty answer: it is said, not recorded."""
    found: dict[str, dict[str, str]] = {}
    for what in ("dns", "domain"):
        for line in probe.run("resolvectl", "--no-pager", what).splitlines():
            link, _, values = line.partition(":")
            if values.strip() and not link.strip().endswith(("(docker0)",)):
                found.setdefault(link.partition("(")[2].rstrip(")") or link.strip(), {})[what] = " ".join(values.split())
    return found
