"""PagerDuty's change events: what is sent to the Events API v2 (developer.pagerduty.com/docs/send-change-event), and the listing of the REST API.

The routing key is a secret and never copied; of links only host and path are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, Outcome
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.deliveries.one_by_one import one_by_one
from changelog_ledger.observations.deliveries.untrusted import (
    Unreadable,
    bare_address,
    data_of,
    items,
    member,
    needed_time,
    one_line,
    reference,
    text,
)


def read(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """What change events come to."""
    return one_by_one(entries, _unfold, _event)


def _unfold(document: Any) -> Sequence[Any] | None:
    found = member(document, "change_events")
    return found if isinstance(found, list) else None


def _event(item: Any) -> Iterator[Outcome]:
    payload = member(item, "payload") if isinstance(member(item, "payload"), Mapping) else item
    summary = text(payload, "summary")
    if not summary:
        raise Unreadable("no change event: it has no summary")
    if "event_action" in item or "severity" in payload:
        raise Unreadable("it is an alert and no change event: it has an event_action or a severity")
    at = needed_time(payload, "timestamp")
    source = text(payload, "source")
    services = [name for service in items(item, "services") if (name := text(service, "summary"))]
    line = {
        "kind": "observation",
        "ref": reference("pagerduty-change", text(item, "id") or [format_instant(at), summary, source]),
        "what": "change-event",
        "at": format_instant(at),
        "summary": one_line(summary),
        "actor": "",
        "data": data_of(
            tool="pagerduty",
            source=source,
            services=services,
            details=member(payload, "custom_details"),
            links=[address for link in items(item, "links") if (address := bare_address(text(link, "href")))],
        ),
    }
    names = (*(f"service:{name}" for name in services), source, source.partition(":")[0].partition(".")[0])
    yield Delivered(line, tuple(name for name in names if name))
