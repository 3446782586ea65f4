"""``ingest packages`` on Debian: every transaction once, however its logs are rotated, compressed, copied or damaged."""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger import Ledger
from changelog_ledger.errors import NotFound

from .world import HOST, PYTHON, START, World, made_world

DPKG = "/var/log/dpkg.log"
APT = "/var/log/apt/history.log"
UPDATER = "/var/log/unattended-upgrades/unattended-upgrades.log"


def dpkg_run(at: datetime, package: str = "openssl", before: str = "3.0.15-1", after: str = "3.0.16-1") -> str:
    """An upgrade as dpkg logs it."""
    name = f"{package}:amd64"
    lines = (
        "startup archives install",
        f"upgrade {name} {before} {after}",
        f"status half-configured {name} {before}",
        f"status unpacked {name} {after}",
        f"configure {name} {after} <none>",
        f"status installed {name} {after}",
    )
    return "".join(f"{at:%Y-%m-%d %H:%M:%S} {line}\n" for line in lines)


def apt_stanza(at: datetime, package: str = "openssl", before: str = "3.0.15-1", after: str = "3.0.16-1", command: str = "apt-get upgrade") -> str:
    """The same as apt tells it."""
    times = [f"{each:%Y-%m-%d  %H:%M:%S}" for each in (at, at + timedelta(seconds=3))]
    upgrade = f"{package}:amd64 ({before}, {after})"
    return f"\nStart-Date: {times[0]}\nCommandline: {command}\nUpgrade: {upgrade}\nEnd-Date: {times[1]}\n"


def ingest(world: World, **options):
    return world.ledger.ingest.packages(root=world.machine.root, **options)


NIGHT = datetime(2025, 6, 1, 3, 12, 44)


@pytest.fixture
def silent(world: World) -> World:
    """The update of a Sunday night, in all three logs; the host's clock shows Berlin's time."""
    (world.machine.root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    package = ("openvswitch-switch", "2.17.5-1", "2.17.9-1")
    world.machine.write(DPKG, dpkg_run(NIGHT, *package))
    world.machine.write(APT, apt_stanza(NIGHT, *package, command="/usr/bin/unattended-upgrade"))
    world.machine.write(UPDATER, f"{NIGHT:%Y-%m-%d %H:%M:%S},100 INFO Starting unattended upgrades script\n")
    return world


def test_the_silent_update(silent):
    result = ingest(silent)
    assert (result.recorded, dict(result.counts), result.gaps, result.notes) == (1, {"package-upgraded": 1}, (), ())
    (one,) = result.newest
    assert one.summary == "openvswitch-switch 2.17.5-1 → 2.17.9-1 upgraded by unattended-upgrades"
    assert one.at == datetime(2025, 6, 1, 1, 12, 44, tzinfo=UTC)
    assert one.source == APT


def test_it_is_evidence_of_what_changed(silent):
    silent.ledger.good(f"host:{HOST}", at=START - timedelta(days=3))
    silent.ledger.bad(f"host:{HOST}", at=START)
    ingest(silent)
    report = silent.ledger.what_changed(f"host:{HOST}")
    assert "openvswitch-switch 2.17.5-1 → 2.17.9-1 upgraded by unattended-upgrades" in [piece.summary for piece in report.evidence]


def test_twice_adds_nothing_with_the_cursors_lost_too(silent):
    silent.machine.write(DPKG, silent.machine.path(DPKG).read_text() + dpkg_run(NIGHT + timedelta(hours=5), "by-hand"))
    assert ingest(silent).recorded == 2
    assert ingest(silent).recorded == 0
    shutil.rmtree(silent.ledger.home / "cache" / "logs")
    again = ingest(silent)
    assert (again.recorded, again.known) == (0, 2)


def test_in_another_time_zone_it_is_the_same(silent):
    ingest(silent)
    (silent.machine.root / "etc/localtime").unlink()
    again = ingest(silent)
    assert (again.recorded, again.known) == (0, 1)
    assert "read as UTC" in again.notes[0]


def test_a_database_that_was_restored_gets_everything_again(silent):
    silent.machine.write(DPKG, dpkg_run(NIGHT + timedelta(hours=5), "by-hand"))
    home = silent.ledger.home
    silent.ledger.close()
    backup = (home / "ledger.db").read_bytes()
    with Ledger.open(home, clock=silent.clock) as ledger:
        assert ledger.ingest.packages(root=silent.machine.root).recorded == 2
    (home / "ledger.db").write_bytes(backup)
    with Ledger.open(home, clock=silent.clock) as ledger:
        assert ledger.ingest.packages(root=silent.machine.root).recorded == 2


def test_since_leaves_out_and_the_next_without_it_does_not(world):
    world.machine.write(DPKG, dpkg_run(NIGHT - timedelta(days=30), "old") + dpkg_run(NIGHT, "new"))
    assert ingest(world, since="7d").counts == {"package-upgraded": 1}
    assert ingest(world, since="7d").recorded == 0
    assert [each.data["packages"][0]["name"] for each in ingest(world).newest] == ["old"]


def test_what_is_dated_in_the_future_is_told_and_read_again(world):
    world.machine.write(DPKG, dpkg_run(NIGHT, "a") + dpkg_run(NIGHT + timedelta(days=2), "b"))
    first = ingest(world)
    assert first.recorded == 1
    assert [gap.source for gap in first.gaps] == [DPKG]
    world.clock.tick(days=3)
    again = ingest(world)
    assert (again.recorded, again.gaps) == (1, ())


def test_a_run_that_may_go_on_is_recorded_when_it_is_over(world):
    now = START.replace(tzinfo=None)
    text = dpkg_run(now - timedelta(seconds=20))
    world.machine.write(DPKG, text.rpartition("2025")[0])
    first = ingest(world)
    assert first.recorded == 0
    assert "recorded next time" in first.notes[1]
    world.machine.write(DPKG, text)
    assert [each.data["outcome"] for each in ingest(world).newest] == ["succeeded"]


def test_where_nobody_holds_dpkgs_locks_what_has_no_end_was_interrupted(world):
    now = START.replace(tzinfo=None) - timedelta(seconds=20)
    for lock in ("lock", "lock-frontend"):
        world.machine.write(f"/var/lib/dpkg/{lock}", "")
    world.machine.write(DPKG, dpkg_run(now).rpartition("2025")[0])
    world.machine.write(APT, apt_stanza(now).partition("End-Date")[0])
    (one,) = ingest(world).newest
    assert (one.data["outcome"], one.data["error"]) == ("interrupted", "openssl is unpacked")


def test_while_somebody_holds_dpkgs_lock_the_last_run_is_left(world):
    lock = world.machine.write("/var/lib/dpkg/lock", "")
    world.machine.write(DPKG, dpkg_run(START.replace(tzinfo=None) - timedelta(seconds=5)))
    holder = "import fcntl, sys; file = open(sys.argv[1], 'w'); fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([PYTHON, "-c", holder, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
        assert held.stdout
        held.stdout.readline()
        assert ingest(world).recorded == 0
        held.communicate(timeout=60)
    assert ingest(world).recorded == 1


def test_apt_that_has_not_ended_is_recorded_when_it_has(world):
    now = START.replace(tzinfo=None) - timedelta(seconds=20)
    stanza = apt_stanza(now)
    world.machine.write(DPKG, dpkg_run(now))
    world.machine.write(APT, stanza.partition("End-Date")[0])
    assert ingest(world).recorded == 0
    world.machine.write(APT, stanza)
    world.clock.tick(minutes=1)
    (one,) = ingest(world).newest
    assert (one.data["manager"], one.data["outcome"]) == ("apt", "succeeded")
    assert ingest(world).recorded == 0


def test_a_clock_change_in_berlin(world):
    """02:10 occurs twice on the morning of 26 October 2025."""
    (world.machine.root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    day = datetime(2025, 10, 26)
    world.clock.now = datetime(2025, 10, 27, tzinfo=UTC)
    world.machine.write(DPKG, "".join(dpkg_run(day + timedelta(hours=2, minutes=minutes), name) for minutes, name in ((10, "a"), (50, "b"))))
    assert [f"{each.at:%H:%M}" for each in ingest(world).newest] == ["00:10", "00:50"]
    world.machine.write(DPKG, world.machine.path(DPKG).read_text() + dpkg_run(day + timedelta(hours=2, minutes=10), "c"))
    assert [f"{each.at:%H:%M}" for each in ingest(world).newest] == ["01:10"]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (
            lambda path: path.with_name("dpkg.log.1.gz").write_bytes(gzip.compress(bytes(100_000) + random.Random(1).randbytes(9_000))[:-100]),
            "damaged",
        ),
        (lambda path: path.with_name("dpkg.log.1").mkdir(), "directory"),
        (lambda path: path.with_name("dpkg.log.1").write_bytes(b"\0\0\0\n"), "NUL"),
        (lambda path: path.with_name("dpkg.log.1").write_bytes(b"\xff\xfe is none of ours\n"), "1 line that dpkg does not write"),
        (lambda path: path.with_name("dpkg.log.1").write_bytes(b"x" * 2_000_000 + b"\n"), "longer"),
        (lambda path: path.with_name("dpkg.log.1").symlink_to("dpkg.log.1"), "links"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_recorded(silent, damage, why):
    damage(silent.machine.path(DPKG))
    result = ingest(silent)
    assert result.recorded == 1
    assert any(why in gap.why and gap.source.startswith(f"{DPKG}.1") for gap in result.gaps), result.gaps


def test_nothing_there_is_no_trouble_but_a_gap(world):
    result = ingest(world)
    assert (result.recorded, result.known, [gap.why for gap in result.gaps]) == (0, 0, ["holds no package manager's records"])


def test_an_unknown_host_is_refused(world):
    with pytest.raises(NotFound):
        ingest(world, host="nobody")


def test_progress_counts_bytes(silent):
    told = []
    ingest(silent, progress=told.append)
    assert sum(told) == sum(silent.machine.path(path).stat().st_size for path in (DPKG, APT, UPDATER))


STEPS = ("dpkg", "apt", "rotate", "copytruncate", "compress", "ingest", "ingest", "lose")


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(STEPS), max_size=20))
def test_each_transaction_once_whatever_logrotate_does(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("world")
    with made_world(folder) as world:
        logrotate = _Logrotate(world)
        for step in [*steps, "ingest"]:
            getattr(logrotate, step)()
        assert logrotate.recorded == logrotate.done


class _Logrotate:
    """A machine's nights: transactions, rotations, ingestions."""

    def __init__(self, world: World) -> None:
        self.world, self.done, self.recorded = world, 0, 0
        for log in (DPKG, APT):
            world.machine.write(log, "")

    def dpkg(self) -> None:
        self._log(DPKG, dpkg_run(self._next()))

    def apt(self) -> None:
        at = self._next()
        self._log(DPKG, dpkg_run(at))
        self._log(APT, apt_stanza(at))

    def rotate(self) -> None:
        for log in self._shifted():
            log.rename(f"{log}.1")
            log.write_text("")

    def copytruncate(self) -> None:
        for log in self._shifted():
            shutil.copy(log, f"{log}.1")
            log.write_text("")

    def compress(self) -> None:
        for log in (self.world.machine.path(DPKG), self.world.machine.path(APT)):
            plain = Path(f"{log}.1")
            if plain.exists():
                Path(f"{log}.1.gz").write_bytes(gzip.compress(plain.read_bytes()))
                plain.unlink()

    def ingest(self) -> None:
        result = ingest(self.world)
        assert not result.gaps
        self.recorded += result.recorded

    def lose(self) -> None:
        shutil.rmtree(self.world.ledger.home / "cache" / "logs", ignore_errors=True)

    def _next(self) -> datetime:
        self.done += 1
        return self.world.clock.tick(hours=1).replace(tzinfo=None) - timedelta(minutes=30)

    def _log(self, path: str, text: str) -> None:
        with self.world.machine.path(path).open("a") as file:
            file.write(text)

    def _shifted(self) -> list[Path]:
        logs = [self.world.machine.path(DPKG), self.world.machine.path(APT)]
        for log in logs:
            rotated = sorted(log.parent.glob(f"{log.name}.*"), key=lambda path: -int(path.name.removeprefix(f"{log.name}.").split(".")[0]))
            for path in rotated:
                number, _, rest = path.name.removeprefix(f"{log.name}.").partition(".")
                path.rename(log.with_name(f"{log.name}.{int(number) + 1}{'.' + rest if rest else ''}"))
        return logs
