"""``ledger what-changed --failing``, as somebody at a terminal sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import HOST, Desk, day

SECTION = """\
PEERS  web-01 against 3 working hosts of the same service: 1 difference
  1. 0.79  /etc/app.ini db/pool
    web-01 alone has 2; 3 of 3 working hosts have 20; changed within the window
      on web-01, and on no working host
    since Mon 2 Jun 2025 11:00, UNLOGGED
"""


@pytest.fixture
def four(desk: Desk, tmp_path: Path) -> Desk:
    """Four equal servers, of which one gets another pool after it was seen working."""
    hosts = [HOST, "web-02", "web-03", "web-04"]
    desk("service", "add", "shop", *(word for host in hosts for word in ("--runs-on", host)))
    for host in hosts:
        desk("snapshot", host, "--root", str(desk.machine.root), "--at", day("10:00"))
    desk("good", "service:shop", "--at", day("10:05"))
    desk.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    desk.snapshot("11:00")
    return desk


def test_the_section(four: Desk) -> None:
    said = four("what-changed", "service:shop", "--failing", HOST).out
    assert SECTION in said
    assert max(map(len, said.splitlines())) <= 80


def test_every_rendering(four: Desk) -> None:
    ask = ("what-changed", "--failing", HOST, "--working", "web-02,web-03", "--working", "web-04")
    assert "web-01 alone has 2; 3 of 3 working hosts have 20" in four(*ask, "--format", "html").out
    assert "1. `/etc/app.ini db/pool`" in four(*ask, "--format", "markdown").out
    peers = four(*ask, "--json").json["peers"]
    assert (peers["failing"], peers["basis"], peers["differences_total"]) == ([HOST], "given", 1)
    assert peers["differences"][0]["evidence"]
    assert four("what-changed", HOST, "--json").json["peers"] is None


def test_what_could_not_be_compared_is_named(four: Desk) -> None:
    """Another file is too large to be kept on the failing host: it is not taken for missing."""
    four.machine.write("/etc/nginx/nginx.conf", "x" * 2_000_000)
    four("snapshot", HOST, "--root", str(four.machine.root), "--at", day("12:00"), code=3)
    ask = ("what-changed", "service:shop", "--failing", HOST)
    assert "not compared where its content was not kept: /etc/nginx/nginx.conf (oversized" in " ".join(four(*ask).out.split())
    assert four(*ask, "--json").json["peers"]["limits"] == [{"why": ["oversized"], "path": "/etc/nginx/nginx.conf", "count": 1}]


def test_refusals(four: Desk) -> None:
    assert "both sides" in four.refused("what-changed", "--failing", HOST, "--working", HOST)
    four.refused("what-changed", "--failing", "web-99")
    four.refused("what-changed", "--failing", "tag:none")
    assert "are on both sides" in four.refused("what-changed", "--failing", "service:shop", "--working", "service:shop")
    assert "no other host has the same services" in four.refused("what-changed", "--failing", "service:shop")
