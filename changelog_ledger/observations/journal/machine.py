"""The machine itself: boots, shutdowns, jumps of its clock, processes killed for want of memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.observations.journal import message_ids as ids
from changelog_ledger.observations.journal.entries import Entry
from changelog_ledger.observations.journal.holding import Held, Memory, reference, remembered
from changelog_ledger.observations.journal.units import without_stops

SMALLEST_JUMP = 30.0
"""Seconds by which wall clock and monotonic clock may part between two entries. A clock that is slewed parts by less than a thousandth besides
(adjtimex(2): at most 500 parts per million)."""
SMALLEST_STEP = 1.0
"""Seconds from which a step that a time service tells of is recorded."""
LONGEST_STARTUP = timedelta(minutes=10)
"""A machine that has not said so by then has started all the same."""
LONGEST_SHUTDOWN = timedelta(minutes=30)
"""A machine that has not stopped by then goes on."""

_BEGINS_AT_BOOT = 120 * 1_000_000
"""Microseconds after a boot within which the first entry that is known of it shows that it was booted just then."""
_SHUTDOWN_UNITS = frozenset(("shutdown.target", "reboot.target", "poweroff.target", "halt.target", "kexec.target"))
_KERNEL = re.compile(r"Linux version (\S+)")
_SHUTDOWN = re.compile(
    r"(?:The )?[Ss]ystem (?:is|will) (?:be )?(?:powering down|powering off|rebooting|halting|reboot|going down|power off|kexec)", re.IGNORECASE
)
_SHUTDOWN_TARGET = re.compile(r"Reached target (?:shutdown\.target|System Shutdown|Shutdown|System Reboot|Power-Off|System Power Off|reboot\.target)")
_STARTUP_FINISHED = re.compile(r"Startup finished in ")
_STEPS = (
    re.compile(r"System clock was stepped by (-?[0-9.]{1,20}) seconds"),  # chronyd
    re.compile(r"(?:step time server \S+ offset|time reset|time set|step-systime:? offset:?) ([+-]?[0-9.]{1,20}) ?s"),  # ntpdate, ntpd
)
_TIME_SERVICES = frozenset(("chronyd", "ntpd", "ntpdate", "ntpsec", "sntp", "systemd-timesyncd"))
_OOM_GROUP = re.compile(r"oom-kill:.*?task_memcg=([^,]*),task=([^,]*),pid=(\d+)")
_OOM_KILL = re.compile(r"(?:^|: )[Kk]illed process (\d+)(?:, UID \d+,)? \(([^)]*)\)")
_UNIT_OF_GROUP = re.compile(r"([^/]+\.service)(?:/|$)")
_SLEEP = re.compile(r"PM: suspend (entry|exit)|PM: hibernation: hibernation (entry|exit)")
_OOM_MOMENT = timedelta(seconds=10)


class Machine:
    """What becomes of a machine, entry after entry."""

    def __init__(self, host: str, memory: Memory, held: Held) -> None:
        """Of a host; ``memory`` is kept up to date."""
        self._host = host
        self._held = held
        self._memory: Memory = memory.setdefault("machine", {})

    @property
    def turning(self) -> bool:
        """Whether it is starting or stopping."""
        return bool(self._memory.get("starting") or self._memory.get("stopping"))

    def read(self, entry: Entry) -> Iterator[Seen]:
        """What an entry tells."""
        yield from self._boot(entry)
        self._end_of_syslog(entry)
        self._end_of_startup(entry)
        yield from self._clock(entry)
        yield from self._shutdown(entry)
        yield from self._out_of_memory(entry)

    def _boot(self, entry: Entry) -> Iterator[Seen]:
        memory = self._memory
        kernel = _KERNEL.match(_without_uptime(entry.message)) if entry.identifier == "kernel" else None
        if not entry.boot and kernel is None:
            return
        known: Memory = memory.setdefault("boots", {})
        identity = entry.boot or format_instant(entry.at)
        if identity in known:
            return
        before, looked_at = memory.get("boot", ""), memory.get("last")
        clean, fresh = (
            bool(memory.get("stopping") or memory.get("quit")),
            not entry.boot or (entry.monotonic is not None and entry.monotonic <= _BEGINS_AT_BOOT),
        )
        memory |= {"boot": identity, "starting": format_instant(entry.at) if before or fresh else "", "stopping": "", "last": None, "asleep": False}
        remembered(known, identity, True)
        self._held.drop("stop:")
        if before or fresh:
            yield self._rebooted(entry, kernel[1] if kernel else "", before, clean, looked_at is not None)

    def _rebooted(self, entry: Entry, kernel: str, before: str, clean: bool, watched: bool) -> Seen:
        data: dict[str, Any] = {"boot_id": entry.boot} if entry.boot else {}
        data |= {"kernel": kernel} if kernel else {}
        data |= {"previous_boot_id": before} if before and entry.boot else {}
        data |= {"unclean": not clean} if watched else {}
        summary = "rebooted" if clean or not watched else "rebooted without having been shut down"
        ref = reference(self._host, "reboot", entry.boot or format_instant(entry.at))
        return Seen(ref, "reboot", entry.at, summary + (f", kernel {kernel}" if kernel else ""), data=data, source=entry.source)

    def _end_of_syslog(self, entry: Entry) -> None:
        """A syslog may not hold the word that the machine goes down, for its daemon was stopped before: that this was its last word says it."""
        if entry.identifier == "rsyslogd":
            self._memory["quit"] = "exiting on signal" in entry.message
        elif entry.identifier not in ("kernel", "systemd"):
            self._memory["quit"] = False

    def _end_of_startup(self, entry: Entry) -> None:
        starting, stopping = self._memory.get("starting"), self._memory.get("stopping")
        if stopping and entry.at - parse_instant(stopping) > LONGEST_SHUTDOWN:
            self._memory["stopping"] = ""
        if not starting:
            return
        finished = entry.message_id == ids.STARTUP_FINISHED or (entry.identifier == "systemd" and _STARTUP_FINISHED.match(entry.message))
        if finished or entry.at - parse_instant(starting) > LONGEST_STARTUP:
            self._memory["starting"] = ""

    def _clock(self, entry: Entry) -> Iterator[Seen]:
        memory = self._memory
        jumped = self._parted(entry)
        self._sleep(entry)
        told = _step(entry)
        if jumped is not None:
            memory["jumped"] = jumped
            yield self._jump(entry, jumped)
        elif told is not None and abs(told) >= SMALLEST_STEP and not _is_same_jump(memory.pop("jumped", None), told):
            yield self._jump(entry, told)
        if entry.boot == memory.get("boot", "") or not entry.boot:
            memory["last"] = [_microseconds(entry), entry.monotonic]

    def _parted(self, entry: Entry) -> float | None:
        """Seconds by which the wall clock went further than the monotonic one since the entry before."""
        last = self._memory.get("last")
        if not last or last[1] is None or entry.monotonic is None or entry.boot != self._memory.get("boot"):
            return None
        passed: float = (entry.monotonic - last[1]) / 1e6
        parted: float = (_microseconds(entry) - last[0]) / 1e6 - passed
        if passed < 0 or abs(parted) < SMALLEST_JUMP + abs(passed) / 1000:
            return None
        if self._memory.get("asleep"):
            self._memory["asleep"] = False
            return None
        return round(parted, 3)

    def _sleep(self, entry: Entry) -> None:
        """While it sleeps the monotonic clock stands, which is no jump of the other."""
        found = _SLEEP.search(entry.message) if entry.identifier == "kernel" else None
        if entry.message_id == ids.SLEEP_BEGAN or (found and "entry" in found[0]):
            self._memory["asleep"] = True
        elif entry.message_id == ids.SLEEP_ENDED:
            self._memory["asleep"] = False

    def _jump(self, entry: Entry, seconds: float) -> Seen:
        way = "forward" if seconds > 0 else "back"
        ref = reference(self._host, "clock-jump", format_instant(entry.at), entry.boot, f"{seconds:.3f}")
        return Seen(ref, "clock-jump", entry.at, f"the clock went {way} by {abs(seconds):g} s", data={"seconds": seconds}, source=entry.source)

    def _shutdown(self, entry: Entry) -> Iterator[Seen]:
        if self._memory.get("stopping") or not _says_shutdown(entry):
            return
        self._memory |= {"stopping": format_instant(entry.at), "starting": ""}
        without_stops(self._held)
        ref = reference(self._host, "shutdown", format_instant(entry.at), entry.boot)
        data = {"boot_id": entry.boot} if entry.boot else {}
        yield Seen(ref, "shutdown", entry.at, "shut down", data=data, source=entry.source)

    def _out_of_memory(self, entry: Entry) -> Iterator[Seen]:
        if entry.message_id in (ids.OUT_OF_MEMORY, ids.KILLED_BY_OOMD):
            yield self._killed(self._held.taken("oom"), entry)
        elif entry.identifier == "kernel":
            yield from self._kernel_killed(entry)

    def _killed(self, kernel: Seen | None, entry: Entry) -> Seen:
        if kernel is None:
            ref = reference(self._host, "oom-kill", format_instant(entry.at), entry.unit)
            summary = f"a process of {entry.unit or 'no unit that is known'} was killed: out of memory"
            return Seen(ref, "oom-kill", entry.at, summary, data={"unit": entry.unit} if entry.unit else {}, source=entry.source)
        return replace(kernel, data={"unit": entry.unit, **kernel.data}) if entry.unit else kernel

    def _kernel_killed(self, entry: Entry) -> Iterator[Seen]:
        group = _OOM_GROUP.search(entry.message)
        if group:
            of_unit = _UNIT_OF_GROUP.search(group[1])
            self._memory["oom"] = {"pid": group[3], "unit": of_unit[1] if of_unit else ""}
            return
        killed = _OOM_KILL.search(_without_uptime(entry.message))
        if not killed:
            return
        before = self._held.taken("oom")
        if before is not None:
            yield before
        known: Memory = self._memory.pop("oom", {})
        unit: str = known.get("unit", "") if known.get("pid") == killed[1] else ""
        data: dict[str, Any] = {"process": killed[2], "pid": int(killed[1]), **({"unit": unit} if unit else {})}
        ref = reference(self._host, "oom-kill", format_instant(entry.at), killed[1], killed[2])
        summary = f"{killed[2]} ({killed[1]}) was killed: out of memory"
        self._held.hold("oom", Seen(ref, "oom-kill", entry.at, summary, data=data, source=entry.source), _OOM_MOMENT)


def _step(entry: Entry) -> float | None:
    """The seconds of a step that a time service tells of."""
    if entry.identifier not in _TIME_SERVICES:
        return None
    found = next((found for rule in _STEPS if (found := rule.search(entry.message))), None)
    return _seconds(found[1]) if found else None


def _is_same_jump(seen: float | None, told: float) -> bool:
    """Whether a time service tells of what the clocks have shown already; the entries between which they did lie seconds apart."""
    return seen is not None and abs(seen - told) <= SMALLEST_JUMP / 6


def _says_shutdown(entry: Entry) -> bool:
    if entry.message_id == ids.SHUTDOWN or (entry.message_id == ids.STARTED and entry.unit in _SHUTDOWN_UNITS):
        return True
    if entry.identifier == "systemd-logind":
        return bool(_SHUTDOWN.match(entry.message))
    if entry.identifier == "systemd":
        return bool(_SHUTDOWN_TARGET.match(entry.message))
    return entry.identifier == "systemd-shutdown"


def _without_uptime(message: str) -> str:
    """A kernel's message without the ``[    0.000000] `` that a syslog has before it."""
    return re.sub(r"^\[\s*\d+\.\d+\] ", "", message, count=1)


def _microseconds(entry: Entry) -> int:
    since = entry.at - parse_instant("1970-01-01T00:00:00Z")
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
