"""Grants, read where the ledger does not answer: on the word of nobody but the holder of a key.

They lie in the repository's git directory, never in its work tree, one file each. What the files say is judged in
:mod:`~changelog_ledger.gate.grants`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.errors import InvalidInput, LedgerError
from changelog_ledger.model.change import Remark
from changelog_ledger.workflows.unchecked_edits import OWN_FOLDER

if TYPE_CHECKING:
    from changelog_ledger.model.gate import Grant

SUFFIX = ".json"
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO must not keep us waiting (open(2))


def grants_folder(common: Path) -> Path:
    """Where the grants of a repository lie.

    :param common: its common git directory (``git rev-parse --git-common-dir``).
    """
    return common / OWN_FOLDER / "grants"


def read_grants(folder: Path, keys: Collection[str], now: datetime) -> tuple[tuple[Grant, ...], tuple[Remark, ...]]:
    """The grants in a folder that count now, and for every other file the reason why it does not: a bad one is never fatal, and never silent.

    :param folder: see :func:`grants_folder`; it need not be there.
    :param keys: the public keys of the policy.
    """
    found: list[Grant] = []
    reasons: list[Remark] = []
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208 - names are all we want
    except FileNotFoundError:
        return (), ()
    except OSError as error:
        return (), (Remark("grant", f"the grants in {folder} cannot be read: {error.strerror}"),)
    for name in names:
        try:
            found.append(_read_grant(folder / name, keys, now))
        except LedgerError as error:
            reasons.append(Remark("grant", f"{name} does not count: {error.message}"))
        except OSError as error:
            reasons.append(Remark("grant", f"{name} does not count: {_reason(error)}"))
    return tuple(dict.fromkeys(found)), tuple(reasons)


def _read_grant(file: Path, keys: Collection[str], now: datetime) -> Grant:
    """:raises OSError: or :class:`LedgerError`, if it does not count."""
    from changelog_ledger.gate.grants import trusted_grant

    if file.suffix != SUFFIX:
        raise InvalidInput(f"its name does not end in {SUFFIX}")
    with _opened(file) as descriptor:
        data = _content(descriptor)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("it is no text") from error
    return trusted_grant(text, keys, now)


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    """A regular file of ours (or of root, who may write anything here anyway), opened; no link is followed."""
    descriptor = os.open(file, _OPEN)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InvalidInput("it is no regular file")
        if status.st_uid not in (0, os.geteuid()):
            raise InvalidInput(f"it belongs to somebody else (user {status.st_uid})")
        yield descriptor
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> bytes:
    from changelog_ledger.gate.grants import LARGEST

    with open(descriptor, "rb", closefd=False) as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InvalidInput(f"it is larger than {LARGEST // 1024} KiB, which no grant is")
    return data


def _reason(error: OSError) -> str:
    return "it is a symlink" if error.errno == errno.ELOOP else f"it cannot be read ({error.strerror})"
