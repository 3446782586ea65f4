"""The entry point: which command lives where, and what an error looks like.

Commands load when they are called: ``--help`` and completion read the static table below and import nothing else.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from changelog_ledger.cli.session import Session, in_readers_words
from changelog_ledger.errors import EXIT_BUG, EXIT_EXPECTED_ERROR, LedgerError

COMMANDS: dict[str, tuple[str, str, str]] = {
    "what-changed": ("questions", "what_changed", "What changed since it last worked, suspects first."),
    "recent": ("questions", "recent", "The recent-changes log: changes, drift, observations, marks."),
    "drift": ("questions", "drift", "Evidence that no change explains."),
    "explain": ("questions", "explain", "Attribute a piece of evidence to a change by hand."),
    "show": ("show", "show", "Show what is recorded under an id."),
    "search": ("search", "search", "Find everything recorded that holds some words."),
    "status": ("questions", "status", "Open changes, drift, stale hosts, keys, sizes."),
    "diff": ("snapshots", "diff", "What differs between two snapshots of a host, or two files."),
    "compare": ("compare", "compare", "What differs between two hosts."),
    "bisect": ("bisect", "bisect", "Find which snapshot, and which difference in it, brought the trouble, with a probe."),
    "blame": ("blame", "blame", "Which change or snapshot last set each key of a file."),
    "incident": ("incident", "incident", "Open, update, link, resolve and show incidents: trouble that somebody takes care of."),
    "change": ("changes", "change", "Plan, approve, start, finish, log and show changes."),
    "run": ("run", "run", "Run a command as a change, between two snapshots."),
    "spool": ("spool", "spool", "Show and merge what was recorded while the database was away."),
    "hook": ("hook", "hook", "Keep edits of configuration that no change covers out of a git repository."),
    "freeze": ("freeze", "freeze", "Add, list and lift freezes: periods in which changes need an override."),
    "window": ("window", "window", "Add, list and lift maintenance windows."),
    "good": ("health", "good", "Record that a host or service was seen working."),
    "bad": ("health", "bad", "Record that a host or service was seen broken."),
    "observe": ("health", "observe", "Record something seen that is no file difference."),
    "snapshot": ("snapshots", "snapshot", "Record what the watched files of a host hold now."),
    "snapshots": ("snapshots", "snapshots", "List the snapshots of a host."),
    "cat": ("snapshots", "cat", "Print a file as it was at a time."),
    "restore": ("restore", "restore", "Bring files and folders back to how a snapshot has them."),
    "init": ("setup", "init", "Make a home: settings, database, repository, keys."),
    "host": ("setup", "host", "Add, list, show and retire hosts."),
    "service": ("setup", "service", "Add, list and show services."),
    "key": ("keys", "key", "Show, rotate and export the keys that originals are sealed for."),
    "import": ("exchange", "import_", "Record facts from JSON Lines."),
    "ingest": ("ingest", "ingest", "Record what other programs recorded: packages, processes, the journal, deliveries."),
    "host-hooks": ("host_hooks", "host_hooks", "Make the host's package managers, and its clock, call the ledger."),
    "adopt": ("adopt", "adopt", "Take in the git history of etckeeper or Oxidized."),
    "export": ("exchange", "export", "Write the ledger as JSON Lines, to FILE or standard output."),
    "verify": ("upkeep", "verify", "Check that the record is complete and unaltered."),
    "repair": ("upkeep", "repair", "Adopt what a killed process left half done."),
    "gc": ("upkeep", "gc", "Drop the snapshots that retention no longer keeps, and pack the rest."),
    "rebuild": ("upkeep", "rebuild", "Make every derived table again from the facts and git."),
}
"""Command → module of ``cli/``, attribute, one line of help. A test compares the lines with the commands' own."""

_DISK_HINTS = {
    errno.ENOSPC: "make room on that disk, then run the command again; what was recorded before is safe",
    errno.EDQUOT: "the quota of that disk is used up: make room, then run the command again; what was recorded before is safe",
    errno.EIO: "that disk fails: copy the home while it can be read, and look at the kernel's log (dmesg)",
    errno.EROFS: "that file system is mounted read-only: remount it, or name a home elsewhere with --home",
}


class LazyGroup(click.Group):
    """A group that knows its commands from the table and imports one when it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The commands in the table's order: questions first, that is what one needs at night."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command, imported."""
        if name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[name]
        command: click.Command = getattr(import_module(f"changelog_ledger.cli.{module}"), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  ledger init                                  make a home, watch /etc and @state
  ledger snapshot && ledger good host:web-01   this is how it looks when it works
  ledger what-changed host:web-01              what changed since then?

\b
EXIT STATUS: 0 fine; 1 a difference or finding, where asked; 2 usage; 3 partial result; 4 expected error;
5 tampering found; 70 a bug (a log file is named); 75 recorded to the spool.""",
)
@click.option("--home", metavar="DIR", help="The ledger's folder; else $LEDGER_HOME, the nearest .ledger upwards, the platform's data folder.")
@click.option("--utc", is_flag=True, help="Show times in UTC instead of the local zone.")
@click.option("-v", "--verbose", is_flag=True, help="Say more about errors.")
@click.version_option(message="%(version)s", package_name="changelog-ledger")
@click.pass_context
def cli(context: click.Context, home: str | None, utc: bool, verbose: bool) -> None:
    """What changed since it last worked?"""
    context.obj = Session(home, utc=utc, verbose=verbose)


def main() -> NoReturn:
    """Run the command and exit with its code."""
    gc.set_threshold(200_000, 50, 50)  # imports make many objects and no garbage: looking for cycles every 700 of them takes a quarter of the start
    code = run(sys.argv[1:])
    gc.freeze()  # nor need they be searched once more at the end
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command; every error ends here, in words. Returns the exit code."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - closed by the caller (>&-): nobody listens
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    try:
        result = cli.main(arguments, prog_name="ledger", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("ledger: interrupted; nothing is half written")
        return 130
    except SystemExit:  # click's own end where the reader went away while it wrote; it has silenced stdout already
        return 0
    except BrokenPipeError:  # the reader went away (head, less): not our trouble, and nothing more can be said there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except LedgerError as error:
        return _expected(error, arguments)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        _say(f"ledger: {error.strerror or error}{where}")
        if hint := _DISK_HINTS.get(error.errno or 0):
            _say(f"hint: {hint}")
        return EXIT_EXPECTED_ERROR
    except Exception as error:  # noqa: BLE001 - the one boundary: whatever nobody foresaw becomes a log file, not a traceback
        return _bug(error, arguments)
    return result if isinstance(result, int) else 0


def _expected(error: LedgerError, arguments: list[str]) -> int:
    utc, verbose = "--utc" in arguments, "-v" in arguments or "--verbose" in arguments
    _say(f"ledger: {in_readers_words(error.message, utc=utc)}")
    if error.hint:
        _say(f"hint: {in_readers_words(error.hint, utc=utc, to_type=True)}")
    if verbose and error.__cause__ is not None:
        _say(f"cause: {type(error.__cause__).__name__}: {error.__cause__}")
    return error.exit_code


def _bug(error: Exception, arguments: list[str]) -> int:
    import traceback
    from importlib.metadata import version

    log = _log_file()
    text = "".join(traceback.format_exception(error))
    header = f"changelog-ledger {version('changelog-ledger')}\nPython {sys.version}\ncommand: {_named(arguments)}\n\n"
    log.write_text(header + text, encoding="utf-8", errors="replace")
    _say(f"ledger: a bug: {type(error).__name__}: {error}")
    _say(f"hint: what was recorded is safe; please report it with {log}")
    return EXIT_BUG


def _named(arguments: list[str]) -> str:
    """The command without its values: people are asked to send the file, and a password may be among them."""
    return " ".join(word if word in COMMANDS or (word.startswith("-") and "=" not in word) else "…" for word in arguments)


def _log_file() -> Path:
    """A new private file in the platform's log folder, else in the temporary one."""
    import tempfile

    from platformdirs import user_log_path

    folder = user_log_path("changelog-ledger")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        folder = Path(tempfile.gettempdir())
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    descriptor, name = tempfile.mkstemp(prefix=f"bug-{stamp}-", suffix=".log", dir=folder)
    os.close(descriptor)
    return Path(name)


def _say(text: str) -> None:
    """One line on stderr; control characters that came with it are made visible."""
    from changelog_ledger.reports.escape import printable

    sys.stdout.flush()
    click.echo(printable(text), err=True)
