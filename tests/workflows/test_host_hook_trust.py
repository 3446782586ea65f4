"""Whoever could alter what root runs at every package run would be root: neither installing nor running is done then."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from changelog_ledger.errors import InvalidInput
from changelog_ledger.ledger.host_hooks import HostHooksTopic
from changelog_ledger.model.host_hooks import HostHooks

SCRIPT = "etc/changelog-ledger/host-hook"
COMMAND = "/opt/ledger/bin/ledger"
HOME = "/var/lib/changelog-ledger"
SOMEBODY = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def put(root: Path, path: str, content: str | None = None, mode: int = 0o755) -> Path:
    """A folder, or a file of that content, with the folders above it."""
    place = root / path.lstrip("/")
    for folder in (*reversed(place.relative_to(root).parents[:-1]), *([place.relative_to(root)] if content is None else [])):
        (root / folder).mkdir(0o755, exist_ok=True)
    if content is not None:
        place.write_text(content)
    place.chmod(mode)
    return place


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A host with apt, a ledger and its command in a virtual environment."""
    root = tmp_path / "image"
    root.mkdir(0o755)
    put(root, "etc/apt/apt.conf.d")
    put(root, HOME, mode=0o700)
    put(root, f"{HOME}/ledger.toml", "", 0o600)
    put(root, "usr/bin/python3.11", "\x7fELF")
    put(root, COMMAND, "#!/opt/ledger/bin/python\n")
    (root / "opt/ledger/bin/python").symlink_to("/usr/bin/python3.11")
    return root


def install(root: Path, home: str = HOME, command: str = COMMAND) -> HostHooks:
    return HostHooksTopic(home).install(root=root, command=command)


def refused(root: Path, home: str = HOME, command: str = COMMAND) -> tuple[str, str]:
    """What was said, and the hint; nothing may be written then."""
    with pytest.raises(InvalidInput, match=r"alter what root does|root relies on") as caught:
        install(root, home, command)
    assert not (root / SCRIPT).exists()
    return caught.value.message, caught.value.hint


def test_what_is_roots_alone_is_installed(image: Path) -> None:
    assert (image / SCRIPT).exists() is False
    assert install(image).files
    assert (image / SCRIPT).exists()


@needs_root
@pytest.mark.parametrize(
    ("given_away", "named"),
    [
        ("/var/lib", "/var/lib"),
        (HOME, HOME),
        (f"{HOME}/ledger.toml", f"{HOME}/ledger.toml"),
        ("/opt", "/opt"),
        ("/opt/ledger/bin", "/opt/ledger/bin"),
        (COMMAND, COMMAND),
        ("/usr/bin", "/usr/bin"),
        ("/usr/bin/python3.11", "/usr/bin/python3.11"),
        ("/etc", "/etc"),
    ],
)
def test_what_belongs_to_somebody_else(image: Path, given_away: str, named: str) -> None:
    os.chown(image / given_away.lstrip("/"), SOMEBODY, SOMEBODY)
    message, hint = refused(image)
    assert f"{image}{named} belongs to uid {SOMEBODY}" in message
    assert "chown" in hint or named == "/etc"


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777, 0o757])
@pytest.mark.parametrize("opened", ["/var", "/var/lib", HOME, "/opt/ledger", COMMAND, "/usr/bin/python3.11", "/usr", "/"])
def test_what_others_may_write_to(image: Path, opened: str, mode: int) -> None:
    (image / opened.lstrip("/")).chmod(mode)
    message, hint = refused(image)
    place = str(image / opened.lstrip("/"))
    assert f"{place} can be written by " in message or f"{place}/ can be written by " in message
    if mode & stat.S_ISVTX:
        assert "chmod" not in hint, "a /tmp that is root's alone is of no use"
    else:
        assert f"sudo chmod go-w {place.rstrip('/')}" in hint


def test_the_outermost_is_named(image: Path) -> None:
    for path in ("var", "var/lib"):
        (image / path).chmod(0o777)
    assert f"{image}/var can be written" in refused(image)[0]


@needs_root
def test_a_home_or_command_that_is_not_there_yet_in_somebody_elses_folder(image: Path) -> None:
    os.chown(put(image, "/srv/theirs"), SOMEBODY, -1)
    assert f"{image}/srv/theirs belongs" in refused(image, home="/srv/theirs/ledger")[0]
    assert f"{image}/srv/theirs belongs" in refused(image, command="/srv/theirs/venv/bin/ledger")[0]
    assert install(image, home="/srv/not/there/yet", command="/not/there/either").files


@needs_root
def test_a_users_own_environment_is_refused_with_where_to_install(image: Path) -> None:
    put(image, "/home/alex/venv/bin/ledger", "#!/home/alex/venv/bin/python\n")
    os.chown(image / "home/alex", 1000, 1000)
    message, hint = refused(image, command="/home/alex/venv/bin/ledger")
    assert f"{image}/home/alex belongs to uid 1000" in message
    assert "sudo python3 -m venv /opt/changelog-ledger" in hint


@needs_root
@pytest.mark.parametrize(
    "head",
    [
        "#!/srv/theirs/python\n",
        "#! /srv/theirs/python -E\n",
        "#!/usr/bin/env /srv/theirs/python\n",
        "#!/usr/bin/env -S LC_ALL=C theirs\n",
        "#!/bin/sh\n'''exec' \"/srv/theirs/python\" \"$0\" \"$@\"\n' '''\n",
        "#!/opt/shim\n",
    ],
    ids=["plain", "option", "env", "searched", "pip", "twice"],
)
def test_the_interpreter_counts(image: Path, head: str) -> None:
    put(image, "/srv/theirs/python", "\x7fELF")
    put(image, "/opt/shim", "#!/srv/theirs/python\n")
    put(image, "/usr/local/bin")
    (image / "usr/local/bin/theirs").symlink_to("../../../srv/theirs/python")
    os.chown(image / "srv/theirs", SOMEBODY, -1)
    put(image, COMMAND, head)
    assert f"{image}/srv/theirs belongs" in refused(image)[0]


@needs_root
def test_links_are_followed_within_the_image(image: Path) -> None:
    put(image, "/srv/theirs/bin/ledger", "\x7fELF")
    os.chown(image / "srv/theirs", SOMEBODY, -1)
    put(image, "/usr/local/bin")
    (image / "usr/local/bin/ledger").symlink_to("/srv/theirs/bin/ledger")
    assert f"{image}/srv/theirs belongs" in refused(image, command="/usr/local/bin/ledger")[0]
    (image / "srv/link").symlink_to("theirs")
    assert f"{image}/srv/theirs belongs" in refused(image, home="/srv/link/ledger")[0]


def test_links_in_circles(image: Path) -> None:
    (image / "opt/round").symlink_to("round")
    with pytest.raises(InvalidInput, match="in circles"):
        install(image, command="/opt/round/ledger")


@pytest.mark.skipif(not Path("/tmp").is_dir() or not Path("/tmp").stat().st_mode & stat.S_IWOTH, reason="nobody else may write to /tmp")
@pytest.mark.skipif(not Path("/etc/apt/apt.conf.d").is_dir(), reason="there is no apt")
def test_a_sticky_folder_of_this_machine_is_not_enough() -> None:
    with pytest.raises(InvalidInput, match=r"/tmp can be written by everybody") as caught:
        HostHooksTopic("/tmp/there-is-no-such-home").install(command="/usr/bin/env", only=["apt"], dry_run=True)
    assert "sudo ledger --home /var/lib/changelog-ledger init" in caught.value.hint


@needs_root
def test_status_tells_why_the_hooks_refuse_to_work(image: Path) -> None:
    install(image)
    assert HostHooksTopic().status(root=image).warnings == ()
    os.chown(image / "var/lib", SOMEBODY, -1)
    (image / "opt/ledger").chmod(0o777)
    home, command = HostHooksTopic().status(root=image).warnings
    assert f"{image}/var/lib belongs to uid {SOMEBODY}" in home
    assert f"sudo chmod go-w {image}/opt/ledger" in command


class TestWhenItRuns:
    """The script looks again: what was root's alone when it was installed may be given away since."""

    @pytest.fixture
    def here(self, tmp_path: Path) -> Path:
        """A script that calls a stub of this machine's."""
        for path in ("etc/apt/apt.conf.d", "home"):
            put(tmp_path, path)
        put(tmp_path, "home/ledger.toml", "", 0o600)
        put(tmp_path, "bin/ledger", f"#!/bin/sh\necho called >>{tmp_path}/calls\n")
        tmp_path.chmod(0o755)
        HostHooksTopic(tmp_path / "home").install(root=put(tmp_path, "image/etc/apt/apt.conf.d").parents[2], command=tmp_path / "bin/ledger")
        return tmp_path

    def test_what_is_roots_alone_is_called(self, here: Path) -> None:
        assert _run(here, "timer").returncode == 0
        assert (here / "calls").exists()
        assert (here / "home/host-hooks/timer.worked").read_text().startswith("0 ")

    def test_what_is_not_read_whole_has_worked_but_moves_no_mark(self, here: Path) -> None:
        put(here, "bin/ledger", "#!/bin/sh\nexit 3\n")
        assert _run(here, "timer").returncode == 3
        assert (here / "home/host-hooks/timer.last").read_text().startswith("3 ")
        assert not (here / "home/host-hooks/timer.worked").exists()

    @pytest.mark.parametrize("opened", ["bin/ledger", "bin"])
    def test_a_command_that_others_may_alter(self, here: Path, opened: str) -> None:
        (here / opened).chmod(0o777)
        before, timer = _run(here, "before"), _run(here, "timer")
        assert (before.returncode, before.stderr) == (0, "")
        assert timer.returncode == 77
        assert f"refused, somebody else than root could alter this: {here / opened}" in timer.stderr
        assert not (here / "calls").exists()
        log = (here / "home/host-hooks/log").read_text().splitlines()
        assert [line.split()[1] for line in log] == ["before:", "timer:"]
        calls = {call.occasion: (call.code, call.worked_at) for call in HostHooksTopic(here / "home").status(command=here / "bin/ledger").calls}
        assert calls == {"before": (77, None), "timer": (77, None)}

    @pytest.mark.parametrize("opened", ["home", "home/ledger.toml", "."])
    def test_nothing_is_written_to_a_home_that_others_may_alter(self, here: Path, opened: str) -> None:
        """A link that somebody else puts there would lead root's hand elsewhere."""
        (here / opened).chmod(0o777)
        timer = _run(here, "timer")
        assert timer.returncode == 77
        assert f"{here / opened}\n" in timer.stderr
        assert not (here / "calls").exists()
        assert [path.name for path in (here / "home").iterdir()] == ["ledger.toml"]

    @needs_root
    @pytest.mark.parametrize("given_away", ["bin", "bin/ledger", "home", "home/ledger.toml", "theirs"])
    def test_what_was_given_to_somebody_else(self, here: Path, given_away: str) -> None:
        """``theirs`` is where the command is, behind a link."""
        put(here, "theirs/ledger", (here / "bin/ledger").read_text())
        if given_away == "theirs":
            (here / "bin/ledger").unlink()
            (here / "bin/ledger").symlink_to(here / "theirs/ledger")
        assert _run(here, "before").returncode == 0
        assert (here / "calls").exists()
        (here / "calls").unlink()
        os.chown(here / given_away, SOMEBODY, -1)
        assert _run(here, "timer").returncode == 77
        assert not (here / "calls").exists()

    @needs_root
    def test_an_interpreter_that_others_may_alter(self, here: Path) -> None:
        shell = put(here, "shells/sh", "")
        shell.unlink()
        shell.symlink_to("/bin/sh")
        put(here, "bin/ledger", (here / "bin/ledger").read_text().replace("/bin/sh", str(shell)))
        assert _run(here, "timer").returncode == 0
        os.chown(here / "shells", SOMEBODY, -1)
        timer = _run(here, "timer")
        assert timer.returncode == 77
        assert f"{here}/shells\n" in timer.stderr


def _run(here: Path, occasion: str) -> subprocess.CompletedProcess[str]:
    command = [here / "image" / SCRIPT, occasion]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
