"""Pending restarts and reboots as values: what they are called, known by, and when they began."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.processes import InstalledKernels, OutdatedFile, Process, ProcessTable
from changelog_ledger.model.topology import Target
from changelog_ledger.observations.processes.endings import endings
from changelog_ledger.observations.processes.kernels import flavour, newest_of_flavour
from changelog_ledger.observations.processes.pending import Look, pending_restarts
from changelog_ledger.observations.processes.replaced import Moment, replaced_at
from changelog_ledger.observations.processes.standing import Standing, standing_of

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BOOTED = NOW - timedelta(days=2)
HOST = Target.host("hv-03")
SSL = OutdatedFile("/usr/lib/libssl.so.3", changed_at=NOW - timedelta(hours=5), inode=11)
CRYPTO = OutdatedFile("/usr/lib/libcrypto.so.3", changed_at=NOW - timedelta(hours=4), inode=12)
BINARY = OutdatedFile("/usr/sbin/nginx", is_binary=True, inode=13)
NGINX = Process(812, 6000, BOOTED + timedelta(minutes=1), "nginx", "/usr/sbin/nginx", "root", "nginx.service", outdated=(SSL,))


def look(*processes: Process, standing: tuple[Standing, ...] = (), **more: object) -> Look:
    return Look("hv-03", NOW, ProcessTable("b" * 32, BOOTED, processes), {}, standing=standing, **more)  # type: ignore[arg-type]


def recorded(seen: Seen) -> Standing:
    return standing_of(Observation("EV-1", seen.what, HOST, seen.at, seen.summary, data=seen.data))


def only(view: Look) -> Seen:
    (seen,) = pending_restarts(view)
    return seen


def transaction(at: datetime, *names: str, **data: object) -> Observation:
    return Observation(f"EV-{at}", "package-upgraded", HOST, at, "x", data={"packages": [{"name": name} for name in names], **data})


@pytest.mark.parametrize(
    ("process", "words"),
    [
        (NGINX, "nginx (nginx.service) still runs code that was replaced: libssl.so.3"),
        (replace(NGINX, unit=""), "nginx still runs code that was replaced: libssl.so.3"),
        (replace(NGINX, unit="", user="ana", is_personal=True), "nginx (ana) still runs code that was replaced: libssl.so.3"),
        (replace(NGINX, user="ana", is_personal=True), "nginx (nginx.service of ana) still runs code that was replaced: libssl.so.3"),
        (replace(NGINX, unit="", container="docker:0a1b"), "nginx (docker:0a1b) still runs code that was replaced: libssl.so.3"),
        (replace(NGINX, outdated=(replace(SSL, is_gone=True),)), "nginx (nginx.service) still runs code that was deleted: libssl.so.3"),
        (replace(NGINX, outdated=(SSL, CRYPTO, BINARY)), "nginx (nginx.service) still runs code that was replaced: nginx, libcrypto.so.3 and 1 more"),
    ],
)
def test_the_answer_comes_first(process: Process, words: str) -> None:
    assert only(look(process)).summary == words


@pytest.mark.parametrize(
    "process", [NGINX, replace(NGINX, unit=""), replace(NGINX, executable="/usr/lib/python3.11/bin/python3.11", unit="", command="python3")]
)
def test_the_end_calls_it_what_it_was_called(process: Process) -> None:
    seen = only(look(process))
    name = seen.summary.partition(" still runs")[0]
    standing = (recorded(seen),)
    current = replace(process, outdated=())
    restarted = replace(current, pid=900, started_at=NOW - timedelta(minutes=1), started_ticks=99000)
    summaries = [end.summary for table in ((), (restarted,), (current,)) for end in endings(look(*table, standing=standing))]
    assert [words.startswith(f"{name} ") for words in summaries] == [True, True, True]


def test_the_end_of_several_processes_counts_none() -> None:
    standing = (recorded(only(look(NGINX, replace(NGINX, pid=813)))),)
    (end,) = endings(look(standing=standing))
    assert end.summary == "nginx (nginx.service) no longer runs; its restart was pending"


def test_what_was_recorded_without_a_name_is_called_by_its_subject() -> None:
    (end,) = endings(look(standing=(replace(recorded(only(look(NGINX))), label=""),)))
    assert end.summary.startswith("nginx.service no longer runs")


def test_a_restart_within_the_second_of_the_update_is_one() -> None:
    """The kernel tells when it booted by the second, so that a process seems to have been started before the file was replaced."""
    standing = recorded(only(look(NGINX)))
    begun = {seconds: replace(NGINX, pid=900, started_at=standing.at - timedelta(seconds=seconds), outdated=()) for seconds in (0.8, 1.2)}
    ends = {seconds: next(endings(look(process, standing=(standing,)))) for seconds, process in begun.items()}
    assert {seconds: end.what for seconds, end in ends.items()} == {0.8: "service-restarted", 1.2: "service-reloaded"}
    assert ends[0.8].at == standing.at


def test_the_reason_is_the_binary_where_it_is_one() -> None:
    gone = replace(CRYPTO, is_gone=True)
    reasons = [only(look(replace(NGINX, outdated=files))).data["reason"] for files in [(SSL, gone), (gone,), (SSL, BINARY)]]
    assert reasons == ["replaced-library", "deleted-library", "replaced-binary"]


def test_what_it_is_known_by_does_not_depend_on_the_clock() -> None:
    later = replace(look(replace(NGINX, started_at=NGINX.started_at + timedelta(seconds=1))), now=NOW + timedelta(days=1))
    assert only(later).ref == only(look(NGINX)).ref
    assert only(look(replace(NGINX, started_ticks=6001))).ref != only(look(NGINX)).ref
    assert only(look(replace(NGINX, outdated=(CRYPTO,)))).ref != only(look(NGINX)).ref


def test_without_a_boot_id_nothing_is_said() -> None:
    view = look(NGINX)
    assert list(pending_restarts(replace(view, table=replace(view.table, boot_id="")))) == []


def test_fewer_files_are_no_news_and_more_are() -> None:
    both = only(look(replace(NGINX, outdated=(SSL, CRYPTO))))
    assert only(look(NGINX, standing=(recorded(both),))).ref == both.ref
    one = only(look(NGINX))
    more = only(look(replace(NGINX, outdated=(SSL, CRYPTO)), standing=(recorded(one),)))
    assert more.data["supersedes"] == one.ref
    assert more.at == CRYPTO.changed_at


def test_only_so_many_processes_and_files_are_named() -> None:
    files = tuple(OutdatedFile(f"/usr/lib/lib{number}.so") for number in range(150))
    many = [replace(NGINX, pid=number, outdated=files) for number in range(1, 81)]
    seen = only(look(*many))
    assert (len(seen.data["processes"]), seen.data["processes_total"]) == (50, 80)
    assert (len(seen.data["files"]), seen.data["files_total"]) == (100, 150)
    assert only(look(*many, standing=(recorded(seen),))).ref == seen.ref


def test_when_it_was_replaced() -> None:
    began = NOW - timedelta(hours=10)
    before, during, after = (transaction(NOW - timedelta(hours=hours), "libssl3", "curl") for hours in (12, 6, 3))
    assert replaced_at((SSL,), ["libssl3"], (before, after, during), began, NOW) == Moment(during.at)
    assert replaced_at((SSL,), ["bash"], (during,), began, NOW) == Moment(SSL.changed_at or NOW)
    assert replaced_at((BINARY,), [], (during,), began, NOW) == Moment(NOW, began)
    assert replaced_at((SSL,), [], (), NOW - timedelta(hours=1), NOW) == Moment(NOW, NOW - timedelta(hours=1))
    long = transaction(began - timedelta(minutes=5), "libssl3", ended_at="2026-11-22T08:00:00Z")
    assert replaced_at((SSL,), ["libssl3"], (long,), began, NOW) == Moment(began)


@given(
    st.dictionaries(st.sampled_from(["packages", "ended_at", "not_before"]), st.none() | st.text() | st.lists(st.dictionaries(st.text(), st.text())))
)
def test_transactions_may_say_anything(data: dict[str, object]) -> None:
    seen = Observation("EV-1", "package-upgraded", HOST, NOW, "x", data=data)
    assert replaced_at((SSL,), ["libssl3"], (seen,), BOOTED, NOW).at == SSL.changed_at


@given(
    st.dictionaries(
        st.sampled_from(["ref", "subject", "boot_id", "files", "processes", "unit", "packages", "installed"]),
        st.none()
        | st.text()
        | st.integers()
        | st.lists(st.text() | st.dictionaries(st.sampled_from(["pid", "started_ticks"]), st.text() | st.integers())),
    )
)
def test_what_was_recorded_may_say_anything(data: dict[str, object]) -> None:
    standing = standing_of(Observation("EV-1", "restart-pending", HOST, NOW, "x", data=data))
    list(endings(look(NGINX, standing=(standing,))))


@pytest.mark.parametrize(
    ("running", "installed", "newest"),
    [
        ("6.1.0-9-amd64", ["6.1.0-9-amd64", "6.1.0-28-amd64", "6.1.0-27-amd64"], "6.1.0-28-amd64"),
        ("6.1.0-28-amd64", ["6.1.0-9-amd64", "6.1.0-28-amd64"], ""),
        ("6.1.0-28-amd64", ["6.1.0-28-amd64", "6.9.0-1-cloud-amd64", "6.9.0-1-rt-amd64"], ""),
        ("6.1.0-28-amd64", ["6.10.6+bpo-amd64"], "6.10.6+bpo-amd64"),
        ("5.15.0-91-generic", ["5.15.0-100-generic", "6.2.0-1-lowlatency"], "5.15.0-100-generic"),
        ("5.14.0-362.8.1.el9_3.x86_64", ["5.14.0-427.el9.x86_64", "5.14.0-427.13.1.el9_4.x86_64"], "5.14.0-427.13.1.el9_4.x86_64"),
        ("5.14.0-427.13.1.el9_4.x86_64", ["5.14.0-427.13.1.el9_4.x86_64+debug", "5.14.0-362.8.1.el9_3.x86_64"], ""),
        ("6.6.7-arch1-1", ["6.6.8-arch1-1", "6.6.8-1-lts"], "6.6.8-arch1-1"),
        ("6.6.8-zen1-1-zen", ["6.6.8-arch1-1"], ""),
        ("6.6.7-0-lts", ["6.6.10-0-lts"], "6.6.10-0-lts"),
        ("6.7.0-rc1-amd64", ["6.7.0-amd64"], "6.7.0-amd64"),
        ("6.7.0-amd64", ["6.7.0-rc1-amd64"], ""),
        ("6.5.11-7-pve", ["6.5.11-8-pve"], "6.5.11-8-pve"),
        ("6.18.44-fc-v657", [], ""),
        ("", ["6.1.0-28-amd64"], ""),
    ],
)
def test_the_newest_kernel_of_the_same_flavour(running: str, installed: list[str], newest: str) -> None:
    assert newest_of_flavour(InstalledKernels(running, dict.fromkeys(installed, NOW))) == newest


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_release_has_a_flavour(running: str, installed: list[str]) -> None:
    flavour(running)
    assert newest_of_flavour(InstalledKernels(running, dict.fromkeys(installed, NOW))) in ("", *installed)
