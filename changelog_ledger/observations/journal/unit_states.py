"""States of services, compared with what they were when one looked last: what the journal does not tell, or no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.journal.entries import instant_of
from changelog_ledger.observations.journal.holding import reference

PROPERTIES = (
    "Id", "Type", "ActiveState", "SubState", "Result", "InvocationID", "MainPID", "ExecMainStartTimestamp", "ActiveEnterTimestamp",
    "InactiveEnterTimestamp", "NRestarts", "TriggeredBy",
)  # fmt: skip
"""What is asked of ``systemctl show`` (org.freedesktop.systemd1(5))."""

States = Mapping[str, Mapping[str, str]]
_JOBS = ("oneshot", "dbus")
_LEFT_OUT = re.compile(r"(?:user@|user-runtime-dir@|run-[ur]?[0-9a-f]).*")
_SOURCE = "systemctl show"


def states_of(text: str) -> dict[str, dict[str, str]]:
    """The services that ``systemctl show`` tells of, by name: blocks of ``Name=value`` with an empty line between them."""
    found: dict[str, dict[str, str]] = {}
    for block in text.split("\n\n"):
        named = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        unit = named.get("Id", "")
        if unit.endswith(".service") and not _LEFT_OUT.fullmatch(unit):
            found[unit] = {name: named.get(name, "") for name in PROPERTIES}
    return found


def timers_of(states: States) -> tuple[str, ...]:
    """The services that timers activate."""
    return tuple(unit for unit, state in states.items() if _is_of_timer(state))


def failed_since(host: str, before: States, now: States, looked_at: datetime, at: datetime) -> Iterator[Seen]:
    """The failures among :func:`compared`: all that is news after a reboot, which starts everything anew."""
    return (each for each in compared(host, before, now, looked_at, at) if each.what == "service-failed")


def compared(host: str, before: States, now: States, looked_at: datetime, at: datetime) -> Iterator[Seen]:
    """What became of services between two looks.

    :param looked_at: when ``before`` was so.
    :param at: when ``now`` is so.
    """
    for unit, state in now.items():
        known = before.get(unit)
        if known is not None:
            yield from _unit(host, unit, known, state, looked_at, at)


def _unit(host: str, unit: str, before: Mapping[str, str], now: Mapping[str, str], looked_at: datetime, at: datetime) -> Iterator[Seen]:
    job = now["Type"] in _JOBS or _is_of_timer(now)
    if now["ActiveState"] == "failed":
        if before["ActiveState"] != "failed" or before["InvocationID"] != now["InvocationID"]:
            result = {"result": now["Result"]} if now["Result"] else {}
            yield _seen(host, "service-failed", unit, f"{unit} failed" + (f": {now['Result']}" if result else ""), now, result, looked_at, at)
    elif job:
        return
    elif now["ActiveState"] == "active" and before["ActiveState"] == "active":
        if _run(before) != _run(now):
            times = {"restarts": int(now["NRestarts"]), "automatic": True} if _counted(before, now) else {}
            data: dict[str, Any] = {"subject": f"unit:{unit}", **times}
            yield _seen(host, "service-restarted", unit, f"{unit} restarted", now, data, looked_at, at)
    elif now["ActiveState"] == "active" and before["ActiveState"] in ("inactive", "failed"):
        yield _seen(host, "service-started", unit, f"{unit} started", now, {}, looked_at, at)
    elif now["ActiveState"] == "inactive" and before["ActiveState"] == "active":
        yield _seen(host, "service-stopped", unit, f"{unit} stopped", now, {}, looked_at, at)


def _is_of_timer(state: Mapping[str, str]) -> bool:
    return any(name.endswith(".timer") for name in state["TriggeredBy"].split())


def _run(state: Mapping[str, str]) -> tuple[str, str]:
    """What is another one after a restart."""
    return state["InvocationID"], state["NRestarts"]


def _counted(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether systemd restarted it by itself: it counts these, until somebody starts the unit."""
    return (
        before["NRestarts"].isdigit()
        and now["NRestarts"].isdigit()
        and len(now["NRestarts"]) < 10
        and int(now["NRestarts"]) > int(before["NRestarts"])
    )


def _seen(host: str, what: str, unit: str, summary: str, now: Mapping[str, str], data: Mapping[str, Any], looked_at: datetime, at: datetime) -> Seen:
    stamp = "ActiveEnterTimestamp" if what in ("service-started", "service-restarted") else "InactiveEnterTimestamp"
    told = instant_of(_microseconds(now[stamp]))
    within = told is not None and looked_at <= told <= at
    moment = told if told is not None and within else at
    ref = reference(host, what, "state", unit, now["InvocationID"], now["NRestarts"], now[stamp] or format_instant(at))
    return Seen(ref, what, moment, summary, not_before=None if within else looked_at, data={"unit": unit, **data}, source=_SOURCE)


def _microseconds(text: str) -> int | None:
    """Of ``@1700000000``, as ``--timestamp=unix`` writes times, or ``@1700000000123456`` (``us+utc`` is not asked for)."""
    digits = text.removeprefix("@")
    return int(digits) * 1_000_000 if text.startswith("@") and digits.isascii() and digits.isdigit() and len(digits) <= 12 else None
