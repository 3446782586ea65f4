"""Times of an adopted history, and which path belongs to which host."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import InvalidInput, InvalidTarget, InvalidTime
from changelog_ledger.workflows.adopt_layout import ANY_FOLDER, hosts_by_path, one_host
from changelog_ledger.workflows.adopt_order import in_order

NOW = datetime(2025, 6, 2, tzinfo=UTC)


def at(day: int) -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)


class TestOrder:
    def test_times_in_order_stay(self) -> None:
        assert in_order([at(1), at(2), at(9)], NOW) == [at(1), at(2), at(9)]

    def test_equal_times_are_told_apart_by_microseconds(self) -> None:
        assert in_order([at(1)] * 3, NOW) == [at(1) + timedelta(microseconds=step) for step in range(3)]

    def test_a_clock_that_was_wrong_for_a_while_moves_its_own_commits_only(self) -> None:
        ahead, back = at(900), datetime(1970, 1, 1, tzinfo=UTC)
        step = timedelta(microseconds=1)
        claimed = [at(0), at(1), ahead, at(2), back, back, at(3)]
        assert in_order(claimed, NOW) == [at(0), at(1), at(1) + step, at(2), at(2) + step, at(2) + 2 * step, at(3)]

    def test_times_that_have_not_come_are_not_believed(self) -> None:
        assert in_order([NOW + timedelta(days=1), at(1), None], NOW) == [at(1) - timedelta(microseconds=1), at(1), at(1) + timedelta(microseconds=1)]

    def test_no_time_at_all_is_refused(self) -> None:
        with pytest.raises(InvalidTime, match="no commit has a time"):
            in_order([NOW + timedelta(days=1)], NOW)
        assert in_order([], NOW) == []

    @given(st.lists(st.none() | st.integers(-5, 40).map(at), min_size=1, max_size=30))
    def test_the_order_is_strict_and_nothing_is_moved_without_need(self, claimed: list[datetime | None]) -> None:
        if not any(claimed):
            return
        times = in_order(claimed, NOW)
        assert all(before < after for before, after in pairwise(times))
        assert all(time <= NOW for time in times)
        known = [moment for moment in claimed if moment is not None]
        if known == sorted(known):
            assert all(abs(time - moment) < timedelta(milliseconds=1) for time, moment in zip(times, claimed, strict=True) if moment is not None)


class TestLayout:
    def test_one_host(self) -> None:
        assert one_host("web-01", "/etc/").place(b"nginx/nginx.conf") == ("web-01", "/etc/nginx/nginx.conf")
        assert one_host("web-01", "/").place(b"etc/hosts") == ("web-01", "/etc/hosts")
        assert one_host("web-01", "/etc").place(b"caf\xe9") == ("web-01", "/etc/caf\udce9")

    @pytest.mark.parametrize(
        ("pattern", "path", "place"),
        [
            (ANY_FOLDER, b"core-1", ("core-1", "/running-config")),
            (ANY_FOLDER, b"routers/berlin/core-1", ("core-1", "/running-config")),
            ("{group}/{host}", b"routers/core-1", ("core-1", "/running-config")),
            ("{group}/{host}", b"core-1", None),
            ("{host}.cfg", b"core-1.cfg", ("core-1", "/running-config")),
            ("{host}.cfg", b"README", None),
            ("hosts/{host}/etc/{path}", b"hosts/web-01/etc/nginx/nginx.conf", ("web-01", "/nginx/nginx.conf")),
            ("hosts/{host}/**", b"hosts/web-01/a/b", ("web-01", "/running-config")),
            ("dc-*/{host}/{path}", b"dc-1/web-01/etc/hosts", ("web-01", "/etc/hosts")),
        ],
    )
    def test_hosts_by_path(self, pattern: str, path: bytes, place: tuple[str, str] | None) -> None:
        assert hosts_by_path(pattern, "/").place(path) == place

    def test_a_prefix_stands_before_the_path(self) -> None:
        assert hosts_by_path("{host}/{path}", "/etc").place(b"web-01/hosts") == ("web-01", "/etc/hosts")

    def test_what_cannot_name_a_host_is_said(self) -> None:
        with pytest.raises(InvalidTarget):
            hosts_by_path(ANY_FOLDER, "/").place(b".gitignore")

    @pytest.mark.parametrize("pattern", ["", "x", "{group}", "{host}/{host}", "{host}/{path}/{path}", "{}/{host}"])
    def test_a_pattern_without_its_host_is_refused(self, pattern: str) -> None:
        with pytest.raises(InvalidInput, match="where the host's name is"):
            hosts_by_path(pattern, "/")

    @pytest.mark.parametrize("prefix", ["etc", "/a/../b", "/a//b", ""])
    def test_a_prefix_is_an_absolute_path(self, prefix: str) -> None:
        with pytest.raises(InvalidInput, match="absolute"):
            one_host("web-01", prefix)
