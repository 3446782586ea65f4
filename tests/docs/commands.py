"""Writes docs/reference/commands.md from the command's own objects: python -m tests.docs.commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from changelog_ledger.cli.main import cli

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"

GATE_TWINS = {"prepare-commit-msg": "prepare_message", "pre-receive": "receive"}
TWINS = {
    "key show": "keys",
    "key rotate": "rotate_key",
    "key export": "export_keys",
    "what-changed": "what_changed",
    "bisect start": "bisect",
    "bisect good": "bisections",
    "bisect bad": "bisections",
    "bisect skip": "bisections",
    "bisect status": "bisections",
    "bisect reset": "bisections",
    "spool list": "spool",
    "spool merge": "spool",
    "change plan": "plan",
    "change templates": "templates",
    "change log": "log",
    "change extend": "extend",
    "change approve": "approve",
    "change start": "start",
    "change finish": "finish",
    "change fail": "fail",
    "change roll-back": "roll_back",
    "change cancel": "cancel",
    "change review": "review",
    "change note": "note",
    "change check": "check",
    "change waive": "waive",
    "change reopen": "reopen",
    "change add-item": "add_item",
    "change prove": "prove",
    "change announce": "announce",
    "change list": "changes",
    "change show": "find_change",
    "host add": "add_host",
    "host list": "hosts",
    "host show": "host",
    "host retire": "retire_host",
    "service add": "add_service",
    "service list": "services",
    "service show": "service",
    "change conflicts": "conflicts",
    "change calendar": "calendar",
    "incident open": "incidents",
    "incident update": "incidents",
    "incident link": "incidents",
    "incident resolve": "incidents",
    "incident list": "incidents",
    "incident show": "incidents",
    "incident review": "incidents",
    "incident action": "incidents",
    "incident tell": "incidents",
    "freeze add": "freeze",
    "freeze list": "freeze",
    "freeze lift": "freeze",
    "host-hooks install": "host_hooks",
    "host-hooks uninstall": "host_hooks",
    "host-hooks status": "host_hooks",
    "host-hooks run": "host_hooks",
    "window add": "window",
    "window list": "window",
    "window lift": "window",
    "import": "import_facts",
    "export": "export_facts",
}
"""The methods of ``Ledger`` that are called otherwise than their command."""

HEAD = """\
# Commands

    ledger [--home DIR] [--utc] [-v] COMMAND ...

The command is installed under two names, `ledger` and `changelog-ledger`.

- **The home** is the folder given with `--home`, else `$LEDGER_HOME`, else the nearest `.ledger/` upwards that holds a `ledger.toml`, else
  the platform's data folder.
- **The actor**, who is recorded as having acted, is `$LEDGER_ACTOR`, else `$SUDO_USER`, else the login name.
- **Targets** are written `host:web-01`, `service:shop`, `all`, or a bare name where it is unambiguous.
- **TIME** is ISO 8601 with an offset (`2026-11-21T14:03+01:00`), `now`, `2h` or `2h ago`, a snapshot's id, a change's id (its start),
  `last-good` or `onset`. With the `human` extra also `yesterday 14:00`.
- **DURATION** is `90s`, `15m`, `2h`, `1h30m`, `3d` or `2w`.
- **Ids** may be shortened to any unambiguous beginning; case does not matter.
- **`--json`** prints one JSON document on stdout and nothing else there: see [JSON](json.md).
- Colour is used on a terminal only, and not with `NO_COLOR`. Times are the reader's in errors too; UTC with `--utc`, and in JSON always.

Exit codes: see [errors](errors.md).
"""


def commands(
    command: click.Command = cli, name: str = "", context: click.Context | None = None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command that can be called, with its full name; groups come before their commands."""
    here = click.Context(command, parent=context, info_name=name.rpartition(" ")[2] or "ledger")
    yield name, command, here
    if isinstance(command, click.Group):
        for inner in command.list_commands(here):
            found = command.get_command(here, inner)
            assert found is not None
            yield from commands(found, f"{name} {inner}".strip(), here)


def first_sentence(command: click.Command) -> str:
    """The first sentence of a command's help."""
    help_text = " ".join((command.help or "").split())
    head, stop, _ = help_text.partition(". ")
    return head + "." if stop else help_text


def options_of(command: click.Command) -> list[click.Option]:
    """The options that a command's own page must name."""
    return [option for option in command.params if isinstance(option, click.Option) and not option.hidden]


def page() -> str:
    """The whole page."""
    return HEAD + "".join(section(*each) for each in commands() if each[0]) + globals_section()


def globals_section() -> str:
    """The options in front of the command."""
    return "\n## Options in front of the command\n\n" + table(cli, click.Context(cli))


def section(name: str, command: click.Command, context: click.Context) -> str:
    """One command."""
    level = "##" if " " not in name else "###"
    parts = [f"\n{level} ledger {name}\n", help_of(command)]
    if isinstance(command, click.Group):
        return "\n".join(parts)
    usage = f"ledger {name} {' '.join(command.collect_usage_pieces(context))}"
    parts.append(f"    {usage}\n")
    if options_of(command):
        parts.append(table(command, context))
    parts += extras(command)
    owner, method = twin_of(name)
    parts.append(f"In Python: [`{owner}.{method}`](python.md#{owner.lower()})\n")
    return "\n".join(parts)


def twin_of(name: str) -> tuple[str, str]:
    """The class and the method that a command is in Python."""
    group, _, verb = name.partition(" ")
    if group == "hook":
        return "Gate", GATE_TWINS.get(verb, verb.replace("-", "_"))
    if group == "ingest" and verb:
        return "Ledger", "ingest"
    return "Ledger", TWINS.get(name, name.replace("-", "_"))


def help_of(command: click.Command) -> str:
    """The help, one paragraph a paragraph."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n")) + "\n"


def table(command: click.Command, context: click.Context) -> str:
    """The options and what they do."""
    rows = [option.get_help_record(context) for option in options_of(command)]
    lines = [f"| `{row[0]}` | {row[1]} |".replace("[", "(").replace("]", ")") for row in rows if row]
    lines = [escaped_bars(line) for line in lines]
    return "| option | |\n|---|---|\n" + "\n".join(lines) + "\n"


def escaped_bars(line: str) -> str:
    """A bar within a cell would end it."""
    return "|" + line[1:-1].replace(" | ", "\x00").replace("|", "\\|").replace("\x00", " | ") + "|"


def extras(command: click.Command) -> Iterator[str]:
    """Examples and exit status, from the epilog."""
    text = (command.epilog or "").replace("\b\n", "")
    examples, found, status = text.partition("EXIT STATUS:")
    lines = [line for line in examples.splitlines() if line.startswith("  ")]
    if lines:
        yield "\n".join("    " + line[2:] for line in lines) + "\n"
    if found:
        yield f"Exit status: {' '.join(status.split())}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
