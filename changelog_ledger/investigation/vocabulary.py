"""What words of operations mean, as data: which symptoms point to which subjects, what is routine.

General knowledge of the trade, in the words people use; add to it freely. Words are compared in the form that :func:`words_of` gives.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z]+|\d+")
_LOG_IN = re.compile(r"\b(?:log|sign)[- ](?:in|on)\b")
_STOP = frozenset(
    (
        "the and for with from that this are not all but was were has have its into out one two every each other over after since "
        "still many some can cannot etc conf config srv var usr lib opt yaml yml json host service everything nothing else work "
        "working works does only new old now while when where which there their them then than also any just same very more most less "
        "both few lot off per via use used using seen looks to of in on at is it as by or if be"
    ).split()
)


_SAME = (
    "application:app database:db balancer:lb loadbalancer:lb kubernetes:kube k8s:kube postgresql:postgres pgsql:postgres certificate:cert "
    "firewall:fw authentication:auth authenticate:auth authn:auth configuration:config directory:dir httpd:apache signin:login logon:login "
    "signon:login hostname:name nameserver:dns repository:repo environment:env"
)
"""What people call by two names: ``long:short``."""


@lru_cache(maxsize=65536)
def words_of(text: str) -> frozenset[str]:
    """The words of a text: identifiers split at case, digits and punctuation, lower case, plurals as singulars, without stop words."""
    parts = _WORD.findall(_LOG_IN.sub("login", _CAMEL.sub(" ", text).lower()))
    return frozenset(_meant(part) for part in parts if len(part) > 1 and part not in _STOP)


@lru_cache(maxsize=65536)
def _meant(word: str) -> str:
    stemmed = stem(word)
    return _ALIASES.get(stemmed, stemmed)


def stem(word: str) -> str:
    """A word without the endings that matter least (``rules`` → ``rule``, ``removed`` → ``remov``, ``remove`` → ``remov``)."""
    for ending in ("ies", "ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


_ALIASES = {stem(long): stem(short) for long, _, short in (pair.partition(":") for pair in _SAME.split())}


def word_set(words: str) -> frozenset[str]:
    """Words of general knowledge, written one after the other, in the form of :func:`words_of`."""
    return frozenset(_meant(word) for word in words.split())


HARMLESS = word_set(
    "dashboard grafana prometheus alert alertmanager threshold probe metric monitoring logrotate logging rotation motd readme "
    "comment whitespace lint typo doc documentation report translation i18n blackbox exporter retention label wording "
    "journald annotation backup cron timer ttl"
)
"""Words of work that seldom breaks anything at run time."""

ROUTINE = re.compile(
    r"\b(?:backup|snapshot|job|cleanup|scan|check)\b.*\b(?:finished|completed|done|ok|removed)\b|\bno changes?\b|\bnothing to do\b|\brenewed\b"
    r"|\brotat(?:ed|ion)\b"
    r"|\blogrotate\b|\blogged (?:in|out)\b|\bopened a\b|\bsession (?:opened|closed)\b|\blease\b|\bheartbeat\b|\bconfiguration agent run\b",
    re.IGNORECASE,
)
"""Observations that every host makes every day."""

MORE_ROOM = re.compile(
    r"\b(?:rais\w*|increas\w*|larger|longer|extend\w*|bump\w*|enlarg\w*|more)\b.{0,40}"
    r"\b(?:limits?|size|pool|quotas?|time-?outs?|table|memory|heap|workers?|capacity|ttl|retention|interval|buffers?|life|space|replicas?|threads|partitions?)\b",
    re.IGNORECASE,
)
"""Work that gives more room: it seldom takes away what worked."""

OUT_OF_USE = re.compile(
    r"\b(?:unused|obsolete|no longer|retired|decommission\w*|departed|deprecated|former|stale|leftovers?|dead code)\b", re.IGNORECASE
)
"""Work on what is said to be out of use."""

TROUBLE = re.compile(
    r"\b(?:outage|degraded|elevated|incident|disrupt\w*|unavailab\w*|investigating|failing|error rates?|problems?|impaired|down)\b", re.IGNORECASE
)
"""How providers write of trouble of theirs; ``OVER``: that it is over, or yet to come."""

OVER = re.compile(r"\b(?:resolved|finished|completed|announced|recovered|closed|scheduled|planned|restored)\b", re.IGNORECASE)

PARTLY = re.compile(
    r"\b(?:some|sometimes|intermittent\w*|occasional\w*|now and then|a few|part of|partly|certain|half|one (?:in|of|out of)"
    r"|every (?:second|third|other)|flaky)\b",
    re.IGNORECASE,
)
"""Words of a symptom that say it hits a part only: then what was done to a part is likelier."""

GENERAL = word_set(
    "minute hour second first last value since evening morning night today yesterday thousand hundred week day report reported user customer "
    "people show get give return start lose problem error fail failing failed failure request page seen check rate part thing again begin began time "
    "several region once state global everywhere"
)
"""Words that complaints have whatever is broken."""
