"""Which mapper reads which format; what people are told of them is in :data:`changelog_ledger.model.delivery.DELIVERY_FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from changelog_ledger.model.delivery import Entry, Outcome
from changelog_ledger.observations.deliveries import alertmanager, github, gitlab, kubernetes_audit, kubernetes_events, pagerduty, terraform

Mapper = Callable[[Iterable[Entry]], Iterator[Outcome]]
"""Entries in, outcomes out, in their order. Never raises, whatever the values are."""

MAPPERS: Mapping[str, Mapper] = {
    "terraform": terraform.read,
    "kubernetes-events": kubernetes_events.read,
    "kubernetes-audit": kubernetes_audit.read,
    "github-deployment": github.read,
    "gitlab": gitlab.read,
    "pagerduty-change": pagerduty.read,
    "alertmanager": alertmanager.read,
}
