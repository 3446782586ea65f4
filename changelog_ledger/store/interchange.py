"""The lines of ``import`` and ``export``: JSON, one fact a line, checked against a schema before anything is recorded.

The models are plain (no table): SQLModel does not validate table classes. Unknown fields are refused, since a misspelt ``strated_at`` that is
quietly dropped would be a fact that says something else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints, ValidationError
from sqlmodel import Field, SQLModel

from changelog_ledger.errors import InvalidFact, InvalidInput
from changelog_ledger.model.evidence import Op
from changelog_ledger.model.fact import canonical
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.state import STATE, is_state
from changelog_ledger.model.times import parse_instant
from changelog_ledger.model.topology import Target, checked_name
from changelog_ledger.store.expected import edits_from_json, ref_of
from changelog_ledger.store.plain import plain_text


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a time is written as text with an offset")
    return parse_instant(value)


def _target(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a target is written host:NAME, service:NAME or all")
    return str(Target.parse(value))


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a name is text")
    return checked_name(value)


def _absolute(value: Any) -> str:
    if not isinstance(value, str) or not (value.startswith("/") or is_state(value)):
        raise ValueError("a file is named by its absolute path")
    if "\0" in value or value == STATE or not {"", ".", ".."}.isdisjoint(value.split("/")[1:]):
        raise ValueError("a file is named by its absolute path")
    return value


def _identifier(prefix: str, least: int) -> Callable[[Any], str]:
    """A reader of our own ids, which end in Crockford's digits; empty for none."""
    wanted = re.compile(prefix + "[0-9A-HJKMNP-TV-Z]" + f"{{{least},26}}")

    def read(value: Any) -> str:
        if not isinstance(value, str) or (value and not wanted.fullmatch(value)):
            shape = f"{prefix}…" if prefix else "of 26 digits and letters"
            raise ValueError(f"an id is {shape}, as this program made it; a name of your own goes into ref")
        return value

    return read


LONGEST_REFERENCE = 500
DEEPEST = 100
"""Levels of nesting that a line may have."""

Instant = Annotated[datetime, BeforeValidator(_instant)]
TargetText = Annotated[str, BeforeValidator(_target)]
Name = Annotated[str, BeforeValidator(_name)]
AbsolutePath = Annotated[str, BeforeValidator(_absolute)]
ChangeId = Annotated[str, BeforeValidator(_identifier("CHG-", 6))]
SnapshotId = Annotated[str, BeforeValidator(_identifier("", 26))]
IncidentId = Annotated[str, BeforeValidator(_identifier("INC-", 6))]
FreezeId = Annotated[str, BeforeValidator(_identifier("FRZ-", 6))]
MaintenanceId = Annotated[str, BeforeValidator(_identifier("MNT-", 6))]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""What somebody says: not nothing."""

KeyedDigest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]


class _Line(SQLModel):
    model_config = {"extra": "forbid", "hide_input_in_errors": True}

    ref: str = Field(default="", max_length=LONGEST_REFERENCE)
    actor: str = Field(default="", max_length=LONGEST_REFERENCE)
    key: str = Field(default="", max_length=LONGEST_REFERENCE)
    """What an export's fact is known by, where that is not its ``ref``."""


class HostLine(_Line):
    """A host."""

    name: Name
    tags: list[str] = []
    attrs: dict[str, str] = {}
    at: Instant | None = None


class HostRetiredLine(_Line):
    """A host that is gone; ``because`` says why in spite of a change that may go back to it."""

    name: Name
    because: str = ""
    at: Instant | None = None


class ServiceLine(_Line):
    """A service."""

    name: Name
    runs_on: list[Name] = []
    depends_on: list[TargetText] = []
    attrs: dict[str, str] = {}
    at: Instant | None = None


class ItemLine(SQLModel):
    """A checklist item; ``done`` or ``state``."""

    model_config = {"extra": "forbid"}

    text: str
    done: bool = False
    state: Literal["open", "done", "waived"] | None = None
    because: str = ""
    command: str = ""
    paths: list[str] = []


class RemarkLine(SQLModel):
    """What the rules said about a plan or a step."""

    model_config = {"extra": "forbid"}

    code: str
    text: str


class DependentLine(SQLModel):
    """Something that depends on a target of a change."""

    model_config = {"extra": "forbid"}

    target: TargetText
    distance: int
    owner: str = ""


class ProposalLine(SQLModel):
    """A checklist item that past changes suggest."""

    model_config = {"extra": "forbid"}

    text: str
    support: int
    of: int
    paths: list[str] = []
    given: str = ""


class AssessmentLine(SQLModel):
    """What was known of a change's reach when it was planned."""

    model_config = {"extra": "forbid"}

    made_at: Instant
    impact: Literal["none", "low", "medium", "high"] | None = None
    risk: Literal["low", "medium", "high"] | None = None
    dependents: list[DependentLine] = []
    reasons: list[RemarkLine] = []
    proposals: list[ProposalLine] = []


class NoteLine(SQLModel):
    """A note on a change."""

    model_config = {"extra": "forbid"}

    at: Instant
    actor: str = ""
    text: str = ""
    step: str = ""
    remarks: list[RemarkLine] = []


class ChangeLine(_Line):
    """A change with as much of its lifecycle as is known."""

    id: ChangeId = ""
    title: str
    on: list[TargetText]
    paths: list[str] = []
    type: str = "normal"
    status: str = ""
    impact: str | None = None
    risk: str | None = None
    category: list[str] = []
    affects: list[TargetText] = []
    planned_start: Instant | None = None
    planned_end: Instant | None = None
    recorded_at: Instant | None = None
    approved_at: Instant | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    reviewed_at: Instant | None = None
    outcome: Literal["succeeded", "failed", "rolled-back"] | None = None
    backout: str = ""
    backout_time: int | None = None
    """Seconds, and so is ``downtime``."""
    downtime: int | None = None
    retain_until: Instant | None = None
    rollback_to: str = ""
    irreversible: str = ""
    contact: str = ""
    zone: str = ""
    template: str = ""
    parent: str = ""
    assessment: AssessmentLine | None = None
    items: list[ItemLine] = []
    notes: list[NoteLine] = []
    ticket: str = ""
    reason: str = ""
    description: str = ""
    logged_after: bool = False
    at: Instant | None = None


class ObservationLine(_Line):
    """Something seen."""

    what: str = Field(min_length=1)
    on: TargetText
    at: Instant
    summary: str = Field(min_length=1)
    data: dict[str, Any] = {}


class MarkLine(_Line):
    """A target seen good or bad."""

    target: TargetText
    state: Literal["good", "bad"]
    at: Instant
    symptom: str = ""
    source: str = ""


class SnapshotLine(_Line):
    """Files of a host at a time: text, or null for a file that is gone; what is not named stays."""

    id: SnapshotId = ""
    host: Name
    at: Instant
    files: dict[AbsolutePath, str | None]
    reason: str = ""
    change: str = ""
    phase: Literal["before", "after"] | None = None
    expected: dict[AbsolutePath, str] = {}
    """Under which change the gate had let in what was found at a path."""


class FreezeLine(_Line):
    """A period in which changes need an override."""

    id: FreezeId = ""
    title: str = Field(min_length=1)
    start: Instant
    end: Instant
    on: list[TargetText] = ["all"]
    at: Instant | None = None


class FreezeLiftedLine(_Line):
    """The early end of a freeze; ``because`` says why."""

    freeze: str
    because: str = ""
    at: Instant | None = None


class MaintenanceLine(_Line):
    """A period in which targets may be worked on, perhaps one that recurs (RFC 5545)."""

    id: MaintenanceId = ""
    title: str = Field(min_length=1)
    start: Instant
    seconds: int = Field(gt=0)
    zone: str = "UTC"
    rule: str = ""
    on: list[TargetText] = ["all"]
    at: Instant | None = None


class MaintenanceLiftedLine(_Line):
    """The end of a maintenance window; ``because`` says why."""

    maintenance: str
    because: str = ""
    at: Instant | None = None


class ExpectedEdit(SQLModel):
    """An edit that the gate let in: what arrives at a path of a target, under which change. An empty digest is a removal."""

    model_config = {"extra": "forbid", "hide_input_in_errors": True}

    change: str = Field(min_length=1)
    target: TargetText
    path: str = Field(min_length=1)
    digest: KeyedDigest


class ExpectedLine(_Line):
    """Edits that passed the gate; ``commit`` is the repository's that they are in, ``parent`` the one that they were staged on."""

    edits: list[ExpectedEdit] = Field(min_length=1)
    commit: str = ""
    parent: str = ""
    at: Instant | None = None

    def all_edits(self) -> tuple[Expected, ...]:
        """The edits as nouns."""
        return edits_from_json(edit.model_dump() for edit in self.edits)


class ExplainedPlace(SQLModel):
    """Where a piece of evidence stood, so that it is found again when its file is read by another parser."""

    model_config = {"extra": "forbid", "hide_input_in_errors": True}

    snapshot: str
    path: str
    op: Op
    lines: tuple[int, int] | None = None


class ExplanationLine(_Line):
    """Evidence that somebody attributed to a change."""

    evidence: list[str]
    change: str
    places: dict[str, ExplainedPlace] = {}
    at: Instant | None = None


class TraceLine(SQLModel):
    """Where a linked suspect acted."""

    model_config = {"extra": "forbid"}

    host: str = ""
    path: str = ""
    key: str = ""
    shape: str = ""
    subject: str = ""


class LinkLine(SQLModel):
    """Something that has to do with an incident: ``what`` is an id, a change's ``ref``, an address or any text."""

    model_config = {"extra": "forbid"}

    kind: Literal["confirmed", "cleared", "contributing", "fix", "related"]
    what: Words
    at: Instant | None = None
    actor: str = ""
    because: str = ""
    title: str = ""
    happened_at: Instant | None = None
    traces: list[TraceLine] = []


class ToldLine(SQLModel):
    """What users were told."""

    model_config = {"extra": "forbid"}

    at: Instant
    actor: str = ""
    text: Annotated[str, StringConstraints(pattern=r"\S")]
    template: str = ""


class ActionLine(SQLModel):
    """Something to be done so that it does not come back; without a ``number`` it gets the next one."""

    model_config = {"extra": "forbid"}

    number: int | None = Field(default=None, gt=0)
    text: Words
    owner: str = ""
    due: date | None = None
    done_at: Instant | None = None
    done_by: str = ""


_Level = Literal["none", "low", "medium", "high"]


class IncidentLine(_Line):
    """An incident with as much of its lifecycle as is known."""

    id: IncidentId = ""
    title: str = Field(min_length=1)
    on: list[TargetText] = Field(min_length=1)
    symptom: str = ""
    impact: _Level = "medium"
    urgency: _Level = "medium"
    began_at: Instant | None = None
    detected_at: Instant | None = None
    recorded_at: Instant | None = None
    acknowledged_at: Instant | None = None
    mitigated_at: Instant | None = None
    resolved_at: Instant | None = None
    reviewed_at: Instant | None = None
    kinds: list[Literal["configuration", "code", "network", "back-end", "hardware", "customer-side", "provider"]] = []
    commander: str = ""
    path: Literal["hotfix", "patch", "next-release", "planned-maintenance", "customer-fix"] | None = None
    fix: str = ""
    links: list[LinkLine] = []
    notes: list[NoteLine] = []
    told: list[ToldLine] = []
    actions: list[ActionLine] = []
    summary: str = ""
    trigger: str = ""
    causes: list[Words] = []
    worked: list[Words] = []


Line = (
    HostLine
    | HostRetiredLine
    | ServiceLine
    | ChangeLine
    | ObservationLine
    | MarkLine
    | SnapshotLine
    | FreezeLine
    | FreezeLiftedLine
    | MaintenanceLine
    | MaintenanceLiftedLine
    | ExplanationLine
    | ExpectedLine
    | IncidentLine
)

_LINES: Mapping[str, type[Any]] = {
    "host": HostLine,
    "host-retired": HostRetiredLine,
    "service": ServiceLine,
    "change": ChangeLine,
    "observation": ObservationLine,
    "mark": MarkLine,
    "snapshot": SnapshotLine,
    "freeze": FreezeLine,
    "freeze-lifted": FreezeLiftedLine,
    "maintenance": MaintenanceLine,
    "maintenance-lifted": MaintenanceLiftedLine,
    "explanation": ExplanationLine,
    "expected": ExpectedLine,
    "incident": IncidentLine,
}


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line that passed its schema.

    :ivar number: counted from 1.
    :ivar key: what the fact is known by: its ``ref`` (or a change's id), else a hash of its content.
    :ivar digest: of the content, to tell a line that was altered under the same ref.
    """

    number: int
    kind: str
    key: str
    digest: str
    line: Line


def read_line(text: str, number: int) -> ReadLine:
    """Read one line.

    :raises InvalidFact: with the line's number and the reason.
    """
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise InvalidFact(f"not valid JSON ({error})", "one JSON object a line, see the reference on import", line=number) from error
    if not isinstance(value, dict):
        raise InvalidFact("not a JSON object", "one JSON object a line, see the reference on import", line=number)
    _refuse_oddities(text, value, number)
    kind = value.pop("kind", None)
    model = _LINES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise InvalidFact(f"unknown kind {kind!r}", f"allowed: {', '.join(_LINES)}", line=number)
    digest = hashlib.sha256(canonical(value)).hexdigest()[:32]
    try:
        line = model.model_validate(value)
    except InvalidInput as error:
        raise InvalidFact(error.message, error.hint, line=number) from error
    except ValidationError as error:
        raise InvalidFact(_first_problem(error, kind), f"fields of a {kind}: {', '.join(model.model_fields)}", line=number) from error
    if isinstance(line, FreezeLine) and line.end <= line.start:
        raise InvalidFact("the freeze ends before it starts", "exchange the two", line=number)
    ref = line.key or line.ref or _known_by(line) or digest
    return ReadLine(number, kind, plain_text(f"{kind}:{ref}"), digest, line)


def _known_by(line: Line) -> str:
    """What a line is known by where it has no reference; empty for its content."""
    match line:
        case ChangeLine() | SnapshotLine() | IncidentLine():
            return line.id
        case ExpectedLine():
            return ref_of(line.all_edits(), commit=line.commit, parent=line.parent)
    return ""


def _refuse_oddities(text: str, value: dict[str, Any], number: int) -> None:
    """What JSON allows and no record should hold: nesting without end, and halves of characters in files (PEP 383 escapes are bytes)."""
    if text.count("[") + text.count("{") > DEEPEST and _depth(value) > DEEPEST:
        raise InvalidFact(f"nested deeper than {DEEPEST} levels", "flatten it", line=number)
    if "\\ud" not in text and "\\uD" not in text and text.isascii():
        return
    files = value.get("files")
    try:
        for path, content in files.items() if isinstance(files, dict) else ():
            f"{path}{content}".encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidFact("a file holds half a character (a lone surrogate)", "write its text in UTF-8", line=number) from error


def _depth(value: Any) -> int:
    """How deeply a JSON value is nested; without recursion, for that is the point."""
    level, deepest = [value], 0
    while level:
        deepest += 1
        inner = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list)]
        level = [item for items in inner for item in items]
    return deepest


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice")
    return value


def _first_problem(error: ValidationError, kind: str) -> str:
    problem = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"a {kind} has no field {where!r}"
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}"
