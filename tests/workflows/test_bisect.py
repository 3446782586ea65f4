"""``Ledger.bisect``: real snapshots, real probes."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import BisectionStopped, InvalidInput, NotFound
from changelog_ledger.model.bisection import PartKind, Trial, Verdict

from .world import HOST, World

CONFIG = "/etc/app/app.conf"


def config(**altered: str) -> str:
    """The configuration with some keys set otherwise."""
    return "".join(f"key{number} = {altered.get(f'key{number}', str(number))}\n" for number in range(20))


def history(world: World, *states: str, good: bool = True) -> list[str]:
    """A snapshot of each state of the configuration; the ids. After the first one it is marked good."""
    ids = []
    for number, state in enumerate(states):
        world.machine.write(CONFIG, state)
        ids.append(world.snapshot().id)
        if number == 0 and good:
            world.ledger.good(f"host:{HOST}")
    world.clock.tick(minutes=1)
    return ids


def roots(world: World) -> list[Path]:
    """The scratch roots that lie about."""
    return sorted((world.ledger.home / "bisect").glob("*/root-*"))


def text(root: Path) -> str:
    return (root / CONFIG.lstrip("/")).read_text()


BREAKS = 'grep -q "key7 = 7" "$LEDGER_ROOT/etc/app/app.conf"'


class TestSnapshots:
    @pytest.mark.parametrize("breaks", range(1, 9))
    def test_the_snapshot_that_brought_it_is_named(self, world: World, breaks: int) -> None:
        states = [config(key1=str(number), **({"key7": "x"} if number >= breaks else {})) for number in range(9)]
        ids = history(world, *states)
        found = world.ledger.bisect(HOST, BREAKS)
        assert found.found is not None
        assert (found.found.id, found.before.id) == (ids[breaks], ids[breaks - 1])
        (cause,) = found.causes
        assert "+key7 = x" in cause.diff
        assert "key1" not in [line for line in cause.diff.splitlines() if line.startswith(("+", "-"))]
        assert [delta.key for delta in cause.deltas] == [piece.key for piece in cause.evidence]
        assert found.changes == ()

    def test_a_change_that_explains_it_is_named(self, either: World) -> None:
        history(either, config(), config(key1="a"))
        with either.ledger.change("Tune", on=[HOST], root=either.machine.root) as change:
            either.clock.tick(minutes=1)
            either.machine.write(CONFIG, config(key1="a", key7="x"))
        either.clock.tick(minutes=1)
        assert either.ledger.bisect(HOST, BREAKS).changes == (change.id,)

    def test_the_probe_may_be_a_function(self, world: World) -> None:
        history(world, config(), config(key7="x"), config(key7="x", key9="x"))
        seen: list[str] = []

        def probe(root: Path) -> Verdict:
            seen.append(text(root))
            return Verdict.BAD if "key7 = x" in seen[-1] else Verdict.GOOD

        found = world.ledger.bisect(HOST, probe)
        assert found.probes == len(seen)
        assert found.causes[0].part.lines == (8, 8)

    def test_the_probe_knows_what_it_looks_at(self, world: World, tmp_path: Path) -> None:
        ids = history(world, config(), config(key7="x"))
        world.ledger.bisect(HOST, f'echo "$LEDGER_HOST $LEDGER_SNAPSHOT $LEDGER_AT" >> {tmp_path}/told; {BREAKS}')
        assert (tmp_path / "told").read_text().splitlines()[:2] == [
            f"{HOST} {ids[0]} 2025-06-02T09:01:00Z",
            f"{HOST} {ids[1]} 2025-06-02T09:02:00Z",
        ]

    def test_it_says_how_many_probes_are_to_go(self, world: World) -> None:
        history(world, *(config(key7="x", key1=str(number)) if number else config() for number in range(9)))
        told: list[Trial] = []
        world.ledger.bisect(HOST, BREAKS, by="snapshot", progress=told.append)
        assert [trial.left for trial in told] == [5, 4, 3, 2, 1]

    def test_only_what_a_glob_covers_goes_through_history(self, world: World) -> None:
        world.machine.write("/etc/other", "fine\n")
        history(world, config(), config(key7="x"))
        world.machine.write("/etc/other", "broken\n")
        world.snapshot()
        both = "grep -q fine $LEDGER_ROOT/etc/other"
        with pytest.raises(BisectionStopped, match=r"with the configuration of last-good \(.*\) as well: it is not in what /etc/app/\*\* covers"):
            world.ledger.bisect(HOST, both, path="/etc/app/**")
        found = world.ledger.bisect(HOST, both)
        assert [cause.part.path for cause in found.causes] == ["/etc/other"]

    def test_without_a_difference_there_is_nothing_to_search(self, world: World) -> None:
        history(world, config(), config())
        with pytest.raises(InvalidInput, match="nothing differs in what is watched"):
            world.ledger.bisect(HOST, BREAKS)

    def test_without_a_good_mark_a_good_end_is_asked_for(self, world: World) -> None:
        ids = history(world, config(), config(key7="x"), good=False)
        with pytest.raises(NotFound, match="never marked good"):
            world.ledger.bisect(HOST, BREAKS)
        found = world.ledger.bisect(HOST, BREAKS, since=ids[0])
        assert found.found is not None
        assert found.found.id == ids[1]


class TestEnds:
    def test_a_good_end_that_is_bad_means_it_is_something_else(self, world: World) -> None:
        history(world, config(), config(key1="x"))
        with pytest.raises(BisectionStopped, match=r"the trouble shows with the configuration of last-good .* as well: it is not in what is watched"):
            world.ledger.bisect(HOST, "exit 1")

    def test_a_bad_end_that_is_good_is_no_end(self, world: World) -> None:
        history(world, config(), config(key1="x"))
        with pytest.raises(BisectionStopped, match="does not show with the configuration of now"):
            world.ledger.bisect(HOST, "exit 0")

    def test_an_end_that_cannot_be_told(self, world: World) -> None:
        history(world, config(), config(key1="x"))
        with pytest.raises(BisectionStopped, match="the good end cannot be told"):
            world.ledger.bisect(HOST, "exit 125")


class TestSkips:
    def test_what_cannot_be_told_is_left_as_candidates(self, world: World) -> None:
        ids = history(world, config(), config(key3="odd", key1="1"), config(key3="odd", key7="x"), config(key7="x"))
        found = world.ledger.bisect(HOST, f"grep -q odd $LEDGER_ROOT{CONFIG} && exit 125; {BREAKS}")
        assert found.found is None
        assert [point.id for point in found.candidates] == ids[1:]
        assert found.skips == 2

    def test_a_skip_that_does_not_matter(self, world: World) -> None:
        ids = history(world, config(), config(key1="a"), config(key3="odd"), config(key1="b"), config(key7="x"))
        found = world.ledger.bisect(HOST, f"grep -q odd $LEDGER_ROOT{CONFIG} && exit 125; {BREAKS}")
        assert found.found is not None
        assert found.found.id == ids[-1]


class TestDifferences:
    def test_two_that_are_needed_together(self, world: World) -> None:
        history(world, config(), config(key2="x", key7="x", key12="x", key17="x"))
        together = f"grep -q 'key7 = x' $LEDGER_ROOT{CONFIG} && grep -q 'key17 = x' $LEDGER_ROOT{CONFIG} && exit 1; exit 0"
        found = world.ledger.bisect(HOST, together)
        assert found.parts_total == 4
        assert [cause.part.lines for cause in found.causes] == [(8, 8), (18, 18)]

    def test_what_cannot_be_told_of_differences_leaves_more_than_is_needed(self, world: World) -> None:
        history(world, config(), config(key2="x", key7="x"))
        found = world.ledger.bisect(HOST, f"grep -q 'key2 = x' $LEDGER_ROOT{CONFIG} || {{ {BREAKS}; exit $((125 * $?)); }}; {BREAKS}")
        assert len(found.causes) == 2
        assert found.untold == 1
        assert found.is_open

    def test_over_the_whole_window_at_once(self, world: World) -> None:
        ids = history(world, config(), config(key2="x"), config(key2="x", key7="x"), config(key2="x", key7="x", key12="x"))
        found = world.ledger.bisect(HOST, BREAKS, by="delta")
        assert found.parts_total == 3
        assert [point.id for point in found.candidates] == ids[1:]
        assert [cause.part.lines for cause in found.causes] == [(8, 8)]

    def test_a_file_that_came_a_file_that_went_and_a_mode(self, world: World) -> None:
        world.machine.write("/etc/gone", "x\n")
        world.machine.write("/etc/closed", "x\n").chmod(0o644)
        history(world, config())
        world.machine.path("/etc/gone").unlink()
        world.machine.path("/etc/closed").chmod(0o600)
        world.machine.write("/etc/new.d/came", "y\n")
        world.snapshot()
        for probe, path, kind in (
            ("test -e $LEDGER_ROOT/etc/gone", "/etc/gone", PartKind.FILE),
            ("! test -e $LEDGER_ROOT/etc/new.d/came", "/etc/new.d/came", PartKind.FILE),
            ("! test -d $LEDGER_ROOT/etc/new.d", "/etc/new.d/came", PartKind.FILE),
            ('test "$(stat -c %a $LEDGER_ROOT/etc/closed)" = 644', "/etc/closed", PartKind.METADATA),
        ):
            found = world.ledger.bisect(HOST, probe)
            assert [(cause.part.path, cause.part.kind) for cause in found.causes] == [(path, kind)]
            assert found.causes[0].evidence

    def test_a_binary_file_is_one_difference(self, world: World) -> None:
        world.machine.write("/etc/blob", b"\0a\nb\nc\n")
        history(world, config())
        world.machine.write("/etc/blob", b"\0A\nb\nC\n")
        world.machine.write(CONFIG, config(key1="x"))
        world.snapshot()
        found = world.ledger.bisect(HOST, "! grep -q C $LEDGER_ROOT/etc/blob")
        assert [(cause.part.path, cause.part.kind) for cause in found.causes] == [("/etc/blob", PartKind.FILE)]


class TestWhatIsNotKept:
    def test_it_is_said(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        world.machine.write("/etc/large.db", b"x" * (2 << 20))
        history(world, config(), config(key7="x"))
        assert world.ledger.bisect(HOST, f"test ! -e $LEDGER_ROOT/etc/large.db || exit 200; {BREAKS}").found is not None
        assert "/etc/large.db" in caplog.text


class TestSecrets:
    SECRET = "correct-horse-battery-staple"

    def test_the_probe_gets_the_originals_and_nobody_else_does(self, world: World, tmp_path: Path) -> None:
        history(world, config())
        world.machine.edit("/etc/app.ini", self.SECRET, "hunter2-hunter2-hunter2")
        world.machine.write(CONFIG, config(key1="x"))
        world.snapshot()
        seen: list[int] = []

        def probe(root: Path) -> Verdict:
            seen.append(stat.S_IMODE(root.stat().st_mode))
            return Verdict.GOOD if self.SECRET in (root / "etc/app.ini").read_text() else Verdict.BAD

        found = world.ledger.bisect(HOST, probe)
        assert set(seen) == {0o700}
        assert [cause.part.path for cause in found.causes] == ["/etc/app.ini"]
        assert "hunter2" not in repr(found)
        assert self.SECRET not in repr(found)
        assert "<secret:" in found.causes[0].diff
        assert roots(world) == []
        assert not any("hunter2" in file.read_text(errors="replace") for file in (world.ledger.home / "bisect").rglob("*") if file.is_file())

    def test_without_the_key_nothing_is_judged(self, world: World) -> None:
        history(world, config(), config(key7="x"))
        (world.ledger.home / "keys/sealing.key").rename(world.ledger.home / "keys/away")
        with Ledger.open(world.ledger.home, clock=world.clock) as ledger, pytest.raises(BisectionStopped, match=r"/etc/app\.ini cannot be written"):
            ledger.bisect(HOST, BREAKS)
        assert roots(world) == []


class TestHostileProbes:
    def test_what_it_writes_does_not_reach_the_next_state(self, world: World) -> None:
        history(world, config(), config(key1="a"), config(key7="x"))
        spoils = f"{BREAKS}; told=$?; cd $LEDGER_ROOT; test -e spoilt && exit 200; touch spoilt; echo broken > .{CONFIG}; mkdir -m 0 shut; exit $told"
        found = world.ledger.bisect(HOST, spoils)
        assert found.found is not None
        assert found.causes[0].part.lines == (8, 8)
        assert roots(world) == []

    def test_one_that_hangs_is_ended_with_its_children(self, world: World, tmp_path: Path) -> None:
        history(world, config(), config(key7="x"))
        begun = time.monotonic()
        with pytest.raises(BisectionStopped, match=r"took longer than 0\.3 seconds") as stopped:
            world.ledger.bisect(HOST, f"sleep 60 & echo $! > {tmp_path}/child; wait", timeout=0.3)
        assert "--timeout" in stopped.value.hint
        assert time.monotonic() - begun < 20
        self.assert_ended(int((tmp_path / "child").read_text()))
        assert roots(world) == []
        assert world.ledger.bisections.status().probes == 0

    @pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 0, -1])
    def test_a_time_limit_that_is_none(self, world: World, seconds: float) -> None:
        history(world, config(), config(key7="x"))
        with pytest.raises(InvalidInput, match="a probe cannot be given"):
            world.ledger.bisect(HOST, BREAKS, timeout=seconds)

    def test_what_it_leaves_running_is_ended(self, world: World, tmp_path: Path) -> None:
        history(world, config(), config(key7="x"))
        world.ledger.bisect(HOST, f"sleep 60 & echo $! > {tmp_path}/child; {BREAKS}")
        self.assert_ended(int((tmp_path / "child").read_text()))

    @staticmethod
    def assert_ended(pid: int) -> None:
        for _ in range(100):
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            except FileNotFoundError:
                return
            if state == "Z":
                return
            time.sleep(0.05)
        pytest.fail("the probe's child lives on")

    @pytest.mark.parametrize(
        ("probe", "said"), [("no-such-command", "is not there"), ("/etc", "cannot be executed"), ("exit 130", "gave up"), ("kill -9 $$", "signal 9")]
    )
    def test_no_answer_stops_it_and_keeps_what_was_found(self, world: World, probe: str, said: str) -> None:
        history(world, config(), config(key7="x"))
        with pytest.raises(BisectionStopped, match=said):
            world.ledger.bisect(HOST, f"{BREAKS} || {probe}" if "exit" in probe else probe)
        assert world.ledger.bisections.status().probes == ("exit" in probe)
        assert world.ledger.bisect(HOST, BREAKS).found is not None

    def test_an_exception_of_a_function_is_its_own(self, world: World) -> None:
        history(world, config(), config(key7="x"))

        def probe(_root: Path) -> Verdict:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            world.ledger.bisect(HOST, probe)
        assert roots(world) == []


class TestResuming:
    def test_it_goes_on_where_it_stopped(self, world: World) -> None:
        ids = history(world, *(config(key7="x", key1=str(number)) if number > 5 else config(key1=str(number)) for number in range(12)))
        asked: list[str] = []

        def probe(root: Path) -> Verdict:
            if len(asked) == 3:
                raise KeyboardInterrupt
            asked.append(text(root))
            return Verdict.GOOD if "key7 = 7" in asked[-1] else Verdict.BAD

        with pytest.raises(KeyboardInterrupt):
            world.ledger.bisect(HOST, probe)
        world.machine.write(CONFIG, config(key9="later"))
        world.snapshot()
        found = world.ledger.bisect(HOST, BREAKS)
        assert found.found is not None
        assert found.found.id == ids[6]
        assert found.bad.id == ids[-1]  # what came later is no part of it

    def test_another_question_is_refused_until_reset(self, world: World) -> None:
        history(world, config(), config(key7="x"))
        with pytest.raises(BisectionStopped):
            world.ledger.bisect(HOST, "exit 200", path="/etc/app/**")
        with pytest.raises(InvalidInput, match="begun with --path /etc/app") as refused:
            world.ledger.bisect(HOST, BREAKS, path="/etc/**")
        assert f"ledger bisect reset {HOST}" in refused.value.hint
        world.ledger.bisections.reset(HOST)
        assert world.ledger.bisect(HOST, BREAKS, path="/etc/**").found is not None

    def test_killed_between_two_probes(self, world: World, tmp_path: Path) -> None:
        ids = history(world, *(config(key7="x", key1=str(number)) if number > 3 else config(key1=str(number)) for number in range(9)))
        hangs = f"{{ echo $$ > {tmp_path}/pid; sleep 60; }}"
        fourth = f"test -e {tmp_path}/go || test $(wc -l < {tmp_path}/asked) -lt 4 || {hangs}"
        probe = f'echo "$LEDGER_SNAPSHOT" >> {tmp_path}/asked; {fourth}; {BREAKS}'
        command = [sys.executable, "-m", "changelog_ledger", "--home", str(world.ledger.home), "bisect", HOST, "--probe", probe, "--until", ids[-1]]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        asked = tmp_path / "asked"
        for _ in range(600):
            if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(roots(world)) == 1  # nobody was left to remove it
        (state,) = (world.ledger.home / "bisect").glob("*/state.json")
        assert len(json.loads(state.read_text())["verdicts"]) == 3
        (tmp_path / "go").touch()
        done = subprocess.run([*command, "--json"], capture_output=True, check=False, timeout=60)
        os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # nobody was left to end it either
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["found"]["id"] == ids[4]
        lines = asked.read_text().splitlines()
        assert lines[4] == lines[3]  # the one that was interrupted, and none of those before
        assert roots(world) == []

    def test_sigterm_leaves_no_root_behind(self, world: World, tmp_path: Path) -> None:
        ids = history(world, config(), config(key7="x"))
        command = [sys.executable, "-m", "changelog_ledger", "--home", str(world.ledger.home), "bisect", HOST, "--until", ids[-1]]
        process = subprocess.Popen([*command, "--probe", f"touch {tmp_path}/begun; sleep 60"], stderr=subprocess.PIPE)
        for _ in range(600):
            if (tmp_path / "begun").exists():
                break
            time.sleep(0.05)
        process.terminate()
        assert b"interrupted" in process.communicate(timeout=30)[1]
        assert process.returncode == 130
        assert roots(world) == []


class TestByHand:
    def test_somebody_looks_and_says(self, world: World) -> None:
        ids = history(world, *(config(key7="x", key1=str(number)) if number > 2 else config(key1=str(number)) for number in range(6)))
        world.ledger.bad(f"host:{HOST}")
        found = world.ledger.bisect(HOST)
        for _ in range(20):
            if found.pending is None:
                break
            root = Path(found.root)
            assert stat.S_IMODE(root.stat().st_mode) == 0o700
            assert roots(world) == [root]
            verbs = world.ledger.bisections
            found = verbs.good() if "key7 = 7" in text(root) else verbs.bad(HOST)
        assert found.found is not None
        assert found.found.id == ids[3]
        assert found.causes[0].part.lines == (8, 8)
        assert roots(world) == []
        with pytest.raises(NotFound, match="no bisection is under way"):
            world.ledger.bisections.status()

    def test_marks_are_believed(self, world: World) -> None:
        ids = history(world, config(), config(key1="a"))
        world.ledger.bad(f"host:{HOST}")
        world.machine.write(CONFIG, config(key7="x"))
        world.snapshot()
        pending = world.ledger.bisect(HOST).pending
        assert pending is not None
        assert pending.point.id == ids[1]

    def test_the_files_may_be_wanted_elsewhere(self, world: World, tmp_path: Path) -> None:
        history(world, config(), config(key1="a"), config(key7="x"))
        (tmp_path / "look").mkdir()
        (tmp_path / "look/mine").write_text("stays")
        first = Path(world.ledger.bisect(HOST, to=tmp_path / "look").root)
        assert first.parent == tmp_path / "look"
        second = Path(world.ledger.bisections.bad().root)
        assert second.parent == first.parent
        assert not first.exists()
        world.ledger.bisections.reset()
        assert [entry.name for entry in (tmp_path / "look").iterdir()] == ["mine"]
