"""Timers and units of systemd (systemctl(1)): what is enabled, what is to run when; no process numbers, no times of the last or next run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from changelog_ledger.sources.state.probe import Probe
from changelog_ledger.sources.state.trees import Tree, text_of
from changelog_ledger.sources.systemctl import asked

_TIMER = ("Id", "Unit", "TimersCalendar", "TimersMonotonic", "UnitFileState", "ActiveState")
_WHEN = re.compile(r"\{ (?P<key>\w+)=(?P<value>.*?) ;")
_KINDS = "service,socket,path,mount,automount,swap"
_WHOLE_LINES = ("--plain", "--no-legend", "--full")
_RUNS_BY_ITSELF = ("enabled", "enabled-runtime", "linked", "linked-runtime", "generated")
_PASSING = re.compile(r"(run-|session-|snap-|user@\d|user-runtime-dir@\d|var-lib-docker|var-lib-containers|var-lib-kubelet|media-).*")


def timers(probe: Probe) -> str:
    """Every timer that is loaded: its calendar or interval, the unit it starts, whether it is enabled and active."""
    found: dict[str, Tree] = {}
    for timer in _blocks(asked(probe, "show", "*.timer", f"--property={','.join(_TIMER)}")):
        when = [f"{match['key']}={match['value']}" for key in ("TimersCalendar", "TimersMonotonic") for match in _WHEN.finditer(timer.get(key, ""))]
        found[timer["Id"]] = {
            "when": sorted(when),
            "unit": timer.get("Unit", ""),
            "enablement": timer.get("UnitFileState", ""),
            "state": timer.get("ActiveState", ""),
        }
    return text_of(found)


def services(probe: Probe) -> str:
    """Every unit file with its enablement, and the state of what is enabled.

    Units that something else starts when it needs them come and go: of them it is told only that they have failed.
    """
    enablement = dict(_columns(asked(probe, "list-unit-files", f"--type={_KINDS}", *_WHOLE_LINES)))
    tree: dict[str, dict[str, str]] = {unit: {"enablement": state} for unit, state in enablement.items() if not _PASSING.fullmatch(unit)}
    for unit, load, active, sub in _loaded(probe):
        state = _state(enablement.get(unit) or enablement.get(re.sub(r"@.*\.", "@.", unit), ""), load, active, sub)
        if state and not _PASSING.fullmatch(unit):
            tree.setdefault(unit, {})["state"] = state
    return text_of(tree)


def _state(enablement: str, load: str, active: str, sub: str) -> str:
    """How a unit stands, without what changes by itself; empty where that is all there is to say."""
    if load not in ("loaded", "masked"):
        return load
    if active == "failed":
        return "failed"
    if enablement not in _RUNS_BY_ITSELF:
        return ""
    return "restarting" if sub == "auto-restart" else active


def _loaded(probe: Probe) -> Iterator[tuple[str, str, str, str]]:
    output = asked(probe, "list-units", "--all", f"--type={_KINDS}", *_WHOLE_LINES)
    for line in output.splitlines():
        words = line.split(None, 4)
        if len(words) >= 4:
            yield words[0], words[1], words[2], words[3]


def _columns(output: str) -> Iterator[tuple[str, str]]:
    for line in output.splitlines():
        words = line.split()
        if len(words) >= 2:
            yield words[0], words[1]


def _blocks(output: str) -> Iterator[Mapping[str, str]]:
    """``systemctl show`` prints a block of ``Key=value`` for each unit; a key that is set several times comes several times."""
    for block in output.split("\n\n"):
        found: dict[str, str] = {}
        for line in block.splitlines():
            key, _, value = line.partition("=")
            found[key] = " ".join(filter(None, (found.get(key), value)))
        if found.get("Id"):
            yield found
