"""git as a child process: fixed arguments, an environment and settings under which a repository of a stranger runs nothing and changes nothing.

The person's own configuration is read (``safe.directory`` lies there); what could start a program, follow a link out of the repository, or alter
what we see is overruled on the command line, which comes last (git-config(1), "FILES"). Nothing a person typed is ever an argument of git.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, BinaryIO, cast

from changelog_ledger.errors import RepositoryError

# What a hook inherits, and a person may set, that says which repository it is about and whose settings hold; any other GIT_… is dropped
# (GIT_EXTERNAL_DIFF, GIT_SSH_COMMAND, GIT_TRACE, GIT_REPLACE_REF_BASE …).
PLACE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_NAMESPACE",
)
_KEPT = frozenset(
    (
        *PLACE,
        "GIT_EXEC_PATH",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",  # continuous integration says so which folders are safe
    )
)
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_SET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    # History as it was committed, not as refs/replace or info/grafts would have it.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    # A repository may call itself a partial clone, and have git fetch what is missing by a program of its choice.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    # The person's settings may ask for traces; they are about the person's own commands.
    "GIT_TRACE2": "0",
    "GIT_TRACE2_EVENT": "0",
    "GIT_TRACE2_PERF": "0",
    "LC_ALL": "C",
}
_SETTINGS = {
    "core.fsmonitor": "",
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.pager": "cat",
    "core.sshCommand": "false",
    "core.askPass": "",
    "credential.helper": "",
    "protocol.allow": "never",
    "diff.external": "",
    "diff.orderFile": os.devnull,
    "diff.autoRefreshIndex": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # What a commit's parents are is told by the commit; the graph is a cache that nobody verifies.
    "core.commitGraph": "false",
    "trailer.separators": ":",
}
_OPTIONS = ("--no-pager", "--no-optional-locks", *(part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")))
_WORDS = 600


class Process:
    """A running git. Whoever starts it ends it, by :meth:`output` or :meth:`close`."""

    def __init__(self, process: Popen[bytes], words: IO[bytes], verb: str, folder: str) -> None:
        self._process = process
        self._words = words
        self._verb = verb
        self._folder = folder

    @property
    def stdin(self) -> BinaryIO:
        """Where it reads from."""
        return cast("BinaryIO", self._process.stdin)

    @property
    def stdout(self) -> BinaryIO:
        """What it says."""
        return cast("BinaryIO", self._process.stdout)

    def output(self, stdin: bytes | None = None, *, fine: tuple[int, ...] = (0,)) -> bytes:
        """Give it its input, wait, and answer all that it says.

        :param fine: exit statuses that are no failure.
        :raises RepositoryError: if it fails, with its words.
        """
        try:
            said, _ = self._process.communicate(stdin)
            if self._process.returncode not in fine:
                raise self.failure()
            return said
        finally:
            self.close()

    @property
    def status(self) -> int:
        """With what it ended."""
        return self._process.wait()

    def failure(self) -> RepositoryError:
        """Why it stopped answering. It is ended, if it has not ended by itself."""
        self._end()
        self._words.seek(0)
        said = self._words.read(64_000).decode("utf-8", "backslashreplace")
        return _failure(self._verb, said, self._process.returncode, self._folder)

    def close(self) -> None:
        """End it at once: it only reads, so there is nothing to lose."""
        self._end()
        for stream in (self._process.stdin, self._process.stdout, self._words):
            _close(stream)

    def _end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()


class Git:
    """Starts git in one folder, with one environment."""

    def __init__(self, folder: str | None, inherited: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment(inherited)

    @property
    def folder(self) -> str:
        """Where it is started."""
        return self._folder or os.curdir

    def run(self, *arguments: str, stdin: bytes | None = None, fine: tuple[int, ...] = (0,)) -> bytes:
        """What one git command says.

        :param fine: exit statuses that are no failure.
        :raises RepositoryError: if it fails, with its words.
        """
        return self.start(*arguments, talks=stdin is not None).output(stdin, fine=fine)

    def setting(self, name: str) -> bytes:
        """What ``git config --null --get`` says: the repository's and the person's settings, without ours; empty if it is not set."""
        return self._spawn(["git", "config", "--null", "--get", name], "config", talks=False).output(fine=(0, 1))

    def start(self, *arguments: str, talks: bool = True) -> Process:
        """A git command with pipes on stdin, if it ``talks``, and stdout.

        :raises RepositoryError: if git is not there, or the folder is not.
        """
        return self._spawn(["git", *_OPTIONS, *arguments], arguments[0], talks=talks)

    def _spawn(self, command: list[str], verb: str, *, talks: bool) -> Process:
        # A file, not a pipe: it takes whatever git has to complain of while nobody listens.
        words = _anonymous_file()
        try:
            process = Popen(
                command,
                cwd=self._folder,
                env=self._environment,
                stdin=PIPE if talks else DEVNULL,
                stdout=PIPE,
                stderr=words,
                start_new_session=True,  # Ctrl-C is for us, we end git; and it finds no terminal to ask for a password
            )
        except OSError as error:
            words.close()
            raise _not_started(error, self._folder) from error
        return Process(process, words, verb, self.folder)


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """What git gets of the environment: of its own variables, those that say which repository, and ours."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    return kept | _SET


def text(raw: bytes) -> str:
    """What git says, as text: UTF-8 whatever the locale is; other bytes become surrogate escapes (PEP 383)."""
    return raw.decode("utf-8", "surrogateescape")


def raw(text: str) -> bytes:
    """The bytes behind :func:`text`."""
    return text.encode("utf-8", "surrogateescape")


def _anonymous_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("git"), "w+b", buffering=0)
    import tempfile  # slow to import, and rarely needed

    return tempfile.TemporaryFile(buffering=0)


def _close(stream: IO[bytes] | None) -> None:
    if stream is None:
        return
    with suppress(BrokenPipeError):  # what was not sent yet, it will not read any more
        stream.close()


def _not_started(error: OSError, folder: str | None) -> RepositoryError:
    if folder is not None and error.filename == folder:
        return RepositoryError(f"{folder}: {error.strerror}", "name the folder of a git repository")
    return RepositoryError("git cannot be started", "install git 2.36 or later and see that it is on the PATH")


def _failure(verb: str, said: str, status: int, folder: str) -> RepositoryError:
    if "not a git repository" in said.lower():
        place = "this folder" if folder == os.curdir else folder
        return RepositoryError(f"{place} is not in a git repository", "run it in a repository, or name its folder")
    words = " ".join(said.split()).removeprefix("fatal: ")[:_WORDS] or _ending(status)
    if "dubious ownership" in words:
        owner, _, advice = words.partition(" To add an exception for this directory, call: ")
        return RepositoryError(f"git {verb}: {owner}", f"if you trust it: {advice}" if advice else "run it as the owner of the repository")
    return RepositoryError(f"git {verb}: {words}", _hint(words))


def _ending(status: int) -> str:
    return f"ended by signal {-status}" if status < 0 else f"exit status {status}"


def _hint(words: str) -> str:
    if "promisor" in words or "transport" in words:
        return "the clone lacks objects (git clone --filter): they are not fetched from here; make a full clone, or 'git fetch --refetch --no-filter'"
    if "unknown option" in words or "usage:" in words:
        return "git 2.36 or later is needed"
    if "ermission denied" in words:
        return "run it as somebody who may read the repository"
    return "run 'git fsck' to see whether the repository is damaged"
