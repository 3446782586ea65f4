"""Hosts, services, what depends on what, and marks of health."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from changelog_ledger.errors import InvalidTarget

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._@+-]{0,251}[A-Za-z0-9_+-])?")


class TargetKind(StrEnum):
    """What a target can be."""

    HOST = "host"
    SERVICE = "service"
    ALL = "all"


def checked_name(name: str) -> str:
    """``name`` if it can name a host or service (letters, digits, ``. _ @ + -``; also fit for a git ref).

    :raises InvalidTarget: otherwise.
    """
    if not _NAME.fullmatch(name) or ".." in name or name.endswith(".lock") or name.lower() == "all":
        raise InvalidTarget(f"{name!r} cannot name a host or service", "use letters, digits and . _ @ + - , for example web-01.example.org")
    return name


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """What a change, mark or question is about. Written ``host:web-01``, ``service:shop`` or ``all``."""

    kind: TargetKind
    name: str = ""

    @classmethod
    def host(cls, name: str) -> Target:
        """The host ``name``."""
        return cls(TargetKind.HOST, checked_name(name))

    @classmethod
    def service(cls, name: str) -> Target:
        """The service ``name``."""
        return cls(TargetKind.SERVICE, checked_name(name))

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read ``host:NAME``, ``service:NAME`` or ``all``.

        :raises InvalidTarget: for anything else; a bare name needs the store to know what it means.
        """
        if text == "all":
            return EVERYTHING
        kind, colon, name = text.partition(":")
        if not colon or kind not in ("host", "service"):
            raise InvalidTarget(f"{text!r} is no target", "write host:NAME, service:NAME or all")
        return cls(TargetKind(kind), checked_name(name))

    def __hash__(self) -> int:
        return hash(self.name)  # an enum's hash is Python code, and sets of targets are large; a host and a service of one name are few

    def __str__(self) -> str:
        return "all" if self.kind is TargetKind.ALL else f"{self.kind}:{self.name}"


EVERYTHING = Target(TargetKind.ALL)


@dataclass(frozen=True, slots=True)
class Host:
    """A machine whose configuration is watched, or that something is known of."""

    name: str
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Something that runs on hosts and depends on other targets. Of its attributes, ``owner`` says who answers for it."""

    name: str
    runs_on: tuple[str, ...] = ()
    depends_on: tuple[Target, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reach:
    """A target within the scope of a question.

    :ivar distance: 0 for the target itself and, when it is a service, the hosts it runs on; 1 more for each dependency on the way.
    :ivar path: how the question's target reaches it, beginning with the question's target.
    """

    target: Target
    distance: int
    path: tuple[Target, ...] = ()


class Health(StrEnum):
    """The state of a mark."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Mark:
    """A target seen good or bad at a time, by a person or a check."""

    id: str
    target: Target
    state: Health
    at: datetime
    actor: str = ""
    source: str = ""
    symptom: str = ""
