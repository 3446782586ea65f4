"""What a commit's message says besides what was altered: tickets, and changes of the ledger that it names; and the line that shows a commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from posixpath import commonpath, dirname

from changelog_ledger.model.gate import TRAILER, Commit
from changelog_ledger.observations.deliveries.untrusted import counted, one_line

TICKET_TRAILERS = frozenset(("ticket", "tickets", "fixes", "closes", "refs", "ref", "jira", "issue", "resolves", "bug", "related"))
_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,50})[ \t]*:[ \t]*(\S.*)")
_TICKET = re.compile(r"(?<![A-Za-z0-9_-])(?:[A-Z][A-Z0-9]{1,9}-[1-9]\d{0,7}|(?:[\w.-]{1,60}/[\w.-]{1,60})?#[1-9]\d{0,7})(?![A-Za-z0-9_-])")
_NOT_TICKETS = re.compile(r"(?:UTF|SHA|CVE|RFC|ISO|AES|IPV|TLS|HTTP|RSA|MD|CRC|US|EC|GPT)-\d+")
_MOST = 20
_MOST_LINES = 400


def tickets_of(commit: Commit) -> tuple[str, ...]:
    """Tickets that the subject or a trailer names, each once: ``OPS-12``, ``#34``, ``acme/shop#5``.

    A word of a trailer that is for tickets is one also where it has another shape, for trackers differ: an address counts by its last part.
    """
    found = [name for name in _TICKET.findall(commit.subject) if not _NOT_TICKETS.fullmatch(name)]
    for key, value in trailers_of(commit.message):
        if key.lower() in TICKET_TRAILERS:
            found += _TICKET.findall(value) or [word for word in re.split(r"[\s,;]+", value) if _is_plain(word)][:1]
    return tuple(dict.fromkeys(one_line(name) for name in found))[:_MOST]


def trailers_of(message: str) -> tuple[tuple[str, str], ...]:
    """The trailers of a message by its last paragraph (git-interpret-trailers(1)), for what is merely told; what counts is asked of git.

    Said of who signed it off nothing is told again.
    """
    paragraphs = re.split(r"\n[ \t]*\n", message.strip())
    last = paragraphs[-1].split("\n")[-_MOST_LINES:] if len(paragraphs) > 1 else []
    pairs = [(found[1], found[2].strip()) for line in last if (found := _TRAILER.fullmatch(line.strip()))]
    return tuple(pairs) if 2 * len(pairs) >= len(last) else ()


def told_trailers(commits: Iterable[Commit]) -> dict[str, list[str]]:
    """Tickets and changes that commits name in trailers, by key."""
    told: dict[str, list[str]] = {}
    for commit in commits:
        for key, value in trailers_of(commit.message):
            if key.lower() in TICKET_TRAILERS or key.lower() == TRAILER.lower():
                values = told.setdefault(key, [])
                if len(values) < _MOST and value not in values:
                    values.append(one_line(value))
    return told


def summary_of(commit: Commit, paths: Sequence[str]) -> str:
    """``a1b2c3d Raise pool (alex): 2 files under terraform/``."""
    where = paths[0] if len(paths) == 1 else counted(len(paths), "file") + (f" under {folder}/" if (folder := _folder(paths)) else "")
    return (
        f"{commit.id[:7]} {one_line(commit.subject)[:160] or 'no subject'} ({one_line(commit.author.name)[:60] or 'nobody named'}): {one_line(where)}"
    )


def _folder(paths: Sequence[str]) -> str:
    """The deepest folder that all paths lie in; empty for the root."""
    return commonpath([dirname(path) or "" for path in paths]) if all("/" in path for path in paths) else ""


def _is_plain(word: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_./#-]{2,60}", word)) and any(character.isdigit() for character in word)
