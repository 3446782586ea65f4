"""``ledger ingest processes`` as a command."""

from __future__ import annotations

from datetime import timedelta

from tests.fake_proc import FakeProc

from ..workflows.world import START
from .conftest import Desk

LIBRARY = "/usr/lib/libssl.so.3"


def test_it_tells_and_status_reminds(desk: Desk) -> None:
    proc = FakeProc(desk.machine.root, START - timedelta(days=1))
    proc.file(LIBRARY)
    line = proc.mapping(LIBRARY) + b" (deleted)"
    proc.replace(LIBRARY)
    proc.process(812, "nginx\x1b[2J", "/usr/sbin/nginx", line, cgroup="0::/system.slice/nginx.service\n")
    told = desk("ingest", "processes", "--root", str(desk.machine.root))
    assert "1 observation recorded" in told.out
    assert "(nginx.service) still runs code that was replaced: libssl.so.3" in " ".join(told.out.split())
    assert "\x1b" not in told.out
    again = desk("ingest", "processes", "--root", str(desk.machine.root), "--json").json
    assert (again["recorded"], again["known"], again["gaps"]) == (0, 1, [])
    assert "restart pending: 1 (web-01 nginx.service since" in " ".join(desk("status").out.split())
    assert [each["subject"] for each in desk("status", "--json").json["restarts_pending"]] == ["unit:nginx.service"]


def test_what_cannot_be_read_is_said(desk: Desk) -> None:
    answer = desk("ingest", "processes", "--root", str(desk.machine.root), code=3)
    assert "warning: /proc: cannot be read" in answer.err
