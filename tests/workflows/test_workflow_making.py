"""What happens around the body of a change: nothing of the ledger's hides how it went, and nothing of it is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from changelog_ledger.errors import Busy, InvalidInput, Spooled
from changelog_ledger.workflows import making
from changelog_ledger.workflows.within import VARIABLE, current_change

from .test_workflow_spool import ON, impatient, locked, make, reopened, steps
from .world import World, made_world, postgresql_database

__all__ = ["impatient"]


@pytest.fixture(autouse=True)
def _state_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv(VARIABLE, "")  # so that what a test leaves there is taken back
    monkeypatch.delenv(VARIABLE)


# ---- what the body raised


class Speechless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Odd(Exception):
    def __str__(self) -> str:
        return 5  # type: ignore[return-value]


class Empty(Exception):
    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("error", [Speechless(), Odd(), Empty("nothing in it"), SystemExit(3), SystemExit("no such file"), KeyError("mine")])
def test_whatever_the_body_raises_is_recorded_as_a_failure_and_comes_out(world: World, error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, make(world) as change:
        world.clock.tick(minutes=1)
        raise error
    assert raised.value is error
    assert steps(world, change.id) == ["started", "failed"]
    text = world.ledger.find_change(change.id).notes[-1].text
    assert text.startswith("interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__)


@pytest.mark.parametrize("code", [0, None, False])
def test_a_script_that_ends_by_itself_has_succeeded(world: World, code: int | None) -> None:
    with pytest.raises(SystemExit), make(world) as change:
        world.clock.tick(minutes=1)
        sys.exit(code)
    assert steps(world, change.id) == ["started", "succeeded"]
    assert world.ledger.find_change(change.id).notes[-1].text == ""


def after_the_first(real: Callable[..., Any], trouble: BaseException) -> Callable[..., Any]:
    """Does as the real one does once, and raises from then on."""
    calls = []

    def function(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise trouble
        return real(*arguments, **named)

    return function


@pytest.mark.parametrize("trouble", [RuntimeError("can't start new thread"), RecursionError("too deep"), MemoryError()])
def test_a_bug_in_the_second_snapshot_hides_nothing(world: World, monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    monkeypatch.setattr(making, "take_snapshot", after_the_first(making.take_snapshot, trouble))
    with pytest.raises(KeyError, match="mine"), make(world) as change:
        world.clock.tick(minutes=1)
        raise KeyError("mine")
    assert len(world.ledger.spool.list()) == 1
    assert world.ledger.spool.merge().complete
    assert steps(world, change.id) == ["started", "failed"]


def test_a_bug_after_work_that_succeeded_comes_out_and_the_change_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "take_snapshot", after_the_first(making.take_snapshot, RuntimeError("can't start new thread")))
    with pytest.raises(RuntimeError, match="new thread"), make(world) as change:
        world.clock.tick(minutes=1)
    assert world.ledger.spool.merge().complete
    assert steps(world, change.id) == ["started", "succeeded"]


def test_a_bug_in_the_merge_hides_nothing(impatient: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def too_deep(*_arguments: Any) -> Any:
        raise RecursionError("too deep")

    with locked(impatient), pytest.raises(KeyError, match="mine"), monkeypatch.context() as patch, make(impatient) as change:
        patch.setattr(making, "merge_spool", too_deep)
        raise KeyError("mine")
    assert "RecursionError" in caplog.text
    assert impatient.ledger.spool.merge().complete
    assert steps(impatient, change.id) == ["started", "failed"]


# ---- the object


def test_an_object_in_four_threads_is_one_change(world: World) -> None:
    made = make(world)
    gate, refused, ids = threading.Barrier(4), [], []

    def deploy() -> None:
        gate.wait()
        try:
            with made as change:
                ids.append(change.id)
                gate.wait(20)
        except InvalidInput as error:
            refused.append(error.message)
            gate.wait(20)

    threads = [threading.Thread(target=deploy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["this change is under way already"] * 3
    assert [(change.id, str(change.status)) for change in world.ledger.changes()] == [(ids[0], "succeeded")]


def test_an_object_in_four_tasks_is_one_change(world: World) -> None:
    made = make(world)

    async def deploy() -> None:
        async with made:
            await asyncio.sleep(0.2)

    async def main() -> list[BaseException | None]:
        return await asyncio.gather(*(deploy() for _ in range(4)), return_exceptions=True)

    ended = asyncio.run(main())
    assert sorted(type(one).__name__ for one in ended) == ["InvalidInput"] * 3 + ["NoneType"]
    assert [str(change.status) for change in world.ledger.changes()] == ["succeeded"]


def test_an_object_can_be_used_again_after_a_refusal(impatient: World) -> None:
    made = make(impatient, strict=True)
    with locked(impatient), pytest.raises(Busy), made:
        pytest.fail("the body must not run")
    with made:
        impatient.clock.tick(minutes=1)
    impatient.clock.tick(minutes=1)
    with made as second:
        impatient.clock.tick(minutes=1)
    assert steps(impatient, second.id) == ["started", "succeeded"]


def test_what_has_not_begun_cannot_end(world: World) -> None:
    with pytest.raises(InvalidInput, match="not under way"):
        make(world).__exit__(None, None, None)


def test_a_class_is_no_change(world: World) -> None:
    with pytest.raises(TypeError, match="decorate a function"):

        @make(world)
        class Deployment:
            pass


def test_a_with_among_tasks_tells_no_child_processes(world: World) -> None:
    told = []

    async def deploy(number: int) -> tuple[str, str]:
        with make(world, f"Deploy {number}", override="at the same time") as change:
            await asyncio.sleep(0.1 * number)
            told.append(os.environ.get(VARIABLE))
            return change.id, current_change()

    async def main() -> list[tuple[str, str]]:
        return await asyncio.gather(*(deploy(number) for number in (1, 2, 3)))

    assert all(made == here for made, here in asyncio.run(main()))
    assert told == [None] * 3
    assert VARIABLE not in os.environ
    assert {change.parent for change in world.ledger.changes()} == {""}


def test_the_variable_is_given_back_only_where_it_is_still_ours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with make(world):
        monkeypatch.setenv(VARIABLE, "CHG-ZZZZZZ")
    assert os.environ[VARIABLE] == "CHG-ZZZZZZ"


def test_a_forked_child_does_not_end_the_change(world: World) -> None:
    parent = os.getpid()
    try:
        with make(world) as change:
            world.clock.tick(minutes=1)
            child = os.fork()
            if not child:
                raise ValueError("the child's")
            os.waitpid(child, 0)
    finally:
        if os.getpid() != parent:
            os._exit(0)
    assert steps(world, change.id) == ["started", "succeeded"]


def test_threads_leave_no_git_process_behind(world: World) -> None:
    def deploy() -> None:
        world.clock.tick(minutes=1)
        with make(world, override="one after the other"):
            world.clock.tick(minutes=1)
            world.machine.edit("/etc/hosts", "localhost", "localhost also")

    deploy()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        thread = threading.Thread(target=deploy)
        thread.start()
        thread.join()
    assert len(os.listdir("/proc/self/fd")) <= before


# ---- a ledger that is away


def test_a_dry_run_runs_the_body_while_the_ledger_is_away(world: World, caplog: pytest.LogCaptureFixture) -> None:
    toml = world.ledger.home / "ledger.toml"
    toml.write_text("patience = 0.1\n" + toml.read_text())  # lock_timeout stays at 30 seconds
    hasty = World(reopened(world), world.clock, world.machine)
    done, began = [], time.monotonic()
    with locked(hasty), make(hasty, dry_run=True) as change:
        done.append(change.title)
    assert done == ["Deploy"]
    assert time.monotonic() - began < 10
    assert "without asking its rules" in caplog.text
    assert hasty.ledger.spool.list() == ()
    with locked(hasty), pytest.raises(Busy), make(hasty, dry_run=True, strict=True):
        pytest.fail("the body must not run")


def test_what_can_wait_in_the_spool_does_not_wait_long(world: World) -> None:
    toml = world.ledger.home / "ledger.toml"
    toml.write_text("patience = 0.1\n" + toml.read_text())
    hasty, began = reopened(world), time.monotonic()
    with locked(world), pytest.raises(Spooled):
        hasty.spool.good(ON[0])
    assert time.monotonic() - began < 10
    assert hasty.spool.merge().complete


def test_a_clock_that_was_set_back_meanwhile_leaves_no_change_open(impatient: World) -> None:
    with locked(impatient), make(impatient) as change:
        impatient.clock.now -= timedelta(minutes=10)
    impatient.clock.tick(minutes=20)
    assert impatient.ledger.spool.merge().complete
    found = impatient.ledger.find_change(change.id)
    assert (str(found.status), found.finished_at) == ("succeeded", found.started_at)
    assert "before the step before it" in found.notes[-1].text


@contextmanager
def stopped(address: str) -> Iterator[None]:
    """A PostgreSQL server whose processes stand still: it takes connections and answers nothing."""
    with psycopg.connect(address) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    postmaster = int((Path(folder) / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    processes = [postmaster, *map(int, children)]
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.parametrize("body", [None, KeyError("mine")])
def test_a_server_that_stands_still_holds_nobody_up(tmp_path: Path, body: Exception | None) -> None:
    address = postgresql_database()
    with made_world(tmp_path, address) as world:
        toml = world.ledger.home / "ledger.toml"
        toml.write_text("patience = 1\n" + toml.read_text())
        hasty = World(reopened(world), world.clock, world.machine)
        began = time.monotonic()
        standing = stopped(address)
        with suppress(KeyError), standing_at_the_end(standing), make(hasty) as change:
            standing.__enter__()
            if body:
                raise body
        assert time.monotonic() - began < 30
        assert steps(hasty, change.id) == ["started", "failed" if body else "succeeded"]


@contextmanager
def standing_at_the_end(standing: Any) -> Iterator[None]:
    """Lets the server go on when everything else is over."""
    watchdog = threading.Timer(60, lambda: standing.__exit__(None, None, None))  # rather a failed test than one that hangs
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
        with suppress(StopIteration):
            standing.__exit__(None, None, None)
