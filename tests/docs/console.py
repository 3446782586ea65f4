"""Runs the ```console blocks of a Markdown file, and writes their output back into it.

    python -m tests.docs.console docs/tutorial.md [--pause SECONDS]

A line that begins with ``$ `` is a command; what follows is its output. All commands of a file run in one shell, in an empty folder, in order.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_FOLDER = "/home/anna/tutorial"
MARK = "\x1e"  # ASCII record separator: nothing that a command prints


@dataclass(frozen=True)
class Done:
    """A command that was run."""

    command: str
    output: str
    code: int


def commands_of(text: str) -> list[list[str]]:
    """The commands of every block."""
    return [[line[2:] for line in block.splitlines() if line.startswith("$ ")] for block in BLOCK.findall(text)]


def run(commands: list[str], folder: Path, pause: float = 0) -> list[Done]:
    """Run commands in one shell in ``folder``, one after the other."""
    lines = []
    for command in commands:
        lines += [command, f"printf '{MARK}%s{MARK}' $?", f"sleep {pause}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LEDGER_", "COLUMNS", "SUDO_"))}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LEDGER_ACTOR": "anna",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", "-c", "exec 2>&1\n" + "\n".join(lines)], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False, timeout=240
    )
    pieces = done.stdout.split(MARK)
    return [Done(command, pieces[2 * number], int(pieces[2 * number + 1])) for number, command in enumerate(commands)]


def written_back(text: str, done: list[Done], folder: Path) -> str:
    """The file with the output of every command below it."""
    following = iter(done)

    def block(match: re.Match[str]) -> str:
        shown = []
        for line in match[1].splitlines():
            if line.startswith("$ "):
                result = next(following)
                assert result.command == line[2:]
                shown += [line, *result.output.replace(str(folder), SHOWN_FOLDER).rstrip("\n").splitlines()]
        return "```console\n" + "\n".join(shown) + "\n```"

    return BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    """Write the output of the commands into the files."""
    parser = argparse.ArgumentParser(description="Run the console blocks of Markdown files and write their output back.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--pause", type=float, default=0, help="seconds between two commands, as a reader would take")
    options = parser.parse_args(arguments)
    for file in options.files:
        text = file.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            done = run([command for block in commands_of(text) for command in block], folder, options.pause)
            file.write_text(written_back(text, done, folder), encoding="utf-8")
        for failed in (each for each in done if each.code != 0):
            print(f"{file}: exit {failed.code}: {failed.command}\n{failed.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
