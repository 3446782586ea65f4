"""Deployments while the ledger is away, and what the spool makes of them afterwards."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import changelog_ledger
from changelog_ledger import Ledger
from changelog_ledger.errors import Busy, HomeError, InvalidInput, NotFound, PolicyRefused, Spooled, TransitionRefused
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.workflows.away import is_away
from changelog_ledger.workflows.within import VARIABLE, current_change

from .world import HOST, Clock, World, entropy

ON = [f"host:{HOST}"]


@pytest.fixture(autouse=True)
def _state_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def impatient(world: World) -> World:
    """A ledger that waits a tenth of a second."""
    toml = world.ledger.home / "ledger.toml"
    toml.write_text("patience = 0.1\nlock_timeout = 0.1\n" + toml.read_text())
    return World(reopened(world), world.clock, world.machine)


def reopened(world: World) -> Ledger:
    return Ledger.open(world.ledger.home, actor="alex", clock=world.clock, entropy=entropy(next(_SEEDS)))


_SEEDS = iter(range(100, 10_000))


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Somebody else holds the database."""
    with sqlite3.connect(world.ledger.home / "ledger.db", isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")


def steps(world: World, change: str) -> list[str]:
    return [note.step for note in world.ledger.find_change(change).notes if note.step]


def make(world: World, title: str = "Deploy", **options: Any) -> Any:
    return world.ledger.change(title, ON, root=world.machine.root, **options)


def test_a_script_deploys_while_the_ledger_is_locked(impatient: World, caplog: pytest.LogCaptureFixture) -> None:
    done = []
    with locked(impatient), make(impatient) as change:
        done.append(change.id)
    assert done == [change.id]
    assert "does not answer" in caplog.text
    assert [waiting.fact.kind for waiting in impatient.ledger.spool.list()] == ["change", "change-step", "change-step"]
    found = impatient.ledger.find_change(change.id)
    assert (str(found.status), found.title, [str(target) for target in found.on]) == ("succeeded", "Deploy", ON)
    assert impatient.ledger.spool.list() == ()
    assert impatient.ledger.verify() == ()


def test_strict_refuses_before_anything_is_done(impatient: World) -> None:
    with locked(impatient), pytest.raises(Busy), make(impatient, strict=True):
        pytest.fail("the body must not run")
    assert impatient.ledger.spool.list() == ()
    assert impatient.ledger.changes() == ()


def test_the_original_exception_comes_out_when_its_end_cannot_be_recorded(impatient: World) -> None:
    with pytest.raises(RuntimeError, match="disk on fire") as raised, make(impatient) as change:
        impatient.clock.tick(minutes=1)
        holder = locked(impatient)
        holder.__enter__()
        raise RuntimeError("disk on fire")
    holder.__exit__(None, None, None)
    assert raised.value.__context__ is None
    assert steps(impatient, change.id) == ["started", "failed"]
    assert "disk on fire" in impatient.ledger.find_change(change.id).notes[-1].text


def test_the_end_is_merged_at_once_where_the_ledger_answers_by_then(impatient: World) -> None:
    holder = locked(impatient)
    holder.__enter__()
    with make(impatient) as change:
        holder.__exit__(None, None, None)
    assert impatient.ledger.spool.list() == ()
    assert steps(impatient, change.id) == ["started", "succeeded"]


def test_merging_twice_records_once(impatient: World, tmp_path: Path) -> None:
    with locked(impatient), make(impatient) as change:
        pass
    (file,) = (impatient.ledger.home / "spool").iterdir()
    copy = file.read_bytes()
    assert len(impatient.ledger.spool.merge().recorded) == 3
    facts = impatient.ledger.status().facts
    file.write_bytes(copy)  # as if the merger had been killed before it removed the file
    file.chmod(0o600)
    again = impatient.ledger.spool.merge()
    assert (again.recorded, again.known, again.complete) == ((), 3, True)
    assert impatient.ledger.status().facts == facts
    assert steps(impatient, change.id) == ["started", "succeeded"]


def test_two_mergers_at_once_record_once(impatient: World) -> None:
    for number in range(8):
        with locked(impatient), make(impatient, f"Deploy {number}"):
            pass
    facts = impatient.ledger.export_facts  # opens nothing yet
    results: list[Any] = []

    def merge() -> None:
        try:
            with replace_patience(impatient) as ledger:
                results.append(ledger.spool.merge())
        except Busy:
            results.append(None)

    threads = [threading.Thread(target=merge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(result.recorded) for result in results if result) == 24
    lines = [json.loads(line) for line in facts()]
    assert sum(line["kind"] == "change" for line in lines) == 8
    assert impatient.ledger.verify() == ()


@contextmanager
def replace_patience(world: World) -> Iterator[Ledger]:
    with Ledger.open(world.ledger.home, actor="alex", clock=world.clock) as ledger:
        ledger._workspace = replace(ledger._workspace, settings=replace(ledger._workspace.settings, lock_timeout=20.0))
        yield ledger


def test_a_step_that_is_no_longer_possible_becomes_a_note(impatient: World) -> None:
    change = impatient.ledger.plan("Tune", on=ON).id
    with locked(impatient), pytest.raises(Spooled) as said:
        impatient.ledger.spool.start(change.lower(), note="off we go")
    assert said.value.exit_code == 75
    (impatient.ledger.home / "spool").rename(impatient.ledger.home / "aside")  # the spool is on a disk that comes back later
    impatient.clock.tick(minutes=1)
    impatient.ledger.cancel(change)
    (impatient.ledger.home / "aside").rename(impatient.ledger.home / "spool")
    merged = impatient.ledger.spool.merge()
    assert (len(merged.noted), merged.complete) == (1, True)
    found = impatient.ledger.find_change(change)
    assert str(found.status) == "cancelled"
    assert "it was to start" in found.notes[-1].text
    assert "off we go" in found.notes[-1].text


def test_what_names_nothing_known_stays_and_is_merged_when_it_is_known(impatient: World) -> None:
    with locked(impatient):
        for verb, arguments in (("good", ["web-09"]), ("note", ["CHG-000000", "hm"]), ("bad", ["web-01"])):
            with pytest.raises(Spooled):
                getattr(impatient.ledger.spool, verb)(*arguments)
    merged = impatient.ledger.spool.merge()
    assert [fact.kind for fact in merged.recorded] == ["mark"]
    assert [waiting.reason for waiting in merged.kept] == ["there is no host or service web-09", "there is no change CHG-000000"]
    assert impatient.ledger.status().spooled == 2
    impatient.ledger.add_host("web-09")
    assert [fact.data["target"] for fact in impatient.ledger.spool.merge().recorded] == ["host:web-09"]
    assert [waiting.fact.data["change"] for waiting in impatient.ledger.spool.list()] == ["CHG-000000"]


def test_what_was_spooled_is_as_if_it_had_been_recorded(impatient: World) -> None:
    at = impatient.clock()
    calls: list[tuple[str, list[Any], dict[str, Any]]] = [
        ("good", [HOST], {"source": "smoke test"}),
        ("bad", [f"host:{HOST}"], {"symptom": "502"}),
        ("observe", ["fan replaced", HOST], {"kind": "hardware", "data": {"ticket": "4711"}}),
        ("log", ["Raised limit", ON], {"at": at, "paths": ["/etc/nginx/**"], "impact": "low"}),
        ("plan", ["Next", ON], {"start": "2025-07-01T10:00Z", "duration": "2h", "rollback_to": "latest"}),
    ]
    with locked(impatient):
        for verb, arguments, options in calls:
            with pytest.raises(Spooled):
                getattr(impatient.ledger.spool, verb)(*arguments, **options)
    assert impatient.ledger.spool.merge().complete
    spooled = [json.loads(line) for line in impatient.ledger.export_facts()]
    for verb, arguments, options in calls:
        getattr(impatient.ledger, verb)(*arguments, **options)
    both = [json.loads(line) for line in impatient.ledger.export_facts()]
    by_hand = both[len(spooled) :]
    assert [plain(line) for line in spooled[-5:]] == [plain(line) for line in by_hand]


def plain(line: dict[str, Any]) -> dict[str, Any]:
    """Without what is drawn anew each time."""
    return {name: value for name, value in line.items() if name not in ("id", "key", "ref", "assessment")}


def test_a_wish_that_cannot_be_right_is_refused_and_not_spooled(impatient: World) -> None:
    with locked(impatient):
        for verb, arguments, options in (
            ("note", ["CHG-1", " "], {}),
            ("plan", ["", ON], {}),
            ("plan", ["Too late", ON], {"start": "2020-01-01T00:00Z", "end": "2020-01-01T02:00Z"}),
            ("plan", ["Kept", ON], {"rollback_to": "host:web-00", "retain_until": "14d"}),
            ("good", ["host:"], {}),
            ("bad", [HOST], {"at": "2099-01-01T00:00Z"}),
            ("observe", ["", HOST], {}),
        ):
            with pytest.raises(InvalidInput):
                getattr(impatient.ledger.spool, verb)(*arguments, **options)
        with pytest.raises(Busy):  # only the database knows when that was
            impatient.ledger.spool.good(HOST, at="onset")
    assert impatient.ledger.spool.list() == ()


def test_half_a_line_is_put_aside_and_said(impatient: World) -> None:
    with locked(impatient), pytest.raises(Spooled):
        impatient.ledger.spool.good(HOST)
    (file,) = (impatient.ledger.home / "spool").iterdir()
    with file.open("ab") as opened:
        opened.write(b'{"id": "01J')
    merged = impatient.ledger.spool.merge()
    assert (len(merged.recorded), merged.complete) == (1, False)
    assert [Path(path).read_bytes() for path in merged.torn] == [b'{"id": "01J']
    assert impatient.ledger.spool.merge().complete


def test_a_line_that_is_no_fact_stays(impatient: World) -> None:
    folder = impatient.ledger.home / "spool"
    folder.mkdir(mode=0o700)
    (folder / "x.jsonl").write_bytes(b'{"kind": "change"}\n[]\n\xff\n')
    (folder / "x.jsonl").chmod(0o600)
    merged = impatient.ledger.spool.merge()
    assert [waiting.reason for waiting in merged.kept] == ["it cannot be read"] * 3
    assert (folder / "x.jsonl").read_bytes() == b'{"kind": "change"}\n[]\n\xff\n'


@pytest.mark.parametrize("spoil", [lambda file: file.chmod(0o644), lambda file: os.chown(file, 65534, 65534), lambda file: file.parent.chmod(0o777)])
def test_what_others_may_have_written_is_not_trusted(impatient: World, spoil: Callable[[Path], None]) -> None:
    with locked(impatient), pytest.raises(Spooled):
        impatient.ledger.spool.good(HOST)
    (file,) = (impatient.ledger.home / "spool").iterdir()
    try:
        spoil(file)
    except PermissionError:
        pytest.skip("only root can give a file away")
    assert impatient.ledger.spool.merge().recorded == ()
    assert impatient.ledger.recent().__len__() == 0


def test_the_next_place_is_taken_where_the_home_takes_nothing(impatient: World, tmp_path: Path) -> None:
    (impatient.ledger.home / "spool").write_text("in the way")
    with locked(impatient), pytest.raises(Spooled) as said:
        impatient.ledger.spool.good(HOST)
    assert str(tmp_path / "state") in said.value.hint
    assert len(impatient.ledger.spool.merge().recorded) == 1


def test_a_deployment_goes_on_where_even_the_spool_takes_nothing(impatient: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (impatient.ledger.home / "spool").write_text("in the way")
    (tmp_path / "state").write_text("in the way")
    temporary = f"changelog-ledger-{os.geteuid()}-{impatient.ledger._workspace.settings.stream}"
    (tmp_path / temporary).write_text("in the way")
    done = []
    with locked(impatient), make(impatient):
        done.append(1)
    assert done == [1]
    assert "nothing of CHG-" in caplog.text


def test_a_snapshot_that_fails_is_noted_and_stops_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    (world.ledger.home / "snapshots.git").rename(world.ledger.home / "gone.git")
    with make(world) as change:
        pass
    found = world.ledger.find_change(change.id)
    assert str(found.status) == "succeeded"
    assert "no snapshot before it" in found.notes[-1].text
    assert "no snapshot after" in caplog.text


def test_rules_and_lifecycle_refuse_when_the_ledger_answers(world: World) -> None:
    change = world.ledger.plan("Tune", on=ON).id
    world.ledger.cancel(change)
    with pytest.raises(TransitionRefused), world.ledger.make(change, root=world.machine.root):
        pytest.fail("the body must not run")
    with pytest.raises(NotFound), world.ledger.make("CHG-000000"):
        pytest.fail("the body must not run")
    assert world.ledger.spool.list() == ()


def test_a_bug_is_no_absence() -> None:
    assert not is_away(ValueError())
    assert not is_away(NotFound("x"))
    assert not is_away(FileNotFoundError(2, "x"))
    assert is_away(OSError(28, "full"))
    assert is_away(HomeError("x"))


# ---- the object


def test_a_decorated_function_is_a_change_for_each_call(world: World) -> None:
    @make(world, "Restart")
    def restart(name: str) -> str:
        """Restart it."""
        world.clock.tick(minutes=1)
        return f"{name}: {current_change()}"

    first, second = restart("a"), restart("b")
    assert restart.__doc__ == "Restart it."
    ids = {change.id for change in world.ledger.changes()}
    assert {first.removeprefix("a: "), second.removeprefix("b: ")} == ids
    assert [str(change.status) for change in world.ledger.changes()] == ["succeeded"] * 2


def test_coroutines_do_not_stop_the_event_loop(impatient: World) -> None:
    """While the ledger waits for a lock in its thread, the loop goes on."""
    ticks = []

    @make(impatient, "Deploy")
    async def deploy() -> str:
        await asyncio.sleep(0)
        return current_change()

    async def tick() -> None:
        while True:
            ticks.append(1)
            await asyncio.sleep(0.005)

    async def main() -> str:
        ticking = asyncio.create_task(tick())
        identity = await deploy()
        ticking.cancel()
        return identity

    with locked(impatient):
        identity = asyncio.run(main())
    assert len(ticks) > 10
    assert VARIABLE not in os.environ
    assert steps(impatient, identity) == ["started", "succeeded"]


def test_a_cancelled_task_has_failed(world: World) -> None:
    async def main() -> str:
        begun = asyncio.Event()
        ids = []

        async def deploy() -> None:
            async with make(world) as change:
                ids.append(change.id)
                begun.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(deploy())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return str(ids[0])

    assert steps(world, asyncio.run(main())) == ["started", "failed"]


def test_a_change_within_another_is_a_part_of_it(world: World) -> None:
    with make(world, "Outer") as outer:
        assert os.environ[VARIABLE] == outer.id
        world.clock.tick(minutes=1)
        with make(world, "Inner") as inner:
            world.clock.tick(minutes=1)
            assert (current_change(), os.environ[VARIABLE]) == (inner.id, inner.id)
        assert (current_change(), os.environ[VARIABLE]) == (outer.id, outer.id)
        known = world.ledger.plan("Planned before", on=ON)
        world.clock.tick(minutes=1)
        assert world.ledger.run(known.id, ["sh", "-c", f"test ${VARIABLE} = {known.id}"], root=world.machine.root) == 0
        world.clock.tick(minutes=1)
    assert (current_change(), VARIABLE in os.environ) == ("", False)
    assert {world.ledger.find_change(each.id).parent for each in (inner, known)} == {outer.id}
    assert world.ledger.find_change(inner.id).notes[0].remarks == world.ledger.find_change(outer.id).notes[0].remarks, "no conflict with its parent"


def test_the_parent_of_another_home_is_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "CHG-ZZZZZZ")
    with make(world) as change:
        pass
    assert world.ledger.find_change(change.id).parent == ""


def test_one_object_is_one_change_at_a_time(world: World) -> None:
    making = make(world)
    with making, pytest.raises(InvalidInput, match="under way"), making:
        pytest.fail("the body must not run")
    with pytest.raises(InvalidInput, match="generator"):

        @make(world)
        def several() -> Iterator[int]:
            yield 1


def test_a_dry_run_runs_the_body_asks_the_rules_and_records_nothing(world: World) -> None:
    facts = world.ledger.status().facts
    done = []
    with make(world, dry_run=True) as change:
        done.append(change.title)
    assert done == ["Deploy"]
    assert world.ledger.status().facts == facts
    with pytest.raises(NotFound), make(world, dry_run=True, host="web-77"):
        pytest.fail("the body must not run")
    toml = world.ledger.home / "ledger.toml"
    toml.write_text(toml.read_text() + '\n[changes]\nrollback_target = "refuse"\nrollback_target_from = "low"\n')
    strict = World(reopened(world), world.clock, world.machine)
    with pytest.raises(PolicyRefused), make(strict, dry_run=True):
        pytest.fail("the body must not run")


def test_three_lines_for_a_script(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_HOME", str(world.ledger.home))
    with changelog_ledger.change("Deploy shop", on=ON, root=world.machine.root) as change:
        pass
    assert str(world.ledger.find_change(change.id).status) == "succeeded"


def test_a_script_runs_without_any_ledger(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    done = []
    with caplog.at_level(logging.WARNING), changelog_ledger.change("Deploy", on=ON, home=tmp_path / "none"):
        done.append(1)
    assert done == [1]
    assert "there is no ledger" in caplog.text
    with pytest.raises(HomeError), changelog_ledger.change("Deploy", on=ON, home=tmp_path / "none", strict=True):
        pytest.fail("the body must not run")


def test_a_plain_script_says_its_warnings_on_stderr(world: World, tmp_path: Path) -> None:
    script = "import changelog_ledger\nwith changelog_ledger.change('Deploy', on=['host:web-01']):\n    print('deployed')\n"
    environment = {**os.environ, "LEDGER_HOME": str(tmp_path / "none")}
    ended = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "deployed\n"
    assert "there is no ledger" in ended.stderr


def test_a_database_that_does_not_answer_is_opened_again_later(world: World) -> None:
    """One open ledger, a database that comes back: no new opening by hand."""
    database = world.ledger.home / "ledger.db"
    database.rename(database.with_suffix(".away"))
    with Ledger.open(world.ledger.home, clock=Clock()) as ledger:
        with pytest.raises(HomeError):
            ledger.hosts()
        database.with_suffix(".away").rename(database)
        assert [host.name for host in ledger.hosts()] == [HOST]


def put(world: World, *facts: Fact) -> Path:
    """A spool file as any program could write it, whatever stands in it."""
    return world.ledger._workspace.spool.add(facts)


def seen(world: World, number: int, **other: Any) -> Fact:
    body = {"what": "note", "on": HOST, "summary": f"seen {number}", "data": {}} | other
    return world.ledger._workspace.fact("observation", body)


def test_what_others_left_in_the_spool_keeps_no_deployment_waiting(world: World) -> None:
    put(world, *(seen(world, number) for number in range(4000)))
    began = time.monotonic()
    with make(world) as change:
        assert time.monotonic() - began < 2
        assert len(world.ledger.spool.list()) == 4000
    assert time.monotonic() - began < 6
    left = len(world.ledger.spool.list())
    assert 0 < left < 4000, "some of it is merged behind the deployment, for a moment"
    merged = world.ledger.spool.merge()
    assert (len(merged.recorded), merged.complete) == (left, True)
    assert steps(world, change.id) == ["started", "succeeded"]
    assert world.ledger.verify() == ()


def test_a_change_that_waits_in_the_spool_is_merged_before_it_is_made(impatient: World) -> None:
    with locked(impatient), pytest.raises(Spooled) as said:
        impatient.ledger.spool.plan("Deploy", ON)
    with impatient.ledger.make(said.value.change, root=impatient.machine.root):
        assert impatient.ledger.spool.list() == ()
    assert steps(impatient, said.value.change) == ["started", "succeeded"]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("mark", {"target": HOST, "state": "purple"}, "state"),
    ("mark", {"target": HOST, "state": "bad", "symptom": {}}, "symptom"),
    ("observation", {"what": "note", "on": HOST, "summary": 5, "data": {}}, "summary"),
    ("observation", {"what": {}, "on": HOST, "summary": "x", "data": {}}, "what"),
    ("observation", {"what": "note", "on": {}, "summary": "x", "data": {}}, ""),
    ("change-step", {"change": {}, "verb": "start", "note": {"at": "2025-06-02T09:00:00Z"}}, "change"),
    ("change-step", {"change": "CHG-000000", "verb": "approve", "note": {"at": "2025-06-02T09:00:00Z"}}, "verb"),
    ("change", {"id": [], "title": "x", "status": "planned", "type": "normal", "on": [HOST]}, "id"),
    ("change", {"id": "CHG-000001", "title": "x", "status": "purple", "type": "normal", "on": [HOST]}, "cannot be read"),
    ("host", {"name": "web-99", "tags": [], "attrs": {}}, "kind"),
]


@pytest.mark.parametrize(("kind", "body", "reason"), WRONG)
def test_a_fact_that_is_not_made_as_facts_are_stays_and_the_rest_is_merged(either: World, kind: str, body: dict[str, Any], reason: str) -> None:
    put(either, seen(either, 1), replace(seen(either, 2), kind=kind, body=canonical(body)), seen(either, 3))
    merged = either.ledger.spool.merge()
    assert (len(merged.recorded), [reason in waiting.reason for waiting in merged.kept]) == (2, [True])
    assert len(either.ledger.recent()) == 2
    assert len(either.ledger.spool.list()) == 1
    assert either.ledger.verify() == ()


def test_an_id_or_a_key_of_another_fact_stays_and_the_rest_is_merged(either: World) -> None:
    first, second, third, fourth = (seen(either, number) for number in range(4))
    odd = replace(fourth, actor="a\0b")
    put(either, first, replace(second, id=first.id), replace(third, key=first.key), odd, seen(either, 5))
    merged = either.ledger.spool.merge()
    assert (len(merged.recorded), merged.known, len(merged.kept)) == (2, 0, 3)
    assert all("taken" in waiting.reason or "no database takes" in waiting.reason for waiting in merged.kept)
    assert either.ledger.verify() == ()


def test_two_changes_of_one_reference_are_both_recorded(impatient: World) -> None:
    ids = []
    with locked(impatient):
        for title in ("Deploy", "Deploy again"):
            impatient.clock.tick(minutes=1)
            with make(impatient, title, ref="PIPE-1") as change:
                impatient.clock.tick(minutes=1)
            ids.append(change.id)
    (file,) = [*(impatient.ledger.home / "spool").iterdir()][:1]
    copies = {path: path.read_bytes() for path in file.parent.iterdir()}
    merged = impatient.ledger.spool.merge()
    assert (merged.complete, merged.noted, len(merged.recorded)) == (True, (), 6)
    first, second = (impatient.ledger.find_change(identity) for identity in ids)
    assert (first.ref, second.ref) == ("PIPE-1", "")
    assert "PIPE-1" in second.notes[0].text
    assert [str(change.status) for change in (first, second)] == ["succeeded", "succeeded"]
    for path, content in copies.items():
        path.write_bytes(content)
        path.chmod(0o600)
    assert impatient.ledger.spool.merge().known == 6
    assert impatient.ledger.verify() == ()


def test_more_files_than_a_process_may_open(world: World) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spool = world.ledger._workspace.spool
    for number in range(150):
        spool.add([seen(world, number)])
        spool._mine.clear()
    opened = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 60, hard))
    try:
        merged = world.ledger.spool.merge()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (len(merged.recorded), merged.complete) == (150, True)


def test_lines_that_cannot_be_read_are_said_in_one_warning(world: World, caplog: pytest.LogCaptureFixture) -> None:
    path = put(world, seen(world, 1))
    path.write_bytes(path.read_bytes() + b"[]\n" * 10)
    assert len(reopened(world).recent()) == 1
    assert caplog.text.count("cannot be read") == 1
    assert "10 of the lines" in caplog.text
