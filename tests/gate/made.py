"""Policies, changes and places to judge, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from changelog_ledger.gate.coverage import Circumstances
from changelog_ledger.model.change import Change, Note, Status
from changelog_ledger.model.gate import GatePolicy, Place
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.settings.gate_policy import read_gate_policy

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WEB, DB, SHOP, ALL = Target.host("web-01"), Target.host("db-01"), Target.service("shop"), EVERYTHING
NGINX = "hosts/web-01/etc/nginx/nginx.conf"
ON_WEB = Place((WEB,), "etc/nginx/nginx.conf", "/etc/nginx/nginx.conf")
NOBODYS = Place((), "main.tf")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def policy(text: str = "") -> GatePolicy:
    """The policy that ``[gate]`` with these lines says."""
    found = read_gate_policy(".changelog-ledger.toml", f'[gate]\nconfig = ["hosts/{{host}}/**", "*.tf"]\n{text}'.encode())
    assert found is not None
    return found


def change(status: str = "started", *on: Target, **more: Any) -> Change:
    """A change that was planned yesterday, and is where ``status`` says since an hour ago."""
    at = NOW - hours(1)
    known: dict[str, Any] = {"actor": "anna", "recorded_at": NOW - hours(24)}
    if status == "approved":
        known["approved_at"] = at
    if status == "started":
        known["started_at"] = at
    if status in ("succeeded", "failed", "rolled-back"):
        known |= {"started_at": NOW - hours(3), "finished_at": at, "outcome": status}
    if status == "cancelled":
        known["notes"] = (Note(at, "anna", "", "cancelled"),)
    return Change(**{"id": "CHG-7K3M9Q", "title": "Pool limit", "status": Status(status), "on": on or (WEB,), **known, **more})


def within(rules: GatePolicy | None = None, *at: datetime, **more: Any) -> Circumstances:
    return Circumstances(rules or policy(), at or (NOW,), **more)
