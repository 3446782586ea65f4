"""The gate under the real pre-commit framework: as a hook of its, and beside it in one hooks folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from changelog_ledger.model.hooks import HookState
from changelog_ledger.workflows.install_hooks import install_hooks, uninstall_hooks

ROOT = Path(__file__).parents[2]
MANIFEST = ".pre-commit-hooks.yaml"
IDS = ["ledger-check", "ledger-prepare-commit-msg", "ledger-check-message"]
STAND_IN = """\
#!/bin/sh
[ "$3" = -c ] && exit 0
range="${PRE_COMMIT_FROM_REF:+from $PRE_COMMIT_FROM_REF to $PRE_COMMIT_TO_REF}"
echo "$* $range${PRE_COMMIT_COMMIT_MSG_SOURCE:+source $PRE_COMMIT_COMMIT_MSG_SOURCE}" >> "$CALLS"
exit "${OURS:-0}"
"""
"""Instead of ``ledger``, and of an interpreter: writes down how it is called."""

pytestmark = pytest.mark.slow


@dataclass
class Bench:
    """A repository, the framework's own folders, and a ``ledger`` that writes down how it is called."""

    folder: Path

    @property
    def repository(self) -> Path:
        return self.folder / "config"

    def run(self, *command: str, at: Path | None = None, code: int | None = 0, **variables: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "LEDGER_", "PYTHON", "PRE_COMMIT"))}
        environment |= {"HOME": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "CALLS": str(self.folder / "calls")}
        environment |= {"PRE_COMMIT_HOME": str(self.folder / "pre-commit"), "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])}
        identity = {f"GIT_{who}_{what}": "anna@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            command, cwd=at or self.repository, env=environment | identity | variables, capture_output=True, text=True, check=False, timeout=280
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def pre_commit(self, *arguments: str, code: int | None = 0, **variables: str) -> str:
        return self.run(sys.executable, "-m", "pre_commit", *arguments, code=code, **variables)

    def calls(self) -> list[str]:
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line.replace("-E -P -m changelog_ledger ", "").rstrip() for line in lines]

    def released(self, *paths: str) -> Path:
        """A clone of this project, as far as it is needed, with everything as it stands now."""
        clone = self.folder / "changelog-ledger"
        clone.mkdir()
        for path in (MANIFEST, *paths):
            if (ROOT / path).is_dir():
                shutil.copytree(ROOT / path, clone / path, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / path, clone / path)
        self.run("git", "init", "-q", "-b", "main", at=clone)
        self.run("git", "add", "-A", "-f", at=clone)
        self.run("git", "commit", "-q", "-m", "A release", at=clone)
        self.run("git", "tag", "v1.0", at=clone)
        return clone

    def edited(self, text: str) -> None:
        (self.repository / "haproxy.cfg").write_text(text)
        self.run("git", "add", "haproxy.cfg")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ledger").write_text(STAND_IN)
    (tmp_path / "bin/ledger").chmod(0o755)
    bench.repository.mkdir()
    bench.run("git", "init", "-q", "-b", "main")
    return bench


def configured(bench: Bench, source: Path, ids: list[str]) -> None:
    """The repository uses the framework, as the page says."""
    hooks = "".join(f"      - id: {identity}\n" for identity in ids)
    types = "default_install_hook_types: [pre-commit, pre-merge-commit, prepare-commit-msg, commit-msg]\n"
    (bench.repository / ".pre-commit-config.yaml").write_text(f"{types}repos:\n  - repo: {source}\n    rev: v1.0\n    hooks:\n{hooks}")
    bench.run("git", "add", ".pre-commit-config.yaml")
    bench.pre_commit("install")


class TestHooks:
    def test_tried_without_being_installed(self, bench: Bench) -> None:
        clone = bench.released()
        bench.edited("maxconn 1\n")
        assert "Passed" in bench.pre_commit("try-repo", str(clone), "ledger-check-system")
        assert "Failed" in bench.pre_commit("try-repo", str(clone), "ledger-check-system", code=1, OURS="1")
        assert bench.calls() == ["hook check", "hook check"]

    def test_every_commit_is_looked_at(self, bench: Bench) -> None:
        configured(bench, bench.released(), [f"{identity}-system" for identity in IDS])
        bench.edited("maxconn 1\n")
        bench.run("git", "commit", "-m", "An edit")
        message = ".git/COMMIT_EDITMSG"
        assert bench.calls() == ["hook check", f"hook prepare-commit-msg {message} source message", f"hook check-message {message}"]
        (bench.repository / "haproxy.cfg").write_text("maxconn 3\n")  # not staged: the framework puts it aside meanwhile
        bench.run("git", "commit", "--allow-empty", "-m", "Nothing", code=1, OURS="1")
        bench.run("git", "rm", "-q", "-f", "haproxy.cfg")  # nothing left whose name could be passed
        bench.calls()
        bench.run("git", "commit", "-m", "Gone", code=1, OURS="1")
        assert bench.calls() == ["hook check"]

    def test_a_range_is_handed_on(self, bench: Bench) -> None:
        configured(bench, bench.released(), ["ledger-check-system"])
        bench.edited("maxconn 1\n")
        bench.run("git", "commit", "-m", "An edit")
        bench.edited("maxconn 2\n")
        bench.run("git", "commit", "-m", "Another")
        bench.calls()
        bench.pre_commit("run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
        assert bench.calls() == ["hook check from HEAD~1 to HEAD"]

    def test_in_an_environment_of_its_own(self, bench: Bench) -> None:
        (bench.folder / "bin/ledger").unlink()
        configured(bench, bench.released("pyproject.toml", "README.md", "LICENSE", "changelog_ledger"), ["ledger-check"])
        bench.edited("maxconn 1\n")
        bench.run("git", "commit", "-m", "No configuration by any policy")
        (bench.repository / ".changelog-ledger.toml").write_text('[gate]\nconfig = ["*.cfg"]\n')
        bench.run("git", "add", ".changelog-ledger.toml")
        bench.run("git", "commit", "--no-verify", "-m", "A policy")
        bench.edited("maxconn 2\n")
        assert "ledger hook grant" in bench.run("git", "commit", "-m", "There is no ledger to cover it", code=1)
        ours = list((bench.folder / "pre-commit").glob("repo*/py_env-*/bin/ledger"))
        assert len(ours) == 1
        assert bench.run(str(ours[0]), "--version")


class TestSideBySide:
    """Both installed into one hooks folder, in either order, again and again."""

    def installed(self, bench: Bench) -> HookState:
        (hook,) = install_hooks(bench.repository, ["pre-commit"], python=str(bench.folder / "bin/ledger")).hooks
        return hook.state

    @pytest.fixture
    def theirs(self, bench: Bench) -> None:
        (bench.repository / ".pre-commit-config.yaml").write_text(
            "repos:\n  - repo: local\n    hooks:\n      - {id: theirs, name: theirs, language: system, entry: ledger theirs, "
            "always_run: true, pass_filenames: false}\n"
        )
        bench.run("git", "add", ".pre-commit-config.yaml")

    def commits(self, bench: Bench) -> list[str]:
        bench.run("git", "commit", "--allow-empty", "-m", "An edit")
        return sorted(bench.calls())

    @pytest.mark.usefixtures("theirs")
    def test_the_framework_first(self, bench: Bench) -> None:
        bench.pre_commit("install")
        assert self.installed(bench) is HookState.WRITTEN
        assert self.commits(bench) == ["hook check", "theirs"]
        bench.pre_commit("install")  # over ours: runs it as pre-commit.legacy, which would call the framework's older script
        assert self.commits(bench) == ["hook check", "theirs"]
        assert self.installed(bench) is HookState.UNCHANGED
        assert self.commits(bench) == ["hook check", "theirs"]
        uninstall_hooks(bench.repository)
        assert self.commits(bench) == ["theirs"]

    @pytest.mark.usefixtures("theirs")
    def test_the_gate_first(self, bench: Bench) -> None:
        own = bench.repository / ".git/hooks/pre-commit"
        own.write_text("#!/bin/sh\nledger own\n")
        own.chmod(0o755)
        self.installed(bench)
        bench.pre_commit("install")
        assert self.commits(bench) == ["hook check", "own", "theirs"]
        assert self.installed(bench) is HookState.UNCHANGED
        uninstall_hooks(bench.repository)
        assert self.commits(bench) == ["own", "theirs"]
        bench.pre_commit("uninstall")
        assert self.commits(bench) == ["own"]
        assert own.read_text() == "#!/bin/sh\nledger own\n"
