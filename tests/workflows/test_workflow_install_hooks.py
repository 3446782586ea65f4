"""The gate's hooks in real repositories: what was there stays and is run first, and whatever is killed half way is finished by the next run.

A stand-in for the interpreter writes down how it is called, so that these tests are about the scripts alone; that the command itself is found and
is the right one is told at the end.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from changelog_ledger.errors import InvalidInput, NotFound, RepositoryError
from changelog_ledger.ledger import Gate
from changelog_ledger.model.hooks import HookState, Installed, Stage
from changelog_ledger.workflows import hook_files, install_hooks
from changelog_ledger.workflows.hook_script import Origin, hook_script, origin_of
from changelog_ledger.workflows.install_hooks import uninstall_hooks

WORK = ["pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg"]
EXISTING = '#!/bin/sh\necho "theirs $*" >> "$CALLS"\nexit "${THEIRS:-0}"\n'
STAND_IN = """\
#!/bin/sh
[ "$3" = -c ] && exit 0
echo "ours $*" >> "$CALLS"
[ "${*##*pre-receive}" ] || sed 's/^/ours read /' >> "$CALLS"
exit "${OURS:-0}"
"""


@dataclass
class Bench:
    """A repository, and a stand-in for the interpreter."""

    folder: Path
    repository: Path

    def git(self, *arguments: str, at: Path | None = None, code: int | None = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "LEDGER_", "PYTHON", "PRE_COMMIT"))}
        environment |= {"HOME": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "CALLS": str(self.calls_file)}
        identity = {f"GIT_{who}_{what}": "anna@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        where = at or self.repository
        done = subprocess.run(command, cwd=where, env=environment | identity | variables, capture_output=True, text=True, check=False, timeout=60)
        assert code is None or done.returncode == code, done.stderr
        return done

    @property
    def hooks(self) -> Path:
        return self.repository / ".git/hooks"

    @property
    def calls_file(self) -> Path:
        return self.folder / "calls"

    @property
    def python(self) -> Path:
        return self.folder / 'it\'s a "python" $HOME'

    def calls(self) -> list[str]:
        """Who was called with what since last asked; the options that make Python deaf to the work tree are left out."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return [line.replace("-E -P -m changelog_ledger ", "").rstrip() for line in lines]

    def install(self, *stages: str, at: Path | None = None, home: Path | None = None) -> Installed:
        return install_hooks.install_hooks(at or self.repository, stages, home=home, python=str(self.python))

    def existing(self, stage: str = "pre-commit", text: str = EXISTING, mode: int = 0o755) -> Path:
        path = self.hooks / stage
        path.write_text(text)
        path.chmod(mode)
        return path

    def commit(self, *, at: Path | None = None, code: int | None = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.git("commit", "--allow-empty", "-m", "An edit", at=at, code=code, **variables)

    def names(self, folder: Path | None = None) -> set[str]:
        return {path.name for path in (folder or self.hooks).iterdir() if not path.name.endswith(".sample")}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    for name in [name for name in os.environ if name.startswith(("GIT_", "LEDGER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    bench = Bench(tmp_path, tmp_path / 'con\'fig "$(touch x)" repo')
    bench.repository.mkdir()
    bench.python.write_text(STAND_IN)
    bench.python.chmod(0o755)
    bench.git("init", "-q", "-b", "main")
    return bench


class TestInstall:
    def test_a_commit_calls_the_gate_at_every_stage(self, bench: Bench) -> None:
        done = bench.install()
        assert [(hook.stage, hook.state) for hook in done.hooks] == [(stage, HookState.WRITTEN) for stage in WORK]
        bench.commit()
        message = ".git/COMMIT_EDITMSG"
        assert bench.calls() == ["ours hook check", f"ours hook prepare-commit-msg {message} message", f"ours hook check-message {message}"]
        bench.git("switch", "-qc", "topic")
        bench.commit()
        bench.git("switch", "-q", "main")
        bench.git("commit", "-q", "--allow-empty", "-m", "Another edit")
        bench.calls()
        bench.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")
        assert bench.calls()[0] == "ours hook check"

    @pytest.mark.parametrize(("stage", "command"), [("pre-commit", "check"), ("prepare-commit-msg", "prepare"), ("commit-msg", "check-message")])
    def test_a_no_refuses_the_commit(self, bench: Bench, stage: str, command: str) -> None:
        bench.install(stage)
        bench.commit(code=1, OURS="4")
        assert f"hook {command}" in bench.calls()[-1]
        assert bench.git("rev-parse", "HEAD", code=None).returncode

    def test_the_scripts_are_files_as_git_wants_them(self, bench: Bench) -> None:
        bench.install()
        for stage in WORK:
            assert stat.S_IMODE((bench.hooks / stage).lstat().st_mode) == 0o755
            assert origin_of((bench.hooks / stage).read_bytes()) is Origin.OURS
        assert bench.names() == set(WORK)

    def test_twice_is_as_once(self, bench: Bench) -> None:
        bench.existing()
        bench.install()
        before = {path: (path.lstat().st_mtime_ns, path.read_bytes()) for path in bench.hooks.iterdir()}
        assert {hook.state for hook in bench.install().hooks} == {HookState.UNCHANGED}
        assert {path: (path.lstat().st_mtime_ns, path.read_bytes()) for path in bench.hooks.iterdir()} == before

    def test_an_older_script_becomes_new(self, bench: Bench) -> None:
        older = hook_script(Stage.PRE_COMMIT, "/usr/bin/python3.8", None)
        bench.existing(text=older.decode())
        assert [hook.state for hook in bench.install("pre-commit").hooks] == [HookState.REFRESHED]
        assert bench.names() == {"pre-commit"}
        assert [hook.state for hook in bench.install("pre-commit").hooks] == [HookState.UNCHANGED]

    def test_many_at_a_time_are_as_one(self, bench: Bench) -> None:
        bench.existing()
        with ThreadPoolExecutor(8) as people:
            list(people.map(lambda _number: bench.install("pre-commit"), range(24)))
        assert bench.names() == {"pre-commit", "pre-commit.before-ledger"}
        assert (bench.hooks / "pre-commit.before-ledger").read_text() == EXISTING
        assert origin_of((bench.hooks / "pre-commit").read_bytes()) is Origin.OURS

    def test_samples_stay(self, bench: Bench) -> None:
        sample = bench.existing("pre-commit.sample")
        bench.install()
        uninstall_hooks(bench.repository)
        assert sample.read_text() == EXISTING

    def test_a_repository_without_a_hooks_folder(self, bench: Bench) -> None:
        bench.git("init", "-q", "--template=", "bare-bones")
        bench.install(at=bench.repository / "bare-bones")
        bench.commit(at=bench.repository / "bare-bones")
        assert len(bench.calls()) == 3

    def test_the_home_is_named_only_where_somebody_named_it(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.install("pre-commit", home=bench.folder / "it's $(a) home")
        bench.commit()
        assert bench.calls() == [f"ours --home {bench.folder}/it's $(a) home hook check"]
        assert b"home" not in hook_script(Stage.PRE_COMMIT, "/usr/bin/python3", None)
        monkeypatch.setenv("LEDGER_HOME", str(bench.folder / "elsewhere"))
        done = Gate.open(bench.repository).install(["pre-commit"])
        assert f"--home {bench.folder}/elsewhere" in (bench.hooks / "pre-commit").read_text()
        assert "no ledger at" in done.warnings[0]

    def test_from_within_a_hook_the_repository_is_the_one_that_was_named(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.git("init", "-q", "other")
        monkeypatch.setenv("GIT_DIR", str(bench.repository / "other/.git"))
        monkeypatch.setenv("GIT_INDEX_FILE", "index")
        assert bench.install("pre-commit").folder == str(bench.hooks)


class TestRefusals:
    def test_an_unknown_stage(self, bench: Bench) -> None:
        with pytest.raises(InvalidInput, match="no stage 'pre-push'") as refused:
            bench.install("pre-commit", "pre-push")
        assert all(stage.value in refused.value.hint for stage in Stage)
        assert bench.names() == set()

    def test_no_repository(self, bench: Bench) -> None:
        with pytest.raises(RepositoryError, match="not a git repository"):
            bench.install(at=bench.folder)
        with pytest.raises(NotFound, match="no folder"):
            bench.install(at=bench.folder / "nowhere")

    @pytest.mark.parametrize(("path", "file"), [(".husky/_", ".husky/pre-commit"), (".githooks", ".githooks/pre-commit"), ("", "./pre-commit")])
    def test_a_tracked_folder_is_not_written_to(self, bench: Bench, path: str, file: str) -> None:
        bench.git("config", "core.hooksPath", path)
        with pytest.raises(InvalidInput) as refused:
            bench.install()
        assert f"to {file.removeprefix('./')} and " in refused.value.hint.replace("./pre", "pre")
        assert "the line `ledger hook check || exit`" in refused.value.hint
        assert 'the line `ledger hook check-message "$1" || exit`' in refused.value.hint
        assert not (bench.repository / ".husky").exists()
        assert bench.names() == set()

    @pytest.mark.parametrize("linked", [True, False])
    def test_nor_one_that_is_shared(self, bench: Bench, linked: bool) -> None:
        shared = bench.folder / "all hooks"
        shared.mkdir()
        if linked:
            for path in bench.hooks.iterdir():
                path.unlink()
            bench.hooks.rmdir()
            bench.hooks.symlink_to(shared)
        else:
            bench.git("config", "core.hooksPath", str(shared))
        with pytest.raises(InvalidInput, match="not this repository's alone") as refused:
            bench.install("commit-msg")
        assert f'to {shared}/commit-msg the line `ledger hook check-message "$1" || exit`' in refused.value.hint
        assert list(shared.iterdir()) == []

    def test_its_own_folder_by_its_own_name_is_fine(self, bench: Bench) -> None:
        bench.git("config", "core.hooksPath", ".git/hooks")
        bench.install()
        bench.commit()
        assert len(bench.calls()) == 3

    def test_a_script_that_somebody_edited(self, bench: Bench) -> None:
        script = bench.existing()
        bench.install()
        script.write_text(script.read_text() + "echo mine\n")
        for refusing in (bench.install, lambda: uninstall_hooks(bench.repository)):
            with pytest.raises(InvalidInput, match="somebody has edited"):
                refusing()
        assert script.read_text().endswith("echo mine\n")
        assert bench.names() == {*WORK, "pre-commit.before-ledger"}
        uninstall_hooks(bench.repository, force=True)
        assert script.read_text() == EXISTING
        assert bench.names() == {"pre-commit"}

    def test_somebody_put_a_hook_in_our_place(self, bench: Bench) -> None:
        bench.existing()
        bench.install("pre-commit")
        bench.hooks.joinpath("pre-commit").unlink()
        another = bench.existing(text="#!/bin/sh\nexit 3\n")
        with pytest.raises(InvalidInput, match="was put where the gate stood"):
            bench.install()
        assert (another.read_text(), (bench.hooks / "pre-commit.before-ledger").read_text()) == ("#!/bin/sh\nexit 3\n", EXISTING)
        assert bench.names() == {"pre-commit", "pre-commit.before-ledger"}
        assert uninstall_hooks(bench.repository).hooks == ()
        assert another.read_text() == "#!/bin/sh\nexit 3\n"


class TestChain:
    @pytest.mark.parametrize("stage", ["pre-commit", "prepare-commit-msg", "commit-msg"])
    def test_what_was_there_runs_first_with_the_same_arguments(self, bench: Bench, stage: str) -> None:
        bench.existing(stage)
        bench.commit()
        (alone,) = bench.calls()
        bench.install(stage)
        bench.commit()
        first, second = bench.calls()
        assert first == alone
        assert second.startswith("ours hook")

    def test_its_no_is_a_no(self, bench: Bench) -> None:
        bench.existing()
        bench.install("pre-commit")
        bench.commit(code=1, THEIRS="7")
        assert bench.calls() == ["theirs"]
        assert subprocess.run([bench.hooks / "pre-commit"], env={"CALLS": os.devnull, "THEIRS": "7"}, check=False).returncode == 7
        assert subprocess.run(["sh", "pre-commit"], cwd=bench.hooks, env={"CALLS": os.devnull, "THEIRS": "7"}, check=False).returncode == 7
        bench.commit(code=1, OURS="1")
        assert bench.calls() == ["theirs", "ours hook check"]

    @pytest.mark.parametrize("stage", list(Stage))
    @pytest.mark.parametrize("shell", [["dash"], ["bash", "--posix"]], ids=lambda shell: shell[0])
    def test_any_shell_will_do(self, bench: Bench, shell: list[str], stage: Stage) -> None:
        if not shutil.which(shell[0]):
            pytest.skip(f"no {shell[0]} here")
        bench.existing(stage, '#!/bin/sh\ncat >/dev/null\necho theirs >> "$CALLS"\n')
        bench.install(stage)
        environment = {"CALLS": str(bench.calls_file), "PATH": os.environ["PATH"], "OURS": "5"}
        done = subprocess.run([*shell, bench.hooks / stage, "a b"], env=environment, input=b"old new name\n", capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (5, b"")
        assert [call.split()[0] for call in bench.calls()][:2] == ["theirs", "ours"]

    def test_what_git_did_not_run_is_not_run(self, bench: Bench) -> None:
        bench.existing(mode=0o644)
        bench.install("pre-commit")
        bench.commit()
        assert bench.calls() == ["ours hook check"]

    def test_a_symlink_stays_one(self, bench: Bench) -> None:
        bench.existing("tool")
        (bench.hooks / "pre-commit").symlink_to("tool")
        bench.install("pre-commit")
        assert (bench.hooks / "pre-commit.before-ledger").readlink() == Path("tool")
        bench.commit()
        assert bench.calls() == ["theirs", "ours hook check"]
        uninstall_hooks(bench.repository)
        assert (bench.hooks / "pre-commit").readlink() == Path("tool")
        assert (bench.hooks / "tool").read_text() == EXISTING

    def test_a_symlink_to_a_script_of_ours_is_not_ours(self, bench: Bench) -> None:
        other = bench.folder / "other"
        other.write_bytes(hook_script(Stage.PRE_COMMIT, "", None))
        (bench.hooks / "pre-commit").symlink_to(other)
        bench.install("pre-commit")
        assert (bench.hooks / "pre-commit.before-ledger").is_symlink()

    def test_lefthook_is_told_about(self, bench: Bench) -> None:
        bench.existing(text="#!/bin/sh\ncall_lefthook run pre-commit\n")
        assert "lefthook" in bench.install("pre-commit").warnings[0]


class TestUninstall:
    @pytest.mark.parametrize("mode", [0o755, 0o700, 0o644])
    def test_what_was_there_is_back(self, bench: Bench, mode: int) -> None:
        hook = bench.hooks / "commit-msg"
        hook.write_bytes(b"#!/bin/sh\r\n# \xff\x00 no newline at the end")
        hook.chmod(mode)
        before = (hook.read_bytes(), hook.lstat().st_mode, hook.lstat().st_ino)
        bench.install()
        done = uninstall_hooks(bench.repository)
        assert {hook.stage: hook.state for hook in done.hooks} == dict.fromkeys(WORK, HookState.REMOVED) | {"commit-msg": HookState.RESTORED}
        assert (hook.read_bytes(), hook.lstat().st_mode, hook.lstat().st_ino) == before
        assert bench.names() == {"commit-msg"}

    def test_what_is_not_ours_is_left_alone(self, bench: Bench) -> None:
        hook = bench.existing()
        bench.existing("commit-msg.before-ledger")
        bench.install("prepare-commit-msg")
        assert [hook.stage for hook in uninstall_hooks(bench.repository).hooks] == ["prepare-commit-msg", "commit-msg"]
        assert hook.read_text() == EXISTING
        assert uninstall_hooks(bench.repository).hooks == ()

    def test_after_core_hookspath_was_set(self, bench: Bench) -> None:
        bench.install()
        bench.git("config", "core.hooksPath", ".husky/_")
        assert len(uninstall_hooks(bench.repository).hooks) == 4
        assert bench.names() == set()


class Killed(BaseException):
    """What kill -9 does, as far as this process can play it."""


class TestKilled:
    """At each step there is a hook that git runs, and the next run finishes the work."""

    @pytest.mark.parametrize("step", ["replace_script", "sync", "link"])
    def test_installing(self, bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        bench.existing()
        with monkeypatch.context() as patch:
            killed = _killed
            if step == "link":  # where there are no hard links, and so for a moment no hook
                patch.setattr(os, "link", _no_links)
                patch.setattr(install_hooks, "replace_script", killed)
            else:
                patch.setattr(install_hooks, step, killed)
            with pytest.raises(Killed):
                bench.install("pre-commit")
        if step != "link":
            bench.commit(code=1, THEIRS="1")
            assert bench.calls() == ["theirs"]
        bench.install("pre-commit")
        bench.commit()
        assert bench.calls() == ["theirs", "ours hook check"]
        uninstall_hooks(bench.repository)
        assert (bench.hooks / "pre-commit").read_text() == EXISTING
        assert bench.names() == {"pre-commit"}

    @pytest.mark.parametrize("linked", [True, False])
    def test_taking_out_what_was_put_in_half(self, bench: Bench, monkeypatch: pytest.MonkeyPatch, linked: bool) -> None:
        bench.existing()
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(install_hooks, "replace_script", _killed)
            if not linked:
                patch.setattr(os, "link", _no_links)
            bench.install("pre-commit")
        uninstall_hooks(bench.repository)
        assert (bench.hooks / "pre-commit").read_text() == EXISTING
        assert bench.names() == {"pre-commit"}

    @pytest.mark.parametrize("again", [True, False])
    def test_writing_the_script(self, bench: Bench, monkeypatch: pytest.MonkeyPatch, again: bool) -> None:
        bench.existing()
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(hook_files.os, "fsync", _killed)
            replace = hook_files.replace_script
            replace(bench.hooks / "pre-commit", b"half")
        assert (bench.hooks / "pre-commit").read_text() == EXISTING
        assert bench.names() == {"pre-commit", "pre-commit.ledger-new"}
        if again:
            bench.install("pre-commit")
            assert bench.names() == {"pre-commit", "pre-commit.before-ledger"}
        uninstall_hooks(bench.repository)
        assert bench.names() == {"pre-commit"}


def _killed(*_arguments: object) -> None:
    raise Killed


def _no_links(*_arguments: object, **_options: object) -> None:
    raise OSError("not supported")


class TestKindsOfRepositories:
    def test_linked_work_trees_share(self, bench: Bench) -> None:
        bench.commit()
        bench.git("worktree", "add", "-q", "-b", "other", "../other tree")
        other = bench.folder / "other tree"
        assert bench.install(at=other).folder == str(bench.hooks)
        for folder in (other, bench.repository):
            bench.commit(at=folder)
            assert len(bench.calls()) == 3

    def test_a_submodule_has_its_own(self, bench: Bench) -> None:
        bench.git("init", "-q", "../library")
        bench.commit(at=bench.folder / "library")
        bench.git("submodule", "add", "-q", str(bench.folder / "library"), "lib")
        done = bench.install(at=bench.repository / "lib")
        assert done.folder == str(bench.repository / ".git/modules/lib/hooks")
        bench.commit(at=bench.repository / "lib")
        assert len(bench.calls()) == 3
        bench.commit()
        assert bench.calls() == []

    def test_from_a_folder_within(self, bench: Bench) -> None:
        (bench.repository / "hosts/web-01").mkdir(parents=True)
        assert bench.install(at=bench.repository / "hosts/web-01").folder == str(bench.hooks)
        bench.git("config", "core.hooksPath", ".husky/_")
        with pytest.raises(InvalidInput) as refused:
            bench.install(at=bench.repository / "hosts/web-01")
        assert "to .husky/pre-commit" in refused.value.hint

    def test_a_bare_repository(self, bench: Bench) -> None:
        server = bench.folder / "server's config.git"
        bench.git("init", "-q", "--bare", "-b", "main", str(server))
        existing = server / "hooks/pre-receive"
        existing.write_text('#!/bin/sh\nsed "s/^/theirs read /" >> "$CALLS"\nexit "${THEIRS:-0}"\n')
        existing.chmod(0o755)
        assert [hook.stage for hook in bench.install(at=server).hooks] == ["pre-receive"]
        bench.commit()
        bench.git("tag", "v1")
        bench.git("push", "-q", str(server), "main", "v1")
        head = bench.git("rev-parse", "HEAD").stdout.strip()
        updates = [f"read {'0' * 40} {head} refs/heads/main", f"read {'0' * 40} {head} refs/tags/v1"]
        assert bench.calls() == [*(f"theirs {line}" for line in updates), "ours hook pre-receive", *(f"ours {line}" for line in updates)]
        bench.commit()
        for who in ("OURS", "THEIRS"):
            refused = bench.git("push", str(server), "main", code=1, **{who: "1"})
            assert "pre-receive hook declined" in refused.stderr
        uninstall_hooks(server)
        assert bench.names(server / "hooks") == {"pre-receive"}

    def test_a_pre_receive_that_reads_nothing(self, bench: Bench) -> None:
        server = bench.folder / "server.git"
        bench.git("init", "-q", "--bare", str(server))
        (server / "hooks/pre-receive").write_text("#!/bin/sh\nexec <&-\nexit 0\n")
        (server / "hooks/pre-receive").chmod(0o755)
        bench.install(at=server)
        bench.commit()
        bench.git("push", "-q", str(server), "HEAD:refs/heads/main", *(f"HEAD:refs/heads/topic/{number}" for number in range(2_000)))
        assert len([line for line in bench.calls() if line.startswith("ours read ")]) == 2_001


class TestWhatIsRun:
    """The real interpreter, and what happens where it is gone."""

    def test_the_command_answers(self, bench: Bench) -> None:
        done = subprocess.run([sys.executable, "-E", "-P", "-m", "changelog_ledger", "--version"], capture_output=True, text=True, check=True)
        assert re.match(r"\d+\.\d+", done.stdout)

    @pytest.mark.parametrize("pythonpath", ["", ".", ":"])
    def test_nothing_of_the_work_tree_is_run(self, bench: Bench, pythonpath: str) -> None:
        """With ``python -m`` alone, the current folder would come first; an empty piece of PYTHONPATH means it too."""
        for name in ("changelog_ledger", "click", "sqlite3", "sitecustomize", "usercustomize"):
            (bench.repository / name).mkdir()
            (bench.repository / name / "__init__.py").write_text(f"open({str(bench.folder / 'hijacked')!r}, 'w')\n")
            (bench.repository / f"{name}.py").write_text(f"open({str(bench.folder / 'hijacked')!r}, 'w')\n")
        Gate.open(bench.repository).install(["pre-commit"])
        said = bench.commit(code=None, PYTHONPATH=pythonpath).stderr
        assert not (bench.folder / "hijacked").exists(), said
        assert "No module named" not in said

    def test_the_ledger_on_the_path_serves_where_the_interpreter_is_gone(self, bench: Bench) -> None:
        bench.install("pre-commit")
        bench.python.rename(bench.folder / "gone")
        other = bench.folder / "bin/ledger"
        other.parent.mkdir()
        other.write_text('#!/bin/sh\necho "path $*" >> "$CALLS"\nexit "${OURS:-0}"\n')
        other.chmod(0o755)
        path = f"{other.parent}{os.pathsep}{os.environ['PATH']}"
        bench.commit(PATH=path)
        assert bench.calls() == ["path hook check"]
        bench.commit(PATH=path, OURS="1", code=1)

    @pytest.mark.parametrize("uninstalled", [True, False])
    def test_without_either_the_commit_is_refused_and_says_why(self, bench: Bench, uninstalled: bool) -> None:
        bench.install("pre-commit")
        if uninstalled:
            bench.python.write_text("#!/bin/sh\necho 'No module named changelog_ledger' >&2\nexit 1\n")
        else:
            bench.python.unlink()
        path = os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if not Path(folder, "ledger").exists())
        said = bench.commit(code=1, PATH=path).stderr.splitlines()[-2:]
        assert said[0].startswith(f"ledger: the gate cannot look at this: changelog-ledger is neither at {bench.python}")
        assert said[1].startswith("hint: install changelog-ledger")
        bench.git("commit", "--no-verify", "--allow-empty", "-m", "All the same", PATH=path)
