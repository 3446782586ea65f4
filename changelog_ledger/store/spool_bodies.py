"""What the body of a fact from the spool has to look like: anybody who may write a file there may have written it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ValidationError
from sqlmodel import Field, SQLModel

from changelog_ledger.errors import InvalidFact, InvalidInput
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.times import format_instant
from changelog_ledger.store.interchange import LONGEST_REFERENCE, ChangeLine, IncidentLine, MarkLine, NoteLine, ObservationLine
from changelog_ledger.store.plain import plain_text

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


class StepLine(SQLModel):
    """A step of a change, as it is said while nobody can look the change up."""

    model_config = {"extra": "forbid", "hide_input_in_errors": True}

    change: str = Field(min_length=1)
    verb: Literal["start", "finish", "fail", "note"]
    note: NoteLine
    parent: str = ""


class IncidentNoteLine(SQLModel):
    """A remark on an incident, as it is made while nobody can look the incident up."""

    model_config = {"extra": "forbid", "hide_input_in_errors": True}

    incident: str = Field(min_length=1)
    verb: Literal["note"]
    notes: list[NoteLine] = Field(min_length=1, max_length=1)


_BODIES: Mapping[str, type[Any]] = MappingProxyType(
    {
        "change": ChangeLine,
        "mark": MarkLine,
        "observation": ObservationLine,
        "change-step": StepLine,
        "incident": IncidentLine,
        "incident-step": IncidentNoteLine,
    }
)
_TIMED = frozenset({"mark", "observation"})
"""What import writes the time into, and a fact beside its body."""


def check_header(fact: Fact) -> None:
    """Check what stands around the body of a fact from the spool. A database that gives a text back otherwise would break the chain of hashes.

    :raises InvalidFact: with what is wrong.
    """
    if not _ULID.fullmatch(fact.id):
        raise InvalidFact("its id is no ULID")
    for name in ("kind", "key", "actor"):
        text = getattr(fact, name)
        if plain_text(text) != text or len(text) > LONGEST_REFERENCE + len(fact.kind) + 1:
            raise InvalidFact(f"its {name} is too long, or holds a character that no database takes")
    if fact.kind not in _BODIES:
        raise InvalidFact(f"a fact of the kind {fact.kind!r} is not taken from the spool")


def check_spooled(fact: Fact) -> None:
    """Check a fact from the spool by the schema of its kind, the one that ``import`` uses; targets have been looked up.

    :raises InvalidFact: with what is wrong.
    """
    said = fact.data | ({"at": format_instant(fact.occurred_at)} if fact.kind in _TIMED else {})
    try:
        _BODIES[fact.kind].model_validate(said, strict=True)
    except InvalidInput as error:
        raise InvalidFact(error.message, error.hint) from error
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise InvalidFact(f"{where}: {problem['msg'].removeprefix('Value error, ')}") from error
