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
    """What the example prints, up to the end of the first suspect; what was cut is said."""
    output = subprocess.run([sys.executable, str(ROOT / "examples" / "we_changed_nothing.py")], stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = output.splitlines()
    second = next(number for number, line in enumerate(lines) if line.startswith(" 2. "))
    evidence = next(number for number, line in enumerate(lines) if line.startswith("EVIDENCE"))
    hints = next(number for number, line in enumerate(lines) if line.startswith("NEXT"))
    changes = f"[... {evidence - 1 - second} lines: the logged changes, each with what it explains ...]"
    return "\n".join([*lines[:second], changes, "", *lines[evidence:hints], "[... what to do next ...]"]) + "\n"


def shown() -> str:
    """What README shows."""
    found = ANSWER.search(README.read_text(encoding="utf-8"))
    assert found, "README.md has lost the markers of the answer"
    return found[2]


if __name__ == "__main__":
    README.write_text(ANSWER.sub(lambda match: match[1] + answer() + match[3], README.read_text(encoding="utf-8")), encoding="utf-8")
