"""The built-in messages to users and partners: one for each moment of a change, as plain text and as Markdown.

What stands behind a ``$`` is a field (:data:`changelog_ledger.changes.announcing.FIELDS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Moment(StrEnum):
    """When a message goes out: ahead of the change, as it begins, when it is over."""

    BEFORE = "before"
    START = "start"
    END = "end"


_AHEAD = """\
$kind: $title

When:      $planned
           $planned_utc
Length:    $planned_length
Services:  $services
           Expect up to $downtime without them.
Also:      $dependents may notice it.
Questions: $contact
Reference: $id $ticket
"""
_BEGINNING = """\
$kind begins: $title

Since:     $started
           $started_utc
Until:     $expected_end
           $expected_end_utc
Services:  $services
           Expect up to $downtime without them.
Also:      $dependents may notice it.
Questions: $contact
Reference: $id $ticket
"""
_OVER = """\
$kind, $outcome: $title

$outcome_sentence

Planned:   $planned
Actual:    $actual
           $actual_utc
Length:    $took
Services:  $services
Questions: $contact
Reference: $id $ticket
"""
TEXTS: Mapping[Moment, str] = MappingProxyType({Moment.BEFORE: _AHEAD, Moment.START: _BEGINNING, Moment.END: _OVER})
"""The built-in templates, as plain text."""

MARKDOWN: Mapping[Moment, str] = MappingProxyType(
    {
        Moment.BEFORE: """\
## $kind: $title

- **When:** $planned
- **In UTC:** $planned_utc
- **Length:** $planned_length
- **Services:** $services
- **Downtime:** up to $downtime
- **May notice it:** $dependents
- **Questions:** $contact
- **Reference:** $id $ticket
""",
        Moment.START: """\
## $kind begins: $title

- **Since:** $started
- **In UTC:** $started_utc
- **Until:** $expected_end
- **In UTC:** $expected_end_utc
- **Services:** $services
- **Downtime:** up to $downtime
- **May notice it:** $dependents
- **Questions:** $contact
- **Reference:** $id $ticket
""",
        Moment.END: """\
## $kind, $outcome: $title

$outcome_sentence

- **Planned:** $planned
- **Actual:** $actual
- **In UTC:** $actual_utc
- **Length:** $took
- **Services:** $services
- **Questions:** $contact
- **Reference:** $id $ticket
""",
    }
)
"""The built-in templates, as Markdown."""
