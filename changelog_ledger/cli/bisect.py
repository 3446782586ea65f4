"""``bisect``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json
from changelog_ledger.errors import EXIT_PARTIAL

if TYPE_CHECKING:
    from changelog_ledger.ledger import Ledger
    from changelog_ledger.model.bisection import Bisection, Trial

_PROBE = """\b
PROBE: exit code 0 says good, 1 to 124 bad, 125 that nobody can tell of this state (it is skipped); as git bisect run has it.
126 and 127 (cannot be executed, is not there), 128 and more, and a probe that takes longer than --timeout stop the search:
what was found is kept, and the same command goes on. It runs in a shell, with the files below $LEDGER_ROOT."""


class StartsByDefault(click.Group):
    """A group whose first word is taken for a host, where it is none of its commands."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """``start`` is put in front where no command is named."""
        if arguments and arguments[0] not in self.commands and arguments[0] not in context.help_option_names:
            arguments = ["start", *arguments]
        return super().parse_args(context, arguments)


@click.group(
    cls=StartsByDefault,
    epilog=f"""\b
Examples:
  ledger bisect web-01 --probe 'nginx -t -p $LEDGER_ROOT/etc/nginx'
  ledger bisect web-01                         by hand: look at the files, then
  ledger bisect bad                            say what you saw
  ledger bisect --repo . --good v1.4 --probe 'make check'

{_PROBE}""",
)
def bisect() -> None:
    """Find which snapshot, and which difference in it, brought the trouble, with a probe.

    Any other word than the commands below is a host: 'ledger bisect web-01' is 'ledger bisect start web-01', which has the options.
    """


@bisect.command(
    epilog=f"""\b
Examples:
  ledger bisect web-01 --probe 'sshd -t -f $LEDGER_ROOT/etc/ssh/sshd_config'
  ledger bisect web-01 --path '/etc/nginx/**' --since 2d --probe ./check.sh
  ledger bisect web-01 --to /tmp/look          by hand: its files below /tmp/look
  ledger bisect --repo . --good v1.4 --probe 'make check'
  ledger bisect start good --probe ./check.sh  a host that is called like a command

{_PROBE}

EXIT STATUS: 0 found, or the next state to look at; 3 skips leave several candidates; 4 an end is wrong, or the probe gave no answer."""
)
@click.argument("host", default="")
@click.option("--probe", metavar="COMMAND", help="Says by its exit code whether a state is good; without it somebody answers.")
@click.option("--path", metavar="GLOB", default="", help="Take only files that match through history; the others stay as at the end.")
@click.option("--since", metavar="TIME", default="", help="The good end; last-good if not given.")
@click.option("--until", metavar="TIME", default="", help="The bad end: a TIME, onset or now; now if not given.")
@click.option("--by", type=click.Choice(["snapshot", "delta"]), help="Stop at the snapshot; or go at once over single differences.")
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(0, min_open=True), help="How long the probe may take; 600 if not given.")
@click.option("--to", metavar="DIR", default="", help="Without a probe, make the folder with the files in DIR, also of a search under way.")
@click.option("--repo", metavar="DIR", default="", help="Search the commits of this git repository instead; the probe runs in their files.")
@click.option("--good", metavar="REV", default="", help="With --repo, the good end; the commit of the last good mark if not given.")
@click.option("--bad", metavar="REV", default="", help="With --repo, the bad end; HEAD if not given.")
@json_option
@pass_session
def start(session: Session, /, host: str, by: str | None, as_json: bool, **how: Any) -> int:
    """Begin a search between the last good state and now, or go on with it.

    The configuration of a host is written into a folder as it was at a snapshot, and the probe says whether the trouble shows with it. Half of
    the snapshots are left over each time; in the one that is found, the single differences are tried likewise. Nothing on the host is touched.
    """
    with session.ledger() as ledger:
        found = ledger.bisect(host, by=by or "", progress=_teller(session, ledger), **how)
        return _told(session, ledger, found, as_json)


def _answering(name: str, doc: str, example: str) -> click.Command:
    """One of the commands that say what somebody saw."""

    @click.command(name, help=doc, epilog=f"\b\nExample:\n  {example}")
    @_which
    @json_option
    @pass_session
    def command(session: Session, host: str, repo: str, as_json: bool) -> int:
        with session.ledger() as ledger:
            found: Bisection = getattr(ledger.bisections, name)(host, repo=repo)
            return _told(session, ledger, found, as_json)

    return command


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which search is meant."""
    command = click.option("--repo", metavar="DIR", default="", help="The search of this git repository.")(command)
    return click.argument("host", default="")(command)


_ANSWERS = (
    ("good", "Say that the trouble does not show with what was to be looked at.", "ledger bisect good"),
    ("bad", "Say that the trouble shows with it.", "ledger bisect bad web-01"),
    ("skip", "Say that nobody can tell of it.", "ledger bisect skip"),
    ("status", "Show where a search stands.", "ledger bisect status"),
)
for answer in _ANSWERS:
    bisect.add_command(_answering(*answer))


@bisect.command(epilog="\b\nExample:\n  ledger bisect reset web-01")
@_which
@pass_session
def reset(session: Session, host: str, repo: str) -> None:
    """Forget a search, and remove the files that it has written."""
    with session.ledger() as ledger:
        ledger.bisections.reset(host, repo=repo)


def _teller(session: Session, ledger: Ledger) -> Callable[[Trial], None]:
    """Says on stderr what is tried."""
    from changelog_ledger.reports import render_trial

    return lambda trial: click.echo(render_trial(trial, session.style(), ledger.now()), err=True, nl=False)


def _told(session: Session, ledger: Ledger, found: Bisection, as_json: bool) -> int:
    from changelog_ledger import reports

    if as_json:
        write_json(reports.bisection_document(found))
    else:
        write(reports.render_bisection(found, session.style(), ledger.now()))
    return EXIT_PARTIAL if found.is_open else 0
