"""Alerts of Prometheus' Alertmanager: its webhook, version 4 (prometheus.io/docs/alerting/latest/configuration, ``webhook_config``), and
``/api/v2/alerts``.

What fires is a mark *bad* since ``startsAt``; what was resolved is that too, and a mark *good* at ``endsAt``, unless another alert of the same
message still fires there: one alert less is not health. An alert that is about nothing that the ledger knows says nothing of anything's health:
then it is an observation ``alert`` on ``all``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, LeftOut, Outcome
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.deliveries.one_by_one import one_by_one
from changelog_ledger.observations.deliveries.untrusted import (
    Unreadable,
    data_of,
    first_text,
    member,
    needed_time,
    one_line,
    reference,
    text,
    time_in,
)

SOURCE = "alertmanager"
_QUIET_NAMES = frozenset(("Watchdog", "DeadMansSwitch", "InfoInhibitor"))
_QUIET_SEVERITIES = frozenset(("info", "none", "informational"))
_FIRING = frozenset(("firing", "active", "suppressed", "unprocessed"))
_HOSTS = ("host", "hostname", "nodename", "node", "instance", "exported_instance")
_SERVICES = ("service", "app", "application", "job", "deployment", "statefulset", "daemonset", "container")
_PORT = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True)
class _Beside:
    """An alert, and what the alerts that fire in the same message are about."""

    alert: Any
    firing: tuple[tuple[str, ...], ...]


def read(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """What messages and listings come to."""
    return one_by_one((_whole(entry) for entry in entries), _unfold, _alert)


def _whole(entry: Entry) -> Entry:
    """A listing is one document with its alerts: what fires beside an alert counts."""
    return Entry(entry.number, {"alerts": entry.value}) if _is_listing(entry.value) else entry


def _is_listing(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(member(each, "alerts"), list) for each in value)


def _unfold(document: Any) -> Sequence[Any] | None:
    found = member(document, "alerts")
    if not isinstance(found, list):
        return None
    firing = tuple({_about(alert): None for alert in found if _state(alert) in _FIRING and not _is_quiet(alert)})
    return [_Beside(alert, firing) for alert in found]


def _alert(item: Any) -> Iterator[Outcome]:
    alert, firing = (item.alert, item.firing) if isinstance(item, _Beside) else (item, ())
    state = _state(alert)
    if state not in _FIRING and state != "resolved":
        raise Unreadable("no alert: its status is neither firing nor resolved")
    if _is_quiet(alert):
        yield LeftOut()
        return
    began = needed_time(alert, "startsAt")
    ended = time_in(alert, "endsAt") if state == "resolved" else None
    if state == "resolved" and ended is None:
        raise Unreadable("it is resolved and has no endsAt")
    yield _mark(alert, "bad", format_instant(began))
    if ended is not None:
        yield replace(_mark(alert, "good", format_instant(ended)), unless=firing)


def _mark(alert: Any, state: str, at: str) -> Delivered:
    name, symptom = text(alert, "labels", "alertname") or "an alert", _symptom(alert)
    key = text(alert, "fingerprint") or member(alert, "labels")
    ref = reference(SOURCE, key, text(alert, "startsAt"), state, at)
    words = one_line(symptom if name in symptom else f"{name}: {symptom}" if symptom else name)
    mark = {"kind": "mark", "ref": ref, "state": state, "at": at, "source": SOURCE, "actor": SOURCE}
    mark |= {"symptom": words} if state == "bad" else {}
    labels = member(alert, "labels")
    instead = {
        "kind": "observation",
        "ref": ref,
        "what": "alert",
        "at": at,
        "summary": one_line(f"{words} ({'firing' if state == 'bad' else 'resolved'})"),
        "actor": SOURCE,
        "data": data_of(alert=name, state=state, severity=text(alert, "labels", "severity"), labels=labels),
    }
    return Delivered(mark, _about(alert), instead)


def _symptom(alert: Any) -> str:
    return first_text(alert, "annotations.summary", "annotations.description", "annotations.message")


def _state(alert: Any) -> str:
    return text(alert, "status") or text(alert, "status", "state")


def _is_quiet(alert: Any) -> bool:
    severity = text(alert, "labels", "severity").lower()
    return severity in _QUIET_SEVERITIES or text(alert, "labels", "alertname") in _QUIET_NAMES


def _about(alert: Any) -> tuple[str, ...]:
    """The targets that its labels name: a host before a service, for an instance is where it was seen."""
    hosts = [_PORT.sub("", name) for label in _HOSTS if (name := text(alert, "labels", label))]
    services = [name for label in _SERVICES if (name := text(alert, "labels", label))]
    near = dict.fromkeys(name for host in hosts for name in (f"host:{host}", f"host:{host.partition('.')[0]}"))
    return (*near, *dict.fromkeys(f"service:{name}" for name in services))
