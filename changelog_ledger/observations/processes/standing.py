"""What was recorded as pending, read back from observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.model.evidence import Observation


@dataclass(frozen=True, slots=True)
class Standing:
    """A restart or reboot that was pending when it was last looked.

    :ivar identities: the processes that it was about, those that it names.
    :ivar commands: their names.
    :ivar label: what people were told of: ``ovs-vswitchd (openvswitch-switch.service)``.
    :ivar installed: the kernel that is to be booted, of a reboot; ``packages`` those that ask for it.
    """

    ref: str
    subject: str
    at: datetime
    boot_id: str
    files: frozenset[str]
    identities: frozenset[tuple[int, int]]
    commands: frozenset[str]
    unit: str = ""
    label: str = ""
    installed: str = ""
    packages: frozenset[str] = frozenset()


def standing_of(seen: Observation) -> Standing:
    """The recorded observation; what its data lack is empty."""
    processes = [each for each in _list(seen.data.get("processes")) if isinstance(each, Mapping)]
    return Standing(
        ref=_text(seen.data.get("ref")),
        subject=_text(seen.data.get("subject")),
        at=seen.at,
        boot_id=_text(seen.data.get("boot_id")),
        files=frozenset(file for file in _list(seen.data.get("files")) if isinstance(file, str)),
        identities=frozenset(identity for each in processes if (identity := _identity(each)) is not None),
        commands=frozenset(_text(each.get("command")) for each in processes),
        unit=_text(seen.data.get("unit")),
        label=_text(seen.data.get("label")),
        installed=_text(seen.data.get("installed")),
        packages=frozenset(name for name in _list(seen.data.get("packages")) if isinstance(name, str)),
    )


def _identity(process: Mapping[str, object]) -> tuple[int, int] | None:
    pid, ticks = process.get("pid"), process.get("started_ticks")
    return (pid, ticks) if isinstance(pid, int) and isinstance(ticks, int) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
