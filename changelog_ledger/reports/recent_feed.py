"""The recent-changes log as a feed: Atom (RFC 4287) or RSS 2.0. The newest entry comes first, as readers of feeds expect it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree import ElementTree

from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.recent_phrases import change_named, marks, places_words, state_word

ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"

_NAME = "changelog-ledger"
_NAMESPACE = uuid5(NAMESPACE_URL, "https://changelog-ledger.invalid/recent")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) has no place for, escaped or not."""


def render_recent_atom(entries: Sequence[TimelineEntry], about: str, now: datetime) -> str:
    """The log as an Atom feed. An entry keeps its id (``urn:uuid:…``) for good.

    :param about: what it is the log of, such as ``host:web-01``; a feed's id follows from it.
    :param now: when the feed is written, which counts as its time while it has no entry.
    """
    feed = ElementTree.Element("feed", {"xmlns": ATOM})
    _add(feed, "id", _urn("feed", about))
    _add(feed, "title", _feed_title(about))
    _add(feed, "updated", format_instant(max((entry.at for entry in entries), default=now)))
    _add(ElementTree.SubElement(feed, "author"), "name", _NAME)
    _add(feed, "generator", _NAME)
    for entry in reversed(entries):
        feed.append(_atom_entry(entry))
    return _document(feed)


def render_recent_rss(entries: Sequence[TimelineEntry], about: str, now: datetime) -> str:
    """The log as an RSS 2.0 channel; ``about`` and ``now`` as for :func:`render_recent_atom`.

    Readers take titles and descriptions for HTML, so both are escaped once more: what looks like markup is shown as text.
    """
    rss = ElementTree.Element("rss", {"version": "2.0", "xmlns:dc": DUBLIN_CORE})
    channel = ElementTree.SubElement(rss, "channel")
    _add(channel, "title", escape(_feed_title(about), quote=False))
    _add(channel, "link", _urn("feed", about))
    _add(channel, "description", escape(_feed_title(about), quote=False))
    _add(channel, "lastBuildDate", format_datetime(now.astimezone(UTC)))
    _add(channel, "generator", _NAME)
    for entry in reversed(entries):
        channel.append(_rss_item(entry))
    return _document(rss)


def _atom_entry(entry: TimelineEntry) -> ElementTree.Element:
    element = ElementTree.Element("entry")
    _add(element, "id", _entry_urn(entry))
    _add(element, "title", _title(entry))
    _add(element, "updated", format_instant(entry.at))
    if entry.actor:
        _add(ElementTree.SubElement(element, "author"), "name", entry.actor)
    for word in _categories(entry):
        ElementTree.SubElement(element, "category", {"term": _clean(word)})
    _add(element, "content", _content(entry)).set("type", "text")
    return element


def _rss_item(entry: TimelineEntry) -> ElementTree.Element:
    element = ElementTree.Element("item")
    _add(element, "title", escape(_title(entry), quote=False))
    _add(element, "description", escape(_content(entry), quote=False))
    if entry.actor:
        _add(element, "dc:creator", entry.actor)
    for word in _categories(entry):
        _add(element, "category", word)
    _add(element, "guid", _entry_urn(entry)).set("isPermaLink", "false")
    _add(element, "pubDate", format_datetime(entry.at.astimezone(UTC)))
    return element


def _feed_title(about: str) -> str:
    return f"Recent changes: {about}"


def _title(entry: TimelineEntry) -> str:
    """``UNLOGGED web-03: /etc/nginx/nginx.conf worker_connections 4096 → 512``."""
    where = f" {places_words(entry)}" if entry.targets else ""
    unusual = marks(entry)
    return f"{state_word(entry)}{where}: {entry.text}" + (f" ({unusual})" if unusual else "")


def _content(entry: TimelineEntry) -> str:
    named = change_named(entry)
    return ". ".join(filter(None, [entry.text, entry.detail, named and f"Change {named}", entry.actor and f"By {entry.actor}"]))


def _categories(entry: TimelineEntry) -> list[str]:
    return [entry.kind, *(["unlogged"] if entry.unlogged else []), *entry.category]


def _entry_urn(entry: TimelineEntry) -> str:
    """The same for an entry whenever it is written; another one for each step of a change."""
    return _urn(entry.kind, entry.id, entry.status, format_instant(entry.at), entry.actor if entry.kind == "change" else "")


def _urn(*words: str) -> str:
    """RFC 9562, 5.5: a name-based UUID, as a URN."""
    identity: UUID = uuid5(_NAMESPACE, "\0".join(map(_clean, words)))
    return identity.urn


def _clean(text: str) -> str:
    """Untrusted text on one line, with what is hidden made visible, and without what XML cannot hold."""
    return _NO_XML.sub("", printable(text))


def _add(parent: ElementTree.Element, tag: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, tag)
    element.text = _clean(text)
    return element


def _document(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'
