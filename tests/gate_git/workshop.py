"""A repository of configuration with the gate in it, a real home beside it, and the real git: hooks run as they do at somebody's desk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.ledger.gate import Gate
from changelog_ledger.model.gate import Verdict

from ..workflows.world import ledger_command, postgresql_database

POLICY = 'config = ["hosts/{host}/**", "services/{service}/*.yaml"]'
APP, FSTAB, SHOP = "hosts/w1/etc/app.ini", "hosts/w1/etc/fstab", "services/shop/shop.yaml"
SETTINGS = """\
[user]
    name = Anna
    email = anna@example.org
[init]
    defaultBranch = main
[advice]
    detachedHead = false
[protocol "file"]
    allow = always
"""
NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")


@dataclass(frozen=True)
class Answer:
    """How a process ended; what it said on both channels, as git mixes them."""

    code: int
    said: str


@dataclass(frozen=True)
class Workshop:
    """Somebody's work tree (``folder``) and the ledger's home."""

    top: Path
    folder: Path
    ledger: Ledger

    @property
    def home(self) -> Path:
        return self.top / "home"

    def run(self, *command: str | bytes, at: Path | None = None, code: int | None = 0, given: str | None = None, **variables: str) -> Answer:
        """A process in the work tree; its end has to be ``code`` (None: whatever)."""
        environment = os.environ | variables
        answers = (given or "").encode()
        done = subprocess.run(command, cwd=at or self.folder, env=environment, capture_output=True, check=False, timeout=120, input=answers)
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert code is None or done.returncode == code, f"{command} ended with {done.returncode}\n{said}"
        assert "Traceback" not in said, said
        return Answer(done.returncode, said)

    def git(self, *arguments: str | bytes, **options: Any) -> Answer:
        """git, with the gate's hooks."""
        return self.run("git", *arguments, **options)

    def bypass(self, *arguments: str | bytes, **options: Any) -> Answer:
        """git, without any hook: what somebody does who goes past the gate; and what is not the matter of a test, sooner."""
        return self.run("git", *NO_HOOKS, *arguments, **options)

    def ask(self, *arguments: str, code: int | None = 0, **options: Any) -> Answer:
        """``ledger ARGUMENTS`` as a process."""
        return self.run(*ledger_command(arguments), code=code, **options)

    def write(self, path: str | bytes, content: str | bytes) -> Path:
        file = self.folder / os.fsdecode(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def stage(self, path: str, content: str | bytes) -> None:
        self.write(path, content)
        self.git("add", "--", path)

    def policy(self, *lines: str) -> None:
        """Commit another policy, past the gate."""
        self.write(".changelog-ledger.toml", "\n".join(["[gate]", *(lines or [POLICY]), ""]))
        self.bypass("add", ".changelog-ledger.toml")
        self.bypass("commit", "-qm", "Another policy")

    def base(self, **files: str | bytes) -> str:
        """Commit files past the gate, as if they had always been there."""
        for path, content in files.items():
            self.write(path, content)
        self.bypass("add", "-A")
        self.bypass("commit", "-qm", "What was there", "--allow-empty")
        return self.head

    def commit(self, *arguments: str | bytes, **options: Any) -> str:
        """``git commit`` goes in; the commit's id."""
        before = self.head
        self.git("commit", "-q", *(arguments or ("-m", "An edit")), **options)
        assert self.head != before
        return self.head

    def refused(self, *arguments: str | bytes, **options: Any) -> str:
        """``git commit`` is refused, and nothing of the work is touched; what was said."""
        before = self.state()
        answer = self.git("commit", *(arguments or ("-m", "An edit")), code=1, **options)
        assert self.state() == before
        return answer.said

    @property
    def head(self) -> str:
        return self.rev("HEAD")

    def rev(self, revision: str) -> str:
        answer = self.git("rev-parse", "-q", "--verify", revision, code=None)
        return answer.said.strip() if answer.code == 0 else ""

    def message(self, revision: str = "HEAD") -> str:
        return self.git("log", "-1", "--format=%B", revision).said.strip()

    def trailers(self, revision: str = "HEAD") -> list[str]:
        return [line.partition(": ")[2] for line in self.message(revision).splitlines() if line.startswith("Ledger-Change: ")]

    def state(self) -> tuple[Any, ...]:
        """Everything that a refusal may not touch: HEAD, what the index holds, every file of the work tree."""
        index = self.git("ls-files", "--stage", "-z").said, self.git("status", "--porcelain", "-z").said
        return self.head, index, files_below(self.folder), sorted(path.name for path in (self.folder / ".git").glob("*.lock"))

    def change(self, title: str = "Raise the pool", on: Sequence[str] = ("host:w1",), paths: Sequence[str] = (), **details: Any) -> str:
        """A change that was planned now and started an hour ago; its id."""
        return self.ledger.start(self.ledger.plan(title, on=on, paths=paths, **details).id, at=ago(hours=1)).id

    def over(self, change: str) -> None:
        """The change was over a minute ago."""
        self.ledger.finish(change, at=ago(minutes=1))

    def check(self, expression: str = "HEAD~1..HEAD", folder: Path | None = None) -> tuple[Verdict, ...]:
        """``hook check-range``, in this process."""
        with Gate.open(folder or self.folder, home=self.home, actor="alex") as gate:
            return gate.check_range(expression)

    def accepted(self, expression: str = "HEAD~1..HEAD") -> tuple[Verdict, ...]:
        verdicts = self.check(expression)
        assert all(verdict.passes for verdict in verdicts), [(v.subject, [(j.edit.path, j.misses) for j in v.refused], v.problems) for v in verdicts]
        return verdicts

    def found(self, expression: str = "HEAD~1..HEAD") -> list[str]:
        """The subjects of the commits that the range check refuses."""
        return [verdict.subject for verdict in self.check(expression) if not verdict.passes]


def ago(**length: float) -> datetime:
    """A time before now, by the real clock: git and the hooks have no other."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**length)


def dated(moment: datetime) -> dict[str, str]:
    """git takes a commit to be of that time."""
    return {"GIT_AUTHOR_DATE": moment.isoformat(), "GIT_COMMITTER_DATE": moment.isoformat()}


def files_below(folder: Path) -> dict[str, tuple[int, str]]:
    """Mode and digest of every file of a work tree, git's own aside."""
    found = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            file = Path(parent, name)
            content = os.fsencode(os.readlink(file)) if file.is_symlink() else file.read_bytes()
            found[str(file)] = (file.lstat().st_mode, hashlib.sha256(content).hexdigest())
    return found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that knows the hosts w1 and w2 and the service shop on w1, and a repository with the gate's hooks: made once, copied for each test."""
    top = tmp_path_factory.mktemp("workshop")
    with pytest.MonkeyPatch.context() as monkeypatch:
        surroundings(top, monkeypatch)
        with Ledger.init(top / "home", host="w1", actor="alex") as ledger:
            furnish(ledger)
            repository(Workshop(top, top / "config", ledger))
    return top


def furnish(ledger: Ledger) -> None:
    ledger.add_host("w2")
    ledger.add_service("shop", runs_on=["w1"])


def repository(made: Workshop) -> None:
    made.folder.mkdir()
    made.git("init", "-q")
    made.write(".changelog-ledger.toml", f"[gate]\n{POLICY}\n")
    made.write(APP, "[db]\npool = 20\nhost = db-01\n")
    made.write(FSTAB, "/dev/sda1 / ext4 defaults 0 1\n")
    made.write(SHOP, "replicas: 2\nimage: shop:1\n")
    made.write("README.md", "What this is.\n")
    made.git("add", ".")
    made.git("commit", "-qm", "What was there")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delenv("LEDGER_HOME")  # else the hooks would be about the home of the template for ever
        Gate.open(made.folder).install()


def surroundings(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's settings but ours."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "LEDGER_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    (top / "gitconfig").write_text(SETTINGS)
    environment = {"HOME": str(top), "GIT_CONFIG_GLOBAL": str(top / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}
    environment |= {"LEDGER_HOME": str(top / "home"), "LEDGER_ACTOR": "alex", "COLUMNS": "80", "NO_COLOR": "1", "XDG_STATE_HOME": str(top / "state")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@contextlib.contextmanager
def _workshop(template: Path, top: Path) -> Iterator[Workshop]:
    shutil.copytree(template / "config", top / "config", symlinks=True)
    with Ledger.open(top / "home", actor="alex") as ledger:
        made = Workshop(top, top / "config", ledger)
        made.git("update-index", "-q", "--refresh", code=None)
        yield made


@pytest.fixture
def workshop(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A work tree at ``config``, its hooks in it, and a ledger on SQLite."""
    surroundings(tmp_path, monkeypatch)
    shutil.copytree(template / "home", tmp_path / "home", symlinks=True)
    with _workshop(template, tmp_path) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def either_workshop(request: pytest.FixtureRequest, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """The same on SQLite, then on PostgreSQL."""
    surroundings(tmp_path, monkeypatch)
    database = postgresql_database() if request.param == "postgresql" else None
    with Ledger.init(tmp_path / "home", host="w1", actor="alex", database=database) as ledger:
        furnish(ledger)
    with _workshop(template, tmp_path) as made:
        yield made
