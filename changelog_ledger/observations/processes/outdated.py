"""What has to be restarted because it runs code that was replaced: a service, a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.model.processes import OutdatedFile, Process, ProcessTable
from changelog_ledger.model.times import format_instant

MOST_FILES = 100
MOST_PROCESSES = 50
"""How many an observation names; what it counts is all of them."""


@dataclass(frozen=True, slots=True)
class OutdatedSubject:
    """A service or program, by what runs replaced code of it.

    :ivar processes: those that do, the oldest first; at least one.
    """

    name: str
    processes: tuple[Process, ...]

    @property
    def first(self) -> Process:
        """Its oldest process that runs replaced code: what the others were started from, as a rule."""
        return self.processes[0]

    @property
    def files(self) -> tuple[OutdatedFile, ...]:
        """The files, by path; binaries first."""
        found = {file.path: file for process in reversed(self.processes) for file in process.outdated}
        return tuple(sorted(found.values(), key=lambda file: (not file.is_binary, file.path)))

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that an observation names."""
        return tuple(sorted(file.path for file in self.files[:MOST_FILES]))

    @property
    def label(self) -> str:
        """What people are told of: ``ovs-vswitchd (openvswitch-switch.service)``."""
        first = self.first
        where = first.container or first.unit
        if first.is_personal:
            where = f"{where} of {first.user}" if where else first.user
        return f"{first.command}{f' ({where})' if where else ''}"

    @property
    def others(self) -> str:
        """Its processes beside the oldest, counted: `` and 2 more processes``; empty if there are none."""
        more = len(self.processes) - 1
        return f" and {more} more process{'es' if more > 1 else ''}" if more else ""

    @property
    def reason(self) -> str:
        """``replaced-library``, ``deleted-binary`` …: a binary before a library, what was replaced before what is gone."""
        worst = min(self.files, key=lambda file: (not file.is_binary, file.is_gone))
        return f"{'deleted' if worst.is_gone else 'replaced'}-{'binary' if worst.is_binary else 'library'}"


def outdated_subjects(table: ProcessTable) -> tuple[OutdatedSubject, ...]:
    """What has to be restarted, by name."""
    found: dict[str, list[Process]] = {}
    for process in table.processes:
        if process.outdated:
            found.setdefault(process.subject, []).append(process)
    return tuple(OutdatedSubject(name, tuple(sorted(found[name], key=lambda each: (each.started_ticks, each.pid)))) for name in sorted(found))


def named_packages(files: Iterable[OutdatedFile], packages: Mapping[str, str]) -> tuple[str, ...]:
    """The packages that own these files, each once."""
    return tuple(sorted({packages[file.path] for file in files if file.path in packages}))


def files_words(files: Sequence[OutdatedFile], packages: Mapping[str, str], shown: int = 2) -> str:
    """``libssl.so.3 of libssl3, libcrypto.so.3 of libssl3 and 3 more``."""
    named = [_file_words(file, packages) for file in files[:shown]]
    more = len(files) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _file_words(file: OutdatedFile, packages: Mapping[str, str]) -> str:
    name = file.path.rpartition("/")[2]
    return f"{name} of {packages[file.path]}" if file.path in packages else name


def process_value(process: Process) -> dict[str, object]:
    """A process as data: with ``started_ticks`` it is known again."""
    return {
        "pid": process.pid,
        "command": process.command,
        "executable": process.executable,
        "started_at": format_instant(process.started_at.replace(microsecond=0)),
        "started_ticks": process.started_ticks,
        "user": process.user,
    }


def oldest_start(subject: OutdatedSubject, files: Sequence[OutdatedFile]) -> datetime:
    """When the oldest process began that runs one of the files: they were replaced after that."""
    paths = {file.path for file in files}
    return min(process.started_at for process in subject.processes if any(file.path in paths for file in process.outdated))
