"""The snippets for the gate are run as the systems they are written for would run them: real clones, the real command, a ledger behind it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from changelog_ledger import Ledger
from changelog_ledger.model.gate import GatePolicy, Merges, Stand, Trailer
from changelog_ledger.model.hooks import WORK_STAGES
from changelog_ledger.settings.gate_policy import read_gate_policy

GATE = Path(__file__).parents[2] / "examples" / "gate"
ZEROS = "0" * 40


def read(name: str) -> Any:
    return yaml.safe_load((GATE / name).read_text(encoding="utf-8"))


@dataclass
class Forge:
    """A server with a repository, somebody's clone that pushes to it, and a runner that has the ledger's home."""

    folder: Path

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    def run(self, *command: str, at: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "LEDGER_", "GITHUB_", "CI_", "PRE_COMMIT"))}
        environment |= {"HOME": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        environment |= {f"GIT_{who}_{what}": "anna@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment |= {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]), **variables}
        environment["LEDGER_HOME"] = str(self.folder / "home")
        return subprocess.run(command, cwd=at or self.clone, env=environment, capture_output=True, text=True, check=False, timeout=120)

    def git(self, *arguments: str, at: Path | None = None) -> str:
        done = self.run("git", *arguments, at=at)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, path: str, text: str) -> str:
        """A commit that no hook has seen."""
        file = self.clone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.git("add", path)
        self.git("commit", "-q", "-m", f"Edit {path}")
        return self.git("rev-parse", "HEAD")

    def job(self, branch: str, script: str, options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A job's script, in a checkout as CI makes it: everything fetched, no branch."""
        checkout = self.folder / "checkout"
        self.run("rm", "-rf", str(checkout), at=self.folder)
        self.git("clone", "-q", "--no-checkout", str(self.folder / "server.git"), str(checkout), at=self.folder)
        self.git("checkout", "-q", "--detach", f"origin/{branch}", at=checkout)
        return self.run("bash", options, script, at=checkout, **variables)


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    forge = Forge(tmp_path)
    with Ledger.init(tmp_path / "home", host="web-01") as ledger:
        ledger.log("The gate's policy", on=["all"], paths=["/.changelog-ledger.toml"], at="now")
    forge.git("init", "-q", "--bare", "-b", "main", "server.git", at=tmp_path)
    forge.git("clone", "-q", "server.git", "clone", at=tmp_path)
    forge.git("switch", "-q", "-c", "main")
    forge.commit("README.md", "hello\n")
    forge.git("push", "-q", "origin", "main")
    return forge


Pipeline = Callable[..., subprocess.CompletedProcess[str]]


def github(forge: Forge, branch: str, *, before: str, after: str, into: str = "") -> subprocess.CompletedProcess[str]:
    """What GitHub runs after a push, or for a pull request into a branch (then there is no ``before``)."""
    (step,) = [step for step in read("github-actions.yml")["jobs"]["gate"]["steps"] if "run" in step]
    contexts = {
        "github.event.before": "" if into else before,
        "github.event.pull_request.head.sha": after if into else "",
        "github.event.repository.default_branch": "main",
    }
    given = {name: re.sub(r"\$\{\{ (.+?) \}\}", lambda found: contexts[found[1]], value) for name, value in step["env"].items()}
    own = {"GITHUB_EVENT_NAME": "pull_request" if into else "push", "GITHUB_BASE_REF": into, "GITHUB_REF_NAME": branch, "GITHUB_SHA": after}
    return forge.job(branch, step["run"], "-ec", **given, **own)


def gitlab(forge: Forge, branch: str, *, before: str, after: str, into: str = "") -> subprocess.CompletedProcess[str]:
    """What GitLab runs after a push, or for a merge request into a branch (then ``before`` is all zeros)."""
    script = "\n".join(read("gitlab-ci.yml")["gate"]["script"])
    given = {"CI_COMMIT_SHA": after, "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "merge_request_event" if into else "push"}
    if into:
        base = forge.git("merge-base", f"origin/{into}", after)
        return forge.job(branch, script, "-ec", CI_COMMIT_BEFORE_SHA=ZEROS, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **given)
    return forge.job(branch, script, "-ec", CI_COMMIT_BEFORE_SHA=before, CI_COMMIT_BRANCH=branch, **given)


@pytest.mark.slow
@pytest.mark.parametrize("pipeline", [github, gitlab])
class TestPipelines:
    """``policy`` and ``sneaky`` are in the history, so that every case tells whether it looks at too little and at too much."""

    @pytest.fixture
    def sneaky(self, forge: Forge) -> str:
        """main, with a commit that went past the gate and is known."""
        forge.commit(".changelog-ledger.toml", '[gate]\nconfig = ["hosts/{host}/**"]\n')
        sneaky = forge.commit("hosts/web-01/etc/hosts", "10.0.0.5 db\n")
        forge.git("push", "-q", "origin", "main")
        return sneaky

    def test_a_push(self, forge: Forge, pipeline: Pipeline, sneaky: str) -> None:
        fine = forge.commit("README.md", "hello again\n")
        forge.git("push", "-q", "origin", "main")
        passed = pipeline(forge, "main", before=sneaky, after=fine)
        assert passed.returncode == 0, passed.stderr
        refused = pipeline(forge, "main", before=forge.git("rev-parse", "main~2"), after=fine)
        assert refused.returncode == 1, refused.stderr
        assert "hosts/web-01/etc/hosts" in refused.stdout + refused.stderr

    def test_a_new_branch(self, forge: Forge, pipeline: Pipeline, sneaky: str) -> None:
        forge.git("switch", "-q", "-c", "topic")
        fine = forge.commit("README.md", "hello again\n")
        forge.git("push", "-q", "origin", "topic")
        passed = pipeline(forge, "topic", before=ZEROS, after=fine)
        assert passed.returncode == 0, passed.stdout + passed.stderr
        edit = forge.commit("hosts/web-01/etc/hosts", "10.0.0.6 db\n")
        forge.git("push", "-q", "origin", "topic")
        assert pipeline(forge, "topic", before=ZEROS, after=edit).returncode == 1

    def test_a_new_default_branch_is_looked_at_wholly(self, forge: Forge, pipeline: Pipeline, sneaky: str) -> None:
        refused = pipeline(forge, "main", before=ZEROS, after=sneaky)
        assert (refused.returncode, "hosts/web-01/etc/hosts" in refused.stdout + refused.stderr) == (1, True)

    def test_a_branch_that_was_forced(self, forge: Forge, pipeline: Pipeline, sneaky: str) -> None:
        forge.git("switch", "-q", "-c", "topic")
        fine = forge.commit("README.md", "hello again\n")
        forge.git("push", "-q", "origin", "topic")
        gone = "1234567890" * 4
        assert pipeline(forge, "topic", before=gone, after=fine).returncode == 0
        assert pipeline(forge, "main", before=gone, after=sneaky).returncode == 1

    def test_a_request_to_merge(self, forge: Forge, pipeline: Pipeline, sneaky: str) -> None:
        forge.git("switch", "-q", "-c", "topic")
        forge.commit("README.md", "hello again\n")
        edit = forge.commit("hosts/web-01/etc/hosts", "10.0.0.6 db\n")
        forge.git("push", "-q", "origin", "topic")
        assert pipeline(forge, "topic", before="", after=edit, into="main").returncode == 1
        assert pipeline(forge, "topic", before="", after=forge.git("rev-parse", "topic~1"), into="main").returncode == 0
        with Ledger.open(forge.folder / "home") as ledger:
            ledger.log("The database moves", on=["web-01"], paths=["/etc/hosts"], at=forge.git("show", "-s", "--format=%cI", edit))
        passed = pipeline(forge, "topic", before="", after=edit, into="main")
        assert passed.returncode == 0, passed.stdout + passed.stderr


class TestFiles:
    def test_the_policy_is_one_and_shows_every_setting(self) -> None:
        content = (GATE / "changelog-ledger.toml").read_bytes()
        policy = read_gate_policy(".changelog-ledger.toml", content)
        assert policy
        assert [str(entry.on) for entry in policy.config if entry.on] == ["host:fw-01"]
        assert policy.exempt_authors == ("renovate[bot]",)
        assert (policy.merges, policy.reverts, policy.trailer) == (Merges.OWN, Stand.ALLOW, Trailer.OPTIONAL)
        shown = set(re.findall(r"^([a-z_]+) =|^\[gate\.([a-z_]+)\]", content.decode(), re.MULTILINE))
        assert {one or other for one, other in shown} == set(GatePolicy.__slots__) - {"file", "grant_keys"}

    @pytest.mark.parametrize("file", ["github-actions.yml", "gitlab-ci.yml"])
    def test_the_whole_history_is_fetched(self, file: str) -> None:
        """Of a shallow clone nobody can tell what its last commits altered."""
        text = (GATE / file).read_text(encoding="utf-8")
        assert "fetch-depth: 0" in text or 'GIT_DEPTH: "0"' in text
        assert not any("${{" in line for line in re.findall(r"^ {10,}.*$", text, re.MULTILINE) if not re.match(r" +[A-Z_]+: ", line))

    def test_lefthook_runs_every_stage(self) -> None:
        hooks = {name: job["commands"]["ledger"]["run"] for name, job in read("lefthook.yml").items() if name != "min_version"}
        assert list(hooks) == list(WORK_STAGES)
        assert [run.split()[:3] for run in hooks.values()] == [
            ["ledger", "hook", name] for name in ("check", "check", "prepare-commit-msg", "check-message")
        ]

    def test_pre_commit_knows_the_hooks(self) -> None:
        config = read("pre-commit-config.yaml")
        manifest = {hook["id"]: hook for hook in yaml.safe_load((GATE.parents[1] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
        (repository,) = config["repos"]
        used = [manifest[hook["id"]] for hook in repository["hooks"]]
        stages = {stage for hook in used for stage in hook["stages"]}
        assert set(config["default_install_hook_types"]) == stages - {"pre-push"} == set(WORK_STAGES)
        for identity in [hook["id"] for hook in used]:
            system = manifest[f"{identity}-system"] | {"id": identity, "language": "python"}
            assert system == manifest[identity]
