"""A ``/proc`` of files, as the kernel writes them, for what a test cannot make really happen: containers, other users, a reboot."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

BOOT = "7c0f8f2a-5d0e-4b51-9a3e-0123456789ab"


@dataclass
class FakeProc:
    """Processes below ``root/proc``. Files that they map are real, below ``root``."""

    root: Path
    booted: datetime
    boot_id: str = BOOT
    ticks: int = field(default_factory=lambda: os.sysconf("SC_CLK_TCK"))

    def __post_init__(self) -> None:
        self.write("self/ns/mnt", None, link="mnt:[1]")
        self.write("mounts", "proc /proc proc rw,nosuid 0 0\n")
        self.boot(self.booted, self.boot_id)

    def boot(self, at: datetime, boot_id: str) -> None:
        """Another boot; processes stay until they are ended."""
        self.booted, self.boot_id = at, boot_id
        self.write("stat", f"cpu  1 2 3\nbtime {int(at.timestamp())}\nprocesses 12\n")
        self.write("sys/kernel/random/boot_id", boot_id + "\n")

    def write(self, name: str, text: str | bytes | None, link: str | bytes = "") -> Path:
        """A file, or a link, below ``proc``."""
        path = self.root / "proc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if link:
            path.unlink(missing_ok=True)
            os.symlink(link, os.fspath(path) if isinstance(link, str) else os.fsencode(path))
        else:
            assert text is not None
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def file(self, name: str, content: str = "code", below: str = "") -> Path:
        """A file of the host, or of the container whose root is ``below``."""
        path = Path(f"{self.root}{below}{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def replace(self, name: str, below: str = "") -> None:
        """Put another file in its place, as package managers do: by rename."""
        new = self.file(name + ".dpkg-new", "newer code", below)
        new.replace(Path(f"{self.root}{below}{name}"))

    def mapping(self, name: str | bytes, *, below: str = "", inode: int = 0, device: str = "", permissions: str = "r-xp") -> bytes:
        """A line of ``maps`` for a file that is there now; write it before the file is replaced."""
        path = os.fsencode(name)
        if not inode:
            status = os.stat(os.fsencode(f"{self.root}{below}") + path)
            inode, device = status.st_ino, f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}"
        return b"7f0000000000-7f0000001000 %b 00000000 %b %d    %b" % (permissions.encode(), (device or "fd:00").encode(), inode, path)

    def process(
        self,
        pid: int,
        command: str | bytes,
        executable: str,
        *maps: bytes,
        started: float = 60.0,
        uid: int = 0,
        cgroup: str = "0::/\n",
        namespace: str = "mnt:[1]",
        flags: int = 0x400100,
        state: str = "S",
    ) -> None:
        """A process that began so many seconds after the boot."""
        name = command.encode() if isinstance(command, str) else command
        ticks = round(started * self.ticks)
        fields = f"{state} 1 1 1 0 -1 {flags} 1 0 0 0 0 0 0 0 20 0 1 0 {ticks} 1000 100 0"
        self.write(f"{pid}/stat", b"%d (%b) %b\n" % (pid, name, fields.encode()))
        self.write(f"{pid}/status", f"Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        self.write(f"{pid}/cgroup", cgroup)
        self.write(f"{pid}/maps", b"".join(line + b"\n" for line in maps) + b"7ffd000-7ffe000 r-xp 00000000 00:00 0    [vdso]\n")
        self.write(f"{pid}/ns/mnt", None, link=namespace)
        self.write(f"{pid}/exe", None, link=executable)

    def end(self, pid: int) -> None:
        """It ends."""
        folder = self.root / "proc" / str(pid)
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        folder.rmdir()
