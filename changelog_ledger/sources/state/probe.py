"""What a collector may use of the machine: files below a root and a few programs with fixed arguments, each within a time and a size."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import RawIOBase
from pathlib import Path

SECONDS = 5.0
"""What all of one collector may take."""

LARGEST_TEXT = 1024 * 1024
"""Bytes that it may hand over, and, unless a probe says otherwise, that it takes from one program."""

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes that it reads of one file: the list of installed packages may be long."""

PROGRAMS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where programs are looked for; whatever ``PATH`` says."""

_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ENXIO, errno.ELOOP, errno.ESRCH)
"""What open(2) and stat(2) answer where there is nothing to read for anybody: a link to itself, a process that has ended (proc(5)) are nothing."""
_ENVIRONMENT = {"LC_ALL": "C", "PATH": ":".join(PROGRAMS), "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "HOME": "/"}
_LONGEST_ERROR = 200
_CHUNK = 64 * 1024


class NotAvailable(Exception):
    """This machine has no such thing, or lacks the program that would tell: no fault, and nothing to be told of each time."""


class CollectionFailed(Exception):
    """It is there and could not be read: no permission, an error of a program, too slow, too much."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A machine to ask.

    :ivar root: the directory that stands for ``/``: a test's.
    :ivar programs: where programs are looked for.
    :ivar seconds: what everything that this one value is used for may take.
    :ivar largest_output: bytes that are taken from one program.
    :ivar privileged: whether everything of other users can be seen.
    """

    root: str = "/"
    programs: tuple[str, ...] = PROGRAMS
    seconds: float = SECONDS
    largest_output: int = LARGEST_TEXT
    privileged: bool = field(default_factory=lambda: os.geteuid() == 0)
    _begun: float = field(default_factory=time.monotonic)

    def path(self, path: str) -> Path:
        """Where an absolute path of the machine really lies."""
        return Path(self.root + path if self.root != "/" else path)

    def data(self, path: str, limit: int = LARGEST_FILE) -> bytes:
        """A file's bytes.

        :raises NotAvailable: if it is not there.
        :raises CollectionFailed: if it cannot be read, or is larger than ``limit``.
        """
        data = self.head(path, limit + 1)
        if len(data) > limit:
            raise CollectionFailed(f"{path} is larger than {limit} bytes")
        return data

    def head(self, path: str, length: int) -> bytes:
        """The first ``length`` bytes of a file.

        :raises NotAvailable: if it is not there.
        :raises CollectionFailed: if it cannot be read.
        """
        try:
            with self.path(path).open("rb", buffering=0) as file:
                return b"".join(_chunks(file, length))
        except OSError as error:
            raise _refusal(path, error) from error

    def text(self, path: str, limit: int = LARGEST_FILE) -> str:
        """The same as text; bytes that are no UTF-8 are written ``\\xff``."""
        return decoded(self.data(path, limit))

    def optional(self, path: str) -> str:
        """The same; empty where it is not there.

        :raises CollectionFailed: if it is there and cannot be read.
        """
        try:
            return self.text(path)
        except NotAvailable:
            return ""

    def names(self, path: str) -> list[str]:
        """What is in a directory, sorted.

        :raises NotAvailable: if it is not there.
        :raises CollectionFailed: if it cannot be listed.
        """
        try:
            return sorted(entry.name for entry in self.path(path).iterdir())
        except OSError as error:
            raise _refusal(path, error) from error

    def link(self, path: str) -> str:
        """The text of a link; empty if it is none, or nothing is there.

        :raises CollectionFailed: if that cannot be seen.
        """
        try:
            return os.fsencode(self.path(path).readlink()).decode("utf-8", "backslashreplace")
        except OSError as error:
            if error.errno == errno.EINVAL or error.errno in _ABSENT:  # no link (readlink(2))
                return ""
            raise _refusal(path, error) from error

    def exists(self, path: str) -> bool:
        """Whether something is there.

        :raises CollectionFailed: if that cannot be seen.
        """
        return self._mode(path) != 0

    def files_below(self, path: str, depth: int) -> Iterator[str]:
        """The paths of regular files (and links to some) below a directory, sorted; links to directories are not followed.

        :raises CollectionFailed: if a directory, or what a name in it stands for, cannot be seen.
        """
        waiting = [(path, depth)]
        while waiting:
            here, left = waiting.pop()
            try:
                names = self.names(here)
            except NotAvailable:  # there is none, or no more
                continue
            for name in names:
                inner = f"{here}/{name}"
                mode = self._mode(inner)
                if stat.S_ISREG(mode):
                    yield inner
                elif left and stat.S_ISDIR(mode) and not self.path(inner).is_symlink():
                    waiting.append((inner, left - 1))

    def _mode(self, path: str) -> int:
        """What kind of file something is, behind links (inode(7), ``st_mode``); 0 if there is nothing."""
        try:
            return self.path(path).stat().st_mode
        except OSError as error:
            if error.errno in _ABSENT:
                return 0
            raise _refusal(path, error) from error

    def has(self, program: str) -> bool:
        """Whether a program is installed."""
        return self._program(program) is not None

    def run(self, program: str, *arguments: str, fine: tuple[int, ...] = (0,)) -> str:
        """What a program prints.

        :param fine: exit statuses that are no error.
        :raises NotAvailable: if it is not installed.
        :raises CollectionFailed: if it fails, takes too long or prints too much.
        """
        place = self._program(program)
        if place is None:
            raise NotAvailable(f"{program} is not installed")
        left = self._begun + self.seconds - time.monotonic()
        if left <= 0:
            raise CollectionFailed(f"timed out after {self.seconds:g} s before {program} was run")
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    [place, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    env=_ENVIRONMENT,
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                raise CollectionFailed(f"{program} cannot be run: {error.strerror}") from error
            output, ended = _output_of(process, left, self.largest_output)
            said.seek(0)
            words = decoded(said.read(_LONGEST_ERROR)).strip().splitlines()[:1]
        if not ended:
            raise CollectionFailed(f"{program} timed out after {self.seconds:g} s")
        if len(output) > self.largest_output:
            raise CollectionFailed(f"{program} prints more than {self.largest_output} bytes")
        if process.returncode not in fine:
            raise CollectionFailed(f"{program} ended with {process.returncode}" + (f": {words[0]}" if words else ""))
        return decoded(output)

    def _program(self, name: str) -> str | None:
        return next((place for folder in self.programs if os.access(place := f"{folder}/{name}", os.X_OK)), None)


def _chunks(file: RawIOBase, limit: int) -> Iterator[bytes]:
    """The first ``limit`` bytes of a file. Those of /proc do not say how long they are."""
    left = limit
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        left -= len(chunk)
        yield chunk


def decoded(data: bytes) -> str:
    """Bytes as text; those that are no UTF-8 are written ``\\xff``."""
    return data.decode("utf-8", "backslashreplace")


def _output_of(process: subprocess.Popen[bytes], seconds: float, limit: int) -> tuple[bytes, bool]:
    """What it prints, at most a byte more than ``limit``, and whether it ended by itself in time."""
    overdue = threading.Event()

    def end() -> None:
        overdue.set()
        _kill(process)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        assert process.stdout is not None
        with process.stdout as pipe:
            output = pipe.read(limit + 1)
        if len(output) > limit:
            _kill(process)
        process.wait()
    finally:
        timer.cancel()
    return output, not overdue.is_set()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """It and whatever it has started: a child that holds the pipe open would keep us waiting."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _refusal(path: str, error: OSError) -> Exception:
    if error.errno in _ABSENT:
        return NotAvailable(f"there is no {path}")
    return CollectionFailed(f"{path}: {error.strerror or error}")
