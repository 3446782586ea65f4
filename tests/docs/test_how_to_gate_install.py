"""What the page about installing the gate shows can be run as it stands there, from the top, in one shell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from changelog_ledger.model.hooks import Stage
from changelog_ledger.workflows.hook_script import hook_line
from tests.docs import console

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "gate-install.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_the_commands_run(tmp_path: Path) -> None:
    home, server = tmp_path / "var/lib/changelog-ledger", tmp_path / "srv/git/configuration.git"
    around = [
        "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1",
        *(f"export GIT_{who}_{what}=anna@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")),
        f"export LEDGER_HOME={home}; ledger init --host web-01",
        f"git init -q --bare -b main {server}; git clone -q {server} clone; cd clone; git switch -q -c main; mkdir .husky",
        "echo hello > README.md; git add README.md; git commit -q -m Begun; git push -q origin main",
    ]
    blocks = [block.replace("/var/lib/changelog-ledger", str(home)).replace("/srv/git/configuration.git", str(server)) for block in BLOCKS]
    assert len(blocks) == 6
    seen = "mkdir -p hosts/web-01; echo x > hosts/web-01/motd; git add .; git commit -q -m Sneaky"
    commands = [*around, blocks[0], blocks[1], seen, *blocks[2:5], f"{seen} --no-verify", "git push -q origin main", blocks[4], blocks[5]]
    done = console.run(commands, tmp_path)
    *begun, policy, _install, refused, _husky, _server, in_range, _past, pushed, sneaky, taken_out = done
    assert [each.code for each in begun] == [0] * len(begun), begun
    assert policy.code == 0, policy
    assert (refused.code, "hosts/web-01/motd" in refused.output) == (1, True), refused
    assert in_range.code == 0, in_range
    assert (pushed.code, "hosts/web-01/motd" in pushed.output) == (1, True), pushed
    assert (sneaky.code, "hosts/web-01/motd" in sneaky.output) == (1, True), sneaky
    assert taken_out.code == 0, taken_out
    assert [name for name in os.listdir(tmp_path / "clone/.git/hooks") if not name.endswith(".sample")] == []


def test_the_table_has_the_lines_that_the_command_prints() -> None:
    rows = re.findall(r"^\| (`pre.*?`|`commit-msg`) \| `(.*?)` \|$", PAGE, re.MULTILINE)
    shown = {stage: line.replace("\\|", "|") for names, line in rows for stage in re.findall(r"`(.*?)`", names)}
    assert shown == {stage.value: hook_line(stage) for stage in Stage}


def test_the_policy_is_shown_as_a_shell_takes_it() -> None:
    assert subprocess.run(["bash", "-n"], input="\n".join(BLOCKS), text=True, check=False).returncode == 0
