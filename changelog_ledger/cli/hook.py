"""``hook``: the gate. Hooks call these on every commit, so whatever is needed rarely is imported where it is."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, warned, write, write_json
from changelog_ledger.errors import EXIT_FINDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from changelog_ledger.ledger.gate import Gate
    from changelog_ledger.model.gate import Judged, Verdict

_ELSEWHERE = {"install": ("hook_install", "install"), "uninstall": ("hook_install", "uninstall"), "grant": ("hook_grant", "grant")}


class HookGroup(click.Group):
    """Knows the commands that live in modules of their own."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Those for people first."""
        return ["install", "uninstall", "check", "check-range", "grant", "prepare-commit-msg", "check-message", "pre-receive"]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command, imported."""
        if name not in _ELSEWHERE:
            return super().get_command(context, name)
        from importlib import import_module

        module, attribute = _ELSEWHERE[name]
        command: click.Command = getattr(import_module(f"changelog_ledger.cli.{module}"), attribute)
        return command


repository_option = click.option("--repo", "repository", metavar="DIR", help="A folder of the repository; where we are if not given.")


@click.group(cls=HookGroup)
def hook() -> None:
    """Keep edits of configuration that no change covers out of a git repository.

    A repository says in .changelog-ledger.toml which of its files are configuration, and whose.
    """


@hook.command(
    epilog="""\b
Examples:
  ledger hook check                            what git's pre-commit hook runs
  ledger hook check --json
  LEDGER_EMERGENCY='the shop is down' git commit -m 'Old pool limit'

\b
EXIT STATUS: 0 it may be committed; 1 it may not; 4 the policy or the ledger cannot be used."""
)
@click.argument("files", nargs=-1)
@repository_option
@json_option
@pass_session
def check(session: Session, files: tuple[str, ...], repository: str | None, as_json: bool) -> int:
    """Check what is staged: every edit of configuration has to be covered by a change.

    The index is read, never the work tree. Everything that is staged is checked, whatever FILES name: hook runners leave out deleted files.
    """
    from_reference, to_reference = os.environ.get("PRE_COMMIT_FROM_REF", ""), os.environ.get("PRE_COMMIT_TO_REF", "")
    with _gate(session, repository) as gate:
        verdict = gate.check(**_said())
        if from_reference and to_reference and not verdict.edits:  # pre-commit run --from-ref A --to-ref B: nothing is staged, a range is meant
            return _answer_range(session, gate.check_range(f"{from_reference}..{to_reference}"), as_json)
        if verdict.refused and not as_json and files:
            _name_unstaged(verdict, files)
    return _answer(session, verdict, as_json)


@hook.command("check-message", epilog="\b\nExample:\n  ledger hook check-message .git/COMMIT_EDITMSG      what git's commit-msg hook runs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@repository_option
@json_option
@pass_session
def check_message(session: Session, file: str, repository: str | None, as_json: bool) -> int:
    """Check a commit message: its Ledger-Change lines have to name changes that cover what is staged."""
    with _gate(session, repository) as gate:
        verdict = gate.check_message(file, **_said())
    return _answer(session, verdict, as_json)


@hook.command(
    "prepare-commit-msg",
    epilog="\b\nExample:\n  ledger hook prepare-commit-msg .git/COMMIT_EDITMSG message      what git's hook of this name runs",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.argument("source", default="", envvar="PRE_COMMIT_COMMIT_MSG_SOURCE")
@click.argument("commit", default="", envvar="PRE_COMMIT_COMMIT_OBJECT_NAME")
@repository_option
@pass_session
def prepare_commit_msg(session: Session, file: str, source: str, commit: str, repository: str | None) -> int:
    """Add a Ledger-Change line to a commit message for each change that covers what is staged.

    Where several cover the same edit it asks on the terminal; without one, LEDGER_CHANGE says which is meant.
    """
    from changelog_ledger.cli.hook_choice import ask

    with _gate(session, repository) as gate:
        prepared = gate.prepare_message(file, source, commit, change=os.environ.get("LEDGER_CHANGE", ""), choose=ask)
    for remark in prepared.remarks:
        warned(remark.text)
    if not prepared.unclear:
        return 0
    from changelog_ledger.reports import printable

    for judged in prepared.unclear:
        click.echo(printable(f"ledger: several changes cover {judged.edit.path}: {', '.join(judged.changes)}"), err=True)
    click.echo(f"hint: say which is meant: LEDGER_CHANGE={prepared.unclear[0].changes[0]} git commit …", err=True)
    return EXIT_FINDING


@hook.command(
    "check-range",
    epilog="""\b
Examples:
  ledger hook check-range origin/main..HEAD    what a pull request brings
  ledger hook check-range HEAD~20..            the last twenty commits
  ledger hook check-range main --json

\b
EXIT STATUS: 0 every commit is covered; 1 one is not; 4 the range, the policy or the ledger cannot be used.""",
)
@click.argument("expression", metavar="RANGE")
@repository_option
@json_option
@pass_session
def check_range(session: Session, expression: str, repository: str | None, as_json: bool) -> int:
    """Check commits that are there: each has to have been covered by a change when it was made.

    Commits that went past the hook (git commit --no-verify) are found here, and recorded.
    """
    with _gate(session, repository) as gate:
        verdicts = gate.check_range(expression)
    return _answer_range(session, verdicts, as_json)


@hook.command("pre-receive", epilog="\b\nExample:\n  ledger hook install --repo /srv/git/configuration.git      puts it into a server's repository")
@repository_option
@json_option
@pass_session
def pre_receive(session: Session, repository: str | None, as_json: bool) -> int:
    """Check what is being pushed; git's pre-receive hook runs it on a server, and gives it the references."""
    with _gate(session, repository) as gate:
        verdicts = gate.receive(sys.stdin.buffer)
    return _answer_range(session, verdicts, as_json)


def _gate(session: Session, repository: str | None) -> Gate:
    from changelog_ledger.ledger.gate import Gate

    return Gate.open(repository, home=session.home, warn=warned)


def _said() -> dict[str, str]:
    from changelog_ledger.ledger.gate import variables

    return variables(os.environ)


def _answer(session: Session, verdict: Verdict, as_json: bool) -> int:
    if as_json:
        from changelog_ledger.reports import check_document

        write_json(check_document(verdict))
    else:
        _say(session, verdict)
    return 0 if verdict.passes else EXIT_FINDING


def _say(session: Session, verdict: Verdict) -> None:
    """Hooks speak on stderr: git shows it, and what is asked for on stdout is nothing."""
    if verdict.remarks or verdict.emergency:
        from changelog_ledger.reports import covered_words

        for words in covered_words(verdict):
            warned(words)
    if not verdict.passes:
        from changelog_ledger.reports import render_check

        write(render_check(verdict, session.style()))


def _answer_range(session: Session, verdicts: Sequence[Verdict], as_json: bool) -> int:
    from changelog_ledger import reports

    if as_json:
        write_json(reports.range_document(verdicts))
    else:
        write(reports.render_range(verdicts, session.style()))
    return 0 if all(verdict.passes for verdict in verdicts) else EXIT_FINDING


def _name_unstaged(verdict: Verdict, files: Sequence[str]) -> None:
    """Somebody who named files is told that others were the reason."""
    named = {os.path.normpath(file) for file in files}
    others = [judged for judged in verdict.refused if not _is_named(judged, named)]
    if others:
        warned(f"everything that is staged is checked, not only the files that were named: {len(others)} of the refused edits are others")


def _is_named(judged: Judged, named: set[str]) -> bool:
    return bool(named & set(judged.edit.paths))
