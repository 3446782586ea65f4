"""``snapshot``, ``snapshots``, ``cat``, ``diff``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from changelog_ledger.cli.session import Session, format_option, json_option, pass_session, progress, write, write_json, write_page
from changelog_ledger.errors import EXIT_FINDING, EXIT_PARTIAL, InvalidInput

if TYPE_CHECKING:
    from changelog_ledger.model.snapshot import Snapshot

_MOST_WARNINGS = 20


@click.command(
    epilog="""\b
Examples:
  ledger snapshot                                       this machine
  ledger snapshot --path /etc/nginx --reason 'before the upgrade'
  ledger snapshot --path @state/routes                  of the machine's state, the routes only
  ledger snapshot --explain                             what would be looked at? Nothing is recorded
  ledger snapshot web-01 --root /mnt/web-01             an image: /mnt/web-01/etc/x is recorded as /etc/x

EXIT STATUS: 3 when something could not be read, or its content was left out (too large, special)."""
)
@click.argument("host", required=False)
@click.option("--path", metavar="PATH", multiple=True, help="Look at this path only, may be repeated; else at what the home watches.")
@click.option("--root", metavar="DIR", default="/", show_default=True, help="The directory that stands for /.")
@click.option("--at", metavar="TIME", help="When the files were so; now if not given.")
@click.option("--reason", metavar="TEXT", default="", help="Why it is taken.")
@click.option("--change", metavar="ID", default="", envvar="LEDGER_CHANGE", help="The change that the differences belong to; else $LEDGER_CHANGE.")
@click.option("--explain", is_flag=True, help="Only say what would be looked at, and what of the machine's state can be collected.")
@json_option
@pass_session
def snapshot(session: Session, /, host: str | None, path: tuple[str, ...], explain: bool, as_json: bool, **how: Any) -> int:
    """Record what the watched files of a host hold now."""
    if explain:
        if host or how["root"] != "/":
            raise InvalidInput("--explain speaks of this machine, not of another host or an image", "leave out HOST and --root")
        _explain(session, path, as_json)
        return 0
    with session.ledger() as ledger, progress("reading files") as done:
        taken = ledger.snapshot(host, paths=path, **how, progress=done)
    if as_json:
        from changelog_ledger.reports import snapshots_document

        write_json(snapshots_document([taken]))
    else:
        write(_snapshot_line(taken))
    _warn_of_gaps(taken)
    return EXIT_PARTIAL if taken.partial else 0


def _explain(session: Session, path: tuple[str, ...], as_json: bool) -> None:
    from changelog_ledger import reports

    with session.ledger() as ledger:
        explained = ledger.explain_snapshot(paths=path)
    if as_json:
        write_json(reports.explained_snapshot_document(explained))
    else:
        write(reports.render_explained_snapshot(explained, session.style()))


def _warn_of_gaps(taken: Snapshot) -> None:
    """Say on stderr what the snapshot lacks."""
    if not taken.partial:
        return
    from changelog_ledger.reports.escape import printable

    lacking = [f"could not read {printable(path)}" for path in taken.unread]
    lacking += [f"left out {printable(left.path)}: {printable(left.detail)}" for left in taken.left_out]
    for words in lacking[:_MOST_WARNINGS]:
        click.echo(f"warning: {words}", err=True)
    more = len(taken.unread) + taken.left_out_count - _MOST_WARNINGS
    if more > 0:
        click.echo(f"warning: … and {more} more; ledger snapshots {taken.host} --json names them", err=True)
    if taken.left_out:
        click.echo("hint: what is nobody's configuration belongs under snapshot.ignore in ledger.toml", err=True)


def _snapshot_line(taken: Snapshot) -> str:
    found = "first snapshot" if taken.previous is None else "nothing new" if taken.unchanged else "changed since the last one"
    partial = f", {len(taken.unread)} not read" if taken.unread else ""
    partial += f", {taken.left_out_count} left out" if taken.left_out else ""
    return f"{taken.host}: {taken.files} file{'s' if taken.files != 1 else ''}, {found}{partial}  (snapshot {taken.id})"


@click.command(epilog="\b\nExample:\n  ledger snapshots web-01")
@click.argument("host")
@json_option
@pass_session
def snapshots(session: Session, host: str, as_json: bool) -> None:
    """List the snapshots of a host."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.snapshots(host)
        now = ledger.now()
    if as_json:
        write_json(reports.snapshots_document(found))
    else:
        write(reports.render_snapshots(found, session.style(), now))


@click.command(epilog="\b\nExamples:\n  ledger cat web-01 /etc/hosts --at yesterday\n  ledger cat web-01 /etc/nginx/            lists what is there")
@click.argument("host")
@click.argument("path")
@click.option("--at", metavar="TIME", help="When; now if not given.")
@click.option("--reveal", is_flag=True, help="Show secrets: opens the sealed original, which needs the home's key.")
@pass_session
def cat(session: Session, host: str, path: str, at: str | None, reveal: bool) -> None:
    """Print a file as it was at a time."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        if path.endswith("/"):
            write("\n".join(reports.printable(name) for name in ledger.files(host, path, at=at)))
            return
        content = ledger.cat(host, path, at=at, reveal=reveal)
    if sys.stdout.isatty():  # a pipe gets the bytes, a terminal nothing that could take it over
        write("\n".join(reports.printable_lines(content.decode("utf-8", "surrogateescape"))))
    else:
        sys.stdout.buffer.write(content)


@click.command(
    epilog="""\b
Examples:
  ledger diff web-01                          the last two snapshots
  ledger diff web-01 last-good now --path '/etc/nginx/**'
  ledger diff web-01 2d 1h --text
  ledger diff web-01 2d now --noise           what changes by itself as well
  ledger diff web-01 2d --format html > diff.html
  ledger diff --files old.yaml new.yaml       two files, no ledger needed"""
)
@click.argument("host", required=False)
@click.argument("since", metavar="[FROM]", required=False)
@click.argument("until", metavar="[TO]", required=False)
@click.option("--path", metavar="GLOB", help="Only paths that match; with --files: what to call the file.")
@click.option("--files", nargs=2, metavar="OLD NEW", type=click.Path(path_type=Path), help="Compare two files; - for one that is not there.")
@click.option("--as", "as_format", metavar="FORMAT", help="With --files: read them as this format.")
@click.option("--text", is_flag=True, help="A unified diff of the stored text.")
@click.option("--noise", is_flag=True, help="Show what rules call noise as well, each with its rule.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is a difference.")
@format_option
@json_option
@pass_session
def diff(
    session: Session,
    host: str | None,
    since: str | None,
    until: str | None,
    path: str | None,
    files: tuple[Path, Path] | None,
    as_format: str | None,
    text: bool,
    noise: bool,
    exit_code: bool,
    rendering: str,
    as_json: bool,
) -> int:
    """What differs between two snapshots of a host, or two files."""
    rendering = "unified" if text else "json" if as_json else rendering
    if files is not None:
        differs = _diff_files(session, files, path, as_format, rendering)
    elif host is None:
        raise click.UsageError("name a host, or two files with --files OLD NEW")
    else:
        differs = _diff_host(session, host, since, until, path, noise, rendering)
    return EXIT_FINDING if differs and exit_code else 0


def _diff_host(session: Session, host: str, since: str | None, until: str | None, path: str | None, noise: bool, rendering: str) -> bool:
    from changelog_ledger import reports

    with session.ledger() as ledger:
        if rendering == "unified":
            unified = ledger.diff_text(host, since, until, path=path)
            _write_source(unified)
            return bool(unified)
        evidence = ledger.diff(host, since, until, path=path, noise=noise)
        now = ledger.now()
    if rendering == "json":
        write_json(reports.evidence_document("diff", evidence, evidence.suppressed))
    elif rendering == "text":
        nothing = "no difference but noise\n" if evidence.suppressed else "no difference"
        found = reports.render_evidence(evidence, session.style(), now) if evidence else nothing
        write(found + reports.render_suppressed(evidence.suppressed, session.style(), "add --noise"))
    else:
        write_page(session, reports.differences_of_host(host, evidence), rendering, now)
    return bool(evidence)


def _diff_files(session: Session, files: tuple[Path, Path], name: str | None, as_format: str | None, rendering: str) -> bool:
    from changelog_ledger import ledger, reports

    old, new = (_content(path) for path in files)
    path = name or str(files[1] if str(files[1]) != "-" else files[0])
    if rendering == "unified":
        unified = ledger.unified_diff(path, old, new)
        _write_source(unified)
        return bool(unified)
    deltas = ledger.diff_files(path, old, new, as_format=as_format)
    if rendering == "json":
        write_json(reports.deltas_document(deltas))
    elif rendering == "text":
        write(reports.render_deltas(deltas, session.style()))
    else:
        write_page(session, reports.differences_of_files(str(files[0]), str(files[1]), deltas), rendering)
    return bool(deltas)


def _write_source(text: str) -> None:
    """Stored text: a pipe gets it as it is, a terminal nothing that could take it over."""
    from changelog_ledger import reports

    if sys.stdout.isatty():
        write("\n".join(reports.printable_lines(text)))
    else:
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))


def _content(path: Path) -> bytes | None:
    if str(path) == "-":
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}", "name two files that exist; - stands for one that does not") from error
