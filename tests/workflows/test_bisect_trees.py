"""What ``Ledger.bisect`` writes of a host: a path that became a folder or a link, what is not kept, homes behind links."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import BisectionStopped, InvalidInput
from changelog_ledger.model.bisection import Bisection, PartKind
from changelog_ledger.reports import bisection_document, render_bisection
from changelog_ledger.reports.style import Style
from changelog_ledger.workflows import bisect_tree

from .world import HOST, START, World

LARGE = 2 << 20


def good(world: World) -> str:
    """A snapshot that is marked good; its id."""
    taken: str = world.snapshot().id
    world.ledger.good(f"host:{HOST}")
    return taken


def now(world: World) -> str:
    taken: str = world.snapshot().id
    world.clock.tick(minutes=1)
    return taken


def causes(found: Bisection) -> list[tuple[str, PartKind]]:
    return [(cause.part.path, cause.part.kind) for cause in found.causes]


def shown(found: Bisection) -> str:
    return render_bisection(found, Style.plain(200), START + timedelta(hours=1))


class TestFoldersOnOneSideOnly:
    def test_a_folder_became_a_link(self, world: World) -> None:
        world.machine.write("/etc/d/f", "x\n")
        world.machine.write("/etc/d/sub/g", "x\n")
        world.machine.write("/etc/a.conf", "a = 1\n")
        world.machine.write("/etc/t", "x\n")
        good(world)
        shutil.rmtree(world.machine.path("/etc/d"))
        world.machine.path("/etc/d").symlink_to("elsewhere")
        world.machine.write("/etc/a.conf", "a = 2\n")
        world.machine.path("/etc/t").unlink()
        world.machine.write("/etc/t/in", "x\n")
        now(world)
        for probe, path in (
            ("test -e $LEDGER_ROOT/etc/d/f", "/etc/d"),
            ("test -e $LEDGER_ROOT/etc/d/sub/g", "/etc/d"),
            ("test ! -e $LEDGER_ROOT/etc/t/in", "/etc/t"),
            ("test -f $LEDGER_ROOT/etc/t", "/etc/t"),
        ):
            found = world.ledger.bisect(HOST, probe)
            assert (causes(found), found.parts_total) == ([(path, PartKind.FILE)], 3)
        assert causes(world.ledger.bisect(HOST, "grep -q 1 $LEDGER_ROOT/etc/a.conf"))[0][0] == "/etc/a.conf"

    @pytest.mark.parametrize("becomes_a_folder", [True, False])
    def test_a_file_became_a_folder_and_the_reverse(self, world: World, becomes_a_folder: bool) -> None:
        def folder() -> None:
            for name in ("in", "in2", "sub/in3"):
                world.machine.write(f"/etc/t/{name}", f"{name}\n")

        if becomes_a_folder:
            world.machine.write("/etc/t", "was\n")
            good(world)
            world.machine.path("/etc/t").unlink()
            folder()
        else:
            folder()
            good(world)
            shutil.rmtree(world.machine.path("/etc/t"))
            world.machine.write("/etc/t", "was\n")
        world.machine.write("/etc/hosts", "other\n")
        now(world)
        there = "test -e $LEDGER_ROOT/etc/t/in2 -a -e $LEDGER_ROOT/etc/t/sub/in3"
        found = world.ledger.bisect(HOST, f"! {{ {there}; }}" if becomes_a_folder else there)
        assert (causes(found), found.parts_total) == ([("/etc/t", PartKind.FILE)], 2)
        (cause,) = found.causes
        assert cause.added is becomes_a_folder
        for line in ("in\n", "in2\n", "sub/in3\n"):
            assert f"\n{'+' if becomes_a_folder else '-'}{line}" in cause.diff
        assert f"\n{'-' if becomes_a_folder else '+'}was\n" in cause.diff
        assert {piece.path for piece in cause.evidence} >= {"/etc/t/in", "/etc/t/sub/in3"}

    def test_what_a_glob_covers_may_be_where_a_file_is_at_the_end(self, world: World) -> None:
        world.machine.write("/etc/t/in", "fine\n")
        good(world)
        world.machine.write("/etc/t/in", "broken\n")
        bad = now(world)
        shutil.rmtree(world.machine.path("/etc/t"))
        world.machine.write("/etc/t", "x\n")
        now(world)
        found = world.ledger.bisect(HOST, "! grep -q broken $LEDGER_ROOT/etc/t/in", path="/etc/t/*", until=bad)
        assert causes(found) == [("/etc/t/in", PartKind.HUNK)]
        missing = world.ledger.bisect(HOST, "test -e $LEDGER_ROOT/etc/t/in", path="/etc/t/*")
        assert causes(missing) == [("/etc/t", PartKind.FILE)]


class TestWhatCannotBeWritten:
    def test_it_stops_with_the_path(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        good(world)
        world.machine.write("/etc/hosts", "other\n")
        now(world)
        real = os.open

        def full(path: object, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            if path == "hosts" and flags & os.O_CREAT:
                raise OSError(28, "No space left on device")
            return real(path, flags, mode, dir_fd=dir_fd)  # type: ignore[call-overload, no-any-return]

        with monkeypatch.context() as patched:
            patched.setattr(os, "open", full)
            with pytest.raises(BisectionStopped, match="/etc/hosts cannot be written into the scratch root: No space left") as stopped:
                world.ledger.bisect(HOST, "true")
        assert "repeat the command" in stopped.value.hint
        assert not list((world.ledger.home / "bisect").glob("*/root-*"))
        assert world.ledger.bisect(HOST, "grep -q localhost $LEDGER_ROOT/etc/hosts").found is not None


class TestWhatIsNotKept:
    def test_snapshots_that_differ_in_nothing_else_are_left_over(self, world: World) -> None:
        world.machine.write("/etc/large.db", b"x" * LARGE)
        good(world)
        for number in range(3):
            world.machine.write("/etc/large.db", bytes([number]) * LARGE)
            world.snapshot()
        world.machine.write("/etc/hosts", "broken\n")
        bad = now(world)
        found = world.ledger.bisect(HOST, "! grep -q broken $LEDGER_ROOT/etc/hosts")
        assert found.found is not None
        assert (found.found.id, found.probes, len(found.causes)) == (bad, 2, 1)
        (left_out,) = found.left_out
        assert (left_out.path, left_out.may_differ) == ("/etc/large.db", True)
        assert "over 1048576 bytes" in left_out.why
        assert bisection_document(found)["left_out"] == [{"path": "/etc/large.db", "why": left_out.why, "may_differ": True}]
        text = shown(found)
        assert "THE ONLY DIFFERENCE THAT COULD BE TRIED\n" in text
        assert "1 path that may differ could not be tried: /etc/large.db (over 1048576 bytes" in text

    def test_one_that_a_digest_says_is_the_same_is_no_doubt(self, world: World) -> None:
        world.machine.write("/etc/large.db", b"x" * LARGE)
        good(world)
        world.machine.write("/etc/hosts", "broken\n")
        now(world)
        found = world.ledger.bisect(HOST, "! grep -q broken $LEDGER_ROOT/etc/hosts")
        assert [each.may_differ for each in found.left_out] == [False]
        assert "THE ONLY DIFFERENCE\n" in shown(found)
        assert "could not be tried" not in shown(found)

    @pytest.mark.parametrize("by", ["", "delta"])
    def test_nothing_that_can_be_written_differs(self, world: World, by: str) -> None:
        world.machine.write("/etc/large.db", b"x" * LARGE)
        good(world)
        world.machine.write("/etc/large.db", b"y" * LARGE)
        now(world)
        with pytest.raises(InvalidInput, match=r"nothing that can be written differs in what is watched; .* /etc/large\.db") as refused:
            world.ledger.bisect(HOST, "true", by=by)
        assert f"ledger diff {HOST} " in refused.value.hint

    def test_a_probe_that_says_both_of_the_same_files(self, world: World) -> None:
        text = world.machine.path("/etc/hosts").read_text()
        first = good(world)
        world.machine.write("/etc/hosts", "for a while\n")
        world.snapshot()
        world.machine.write("/etc/hosts", text)
        now(world)
        found = world.ledger.bisect(HOST, f"test $LEDGER_SNAPSHOT = {first}", by="delta")
        assert (found.is_same, found.is_open, found.causes) == (True, False, ())
        assert bisection_document(found)["same"] is True
        assert "NOTHING THAT CAN BE WRITTEN DIFFERS" in shown(found)
        assert "NOT UNIQUE" not in shown(found)
        assert "No change explains it" not in shown(found)

    def test_setuid_alone_is_not_written(self, world: World) -> None:
        world.machine.write("/etc/tool", "x\n").chmod(0o755)
        good(world)
        world.machine.path("/etc/tool").chmod(0o4755)
        now(world)
        with pytest.raises(InvalidInput, match="nothing differs in what is watched"):
            world.ledger.bisect(HOST, "true")


class TestHomeBehindALink:
    def test_looking_at_it_removes_nothing(self, world: World, tmp_path: Path) -> None:
        good(world)
        world.machine.write("/etc/hosts", "broken\n")
        now(world)
        link = tmp_path / "link-to-home"
        link.symlink_to(world.ledger.home)
        with Ledger.open(link, clock=world.clock) as ledger:
            root = Path(ledger.bisect(HOST).root)
            assert (root / "etc/hosts").is_file()
            for _ in range(2):
                assert ledger.bisections.status().root == str(root)
            assert Path(ledger.bisect(HOST).root) == root
            assert (root / "etc/hosts").is_file()

    def test_status_sweeps_nothing(self, world: World) -> None:
        good(world)
        world.machine.write("/etc/hosts", "broken\n")
        now(world)
        root = Path(world.ledger.bisect(HOST).root)
        other = root.with_name("root-of-a-killed-one")
        other.mkdir()
        world.ledger.bisections.status()
        assert other.is_dir()
        world.ledger.bisections.reset()
        assert not other.exists()

    def test_a_kept_root_may_be_named_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real/root-a").mkdir(parents=True)
        (tmp_path / "real/root-b").mkdir()
        (tmp_path / "link").symlink_to("real")
        bisect_tree.sweep(tmp_path / "link", keep=(str(tmp_path / "real/root-a"),))
        assert [place.name for place in (tmp_path / "real").iterdir()] == ["root-a"]
        bisect_tree.sweep(tmp_path / "real", keep=(str(tmp_path / "link/root-a"),))
        assert [place.name for place in (tmp_path / "real").iterdir()] == ["root-a"]
