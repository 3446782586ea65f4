"""What the tests of restoring share: trees with everything a file system has, harm to them, and how they are, read without the program's own code."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from changelog_ledger import Ledger
from changelog_ledger.model.restore import RestorePlan

from .world import HOST, Clock, World, made_world

IS_ROOT = os.geteuid() == 0


class Running(Clock):
    """Moves on by a second whenever somebody looks: a restore takes two snapshots."""

    def __call__(self) -> Any:
        return self.tick(seconds=1)


def yes(_plan: RestorePlan) -> bool:
    return True


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """A world whose clock moves on by itself."""
    with made_world(folder) as made:
        clock = Running()
        with Ledger.open(made.ledger.home, actor="alex", clock=clock, entropy=os.urandom) as ledger:
            yield replace(made, ledger=ledger, clock=clock)


def look(world: World) -> Any:
    return world.ledger.snapshot(HOST, root=world.machine.root)


def restored(world: World, *paths: str, at: Any, **options: Any) -> Any:
    return world.ledger.restore(HOST, paths or ("/etc",), at, root=world.machine.root, **({"leave": yes} | options))


Facts = dict[bytes, tuple[Any, ...]]


def facts_of(top: Path, *, times: bool = True) -> Facts:
    """Everything of a tree that a restore has to bring back, read without the program's own code."""
    found: Facts = {}
    for directory, folders, files in os.walk(os.fsencode(top)):
        for name in (*folders, *files):
            path = os.path.join(directory, name)
            status = os.lstat(path)
            content: bytes | None = None
            if stat.S_ISREG(status.st_mode):
                content = Path(os.fsdecode(path)).read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            attributes = tuple((key, os.getxattr(path, key, follow_symlinks=False)) for key in sorted(os.listxattr(path, follow_symlinks=False)))
            time = status.st_mtime_ns if times else None
            found[os.path.relpath(path, os.fsencode(top))] = (oct(status.st_mode), status.st_uid, status.st_gid, content, attributes, time)
    return found


# ---- trees


@dataclass(frozen=True)
class Leaf:
    """A file, link or FIFO."""

    kind: str
    content: bytes
    mode: int
    owner: int
    time: int
    attribute: bytes = b""


@dataclass(frozen=True)
class Folder:
    """A directory."""

    inner: dict[bytes, Leaf | Folder]
    mode: int
    owner: int
    time: int
    attribute: bytes = b""


NAMES = st.one_of(
    st.sampled_from(
        (
            *(b"app.ini", b"App.ini", b"APP.INI", b".git", b".GIT", b"git~1", b".gitmodules", b".ledger", b"-rf", b"--help", b"a\nb", b"caf\xe9"),
            *(b"%2Egit", b"=manifest", b"a b", b" ", b"*", b"[x]", b"?", b"\xff\xfe", b"\xe2\x80\xae.conf", b"sealed", b"..x", b"\\n", b"x" * 200),
        )
    ),
    st.binary(min_size=1, max_size=6).filter(lambda name: not {0, 0x2F} & set(name) and name not in (b".", b"..")),
)
CONTENTS = st.one_of(
    st.sampled_from(
        (
            *(b"", b"a\r\nb\r\n", b"\0", b"$Id$\n", b"$Id: deadbeef $\n", "password = grüße\n".encode("utf-16"), b"no newline", b"\xef\xbb\xbfbom\n"),
            *(b"password = correct-horse-battery\n", b"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n", b"#!/bin/sh\n"),
            *(b"\x1a\x04\r", b"<secret:0123456789ab>\n", b"listen = 80\n" * 50),
        )
    ),
    st.binary(max_size=80),
)
LINK_SECRETS = (b"https://bob:hunter2secretX@repo.example/x", b"/mnt/?password=correct-horse-battery", b"postgresql://app:s3cr3tPwXyz@db/x")
LINKS = st.sampled_from([*LINK_SECRETS, b"/etc/passwd", b"../..", b"nowhere", b".", b"app.ini", b"caf\xe9/\n", b"/" + b"y" * 300])
FILE_MODES = st.sampled_from([0o644, 0o640, 0o600, 0o755, 0o4755, 0o2755, 0o6711, 0o1644, 0o000] if IS_ROOT else [0o644, 0o640, 0o755, 0o4755, 0o600])
FOLDER_MODES = st.sampled_from([0o755, 0o700, 0o1777, 0o2775, 0o500, 0o000] if IS_ROOT else [0o755, 0o700, 0o1777])
OWNERS = st.sampled_from([0, 1, 12345]) if IS_ROOT else st.just(os.getuid())
TIMES = st.one_of(st.integers(1, 2**33), st.just(-86_400)).map(lambda seconds: seconds * 10**9 + 123_456_789)
ATTRIBUTES = st.sampled_from([b"", b"", b"\0value\xff"])
LEAVES = st.one_of(
    st.builds(Leaf, st.just("file"), CONTENTS, FILE_MODES, OWNERS, TIMES, ATTRIBUTES),
    st.builds(Leaf, st.just("link"), LINKS, st.just(0o777), OWNERS, TIMES),
    st.builds(Leaf, st.just("fifo"), st.just(b""), st.just(0o620), OWNERS, TIMES),
)
FOLDERS: st.SearchStrategy[Leaf | Folder] = st.recursive(
    LEAVES, lambda inner: st.builds(Folder, st.dictionaries(NAMES, inner, max_size=4), FOLDER_MODES, OWNERS, TIMES, ATTRIBUTES), max_leaves=10
)
TREES = st.builds(Folder, st.dictionaries(NAMES, FOLDERS, min_size=1, max_size=5), st.just(0o755), OWNERS, TIMES)


def build(place: bytes, node: Leaf | Folder) -> None:
    """Make a node of a tree."""
    if isinstance(node, Folder):
        os.mkdir(place, 0o700)
        for name, inner in node.inner.items():
            build(os.path.join(place, name), inner)
    elif node.kind == "file":
        Path(os.fsdecode(place)).write_bytes(node.content)
    elif node.kind == "link":
        os.symlink(node.content, place)
    else:
        os.mkfifo(place)
    os.chown(place, node.owner, node.owner if IS_ROOT else os.getgid(), follow_symlinks=False)
    if node.attribute and HAS_ATTRIBUTES and not os.path.islink(place):
        os.setxattr(place, "user.test", node.attribute)
    if not os.path.islink(place):
        os.chmod(place, node.mode)
    os.utime(place, ns=(node.time, node.time), follow_symlinks=False)


WRECKS = ("remove", "rewrite", "append", "chmod", "chown", "touch", "file", "folder", "link", "secret-link", "fifo", "attribute", "add", "rename")


HARM = st.lists(st.tuples(st.sampled_from(WRECKS), st.integers(0, 50), NAMES), min_size=1, max_size=8)


def wreck(top: bytes, outside: bytes, harm: list[tuple[str, int, bytes]]) -> None:
    """Do harm to paths of a tree; what cannot be done any more is left."""
    for verb, number, name in harm:
        paths = sorted(os.path.join(directory, each) for directory, folders, files in os.walk(top) for each in (*folders, *files))
        path = paths[number % len(paths)] if paths else os.path.join(top, name)
        with suppress(OSError):
            _harm(verb, path, name, outside)


def _harm(verb: str, path: bytes, name: bytes, outside: bytes) -> None:
    if verb in ("remove", "file", "folder", "link", "secret-link", "fifo"):
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    match verb:
        case "rewrite" | "append" | "file":
            flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | (os.O_APPEND if verb == "append" else os.O_TRUNC)
            descriptor = os.open(path, flags)
            os.write(descriptor, b"wrecked")
            os.close(descriptor)
        case "folder":
            os.mkdir(path)
            Path(os.fsdecode(os.path.join(path, name))).write_bytes(b"in the way")
        case "link":
            os.symlink(outside, path)
        case "secret-link":
            os.symlink(b"https://bob:brandNewSecret9@repo.example/x", path)
        case "fifo":
            os.mkfifo(path)
        case _:
            _touch(verb, path, name)


def _touch(verb: str, path: bytes, name: bytes) -> None:
    if verb == "chmod" and not os.path.islink(path):
        os.chmod(path, 0o777)
    elif verb == "chown" and IS_ROOT:
        os.chown(path, 777, 777, follow_symlinks=False)
    elif verb == "touch":
        os.utime(path, (5, 5), follow_symlinks=False)
    elif verb == "attribute" and HAS_ATTRIBUTES:
        os.setxattr(path, "user.test", b"wrecked", follow_symlinks=False)
    elif verb == "add":
        build(path + name[:20], Leaf("file", b"new", 0o600, os.getuid(), 10**9))
    elif verb == "rename":
        os.rename(path, path + b".renamed")


def _attributes_work() -> bool:
    probe = Path(f"/tmp/.attributes-{os.getpid()}")
    probe.write_bytes(b"")
    try:
        os.setxattr(probe, "user.test", b"x")
    except OSError:
        return False
    finally:
        probe.unlink()
    return True


HAS_ATTRIBUTES = _attributes_work()
