"""The Ansible callback beside real runs of ``ansible-playbook``: what becomes a change, and that the playbook never suffers from it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger

ANSIBLE = Path(__file__).parents[2] / "examples" / "ansible"
COMMAND = Path(sys.executable).with_name("ansible-playbook")
FAILING = """
- name: Migrate the database
  hosts: web-01,web-02
  gather_facts: false
  tasks:
    - name: Dump it
      ansible.builtin.command: "true"
    - name: Alter the tables
      ansible.builtin.command: sh -c 'echo password=hunter2-of-the-table >&2; exit 3'
      when: inventory_hostname == "web-02"
"""


@dataclass(frozen=True)
class Site:
    """A copy of the example and a home that knows some of its hosts."""

    folder: Path
    home: Path

    def environment(self, **variables: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEDGER_", "ANSIBLE_"))}
        own = {"HOME": str(self.folder), "LEDGER_HOME": str(self.home), "LEDGER_ACTOR": "anna", "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
        return inherited | own | variables

    def play(self, *arguments: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``ansible-playbook ARGUMENTS`` in the example's folder."""
        done = subprocess.run(
            [COMMAND, *arguments], cwd=self.folder, env=self.environment(**variables), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def write(self, text: str) -> str:
        """A playbook; its name."""
        (self.folder / "play.yml").write_text(text)
        return "play.yml"

    def facts(self) -> list[dict[str, Any]]:
        with Ledger.open(self.home) as ledger:
            return [json.loads(line) for line in ledger.export_facts()]

    def observed(self) -> list[tuple[str, str]]:
        return sorted((fact["on"], fact["summary"]) for fact in self.facts() if fact["kind"] == "observation")

    def change(self) -> Any:
        """The only change."""
        with Ledger.open(self.home) as ledger:
            (change,) = ledger.changes()
            assert ledger.verify() == ()
            return change


@pytest.fixture
def site(tmp_path: Path) -> Site:
    shutil.copytree(ANSIBLE, tmp_path / "ansible", ignore=shutil.ignore_patterns("__pycache__", "out"))
    with Ledger.init(tmp_path / "home", host="web-01", actor="anna") as ledger:
        ledger.add_host("web-02")
    return Site(tmp_path / "ansible", tmp_path / "home")


def test_a_run_is_a_change_and_each_changed_task_an_observation(site: Site) -> None:
    done = site.play("site.yml", "--limit", "web-01,web-03", "-e", "password=correct-horse-battery")
    assert "WARNING" not in done.stderr, done.stderr
    change = site.change()
    assert (change.title, change.status, change.actor) == ("site.yml: Configure the shop", "succeeded", "anna")
    assert [str(target) for target in change.on] == ["host:web-01"], "web-02 is known and not within --limit; web-03 is not known"
    assert site.observed() == [
        ("host:web-01", "Make the folder (ansible.builtin.file)"),
        ("host:web-01", "Reload the shop (ansible.builtin.command)"),
        ("host:web-01", "Write the configuration (ansible.builtin.copy)"),
    ]
    said = [note.text for note in change.notes]
    assert said[0] == "ansible-playbook site.yml"
    assert "Write the configuration (ansible.builtin.copy) changed web-03" in said
    assert said[-1] == "tasks that changed something: web-01 (3), web-03 (3); not known to the ledger: web-03"
    assert "correct-horse" not in json.dumps(site.facts())
    with Ledger.open(site.home) as ledger:
        evidence = ledger.what_changed("host:web-01", since="1h").evidence
    assert {(piece.explained_by, piece.kind) for piece in evidence} == {(change.id, "ansible-task")}


def test_check_mode_records_nothing(site: Site) -> None:
    before = site.facts()
    done = site.play("site.yml", "--check")
    assert "changed=" in done.stdout
    assert site.facts() == before


@pytest.mark.slow
def test_a_second_run_changes_nothing_and_says_so(site: Site) -> None:
    site.play("site.yml", "--limit", "web-02")
    site.play("site.yml", "--limit", "web-02", LEDGER_TITLE="Look after web-02", LEDGER_TICKET="OPS-7", LEDGER_IMPACT="none")
    with Ledger.open(site.home) as ledger:
        second, _ = ledger.changes()
    assert (second.title, second.ticket, second.impact, second.status) == ("Look after web-02", "OPS-7", "none", "succeeded")
    assert second.notes[-1].text == "no task changed anything"
    assert len(site.observed()) == 3


@pytest.mark.slow
def test_a_failure_is_one_and_its_words_stay_out(site: Site) -> None:
    done = site.play(site.write(FAILING), code=2)
    assert "hunter2" in done.stdout, "Ansible itself shows it"
    change = site.change()
    assert (change.status, change.title) == ("failed", "play.yml: Migrate the database")
    assert change.notes[-1].text.startswith("failed on web-02: Alter the tables (ansible.builtin.command); tasks that changed something: web-01 (1)")
    assert "hunter2" not in json.dumps(site.facts())


@pytest.mark.slow
def test_rescued_and_ignored_failures_are_none(site: Site) -> None:
    play = "- hosts: web-01\n  gather_facts: false\n  tasks:\n"
    ignored = '    - {name: May fail, ansible.builtin.command: "false", ignore_errors: true}\n'
    rescued = '    - block: [{name: Fails, ansible.builtin.command: "false"}]\n      rescue: [{name: Mend, ansible.builtin.command: "true"}]\n'
    site.play(site.write(play + ignored + rescued))
    assert site.change().status == "succeeded"


@pytest.mark.slow
def test_an_unreachable_host_fails_the_change(site: Site) -> None:
    site.play("site.yml", "--limit", "web-02", "-e", "ansible_remote_tmp=/proc/there/is/no/such", code=4)
    change = site.change()
    assert change.status == "failed"
    assert "unreachable: web-02" in change.notes[-1].text


@pytest.mark.slow
def test_hosts_that_nobody_knows_leave_it_on_the_control_node(site: Site) -> None:
    site.play("site.yml", "--limit", "web-03")
    change = site.change()
    assert [str(target) for target in change.on] == ["host:web-01"]
    assert change.notes[-1].text.endswith("not known to the ledger: web-03")
    assert site.observed() == []


@pytest.mark.slow
def test_localhost_and_delegated_tasks_are_recorded_where_they_were_done(site: Site) -> None:
    play = "- hosts: web-03\n  gather_facts: false\n  tasks:\n"
    there = '    - {name: Drain it, ansible.builtin.command: "true", delegate_to: web-02}\n'
    here = '    - {name: Tell the balancer, ansible.builtin.command: "true", delegate_to: localhost}\n'
    site.play(site.write(play + there + here))
    assert site.observed() == [
        ("host:web-01", "Tell the balancer (ansible.builtin.command)"),
        ("host:web-02", "Drain it (ansible.builtin.command)"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("begun", [False, True])
def test_a_planned_change_is_made_instead(site: Site, begun: bool) -> None:
    """One that somebody else has started is theirs to finish."""
    with Ledger.open(site.home) as ledger:
        planned = ledger.plan("Move the shop", ["host:web-02"], items=["monitoring muted"])
        if begun:
            ledger.start(planned.id)
    site.play("site.yml", "--limit", "web-02", LEDGER_CHANGE=planned.id)
    change = site.change()
    assert change.status == ("started" if begun else "succeeded")
    assert begun or change.notes[-1].text.endswith("; still open: monitoring muted")
    assert len(site.observed()) == 3


@pytest.mark.slow
def test_what_the_rules_refuse_stops_the_playbook_only_where_that_is_wanted(site: Site) -> None:
    done = site.play("site.yml", "--limit", "web-01", code=4, LEDGER_IMPACT="high", LEDGER_ENFORCE="true")
    assert "a change of high impact needs 1 approval" in done.stderr + done.stdout
    assert not (site.folder / "out").exists(), "no task was run"
    assert (site.change().status, site.observed()) == ("cancelled", [])
    done = site.play("site.yml", "--limit", "web-01", LEDGER_IMPACT="high")
    assert "needs 1 approval" in done.stderr
    assert (site.folder / "out/web-01/shop.ini").exists()
    with Ledger.open(site.home) as ledger:
        assert [change.status for change in ledger.changes()] == ["cancelled", "cancelled"]
        evidence = ledger.what_changed("host:web-01", since="1h").evidence
    assert {piece.explained_by for piece in evidence} == {""}, "what was made all the same is unlogged"
    assert len(evidence) == 3


@pytest.mark.slow
def test_a_ledger_that_is_away_is_a_warning(site: Site) -> None:
    done = site.play("site.yml", LEDGER_HOME=str(site.folder / "nowhere"))
    assert "changelog_ledger: " in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert (site.folder / "out/web-03/shop.ini").exists()


@pytest.mark.slow
def test_a_python_without_it_is_a_warning(site: Site) -> None:
    (site.folder / "without/changelog_ledger").mkdir(parents=True)
    (site.folder / "without/changelog_ledger/__init__.py").write_text("raise ImportError('not here')")
    done = site.play("site.yml", PYTHONPATH=str(site.folder / "without"))
    assert "not installed for" in done.stderr
    assert (site.folder / "out/web-03/shop.ini").exists()


@pytest.mark.slow
def test_it_has_to_be_enabled(site: Site) -> None:
    before = site.facts()
    settings = site.folder / "ansible.cfg"
    settings.write_text(settings.read_text().replace("callbacks_enabled", "# callbacks_enabled"))
    site.play("site.yml", "--limit", "web-01")
    assert site.facts() == before


@pytest.mark.slow
def test_ctrl_c_leaves_no_change_open(site: Site) -> None:
    play = site.write("- hosts: web-01\n  gather_facts: false\n  tasks: [{name: Wait, ansible.builtin.command: sleep 60}]\n")
    running = subprocess.Popen([COMMAND, play], cwd=site.folder, env=site.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.poll() is None and not any(fact.get("started_at") for fact in site.facts()):
        time.sleep(0.2)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=60)
    assert running.returncode != 0, out
    change = site.change()
    assert (change.status, change.notes[-1].text) == ("failed", "ansible-playbook ended before the playbook did")


@pytest.mark.slow
def test_a_locked_database_delays_little_and_nothing_is_lost(site: Site) -> None:
    toml = site.home / "ledger.toml"
    toml.write_text("patience = 1\nlock_timeout = 60\n" + toml.read_text())
    holder = sqlite3.connect(site.home / "ledger.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    done = site.play("site.yml", "--limit", "web-01", XDG_STATE_HOME=str(site.folder / "state"))
    took = time.monotonic() - begun
    holder.execute("ROLLBACK")
    holder.close()
    assert "goes to the spool" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert took < 30
    with Ledger.open(site.home) as ledger:
        ledger.spool.merge()
    change = site.change()
    assert (change.title, change.status) == ("site.yml: Configure the shop", "succeeded")
    assert "Write the configuration (ansible.builtin.copy) on web-01" in change.notes[-1].text


@pytest.mark.slow
def test_a_ledger_that_is_back_at_the_end_gets_everything(site: Site) -> None:
    toml = site.home / "ledger.toml"
    toml.write_text("patience = 1\n" + toml.read_text())
    play = "- hosts: web-02\n  gather_facts: false\n  tasks:\n"
    waits = "".join(f"    - {{name: Step {number}, ansible.builtin.command: sleep 4}}\n" for number in (1, 2, 3))
    holder = sqlite3.connect(site.home / "ledger.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    spool = site.home / "spool"
    watch = threading.Thread(target=_released, args=(holder, spool))
    watch.start()
    site.play(site.write(play + waits), XDG_STATE_HOME=str(site.folder / "state"))
    watch.join()
    assert site.change().status == "succeeded"
    assert [host for host, _ in site.observed()] == ["host:web-02"] * 3


def _released(holder: sqlite3.Connection, spool: Path) -> None:
    """Let go of the database when the first fact lies in the spool."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not list(spool.glob("*.jsonl")):
        time.sleep(0.1)
    time.sleep(1)
    holder.execute("ROLLBACK")
    holder.close()
