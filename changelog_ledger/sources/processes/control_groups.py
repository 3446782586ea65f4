"""Which service and which container a process belongs to, by its control groups.

``/proc/PID/cgroup`` is described in cgroups(7); how systemd lays units out in systemd.slice(5) and systemd.scope(5). Containers have no common
rule: each runtime names its groups in its own way, and always with the container's id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTAINERS = (
    ("docker", re.compile(r"/docker[/-]([0-9a-f]{12})[0-9a-f]*(?:\.scope)?(?:/|$)")),
    ("podman", re.compile(r"/libpod-(?!conmon)([0-9a-f]{12})[0-9a-f]*(?:\.scope)?(?:/|$)")),
    ("kubernetes", re.compile(r"kubepods[^\n]*?[/-]([0-9a-f]{12})[0-9a-f]{52}(?:\.scope)?(?:/|$)")),
    ("containerd", re.compile(r"/(?:cri-containerd|crio|nerdctl)-([0-9a-f]{12})[0-9a-f]*(?:\.scope)?(?:/|$)")),
    ("lxc", re.compile(r"/lxc(?:\.payload)?[/.]([^/\n]+)")),
    ("nspawn", re.compile(r"/machine\.slice/(?:machine-(?!qemu)|systemd-nspawn@)([^/\n]+?)\.(?:scope|service)")),
)
_MANAGER = re.compile(r"/user@\d+\.service/")


@dataclass(frozen=True, slots=True)
class Membership:
    """Whose a process is; empty texts where it is nobody's.

    :ivar unit: a unit as systemd spells it, ``\\x2d`` and all; a scope or slice is none, except ``init.scope``.
    """

    unit: str = ""
    is_user_unit: bool = False
    container: str = ""


def membership(text: str) -> Membership:
    """What ``/proc/PID/cgroup`` says: version 1 (a line a hierarchy, systemd's among them), version 2 (``0::PATH``), or both."""
    path = _path(text)
    for runtime, pattern in _CONTAINERS:
        if found := pattern.search(text):
            return Membership(container=f"{runtime}:{found[1]}")
    manager = _MANAGER.search(path)
    if manager is None:
        return Membership(_first_unit(path))
    inner = _last_service(path[manager.end() - 1 :])
    return Membership(inner or manager[0].strip("/"), is_user_unit=bool(inner))


def _path(text: str) -> str:
    """Where systemd has put it: its own hierarchy of version 1 if there is one, else that of version 2."""
    paths = {controllers: path for _, controllers, path in (_fields(line) for line in text.split("\n"))}
    own = paths.get("name=systemd", "")
    return own if own.strip("/") else paths.get("", "")


def _fields(line: str) -> tuple[str, str, str]:
    number, _, rest = line.partition(":")
    controllers, _, path = rest.partition(":")
    return number, controllers if path else "?", path


def _first_unit(path: str) -> str:
    """The service itself: below it there may be groups, and services, of its own making (``Delegate=``)."""
    for name in path.split("/"):
        if name.endswith(".service") or name == "init.scope":
            return name
    return ""


def _last_service(path: str) -> str:
    services = [name for name in path.split("/") if name.endswith(".service")]
    return services[0] if services else ""
