"""Writes the answer on README's first screen: python -m tests.docs.readme."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
ANSWER = re.compile(r"(<!-- answer: [^>]* -->\n```text\n)(.*?)(```\n<!-- end of answer -->)", re.DOTALL)


def answer() -> str:
    """The first screen of what the example prints; what was cut is said."""
    output = subprocess.run([sys.executable, str(ROOT / "examples" / "we_changed_nothing.py")], stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = output.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("Window"))
    below = f"[... {len(lines) - first} lines: window, every suspect's evidence, what is ruled out, what to do next ...]"
    return "\n".join([*lines[:first], below]) + "\n"


def shown() -> str:
    """What README shows."""
    found = ANSWER.search(README.read_text(encoding="utf-8"))
    assert found, "README.md has lost the markers of the answer"
    return found[2]


if __name__ == "__main__":
    README.write_text(ANSWER.sub(lambda match: match[1] + answer() + match[3], README.read_text(encoding="utf-8")), encoding="utf-8")
