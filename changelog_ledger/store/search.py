"""Full-text search: facts and deltas that hold all words, the newest first.

There is no index of words. The database scans for each of them (1 M facts and as many deltas: a second), which finds all that can match and
perhaps more; what matches is then decided here, on the texts that people wrote and not on the names of fields. Case does not matter; of letters
beyond ASCII the spellings as typed, small, capital and capitalised are found.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, or_, select

from changelog_ledger.model.evidence import RecordedDelta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store import rows
from changelog_ledger.store.reading import all_rows
from changelog_ledger.store.tables import DeltaRow, FactRow, table_of

_FACT, _DELTA = table_of(FactRow), table_of(DeltaRow)

STEPS = ("change-step", "incident-step")
"""Kinds of facts that name what they are a step of, and nothing that it is on."""

_AT_ONCE = 200
_MOST_FIELDS = 12
_PLAIN = re.compile(r"[A-Za-z0-9 .,:;/=+@#!?()<>\-]|[^\x00-\x7f]")
"""What reads the same in a text, in its JSON, and in LIKE. Of everything else (quotes, LIKE's own wildcards) the second look takes care."""

_DRAWN = re.compile(r"(?<=\bchg-|\bfrz-|\bmnt-|\binc-)[0-9a-hjkmnp-tv-z]{6,10}\b|\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-hjkmnp-tv-z]{26})\b")
"""Hashes (SHA-1, SHA-256) and identifiers (ULID, ``CHG-…``) in small letters: any three digits stand in the middle of some, and mean nothing."""

_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_FIELDS = (
    *("actor", "affects", "approved_at", "at", "attrs", "backout", "because", "category", "change", "commit", "data", "depends_on", "description"),
    *(
        "end",
        "evidence",
        "files",
        "finished_at",
        "freeze",
        "host",
        "id",
        "impact",
        "items",
        "left_out",
        "logged_after",
        "name",
        "note",
        "notes",
        "on",
    ),
    *("outcome", "paths", "phase", "planned_end", "planned_start", "previous", "previous_at", "reason", "recorded_at", "ref", "reviewed_at", "risk"),
    *("rollback_to", "runs_on", "set", "source", "start", "started_at", "state", "status", "step", "summary", "symptom", "tags", "target", "text"),
    *("ticket", "title", "type", "unread", "what", "digest", "edits", "expected", "parent", "path"),
)
"""Names of fields in facts' bodies: every observation has a \"summary\", and nobody searches for that. One that lacks here costs time only."""


@dataclass(frozen=True, slots=True)
class FoundFact:
    """A fact that holds all words, and the texts of it, the telling one first."""

    fact: Fact
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundDelta:
    """A delta that holds all words, and the texts of it."""

    delta: RecordedDelta
    texts: tuple[str, ...]


@dataclass(frozen=True)
class SearchQuestions:
    """Search over everything that was recorded."""

    connection: Connection

    def facts(self, words: Sequence[str], on: Target | None, since: datetime | None) -> Iterator[FoundFact]:
        """Facts that hold all ``words``, the newest first. Read as they are asked for."""
        body = self._text(_FACT.c.body)
        conditions = [self._holds((_without_fields(body, word), _FACT.c.key, _FACT.c.actor), word) for word in words]
        if on is not None and on.kind is not TargetKind.ALL:  # a step names its change or incident only: the caller knows what that is on
            conditions.append(or_(self._holds((body,), on.name), _FACT.c.kind.in_(STEPS)))
        if since is not None:
            conditions.append(_FACT.c.occurred_at >= since)
        newest = select(_FACT.c.position).where(*conditions).order_by(_FACT.c.occurred_at.desc(), _FACT.c.position.desc())
        for row in self._in_turn(newest, "position", lambda chunk: select(_FACT).where(_FACT.c.position.in_(chunk))):
            fact = rows.fact_of(row)
            texts = texts_of(fact)
            if _hold(texts, words):
                yield FoundFact(fact, texts)

    def deltas(self, words: Sequence[str], on: Target | None, since: datetime | None) -> Iterator[FoundDelta]:
        """Deltas whose path, key or values hold all ``words``, the newest first."""
        columns = (_DELTA.c.path, _DELTA.c.key, cast(_DELTA.c.before, Text), cast(_DELTA.c.after, Text), _DELTA.c.note, _DELTA.c.host)
        conditions = [self._holds(columns, word) for word in words]
        if on is not None and on.kind is not TargetKind.ALL:
            conditions.append(_DELTA.c.host == (on.name if on.kind is TargetKind.HOST else ""))
        if since is not None:
            conditions.append(_DELTA.c.at >= since)
        newest = select(_DELTA.c.id).where(*conditions).order_by(_DELTA.c.at.desc(), _DELTA.c.ordinal, _DELTA.c.id)
        for row in self._in_turn(newest, "id", lambda chunk: select(_DELTA).where(_DELTA.c.id.in_(chunk))):
            piece = rows.recorded_delta_of({**row, "explained_by": None})
            texts = _delta_texts(piece)
            if _hold(texts, words):
                yield FoundDelta(piece, texts)

    def _in_turn(self, newest: Select[Any], name: str, of: Callable[[Sequence[Any]], Select[Any]]) -> Iterator[Mapping[str, Any]]:
        """The rows that ``newest`` names, in its order: only their names are sorted, however many there are."""
        with closing(self.connection.execute(newest)) as result:
            for part in result.partitions(_AT_ONCE):
                names = [row[0] for row in part]
                found = {row[name]: row for row in all_rows(self.connection, of(names))}
                yield from (found[each] for each in names)

    def _text(self, column: ColumnElement[Any]) -> ColumnElement[str]:
        """The canonical JSON of a fact as the database's text."""
        if self.connection.dialect.name == "postgresql":
            return cast(func.convert_from(column, "UTF8"), Text)
        return cast(column, Text)

    def _holds(self, columns: Sequence[ColumnElement[Any]], word: str) -> ColumnElement[bool]:
        """Whether one of the columns can hold the word. LIKE does not mind the case of ASCII letters on SQLite; PostgreSQL has ILIKE."""
        folds = self.connection.dialect.name == "postgresql"
        return or_(*(column.ilike(pattern) if folds else column.like(pattern) for pattern in _patterns(word) for column in columns))


def _patterns(word: str) -> list[str]:
    """The word for LIKE: in its spellings, each as it is and as ASCII JSON writes it (``\\u00fc``)."""
    if word.isascii():
        return [_pattern(word)]
    spellings = (word, word.lower(), word.upper(), word.capitalize(), word.casefold())
    patterns = (_pattern(text) for spelling in spellings for text in (spelling, json.dumps(spelling)[1:-1]))
    return list({pattern.translate(_SMALL): pattern for pattern in patterns}.values())  # those that LIKE can tell apart


def _pattern(text: str) -> str:
    return "%" + "".join(character if _PLAIN.fullmatch(character) else "%" for character in text) + "%"


def _without_fields(body: ColumnElement[str], word: str) -> ColumnElement[str]:
    """The body without the names of fields that hold the word. A letter or two are in so many that nothing would be saved."""
    names = [name for name in _FIELDS if word.casefold() in name]
    for name in names if len(names) <= _MOST_FIELDS else ():
        body = func.replace(body, f'"{name}":', "", type_=Text)
    return body


def _hold(texts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the texts hold all words, each beginning anywhere but in the middle of something drawn or computed."""
    whole = "\n".join(texts).casefold()
    return all(_stands_in(whole, word.casefold()) for word in words)


def _stands_in(whole: str, word: str) -> bool:
    if word not in whole:
        return False
    drawn = [match.span() for match in _DRAWN.finditer(whole)]
    return any(not any(begin < found.start() < end for begin, end in drawn) for found in re.finditer(f"(?={re.escape(word)})", whole))


# ---- what of a fact is text


def texts_of(fact: Fact) -> tuple[str, ...]:
    """What people wrote in a fact, the telling text first; who, and what it is known by, at the end."""
    read: Callable[[Mapping[str, Any]], Iterator[str]] = _TEXTS.get(fact.kind, _everything)
    told = [text for text in read(fact.data) if text]
    return (*told, fact.actor, fact.key.partition(":")[2])


def targets_of(fact: Fact) -> tuple[Target, ...]:
    """What a fact is about; nothing for a step, which names its change only."""
    body = fact.data
    match fact.kind:
        case "incident":
            named = body["on"]
        case "change":
            named = [*body.get("on", ()), *body.get("affects", ())]
        case "observation":
            named = [body["on"]]
        case "mark":
            named = [body["target"]]
        case "freeze":
            named = body["on"]
        case "snapshot":
            named = [f"host:{body['host']}"]
        case "expected":
            named = [edit["target"] for edit in body["edits"]]
        case "host" | "host-retired" | "service":
            named = [f"{fact.kind.partition('-')[0]}:{body['name']}"]
        case _:
            named = []
    return tuple(Target.parse(text) for text in dict.fromkeys(named))


def _change(body: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "description", "reason", "backout", "outcome", "ticket", "ref", "id", "rollback_to", "type", "status", "impact", "risk"):
        yield body.get(name, "")
    for name in ("on", "affects", "paths", "category"):
        yield from body.get(name, ())
    for item in body.get("items", ()):
        yield from (item["text"], item.get("because", ""))
    yield from (note["text"] for note in body.get("notes", ()))


def _step(body: Mapping[str, Any]) -> Iterator[str]:
    altered = body.get("set", {})
    note = body.get("note") or {}
    yield note.get("text", "")
    yield from (text for name, text in altered.items() if isinstance(text, str) and not name.endswith("_at"))
    yield from (item.get("because", "") for item in altered.get("items", ()))
    yield body["change"]


def _observation(body: Mapping[str, Any]) -> Iterator[str]:
    yield from (body["summary"], body["what"], body["on"], body.get("ref", ""))
    yield from _everything(body.get("data", {}))


def _snapshot(body: Mapping[str, Any]) -> Iterator[str]:
    yield from (body.get("reason", ""), body["host"], body.get("change", ""))
    yield from body.get("unread", ())
    yield body["commit"]


def _mark(body: Mapping[str, Any]) -> Iterator[str]:
    yield from (body.get("symptom", ""), body.get("source", ""), body["target"], body["state"])


def _expected(body: Mapping[str, Any]) -> Iterator[str]:
    for name in ("path", "change", "target"):  # nobody looks for a digest
        yield from (edit[name] for edit in body["edits"])
    yield body.get("commit", "")


def _incident(body: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "symptom", "summary", "trigger", "id", "ref", "commander", "path", "fix", "impact", "urgency"):
        yield body.get(name, "")
    for name in ("on", "kinds", "causes", "worked"):
        yield from body.get(name, ())
    yield from _grown(body)


def _incident_step(body: Mapping[str, Any]) -> Iterator[str]:
    yield from _grown(body)
    altered = {name: value for name, value in body.get("set", {}).items() if not name.endswith("_at")}
    yield from (text for value in altered.values() for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
    yield body["incident"]


def _grown(body: Mapping[str, Any]) -> Iterator[str]:
    """Notes, links, texts that users were told and actions, in what people wrote of them."""
    for name in ("notes", "links", "told", "actions"):
        for piece in body.get(name, ()):
            yield from (piece.get(text, "") for text in ("text", "because", "title", "what", "owner"))


def _everything(value: Any) -> Iterator[str]:
    """Every text of a JSON value, names of fields too: what somebody put into an observation's data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _everything(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _everything(inner)
    elif value is not None:
        yield json.dumps(value)


_TEXTS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "change": _change,
    "change-step": _step,
    "incident": _incident,
    "incident-step": _incident_step,
    "observation": _observation,
    "snapshot": _snapshot,
    "mark": _mark,
    "host": lambda body: iter((body["name"], *body["tags"], *_everything(body["attrs"]))),
    "host-retired": lambda body: iter((body["name"],)),
    "service": lambda body: iter((body["name"], *body["runs_on"], *body["depends_on"])),
    "freeze": lambda body: iter((body["title"], *body["on"])),
    "explanation": lambda body: iter((body["change"], *body["evidence"])),
    "freeze-lifted": lambda body: iter((body["freeze"],)),
    "expected": _expected,
}


def _delta_texts(piece: RecordedDelta) -> tuple[str, ...]:
    delta = piece.delta
    values = [text for value in (delta.before, delta.after) for text in _everything(value)]
    return (delta.path, delta.key or "", *values, delta.note, piece.host)
