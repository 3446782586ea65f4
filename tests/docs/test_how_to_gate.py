"""The page about the gate can be followed as it stands there, from the top, in one shell; and its reference names whatever there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from changelog_ledger.model.gate import GatePolicy
from changelog_ledger.settings.gate_policy import _CONFIGURATION, _GATE, read_gate_policy
from tests.docs import console

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to" / "gate.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "gate.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SHOWN = re.search(r"^```\n(Refused\..*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_the_page_can_be_followed(tmp_path: Path) -> None:
    around = [
        "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1",
        *(f"export GIT_{who}_{what}=anna@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")),
        f"export LEDGER_HOME={tmp_path}/home",
        "git init -q -b main clone; cd clone; echo hello > README.md; git add README.md; git commit -q -m Begun",
    ]
    assert len(BLOCKS) == 8
    done = console.run([*around, *BLOCKS], tmp_path)[len(around) :]
    assert [each.code for each in done] == [0, 0, 0, 1, 0, 0, 1, 0], done
    _init, _policy, _install, refused, let_in, emergency, bypassed, _logged = (each.output for each in done)
    assert SHOWN
    assert SHOWN[1] in refused
    assert "Ledger-Change: CHG-" in let_in
    assert "the proxy is down" in emergency
    assert "hosts/web-01/etc/issue" in bypassed
    assert "ledger change log Sneaky --on host:web-01 --path /etc/issue --at " in bypassed


def test_every_key_of_the_policy_is_documented() -> None:
    assert [key for key in _GATE if f"| `{key}` |" not in REFERENCE] == []
    assert [key for key in _CONFIGURATION if f"`{key}`" not in REFERENCE] == []


def test_the_defaults_are_those() -> None:
    block = re.search(r"^```toml\n(# what counts.*?)^```$", REFERENCE, re.MULTILINE | re.DOTALL)
    assert block
    assert read_gate_policy(".changelog-ledger.toml", block[1].encode()) == GatePolicy()
    assert set(re.findall(r"^(\w+) = ", block[1], re.MULTILINE)) == {*_GATE} - {"people"}


def test_every_code_of_a_miss_is_documented() -> None:
    from changelog_ledger.gate.coverage import _NEAREST

    assert [code for code in _NEAREST if f"`{code}`" not in REFERENCE] == []


def test_the_example_is_a_policy() -> None:
    text = (DOCS.parent / "examples" / "gate" / "changelog-ledger.toml").read_bytes()
    assert read_gate_policy(".changelog-ledger.toml", text)
