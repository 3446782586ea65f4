"""Alerts: bad since, good since, and never health that nobody has seen."""

from __future__ import annotations

import pytest

from .samples import FIRING, LISTED_ALERT, RESOLVED, WEBHOOK, delivered, left_out, mapped, unread


def test_what_fires_is_bad_since_it_began() -> None:
    (found,) = delivered(mapped("alertmanager", WEBHOOK))
    assert (found.line["kind"], found.line["state"], found.line["at"]) == ("mark", "bad", "2025-06-02T08:00:00.123456Z")
    assert (found.line["symptom"], found.line["source"]) == ("HighLatency: p99 above 2 s", "alertmanager")
    assert found.names == ("host:web-01", "service:shop")
    assert found.instead is not None
    assert found.instead["what"] == "alert"


def test_what_was_resolved_was_bad_and_is_good() -> None:
    bad, good = delivered(mapped("alertmanager", WEBHOOK | {"alerts": [RESOLVED]}))
    assert (good.line["state"], good.line["at"]) == ("good", "2025-06-02T08:30:00Z")
    assert bad.line["ref"] == delivered(mapped("alertmanager", WEBHOOK))[0].line["ref"]


def test_what_still_fires_beside_it_is_named() -> None:
    other = FIRING | {"fingerprint": "1", "labels": FIRING["labels"] | {"alertname": "DiskFull"}}
    good = next(each for each in delivered(mapped("alertmanager", WEBHOOK | {"alerts": [RESOLVED, other]})) if each.line["state"] == "good")
    assert good.unless == (("host:web-01", "service:shop"),)


def test_a_listing_says_the_same() -> None:
    (found,) = delivered(mapped("alertmanager", [LISTED_ALERT]))
    assert (found.line["state"], found.names) == ("bad", ("host:web-01", "service:shop"))


@pytest.mark.parametrize("labels", [{"severity": "info"}, {"severity": "none"}, {"alertname": "Watchdog"}, {"alertname": "InfoInhibitor"}])
def test_what_is_no_trouble_is_left_out(labels: dict[str, str]) -> None:
    assert left_out(mapped("alertmanager", WEBHOOK | {"alerts": [FIRING | {"labels": FIRING["labels"] | labels}]})) == 1


def test_what_is_no_alert_is_told() -> None:
    assert unread(mapped("alertmanager", {"version": "4"}))
    assert unread(mapped("alertmanager", WEBHOOK | {"alerts": [RESOLVED | {"endsAt": ""}]}))[0].why == "it is resolved and has no endsAt"
