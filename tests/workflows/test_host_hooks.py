"""Hooks into a host: what is written below its root, that nothing else is altered, and how it is known again."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.ledger.host_hooks import HostHooksTopic
from changelog_ledger.model.host_hooks import HostFileState, HostHooks
from changelog_ledger.workflows import host_hooks
from changelog_ledger.workflows.host_hook_texts import marked

SCRIPT = "etc/changelog-ledger/host-hook"
APT = "etc/apt/apt.conf.d/80changelog-ledger"
SERVICE = "etc/systemd/system/changelog-ledger-snapshot.service"
TIMER = "etc/systemd/system/changelog-ledger-snapshot.timer"
WANTS = "etc/systemd/system/timers.target.wants/changelog-ledger-snapshot.timer"
COMMAND = "/opt/ledger/bin/ledger"
HOME = "/var/lib/changelog-ledger"
ODD = '/srv/it\'s 100% "odd"/$HOME\\`x`'

EVERYTHING = (
    "etc/apt/apt.conf.d/",
    "etc/dnf/plugins/post-transaction-actions.d/",
    "etc/dnf/libdnf5-plugins/actions.d/",
    "etc/pacman.conf",
    "etc/apk/",
    "etc/systemd/system/",
    "usr/lib/systemd/systemd",
    "etc/cron.d/",
)


def furnished(root: Path, *paths: str) -> Path:
    for path in paths:
        place = root / path
        (place if path.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            place.touch()
    return root


def installed(root: Path, home: str = HOME, **options: object) -> HostHooks:
    return HostHooksTopic(home).install(root=root, command=COMMAND, **options)  # type: ignore[arg-type]


def status(root: Path, home: str = HOME, command: str = COMMAND) -> dict[str, HostFileState]:
    return {file.path.lstrip("/"): file.state for file in HostHooksTopic(home).status(root=root, command=command).files}


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder below a root: its mode and content."""
    return {str(path.relative_to(root)): (path.lstat().st_mode, _content(path)) for path in sorted(root.rglob("*"))}


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return os.readlink(path).encode()
    return path.read_bytes() if path.is_file() else b""


def without_head(path: Path) -> str:
    """A file without the lines that say whose it is."""
    lines = path.read_text().splitlines(keepends=True)
    assert "changelog-ledger host hook, sha256 " in "".join(lines[:2])
    return "".join(line for line in lines if not line.startswith(("#", "//")))


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """A root that has every package manager, and systemd."""
    return furnished(tmp_path / "root", *EVERYTHING)


class TestWhatIsWritten:
    def test_apt_calls_the_script_before_and_after(self, everything: Path) -> None:
        installed(everything)
        assert without_head(everything / APT) == (
            'DPkg::Pre-Invoke { "if [ -x /etc/changelog-ledger/host-hook ]; then /etc/changelog-ledger/host-hook before || true; fi"; };\n'
            'DPkg::Post-Invoke { "if [ -x /etc/changelog-ledger/host-hook ]; then /etc/changelog-ledger/host-hook after || true; fi"; };\n'
        )

    def test_dnf_runs_it_once_a_transaction(self, everything: Path) -> None:
        installed(everything)
        old = everything / "etc/dnf/plugins/post-transaction-actions.d/changelog-ledger.action"
        new = everything / "etc/dnf/libdnf5-plugins/actions.d/changelog-ledger.actions"
        assert without_head(old) == "*:any:/etc/changelog-ledger/host-hook after\n"
        assert without_head(new) == (
            "pre_transaction::::/etc/changelog-ledger/host-hook before\npost_transaction::::/etc/changelog-ledger/host-hook after\n"
        )

    def test_pacman_has_a_hook_for_each_end(self, everything: Path) -> None:
        installed(everything)
        before, after = (everything / f"etc/pacman.d/hooks/{name}.hook" for name in ("00-changelog-ledger-before", "zz-changelog-ledger-after"))
        assert "When = PreTransaction\nExec = /etc/changelog-ledger/host-hook before\n" in without_head(before)
        assert "When = PostTransaction\nExec = /etc/changelog-ledger/host-hook after\n" in without_head(after)
        assert "AbortOnFail" not in before.read_text()

    def test_apk_gets_a_script_that_never_fails(self, everything: Path) -> None:
        installed(everything)
        hook = everything / "etc/apk/commit_hooks.d/changelog-ledger"
        assert stat.S_IMODE(hook.stat().st_mode) == 0o755
        assert without_head(hook).splitlines()[-1] == "exit 0"
        assert subprocess.run([hook, "pre-commit"], check=False, timeout=20).returncode == 0

    def test_systemd_gets_a_service_and_an_enabled_timer(self, everything: Path) -> None:
        installed(everything, interval="1h")
        service, timer = without_head(everything / SERVICE), without_head(everything / TIMER)
        for line in (
            "ExecStart=/etc/changelog-ledger/host-hook timer",
            "SuccessExitStatus=3",
            "Nice=10",
            "IOSchedulingClass=idle",
            "NoNewPrivileges=yes",
            "TimeoutStartSec=1860",
        ):
            assert line in service.splitlines()
        for namespace in ("ProtectSystem", "ProtectHome", "PrivateTmp", "ReadWritePaths"):
            assert namespace not in service, "a mount namespace would show every mount as read-only to the snapshot"
        for line in ("OnCalendar=0/1:00", "OnBootSec=2min", "RandomizedDelaySec=360", "Persistent=true", "WantedBy=timers.target"):
            assert line in timer.splitlines()
        wants = everything / WANTS
        assert os.readlink(wants) == "/etc/systemd/system/changelog-ledger-snapshot.timer"
        assert not (everything / "etc/cron.d/changelog-ledger").exists()

    @pytest.mark.parametrize(("interval", "columns"), [("15min", "*/15 * * * *"), ("6h", "0 */6 * * *"), ("1d", "0 0 * * *")])
    def test_cron_stands_in_where_there_is_no_systemd(self, tmp_path: Path, interval: str, columns: str) -> None:
        root = furnished(tmp_path, "etc/cron.d/")
        done = installed(root, interval=interval)
        line = without_head(root / "etc/cron.d/changelog-ledger")
        assert line.startswith(f"{columns} root if [ -x /etc/changelog-ledger/host-hook ]; then ")
        assert any("there is no systemd" in text for text in done.warnings)

    @pytest.mark.parametrize("interval", ["7min", "90s", "5h", "2d", "0s"])
    def test_an_interval_that_no_calendar_can_say_is_refused(self, everything: Path, interval: str) -> None:
        before = tree(everything)
        with pytest.raises(InvalidInput, match="divide an hour or a day"):
            installed(everything, interval=interval)
        assert tree(everything) == before

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
    def test_systemd_can_read_the_units(self, everything: Path) -> None:
        installed(everything, home=ODD)
        for unit in (everything / SERVICE, everything / TIMER):
            unit.write_text(unit.read_text().replace("/etc/changelog-ledger/host-hook", "/bin/true"))  # the command must be there
        done = subprocess.run(
            ["systemd-analyze", "verify", everything / SERVICE, everything / TIMER], capture_output=True, text=True, check=False, timeout=60
        )
        assert "changelog-ledger-snapshot" not in done.stderr, done.stderr

    def test_only_what_is_asked_for(self, everything: Path) -> None:
        assert {file.path.lstrip("/") for file in installed(everything, only=["apt"]).files} == {SCRIPT, APT}
        with pytest.raises(InvalidInput, match="hooked into"):
            installed(everything, only=["emerge"])

    def test_what_the_host_does_not_have_is_an_error_only_when_asked_for(self, tmp_path: Path) -> None:
        root = furnished(tmp_path, "etc/cron.d/")
        with pytest.raises(NotFound, match="there is no apt"):
            installed(root, only=["apt"])
        assert len(installed(root).files) == 2
        with pytest.raises(NotFound, match="no package manager and no clock"):
            installed(furnished(tmp_path / "empty", "etc/"))


class TestTheScript:
    def test_odd_paths_reach_the_command_as_they_are(self, tmp_path: Path) -> None:
        root = furnished(tmp_path / "root", "etc/cron.d/")
        home = Path(f"{tmp_path}{ODD}")
        for folder in (*reversed(home.relative_to(tmp_path).parents[:-1]), home.relative_to(tmp_path)):
            (tmp_path / folder).mkdir(0o700)
        (home / "ledger.toml").touch(0o600)
        command = tmp_path / "the 'ledger\""
        command.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
        command.chmod(0o755)
        HostHooksTopic(home).install(root=root, command=command)
        assert subprocess.run([root / SCRIPT, "before"], check=False, timeout=20).returncode == 0
        assert (home / "host-hooks/log").read_text() == f"<--home><{home}><host-hooks><run><before>"

    def test_paths_that_no_file_can_hold_are_refused(self, everything: Path) -> None:
        with pytest.raises(InvalidInput, match="cannot be written into hooks"):
            installed(everything, home="/var/lib/new\nline")
        with pytest.raises(InvalidInput, match="cannot be written into hooks"):
            HostHooksTopic(HOME).install(root=everything, command="bin/ledger")

    def test_only_the_clock_says_that_there_is_no_ledger(self, everything: Path) -> None:
        installed(everything, home=str(everything / "nowhere"))
        codes = [subprocess.run([everything / SCRIPT, word], check=False, capture_output=True, timeout=20) for word in ("before", "after", "timer")]
        assert [done.returncode for done in codes] == [0, 0, 4]
        assert [bool(done.stderr) for done in codes] == [False, False, True]

    @pytest.mark.skipif(not shutil.which("dash"), reason="there is no dash")
    def test_it_is_plain_shell(self, everything: Path) -> None:
        installed(everything, home=ODD)
        assert subprocess.run(["dash", "-n", everything / SCRIPT], check=False, timeout=20).returncode == 0


class TestNothingElseIsAltered:
    def test_uninstalling_leaves_the_tree_as_it_was(self, everything: Path) -> None:
        before = tree(everything)
        installed(everything)
        assert tree(everything) != before
        done = HostHooksTopic(HOME).uninstall(root=everything)
        assert {file.state for file in done.files} == {HostFileState.REMOVED}
        assert tree(everything) == before
        assert HostHooksTopic(HOME).uninstall(root=everything).files == ()

    def test_installing_twice_changes_nothing_and_the_folders_still_go(self, everything: Path) -> None:
        before = tree(everything)
        installed(everything)
        once = tree(everything)
        assert {file.state for file in installed(everything).files} == {HostFileState.UNCHANGED}
        assert tree(everything) == once
        HostHooksTopic(HOME).uninstall(root=everything)
        assert tree(everything) == before

    def test_a_part_may_go_and_the_script_goes_with_the_last(self, everything: Path) -> None:
        before = tree(everything)
        installed(everything, only=["apt", "timer"])
        HostHooksTopic(HOME).uninstall(root=everything, only=["timer"])
        assert (everything / SCRIPT).exists()
        assert (everything / APT).exists()
        assert not (everything / TIMER).exists()
        HostHooksTopic(HOME).uninstall(root=everything, only=["apt"])
        assert tree(everything) == before

    @pytest.mark.parametrize("path", [SCRIPT, APT, TIMER, "etc/apk/commit_hooks.d/changelog-ledger"])
    def test_somebody_elses_file_is_refused_before_anything_is_written(self, everything: Path, path: str) -> None:
        (everything / path).parent.mkdir(parents=True, exist_ok=True)
        (everything / path).write_text("theirs\n")
        before = tree(everything)
        with pytest.raises(InvalidInput, match="is not ours"):
            installed(everything)
        HostHooksTopic(HOME).uninstall(root=everything)
        assert tree(everything) == before

    def test_what_somebody_edited_is_neither_overwritten_nor_removed(self, everything: Path) -> None:
        installed(everything)
        (everything / APT).write_text((everything / APT).read_text() + "// mine\n")
        before = tree(everything)
        with pytest.raises(InvalidInput, match="has edited"):
            installed(everything)
        with pytest.raises(InvalidInput, match="has edited"):
            HostHooksTopic(HOME).uninstall(root=everything)
        assert tree(everything) == before
        HostHooksTopic(HOME).uninstall(root=everything, force=True)
        assert not (everything / APT).exists()

    def test_a_dry_run_writes_nothing(self, everything: Path) -> None:
        before = tree(everything)
        done = installed(everything, dry_run=True)
        assert {file.state for file in done.files} == {HostFileState.WRITTEN}
        assert tree(everything) == before
        installed(everything)
        there = tree(everything)
        assert HostHooksTopic(HOME).uninstall(root=everything, dry_run=True).files
        assert tree(everything) == there

    def test_a_link_of_the_image_does_not_lead_out_of_it(self, tmp_path: Path) -> None:
        root, outside = furnished(tmp_path / "root", "etc/cron.d/"), tmp_path / "outside"
        outside.mkdir()
        (root / "etc/changelog-ledger").symlink_to(outside)
        with pytest.raises(InvalidInput, match="leads out of"):
            installed(root)
        assert list(outside.iterdir()) == []

    def test_links_that_lead_in_circles_are_an_error_in_words(self, tmp_path: Path) -> None:
        root = furnished(tmp_path / "root", "etc/cron.d/")
        (root / "etc/changelog-ledger").symlink_to("changelog-ledger")
        with pytest.raises(OSError, match="Too many levels of symbolic links"):
            HostHooksTopic(HOME).status(root=root)
        with pytest.raises(InvalidInput, match="lead in circles"):
            installed(root)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may")
    def test_only_root_hooks_into_the_machine_itself(self) -> None:
        with pytest.raises((InvalidInput, NotFound)):
            HostHooksTopic(HOME).install(command=COMMAND)


class TestStatus:
    @pytest.fixture(autouse=True)
    def _there(self, everything: Path) -> Iterator[None]:
        assert set(status(everything).values()) == {HostFileState.ABSENT}
        installed(everything, interval="5min")
        yield

    def test_installed_with_whatever_interval(self, everything: Path) -> None:
        assert set(status(everything).values()) == {HostFileState.INSTALLED}

    def test_edited_missing_and_foreign(self, everything: Path) -> None:
        (everything / APT).write_text((everything / APT).read_text() + "// mine\n")
        (everything / TIMER).unlink()
        (everything / SERVICE).write_text("theirs")
        found = status(everything)
        assert (found[APT], found[TIMER], found[SERVICE]) == (HostFileState.EDITED, HostFileState.ABSENT, HostFileState.FOREIGN)

    def test_outdated_when_command_or_home_have_moved(self, everything: Path) -> None:
        assert status(everything, command="/elsewhere/ledger")[SCRIPT] is HostFileState.OUTDATED
        moved = status(everything, home="/elsewhere")
        assert (moved[SCRIPT], moved[SERVICE], moved[APT]) == (HostFileState.OUTDATED, HostFileState.INSTALLED, HostFileState.INSTALLED)

    def test_a_timer_that_somebody_disabled_is_not_installed(self, everything: Path) -> None:
        (everything / WANTS).unlink()
        assert status(everything)[WANTS] is HostFileState.ABSENT
        (everything / WANTS).symlink_to("../changelog-ledger-snapshot.timer")
        assert status(everything)[WANTS] is HostFileState.INSTALLED
        (everything / WANTS).unlink()
        (everything / WANTS).symlink_to("/dev/null")
        assert status(everything)[WANTS] is HostFileState.FOREIGN

    def test_home_command_and_interval_are_the_installed_ones(self, everything: Path) -> None:
        """Whatever this process would take today; and though another version wrote the timer."""
        timer = everything / TIMER
        timer.write_bytes(marked(without_head(timer).replace("Persistent=true\n", "")))
        found = HostHooksTopic().status(root=everything)
        assert (found.home, found.command) == (HOME, COMMAND)
        assert {file.path for file in found.files if file.state is not HostFileState.INSTALLED} == {f"/{TIMER}"}
        assert found.install_command == f"ledger host-hooks install --root {everything} --home {HOME} --command {COMMAND} --interval 5min"
        assert HostHooksTopic("/elsewhere").status(root=everything).home == "/elsewhere"

    def test_only_a_call_that_read_everything_moves_the_mark(self, everything: Path) -> None:
        notes = everything / HOME.lstrip("/") / "host-hooks"
        notes.mkdir(parents=True)
        (notes / "timer.last").write_text("3 2025-06-02T09:00:00Z\n")
        (notes / "timer.worked").write_text("3 2025-06-02T09:00:00Z\n")
        (call,) = HostHooksTopic().status(root=everything).calls
        assert (call.code, call.worked_at) == (3, None)

    def test_a_home_that_one_may_not_look_into_is_told(self, everything: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def unseen(*_arguments: object) -> Iterator[object]:
            raise PermissionError

        monkeypatch.setattr(host_hooks, "calls_noted", unseen)
        found = HostHooksTopic().status(root=everything)
        assert found.calls == ()
        assert f"sudo ledger host-hooks status --root {everything}" in found.warnings[0]

    def test_a_mode_that_somebody_altered_is_outdated(self, everything: Path) -> None:
        (everything / SCRIPT).chmod(0o644)
        assert status(everything)[SCRIPT] is HostFileState.OUTDATED
        installed(everything)
        assert os.access(everything / SCRIPT, os.X_OK)

    def test_how_the_last_calls_went(self, everything: Path) -> None:
        notes = everything / HOME.lstrip("/") / "host-hooks"
        notes.mkdir(parents=True)
        (notes / "before.last").write_text("124 2025-06-02T09:00:00Z\n")
        (notes / "before.worked").write_text("0 2025-06-01T09:00:00Z\n")
        (notes / "timer.last").write_text("began 2025-06-02T09:15:00Z\n")
        (notes / "after.last").write_text("")
        before, timer = HostHooksTopic(HOME).status(root=everything, command=COMMAND).calls
        assert (before.occasion, before.code, before.worked_at and before.worked_at.day) == ("before", 124, 1)
        assert (timer.occasion, timer.code, timer.worked_at) == ("timer", None, None)
