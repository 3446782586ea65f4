"""The gate's nouns: edits of a repository, the policy that they are judged by, and the judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from changelog_ledger.model.change import Change, Remark, Status
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.topology import Target

POLICY_FILE = ".changelog-ledger.toml"
PYPROJECT = "pyproject.toml"

TRAILER = "Ledger-Change"
"""The trailer of a commit message that names a change (git-interpret-trailers(1))."""

_LINK, _SUBMODULE = 0o120000, 0o160000


@dataclass(frozen=True, slots=True)
class Side:
    """What a repository has at a path.

    :ivar mode: as git writes it: ``0o100644``, ``0o100755``, ``0o120000`` a symlink, ``0o160000`` a submodule.
    :ivar blob: the object's id in hex; of a submodule, the commit it points at.
    """

    mode: int
    blob: str

    @property
    def is_link(self) -> bool:
        """Whether it is a symlink; its blob holds the text."""
        return self.mode == _LINK

    @property
    def is_submodule(self) -> bool:
        """Whether it is a submodule: there is no blob to read."""
        return self.mode == _SUBMODULE

    @property
    def is_executable(self) -> bool:
        """Whether it is a regular file that may be executed."""
        return self.mode == 0o100755


class EditKind(StrEnum):
    """What an edit does to a path."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    MODE = "mode"
    RETYPED = "retyped"


@dataclass(frozen=True, slots=True)
class Edit:
    """One path that a commit alters, or would.

    :ivar path: in the repository, relative to its root; bytes that are no UTF-8 are surrogate escapes (PEP 383).
    :ivar before: None if it is new; ``after``: None if it is deleted.
    :ivar old_path: of a renamed file the path it had; else empty.
    """

    path: str
    before: Side | None
    after: Side | None
    old_path: str = ""

    @property
    def kind(self) -> EditKind:
        """The most that can be said in a word."""
        if self.before is None:
            return EditKind.ADDED
        if self.after is None:
            return EditKind.DELETED
        if self.old_path:
            return EditKind.RENAMED
        if (self.before.is_link, self.before.is_submodule) != (self.after.is_link, self.after.is_submodule):
            return EditKind.RETYPED
        return EditKind.MODE if self.before.blob == self.after.blob else EditKind.MODIFIED

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that it touches: a renamed file has two, and each has to be covered."""
        return (self.old_path, self.path) if self.old_path else (self.path,)


class Actor(StrEnum):
    """Whose change covers an edit."""

    ANYBODY = "anybody"
    SAME = "same"


class Merges(StrEnum):
    """What of a merge has to be covered: what neither side had, everything that it brings into the branch, or nothing."""

    OWN = "own"
    ALL = "all"
    ALLOW = "allow"


class Stand(StrEnum):
    """Whether something passes without a change."""

    ALLOW = "allow"
    REFUSE = "refuse"


class Trailer(StrEnum):
    """Whether a commit has to name its change."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class Away(StrEnum):
    """What happens to an edit while the ledger does not answer."""

    CLOSED = "closed"
    WARN = "warn"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Which paths of a repository are configuration, and whose.

    :ivar pattern: a glob from the repository's root, in which ``{host}`` and ``{service}`` stand for a target's name: ``hosts/{host}/**``.
    :ivar on: the target, where the pattern does not name it; None where neither does.
    :ivar root: the folder on the host that what follows the name in the pattern lies in: ``/``, ``/etc/haproxy``.
    """

    pattern: str
    on: Target | None = None
    root: str = "/"


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """``[gate]`` of a repository's ``.changelog-ledger.toml``.

    :ivar config: what is configuration; the first that matches a path says whose it is.
    :ivar generated: globs of files that other files make: they need no change.
    :ivar covered_by: the statuses in which a change covers edits; ``within_window``: of these, the ones that do so within the planned window only.
    :ivar actor: whether the change has to be that of the person who commits.
    :ivar people: who is who: ``name or address in git → actor in the ledger``, as pairs.
    :ivar exempt_authors: names, addresses or globs (``*``) of authors whose commits pass, and are listed.
    :ivar trailer: whether a commit has to name its change; one that it names has to be right in any case.
    :ivar grant_keys: the public keys that grants for offline work are verified with.
    :ivar file: where it stands: it is configuration itself.
    """

    config: tuple[Configuration, ...] = ()
    generated: tuple[str, ...] = ()
    covered_by: tuple[Status, ...] = (Status.STARTED, Status.APPROVED)
    within_window: tuple[Status, ...] = (Status.PLANNED, Status.APPROVED)
    actor: Actor = Actor.ANYBODY
    people: tuple[tuple[str, str], ...] = ()
    exempt_authors: tuple[str, ...] = ()
    merges: Merges = Merges.OWN
    reverts: Stand = Stand.ALLOW
    comments_only: Stand = Stand.ALLOW
    format_only: Stand = Stand.ALLOW
    trailer: Trailer = Trailer.OPTIONAL
    when_away: Away = Away.CLOSED
    grant_keys: tuple[str, ...] = ()
    file: str = POLICY_FILE


@dataclass(frozen=True, slots=True)
class Place:
    """Whose configuration a path is.

    :ivar targets: what the path belongs to: a change has to name one of them; none where the policy does not say, then any change whose globs name
        the path will do.
    :ivar inner: the path behind what names the target: ``etc/haproxy/haproxy.cfg``; the path on a host ends in it.
    :ivar host_path: the path that the file has on the host, where the policy tells: ``/etc/haproxy/haproxy.cfg``; else empty.
    """

    targets: tuple[Target, ...]
    inner: str = ""
    host_path: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer, as git has them."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a change that comes near does not cover an edit.

    :ivar code: ``not-started``, ``not-approved``, ``outside-window``, ``over``, ``path``, ``actor``, ``time``, ``target``.
    :ivar commands: what would make it cover the edit, one after the other, each as the words of a command; none if nothing would.
    """

    change: str
    title: str
    code: str
    text: str
    commands: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One edit of configuration, judged.

    :ivar place: whose it is; of a renamed file there may be two.
    :ivar changes: the ids of the changes that cover it, the narrowest first.
    :ivar exempt: why it needs none; empty if it does.
    :ivar misses: the changes that come near, at most three, the nearest first.
    :ivar deltas: what it alters, where that had to be found out; secrets are masked.
    """

    edit: Edit
    places: tuple[Place, ...]
    changes: tuple[str, ...] = ()
    exempt: str = ""
    misses: tuple[Miss, ...] = ()
    deltas: tuple[Delta, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether it may go in."""
        return bool(self.changes or self.exempt)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a commit.

    :ivar edits: the edits of configuration; others are not its business.
    :ivar commit: the commit's id, or empty for what is staged.
    :ivar subject: the first line of its message.
    :ivar author: who wrote it; ``committed_at``: when it was made, as far as what it says can be believed.
    :ivar trailers: the changes that it names.
    :ivar problems: what is wrong with it besides edits that nothing covers: a trailer that names no change …
    :ivar remarks: what is worth saying though it passes.
    :ivar emergency: the emergency change that was opened for it, or empty.
    :ivar unknown: the hosts and services of refused edits that the ledger does not know, in order: a change on one has to wait until it does.
    """

    edits: tuple[Judged, ...] = ()
    commit: str = ""
    subject: str = ""
    author: Person | None = None
    committed_at: datetime | None = None
    trailers: tuple[str, ...] = ()
    problems: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    emergency: str = ""
    unknown: tuple[Target, ...] = ()

    @property
    def refused(self) -> tuple[Judged, ...]:
        """The edits that may not go in."""
        return tuple(judged for judged in self.edits if not judged.passes)

    @property
    def passes(self) -> bool:
        """Whether the commit may go in."""
        return not self.refused and not self.problems


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to make the edits that a change covers while the ledger is away: what the gate has to know of the change, for a limited time.

    :ivar id: ``GRT-`` and six characters.
    :ivar change: the change's id.
    :ivar on: the targets of the change, and the hosts that its services ran on when it was granted.
    :ivar paths: the change's globs.
    :ivar actor: who makes the change.
    :ivar not_before: when it begins to hold: at ``issued_at``, or where the planned window of a change that has not started opens (RFC 7519, 4.1.5).
    :ivar expires_at: from when on it no longer holds.
    """

    id: str
    change: str
    title: str
    on: tuple[Target, ...]
    paths: tuple[str, ...]
    actor: str
    issued_at: datetime
    not_before: datetime
    expires_at: datetime

    def as_change(self) -> Change:
        """The change as far as it is granted: under way since then, so that one rule serves for what covers an edit."""
        return Change(self.change, self.title, Status.STARTED, self.on, actor=self.actor, paths=self.paths, started_at=self.issued_at)


@dataclass(frozen=True, slots=True)
class SignedGrant:
    """A grant as it is carried about.

    :ivar payload: what is granted, as canonical JSON; exactly these bytes (UTF-8) are signed.
    :ivar key: the public key: ``ed25519:`` and 32 bytes in Base64 (RFC 4648, 4).
    :ivar signature: 64 bytes in Base64 (Ed25519, RFC 8032, 5.1.6).
    """

    payload: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class IssuedGrant:
    """A grant that was issued just now.

    :ivar text: the file of the grant.
    :ivar key: the public key that it is signed with.
    :ivar file: where it was written to; empty if it was not.
    :ivar lacks: the lines that a policy has to have for it to count, as far as the repository's lacks them; all of them where none was asked.
    """

    grant: Grant
    text: str
    key: str
    file: str = ""
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """An edit that a change covers: when exactly this arrives on the target, the change explains it.

    :ivar path: the path in the repository behind what names the target: ``etc/haproxy/haproxy.cfg``; a host's path ends in it.
    :ivar digest: keyed digest (HMAC-SHA-256 with the home's key, hex) of the content; empty for a deletion.
    """

    change: str
    target: Target
    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a repository that the gate looks at.

    :ivar parents: ids; none for a root, and for a commit at the edge of a shallow clone (``is_shallow``).
    :ivar authored_at: and ``committed_at``: as the commit claims, seconds since the epoch.
    :ivar message: with its trailers, as text; bytes that are no UTF-8 are surrogate escapes.
    """

    id: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    authored_at: int
    committed_at: int
    message: str
    is_shallow: bool = False
    trailers: tuple[str, ...] = field(default=())

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.strip().partition("\n")[0]
