"""``adopt``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, progress, write, write_json

if TYPE_CHECKING:
    from changelog_ledger.workflows.adopt import Adoption

_SHOWN = 5


@click.command(
    epilog="""\b
Examples:
  sudo ledger adopt /etc --host web-01
  ledger adopt backup/etc.git --host web-01 --branch main
  ledger adopt oxidized.git --host-from-path
  ledger adopt configs.git --host-from-path 'hosts/{host}/etc/{path}' --prefix /etc"""
)
@click.argument("repo")
@click.option("--host", metavar="NAME", default="", help="The host whose files they are.")
@click.option(
    "--host-from-path",
    metavar="PATTERN",
    default="",
    is_flag=False,
    flag_value="**/{host}",
    help="The path names the host: '{group}/{host}', 'hosts/{host}/{path}'; without PATTERN every file is a host, as Oxidized has it.",
)
@click.option("--prefix", metavar="DIR", help="The host's folder that REPO's top stands for; /etc for etckeeper, else /.")
@click.option("--branch", metavar="NAME", default="", help="The branch to follow; what is checked out if not given.")
@json_option
@pass_session
def adopt(session: Session, repo: str, host: str, host_from_path: str, prefix: str | None, branch: str, as_json: bool) -> None:
    """Take in the git history of etckeeper or Oxidized.

    Every commit becomes a snapshot with its time, author and message, and with what it changed; secrets are masked as in any snapshot. REPO is a work
    tree or a bare repository; it is only read, and nothing of it is run. Can be repeated: what was adopted before is passed over.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger, progress("commits, read and then recorded") as done:
        result = ledger.adopt(repo, host=host, host_from_path=host_from_path, prefix=prefix, branch=branch, progress=done)
        zone = session.zone()
    if as_json:
        write_json({"schema": reports.schema("adopt"), **_fields(result)})
    else:
        span = f", {result.first.astimezone(zone):%Y-%m-%d} to {result.last.astimezone(zone):%Y-%m-%d}" if result.first and result.last else ""
        write(f"adopted {result.snapshots:,} snapshots of {_shortly(result.hosts, 'host')} from {result.commits:,} commits{span}")
        for said in _remarks(result):
            write(reports.printable(said))


def _fields(result: Adoption) -> dict[str, object]:
    times = {name: moment.isoformat().replace("+00:00", "Z") if moment else None for name, moment in (("first", result.first), ("last", result.last))}
    counts = {"commits": result.commits, "snapshots": result.snapshots, "recovered": result.recovered, "bent": result.bent}
    return {**counts, "hosts": list(result.hosts), "added": list(result.added), **times, "shallow": result.is_cut, "left_out": dict(result.left_out)}


def _remarks(result: Adoption) -> Iterator[str]:
    if result.added:
        yield f"new in the ledger: {_shortly(result.added, 'host')}"
    if result.recovered:
        yield f"{result.recovered:,} of them were left in git by an earlier run that had died"
    if result.bent:
        yield f"{result.bent:,} commits have times out of order; they stand next to their neighbours, and their reason tells what their clock said"
    if result.is_cut:
        yield "the repository is shallow: its history begins in the middle"
    if result.left_out:
        shown = [f"{path} ({why})" for path, why in list(result.left_out.items())[:_SHOWN]]
        more = f" and {len(result.left_out) - _SHOWN:,} more" if len(result.left_out) > _SHOWN else ""
        yield f"left out: {'; '.join(shown)}{more}"


def _shortly(names: tuple[str, ...], noun: str) -> str:
    return ", ".join(names) if 0 < len(names) <= _SHOWN else f"{len(names):,} {noun}s"
