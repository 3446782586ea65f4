"""The checklist of a change: ``change check``, ``waive``, ``reopen``, ``add-item``, ``prove``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from changelog_ledger.cli.session import Session, pass_session, write
from changelog_ledger.errors import EXIT_FINDING

if TYPE_CHECKING:
    from changelog_ledger.model.change import Change, Item
    from changelog_ledger.model.proof import Proof

_ITEM = "ITEM is its number, or an unambiguous beginning or word of its text."

PROOFS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--item-run", metavar="TEXT COMMAND", nargs=2, multiple=True, help="An item that COMMAND proves by exit code 0 (see prove); may be repeated."
    ),
    click.option("--item-path", metavar="TEXT GLOB", nargs=2, multiple=True, help="An item that a difference at GLOB proves; may be repeated."),
)
"""The options for items that can be proved."""


def with_proofs(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details of a plan with the items of ``--item-run`` and ``--item-path`` behind the others."""
    from changelog_ledger.model.change import Item

    items = [Item(text, command=command) for text, command in details["item_run"]]
    items += [Item(text, paths=(glob,)) for text, glob in details["item_path"]]
    known = {name: value for name, value in details.items() if name not in ("item_run", "item_path")}
    return known | {"items": (*details["items"], *items)}


_change_argument = click.argument("change_id", metavar="ID")


@click.command(
    "check",
    help=f"Tick an item of a change's checklist.\n\n{_ITEM}",
    epilog="""\b
Examples:
  ledger change check CHG-7K3M9Q 4
  ledger change check CHG-7K3M9Q firewalls --because 'rule 212 on both ends'""",
)
@_change_argument
@click.argument("item")
@click.option("--because", metavar="TEXT", default="", help="What shows that it is done.")
@pass_session
def check(session: Session, change_id: str, item: str, because: str) -> None:
    """See ``help`` above."""
    with session.ledger() as ledger:
        before = ledger.find_item(change_id, item)
        checked = ledger.check(change_id, item, because=because)
    _say_what_was_done(before, checked)


@click.command(
    "waive",
    help=f"Say why an item of a change's checklist is not needed.\n\n{_ITEM}",
    epilog="\b\nExample:\n  ledger change waive CHG-7K3M9Q dns --because 'no name changes'",
)
@_change_argument
@click.argument("item")
@click.option("--because", metavar="TEXT", required=True, help="Why it is not needed.")
@pass_session
def waive(session: Session, change_id: str, item: str, because: str) -> None:
    """See ``help`` above."""
    with session.ledger() as ledger:
        before = ledger.find_item(change_id, item)
        waived = ledger.waive(change_id, item, because=because)
    _say_what_was_done(before, waived)


@click.command(
    "reopen",
    help=f"Say that an item of a change's checklist is still to be done.\n\n{_ITEM}",
    epilog="\b\nExample:\n  ledger change reopen CHG-7K3M9Q firewalls",
)
@_change_argument
@click.argument("item")
@pass_session
def reopen(session: Session, change_id: str, item: str) -> None:
    """See ``help`` above."""
    with session.ledger() as ledger:
        before = ledger.find_item(change_id, item)
        reopened = ledger.reopen(change_id, item)
    _say_what_was_done(before, reopened)


@click.command(
    "add-item",
    epilog="""\b
Examples:
  ledger change add-item CHG-7K3M9Q 'standby switched over'
  ledger change add-item CHG-7K3M9Q 'shop answers' --run 'curl -fsS https://shop.example/health'
  ledger change add-item CHG-7K3M9Q 'rule is in' --proved-by '/etc/nftables.d/**'""",
)
@_change_argument
@click.argument("text")
@click.option("--run", "command", metavar="COMMAND", default="", help="A shell command that proves it by exit code 0: see prove.")
@click.option("--proved-by", "paths", metavar="GLOB", multiple=True, help="Paths a difference at which proves it; may be repeated.")
@pass_session
def add_item(session: Session, change_id: str, text: str, command: str, paths: tuple[str, ...]) -> None:
    """Add an item to a change's checklist."""
    with session.ledger() as ledger:
        added = ledger.add_item(change_id, text, command=command, paths=paths)
    warn_of_masked(added.items[-1:])
    _say_what_is_left(added)


@click.command(
    "prove",
    epilog="""\b
Examples:
  ledger change prove CHG-7K3M9Q                        every open item that has a command
  ledger change prove CHG-7K3M9Q 'shop answers' --yes

EXIT STATUS: 0 all of them exited with 0; 1 one did not, or was not run.""",
)
@_change_argument
@click.argument("items", metavar="[ITEM]...", nargs=-1)
@click.option("--yes", is_flag=True, help="Do not ask; needed where stdin is no terminal.")
@click.option("--timeout", metavar="DURATION", default="60s", show_default=True, help="A command that takes longer is ended.")
@pass_session
def prove(session: Session, change_id: str, items: tuple[str, ...], yes: bool, timeout: str) -> int:
    """Run the commands that prove items of a change's checklist.

    Each is shown first, for somebody else may have written it; at a terminal you are asked. Exit code 0 ticks the item.
    """
    declined: list[Item] = []
    with session.ledger() as ledger:
        masked = [] if items else [item for item in ledger.find_change(change_id).open_items if item.has_masked_command]
        proofs = ledger.prove(change_id, items, leave=_leave(yes, declined), timeout=timeout)
    warn_of_masked(masked)
    for proof in proofs:
        _say_proof(proof, timeout)
    return 0 if not declined and not masked and all(proof.proven for proof in proofs) else EXIT_FINDING


def _leave(yes: bool, declined: list[Item]) -> Callable[[Item], bool] | None:
    """Who says whether a command may be run: ``--yes``, somebody at the terminal, or nobody. What is declined is noted."""
    if yes:
        return _shown
    return (lambda item: _asked(item, declined)) if sys.stdin.isatty() else None


def _shown(item: Item) -> bool:
    from changelog_ledger.reports import printable

    click.echo(f"warning: running for {printable(item.name)}: {printable(item.command)}", err=True)
    return True


def _asked(item: Item, declined: list[Item]) -> bool:
    from changelog_ledger.reports import printable

    click.echo(f"{printable(item.text)}\n  $ {printable(item.command)}", err=True)
    agreed = click.confirm("Run it?", err=True)
    declined += [] if agreed else [item]
    return agreed


def _say_proof(proof: Proof, timeout: str) -> None:
    from changelog_ledger.reports import printable

    ended = f"took longer than {timeout}" if proof.exit_code is None else f"exited with {proof.exit_code}"
    write(f"{'[x]' if proof.proven else '[ ]'} {printable(proof.item.name)}: {ended}")
    if not proof.proven and proof.said:
        write(f"    {printable(proof.said)}")


def warn_of_masked(items: Iterable[Item]) -> None:
    """On stderr: which items nobody can prove by their command."""
    from changelog_ledger.reports import printable

    for item in items:
        if item.has_masked_command:
            said = f"warning: the command of {item.name!r} held a secret, which was not kept, so it cannot be run: tick the item by hand"
            click.echo(printable(said), err=True)


def _say_what_was_done(before: Item, change: Change) -> None:
    from changelog_ledger.reports import render_item_step

    after = next((item for item in change.items if item.text == before.text), None)
    if after is not None:
        write(render_item_step(before, after))
    _say_what_is_left(change)


def _say_what_is_left(change: Change) -> None:
    """``CHG-7K3M9Q: 2 of 11 items open: DNS, monitoring``."""
    from changelog_ledger.reports import render_items_left

    write(render_items_left(change))
