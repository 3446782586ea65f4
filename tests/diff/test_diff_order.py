"""The order of deltas is the same in every process: identifiers of evidence follow from it."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import json
from changelog_ledger.diff import differences
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion

def deltas(path, before, after):
    sides = [FileVersion(text.encode(), parse(path, text.encode())) for text in (before, after)]
    return [(delta.path, delta.key, delta.op, delta.before, delta.after, delta.line, delta.note) for delta in differences(path, *sides)]

names = [f"key{number}" for number in range(40)]
print(json.dumps([
    deltas("/a.json", json.dumps({"x": {name: 1 for name in names}}), json.dumps({"x": {name + "n": 2 for name in names}})),
    deltas("/a.json", json.dumps([{"name": name, "v": [name]} for name in names]), json.dumps([{"name": name, "v": []} for name in names[::2]])),
    deltas("/a.yaml", "".join(f"{name}: [a, b]\\n" for name in names), "".join(f"{name}: [b, c]\\n" for name in names[::-1])),
    deltas("/etc/hosts", "".join(f"10.0.0.1 {name} {name}a {name}b\\n" for name in names), "".join(f"10.0.0.2 {name} {name}c\\n" for name in names)),
    deltas("/etc/ssh/sshd_config", "Match User bob\\n A no\\n B no\\n", "Match User eve\\n A no\\n B yes\\n"),
]))
"""


def test_the_order_does_not_depend_on_hashes() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env={**os.environ, "PYTHONHASHSEED": str(seed)}, capture_output=True, text=True, check=True
        ).stdout
        for seed in range(4)
    }
    assert len(answers) == 1
    assert len(answers.pop()) > 1000
