"""A disk that is full, or that fails, at every single write of a snapshot.

Whichever write fails: the command says what happened and how it ends, nothing that was acknowledged is lost, and after ``repair`` the home is
one that ``verify`` accepts and that takes the next snapshot.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import ANY

import pytest

from changelog_ledger import Ledger

from ..workflows.world import HOST

HERE = Path(__file__).parent
_NUMBERS = struct.Struct("5q")
_ENDED_PROPERLY = (0, 4)
_FULL = ("No space left", "no room left", "full", "couldn't set")
"""How it is said that the disk is full. Of a ref that it could not write, git itself says no more than the last one."""

ZYGOTE = """
import io, os, sys
from changelog_ledger.cli.main import run
from changelog_ledger import Ledger
import changelog_ledger.workflows.take_snapshot, changelog_ledger.workflows.compare_files, deepdiff
home, root = sys.argv[1:]
for line in sys.stdin:
    child = os.fork()
    if not child:
        words = io.StringIO(); sys.stdout = sys.stderr = words
        code = run(["--home", home, "snapshot", "--root", root, "--json"])
        os.write(1, repr((code, words.getvalue())).encode() + b"\\n")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        os.write(1, repr((-status, "")).encode() + b"\\n")
"""


@dataclass
class Disk:
    """Fails on demand; see ``faults.c``."""

    library: Path
    state: mmap.mmap
    file: Path
    under: Path

    def set(self, nth: int, error: int = 0, *, lasting: bool = False) -> None:
        self.state[:] = _NUMBERS.pack(nth, error, lasting, 0, 0)

    @property
    def seen(self) -> int:
        return int(_NUMBERS.unpack(self.state[:])[3])

    @property
    def failed(self) -> int:
        return int(_NUMBERS.unpack(self.state[:])[4])

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "LD_PRELOAD": str(self.library), "FAULTS_STATE": str(self.file), "FAULTS_UNDER": str(self.under)}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("faults") / "faults.so"
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        assert not os.environ.get("CI"), "continuous integration needs a C compiler"
        pytest.skip("there is no C compiler")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, HERE / "faults.c", "-ldl"], check=True)
    return built


@dataclass
class Bench:
    """A home, a machine's files, a disk between them, and a process that forks one snapshot after the other."""

    home: Path
    root: Path
    disk: Disk
    process: subprocess.Popen[str]
    edits: int = 0

    def edit(self) -> str:
        self.edits += 1
        text = f"[db]\npool = {self.edits}\npassword = secret-number-{self.edits}\n"
        (self.root / "etc/app.ini").write_text(text)
        (self.root / f"etc/d{self.edits % 5}").mkdir(exist_ok=True)
        (self.root / f"etc/d{self.edits % 5}/f{self.edits}").write_text(text)
        return text

    def snapshot(self) -> tuple[int, str]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        code, words = eval(self.process.stdout.readline())
        return int(code), str(words)


@pytest.fixture
def bench(tmp_path: Path, library: Path) -> Iterator[Bench]:
    home, root, file = tmp_path / "home", tmp_path / "root", tmp_path / "state"
    (root / "etc").mkdir(parents=True)
    file.write_bytes(bytes(_NUMBERS.size))
    with file.open("r+b") as opened:
        disk = Disk(library, mmap.mmap(opened.fileno(), _NUMBERS.size), file, home)
    with Ledger.init(home, host=HOST, watch=["/etc"]) as ledger:
        (root / "etc/app.ini").write_text("[db]\n")
        ledger.snapshot(root=root)
    command = [sys.executable, "-c", ZYGOTE, str(home), str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=disk.environment) as process:
        yield Bench(home, root, disk, process)
        assert process.stdin is not None
        process.stdin.close()


def acknowledged(words: str) -> str:
    return str(json.loads(words[words.index("{") :])["snapshots"][0]["id"])


def check(bench: Bench, kept: list[str], text: str, code: int, words: str) -> None:
    """Nothing acknowledged is lost; after ``repair`` all is well; the next snapshot finds what is there."""
    assert code in _ENDED_PROPERLY, words
    assert "Traceback" not in words
    if code == 0:
        kept.append(acknowledged(words))
    else:
        assert words.startswith("ledger: "), words
    with Ledger.open(bench.home) as ledger:
        ledger.repair()
        assert ledger.verify() == ()
        assert set(kept) <= {snapshot.id for snapshot in ledger.snapshots(HOST)}
        kept.append(ledger.snapshot(root=bench.root).id)
        assert ledger.cat(HOST, "/etc/app.ini", reveal=True).decode() == text
        left = [file.name for file in (bench.home / "snapshots.git/objects/pack").iterdir() if file.name.startswith("tmp_")]
        assert left == [], "a half written pack stays where there is no room"


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("error", "lasting"), [(errno.ENOSPC, True), (errno.ENOSPC, False), (errno.EIO, False), (errno.EIO, True)])
def test_every_write_fails_once(bench: Bench, error: int, lasting: bool) -> None:
    kept: list[str] = []
    codes = set()
    nth = 1
    while True:
        text = bench.edit()
        bench.disk.set(nth, error, lasting=lasting)
        code, words = bench.snapshot()
        failed = bench.disk.failed
        bench.disk.set(0)
        if not failed:
            break
        codes.add(code)
        check(bench, kept, text, code, words)
        nth += 1
    assert nth > 30, "a snapshot writes more often than that: does the fault reach it?"
    assert 4 in codes


def test_a_full_disk_says_so_and_what_to_do(bench: Bench) -> None:
    bench.edit()
    bench.disk.set(0)
    assert bench.snapshot() == (0, ANY)
    writes = bench.disk.seen
    said = set()
    for nth in range(1, writes, max(1, writes // 6)):
        bench.edit()
        bench.disk.set(nth, errno.ENOSPC, lasting=True)
        code, words = bench.snapshot()
        if code:
            said.add(words)
    assert said
    assert all(any(reason in words for reason in _FULL) for words in said), "\n".join(said)
