"""A journal as systemd writes it, made by hand: entries in the form of ``journalctl -o json``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.observations.journal import message_ids as ids
from changelog_ledger.observations.journal.entries import entry_of_line
from changelog_ledger.observations.journal.reading import JournalReading

HOST = "hv-03"
FAR = datetime(2100, 1, 1, tzinfo=UTC)
FIRST_BOOT = "0d1c2b3a4f5e46879a8b7c6d5e4f3a2b"
NEXT_BOOT = "1d1c2b3a4f5e46879a8b7c6d5e4f3a2b"


@dataclass
class MadeJournal:
    """Entries with a wall clock and a monotonic one, which go on together unless one is told otherwise."""

    now: datetime = datetime(2025, 6, 1, 3, 12, 0, tzinfo=UTC)
    monotonic: int = 86_400_000_000
    boot: str = FIRST_BOOT
    entries: list[dict[str, Any]] = field(default_factory=list)

    def tick(self, seconds: float = 1.0) -> MadeJournal:
        self.now += timedelta(seconds=seconds)
        self.monotonic += int(seconds * 1_000_000)
        return self

    def set_clock(self, seconds: float) -> MadeJournal:
        """The wall clock alone goes on."""
        self.now += timedelta(seconds=seconds)
        return self

    def booted(self, boot: str = NEXT_BOOT, after: float = 40) -> MadeJournal:
        self.now += timedelta(seconds=after)
        self.monotonic, self.boot = 1_500_000, boot
        return self.kernel("Linux version 6.1.0-40-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP", priority=5)

    def says(self, identifier: str, message: Any, pid: int = 812, **fields: Any) -> MadeJournal:
        realtime = round((self.now - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
        self.entries.append(
            {
                "__CURSOR": f"s=9e1;i={len(self.entries):x};b={self.boot};m={self.monotonic:x};t={realtime:x}",
                "__REALTIME_TIMESTAMP": str(realtime),
                "__MONOTONIC_TIMESTAMP": str(self.monotonic),
                "_BOOT_ID": self.boot,
                "_TRANSPORT": "kernel" if identifier == "kernel" else "syslog",
                "SYSLOG_IDENTIFIER": identifier,
                "PRIORITY": "6",
                "_PID": str(pid),
                "MESSAGE": message,
                **fields,
            }
        )
        return self.tick(0.01)

    def kernel(self, message: str, priority: int = 3) -> MadeJournal:
        return self.says("kernel", message, PRIORITY=str(priority))

    def unit(self, message_id: str, unit: str, message: str, **fields: str) -> MadeJournal:
        return self.says("systemd", message, 1, MESSAGE_ID=message_id, UNIT=unit, _TRANSPORT="journal", **fields)

    def started(self, unit: str, verb: str = "Started") -> MadeJournal:
        return self.unit(ids.STARTED, unit, f"{verb} {unit} - A unit.", JOB_TYPE="start", JOB_RESULT="done")

    def stopped(self, unit: str) -> MadeJournal:
        self.unit(ids.STOPPING, unit, f"Stopping {unit} - A unit...", JOB_TYPE="stop")
        self.unit(ids.SUCCEEDED, unit, f"{unit}: Deactivated successfully.")
        return self.unit(ids.STOPPED, unit, f"Stopped {unit} - A unit.", JOB_TYPE="stop", JOB_RESULT="done")

    def failed(self, unit: str, status: str = "1", result: str = "exit-code") -> MadeJournal:
        words = f"{unit}: Main process exited, code=exited, status={status}/FAILURE"
        self.unit(ids.PROCESS_EXITED, unit, words, EXIT_CODE="exited", EXIT_STATUS=status)
        return self.unit(ids.FAILED, unit, f"{unit}: Failed with result '{result}'.", UNIT_RESULT=result)

    @property
    def lines(self) -> list[bytes]:
        return [json.dumps(entry).encode() for entry in self.entries]

    @property
    def text(self) -> str:
        return "".join(f"{json.dumps(entry)}\n" for entry in self.entries)

    def read(self, memory: dict[str, Any] | None = None) -> list[Seen]:
        return read_lines(self.lines, {} if memory is None else memory)


def read_lines(lines: list[bytes], memory: dict[str, Any], *, settled: bool = True) -> list[Seen]:
    reading = JournalReading(HOST, memory)
    found = [seen for line in lines if (entry := entry_of_line(line)) for seen in reading.read(entry)]
    return found + (list(reading.settled(FAR)) if settled else [])


def kinds(seen: list[Seen]) -> list[str]:
    return [each.what for each in seen]
