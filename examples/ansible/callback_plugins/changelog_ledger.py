"""A playbook run is a change in the ledger: planned and started before its first task, finished or failed by what became of its hosts.

Put it into ``callback_plugins/`` beside the playbook, and enable it (``callbacks_enabled = changelog_ledger`` in ``ansible.cfg``). It is an ordinary
notification callback: https://docs.ansible.com/ansible/latest/dev_guide/developing_plugins.html#callback-plugins

No module argument and no output of a task is recorded, only its name, its module and its host: there may be secrets among the others. Whatever is
wrong with the ledger is a warning; the playbook runs on. The one exception is asked for by ``enforce``.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

try:
    from changelog_ledger import Ledger
    from changelog_ledger.errors import Busy, HomeError, LedgerError, Spooled, TransitionRefused
except ImportError:  # Ansible runs in another Python; said once, when the playbook starts
    Ledger = None

DOCUMENTATION = """
name: changelog_ledger
type: notification
short_description: records a playbook run as a change in the changelog ledger
description:
  - A playbook run becomes a change, and each task that changed a known host an observation of that host.
  - Check mode records nothing. A ledger that is away never fails the playbook.
requirements:
  - changelog-ledger in the Python that runs Ansible
  - enabling, with C(callbacks_enabled = changelog_ledger) in C(ansible.cfg)
options:
  home:
    description: The ledger's folder. Without it, found as the command C(ledger) finds it.
    type: path
    env: [{name: LEDGER_HOME}]
    ini: [{section: callback_changelog_ledger, key: home}]
  title:
    description: What the change is called. Without it, the file of the playbook and the names of its plays.
    type: str
    env: [{name: LEDGER_TITLE}]
    ini: [{section: callback_changelog_ledger, key: title}]
  change:
    description:
      - A change that was planned already. It is made instead of a new one.
      - One that is under way already stays so at the end; whoever started it finishes it.
    type: str
    env: [{name: LEDGER_CHANGE}]
  ticket:
    description: Where else the change is known.
    type: str
    env: [{name: LEDGER_TICKET}]
    ini: [{section: callback_changelog_ledger, key: ticket}]
  impact:
    description: What users may notice.
    type: str
    choices: [none, low, medium, high]
    env: [{name: LEDGER_IMPACT}]
    ini: [{section: callback_changelog_ledger, key: impact}]
  override:
    description: Why it is made in spite of a freeze, a conflict or its window.
    type: str
    env: [{name: LEDGER_OVERRIDE}]
  enforce:
    description: Whether the playbook stops, with exit code 4 and before its first task, where the rules of the ledger refuse the change.
    type: bool
    default: false
    env: [{name: LEDGER_ENFORCE}]
    ini: [{section: callback_changelog_ledger, key: enforce}]
"""

LONGEST_TITLE = 200
LONGEST_LIST = 12
REFUSED = 4
"""Exit code of a run that the rules of the ledger refused: that of ``ledger change start``."""

LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass
class Run:
    """What is to be known of a run until its end.

    :ivar change: its id; empty while there is none.
    :ivar ours: whether the change was started here, and so has to be closed here.
    :ivar away: why the ledger does not answer, once it did not: it is asked only once more then, at the end. What is recorded goes to its spool.
    :ivar known: the ledger's host for each host of the inventory that it knows.
    """

    file: str
    plays: list[Any]
    change: str = ""
    ours: bool = False
    away: LedgerError | None = None
    begun: bool = False
    known: dict[str, str] = field(default_factory=dict)
    changed: list[tuple[str, Any, datetime]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)


class CallbackModule(CallbackBase):
    """See above."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "changelog_ledger"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._run: Run | None = None
        self._process = os.getpid()

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Only remembered: its hosts are not known before its first play starts."""
        if context.CLIARGS.get("check"):
            return
        if Ledger is None:
            self._display.warning(f"changelog_ledger: not installed for {sys.executable}; nothing is recorded")
            return
        self._run = Run(Path(playbook._file_name or "").name, playbook.get_plays())
        atexit.register(self._left)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Before the first task of the first play the change is under way, or refused."""
        run = self._run
        if run is None:
            return
        hosts = hosts_of([play] if run.begun else run.plays)
        first, run.begun = not run.begun, True
        if run.away is not None:
            return
        with self._beside_the_playbook(), self._ledger() as ledger:
            try:
                run.known |= known_hosts(ledger, hosts)
                run.unknown |= set(hosts) - set(run.known)
                if first:
                    self._begin(ledger, run)
            except (Busy, HomeError, Spooled) as error:
                run.away = error
                if not first:
                    raise
                self._begin_without(ledger, run, hosts)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """What the task before has changed is recorded in one go."""
        self._record()

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """The same."""
        self._record()

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task is through with a host."""
        self._note(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """It may have changed something before."""
        self._note(result)
        if self._run is not None and not ignore_errors:
            self._run.failed[part(result, "host").get_name()] = described(part(result, "task"))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The end: the change is finished, or has failed."""
        run = self._run
        if run is None:
            return
        if run.away is not None:
            self._ask_once_more(run)
        self._record()
        self._run = None
        if run.ours:
            verb = "fail" if stats.failures or stats.dark else "finish"
        elif run.change and run.away is not None:
            verb = "note"
        else:
            return
        with self._beside_the_playbook(), self._ledger() as ledger:
            close(ledger, run, verb, summary(run, stats))

    # ---- the ledger

    def _begin(self, ledger: Any, run: Run) -> None:
        """Plan the change, unless it is given, and start it, unless it has been started."""
        given = self.get_option("change")
        change = ledger.find_change(given) if given else self._planned(ledger, run)
        run.change = change.id
        if change.status == "started":
            return
        try:
            run.ours = True
            ledger.spool.start(change.id, note=f"ansible-playbook {run.file}", override=self.get_option("override") or "")
        except TransitionRefused as refused:
            run.change, run.ours = "", False
            enforced = self.get_option("enforce")
            if not given:
                ledger.cancel(change.id, note=f"{'stopped' if enforced else 'made all the same'}: {refused.message}")
            if enforced:
                self._display.error(f"changelog_ledger: {refused.message}; {refused.hint}")
                self._run = None
                sys.exit(REFUSED)
            raise

    def _begin_without(self, ledger: Any, run: Run, hosts: list[str]) -> None:
        """The change goes to the spool. Which hosts the ledger knows, nobody can say: it is made on this machine.

        Of one that was given nobody can say whether it is somebody else's to finish: it gets a note at the end.
        """
        self._display.warning(f"changelog_ledger: {run.away.message}; what is to be recorded goes to the spool")
        spool = ledger.spool.knowing(run.away)
        if run.ours:  # only its start went there
            return
        if given := self.get_option("change"):
            run.change = given
            return
        run.change = getattr(run.away, "change", "")  # planned there a moment ago
        try:
            if not run.change:
                self._plan(spool, run, [f"host:{ledger.host_name}"], f" (for {listed(hosts)})")
        except Spooled as planned:
            run.change = planned.change
        run.ours = True
        with suppress(Spooled):
            spool.start(run.change, note=f"ansible-playbook {run.file}", override=self.get_option("override") or "")

    def _ask_once_more(self, run: Run) -> None:
        """At the end: whether the ledger answers again. What waits in the spool is merged by that."""
        with self._beside_the_playbook(), self._ledger() as ledger:
            try:
                ledger.hosts()
                run.away = None
            except (Busy, HomeError) as error:
                run.away = error

    def _planned(self, ledger: Any, run: Run) -> Any:
        return self._plan(ledger.spool, run, sorted({f"host:{name}" for name in run.known.values()}) or [control_node(ledger)])

    def _plan(self, spool: Any, run: Run, on: list[str], addition: str = "") -> Any:
        return spool.plan(
            self.get_option("title") or title(run),
            on,
            impact=self.get_option("impact"),
            ticket=self.get_option("ticket") or "",
            category=["ansible"],
            reason=f"ansible-playbook {run.file}{addition}",
        )

    def _note(self, result: Any) -> None:
        """Keep what a task has changed until the next one starts. A task in check mode has only pretended to."""
        task = part(result, "task")
        if self._run is not None and result.is_changed() and not task.check_mode:
            self._run.changed.append((actual_host(result), task, datetime.now(UTC)))

    def _record(self) -> None:
        """One observation for each host that the last task changed, all of them in one transaction; of unknown hosts a note on the change."""
        run = self._run
        if run is None or not run.changed or run.away is not None:
            return
        changed, run.changed = run.changed, []
        hosts = list(dict.fromkeys(host for host, _, _ in changed))
        with self._beside_the_playbook(), self._ledger() as ledger:
            try:
                known = known_hosts(ledger, hosts)
            except (Busy, HomeError) as error:
                run.away, run.changed = error, changed
                raise
            if lines := [observation(run, known[host], task, at) for host, task, at in changed if host in known]:
                ledger.import_facts(lines, keep_going=True)
            others: dict[str, list[str]] = {}
            for host, task, _ in changed:
                if host not in known and host not in others.setdefault(described(task), []):
                    others[described(task)].append(host)
            for what, where in others.items():
                if run.change:
                    ledger.note(run.change, f"{what} changed {listed(where)}")

    def _left(self) -> None:
        """Ansible has ended without telling how it went: Ctrl-C, or an error that stopped it. (Its forked workers have another process id.)"""
        run, self._run = self._run, None
        if run is None or not run.ours or os.getpid() != self._process:
            return
        with self._beside_the_playbook(), self._ledger() as ledger:
            close(ledger, run, "fail", "ansible-playbook ended before the playbook did")

    def _ledger(self) -> Any:
        """The home, open for the length of a ``with``: a connection must not live on in the workers that Ansible forks."""
        return Ledger.open(self.get_option("home") or None).in_passing()

    @contextmanager
    def _beside_the_playbook(self) -> Iterator[None]:
        """Whatever goes wrong with the ledger is said, and the playbook runs on."""
        try:
            yield
        except Spooled as spooled:
            self._display.warning(f"changelog_ledger: {spooled.message}")
        except LedgerError as error:
            self._display.warning(f"changelog_ledger: {error.message}" + (f" ({error.hint})" if error.hint else ""))
        except Exception as error:  # noqa: BLE001 - a disk that is full, a database that is away: none of it is the playbook's business
            self._display.warning(f"changelog_ledger: {type(error).__name__}: {error}")


def hosts_of(plays: list[Any]) -> list[str]:
    """The hosts of the inventory that plays are for, ``--limit`` heeded. Of a play whose ``hosts`` is a template still, nothing is known yet."""
    found: dict[str, None] = {}
    for play in plays:
        if "{{" not in str(play.hosts):
            found |= dict.fromkeys(play.get_variable_manager().get_vars(play=play).get("ansible_play_hosts_all", ()))
    return list(found)


def known_hosts(ledger: Any, names: list[str]) -> dict[str, str]:
    """Which hosts of the ledger they are: those of the same name, and this machine for ``localhost``."""
    recorded = {host.name for host in ledger.hosts()}
    called = {name: ledger.host_name if name in LOCAL and name not in recorded else name for name in names}
    return {name: host for name, host in called.items() if host in recorded}


def control_node(ledger: Any) -> str:
    """What a change is made on of whose hosts the ledger knows none: this machine, else all."""
    return f"host:{ledger.host_name}" if ledger.host_name in {host.name for host in ledger.hosts()} else "all"


def title(run: Run) -> str:
    """``site.yml: Configure nginx, Deploy the shop``; a play without a name is called by its hosts."""
    names = list(dict.fromkeys(str(play.get_name()) for play in run.plays))
    whole = f"{run.file}: {', '.join(names)}" if names else run.file
    return whole if len(whole) <= LONGEST_TITLE else f"{whole[: LONGEST_TITLE - 1]}…"


def part(result: Any, name: str) -> Any:
    """``host`` or ``task`` of a result; before ansible-core 2.19 they were called ``_host`` and ``_task``."""
    return getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")


def actual_host(result: Any) -> str:
    """The host that was worked on: of a delegated task, the one that it was delegated to."""
    delegated = str(part(result, "task").delegate_to or "")
    return delegated if delegated and "{{" not in delegated else str(part(result, "host").get_name())


def described(task: Any) -> str:
    """``Write the configuration (ansible.builtin.copy)``."""
    return f"{task.get_name()} ({module(task)})"


def module(task: Any) -> str:
    """Its full name, where Ansible has found it: ``ansible.builtin.copy``."""
    return str(task.resolved_action or task.action)


def observation(run: Run, host: str, task: Any, at: datetime) -> str:
    """A line of ``ledger import``."""
    data = {"task": task.get_name(), "module": module(task), "playbook": run.file, "change": run.change}
    line = {"kind": "observation", "what": "ansible-task", "on": f"host:{host}", "at": at.isoformat(), "summary": described(task), "data": data}
    return json.dumps(line)


def close(ledger: Any, run: Run, verb: str, note: str) -> None:
    """Finish the change or record its failure, unless the playbook has done so itself."""
    if run.away is not None:
        tasks = list(dict.fromkeys(f"{described(task)} on {host}" for host, task, _ in run.changed))
        changed = f"; changed by {listed(tasks)}" if tasks else ""
        spool = ledger.spool.knowing(run.away)
        if verb == "note":
            spool.note(run.change, note + changed)
        else:
            getattr(spool, verb)(run.change, note=note + changed)
        return
    change = ledger.find_change(run.change)
    if change.status != "started":
        return
    left = f"; still open: {', '.join(item.text for item in change.open_items)}" if change.open_items else ""
    getattr(ledger.spool, verb)(change.id, note=note + left)


def summary(run: Run, stats: Any) -> str:
    """How it went, host by host; what failed first. The words of a failure stay out: they may hold a secret."""
    said = [f"failed on {host}: {run.failed.get(host, 'a task')}" for host in sorted(stats.failures)]
    said += [f"unreachable: {listed(sorted(stats.dark))}"] if stats.dark else []
    changed = [f"{host} ({count})" for host, count in sorted(stats.changed.items()) if count]
    said.append(f"tasks that changed something: {listed(changed)}" if changed else "no task changed anything")
    unknown = sorted(run.unknown & set(stats.processed))
    said += [f"not known to the ledger: {listed(unknown)}"] if unknown else []
    return "; ".join(said)


def listed(names: list[str]) -> str:
    """A few names, and how many more there are."""
    more = f" and {len(names) - LONGEST_LIST} more" if len(names) > LONGEST_LIST else ""
    return ", ".join(names[:LONGEST_LIST]) + more
