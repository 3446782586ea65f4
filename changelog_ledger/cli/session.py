"""What every command shares: the home it works on, how it writes, how it shows progress."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from changelog_ledger.errors import Spooled

if TYPE_CHECKING:
    from changelog_ledger.ledger import Ledger
    from changelog_ledger.model.change import Remark
    from changelog_ledger.reports.differences import Differences
    from changelog_ledger.reports.style import Style

REBUILDING = "rebuilding the tables of an older version"

WIDEST = 120
"""Longer lines are hard to read, however wide the terminal is."""


@dataclass(frozen=True)
class Session:
    """The options in front of the command."""

    home: str | None
    utc: bool = False
    verbose: bool = False

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The home, open for the length of a ``with``."""
        from changelog_ledger.ledger import Ledger

        with progress(REBUILDING) as done, Ledger.open(self.home, progress=done, warn=warned) as ledger:
            yield ledger

    def zone(self) -> tzinfo:
        """The zone that times are shown in."""
        return readers_zone(utc=self.utc)

    def style(self) -> Style:
        """Width and colour of the terminal. In a pipe no colour, and the width of the terminal that errors go to, as before ``| less``."""
        from changelog_ledger.reports.style import Style

        on_terminal = sys.stdout.isatty()
        colour = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        width = min(shutil.get_terminal_size().columns, WIDEST) if on_terminal or "COLUMNS" in os.environ else _columns_behind()
        return Style(colour, width, self.zone())


def readers_zone(*, utc: bool) -> tzinfo:
    """The zone of whoever reads; UTC where that was asked for."""
    if utc:
        return UTC
    from pendulum import tz

    return tz.local_timezone()


def in_readers_words(text: str, *, utc: bool | None = None, to_type: bool = False) -> str:
    """A sentence of a place that knows no zone, with its times as the reader's clock shows them.

    :param utc: whether UTC was asked for; if not given, as the command says that runs.
    :param to_type: it is advice that holds commands, so that times have to be readable for the ledger too.
    """
    from changelog_ledger.reports import times

    if not times.holds_instants(text):  # finding the zone costs more than most commands take
        return text
    context = click.get_current_context(silent=True)
    session = context.find_object(Session) if context else None
    zone = readers_zone(utc=utc if utc is not None else session is not None and session.utc)
    return times.to_type(text, zone) if to_type else times.in_words(text, zone, datetime.now(UTC))


def _columns_behind() -> int:
    """How wide what is piped will be shown: as wide as the terminal that stderr still is, else 80 columns; a file may be read anywhere."""
    try:
        if stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode):
            return min(os.get_terminal_size(sys.stderr.fileno()).columns or 80, WIDEST)
    except OSError:  # neither is a terminal, or there is none; io.UnsupportedOperation is one too
        return 80
    return 80


def write(text: str) -> None:
    """Print to stdout; characters that its encoding lacks are replaced rather than fatal."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    click.echo(text.rstrip("\n"), color=True)


def warn(remarks: Iterable[Remark]) -> None:
    """What the rules had to say, on stderr: stdout stays what a script reads."""
    from changelog_ledger.reports.escape import printable

    for remark in remarks:
        click.echo(printable(f"warning: {in_readers_words(remark.text)}"), err=True)


def warned(text: str) -> None:
    """What went wrong without stopping anything, on stderr; where that is gone (a lost terminal) it stops nothing either."""
    from changelog_ledger.reports.escape import printable

    with suppress(OSError):
        click.echo(printable(f"warning: {in_readers_words(text)}"), err=True)


@contextmanager
def id_if_spooled() -> Iterator[None]:
    """A change that went to the spool has its id already: a script that reads it from stdout can go on."""
    try:
        yield
    except Spooled as error:
        write(error.change)
        raise


def write_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    from changelog_ledger.reports import dump

    write(dump(document))


def write_page(session: Session, found: Differences, rendering: str, now: datetime | None = None) -> None:
    """Print differences as ``markdown`` or ``html``."""
    from changelog_ledger import reports

    page = reports.render_differences_html(found, session.zone(), now) if rendering == "html" else reports.render_differences_markdown(found)
    write(page)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr for what takes longer than a second; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with _shown(_Bar(label, total)) as advance:
        yield advance


@contextmanager
def byte_progress(label: str) -> Iterator[Callable[[int], None]]:
    """The same for what is counted in bytes, whose end nobody knows: how much was read."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with _shown(_Bar(label, None, counts_bytes=True)) as advance:
        yield advance


@contextmanager
def _shown(bar: _Bar) -> Iterator[Callable[[int], None]]:
    try:
        yield bar.advance
    finally:
        bar.stop()


class _Bar:
    """Shows itself after a second."""

    def __init__(self, label: str, total: int | None, *, counts_bytes: bool = False) -> None:
        import time

        self._clock = time.monotonic
        self._begun = self._clock()
        self._label, self._total, self._done = label, total, 0
        self._counts_bytes = counts_bytes
        self._shown: Any = None

    def advance(self, done: int) -> None:
        self._done += done
        if self._shown is not None:
            self._shown.update(0, completed=self._done)
        elif self._clock() - self._begun > 1:
            self._show()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn

        done: ProgressColumn = DownloadColumn() if self._counts_bytes else MofNCompleteColumn()
        columns = (TextColumn("{task.description}"), BarColumn(), done, TimeElapsedColumn())
        self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
        self._shown.add_task(self._label, total=self._total, completed=self._done)
        self._shown.start()

    def stop(self) -> None:
        if self._shown is not None:
            self._shown.stop()


def pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """``K=V`` options as a dict. Raises :class:`click.BadParameter` for anything else."""
    found = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not key or not equals:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE", param_hint=option)
        found[key] = text
    return found


format_option = click.option(
    "--format",
    "rendering",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
    help="How to write it; html is a page that needs nothing else.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, and nothing else there.")
at_option = click.option("--at", metavar="TIME", help="When it was so; now if not given.")
override_option = click.option(
    "--override", metavar="REASON", default="", help="Why in spite of a freeze, a conflict or its window; it stays with the step."
)
pass_session = click.make_pass_decorator(Session)
