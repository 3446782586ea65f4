"""What a bisection keeps between two calls: whose answers, what was shown, and when it forgets."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import BisectionStopped, Busy, HomeError, InvalidInput, NotFound
from changelog_ledger.model.bisection import Bisection
from changelog_ledger.reports import bisection_document

from .test_bisect import BREAKS, CONFIG, config, history, roots
from .world import HOST, World

BROKEN = config(key7="x")


def states(breaks: int, count: int) -> list[str]:
    """So many states of the configuration, broken from one on."""
    return [config(key1=str(number), **({"key7": "x"} if number >= breaks else {})) for number in range(count)]


def state_file(world: World) -> Path:
    (found,) = (world.ledger.home / "bisect").glob("*/state.json")
    return found


def no_key(world: World) -> Ledger:
    """The same home, of which nobody can open sealed originals."""
    (world.ledger.home / "keys/sealing.key").rename(world.ledger.home / "keys/away")
    return Ledger.open(world.ledger.home, clock=world.clock)


def key_again(world: World) -> None:
    (world.ledger.home / "keys/away").rename(world.ledger.home / "keys/sealing.key")


class TestMarks:
    def test_a_bad_mark_newer_than_the_last_snapshot_says_nothing_of_it(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        ids = history(world, config(), config(key1="innocent"))
        world.machine.write("/etc/a.conf", "broken\n")  # of this no snapshot knows
        world.ledger.bad(f"host:{HOST}")
        pending = world.ledger.bisect(HOST).pending
        assert pending is not None
        assert pending.point.id == ids[-1]
        assert "is older than the bad mark of 2025-06-02T09:03:00Z" in caplog.text
        with pytest.raises(BisectionStopped, match=r"does not show with the configuration of now \(the snapshot of 2025-06-02T09:02:00Z\)"):
            world.ledger.bisections.good()

    def test_one_before_the_last_snapshot_is_believed(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        ids = history(world, config(), config(key1="a"))
        world.ledger.bad(f"host:{HOST}")
        world.machine.write(CONFIG, BROKEN)
        world.snapshot()
        world.clock.tick(minutes=1)
        world.ledger.bad(f"host:{HOST}")  # it still is
        pending = world.ledger.bisect(HOST).pending
        assert pending is not None
        assert pending.point.id == ids[1]
        assert "older than" not in caplog.text

    def test_a_snapshot_that_found_nothing_new_is_one_of_the_bad_end(self, world: World) -> None:
        ids = history(world, config(), config(key1="a"), BROKEN)
        world.ledger.bad(f"host:{HOST}")
        world.snapshot()
        pending = world.ledger.bisect(HOST).pending
        assert pending is not None
        assert pending.point.id == ids[1]

    def test_not_if_it_was_marked_good_since(self, world: World) -> None:
        ids = history(world, config(), config(key1="a"))
        world.ledger.bad(f"host:{HOST}")
        world.clock.tick(minutes=1)
        ids.append(world.snapshot().id)
        world.clock.tick(minutes=1)
        world.ledger.good(f"host:{HOST}")
        world.machine.write(CONFIG, BROKEN)
        ids.append(world.snapshot().id)
        pending = world.ledger.bisect(HOST).pending
        assert pending is not None
        assert pending.point.id == ids[-1]


class TestAnotherProbe:
    def test_what_a_broken_probe_has_said_does_not_outlive_its_mending(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        ids = history(world, *states(breaks=2, count=9))
        seen = f'echo x >> "{world.machine.root}/seen"; test $(wc -l < "{world.machine.root}/seen") -lt 4 || exit 200; '
        blind = f"{seen} case $LEDGER_SNAPSHOT in {ids[-1]}) exit 1;; esac; exit 0"
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, blind)
        assert world.ledger.bisections.status().probes == 3  # the third says good of a broken state
        found = world.ledger.bisect(HOST, BREAKS)
        assert found.found is not None
        assert found.found.id == ids[2]
        assert "the probe is not the one of before: what it answered is dropped (3 of 3 trials)" in caplog.text

    def test_a_script_that_was_mended_is_another_probe(self, world: World, tmp_path: Path) -> None:
        ids = history(world, *states(breaks=2, count=9))
        script = tmp_path / "check.sh"
        script.write_text(f'test "$LEDGER_SNAPSHOT" = {ids[6]} && exit 200; test "$LEDGER_SNAPSHOT" != {ids[-1]}\n')
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, f"sh {script}")
        assert world.ledger.bisections.status().probes == 3
        script.write_text(f"{BREAKS}\n")
        found = world.ledger.bisect(HOST, f"sh {script}")
        assert found.found is not None
        assert found.found.id == ids[2]

    def test_what_somebody_has_seen_stays(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        history(world, *states(breaks=5, count=9))
        world.ledger.bisect(HOST)
        world.ledger.bisections.bad()  # the bad end
        asked: list[str] = []
        for command in ("exit 200", "exit 201"):
            with pytest.raises(BisectionStopped):
                world.ledger.bisect(HOST, command)
        assert world.ledger.bisections.status().probes == 1
        found = world.ledger.bisect(HOST, BREAKS, progress=lambda trial: asked.append(trial.point.id))
        assert found.probes == 1 + len(asked)
        assert found.bad.id not in asked[:1]
        assert "is dropped" not in caplog.text

    def test_the_same_probe_goes_on(self, world: World, tmp_path: Path) -> None:
        history(world, *states(breaks=5, count=9))
        stops = f"test -e {tmp_path}/mended || test $LEDGER_SNAPSHOT != %s || exit 200; {BREAKS}"
        told: list[str] = []
        probe = stops % history_of(world)[4]
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, probe, progress=lambda trial: told.append(trial.point.id))
        (tmp_path / "mended").touch()
        world.ledger.bisect(HOST, probe, progress=lambda trial: told.append(trial.point.id))
        assert told.count(told[0]) == 1
        assert told[2] == told[3]

    def test_a_function_is_known_by_its_code(self, world: World) -> None:
        ids = history(world, *states(breaks=2, count=9))
        answers = [lambda _root, at=number: ["good", "bad", "good", "no answer"][at] for number in range(4)]
        asked = iter(answers)
        with pytest.raises(InvalidInput):
            world.ledger.bisect(HOST, lambda root: next(asked)(root))
        found = world.ledger.bisect(HOST, lambda root: "good" if "key7 = 7" in (root / CONFIG[1:]).read_text() else "bad")
        assert found.found is not None
        assert found.found.id == ids[2]


def history_of(world: World) -> list[str]:
    return [each.id for each in world.ledger.snapshots(HOST)]


class TestWrongEnds:
    PROBE = "! test -e $LEDGER_ROOT/etc/trouble"

    @pytest.mark.parametrize(("probe", "said"), [("exit 1", "as well"), ("exit 0", "does not show with"), ("exit 125", "cannot be told")])
    def test_such_a_search_is_forgotten(self, world: World, probe: str, said: str) -> None:
        history(world, config(), BROKEN)
        with pytest.raises(BisectionStopped, match=said):
            world.ledger.bisect(HOST, probe)
        with pytest.raises(NotFound, match="no bisection"):
            world.ledger.bisections.status()

    def test_the_next_one_has_what_is_now(self, world: World) -> None:
        history(world, config(), config(key1="a"))
        with pytest.raises(BisectionStopped, match=r"configuration of now \(the snapshot of 2025-06-02T09:02:00Z\)") as stopped:
            world.ledger.bisect(HOST, self.PROBE)
        assert f"ledger snapshot {HOST}" in stopped.value.hint
        world.machine.write("/etc/trouble", "")
        newest = world.snapshot().id
        found = world.ledger.bisect(HOST, self.PROBE)
        assert found.found is not None
        assert found.found.id == newest

    def test_by_hand(self, world: World) -> None:
        history(world, config(), config(key1="a"), good=False)
        root = Path(world.ledger.bisect(HOST, since="2025-06-02T09:01:00Z").root)
        with pytest.raises(BisectionStopped, match="as well"):
            world.ledger.bisections.bad()
        assert not root.exists()
        assert not list((world.ledger.home / "bisect").glob("*/*"))

    def test_going_on_says_with_what(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        history(world, config(), BROKEN)
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, "exit 200")
        assert "going on" not in caplog.text
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, "exit 200")
        assert "going on with the search begun 2025-06-02T09:03:00Z, up to the snapshot of 2025-06-02T09:02:00Z\n" in caplog.text
        world.machine.write("/etc/trouble", "")
        world.clock.tick(minutes=5)
        world.snapshot()
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, "exit 200")
        assert (
            f"there is a newer snapshot (the last of 2025-06-02T09:09:00Z): to begin anew up to now, ledger bisect reset {HOST} first" in caplog.text
        )


class TestWhatIsShown:
    def prepared(self, world: World) -> None:
        """The middle state holds a secret, and a file after it."""
        history(world, config())
        world.machine.write("/etc/app.conf", "password=hunter2-hunter2-hunter2\n")
        world.machine.write("/etc/z.conf", "z\n")
        world.snapshot()
        world.ledger.bad(f"host:{HOST}")
        world.machine.path("/etc/app.conf").unlink()
        world.machine.write("/etc/y.conf", "y\n")
        world.snapshot()

    def test_what_could_not_be_written_to_its_end_is_not_shown(self, world: World) -> None:
        self.prepared(world)
        with no_key(world) as ledger:
            for _ in range(2):
                with pytest.raises(BisectionStopped, match="cannot be written"):
                    ledger.bisect(HOST)
            assert ledger.bisections.status().root == ""
            for verb in (ledger.bisections.good, ledger.bisections.bad, ledger.bisections.skip):
                with pytest.raises(InvalidInput, match="nothing was shown") as refused:
                    verb()
                assert f"ledger bisect {HOST}" in refused.value.hint
            assert ledger.bisections.status().probes == 0
        key_again(world)
        root = Path(world.ledger.bisect(HOST).root)
        assert (root / "etc/z.conf").read_text() == "z\n"
        assert roots(world) == [root]

    def test_after_a_probe_that_could_not_run_there_is_nothing_to_answer(self, world: World) -> None:
        history(world, config(), BROKEN)
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, "exit 127")
        with pytest.raises(InvalidInput, match="nothing was shown"):
            world.ledger.bisections.good()
        assert world.ledger.bisections.status().probes == 0

    def test_a_probe_takes_away_what_somebody_was_shown(self, world: World) -> None:
        history(world, config(), BROKEN)
        root = Path(world.ledger.bisect(HOST).root)
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, "exit 127")
        assert not root.exists()
        with pytest.raises(InvalidInput, match="nothing was shown"):
            world.ledger.bisections.bad()

    def test_an_answer_counts_once(self, world: World) -> None:
        self.prepared(world)
        world.ledger.bisect(HOST)
        with no_key(world) as ledger, pytest.raises(BisectionStopped, match="cannot be written"):
            ledger.bisections.bad()
        key_again(world)
        with pytest.raises(InvalidInput, match="nothing was shown"):
            world.ledger.bisections.bad()
        assert world.ledger.bisections.status().probes == 1

    def test_a_folder_that_is_gone_is_written_again(self, world: World) -> None:
        history(world, config(), BROKEN)
        root = Path(world.ledger.bisect(HOST).root)
        for place in sorted(root.rglob("*"), reverse=True):
            place.unlink() if place.is_file() else place.rmdir()
        root.rmdir()
        again = Path(world.ledger.bisect(HOST).root)
        assert (again / CONFIG[1:]).is_file()


class TestTheFolder:
    def test_a_search_under_way_moves(self, world: World, tmp_path: Path) -> None:
        history(world, config(), BROKEN)
        first = Path(world.ledger.bisect(HOST, to=tmp_path / "one/deep").root)
        second = Path(world.ledger.bisect(HOST, to=tmp_path / "two").root)
        assert second.parent == tmp_path / "two"
        assert (second / CONFIG[1:]).is_file()
        assert not first.exists()
        assert not (tmp_path / "one").exists()
        assert Path(world.ledger.bisect(HOST).root) == second  # left away: as it was

    def test_what_was_made_for_it_goes_with_it(self, world: World, tmp_path: Path) -> None:
        history(world, *states(breaks=2, count=5))
        (tmp_path / "mine").mkdir()
        world.ledger.bisect(HOST, to=tmp_path / "mine/new/newer")
        world.ledger.bisections.bad()
        world.ledger.bisections.reset()
        assert list((tmp_path / "mine").iterdir()) == []

    def test_what_somebody_has_put_there_stays_and_it_is_said(self, world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        history(world, config(), BROKEN)
        world.ledger.bisect(HOST, to=tmp_path / "new")
        (tmp_path / "new/notes").write_text("mine")
        world.ledger.bisections.reset()
        assert (tmp_path / "new/notes").read_text() == "mine"
        assert f"{tmp_path}/new was made for --to, and is left there" in caplog.text

    def test_a_relative_one_is_that_of_the_first_command(self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        history(world, *states(breaks=2, count=5))
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path)
        world.ledger.bisect(HOST, to="look")
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert Path(world.ledger.bisections.bad().root).parent == tmp_path / "look"
        assert list((tmp_path / "elsewhere").iterdir()) == []

    def test_one_that_cannot_be_made(self, world: World, tmp_path: Path) -> None:
        history(world, config(), BROKEN)
        (tmp_path / "file").write_text("mine")
        for place in ("file", "file/below"):
            with pytest.raises(InvalidInput, match="no folder can be made in") as refused:
                world.ledger.bisect(HOST, to=tmp_path / place)
            assert "--to DIR" in refused.value.hint
        assert world.ledger.bisect(HOST, to=tmp_path).root
        assert (tmp_path / "file").read_text() == "mine"

    def test_what_would_have_no_effect_is_refused(self, world: World, tmp_path: Path) -> None:
        history(world, config(), BROKEN)
        with pytest.raises(InvalidInput, match="--to is where somebody looks"):
            world.ledger.bisect(HOST, BREAKS, to=tmp_path)
        with pytest.raises(InvalidInput, match="--timeout is for a probe"):
            world.ledger.bisect(HOST, timeout=5)


def _holds(home: Path, begun: Any, ends: Any) -> None:
    with Ledger.open(home) as ledger:

        def probe(_root: Path) -> str:
            begun.set()
            ends.wait(60)
            return "good"

        with suppress(BisectionStopped):
            ledger.bisect(HOST, probe, until="2025-06-02T09:05:00Z")


class TestTogether:
    def test_whoever_comes_meanwhile_is_told_at_once(self, world: World) -> None:
        history(world, *states(breaks=2, count=5))
        context = multiprocessing.get_context("fork")
        begun, ends = context.Event(), context.Event()
        other = context.Process(target=_holds, args=(world.ledger.home, begun, ends))
        other.start()
        try:
            assert begun.wait(60)
            assert in_time(world.ledger.bisections.status).pending is not None
            (root,) = roots(world)  # nobody who only looks has removed it
            verbs = world.ledger.bisections
            for verb in (
                verbs.good,
                verbs.bad,
                verbs.skip,
                verbs.reset,
                lambda: world.ledger.bisect(HOST),
                lambda: world.ledger.bisect(HOST, BREAKS),
            ):
                with pytest.raises(Busy, match=f"process {other.pid} of .*, since "):
                    in_time(verb)
            assert root.exists()
        finally:
            ends.set()
            other.join(60)
        with pytest.raises(NotFound):  # it has come to a wrong end
            world.ledger.bisections.status()
        world.ledger.bisect(HOST)  # and nobody is in the way


def in_time(verb: Callable[[], Any]) -> Bisection:
    """What a call gives that must not wait."""
    answer: list[Any] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            answer.append(verb())
        except BaseException as error:  # noqa: BLE001 - it is raised below
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(15)
    assert not thread.is_alive(), "it waits"
    if failed:
        raise failed[0]
    found: Bisection = answer[0]
    return found


class TestDamage:
    @pytest.mark.parametrize(
        "damage",
        [
            {"verdicts": [[9, "bad"]]},
            {"verdicts": [[-1, "good"]]},
            {"verdicts": [[0, "bad"], [1, "good"]]},
            {"subsets": [[[0, 7], "bad"]]},
            {"points": []},
            {"points": ["one"]},
            {"trials": "many"},
            {"trials": -1},
            {"begun": "2025-06-02T09:00:00"},
            {"root": None},
            {"shown": "x"},
            {"question": {"host": "web-02"}},
            {"question": {"host": HOST, "by": "year"}},
            {"schema": "changelog-ledger/bisect-state/1"},
        ],
    )
    def test_a_state_that_cannot_be_is_refused_and_can_be_forgotten(self, world: World, damage: dict[str, Any]) -> None:
        history(world, *states(breaks=2, count=5))
        world.ledger.bisect(HOST)
        file = state_file(world)
        file.write_text(json.dumps(json.loads(file.read_text()) | damage))
        verbs: list[Callable[[], Bisection]] = [
            world.ledger.bisections.status,
            world.ledger.bisections.good,
            lambda: world.ledger.bisect(HOST, BREAKS),
        ]
        for verb in verbs:
            with pytest.raises(HomeError, match="cannot be understood") as refused:
                verb()
            assert f"ledger bisect reset {HOST}" in refused.value.hint
        world.ledger.bisections.reset(HOST)
        assert not list(file.parent.iterdir())
        assert world.ledger.bisect(HOST, BREAKS).found is not None

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"trials": 1e999}'])
    def test_neither_is_nonsense(self, world: World, text: str) -> None:
        history(world, config(), BROKEN)
        world.ledger.bisect(HOST)
        state_file(world).write_text(text)
        with pytest.raises(HomeError, match="cannot be understood"):
            world.ledger.bisections.status(HOST)
        world.ledger.bisections.reset(HOST)


class TestWhatToDoNext:
    @pytest.mark.parametrize("what", ["empty", "binary", "folder", "fifo"])
    def test_what_came_has_to_be_removed(self, world: World, what: str) -> None:
        history(world, config())
        place = world.machine.path("/etc/came")
        match what:
            case "folder":
                place.mkdir()
            case "fifo":
                os.mkfifo(place)
            case _:
                world.machine.write("/etc/came", b"" if what == "empty" else b"\0\1\2")
        world.snapshot()
        found = world.ledger.bisect(HOST, "! test -e $LEDGER_ROOT/etc/came")
        (cause,) = found.causes
        assert cause.added
        assert bisection_document(found)["next"][0] == f"ledger restore --dry-run {HOST} /etc/came --from {found.before.id} --delete"
        restored = world.ledger.restore(HOST, ["/etc/came"], at=found.before.id, delete=True, dry_run=True, root=world.machine.root)
        assert [step.path for step in restored.plan.steps] == ["/etc/came"]

    def test_nothing_else_is_removed(self, world: World) -> None:
        world.machine.write("/etc/closed.d/a", "a\n").parent.chmod(0o755)
        history(world, config())
        world.machine.path("/etc/closed.d").chmod(0o700)
        world.machine.write("/etc/came", "")
        world.snapshot()
        both = 'test "$(stat -c %a $LEDGER_ROOT/etc/closed.d)" = 755 || ! test -e $LEDGER_ROOT/etc/came'
        found = world.ledger.bisect(HOST, both)
        commands = bisection_document(found)["next"]
        assert commands[:2] == [
            f"ledger restore --dry-run {HOST} /etc/closed.d --from {found.before.id}",
            f"ledger restore --dry-run {HOST} /etc/came --from {found.before.id} --delete",
        ]
