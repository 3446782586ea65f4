"""git processes: fixed arguments, an environment and a configuration that are ours alone.

Run by the standard library: GitPython's runner can add to the environment and not take away from it (``GIT_DIR`` and its like, which a hook
inherits), its own ref updates lose commits under concurrency (6 processes: 80 commits reported, 26 reachable), and importing it takes as long
as git needs for the whole snapshot. Nothing a person typed is ever an argument of git; names and values travel by stdin, as ids, or not at all.
"""

from __future__ import annotations

import os
from subprocess import PIPE, Popen
from typing import IO, BinaryIO

from changelog_ledger.errors import RepositoryError

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # A repository that is somebody else's may call itself a partial clone, and have git fetch what is missing by a program of its choice.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
# On every command line as well as in the repository, so that a damaged configuration cannot cost durability or run a hook.
_SETTINGS = {
    "core.fsync": "all",
    "core.hooksPath": os.devnull,
    "core.sharedRepository": "0600",
    "core.filesRefLockTimeout": "10000",  # ms that a writer waits for another one on the same branch
    "core.packedRefsTimeout": "10000",
    "core.logAllRefUpdates": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # A pack a snapshot, however small: unpacking needs one more process and one fsync an object (5 files: 25 ms against 2.5).
    "fastimport.unpackLimit": "0",
    # 20,000 files: 15 % quicker than zlib's default for 2 % more room; a later repack compresses properly.
    "core.compression": "1",
    "pack.compression": "1",
}
_OPTIONS = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]


class Process:
    """A running git with pipes; whoever starts it ends it by :meth:`finish` or :meth:`kill`."""

    def __init__(self, process: Popen[bytes], verb: str) -> None:
        self._process = process
        self._verb = verb

    @property
    def stdin(self) -> BinaryIO:
        """Where it reads from."""
        return _pipe(self._process.stdin)

    @property
    def stdout(self) -> BinaryIO:
        """What it says."""
        return _pipe(self._process.stdout)

    def finish(self, stdin: bytes = b"") -> bytes:
        """Give it the last of its input, wait, and answer the rest of its output.

        :raises RepositoryError: if it fails.
        """
        try:
            output, words = self._process.communicate(stdin)
        except BrokenPipeError:  # it gave up before it had read everything; why is on stderr
            output, words = b"", self._last_words()
        if self._process.returncode != 0:
            raise self._failed(words)
        return output

    def failure(self) -> RepositoryError:
        """Why it stopped answering. It is ended, if it has not ended by itself."""
        self.kill()
        return self._failed(self._last_words())

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def _last_words(self) -> bytes:
        self._process.wait()
        return _pipe(self._process.stderr).read()

    def _failed(self, words: bytes) -> RepositoryError:
        said, _, _ = words.decode("utf-8", "backslashreplace").partition("fast-import: dumping crash report")
        text = " ".join(said.split()).removeprefix("fatal: ") or f"exit status {self._process.returncode}"
        return RepositoryError(f"git {self._verb}: {text}", _hint(text))


class Plumbing:
    """Starts git on one repository.

    :param objects: an object directory to use instead of the repository's own (``GIT_OBJECT_DIRECTORY``, git(1)).
    """

    def __init__(self, git_directory: str, objects: str = "") -> None:
        self._directory = git_directory
        self._objects = objects

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What one git command says.

        :raises RepositoryError: if it fails, with its words.
        """
        return self.start(*arguments).finish(stdin)

    def start(self, *arguments: str) -> Process:
        """A git command with pipes on stdin and stdout.

        :raises RepositoryError: if git is not there.
        """
        command = ["git", f"--git-dir={self._directory}", *_OPTIONS, *arguments]
        try:
            # In a session of its own: Ctrl-C is for us, and git ends when we say so, or when its input does.
            process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=_environment(self._objects), start_new_session=True)
        except (FileNotFoundError, PermissionError) as error:
            raise RepositoryError("git cannot be started", "install git 2.36 or later and see that it is on the PATH") from error
        return Process(process, arguments[0])


def _environment(objects: str) -> dict[str, str]:
    """Ours, without ``GIT_DIR``, ``GIT_INDEX_FILE``, ``GIT_CONFIG_COUNT`` … of whoever called us: they are there when a git hook calls the ledger."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | _ENVIRONMENT | ({"GIT_OBJECT_DIRECTORY": objects} if objects else {})


def _pipe(stream: IO[bytes] | None) -> BinaryIO:
    if stream is None:
        raise RepositoryError("git was started without a pipe")
    return stream  # type: ignore[return-value]


def _hint(words: str) -> str:
    if "dubious ownership" in words or "ermission denied" in words:
        return "run the command as the owner of the ledger's home"
    if "No space left" in words or "quota" in words:
        return "make room on the disk of the ledger's home, then run the command again"
    if "Input/output error" in words:
        return "the disk of the ledger's home fails: copy the home while it can be read, and look at the kernel's log (dmesg)"
    if ".lock'" in words:
        return "another ledger is writing, or one was killed: 'ledger repair' removes what it left"
    return "run 'ledger verify' to see whether the repository is damaged"
