"""The CI snippets are run line by line in a real home, as the systems they are written for would: so they cannot rot."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from changelog_ledger import Ledger

CI = Path(__file__).parents[2] / "examples" / "ci"
SHA = "3f2a9c1d5e7b8a90817263544536271809fedcba"
GITHUB = {"GITHUB_SHA": SHA, "GITHUB_REPOSITORY": "bank/shop", "GITHUB_SERVER_URL": "https://git.example", "GITHUB_RUN_ID": "17"}
GITLAB = {
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_SHORT_SHA": SHA[:8],
    "CI_PROJECT_PATH": "bank/shop",
    "CI_PIPELINE_URL": "https://git.example/bank/shop/-/pipelines/17",
    "GITLAB_USER_LOGIN": "anna",
}
JQ = """#!/usr/bin/env python
import json, sys
document = json.load(sys.stdin)
for name in sys.argv[2].strip(".").split("."):
    document = document[name]
print(document)
"""
"""So much of jq as the snippets need, where it is not installed."""


@dataclass
class Runner:
    """A runner's machine: a checkout with a deployment script, the ledger's home, a shell."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def shell(self, script: str, options: str, **variables: str) -> bool:
        """Run a script; whether it went well."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LEDGER_")}
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], str(self.folder / "bin")])
        environment |= {"TZ": "UTC", "LC_ALL": "C.UTF-8"} | variables
        environment["LEDGER_HOME"] = str(self.home)
        done = subprocess.run(["bash", options, script], cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
        self.said.append(done.stdout + done.stderr)
        return done.returncode == 0

    def deploys(self, how: str) -> None:
        (self.folder / "deploy.sh").write_text(f"#!/bin/sh\n{how}\n")
        (self.folder / "deploy.sh").chmod(0o755)

    def change(self) -> Any:
        with Ledger.open(self.home) as ledger:
            (change,) = ledger.changes()
            assert ledger.verify() == ()
            return change


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    with Ledger.init(tmp_path / "home", host="runner-1", watch=[str(tmp_path / "etc")]) as ledger:
        ledger.add_service("shop", runs_on=["runner-1"])
    (tmp_path / "etc").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/jq").write_text(JQ)
    (tmp_path / "bin/jq").chmod(0o755)
    made = Runner(tmp_path)
    made.deploys("exit 0")
    return made


def github(runner: Runner, *, stopped_before: str = "") -> bool:
    """Go through the job's steps as GitHub does: after a failure only those that ask for it.

    :param stopped_before: the name of a step before which the job is stopped.
    """
    job = yaml.safe_load((CI / "github-actions.yml").read_text(encoding="utf-8"))["jobs"]["deploy"]
    (runner.folder / "output").touch()
    failed = False
    for step in job["steps"]:
        failed = failed or step.get("name") == stopped_before
        outputs = dict(line.split("=", 1) for line in (runner.folder / "output").read_text().splitlines())
        if "run" not in step or not wanted(step.get("if", "success()"), failed, outputs):
            continue
        given = {name: expression(value, outputs) for name, value in (job["env"] | step.get("env", {})).items()}
        own = {"GITHUB_OUTPUT": str(runner.folder / "output"), "GITHUB_STEP_SUMMARY": str(runner.folder / "summary.md")}
        failed = not runner.shell(step["run"], "-ec", **GITHUB, **own, **given) or failed
    return not failed


def wanted(condition: str, failed: bool, outputs: dict[str, str]) -> bool:
    known = {"success()": not failed, "failure()": failed, "always() && steps.plan.outputs.change": bool(outputs.get("change"))}
    return known[condition]


def expression(text: str, outputs: dict[str, str]) -> str:
    known = {"github.actor": "anna", "steps.plan.outputs.change": outputs.get("change", "")}
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], text)


def gitlab(runner: Runner, *, stopped_before: str = "") -> bool:
    """Go through the stages as GitLab does; a job's lines are one script, its dotenv report goes to the later ones."""
    pipeline = yaml.safe_load((CI / "gitlab-ci.yml").read_text(encoding="utf-8"))
    jobs = [(name, job) for name, job in pipeline.items() if name not in ("stages", "variables", "default")]
    assert [job["stage"] for _, job in jobs] == pipeline["stages"]
    failed = False
    for name, job in jobs:
        failed = failed or name == stopped_before
        if failed != (job.get("when") == "on_failure"):
            continue
        report = runner.folder / "change.env"
        handed_on = dict(line.split("=", 1) for line in report.read_text().splitlines()) if report.exists() else {}
        failed = not runner.shell("\n".join(job["script"]), "-ec", **GITLAB, **handed_on) or failed
    return not failed


@pytest.mark.slow
@pytest.mark.parametrize("pipeline", [github, gitlab])
class TestPipelines:
    def test_a_deployment_that_works(self, runner: Runner, pipeline: Any) -> None:
        assert pipeline(runner), runner.said
        change = runner.change()
        assert (change.title, change.status, change.actor) == ("Deploy shop 3f2a9c1d", "succeeded", "anna")
        assert change.ticket == f"bank/shop@{SHA}"
        assert change.reason.startswith("https://git.example/bank/shop/")
        with Ledger.open(runner.home) as ledger:
            assert ledger.time("last-good", "service:shop") is not None

    def test_one_that_fails(self, runner: Runner, pipeline: Any) -> None:
        runner.deploys("exit 7")
        assert not pipeline(runner)
        change = runner.change()
        assert (change.status, change.notes[-1].text) == ("failed", "./deploy.sh exited with 7")
        with Ledger.open(runner.home) as ledger:
            assert ledger.time("onset", "service:shop") is not None
        summary = runner.folder / "summary.md"
        assert "Deploy shop 3f2a9c1d" in (summary.read_text() if summary.exists() else runner.said[-1])

    @pytest.mark.parametrize(("killed", "status"), [(False, "cancelled"), (True, "failed")])
    def test_one_that_is_stopped_leaves_nothing_open(self, runner: Runner, pipeline: Any, killed: bool, status: str) -> None:
        if killed:
            runner.deploys("kill -9 $PPID; exit 1")
            assert not pipeline(runner)
        else:
            assert not pipeline(runner, stopped_before="Deploy" if pipeline is github else "deploy")
        assert runner.change().status == status, runner.said


@pytest.mark.parametrize("file", sorted(CI.iterdir()), ids=lambda file: file.name)
def test_no_expression_is_pasted_into_a_script(file: Path) -> None:
    """What a stranger may write (a title, a branch's name) has to come as a variable: pasted, it would be run."""
    text = file.read_text(encoding="utf-8")
    scripts = re.findall(r"^ +(?:run: \|?|- \|)\n?((?: {10,}.*\n)+)", text, re.MULTILINE)
    assert scripts or file.name == "gitlab-ci.yml"
    assert not any("${{" in script for script in scripts)
    assert yaml.safe_load(text)
