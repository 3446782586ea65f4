"""pacman's and apk's logs, in their real formats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.observations.packages import apk_log, pacman_log
from changelog_ledger.observations.packages.transactions import Outcome, seen

from .log_lines import at, berlin, lines

PACMAN = """\
[2025-06-24T14:36:21+0200] [PACMAN] Running 'pacman -Syu'
[2025-06-24T14:36:21+0200] [PACMAN] synchronizing package lists
[2025-06-24T14:36:24+0200] [PACMAN] starting full system upgrade
[2025-06-24T14:36:25+0200] [ALPM] running '60-mkinitcpio-remove.hook'...
[2025-06-24T14:36:25+0200] [ALPM] transaction started
[2025-06-24T14:36:25+0200] [ALPM] upgraded openssl (3.4.0-1 -> 3.5.0-1)
[2025-06-24T14:36:25+0200] [ALPM] warning: /etc/pacman.d/mirrorlist installed as /etc/pacman.d/mirrorlist.pacnew
[2025-06-24T14:36:26+0200] [ALPM] installed libfoo (1:1.0-2)
[2025-06-24T14:36:27+0200] [ALPM-SCRIPTLET] upgraded nothing (1 -> 2)
[2025-06-24T14:36:28+0200] [ALPM] transaction completed
[2025-06-24T14:40:00+0200] [PACMAN] Running '/usr/bin/pacman -Rns nano'
[2025-06-24T14:40:02+0200] [ALPM] transaction started
[2025-06-24T14:40:02+0200] [ALPM] removed nano (8.2-1)
[2025-06-24T14:40:02+0200] [ALPM] transaction completed
"""


def test_pacman_transactions_with_their_commands():
    upgrade, removal = pacman_log.transactions(lines(PACMAN), berlin())
    assert upgrade.changes == (
        PackageChange("openssl", PackageAction.UPGRADED, "3.4.0-1", "3.5.0-1"),
        PackageChange("libfoo", PackageAction.INSTALLED, "", "1:1.0-2"),
    )
    assert (upgrade.at, upgrade.outcome, upgrade.command) == (at("2025-06-24T12:36:25+00:00"), Outcome.SUCCEEDED, "pacman -Syu")
    assert removal.changes == (PackageChange("nano", PackageAction.REMOVED, "8.2-1", ""),)
    assert removal.asked_for == {"nano"}
    assert seen(removal, "h").summary == "nano 8.2-1 removed by pacman"


def test_pacman_before_5_2_without_seconds_and_zone():
    old = "[2016-11-15 02:48] [ALPM] transaction started\n[2016-11-15 02:48] [ALPM] upgraded readline (6.3.008-4 -> 7.0-1)\n"
    (transaction,) = pacman_log.transactions(lines(old), berlin())
    assert transaction.at == at("2016-11-15T01:48:00+00:00")
    assert transaction.outcome is Outcome.INTERRUPTED  # it began, and did not end


def test_pacman_before_4_1_without_tags_a_pause_parts_transactions():
    oldest = (
        "[2013-03-01 10:11] starting full system upgrade\n[2013-03-01 10:11] upgraded glibc (2.17-2 -> 2.17-3)\n"
        "[2013-03-01 10:12] upgraded gcc-libs (4.7.2-3 -> 4.7.2-4)\n[2013-03-01 12:00] removed nano (2.2.6-2)\n"
    )
    found = list(pacman_log.transactions(lines(oldest), berlin()))
    assert [len(each.changes) for each in found] == [2, 1]
    assert found[0].outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("downgraded a (2-1 -> 1-1)", PackageChange("a", PackageAction.DOWNGRADED, "2-1", "1-1")),
        ("reinstalled a (1-1)", PackageChange("a", PackageAction.REINSTALLED, "1-1", "1-1")),
        ("installed a (1:2.0+r3+g(x)-1)", PackageChange("a", PackageAction.INSTALLED, "", "1:2.0+r3+g(x)-1")),
    ],
)
def test_pacman_every_verb(text, change):
    (transaction,) = pacman_log.transactions(lines(f"[2025-06-24T14:36:25+0200] [ALPM] {text}\n"), berlin())
    assert transaction.changes == (change,)


def test_pacman_an_interrupted_and_a_failed_one():
    log = (
        "[2025-06-24T14:36:25+0200] [ALPM] transaction started\n[2025-06-24T14:36:25+0200] [ALPM] upgraded a (1 -> 2)\n"
        "[2025-06-24T14:36:25+0200] [ALPM] error: could not extract /usr/bin/a (No space left on device)\n"
        "[2025-06-24T14:36:26+0200] [ALPM] transaction failed\n"
        "[2025-06-24T14:37:25+0200] [ALPM] transaction started\n[2025-06-24T14:37:25+0200] [ALPM] upgraded b (1 -> 2)\n"
        "[2025-06-24T14:38:25+0200] [ALPM] transaction started\n[2025-06-24T14:38:25+0200] [ALPM] upgraded b (1 -> 2)\n"
        "[2025-06-24T14:38:26+0200] [ALPM] transaction completed\n"
    )
    failed, interrupted, repeated = pacman_log.transactions(lines(log), berlin())
    assert (failed.outcome, failed.error) == (Outcome.FAILED, "could not extract /usr/bin/a (No space left on device)")
    assert (interrupted.outcome, repeated.outcome) == (Outcome.INTERRUPTED, Outcome.SUCCEEDED)


APK = """\

Running `apk upgrade --available` at 2025-06-24 12:36:25
apk-tools 3.0.0-r1, compiled for x86_64.
Upgrading critical system libraries and apk-tools:
(1/4) Upgrading libssl3 (3.5.0-r0 -> 3.5.1-r0)
( 2/4) Installing nano (8.4-r0)
(3/4) Purging vim (9.1-r0)
(4/4) Replacing busybox (1.37.0-r12 -> 1.37.0-r12)
Executing busybox-1.37.0-r12.trigger
OK: 130 MiB in 208 packages

Running `apk update` at 2025-06-24 13:00:00
OK: 25 distinct packages available

Running `apk add nginx=1.28.0-r2 brotli@edge` at 2025-06-24 14:00:00
(1/2) Installing brotli@edge (1.1.0-r2)
(2/2) Installing nginx (1.28.0-r2)
ERROR: nginx-1.28.0-r2: IO ERROR
1 error; 131 MiB in 209 packages
"""


def test_apk_a_block_a_run_in_utc():
    upgrade, added = apk_log.transactions(lines(APK))
    assert upgrade.at == at("2025-06-24T12:36:25+00:00")
    assert upgrade.changes == (
        PackageChange("libssl3", PackageAction.UPGRADED, "3.5.0-r0", "3.5.1-r0"),
        PackageChange("nano", PackageAction.INSTALLED, "", "8.4-r0"),
        PackageChange("vim", PackageAction.REMOVED, "9.1-r0", ""),
        PackageChange("busybox", PackageAction.REINSTALLED, "1.37.0-r12", "1.37.0-r12"),
    )
    assert upgrade.outcome is Outcome.SUCCEEDED
    assert (added.outcome, added.error) == (Outcome.FAILED, "nginx-1.28.0-r2: IO ERROR")
    assert added.asked_for == {"nginx", "brotli"}


BAD = [
    "",
    "[2025-02-31T10:00:00+0200] [ALPM] installed a (1)",
    "[2025-06-24T14:36:25+0200] [ALPM] installed a",
    "Running `apk add` at 2025-02-31 10:00:00",
]
PIECES = st.sampled_from([*PACMAN.split("\n"), *APK.split("\n"), *BAD])
LINES = st.lists(st.one_of(PIECES, st.text(max_size=80), st.builds(lambda text, cut: text[:cut], PIECES, st.integers(0, 60))), max_size=25)


@pytest.mark.parametrize("line", BAD)
def test_bad_lines_are_passed_over(line):
    assert not list(pacman_log.transactions(lines(line), berlin()))
    assert not list(apk_log.transactions(lines(line)))


@given(LINES)
def test_neither_ever_raises(text):
    log = lines("\n".join(text).encode("utf-8", "surrogatepass"))
    for each in (*pacman_log.transactions(log, berlin()), *apk_log.transactions(log)):
        assert each.changes
        seen(each, "h")
