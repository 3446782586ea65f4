"""systemd's units: started, stopped, restarted, reloaded, failed.

Recorded are services, and failures of every kind of unit. Left out is what is no news: scopes, slices and devices; the managers and runtime
folders of logged-in users; everything that starts while the machine starts and stops while it stops (the ``reboot`` tells that); jobs: oneshot
services (systemd says ``Finished`` of them), services of timers, and whatever ends by itself, successfully, within a minute. Their failures are
recorded. A unit that fails again and again is told the first, second, fourth, eighth … time of every hour of the clock: one that crashes every five
seconds would else fill the ledger. The reference of a failure follows from the hour and that number, so that a part of a journal, which begins to
count later, tells nothing that the whole did not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.observations.journal import message_ids as ids
from changelog_ledger.observations.journal.entries import Entry
from changelog_ledger.observations.journal.holding import MOMENT, Held, Memory, reference, remembered

_LEFT_OUT = re.compile(r"(?:user@|user-runtime-dir@|run-[ur]?[0-9a-f]).*|.*\.(?:scope|slice|device)")
_EXIT = re.compile(r"code=(\w+), status=(\S+)")
_RESULT = re.compile(r"Failed with result '([\w-]+)'")
_COUNTER = re.compile(r"restart counter is at (\d+)")


class Units:
    """What becomes of units, entry after entry."""

    def __init__(self, host: str, memory: Memory, held: Held) -> None:
        """Of a host; ``memory`` is kept up to date."""
        self._host = host
        self._held = held
        self._units: Memory = memory.setdefault("units", {})
        self._timers: Memory = memory.setdefault("timers", {})
        self._rules = {
            ids.STARTED: self._started,
            ids.STOPPING: self._stopping,
            ids.STOPPED: self._stopped,
            ids.START_FAILED: self._start_failed,
            ids.RELOADED: self._reloaded,
            ids.SUCCEEDED: self._succeeded,
            ids.FAILED: self._failed,
            ids.PROCESS_EXITED: self._exited,
            ids.RESTART_SCHEDULED: self._scheduled,
        }

    def know_timers(self, units: Iterator[str] | tuple[str, ...]) -> None:
        """These units are activated by timers."""
        for unit in units:
            remembered(self._timers, unit, True)

    def read(self, entry: Entry, *, turning: bool) -> Iterator[Seen]:
        """What an entry tells.

        :param turning: the machine is starting or stopping.
        """
        rule = self._rules.get(entry.message_id)
        if rule is None or not entry.unit:
            return
        if entry.unit.endswith(".timer") and entry.message_id == ids.STARTED:
            remembered(self._timers, entry.unit.removesuffix(".timer") + ".service", True)
        if not _LEFT_OUT.fullmatch(entry.unit):
            yield from rule(entry, turning)

    def _of(self, entry: Entry) -> Memory:
        known: Memory = self._units.pop(entry.unit, {})
        remembered(self._units, entry.unit, known)
        return known

    def _is_job(self, entry: Entry) -> bool:
        return entry.unit in self._timers or not entry.unit.endswith(".service") or entry.message.startswith("Finished ")

    def _started(self, entry: Entry, turning: bool) -> Iterator[Seen]:
        unit = self._of(entry)
        stop = self._held.taken(f"stop:{entry.unit}")
        scheduled = unit.pop("scheduled", None)
        unit.pop("stopping", None)
        succeeded = unit.pop("succeeded", "")
        if turning or self._is_job(entry) or (succeeded and scheduled is None and stop is None and _just_now(succeeded, entry.at)):
            return
        automatic = scheduled is not None and _recent(scheduled["at"], entry.at)
        if automatic and (scheduled.get("is_first") or (scheduled.get("failed") and unit.get("quiet"))):
            return  # where nothing is known of how it ended, the reading begins in its midst
        if stop is not None or automatic:
            yield self._restarted(entry, stop, scheduled if automatic else None)
        else:
            self._held.hold(f"start:{entry.unit}", self._seen(entry, "service-started", f"{entry.unit} started"))

    def _restarted(self, entry: Entry, stop: Seen | None, scheduled: Memory | None) -> Seen:
        times: int | None = scheduled["n"] if scheduled else None
        data: dict[str, Any] = {"subject": f"unit:{entry.unit}"}
        data |= {"stopped_at": format_instant(stop.at)} if stop else {}
        data |= {"automatic": True, "restarts": times} if times is not None else {}
        how = f"{entry.unit} restarted" if times is None else f"{entry.unit} restarted by systemd after it ended"
        seen = self._seen(entry, "service-restarted", how + (f", for the {_ordinal(times)} time" if times and times > 1 else ""), **data)
        after: str = scheduled.get("failed", "") if scheduled else ""
        return replace(seen, ref=reference(self._host, seen.what, entry.unit, after, entry.boot)) if after else seen

    def _stopping(self, entry: Entry, _turning: bool) -> Iterator[Seen]:
        self._of(entry)["stopping"] = format_instant(entry.at)
        yield from ()

    def _stopped(self, entry: Entry, turning: bool) -> Iterator[Seen]:
        start = self._held.taken(f"start:{entry.unit}")
        self._of(entry).pop("stopping", None)
        if start is not None:
            yield start
        if not turning and not self._is_job(entry):
            self._held.hold(f"stop:{entry.unit}", self._seen(entry, "service-stopped", f"{entry.unit} stopped"))

    def _succeeded(self, entry: Entry, _turning: bool) -> Iterator[Seen]:
        unit = self._of(entry)
        if "stopping" not in unit:  # it came to its end by itself: a job, or what is started when it is asked for
            self._held.drop(f"start:{entry.unit}")
            unit["succeeded"] = format_instant(entry.at)  # before version 246 systemd says "Started" of an oneshot service, when it is over
        yield from ()

    def _exited(self, entry: Entry, _turning: bool) -> Iterator[Seen]:
        found = _EXIT.search(entry.message)
        code = entry.field("EXIT_CODE") or (found[1] if found else "")
        status = entry.field("EXIT_STATUS") or (found[2].partition("/")[0] if found else "")
        self._of(entry)["exit"] = {"code": code, "status": status, "at": format_instant(entry.at)}
        yield from ()

    def _failed(self, entry: Entry, _turning: bool) -> Iterator[Seen]:
        unit = self._of(entry)
        start = self._held.taken(f"start:{entry.unit}")
        if start is not None:
            yield start
        found = _RESULT.search(entry.message)
        result = entry.field("UNIT_RESULT") or (found[1] if found else "")
        ended = unit.pop("exit", None)
        times = _counted(unit, entry.at)
        if not unit["quiet"]:
            seen = self._failure(entry, result, ended if ended and _recent(ended["at"], entry.at) else None, times)
            yield self._numbered(seen, entry, unit)

    def _failure(self, entry: Entry, result: str, ended: Memory | None = None, times: int = 1) -> Seen:
        data: dict[str, Any] = {"result": result} if result else {}
        summary = f"{entry.unit} failed" + (f": {result}" if result else "")
        if ended:
            data |= {name: ended[key] for name, key in (("exit_code", "code"), ("exit_status", "status")) if ended[key]}
            summary += f" ({' '.join(text for text in (ended['code'], ended['status']) if text)})"
        data |= {"failures": times} if times > 1 else {}
        summary += f", for the {_ordinal(times)} time" if times > 1 else ""
        return self._seen(entry, "service-failed", summary, **data)

    def _start_failed(self, entry: Entry, _turning: bool) -> Iterator[Seen]:
        unit = self._of(entry)
        if "failed" in unit and _recent(unit["failed"], entry.at):
            return  # its own failure said so before
        times = _counted(unit, entry.at)
        if not unit["quiet"]:
            yield self._numbered(self._failure(entry, f"start {_result(entry) or 'failed'}", times=times), entry, unit)

    def _numbered(self, seen: Seen, entry: Entry, unit: Memory) -> Seen:
        return replace(seen, ref=reference(self._host, seen.what, entry.unit, unit["number"], entry.boot))

    def _reloaded(self, entry: Entry, turning: bool) -> Iterator[Seen]:
        result = _result(entry) or ("failed" if "ailed" in entry.message else "done")
        if result != "done":
            yield self._failure(entry, f"reload {result}")
        elif not turning and not self._is_job(entry):
            yield self._seen(entry, "service-reloaded", f"{entry.unit} reloaded")

    def _scheduled(self, entry: Entry, _turning: bool) -> Iterator[Seen]:
        found = _COUNTER.search(entry.message)
        text = entry.field("N_RESTARTS") or (found[1] if found else "")
        times = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
        is_first = entry.unit not in self._units
        unit = self._of(entry)
        after_failure = "failed" in unit and _recent(unit["failed"], entry.at)
        unit["scheduled"] = {
            "at": format_instant(entry.at),
            "n": times,
            "is_first": is_first,
            "failed": unit.get("number", "") if after_failure else "",
        }
        yield from ()

    def _seen(self, entry: Entry, what: str, summary: str, **data: Any) -> Seen:
        ref = reference(self._host, what, entry.unit, format_instant(entry.at), entry.boot)
        return Seen(ref, what, entry.at, summary, data={"unit": entry.unit, **data}, source=entry.source)


def without_stops(held: Held) -> None:
    """The machine stops: what waited for a start of its unit was part of that."""
    held.drop("stop:")


def _counted(unit: Memory, now: datetime) -> int:
    """How often a unit has failed in this hour of the clock; ``quiet`` is set where that is not worth a word."""
    hour = f"{now:%Y-%m-%dT%H}"
    times = int(unit.get("failures", 0)) + 1 if unit.get("hour") == hour else 1
    unit |= {"failed": format_instant(now), "hour": hour, "failures": times, "number": f"{hour} {times}", "quiet": times & (times - 1) != 0}
    return times


def _just_now(at: str, now: datetime) -> bool:
    return abs(now - parse_instant(at)) <= timedelta(seconds=2)


def _result(entry: Entry) -> str:
    """How a job ended; ``RESULT`` before version 220."""
    return entry.field("JOB_RESULT") or entry.field("RESULT")


def _recent(at: str, now: datetime) -> bool:
    return abs(now - parse_instant(at)) <= MOMENT


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
