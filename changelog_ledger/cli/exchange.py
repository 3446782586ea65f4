"""``import``, ``export``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, progress, write, write_json
from changelog_ledger.errors import EXIT_PARTIAL, InvalidInput


@click.command("import", epilog="\b\nExamples:\n  ledger import facts.jsonl --dry-run\n  other-tool | ledger import -")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Check every line, record nothing.")
@click.option("--keep-going", is_flag=True, help="Leave bad lines out instead of refusing the whole file (exit 3 if there were any).")
@json_option
@pass_session
def import_(session: Session, file: str, dry_run: bool, keep_going: bool, as_json: bool) -> int:
    """Record facts from JSON Lines.

    All or nothing; what is recorded already is passed over. FILE may be - for standard input.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger, _opened(file) as lines, progress("facts") as done:
        result = ledger.import_facts(_counted_text(lines, file), dry_run=dry_run, keep_going=keep_going, progress=lambda _step, count: done(count))
    for refused in result.refused:
        click.echo(reports.printable(f"refused: {refused.message}"), err=True)
    for line in result.altered:
        click.echo(f"warning: line {line} repeats a ref with another content; the first one counts", err=True)
    if as_json:
        counts = {"recorded": result.recorded, "known": result.known, "refused": len(result.refused)}
        write_json({"schema": reports.schema("import"), **counts, "implied": list(result.implied), "dry_run": dry_run})
    else:
        verb = "would record" if dry_run else "recorded"
        write(f"{verb} {result.recorded} facts; {result.known} were known already" + (f"; {len(result.refused)} refused" if result.refused else ""))
        if result.implied:
            names = ", ".join(result.implied[:5]) + (", …" if len(result.implied) > 5 else "")
            write(reports.printable(f"among them, because lines speak of them and none declares them: {names}"))
    return EXIT_PARTIAL if result.refused else 0


def _counted_text(lines: IO[str], name: str) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is not UTF-8 text ({error.reason})", "JSON Lines are written in UTF-8") from error


@contextmanager
def _opened(file: str) -> Iterator[IO[str]]:
    if file == "-":
        yield sys.stdin
        return
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(Path(file).open(encoding="utf-8"))
        except OSError as error:
            raise InvalidInput(f"cannot read {file}: {error.strerror}", "name a file of JSON Lines, or - for standard input") from error
        yield opened


@click.command(epilog="\b\nExample:\n  ledger export ledger.jsonl")
@click.argument("file", required=False)
@pass_session
def export(session: Session, file: str | None) -> None:
    """Write the ledger as JSON Lines, to FILE or standard output."""
    with session.ledger() as ledger, progress("facts") as done:
        if file is None or file == "-":
            for line in ledger.export_facts():
                sys.stdout.write(line + "\n")
                done(1)
            return
        with _replacing(Path(file)) as output:
            for line in ledger.export_facts():
                output.write(line + "\n")
                done(1)


@contextmanager
def _replacing(target: Path) -> Iterator[IO[str]]:
    """A new or regular file is replaced when it is complete, readable for its owner only; anything else (a device, a pipe) is written to."""
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8") as output:
            yield output
        return
    place = Path(os.path.realpath(target))
    descriptor, scratch = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as output:
            yield output
        Path(scratch).replace(place)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
