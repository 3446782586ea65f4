"""Trailers of a commit message that is being written (git-interpret-trailers(1)).

git is run outside of the repository and without anybody's settings: ``trailer.*.command`` would start programs, and ``trailer.separators`` alter
what a trailer is. Only the sign that comments begin with is taken over, for a message that comes from an editor.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from changelog_ledger.errors import RepositoryError
from changelog_ledger.sources.git_process import Git, text

_LARGEST = 16 * 1024 * 1024
"""Bytes of a message. git has no limit; whoever writes more does not write a message."""

_NOWHERE = {"GIT_DIR": os.devnull, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_VERB = ("interpret-trailers", "--no-divider")
_USUAL = "#"


def git_for_messages(inherited: Mapping[str, str], comments: str) -> Git:
    """git in no repository.

    :param comments: the sign that comments begin with (``core.commentChar``); the usual one where it is empty or ``auto``.
    """
    own = {name: value for name, value in inherited.items() if not name.startswith("GIT_")}
    sign = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.commentChar", "GIT_CONFIG_VALUE_0": comments if len(comments) == 1 else _USUAL}
    return Git(os.sep, own | _NOWHERE | sign)


def read(git: Git, message: bytes) -> tuple[tuple[str, str], ...]:
    """The trailers of a message: keys and values, in their order, each value in one line."""
    lines = text(git.run(*_VERB, "--parse", stdin=message)).split("\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return tuple((key.strip(), value.strip()) for key, _, value in pairs)


def add(git: Git, message: bytes, trailers: Iterable[tuple[str, str]]) -> bytes:
    """The message with trailers added behind those that it has; one that it has already is not added again."""
    added = [f"--trailer={_line(key)}: {_line(value)}" for key, value in trailers]
    how = ("--where=end", "--if-exists=addIfDifferent", "--if-missing=add")
    return git.run(*_VERB, *how, *added, stdin=message) if added else message


def message_in(file: str) -> bytes:
    """The message that git has put into a file.

    :raises RepositoryError: if it cannot be read.
    """
    hint = "git names the file to its hook commit-msg"
    try:
        path = Path(file)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device would keep the commit waiting
            raise RepositoryError(f"the commit message {file} is no file", hint)
        if status.st_size > _LARGEST:
            raise RepositoryError(f"the commit message {file} is larger than {_LARGEST:,} bytes", hint)
        return path.read_bytes()
    except OSError as error:
        raise RepositoryError(f"the commit message {file} cannot be read: {error.strerror}", hint) from error


def put(file: str, message: bytes) -> None:
    """Put another message into the file: at once, so that none is lost when the disk is full.

    :raises RepositoryError: if it cannot be written.
    """
    beside = Path(f"{file}.ledger-{os.getpid()}")
    try:
        with beside.open("xb") as new:
            new.write(message)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RepositoryError(f"the commit message {file} cannot be written: {error.strerror}", "it is as it was") from error


def values(trailers: Sequence[tuple[str, str]], key: str) -> tuple[str, ...]:
    """The values of one key, which git compares without regard to case."""
    return tuple(value for name, value in trailers if name.lower() == key.lower())


def _line(part: str) -> str:
    if "\n" in part or "\0" in part:
        raise RepositoryError(f"{part!r} is more than a line: a trailer has one")
    return part
