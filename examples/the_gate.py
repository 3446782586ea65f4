"""Somebody edits haproxy.cfg in the configuration repository and commits: no change covers it, and the gate says which command would log it.

The story runs real git: a bare repository as the server, a clone with the hooks of ``ledger hook install``. The commit is refused; the command that
the refusal names plans and starts a change; the same commit passes, and names it. What reaches the load balancer then is explained by the change,
since these very bytes were let in under it. In an emergency a reason opens the gate, and the emergency change waits for its review. Past the gate
(``git commit --no-verify``) one comes only as far as the server::

    python examples/the_gate.py             prints what was said
    python examples/the_gate.py FOLDER      keeps the repositories and the ledger in FOLDER
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from changelog_ledger import Ledger

HOST = "lb-01"
HAPROXY = f"hosts/{HOST}/etc/haproxy/haproxy.cfg"
KEEPALIVED = f"hosts/{HOST}/etc/keepalived/keepalived.conf"
POLICY = '[gate]\nconfig = ["hosts/{host}/**"]\n'
FILES = {
    HAPROXY: """\
defaults
    timeout client 30s
    maxconn 2000
""",
    KEEPALIVED: """\
vrrp_instance edge {
    state MASTER
    priority 100
}
""",
}


@dataclass(frozen=True)
class Desk:
    """Somebody's clone of the configuration repository, with git and the ledger's command."""

    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    @property
    def clone(self) -> Path:
        """The work tree."""
        return self.folder / "clone"

    def run(self, *command: str, said: Mapping[str, str] | None = None, at: Path | None = None) -> tuple[int, str]:
        """Run a command as the person would; its exit code, and what it said."""
        done = subprocess.run(command, cwd=at or self.clone, env={**self.environment, **(said or {})}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def git(self, *arguments: str, said: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Run git."""
        return self.run("git", *arguments, said=said)

    def ledger(self, *arguments: str, at: Path | None = None) -> str:
        """Run ``ledger``; it has to succeed."""
        code, said = self.run(sys.executable, "-m", "changelog_ledger", *arguments, at=at)
        if code:
            raise RuntimeError(said)
        return said

    def edit(self, file: str, old: str, new: str) -> None:
        """Alter a file of the load balancer's, and stage it."""
        path = self.clone / file
        path.write_text(path.read_text().replace(old, new))
        self.git("add", file)


def set_up(folder: Path) -> Desk:
    """The server's repository, a clone of it, the ledger, and the gate before both."""
    settings = folder / "gitconfig"
    settings.write_text("[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n")
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "LEDGER_"))}
    own = {"GIT_CONFIG_GLOBAL": str(settings), "GIT_CONFIG_NOSYSTEM": "1", "LEDGER_HOME": str(folder / "home"), "LEDGER_ACTOR": "ann", "TZ": "UTC"}
    desk = Desk(folder, quiet | own)
    with Ledger.init(folder / "home", host=HOST):
        pass
    desk.run("git", "init", "-q", "--bare", str(folder / "server.git"), at=folder)
    desk.run("git", "clone", "-q", str(folder / "server.git"), str(desk.clone), at=folder)
    for file, text in FILES.items():
        (desk.clone / file).parent.mkdir(parents=True)
        (desk.clone / file).write_text(text)
    (desk.clone / ".changelog-ledger.toml").write_text(POLICY)
    desk.git("add", "-A")
    desk.git("commit", "-qm", "The load balancer as it is, and the gate's policy")
    desk.git("push", "-q", "origin", "HEAD")
    desk.ledger("hook", "install")
    desk.ledger("hook", "install", "--repo", str(folder / "server.git"))
    deploy(desk)
    return desk


def deploy(desk: Desk) -> None:
    """What is committed reaches the load balancer, and is seen there."""
    shutil.copytree(desk.clone / "hosts" / HOST, desk.folder / HOST, dirs_exist_ok=True)
    desk.ledger("snapshot", HOST, "--root", str(desk.folder / HOST))


def suggested(said: str, title: str) -> str:
    """The command that a refusal names, with a title in place of its own."""
    return next(line.strip() for line in said.splitlines() if "ledger change plan" in line).replace("WHAT AND WHY", title)


def tell(folder: Path) -> Iterator[str]:
    """The story, piece by piece."""
    desk = set_up(folder)
    desk.edit(HAPROXY, "maxconn 2000", "maxconn 4000")
    code, said = desk.git("commit", "-m", "More connections")
    yield f"$ git commit -m 'More connections'        (ended with {code})\n{said}"
    yield from log_and_commit(desk, suggested(said, "More connections for the sale"))
    yield from in_an_emergency(desk)
    yield from past_the_gate(desk)


def log_and_commit(desk: Desk, command: str) -> Iterator[str]:
    """The command that the refusal named, as it stands there; then the same commit again, its deployment, and what the ledger makes of it."""
    tools = desk.folder / "bin"
    tools.mkdir()
    (tools / "ledger").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m changelog_ledger "$@"\n')
    (tools / "ledger").chmod(0o755)
    desk.run("sh", "-c", command, said={"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"})
    desk.git("commit", "-qm", "More connections")
    yield f"$ git log -1 --format=%B\n{desk.git('log', '-1', '--format=%B')[1]}"
    change = desk.git("log", "-1", "--format=%(trailers:key=Ledger-Change,valueonly)")[1].strip()
    desk.ledger("change", "finish", change)
    deploy(desk)
    with Ledger.open(desk.folder / "home") as ledger:
        (piece,) = ledger.diff(HOST)
        yield f"{piece.key} on {HOST}: {piece.before} → {piece.after}, {piece.explained_by}, {piece.confidence}: {piece.because}\n"


def in_an_emergency(desk: Desk) -> Iterator[str]:
    """A reason opens the gate; the change that it opens covers this edit only, and waits for its review."""
    desk.edit(HAPROXY, "client 30s", "client 5s")
    reason = {"LEDGER_EMERGENCY": "half-open connections eat the load balancer"}
    code, said = desk.git("commit", "-m", "Shorter timeout", said=reason)
    yield f"$ LEDGER_EMERGENCY='{reason['LEDGER_EMERGENCY']}' git commit -m 'Shorter timeout'        (ended with {code})\n{said}"
    with Ledger.open(desk.folder / "home") as ledger:
        emergency = next(change for change in ledger.changes() if change.type == "emergency")
        finished = ledger.finish(emergency.id)
        yield f"{finished.id} {finished.type} {finished.status}, for {', '.join(finished.paths)}; waits for: {ledger.waits_for(finished)}\n"
    yield f"$ git push        (ended with {desk.git('push', '-q', 'origin', 'HEAD')[0]})\n"


def past_the_gate(desk: Desk) -> Iterator[str]:
    """Who goes past the hooks meets the server's."""
    desk.edit(KEEPALIVED, "priority 100", "priority 90")
    code, _ = desk.git("commit", "--no-verify", "-m", "Another one first")
    yield f"$ git commit --no-verify -m 'Another one first'        (ended with {code})\n"
    code, said = desk.git("push", "-q", "origin", "HEAD")
    yield f"$ git push        (ended with {code})\n{said}"


def main() -> None:
    """Tell it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for said in tell(folder):
            print(said)


if __name__ == "__main__":
    main()
