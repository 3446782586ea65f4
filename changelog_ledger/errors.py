"""One exception tree. Every error says what happened, why, and what to do next.

::

    LedgerError                     exit 4   slug
    ├── InvalidInput                         invalid-input      something typed or imported is wrong
    │   ├── InvalidTime                      invalid-time
    │   ├── InvalidTarget                    invalid-target
    │   ├── InvalidFact                      invalid-fact       a line of an import, with its number
    │   ├── CommandNotFound     exit 127  command-not-found    ``ledger run``: as the shell has it
    │   ├── CommandNotExecutable exit 126 command-not-executable
    │   └── TransitionRefused                transition-refused the lifecycle does not allow it
    │       └── PolicyRefused                policy-refused     the home's rules do not allow it now
    ├── NotFound                             not-found
    │   └── Ambiguous                        ambiguous          a prefix or bare name fits several
    ├── HomeError                            home               the home is missing, foreign or unusable
    │   └── SettingsError                    settings           ledger.toml: file, key, allowed values
    ├── Busy                                 busy               somebody else holds the lock
    ├── BisectionStopped                     bisection          a search cannot go on: its ends or its probe
    ├── Spooled                     exit 75  spooled            recorded to the spool, not yet in the database
    ├── SnapshotError                        snapshot
    │   ├── OutOfOrder                       out-of-order       earlier than the host's last snapshot
    │   └── RepositoryError                  repository         git refused; its own words are in the message
    │       └── BranchMoved                  branch-moved       another snapshot of the same host was quicker
    └── TamperingFound              exit 5   tampering          the chain or a projection does not fit

Faces turn an error into ``ledger: MESSAGE`` and ``hint: HINT`` on stderr and exit with :attr:`LedgerError.exit_code`.
Anything that is not a :class:`LedgerError` is a bug: exit 70, a log file is written and named.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_FINE = 0
EXIT_FINDING = 1
EXIT_USAGE = 2
EXIT_PARTIAL = 3
EXIT_EXPECTED_ERROR = 4
EXIT_TAMPERING = 5
EXIT_BUG = 70
EXIT_SPOOLED = 75
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127


class LedgerError(Exception):
    """Something went wrong that a person can understand and mend.

    :param message: what happened and why, one line, without a full stop.
    :param hint: what to do next, one line; empty when there is nothing sensible to say.
    """

    slug: ClassVar[str] = "error"
    exit_code: ClassVar[int] = EXIT_EXPECTED_ERROR

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInput(LedgerError):
    """Something that was typed or imported cannot be right."""

    slug = "invalid-input"


class InvalidTime(InvalidInput):
    """A time or duration that cannot be read, has no offset, or lies outside what can be."""

    slug = "invalid-time"


class InvalidTarget(InvalidInput):
    """Not ``host:NAME``, ``service:NAME`` or ``all``."""

    slug = "invalid-target"


class InvalidFact(InvalidInput):
    """A line of an import that is refused.

    :param line: its number, counted from 1; None when the fact did not come from a file.
    """

    slug = "invalid-fact"

    def __init__(self, message: str, hint: str = "", *, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}", hint)
        self.line = line


class CommandNotFound(InvalidInput):
    """There is no such command to run; the exit code is that of the shell (POSIX, Shell Command Language, 2.8.2)."""

    slug = "command-not-found"
    exit_code = EXIT_NOT_FOUND


class CommandNotExecutable(InvalidInput):
    """The command is there and cannot be run; the exit code is that of the shell."""

    slug = "command-not-executable"
    exit_code = EXIT_NOT_EXECUTABLE


class TransitionRefused(InvalidInput):
    """The change's lifecycle does not allow this step from where it stands."""

    slug = "transition-refused"


class PolicyRefused(TransitionRefused):
    """The lifecycle would allow this step; the rules of this home do not, as things stand.

    :param codes: the rules that refused: ``not-approved``, ``freeze``, ``conflict``, ``open-items`` …
    """

    slug = "policy-refused"

    def __init__(self, message: str, hint: str = "", codes: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.codes = codes


class NotFound(LedgerError):
    """No host, service, change, snapshot, file or piece of evidence of that name."""

    slug = "not-found"


class Ambiguous(NotFound):
    """A bare name or an id prefix that fits several things."""

    slug = "ambiguous"


class HomeError(LedgerError):
    """The home is missing, belongs to somebody else, or holds a database that this program cannot use."""

    slug = "home"


class SettingsError(HomeError):
    """``ledger.toml`` holds an unknown key or a bad value."""

    slug = "settings"


class Busy(LedgerError):
    """Another process holds the lock for longer than we are willing to wait."""

    slug = "busy"


class BisectionStopped(LedgerError):
    """A bisection cannot go on: one of its ends is not what it should be, or the probe gives no answer."""

    slug = "bisection"


class Spooled(LedgerError):
    """The database was away: what was said lies in the spool, and is merged when it answers again.

    :param change: the id of a change that was planned or logged so, or of an incident that was opened so; it is known under it later.
    """

    slug = "spooled"
    exit_code = EXIT_SPOOLED

    def __init__(self, message: str, hint: str = "", *, change: str = "") -> None:
        super().__init__(message, hint)
        self.change = change


class SnapshotError(LedgerError):
    """A snapshot could not be taken or read."""

    slug = "snapshot"


class OutOfOrder(SnapshotError):
    """A snapshot would be earlier than the last one of the same host."""

    slug = "out-of-order"


class RepositoryError(SnapshotError):
    """git refused; the message carries its own words."""

    slug = "repository"


class BranchMoved(RepositoryError):
    """Somebody else took a snapshot of the same host meanwhile. Nothing was changed; take it again on the new tip."""

    slug = "branch-moved"


class TamperingFound(LedgerError):
    """The hash chain is broken, or a projection does not follow from the facts."""

    slug = "tampering"
    exit_code = EXIT_TAMPERING
